"""What an overview counts: items over time and by source, who copies whom, scores by day, what was stripped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from service.store.items import CURRENT
from service.store.records import micros, moment_of
from service.tables import gists, items, matches, verdicts, versions

_HOUR = 3_600_000_000  # microseconds
_SAMPLE = 1_000  # of the latest verdicts: what stands in their JSON is read one by one


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was read of the latest verdicts."""

    stripped: list[tuple[str, int]]  # lines that were taken off, the most frequent first
    milliseconds: list[float]  # from request to verdict, ascending


def by_time(connection: Connection, since: datetime, *, hours: int) -> Iterator[tuple[datetime, str, int]]:
    """Beginning of a span of so many hours, status, count; spans without items are left out."""
    span = hours * _HOUR
    start = (items.c.received - items.c.received % span).label("start")
    query = select(start, items.c.status, func.count()).where(items.c.received >= micros(since))
    for begun, status, count in connection.execute(query.group_by(start, items.c.status).order_by(start)):
        yield moment_of(begun), status, count


def by_source(connection: Connection, since: datetime, limit: int = 12) -> list[tuple[str, dict[str, int]]]:
    """Sources with their items by status, those with most items first."""
    query = select(items.c.source, items.c.status, func.count()).where(items.c.received >= micros(since))
    found: dict[str, dict[str, int]] = {}
    for source, status, count in connection.execute(query.group_by(items.c.source, items.c.status)):
        found.setdefault(source or "(none)", {})[status] = count
    return sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0]))[:limit]


def history(connection: Connection, source: str | None, since: datetime) -> list[tuple[str, int]]:
    """How many items of one source have each status."""
    is_it = (items.c.source == source) & (items.c.received >= micros(since))
    query = select(items.c.status, func.count()).where(is_it).group_by(items.c.status).order_by(items.c.status)
    return [(status, count) for status, count in connection.execute(query)]


def copied(connection: Connection, since: datetime, limit: int = 12) -> list[tuple[str, str, int]]:
    """Who copied whom how often: later source, earlier source, items."""
    earlier = items.alias("earlier")
    count = func.count(func.distinct(items.c.seq)).label("count")
    pairs = (
        select(items.c.source, earlier.c.source, count)
        .select_from(
            CURRENT.join(matches, matches.c.version_seq == versions.c.seq).join(
                earlier, earlier.c.seq == matches.c.of_item_seq
            )
        )
        .where(matches.c.is_duplicate, items.c.received >= micros(since))
        .group_by(items.c.source, earlier.c.source)
        .order_by(count.desc(), items.c.source, earlier.c.source)
        .limit(limit)
    )
    return [(one or "(none)", other or "(none)", number) for one, other, number in connection.execute(pairs)]


def scores_by_day(connection: Connection, since: datetime) -> Iterator[tuple[datetime, float]]:
    """Each day's mean filler score."""
    day = (items.c.received - items.c.received % (24 * _HOUR)).label("day")
    query = select(day, func.avg(gists.c.score)).join(gists, gists.c.item_seq == items.c.seq)
    for begun, mean in connection.execute(query.where(items.c.received >= micros(since)).group_by(day).order_by(day)):
        yield moment_of(begun), float(mean)


def sampled(connection: Connection, limit: int = 12) -> Sampled:
    """What stands in the latest verdicts alone."""
    query = select(verdicts.c.answer).order_by(verdicts.c.version_seq.desc()).limit(_SAMPLE)
    stripped: Counter[str] = Counter()
    milliseconds = []
    for text in connection.scalars(query):
        answer = json.loads(text)
        stripped.update({piece["text"][:120] for piece in answer["cleaned"]["dropped"]})
        milliseconds.append(float(answer["timing_ms"]["total"]))
    ranked = sorted(stripped.items(), key=lambda one: (-one[1], one[0]))[:limit]
    return Sampled(ranked, sorted(milliseconds))


def scored(connection: Connection, since: datetime) -> list[dict[str, Any]]:
    """Score and status of each item since then, for a replay of thresholds."""
    query = select(items.c.id, items.c.status, gists.c.score, verdicts.c.action).select_from(
        CURRENT.join(gists, gists.c.item_seq == items.c.seq).join(verdicts, verdicts.c.version_seq == versions.c.seq)
    )
    return [dict(row) for row in connection.execute(query.where(items.c.received >= micros(since))).mappings()]


def days_ago(now: datetime, days: int) -> datetime:
    """The moment so many days before."""
    return now - timedelta(days=days)
