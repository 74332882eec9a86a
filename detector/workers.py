"""Work over several processes of this machine, its results in the order of the work."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain, islice
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.util import Finalize
from threading import Lock, Thread
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

_NOTHING: Any = object()  # where no piece of work is left
GARBAGE = 100_000  # new objects between two collections; Python's own default is 700
_LAST = -1000  # among what multiprocessing does when a process ends
_MOST = 256  # things in a chunk
_BYTES = 4 << 20  # pages are large: a chunk of them must not fill the pipe to a worker

T = TypeVar("T")
R = TypeVar("R")


_MAIN = Lock()
_CAN_FORK = sys.platform == "linux"


@contextmanager
def without_main() -> Iterator[None]:
    """Start processes in the block that do not import the program that starts them: they need the package alone.

    A spawned process runs the main module again, so that what is defined there can be unpickled. Of a command that is
    the whole command line, and of the server the whole server: half a second and some ten megabytes for each worker.
    """
    main = sys.modules["__main__"]
    with _MAIN:
        names = {name: getattr(main, name, None) for name in ("__spec__", "__file__")}
        try:
            for name in names:
                setattr(main, name, None)
            yield
        finally:
            for name, value in names.items():
                setattr(main, name, value)


def start_loading(modules: Sequence[str]) -> bool:
    """Start the process from which ``Workers(preload=modules)`` are forked, if the system can; waits for nothing."""
    if not _CAN_FORK:
        return False
    forkserver.set_forkserver_preload(["detector.calm", *modules])
    try:
        with without_main():
            forkserver.ensure_running()
    except OSError:
        return False  # it is reached by a socket in TMPDIR, and a deep folder's name is too long for one
    return True


class Workers:
    """Some processes, started when there is work for more than one; with one, everything is done in this process.

    Functions and what they are given travel by pickle. The results hang neither on the number nor on who is faster.
    A script that asks for several must be importable: ``if __name__ == "__main__":`` around its work, as ever.
    """

    def __init__(self, number: int, ready: Callable[[], object], *, preload: Sequence[str] = ()) -> None:
        """``ready`` loads what the work needs; each does that first, while the caller is still looking for work.

        ``preload``: modules that do so when they are imported, in this order. All that travels is then of this package:
        the caller's own script is not imported, and where the system can, the processes are forked from one that has
        the modules, without another call of ``ready``.
        """
        self.number, self._ready, self._preload = number, ready, preload
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        if self.number > 1:
            context = self._context()
            is_loaded = not isinstance(context, SpawnContext)
            self._pool = ProcessPoolExecutor(
                self.number, mp_context=context, initializer=_settle_in, initargs=(context.Lock(),)
            )
            if not is_loaded:
                for _ in range(self.number):
                    self._submit(self._ready)
        return self

    def _context(self) -> SpawnContext | ForkServerContext:
        # A fork of the caller itself would copy whatever threads and locks it has. What others are forked from loads
        # while the caller looks for work; to ask for a process now would be to wait.
        loads = bool(self._preload) and start_loading(self._preload)
        return multiprocessing.get_context("forkserver") if loads else multiprocessing.get_context("spawn")

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def map(
        self, function: Callable[[T], R], work: Iterable[T], meanwhile: Callable[[T], T] | None = None
    ) -> Iterator[R]:
        """``function`` of each piece of ``work``, in order; the first pieces are under way when this returns.

        Only a few are at a time, so that a large archive is not read into memory ahead of them. ``meanwhile`` is what
        this process can do of a piece by itself, while none of the others is ready.
        """
        if self._pool is None:
            return map(function, work)
        coming = iter(work)
        if meanwhile is not None:
            coming = chain(self._prepared(coming, meanwhile), coming)
        return self._results(function, coming, [self._submit(function, one) for one in islice(coming, 2 * self.number)])

    def _prepared(self, coming: Iterator[T], meanwhile: Callable[[T], T]) -> list[T]:
        """The first pieces of work, for which no process was ready."""
        with ThreadPoolExecutor(1) as waiting:  # to submit anything is to wait for the process that others come from
            opening = waiting.submit(self._submit, self._ready)
            prepared = []
            while not opening.done() and (one := next(coming, _NOTHING)) is not _NOTHING:
                prepared.append(meanwhile(one))
            opening.result()
        return prepared

    def _results(self, function: Callable[[T], R], coming: Iterator[T], under_way: list[Future[R]]) -> Iterator[R]:
        while under_way:
            yield under_way.pop(0).result()
            under_way += [self._submit(function, piece) for piece in islice(coming, 1)]

    def _submit(self, function: Callable[..., R], *given: object) -> Future[R]:
        """Have a process do something; it is started where there are fewer than may be, and none is idle."""
        if self._pool is None:
            raise RuntimeError("workers are there only inside their with block")
        with without_main() if self._preload else nullcontext():
            return self._pool.submit(function, *given)


_turn: AbstractContextManager[object] = nullcontext()  # in a worker, the lock that all of a pool share


def in_turn() -> AbstractContextManager[object]:
    """A block that one of a pool's workers is in at a time."""
    return _turn


def _settle_in(turn: AbstractContextManager[object]) -> None:
    """Leave interruptions to the parent, which waits for work under way, and make a worker quick.

    Several BLAS threads for small products cost a quarter of its time, and so does looking for cycles among thousands
    of live records, of which hardly any has one. At its end everything that it owns was written or sent: taking its
    memory apart object by object would only keep the caller waiting, most of a second.
    """
    global _turn  # noqa: PLW0603  # a lock comes to a process when it starts, and in no other way
    _turn = turn
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    gc.enable()
    gc.set_threshold(GARBAGE)
    Finalize(None, os._exit, args=(0,), exitpriority=_LAST)
    Thread(target=_end_with_the_caller, name="caller", daemon=True).start()


def _end_with_the_caller() -> None:
    """A caller that is killed ends nobody: each worker holds both ends of the pipe through which its work comes."""
    caller = multiprocessing.parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)


def chunks(
    things: Iterable[T], size_of: Callable[[T], int], most: int = _MOST, most_bytes: int = _BYTES
) -> Iterator[list[T]]:
    """``things`` in pieces of at most so many, or about so many bytes by ``size_of``."""
    chunk: list[T] = []
    size = 0
    for thing in things:
        chunk.append(thing)
        size += size_of(thing)
        if len(chunk) == most or size >= most_bytes:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def default_workers() -> int:
    """One worker for each processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
