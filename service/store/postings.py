"""What the hot index is filled from, and how it stays in step with what other nodes commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from service.store import making
from service.store.items import CURRENT
from service.store.records import Status, moment_or_none
from service.tables import changes, items, sketches, versions

_ROWS = 20_000  # that are in memory at once


@dataclass(frozen=True, slots=True)
class Posting:
    """What a kept item is found by."""

    version_seq: int
    item_seq: int
    published: int  # microseconds since 1970; when it was received, for an undated one
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
_FOUND = sketches.c.kept & (sketches.c.making == making.NUMBER)
_KEPT_OF = select(*_POSTING).where(sketches.c.item_seq == bindparam("item_seq"), _FOUND)
_TEXTS = (
    select(
        versions.c.seq, items.c.seq, items.c.id, items.c.status, versions.c.title, versions.c.url, versions.c.source,
        versions.c.published, versions.c.text,
    )
    .select_from(CURRENT)
    .where(versions.c.seq.in_(bindparam("version_seqs", expanding=True)))
)  # fmt: skip
_LAST_CHANGE = select(func.max(changes.c.seq))
_CHANGED = select(changes.c.item_seq, changes.c.seq).where(changes.c.seq > bindparam("after")).order_by(changes.c.seq)


def kept(connection: Connection) -> Iterator[list[Posting]]:
    """All postings of kept items in the order in which the index met them, many at a time."""
    query = select(*_POSTING).where(_FOUND).order_by(sketches.c.version_seq)
    rows = connection.execution_options(yield_per=_ROWS).execute(query)
    for part in rows.partitions():
        yield [Posting(*row) for row in part]


def kept_of(connection: Connection, item_seq: int) -> Posting | None:
    """The posting of one item; None when it has none, is not kept or was deleted."""
    row = connection.execute(_KEPT_OF, {"item_seq": item_seq}).one_or_none()
    return None if row is None else Posting(*row)


def count_kept(connection: Connection) -> int:
    """How many items the index must hold."""
    return connection.scalar(select(func.count()).select_from(sketches).where(_FOUND)) or 0


def texts(connection: Connection, version_seqs: Iterable[int]) -> dict[int, Text]:
    """The texts of these versions, by version."""
    found: dict[int, Text] = {}
    rows = connection.execute(_TEXTS, {"version_seqs": list(version_seqs)})
    for seq, item_seq, item_id, status, title, url, source, published, text in rows:
        found[seq] = Text(seq, item_seq, item_id, status, title, url, source, moment_or_none(published), text)
    return found


def last_change(connection: Connection) -> int:
    """The number of the last change that was committed; 0 before the first."""
    return connection.scalar(_LAST_CHANGE) or 0


def changed_since(connection: Connection, seq: int) -> tuple[list[int], int]:
    """The items that changed after a change, each once in order, and the number of the last change."""
    rows = connection.execute(_CHANGED, {"after": seq}).all()
    return list(dict.fromkeys(row.item_seq for row in rows)), rows[-1].seq if rows else seq
