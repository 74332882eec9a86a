"""Which stored items copy which earlier one: the duplicates alone, in one pass over memory, without a plan.

A plan also judges quality, learns what sources repeat, spills to disk and can be applied and undone; this answers one
of its questions in a fraction of the time, for an archive whose keys fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from detector.archive.formats import USUAL, FieldMapping, Quarantined, RawRow, Shard, find_sources, parse, read_shard
from detector.archive.sharding import cut, pieces
from detector.batch import Texts, find_among, readiness
from detector.dedup.earlier import load_earlier
from detector.records import Item, Match
from detector.verdict import Policy
from detector.workers import Workers


@dataclass(frozen=True, slots=True)
class Copies:
    """The items of an archive that copy an earlier one."""

    matches: list[Match]  # the surest of each such item, in the order in which items are gone through
    items: int
    quarantined: list[Quarantined]  # rows in which there is no item


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
    with Workers(workers, _start, preload=(__name__, *readiness(as_is=as_is))) as pool:
        found = pieces(find_sources(inputs, fields))
        load_earlier()  # while the processes start
        read = _Read()
        matches = find_among(read.items, read.through(pool, found, as_is=as_is), policy, pool, copies_only=True)
    surest = [next(of_item) for _, of_item in groupby(matches, key=lambda match: match.item_id)]
    return Copies(surest, sum(item is not None for item in read.items), read.quarantined)


def _start() -> None:
    """Nothing, as in ``detector.batch``."""


class _Read:
    """What was read of an archive so far."""

    def __init__(self) -> None:
        self.items: list[Item | None] = []
        self.quarantined: list[Quarantined] = []
        self._standing: dict[str, _Row] = {}  # the first row of each id

    def through(self, pool: Workers, found: Sequence[Shard], *, as_is: bool) -> Iterator[Texts]:
        """The texts of the archive, piece by piece; each is noted here first."""
        for rows in pool.map(_read_rows, ((raws, as_is) for raws in cut(found))):
            self.quarantined += rows.quarantined
            for item, row in zip(rows.items, rows.rows, strict=True):
                self.items.append(item if self._is_new(item, row) else None)
            yield rows.texts

    def _is_new(self, item: Item, row: _Row) -> bool:
        first = self._standing.setdefault(item.id, row)
        if first.digest != row.digest:
            error = f"the id {item.id!r} stands at {first.place} too, with other content; make ids unique"
            self.quarantined.append(Quarantined(row.file, row.number, error, item.title, row.place))
        return first is row


@dataclass(frozen=True, slots=True)
class _Row:
    """Where an item came from."""

    file: int
    number: int
    place: str
    digest: str


@dataclass(frozen=True, slots=True)
class _Rows:
    """The items of some rows, pages without their bodies, and their texts."""

    items: list[Item]
    rows: list[_Row]
    texts: Texts
    quarantined: list[Quarantined]


def _read_rows(work: tuple[Shard | list[RawRow], bool]) -> _Rows:
    raws, as_is = work
    parsed = [parse(raw) for raw in (read_shard(raws) if isinstance(raws, Shard) else raws)]
    rows = [row for row in parsed if not isinstance(row, Quarantined)]
    items = [row.item for row in rows]
    return _Rows(
        [item if item.media_type == "text/plain" else replace(item, body="") for item in items],
        [_Row(row.file, row.number, row.place, row.digest) for row in rows],
        Texts.of(items, as_is=as_is),
        [row for row in parsed if isinstance(row, Quarantined)],
    )
