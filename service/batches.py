"""Batches at work: a job's lines are examined side by side and placed in order, as many in a transaction as are ready.

What became of a line is written in the transaction of its item, so that a server that is killed in the middle goes on
exactly where it stopped. On several nodes a job belongs to one of them for the time of a lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from secrets import token_hex

from pydantic import ValidationError
from sqlalchemy import Connection

from detector import InvalidItemError, Item
from service.desk import Desk, content_of
from service.messages import ItemIn
from service.problems import TYPE, ProblemError, faults_of
from service.store import UNAVAILABLE, Store, items, jobs
from service.store.jobs import Line, Outcome
from service.store.records import now
from service.waking import woken
from service.workers import Examination, Examiners

_log = logging.getLogger(__name__)

_AT_ONCE = 64  # lines between two looks at whether the job was cancelled
_AHEAD, _PLACED = 2, 2  # so many times as many that are read ahead, and that are placed at a time
_TOGETHER = 16  # lines that wait as one; a check goes before them all the same
_IDLE_SECONDS = 5.0  # between two looks for jobs of nodes that ended; one of this node's own is told at once
_RECEIVING = timedelta(hours=6)  # for longer than that no batch comes in
_AGAIN_SECONDS = 1.0  # before another try when the store fails


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A line that holds an item."""

    number: int
    content: bytes
    item: Item


@dataclass(frozen=True, slots=True)
class _Read:
    """A line that was read and examined."""

    number: int
    content: bytes
    examination: Examination
    started: float


class Batches:
    """The jobs that this node works on, one after the other."""

    def __init__(self, store: Store, desk: Desk, examiners: Examiners, most_bytes: int = 4 * 1024 * 1024) -> None:
        """``most_bytes``: of one line, which may have no more than a request with one item."""
        self._most_bytes = most_bytes
        self._store, self._desk, self._examiners = store, desk, examiners
        # An SQLite store is one node's alone, so what the last one left is free at once.
        self.node = token_hex(8) if store.is_shared else "this"
        self._started = self._renew = now()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take up what waits, and whatever comes."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Let go; lines that are not done go on waiting in the store."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """There is a new job."""
        self._wake.set()

    async def _work(self) -> None:
        while True:
            try:
                self._wake.clear()
                # Of other nodes some may be coming in still.
                since = now() - _RECEIVING if self._store.is_shared else self._started
                await asyncio.to_thread(self._store.write, jobs.drop_unreceived, since)
                job = await asyncio.to_thread(self._store.write, jobs.claim, self.node, now())
                if job is not None:
                    await self._run(job)
                else:
                    await woken(self._wake, _IDLE_SECONDS)
            except Exception:  # whatever it is, a batch that was accepted must be done in the end
                _log.exception("a batch waits; it is tried again")
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _run(self, job: int) -> None:
        """Read lines ahead, and place them in their order; while some are placed the next ones are read already."""
        reading: deque[asyncio.Task[list[_Read | Outcome]]] = deque()
        placing: deque[asyncio.Task[None]] = deque()
        try:
            after: int | None = 0
            while await self._keep(job):
                while after is not None and len(reading) < _AHEAD:
                    lines = await asyncio.to_thread(self._store.read, jobs.waiting, job, after, _AT_ONCE)
                    after = lines[-1].number if lines else None
                    if lines:
                        reading.append(asyncio.create_task(self._read_all(lines)))
                if reading:
                    placing.append(asyncio.create_task(self._place_all(job, await reading.popleft())))
                if len(placing) == _PLACED or not reading:
                    await placing.popleft() if placing else None
                if not reading and not placing:
                    await asyncio.to_thread(self._store.write, jobs.finish, job, now())
                    return
        finally:
            for task in (*reading, *placing):
                task.cancel()

    async def _keep(self, job: int) -> bool:
        """Whether a job is this node's still, and was not cancelled; its lease is renewed from time to time."""
        if now() > self._renew:
            self._renew = now() + jobs.LEASE / 3
            return await asyncio.to_thread(self._store.write, jobs.renew, job, self.node, now())
        return await asyncio.to_thread(self._store.read, jobs.is_ours, job, self.node)

    async def _read_all(self, lines: list[Line]) -> list[_Read | Outcome]:
        started = time.perf_counter()
        parsed = [_parsed(line, self._most_bytes) for line in lines]
        given = [one.item for one in parsed if not isinstance(one, Outcome)]
        examinations = iter(await self._examiners.examine_all(given))
        return [
            one if isinstance(one, Outcome) else _Read(one.number, one.content, next(examinations), started)
            for one in parsed
        ]

    async def _place_all(self, job: int, read: list[_Read | Outcome]) -> None:
        # In the order of the lines: they reach the line in this order, and it serves them so.
        parts = [read[k : k + _TOGETHER] for k in range(0, len(read), _TOGETHER)]
        await asyncio.gather(*(self._place_part(job, part) for part in parts))

    async def _place_part(self, job: int, part: list[_Read | Outcome]) -> None:
        place = partial(self._place, job)
        placed = await self._desk.line.admit_all(place, part)
        for one, failure in zip(part, placed, strict=True):
            if isinstance(failure, UNAVAILABLE):
                raise failure
            if isinstance(failure, BaseException):
                _log.error("line %d of job %d could not be placed", one.number, job, exc_info=failure)
                lost = _failed(one.number, 500, "internal-error", "nothing was stored; the server's log has the trace")
                await self._desk.line.admit(partial(place, [lost]))

    def _place(self, job: int, part: Sequence[_Read | Outcome], connection: Connection) -> list[None]:
        """Admit the items of lines, and write with them that this was done."""
        waiting = jobs.still_waiting(connection, job, part[0].number, part[-1].number)
        left = [one for one in part if one.number in waiting]
        ids = [one.examination.examined.item.id for one in left if isinstance(one, _Read)]
        stored = items.stored_ids(connection, ids)
        done: list[tuple[Outcome, int | None]] = []
        for one in left:
            if isinstance(one, Outcome):
                done.append((one, None))
                continue
            item_id = one.examination.examined.item.id
            done.append(self._admit(one, connection, is_new=item_id not in stored))
            stored.add(item_id)
        jobs.finish_lines(connection, job, done)
        return [None] * len(part)

    def _admit(self, one: _Read, connection: Connection, *, is_new: bool) -> tuple[Outcome, int | None]:
        """What becomes of a line, and the number of its item."""
        try:
            admitted = self._desk.place(one.examination, one.content, one.started, connection, is_new=is_new)
        except ProblemError as problem:
            return _failed(one.number, problem.status_code, problem.name, problem.detail), None
        item = admitted.item
        reasons = [reason["code"] for reason in item.answer["reasons"]]
        answer = {"id": item.id, "status": item.status, "new": admitted.new, "reasons": reasons}
        return Outcome(one.number, "done", answer), item.seq


def _parsed(line: Line, most_bytes: int) -> _Parsed | Outcome:
    """The item of a line, or that it is none."""
    if len(line.request.encode()) > most_bytes:
        detail = f"a line may have {most_bytes:,} bytes (COPYTASTER_MAX_BODY_BYTES)"
        return _failed(line.number, 413, "body-too-large", detail)
    try:
        given = ItemIn.model_validate_json(line.request)
        return _Parsed(line.number, content_of(given), given.to_item())
    except ValidationError as error:
        detail = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults_of(error.errors())[:5])
    except InvalidItemError as error:
        detail = str(error)
    return _failed(line.number, 422, "invalid-request", detail)


def _failed(number: int, status: int, name: str, detail: str) -> Outcome:
    return Outcome(number, "failed", {"problem": {"type": TYPE + name, "status": status, "detail": detail}})
