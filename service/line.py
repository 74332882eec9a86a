"""One thread in which items meet: checks in groups that see one state, admissions in groups committed together.

Two copies that arrive together meet here, or, on two nodes, in the database, which lets one node admit at a time. A
commit waits for the disk, so as many admissions as are waiting share one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from service.store import Store

T = TypeVar("T")
R = TypeVar("R")
_log = logging.getLogger(__name__)
Work = Callable[[Connection], Any]

_GROUP = 64  # admissions in a transaction, at most …
_GROUP_SECONDS = 0.1  # … and for how long others may join it
_CHECKS = 8  # in a transaction, at most, before an admission that waits


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
    works: Sequence[Work]  # each of which gives a list of results …
    whole: Work | None  # … or the one that gives all of them at once, which is tried first
    future: Future[Any]


class Line:
    """A thread, and those who wait for it. Whoever gives up waiting is not served."""

    def __init__(self, store: Store, followers: Followers) -> None:
        self._store, self._followers = store, followers
        self._checks: deque[_Waiting] = deque()
        self._admissions: deque[_Waiting] = deque()
        self._condition = Condition()
        self._closed = False
        self._stale = False  # what was touched could not be looked at yet
        self._thread = Thread(target=self._serve, name="line", daemon=True)
        self._thread.start()

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._checks) + len(self._admissions)

    async def check(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction that reads."""
        result: T = await self._wait(self._checks, [work])
        return result

    async def admit(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction that writes, once that is on the disk."""
        result: T | BaseException
        (result,) = await self._wait(self._admissions, [lambda connection: [work(connection)]])
        if isinstance(result, BaseException):
            raise result
        return result

    async def admit_all(
        self, work: Callable[[Sequence[T], Connection], list[R]], things: Sequence[T]
    ) -> list[R | BaseException]:
        """What ``work`` gives for several ``things``, in their order and one transaction.

        It is given all of them at once. When it raises, nothing of that is written, and it is given each one alone, so
        that one that fails holds up no other.
        """
        works = [partial(work, [thing]) for thing in things]
        whole = partial(work, things) if len(things) > 1 else None
        results: list[R | BaseException] = await self._wait(self._admissions, works, whole)
        return results

    @property
    def is_alive(self) -> bool:
        """Whether there is anybody who serves."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Serve those who wait, and nobody more."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        self._thread.join()

    async def _wait(self, line: deque[_Waiting], works: Sequence[Work], whole: Work | None = None) -> Any:
        future: Future[Any] = Future()
        with self._condition:
            if self._closed:
                raise RuntimeError("the service is shutting down")
            line.append(_Waiting(works, whole, future))
            self._condition.notify()
        return await asyncio.wrap_future(future)

    def _serve(self) -> None:
        while True:
            with self._condition:
                while not (self._checks or self._admissions or self._closed):
                    self._condition.wait()
                if self._closed and not (self._checks or self._admissions):
                    return
            self._read()
            if self._admissions:
                self._write()

    def _read(self) -> None:
        """Some checks, in one transaction; one that fails ends it, for a database may refuse what comes after."""
        one = self._next_check()
        if one is None:
            return
        try:
            with self._store.reading() as connection:
                self._begin(connection)
                for left in reversed(range(_CHECKS)):
                    result = one.works[0](connection)
                    one.future.set_result(result)
                    following = self._next_check() if left else None
                    if following is None:
                        break
                    one = following
        except BaseException as error:  # whoever waits is told, whatever it is
            if one.future.done():
                _log.warning("a transaction that only read could not be ended", exc_info=error)
            else:
                one.future.set_exception(error)

    def _next_check(self) -> _Waiting | None:
        while self._checks:
            one = self._checks.popleft()
            if one.future.set_running_or_notify_cancel():
                return one
        return None

    def _write(self) -> None:
        """A group of admissions in one transaction; when it cannot be committed, each of them is told."""
        served: list[tuple[Future[Any], list[Any]]] = []
        try:
            with self._store.admitting() as connection:
                self._begin(connection)
                self._serve_group(connection, served)
                self._followers.written(connection)
        except BaseException as error:  # as above
            self._look_again()
            for future in [future for future, _ in served] or self._turned_away():
                future.set_exception(error)
        else:
            self._followers.committed()
            for future, results in served:
                future.set_result(results)

    def _begin(self, connection: Connection) -> None:
        if self._stale:
            self._followers.undone(connection)
            self._stale = False
        self._followers.before(connection)

    def _look_again(self) -> None:
        try:
            with self._store.reading() as connection:
                self._followers.undone(connection)
        except Exception:  # the store is gone: before anybody else is served
            _log.exception("what a group of admissions left could not be looked at; the next one waits for that")
            self._stale = True

    def _turned_away(self) -> list[Future[Any]]:
        """A group that was not begun with, for the store did not let it in."""
        waiting = [self._admissions.popleft() for _ in range(min(_GROUP, len(self._admissions)))]
        return [one.future for one in waiting if one.future.set_running_or_notify_cancel()]

    def _serve_group(self, connection: Connection, served: list[tuple[Future[Any], list[Any]]]) -> None:
        until = time.monotonic() + _GROUP_SECONDS
        count = 0
        while self._admissions and count < _GROUP and time.monotonic() < until:
            one = self._admissions.popleft()
            if one.future.set_running_or_notify_cancel():
                served.append((one.future, []))  # before anything of it is written
                served[-1][1].extend(self._attempt_all(connection, one))
                count += len(one.works)

    def _attempt_all(self, connection: Connection, one: _Waiting) -> list[Any]:
        if one.whole is not None:
            results, failure = self._attempt(connection, one.whole)
            if failure is None:
                return results
        attempts = [self._attempt(connection, work) for work in one.works]
        return [result for results, failure in attempts for result in (results if failure is None else [failure])]

    def _attempt(self, connection: Connection, work: Work) -> tuple[list[Any], Exception | None]:
        """What ``work`` gives, or what it raised: then nothing of it is written."""
        try:
            with connection.begin_nested():
                return work(connection), None
        except Exception as error:  # the others of the group are admitted all the same
            self._followers.undone(connection)
            return [], error
