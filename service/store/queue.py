"""The editor's queue: items by status, filtered and sorted, a page at a time, with counts for each filter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from service.store import claims, gists
from service.store.items import CURRENT
from service.store.records import Status, moment_of
from service.tables import gist_reasons, items, matches, versions
from service.tables import gists as gist_table

Order = Literal["newest", "oldest", "riskiest"]
PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """Which items, in which order."""

    status: Status = "held"
    reason: str = ""
    source: str = ""
    section: str = ""
    language: str = ""
    score: float | None = None  # at the least
    q: str = ""
    order: Order = "newest"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the queue."""

    seq: int
    id: str
    status: Status
    title: str
    source: str | None
    section: str | None
    language: str | None
    received: datetime
    score: float
    reasons: tuple[str, ...]
    match: Mapping[str, Any] | None  # the surest one, as answered
    claimed_by: str | None


@dataclass(frozen=True, slots=True)
class Facets:
    """The values that items of a status have, with counts, the most frequent first."""

    reason: list[tuple[str, int]] = field(default_factory=list)
    source: list[tuple[str, int]] = field(default_factory=list)
    section: list[tuple[str, int]] = field(default_factory=list)
    language: list[tuple[str, int]] = field(default_factory=list)


_FROM = CURRENT.join(gist_table, gist_table.c.item_seq == items.c.seq)
_SHOWN = [
    *(items.c[name] for name in ("seq", "id", "status", "source", "section", "language", "received")),
    versions.c.title,
    versions.c.seq.label("version_seq"),
    gist_table.c.score,
    gist_table.c.risk,
]


def page(connection: Connection, filters: Filters, now: datetime, *, offset: int = 0, limit: int = PAGE) -> list[Entry]:
    """Entries from ``offset`` on, at most ``limit``."""
    query = select(*_SHOWN).select_from(_FROM).where(*_conditions(connection, filters))
    rows = connection.execute(query.order_by(*_order(filters.order)).offset(offset).limit(limit)).all()
    seqs = [row.seq for row in rows]
    reasons, surest = _reasons(connection, seqs), _surest(connection, [row.version_seq for row in rows])
    held = claims.holders(connection, seqs, now)
    return [
        Entry(
            seq=row.seq,
            id=row.id,
            status=row.status,
            title=row.title,
            source=row.source,
            section=row.section,
            language=row.language,
            received=moment_of(row.received),
            score=row.score,
            reasons=tuple(reasons.get(row.seq, ())),
            match=surest.get(row.version_seq),
            claimed_by=held.get(row.seq),
        )
        for row in rows
    ]


def neighbours(connection: Connection, filters: Filters, item_seq: int) -> tuple[str | None, str | None]:
    """The ids of the items before and after one in the queue, whatever its own status is now."""
    place = connection.execute(
        select(items.c.seq, gist_table.c.risk).select_from(_FROM).where(items.c.seq == item_seq)
    ).one_or_none()
    if place is None:
        return None, None
    found: list[str | None] = []
    for forward in (False, True):
        query = select(items.c.id).select_from(_FROM).where(*_conditions(connection, filters))
        query = query.where(_beyond(filters.order, place, forward=forward))
        query = query.order_by(*_order(filters.order, back=not forward))
        found.append(connection.scalar(query.limit(1)))
    return found[0], found[1]


def counts(connection: Connection) -> dict[str, int]:
    """How many items have each status."""
    query = select(items.c.status, func.count().label("number")).group_by(items.c.status)
    return {row.status: row.number for row in connection.execute(query)}


def latest(connection: Connection) -> int:
    """The number of the held item that came last; 0 where none is held."""
    return connection.scalar(select(func.max(items.c.seq)).where(items.c.status == "held")) or 0


def facets(connection: Connection, status: Status) -> Facets:
    """What items of this status can be filtered by."""
    by_reason = (
        select(gist_reasons.c.code, func.count())
        .join(items, items.c.seq == gist_reasons.c.item_seq)
        .where(items.c.status == status)
        .group_by(gist_reasons.c.code)
    )
    return Facets(
        reason=_ranked(connection, by_reason),
        **{name: _ranked(connection, _by(items.c[name], status)) for name in ("source", "section", "language")},
    )


def _by(column: ColumnElement[Any], status: Status) -> Select[Any]:
    is_it = (items.c.status == status) & column.is_not(None)
    return select(column, func.count()).where(is_it).group_by(column)


def _ranked(connection: Connection, query: Select[Any]) -> list[tuple[str, int]]:
    return sorted(((name, count) for name, count in connection.execute(query)), key=lambda one: (-one[1], one[0]))[:100]


def _conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [items.c.status == filters.status]
    named = {"source": filters.source, "section": filters.section, "language": filters.language}
    wanted += [items.c[name] == value for name, value in named.items() if value]
    if filters.score is not None:
        wanted.append(gist_table.c.score >= filters.score)
    if filters.reason:
        having = select(gist_reasons.c.item_seq).where(gist_reasons.c.code == filters.reason)
        wanted.append(items.c.seq.in_(having))
    if filters.q:
        wanted.append(gists.holding(connection, items.c.seq, filters.q))
    return wanted


def _order(order: Order, *, back: bool = False) -> list[ColumnElement[Any]]:
    """By what the queue is sorted; ``back``: from its end."""
    up = (order == "oldest") != back
    columns = [gist_table.c.risk, items.c.seq] if order == "riskiest" else [items.c.seq]
    return [column.asc() if up else column.desc() for column in columns]


def _beyond(order: Order, place: Any, *, forward: bool) -> ColumnElement[bool]:
    """Whether an item comes after ``place`` in the queue, or before it."""
    seq: ColumnElement[int] = items.c.seq
    risk: ColumnElement[float] = gist_table.c.risk
    greater = forward == (order == "oldest")
    by_seq: ColumnElement[bool] = seq > place.seq if greater else seq < place.seq
    if order != "riskiest":
        return by_seq
    by_risk: ColumnElement[bool] = risk > place.risk if greater else risk < place.risk
    return or_(by_risk, and_(risk == place.risk, by_seq))


def _reasons(connection: Connection, seqs: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(gist_reasons).where(gist_reasons.c.item_seq.in_(seqs)).order_by(gist_reasons.c.code)
    for row in connection.execute(query):
        found.setdefault(row.item_seq, []).append(row.code)
    return found


def _surest(connection: Connection, version_seqs: list[int]) -> dict[int, Mapping[str, Any]]:
    query = select(matches.c.version_seq, matches.c.answer).where(
        matches.c.version_seq.in_(version_seqs), matches.c.rank == 0
    )
    return {row.version_seq: json.loads(row.answer) for row in connection.execute(query)}
