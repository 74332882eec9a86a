"""The steps over worker processes of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from pathlib import Path

from threadpoolctl import threadpool_limits

from detector.archive.formats import Quarantined, RawLine, read_lines
from detector.archive.steps import Prepared, prepare

GARBAGE = 100_000  # new objects between two collections; Python's own default is 700
_CHUNK_LINES = 256
_CHUNK_BYTES = 4 << 20  # pages are large: a chunk of them must not fill the pipe to a worker


def prepare_files(
    files: list[Path], workers: int, progress: Callable[[int], None]
) -> tuple[list[Prepared], list[Quarantined]]:
    """Examine every line of ``files`` with ``workers`` processes; ``progress`` hears how many lines are done.

    The result is in input order whatever the number of workers.
    """
    lines = chain.from_iterable(read_lines(path, number) for number, path in enumerate(files))
    prepared: list[Prepared] = []
    quarantined: list[Quarantined] = []
    for examined, bad in _map(chunks(lines), workers):
        prepared += examined
        quarantined += bad
        progress(len(examined) + len(bad))
    return prepared, quarantined


def _map(work: Iterator[list[RawLine]], workers: int) -> Iterator[tuple[list[Prepared], list[Quarantined]]]:
    if workers == 1:
        yield from map(prepare, work)
        return
    # "spawn": a fork would copy whatever threads and locks the caller has.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_settle_in) as pool:
        # Only a few chunks are under way at a time, so that a large archive is not read into memory ahead of them.
        under_way = [pool.submit(prepare, chunk) for chunk in islice(work, 2 * workers)]
        while under_way:
            yield under_way.pop(0).result()
            under_way += [pool.submit(prepare, chunk) for chunk in islice(work, 1)]


def _settle_in() -> None:
    """Make a worker quick: several BLAS threads for small products cost a quarter of its time, and so does looking
    for cycles among thousands of live records, of which hardly any has one.
    """
    threadpool_limits(1)
    gc.set_threshold(GARBAGE)


def chunks(lines: Iterable[RawLine]) -> Iterator[list[RawLine]]:
    """Lines in pieces of at most 256 lines or about 4 MB."""
    chunk: list[RawLine] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line.data)
        if len(chunk) == _CHUNK_LINES or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def default_workers() -> int:
    """One worker for each processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
