"""Which stored items copy which earlier one: the duplicates alone, in one pass over memory, without a plan.

A plan also judges quality, learns what sources repeat, spills to disk and can be applied and undone; this answers one
of its questions in a fraction of the time, for an archive whose keys fit into memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from detector.archive.cutting import cut, pieces
from detector.archive.formats import USUAL, FieldMapping, Quarantined, Source, find_sources
from detector.archive.reading import Place, Reading, Rows, parsed_ahead, read_rows
from detector.batch import find_among, readiness, shared_folder, start
from detector.gathering import Gathered
from detector.policy import Policy
from detector.records import Match
from detector.workers import Workers


@dataclass(frozen=True, slots=True)
class Copies:
    """The items of an archive that copy an earlier one."""

    matches: list[Match]  # the surest of each such item, in the order in which items are gone through
    items: int
    quarantined: list[Quarantined]  # rows in which there is no item
    sources: list[Source]  # in which they stand, by ``Quarantined.file``


def find_copies(
    inputs: Sequence[str | Path],
    policy: Policy | None = None,
    workers: int = 1,
    fields: FieldMapping = USUAL,
    *,
    as_is: bool = False,
) -> Copies:
    """The items that a verdict would act on as copies, by what ``find_duplicates(copies_only=True)`` finds.

    A row whose id stood there before is no item of its own: the same row is passed over, another one set aside.
    """
    policy = policy or Policy()
    ready = (read_rows.__module__, *readiness(as_is=as_is))
    with shared_folder(workers) as folder, Workers(workers, start, preload=ready) as pool:
        sources = list(find_sources(inputs, fields))
        shards = cut(pieces(sources))
        rows = pool.map(read_rows, (Reading(raws, policy, folder, as_is) for raws in shards), meanwhile=parsed_ahead)
        read = _Read()
        gathered = Gathered(folder)
        for some in rows:
            gathered.add(some.texts, read.repeated(some))
        matches = find_among(gathered, pool, folder, copies_only=True)
    surest = [next(of_item) for _, of_item in groupby(matches, key=lambda match: match.item_id)]
    set_aside = sorted(read.quarantined, key=lambda one: (one.file, one.number))
    return Copies(surest, len(read.standing), set_aside, sources)


class _Read:
    """What was read of an archive so far."""

    def __init__(self) -> None:
        self.standing: dict[str, Place] = {}  # the first row of each id
        self.quarantined: list[Quarantined] = []

    def repeated(self, rows: Rows) -> frozenset[int]:
        """Which of some rows have an id that stood there before; the others are noted."""
        self.quarantined += rows.quarantined
        placed = zip(rows.texts.known.ids, rows.texts.known.titles, rows.places, strict=True)
        return frozenset(at for at, one in enumerate(placed) if not self._is_new(*one))

    def _is_new(self, item_id: str, title: str, place: Place) -> bool:
        first = self.standing.setdefault(item_id, place)
        file, number, named, digest = place
        if first[-1] != digest:
            error = f"the id {item_id!r} stands at {first[2]} too, with other content; make ids unique"
            self.quarantined.append(Quarantined(file, number, error, title, named))
        return first is place
