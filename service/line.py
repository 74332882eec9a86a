"""One thread in which items meet: checks one after the other, admissions in groups that are committed together.

Two copies that arrive together meet here, or, on two nodes, in the database, which lets one node admit at a time. A
commit waits for the disk, so as many admissions as are waiting share one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from service.store import Store

T = TypeVar("T")
_log = logging.getLogger(__name__)
Work = Callable[[Connection], Any]

_GROUP = 64  # admissions in a transaction, at most …
_GROUP_SECONDS = 0.05  # … and for how long others may join it
_CHECKS = 8  # that go before an admission that waits


class Followers(Protocol):
    """What has to know which state of the store the next one in line will see."""

    def before(self, connection: Connection) -> None:
        """A transaction has begun."""
        ...

    def written(self, connection: Connection) -> None:
        """A group is about to be committed."""
        ...

    def committed(self) -> None:
        """It was."""
        ...

    def undone(self, connection: Connection) -> None:
        """Some or all of what was written since ``before`` is not in the store: look at what is."""
        ...


@dataclass(slots=True)
class _Waiting:
    work: Work
    future: Future[Any]


class Line:
    """A thread, and those who wait for it. Whoever gives up waiting is not served."""

    def __init__(self, store: Store, followers: Followers) -> None:
        self._store, self._followers = store, followers
        self._checks: deque[_Waiting] = deque()
        self._admissions: deque[_Waiting] = deque()
        self._condition = Condition()
        self._closed = False
        self._owes_a_look = False  # what was undone could not be looked up, for the store was gone
        self._thread = Thread(target=self._serve, name="line", daemon=True)
        self._thread.start()

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._checks) + len(self._admissions)

    async def check(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction that reads."""
        return await self._wait(self._checks, work)

    async def admit(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction that writes, once that is on the disk."""
        return await self._wait(self._admissions, work)

    def close(self) -> None:
        """Serve those who wait, and nobody more."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        self._thread.join()

    async def _wait(self, line: deque[_Waiting], work: Callable[[Connection], T]) -> T:
        future: Future[T] = Future()
        with self._condition:
            if self._closed:
                raise RuntimeError("the service is shutting down")
            line.append(_Waiting(work, future))
            self._condition.notify()
        return await asyncio.wrap_future(future)

    def _serve(self) -> None:
        while True:
            with self._condition:
                while not (self._checks or self._admissions or self._closed):
                    self._condition.wait()
                if self._closed and not (self._checks or self._admissions):
                    return
            for _ in range(_CHECKS):
                if not self._checks:
                    break
                self._read(self._checks.popleft())
            if self._admissions:
                self._write()

    def _read(self, one: _Waiting) -> None:
        if not one.future.set_running_or_notify_cancel():
            return
        try:
            with self._store.reading() as connection:
                self._begin(connection)
                result = one.work(connection)
        except BaseException as error:  # whoever waits is told, whatever it is
            one.future.set_exception(error)
        else:
            one.future.set_result(result)

    def _write(self) -> None:
        """A group of admissions in one transaction; when it cannot be committed, each of them is told."""
        served: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._store.admitting() as connection:
                self._begin(connection)
                self._serve_group(connection, served)
                self._followers.written(connection)
        except BaseException as error:  # as above
            self._look_again()
            # Where not even the transaction began, those who wait are told all the same: nobody waits for a store
            # that is gone.
            waiting = [future for future, _, _ in served] or list(self._next_group())
            served = [(future, None, error) for future in waiting]
        else:
            self._followers.committed()
        for future, result, failure in served:
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(result)

    def _begin(self, connection: Connection) -> None:
        """Have the followers know the state that a transaction sees."""
        if self._owes_a_look:
            self._followers.undone(connection)
            self._owes_a_look = False
        self._followers.before(connection)

    def _look_again(self) -> None:
        """Have the followers look at what is in the store; when it is gone, as soon as it is back."""
        self._owes_a_look = True
        try:
            with self._store.reading() as connection:
                self._followers.undone(connection)
        except Exception:  # whatever it is, the line must go on: the next in it meets the same, and is told
            _log.exception("what was undone could not be looked up; it is tried again before anything else")
        else:
            self._owes_a_look = False

    def _next_group(self) -> Iterator[Future[Any]]:
        """Those who wait to be admitted, as many as make a group, and have not given up."""
        for _ in range(min(_GROUP, len(self._admissions))):
            one = self._admissions.popleft()
            if one.future.set_running_or_notify_cancel():
                yield one.future

    def _serve_group(self, connection: Connection, served: list[tuple[Future[Any], Any, BaseException | None]]) -> None:
        until = time.monotonic() + _GROUP_SECONDS
        while self._admissions and len(served) < _GROUP and time.monotonic() < until:
            one = self._admissions.popleft()
            if not one.future.set_running_or_notify_cancel():
                continue
            served.append((one.future, None, None))
            try:
                with connection.begin_nested():
                    result = one.work(connection)
            except Exception as error:  # the others of the group are admitted all the same
                self._followers.undone(connection)
                served[-1] = (one.future, None, error)
            else:
                served[-1] = (one.future, result, None)
