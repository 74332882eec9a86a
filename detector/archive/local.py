"""The steps over worker processes of this machine."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path

from detector.archive.formats import Quarantined, read_lines
from detector.archive.steps import Prepared, prepare
from detector.workers import Workers, chunks


def prepare_files(
    files: list[Path], workers: int, progress: Callable[[int], None]
) -> tuple[list[Prepared], list[Quarantined]]:
    """Examine every line of ``files`` with ``workers`` processes; ``progress`` hears how many lines are done.

    The result is in input order whatever the number of workers.
    """
    lines = chain.from_iterable(read_lines(path, number) for number, path in enumerate(files))
    prepared: list[Prepared] = []
    quarantined: list[Quarantined] = []
    with Workers(workers) as pool:
        for examined, bad in pool.map(prepare, chunks(lines, lambda line: len(line.data))):
            prepared += examined
            quarantined += bad
            progress(len(examined) + len(bad))
    return prepared, quarantined
