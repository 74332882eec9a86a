"""The steps over worker processes of this machine."""

from __future__ import annotations

from collections.abc import Callable

from detector.archive.formats import Quarantined, Source, read
from detector.archive.steps import Prepared, prepare
from detector.workers import Workers, chunks


def prepare_rows(
    sources: list[Source], workers: int, progress: Callable[[int], None]
) -> tuple[list[Prepared], list[Quarantined]]:
    """Examine every row of ``sources`` with ``workers`` processes; ``progress`` hears how many rows are done.

    The result is in input order whatever the number of workers.
    """
    prepared: list[Prepared] = []
    quarantined: list[Quarantined] = []
    with Workers(workers) as pool:
        for examined, bad in pool.map(prepare, chunks(read(sources), lambda raw: len(raw.data))):
            prepared += examined
            quarantined += bad
            progress(len(examined) + len(bad))
    return prepared, quarantined
