"""What the hot index is filled from, and how it stays in step with what other nodes commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from service.store.items import CURRENT
from service.store.records import Status, moment_or_none
from service.tables import changes, items, sketches, versions

_ROWS = 20_000  # that are in memory at once


@dataclass(frozen=True, slots=True)
class Posting:
    """What a kept item is found by."""

    version_seq: int
    item_seq: int
    published: int | None  # microseconds since 1970
    bands: bytes
    passages: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """An item's current text, and what an editor is told of it."""

    version_seq: int
    item_seq: int
    id: str
    status: Status
    title: str
    url: str | None
    source: str | None
    published: datetime | None
    text: str


_POSTING = [sketches.c[name] for name in ("version_seq", "item_seq", "published", "bands", "passages")]


def kept(connection: Connection) -> Iterator[list[Posting]]:
    """All postings of kept items in the order in which the index met them, many at a time."""
    query = select(*_POSTING).where(sketches.c.kept).order_by(sketches.c.version_seq)
    rows = connection.execution_options(yield_per=_ROWS).execute(query)
    for part in rows.partitions():
        yield [Posting(*row) for row in part]


def kept_of(connection: Connection, item_seq: int) -> Posting | None:
    """The posting of one item; None when it has none, is not kept or was deleted."""
    row = connection.execute(select(*_POSTING).where(sketches.c.item_seq == item_seq, sketches.c.kept)).one_or_none()
    return None if row is None else Posting(*row)


def count_kept(connection: Connection) -> int:
    """How many items the index must hold."""
    return connection.scalar(select(func.count()).select_from(sketches).where(sketches.c.kept)) or 0


def texts(connection: Connection, version_seqs: Iterable[int]) -> dict[int, Text]:
    """The texts of these versions, by version."""
    query = select(
        versions.c.seq, items.c.seq, items.c.id, items.c.status, versions.c.title, versions.c.url, versions.c.source,
        versions.c.published, versions.c.text,
    )  # fmt: skip
    query = query.select_from(CURRENT).where(versions.c.seq.in_(list(version_seqs)))
    found: dict[int, Text] = {}
    for seq, item_seq, item_id, status, title, url, source, published, text in connection.execute(query):
        found[seq] = Text(seq, item_seq, item_id, status, title, url, source, moment_or_none(published), text)
    return found


def last_change(connection: Connection) -> int:
    """The number of the last change that was committed; 0 before the first."""
    return connection.scalar(select(func.max(changes.c.seq))) or 0


def changed_since(connection: Connection, seq: int) -> tuple[list[int], int]:
    """The items that changed after a change, each once in order, and the number of the last change."""
    rows = connection.execute(
        select(changes.c.item_seq, changes.c.seq).where(changes.c.seq > seq).order_by(changes.c.seq)
    ).all()
    return list(dict.fromkeys(row.item_seq for row in rows)), rows[-1].seq if rows else seq
