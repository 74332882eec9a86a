"""What was decided lately, with all that a policy looks at: read again to be decided anew, without reading a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from detector import Action
from service.store.records import KEPT, micros, moment_of, moment_or_none
from service.tables import items, matches, shadow_verdicts, verdicts, versions

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


def decided(connection: Connection, since: datetime) -> Iterator[Past]:
    """Every text that was judged since a moment, in the order in which that was done."""
    yield from _read(connection, _pasts().where(versions.c.received >= micros(since)))


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
