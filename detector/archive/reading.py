"""Rows of an archive → their items and texts, in a process that need not load what plans them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from detector.archive.formats import Quarantined, RawRow, Shard, parse, read_shard
from detector.gathering import Texts
from detector.policy import Policy
from detector.records import Item

Place = tuple[int, int, str, str]  # file, number, what people find it by, and digest of a row


@dataclass(frozen=True, slots=True)
class Rows:
    """The items of some rows."""

    places: list[Place]
    texts: Texts
    quarantined: list[Quarantined]


class Parsed(NamedTuple):
    """Rows as the items that they are, in columns."""

    items: Sequence[Sequence[Any]]  # as ``Item.columns`` has them
    places: list[Place]
    quarantined: list[Quarantined]


@dataclass(frozen=True, slots=True)
class Reading:
    """Some rows to read; with ``as_is``, plain texts as they are."""

    raws: Shard | list[RawRow] | Parsed
    policy: Policy
    folder: Path | None  # for the texts, where other processes look at them too
    as_is: bool


def parse_rows(raws: Shard | list[RawRow]) -> Parsed:
    """The items of some rows."""
    parsed = [parse(raw) for raw in (read_shard(raws) if isinstance(raws, Shard) else raws)]
    rows = [row for row in parsed if not isinstance(row, Quarantined)]
    return Parsed(
        Item.columns([row.item for row in rows]),
        [(row.file, row.number, row.place, row.digest) for row in rows],
        [row for row in parsed if isinstance(row, Quarantined)],
    )


def parsed_ahead(work: Reading) -> Reading:
    """The same work, of which as much is done as takes nothing that must be loaded."""
    return work if isinstance(work.raws, Parsed) else replace(work, raws=parse_rows(work.raws))


def read_rows(work: Reading) -> Rows:
    """The items of some rows, and their texts."""
    from detector.pairs import read_texts  # noqa: PLC0415  # whoever has the rows read need not load what reads them

    items, places, quarantined = work.raws if isinstance(work.raws, Parsed) else parse_rows(work.raws)
    texts = read_texts(Item.from_columns(items), work.policy, work.folder, as_is=work.as_is)
    return Rows(places, texts, quarantined)
