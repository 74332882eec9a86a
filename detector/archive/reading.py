"""Rows of an archive → their items and texts, in a process that need not load what plans them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from detector.archive.formats import Quarantined, RawRow, Shard, parse, read_shard
from detector.pairs import Texts
from detector.records import Item


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item came from."""

    file: int
    number: int
    place: str
    digest: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The items of some rows, pages without their bodies, and their texts."""

    items: list[Item]
    places: list[Place]
    texts: Texts
    quarantined: list[Quarantined]


def read_rows(work: tuple[Shard | list[RawRow], bool]) -> Rows:
    """The items of some rows, and their texts; with True beside them, plain texts as they are."""
    raws, as_is = work
    parsed = [parse(raw) for raw in (read_shard(raws) if isinstance(raws, Shard) else raws)]
    rows = [row for row in parsed if not isinstance(row, Quarantined)]
    items = [row.item for row in rows]
    return Rows(
        [item if item.media_type == "text/plain" else replace(item, body="") for item in items],
        [Place(row.file, row.number, row.place, row.digest) for row in rows],
        Texts.of(items, as_is=as_is),
        [row for row in parsed if isinstance(row, Quarantined)],
    )
