"""Processes that read and examine items: a page that hangs or kills one costs that page, and nothing else.

Each worker has its own pipe rather than a place in a shared pool, so that ending one loses no other item.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import re
import resource
import signal
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import PriorityQueue
from threading import Event, Lock, Thread
from typing import Any

from threadpoolctl import threadpool_limits

from detector import CleanText, Detector, Examined, Item, Quality, Reason, Sketching
from detector.workers import without_main

_log = logging.getLogger(__name__)

_OUT_OF_MEMORY = 77  # exit status of a worker
_FIRST_START_SECONDS, _START_SECONDS = 400, 60  # the very first one compiles the kernels
# Lines of a batch that a worker is given at once, at most: a check that comes in meanwhile waits for them.
_TOGETHER, _TOGETHER_CHARACTERS = 16, 16_000
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


def _work(pipe: Connection, sketching: Sketching, megabytes: int | None = None) -> None:
    """The life of a worker: warm up, then an answer for each item, as many together as were given, until the other end
    is gone."""
    threadpool_limits(1)  # the workers themselves are what runs in parallel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends its workers itself
    detector = Detector(sketching=sketching)
    header = ""
    for body in _WARM_UP:
        sketch = _examine(detector, Item("warm-up", body), html=True).examined.sketch
        header = sketch.header if sketch else header
    if megabytes is not None:
        _limit_memory(megabytes)
    pipe.send(header)
    # The other end closes when the server ends, even when it is killed: then there is nobody to work for.
    with suppress(EOFError, BrokenPipeError):
        while True:
            given, html = pipe.recv()
            try:
                answers = [_answer(detector, item, html=html) for item in given]
            except MemoryError:
                os._exit(_OUT_OF_MEMORY)  # what is left of it may be anything; another one takes its place
            pipe.send(answers)


def _limit_memory(megabytes: int) -> None:
    """Let this process take so much more than it has; outside of Linux, where that cannot be told, what it wants."""
    with suppress(FileNotFoundError):
        found = re.search(r"^VmData:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
        if found:
            most = int(found[1]) * 1024 + megabytes * 1024 * 1024
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _answer(detector: Detector, item: Item, *, html: bool) -> Examination | _Failure:
    try:
        return _examine(detector, item, html=html)
    except MemoryError:
        raise
    except Exception as error:  # the item must get its verdict, and the server the trace
        return _Failure(type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


class Worker:
    """One process and the pipe to it, of use once it is warm. Its methods block: call them from a thread."""

    def __init__(self, sketching: Sketching, megabytes: int) -> None:
        """``megabytes`` that it may take to read an item, beside what it has when it is warm."""
        context = get_context("spawn")  # a fork would copy the threads' locks as they happen to be
        self._megabytes = megabytes
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, sketching, megabytes), daemon=True, name="copytaster-worker"
        )
        self.is_warm = False
        self._ending = Lock()
        with without_main():
            self._process.start()
        theirs.close()

    def warm_up(self, seconds: float) -> str:
        """Wait until it is ready: the header of the sketches that it makes. Raises WorkerLostError."""
        header: str = self._receive(seconds, "starting")
        self.is_warm = True
        return header

    def examine(self, given: Sequence[Item], html: bool, seconds: float) -> list[Examination | _Failure]:
        """Examine some items within ``seconds``; raises WorkerLostError when that fails, and the worker is spent.

        WorkerGoneError says that they never reached it.
        """
        try:
            self._pipe.send((given, html))
        except OSError as error:  # its end of the pipe ended with it
            self.end()
            raise WorkerGoneError("the process that was to read it had ended") from error
        answers: list[Examination | _Failure] = self._receive(seconds, "reading it")
        return answers

    def _receive(self, seconds: float, what: str) -> Any:
        try:
            if self._pipe.poll(seconds):
                return self._pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            if self._process.exitcode == _OUT_OF_MEMORY:
                raise WorkerLostError(f"{what} took more than {self._megabytes} MB of memory") from error
            raise WorkerLostError(f"{what} ended the process that tried") from error
        self.end()
        raise WorkerLostError(f"{what} took longer than {seconds:g} seconds")

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        self.is_warm = False
        with self._ending:  # its own thread sees it end while a stop ends it: a pipe must not be closed twice
            self._process.kill()
            self._process.join()
            self._pipe.close()


@dataclass(order=True, slots=True)
class _Order:
    """Items that wait to be read together: those of batches after all others, each in the order in which they came."""

    patient: bool
    number: int
    given: Sequence[Item] = field(compare=False)
    html: bool = field(compare=False)
    answer: Future[list[Examination]] = field(compare=False)


class Examiners:
    """A fixed number of workers, each examining one item at a time.

    Each has a thread of this process, which takes what is next by itself: the event loop, busy with those whom it turns
    away, would leave the workers waiting for it.
    """

    def __init__(self, count: int, seconds: float, sketching: Sketching, megabytes: int = 512) -> None:
        """``seconds`` by the clock, and ``megabytes`` of memory, that one item may take."""
        self._seconds, self._megabytes = seconds, megabytes
        self._sketching = sketching
        self._count = count
        self._waiting: PriorityQueue[_Order] = PriorityQueue()
        self._numbers = itertools.count()
        self._workers: set[Worker] = set()
        self._stopping = Event()

    @property
    def alive(self) -> int:
        """Workers that are warm: idle or examining."""
        return sum(worker.is_warm for worker in list(self._workers))

    async def start(self) -> str:
        """Start and warm up every worker; the header of the sketches that they make."""
        first: list[Future[str]] = [Future() for _ in range(self._count)]
        for number, header in enumerate(first):
            Thread(target=self._serve, args=(header,), name=f"examiner-{number}", daemon=True).start()
        headers = await asyncio.gather(*map(asyncio.wrap_future, first))
        return headers[0]

    def stop(self) -> None:
        """End every worker, and with it what it is doing."""
        self._stopping.set()
        for worker in list(self._workers):
            worker.end()
        for _ in range(self._count):  # for those who wait for something to do
            self._put([], html=False, patient=False)

    async def examine(self, item: Item, *, html: bool = False, batch: bool = False) -> Examination:
        """Examine ``item``; one that cannot be read within its limits comes back empty, with the reason in a note.

        Items of a ``batch`` are read when no other waits. A request that is given up while it waits is not read.
        """
        (examination,) = await asyncio.wrap_future(self._put([item], html=html, patient=batch))
        return examination

    async def examine_all(self, given: Sequence[Item]) -> list[Examination]:
        """The same for items of a batch, with their HTML, in their order: short ones travel together."""
        parts = await asyncio.gather(*(self._examine_part(part) for part in _parts(given)))
        return [examination for part in parts for examination in part]

    async def _examine_part(self, part: Sequence[Item]) -> list[Examination]:
        try:
            return await asyncio.wrap_future(self._put(part, html=True, patient=True))
        except (
            WorkerLostError
        ):  # one of them has cost the worker: each by itself, so that it costs no other its verdict
            return await asyncio.gather(*(self.examine(item, html=True, batch=True) for item in part))

    def _put(self, given: Sequence[Item], *, html: bool, patient: bool) -> Future[list[Examination]]:
        answer: Future[list[Examination]] = Future()
        self._waiting.put(_Order(patient, next(self._numbers), given, html, answer))
        return answer

    def _serve(self, header: Future[str]) -> None:
        """The life of a thread: a worker, and another one whenever it was lost."""
        try:
            worker, made = self._hire(_FIRST_START_SECONDS)
        except BaseException as error:  # whoever starts us is told
            header.set_exception(error)
            return
        header.set_result(made)
        following: Worker | None = worker
        while following is not None:
            self._use(following)
            self._workers.discard(following)
            following = self._replacement()

    def _use(self, worker: Worker) -> None:
        """Have a worker examine one item after the other until it is lost, or no more are wanted.

        An item that the worker had not reached goes back to its place among those that wait: another one may be free.
        """
        while True:
            order = self._next()
            if self._stopping.is_set():
                worker.end()
                return
            try:
                self._read(worker, order)
            except WorkerGoneError:
                self._waiting.put(order)
                return
            except WorkerLostError:
                return

    def _next(self) -> _Order:
        """The next item whose request was not given up."""
        while True:
            order = self._waiting.get()
            if order.answer.running() or order.answer.set_running_or_notify_cancel():
                return order

    def _read(self, worker: Worker, order: _Order) -> None:
        """Answer with examinations, or with why there are none; raises WorkerLostError when the worker is spent."""
        started = time.perf_counter()
        try:
            answers = worker.examine(order.given, order.html, self._seconds)
        except WorkerGoneError:
            raise
        except WorkerLostError as lost:
            if len(order.given) > 1:
                _log.warning("a worker was lost with %d items, which are read one by one: %s", len(order.given), lost)
                order.answer.set_exception(lost)
            else:
                _log.warning("item %r was not read: %s", order.given[0].id, lost)
                order.answer.set_result([_unread(order.given[0], str(lost), time.perf_counter() - started)])
            raise
        seconds = time.perf_counter() - started
        order.answer.set_result([_examined(*pair, seconds) for pair in zip(order.given, answers, strict=True)])

    def _hire(self, seconds: float) -> tuple[Worker, str]:
        """A warm worker, and the header of its sketches; raises WorkerLostError when it is not ready in time."""
        worker = Worker(self._sketching, self._megabytes)
        self._workers.add(worker)
        if self._stopping.is_set():  # whoever said so may not have seen it
            worker.end()
        try:
            return worker, worker.warm_up(seconds)
        except WorkerLostError:
            self._workers.discard(worker)
            raise

    def _replacement(self) -> Worker | None:
        """Another worker, whatever it takes; None once no more are wanted."""
        while not self._stopping.is_set():
            try:
                return self._hire(_START_SECONDS)[0]
            except (WorkerLostError, OSError) as error:
                if not self._stopping.is_set():
                    _log.error("a new worker did not start, trying again: %s", error)
                self._stopping.wait(1)
        return None


def _parts(given: Sequence[Item]) -> Iterator[list[Item]]:
    """Items as they travel: in their order, long ones alone."""
    part: list[Item] = []
    size = 0
    for item in given:
        if part and (len(part) == _TOGETHER or size + len(item.body) > _TOGETHER_CHARACTERS):
            yield part
            part, size = [], 0
        part.append(item)
        size += len(item.body)
    if part:
        yield part


def _examined(item: Item, answer: Examination | _Failure, seconds: float) -> Examination:
    if isinstance(answer, Examination):
        return answer
    _log.error("item %r could not be examined\n%s", item.id, answer.trace)
    return _unread(item, f"reading it failed ({answer.error})", seconds)


def _unread(item: Item, why: str, seconds: float) -> Examination:
    text = CleanText(item.title, (), notes=(Reason("unreadable", why),), complete=False)
    quality = Quality(score=0.0, label="not_assessed", reasons=(), sentences=())
    return Examination(Examined(item, text, None, quality, {}), "", seconds)
