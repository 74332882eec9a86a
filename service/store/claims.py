"""Which editor has which item open, so that two do not decide on one item at a time. A claim ends by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, text

from service.store.records import micros
from service.tables import claims

LASTS = timedelta(minutes=5)

# In one statement, for two people open an item at the same time.
_CLAIM = text(
    "INSERT INTO claims (item_seq, who, until) VALUES (:item, :who, :until) ON CONFLICT (item_seq)"
    " DO UPDATE SET who = excluded.who, until = excluded.until"
    " WHERE claims.until < :now OR claims.who = excluded.who OR :take_over"
)


def holder(connection: Connection, item_seq: int, now: datetime) -> str | None:
    """Who holds the item, if anybody does."""
    is_it = (claims.c.item_seq == item_seq) & (claims.c.until >= micros(now))
    return connection.scalar(select(claims.c.who).where(is_it))


def holders(connection: Connection, item_seqs: Collection[int], now: datetime) -> Mapping[int, str]:
    """Who holds which of these items."""
    is_it = claims.c.item_seq.in_(item_seqs) & (claims.c.until >= micros(now))
    return {row.item_seq: row.who for row in connection.execute(select(claims).where(is_it))}


def claim(connection: Connection, item_seq: int, who: str, now: datetime, *, take_over: bool = False) -> str:
    """Hold the item for ``who`` unless somebody else does, or in their place; whoever holds it then."""
    values = {"item": item_seq, "who": who, "now": micros(now), "until": micros(now + LASTS), "take_over": take_over}
    connection.execute(_CLAIM, values)
    return holder(connection, item_seq, now) or who


def release(connection: Connection, item_seq: int) -> None:
    """Nobody holds the item any more."""
    connection.execute(delete(claims).where(claims.c.item_seq == item_seq))
