"""Processes that read and examine items: a page that hangs or kills one costs that page, and nothing else.

Each worker has its own pipe rather than a place in a shared pool, so that ending one loses no other item.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
import traceback
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from detector import CleanText, Detector, Examined, Item, Quality, Reason, Sketching
from service.turns import Turns

T = TypeVar("T")
_log = logging.getLogger(__name__)

_START_SECONDS = 400  # the very first start compiles the kernels
_WARM_UP = (
    "<html><body><article><h1>Warm-up</h1><p>The harbour office opened at 9 am on Monday.</p></article></body></html>",
    "The harbour office at Aldwick opened at 9 am on Monday.\n\nIts first visitor paid 12 crowns for a mooring.",
)


@dataclass(frozen=True, slots=True)
class Examination:
    """An examined item, its cleaned HTML when that was asked for, and how long both took."""

    examined: Examined
    html: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Failure:
    """What an item raised in the worker; without the error's own words, which may quote the item."""

    error: str
    trace: str


class WorkerLostError(Exception):
    """The worker was ended or ended itself; the message says why, for people."""


class WorkerGoneError(WorkerLostError):
    """It had ended before it was given the item, which is none of the item's doing."""


def _examine(detector: Detector, item: Item, *, html: bool) -> Examination:
    started = time.perf_counter()
    examined = detector.examine(item)
    fragment = examined.text.html() if html else None
    return Examination(examined, fragment, time.perf_counter() - started)


def _work(pipe: Connection, sketching: Sketching) -> None:
    """The life of a worker: warm up, then one answer for each item until the other end is gone."""
    threadpool_limits(1)  # the workers themselves are what runs in parallel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends its workers itself
    detector = Detector(sketching=sketching)
    header = ""
    for body in _WARM_UP:
        sketch = _examine(detector, Item("warm-up", body), html=True).examined.sketch
        header = sketch.header if sketch else header
    pipe.send(header)
    # The other end closes when the server ends, even when it is killed: then there is nobody to work for.
    with suppress(EOFError, BrokenPipeError):
        while True:
            pipe.send(_answer(detector, *pipe.recv()))


def _answer(detector: Detector, item: Item, html: bool) -> Examination | _Failure:
    try:
        return _examine(detector, item, html=html)
    except Exception as error:  # the item must get its verdict, and the server the trace
        return _Failure(type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


class Worker:
    """One process and the pipe to it. Its methods block: call them from a thread."""

    def __init__(self, sketching: Sketching) -> None:
        context = get_context("spawn")  # a fork would copy the threads' locks as they happen to be
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, sketching), daemon=True, name="copytaster-worker")
        self._process.start()
        theirs.close()
        self.header: str = self._receive(_START_SECONDS)

    def examine(self, item: Item, html: bool, seconds: float) -> Examination | _Failure:
        """Examine ``item`` within ``seconds``; raises WorkerLostError when that fails, and the worker is spent.

        WorkerGoneError says that the item never reached it.
        """
        if not self._process.is_alive():
            self.end()
            raise WorkerGoneError("the process that was to read it had ended")
        try:
            self._pipe.send((item, html))
        except OSError as error:
            self.end()
            raise WorkerGoneError("the process that was to read it had ended") from error
        answer: Examination | _Failure = self._receive(seconds)
        return answer

    def _receive(self, seconds: float) -> Any:
        try:
            if self._pipe.poll(seconds):
                return self._pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise WorkerLostError("reading it ended the process that tried") from error
        self.end()
        raise WorkerLostError(f"reading it took longer than {seconds:g} seconds")

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


class Examiners:
    """A fixed number of workers, each examining one item at a time."""

    def __init__(self, count: int, seconds: float, sketching: Sketching) -> None:
        self._seconds = seconds
        self._sketching = sketching
        self._count = count
        self._idle: Turns[Worker] = Turns()
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._threads = ThreadPoolExecutor(count + 1, thread_name_prefix="examiner")

    @property
    def alive(self) -> int:
        """Workers that are warm: idle or examining."""
        return len(self._workers)

    async def start(self) -> str:
        """Start and warm up every worker; the header of the sketches that they make."""
        await asyncio.gather(*(self._hire() for _ in range(self._count)))
        return next(iter(self._workers)).header

    def stop(self) -> None:
        """End every worker, and with it what it is doing."""
        for task in self._tasks:
            task.cancel()
        for worker in self._workers:
            worker.end()
        self._threads.shutdown(wait=False)

    async def examine(self, item: Item, *, html: bool = False, batch: bool = False) -> Examination:
        """Examine ``item``; one that cannot be read within its limits comes back empty, with the reason in a note.

        Items of a ``batch`` are read when no other waits.
        """
        while True:
            worker = await self._idle.get(patient=batch)
            # Shielded: a request that is given up must not hand its worker to the next one while it is still reading.
            read = await asyncio.shield(self._spawn(self._run(worker, item, html)))
            if read is not None:
                return read

    async def _run(self, worker: Worker, item: Item, html: bool) -> Examination | None:
        """The examination by this worker; None when it had ended before, and another one should read the item."""
        started = time.perf_counter()
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, worker.examine, item, html, self._seconds)
        except WorkerLostError as lost:
            _log.warning("item %r was not read: %s", item.id, lost)
            self._workers.discard(worker)
            self._spawn(self._rehire())
            if isinstance(lost, WorkerGoneError):
                return None
            return _unread(item, str(lost), time.perf_counter() - started)
        self._idle.put(worker)
        if isinstance(answer, _Failure):
            _log.error("item %r could not be examined\n%s", item.id, answer.trace)
            return _unread(item, f"reading it failed ({answer.error})", time.perf_counter() - started)
        return answer

    async def _hire(self) -> None:
        worker = await asyncio.get_running_loop().run_in_executor(self._threads, Worker, self._sketching)
        self._workers.add(worker)
        self._idle.put(worker)

    async def _rehire(self) -> None:
        while True:
            try:
                return await self._hire()
            except (WorkerLostError, OSError) as error:
                _log.error("a new worker did not start, trying again: %s", error)
                await asyncio.sleep(1)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)
        return task


def _unread(item: Item, why: str, seconds: float) -> Examination:
    text = CleanText(item.title, (), notes=(Reason("unreadable", why),), complete=False)
    quality = Quality(score=0.0, label="not_assessed", reasons=(), sentences=())
    return Examination(Examined(item, text, None, quality, {}), "", seconds)
