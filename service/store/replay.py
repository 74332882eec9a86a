"""What was decided lately, with all that a policy looks at: read again to be decided anew, without reading a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from detector import Action
from service.store.decisions import Relation
from service.store.records import KEPT, micros, moment_of, moment_or_none
from service.tables import decisions, items, matches, pins, shadow_verdicts, verdicts, versions

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Past:
    """A text that was judged, and how."""

    version_seq: int
    id: str
    received: datetime
    published: datetime | None
    title: str
    url: str | None
    source: str | None
    section: str | None
    language: str | None
    text: str
    kept: bool  # not rejected, as its item stands now
    action: Action  # as it was decided
    policy: str  # digest of the policy that decided
    answer: dict[str, Any]  # the verdict as it was answered


@dataclass(frozen=True, slots=True)
class Tried:
    """What the policy on trial would have decided of a text."""

    id: str
    title: str
    source: str | None
    action: Action
    would_be: Action
    policy: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor made of an item."""

    item_id: str
    decided: datetime
    before: str  # status
    after: str  # status, or "deleted"


@dataclass(frozen=True, slots=True)
class Pin:
    """Two items that an editor called different, or the same."""

    one: str
    other: str
    relation: Relation
    decided: datetime


def decided(connection: Connection, since: datetime, after: int = 0, limit: int = _AT_ONCE) -> list[Past]:
    """The next texts that were judged since a moment, in the order in which that was done.

    ``after``: the number of the version that was read last; so many days are read in many short transactions, for a
    long one keeps a store from clearing up.
    """
    later = versions.c.received >= micros(since), versions.c.seq > after
    return list(_read(connection, _pasts().where(*later).limit(limit)))


def edits(connection: Connection) -> list[Edit]:
    """What editors decided and retracted, the first first."""
    columns = decisions.c.item_id, decisions.c.decided, decisions.c.before, decisions.c.after
    rows = connection.execute(select(*columns).where(decisions.c.before != decisions.c.after).order_by(decisions.c.seq))
    return [Edit(row.item_id, moment_of(row.decided), row.before, row.after) for row in rows]


def pins_made(connection: Connection) -> list[Pin]:
    """The pairs that are pinned now, and since when."""
    one, other = items.alias("first"), items.alias("second")
    query = (
        select(one.c.id, other.c.id.label("other"), pins.c.relation, decisions.c.decided)
        .join_from(pins, one, one.c.seq == pins.c.one)
        .join(other, other.c.seq == pins.c.other)
        .join(decisions, decisions.c.seq == pins.c.decision)
        .order_by(decisions.c.seq)
    )
    return [Pin(row.id, row.other, row.relation, moment_of(row.decided)) for row in connection.execute(query)]


def how_many(connection: Connection, since: datetime) -> int:
    """How many those are."""
    return (
        connection.scalar(select(func.count()).select_from(versions).where(versions.c.received >= micros(since))) or 0
    )


def matched_before(connection: Connection, since: datetime) -> Iterator[Past]:
    """The earlier texts with which those were matched."""
    window = select(versions.c.seq).where(versions.c.received >= micros(since))
    named = select(matches.c.of_version_seq).where(matches.c.version_seq.in_(window))
    yield from _read(connection, _pasts().where(versions.c.seq.in_(named), versions.c.received < micros(since)))


def tried(connection: Connection, since: datetime) -> Iterator[Tried]:
    """What the policy that was on trial last decided since a moment."""
    last = select(shadow_verdicts.c.policy).order_by(shadow_verdicts.c.version_seq.desc()).limit(1)
    query = (
        select(
            items.c.id, versions.c.title, items.c.source, verdicts.c.action, shadow_verdicts.c.action.label("would_be"),
            shadow_verdicts.c.policy, shadow_verdicts.c.reasons,
        )
        .join_from(shadow_verdicts, versions, versions.c.seq == shadow_verdicts.c.version_seq)
        .join(verdicts, verdicts.c.version_seq == versions.c.seq)
        .join(items, items.c.seq == versions.c.item_seq)
        .where(shadow_verdicts.c.decided >= micros(since), shadow_verdicts.c.policy == last.scalar_subquery())
        .order_by(versions.c.seq)
    )  # fmt: skip
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        codes = tuple(reason["code"] for reason in json.loads(row.reasons))
        yield Tried(row.id, row.title, row.source, row.action, row.would_be, row.policy, codes)


def _pasts() -> Select[Any]:
    columns = [
        versions.c.seq, items.c.id, versions.c.received, versions.c.published, versions.c.title, versions.c.url,
        versions.c.source, versions.c.section, versions.c.language, versions.c.text, items.c.status, verdicts.c.action,
        verdicts.c.policy, verdicts.c.answer,
    ]  # fmt: skip
    return (
        select(*columns)
        .join_from(versions, items, items.c.seq == versions.c.item_seq)
        .join(verdicts, verdicts.c.version_seq == versions.c.seq)
        .order_by(versions.c.seq)
    )


def _read(connection: Connection, query: Select[Any]) -> Iterator[Past]:
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        yield Past(
            version_seq=row.seq,
            id=row.id,
            received=moment_of(row.received),
            published=moment_or_none(row.published),
            title=row.title,
            url=row.url,
            source=row.source,
            section=row.section,
            language=row.language,
            text=row.text,
            kept=row.status in KEPT,
            action=row.action,
            policy=row.policy,
            answer=json.loads(row.answer),
        )
