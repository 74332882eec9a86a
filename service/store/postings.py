"""What the hot index is filled from, and how it stays in step with what other nodes commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, func, select

from service.store import making
from service.store.items import CURRENT
from service.store.records import Status, moment_or_none
from service.store.rows import Compiled
from service.tables import changes, items, sketches, versions

# That are in memory at once: so few that they are gone before the garbage collector takes them for old and looks at all
# others as well, which would cost as much as reading them.
_ROWS = 500


class Posting(NamedTuple):
    """What a kept item is found by; a tuple, for a million are read when the service starts."""

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
_TEXT = [
    *(versions.c.seq, items.c.seq, items.c.id, items.c.status),
    *(versions.c[name] for name in ("title", "url", "source", "published", "text")),
]
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
    wanted = {f"seq_{number}": seq for number, seq in enumerate(version_seqs)}
    if not wanted:
        return {}
    found: dict[int, Text] = {}
    rows = _texts(len(wanted)).run(connection, wanted)
    for row in rows:
        seq, item_seq, item_id, status, title, url, source, published, text = tuple(row)
        found[seq] = Text(seq, item_seq, item_id, status, title, url, source, moment_or_none(published), text)
    return found


@lru_cache(64)
def _texts(count: int) -> Compiled:
    """The query for so many texts."""
    names = [bindparam(f"seq_{number}", type_=BigInteger) for number in range(count)]
    return Compiled(select(*_TEXT).select_from(CURRENT).where(versions.c.seq.in_(names)))


def last_change(connection: Connection) -> int:
    """The number of the last change that was committed; 0 before the first."""
    return connection.scalar(_LAST_CHANGE) or 0


def changed_since(connection: Connection, seq: int) -> tuple[list[int], int]:
    """The items that changed after a change, each once in order, and the number of the last change."""
    rows = connection.execute(_CHANGED, {"after": seq}).all()
    return list(dict.fromkeys(row.item_seq for row in rows)), rows[-1].seq if rows else seq
