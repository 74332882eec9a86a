"""Which stored items copy which earlier one: the duplicates alone, in one pass over memory, without a plan.

A plan also judges quality, learns what sources repeat, spills to disk and can be applied and undone; this answers one
of its questions in a fraction of the time, for an archive whose keys fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from detector.archive.formats import USUAL, FieldMapping, Quarantined, Source, find_sources
from detector.archive.reading import Place, Rows, read_rows
from detector.archive.sharding import cut, pieces
from detector.batch import find_among, readiness, start
from detector.pairs import Texts
from detector.records import Item, Match
from detector.verdict import Policy
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
    with Workers(workers, start, preload=(read_rows.__module__, *readiness(as_is=as_is))) as pool:
        sources = list(find_sources(inputs, fields))
        found = pieces(sources)
        rows = pool.map(read_rows, ((raws, as_is) for raws in cut(found)))
        read = _Read()
        matches = find_among(read.through(rows), policy, pool, copies_only=True)
    surest = [next(of_item) for _, of_item in groupby(matches, key=lambda match: match.item_id)]
    set_aside = sorted(read.quarantined, key=lambda one: (one.file, one.number))
    return Copies(surest, len(read.standing), set_aside, sources)


class _Read:
    """What was read of an archive so far."""

    def __init__(self) -> None:
        self.standing: dict[str, Place] = {}  # the first row of each id
        self.quarantined: list[Quarantined] = []

    def through(self, pieces: Iterable[Rows]) -> Iterator[tuple[list[Item | None], Texts]]:
        """The items and texts of the archive, piece by piece; each is noted here first."""
        for rows in pieces:
            self.quarantined += rows.quarantined
            placed = zip(rows.items, rows.places, strict=True)
            yield [item if self._is_new(item, place) else None for item, place in placed], rows.texts

    def _is_new(self, item: Item, place: Place) -> bool:
        first = self.standing.setdefault(item.id, place)
        if first.digest != place.digest:
            error = f"the id {item.id!r} stands at {first.place} too, with other content; make ids unique"
            self.quarantined.append(Quarantined(place.file, place.number, error, item.title, place.place))
        return first is place
