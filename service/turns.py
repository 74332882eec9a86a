"""Who gets what is scarce: those who cannot wait before those who can, each in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Hands out things one by one. For one event loop."""

    def __init__(self) -> None:
        self._free: deque[T] = deque()
        self._urgent: deque[asyncio.Future[T]] = deque()
        self._patient: deque[asyncio.Future[T]] = deque()

    def put(self, thing: T) -> None:
        """Hand ``thing`` to who is next, or keep it until somebody asks."""
        for waiting in (self._urgent, self._patient):
            while waiting:
                future = waiting.popleft()
                if not future.done():  # who gave up waiting is not served
                    future.set_result(thing)
                    return
        self._free.append(thing)

    async def get(self, *, patient: bool = False) -> T:
        """A thing, once there is one; who is ``patient`` lets all others go first."""
        if self._free:
            return self._free.popleft()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        (self._patient if patient else self._urgent).append(future)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():  # it came at the moment of giving up
                self.put(future.result())
            raise
