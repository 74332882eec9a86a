"""The overview: what the store counted, as charts with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from markupsafe import Markup
from sqlalchemy import Connection

from service.review import charts
from service.store import overview

_STATUSES = ("published", "held", "rejected", "retracted")
_SPANS = 72  # points of a line, at most


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart, what it says in words, and its numbers as a table."""

    title: str
    chart: Markup
    text: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = field(default=())


def panels(connection: Connection, now: datetime, days: int) -> list[Panel]:
    """The panels of the last ``days`` days."""
    since = overview.days_ago(now, days)
    sample = overview.sampled(connection)
    return [
        _over_time(connection, now, days),
        _sources(connection, since),
        _copied(connection, since),
        _drift(connection, since),
        Panel(
            "Taken off most often",
            charts.bars([(text, count) for text, count in sample.stripped]),
            "of the latest 1,000 verdicts: lines of pages that were no part of the article",
            ("line", "items"),
            sample.stripped,
        ),
        _latency(sample.milliseconds),
    ]


def _over_time(connection: Connection, now: datetime, days: int) -> Panel:
    hours = max(1, -(-24 * days // _SPANS))
    since = overview.days_ago(now, days)
    found: dict[datetime, dict[str, int]] = {}
    for start, status, count in overview.by_time(connection, since, hours=hours):
        found.setdefault(start, {})[status] = count
    steps = sorted(found)
    if steps:
        span = timedelta(hours=hours)
        steps = [steps[0] + at * span for at in range(int((now - steps[0]) / span) + 1)]
    series = {status: [float(found.get(step, {}).get(status, 0)) for step in steps] for status in _STATUSES[:3]}
    rows = [(f"{step:%d %b %H:%M}", *(found.get(step, {}).get(status, 0) for status in _STATUSES)) for step in steps]
    unit = "an hour" if hours == 1 else f"each {hours} hours"
    chart = charts.lines(series, [f"{step:%d %b %H:%M}" for step in steps])
    return Panel(f"Items {unit}", chart, "", ("from", *_STATUSES), rows)


def _sources(connection: Connection, since: datetime) -> Panel:
    found = overview.by_source(connection, since)
    rows = [(source, *(by.get(status, 0) for status in _STATUSES)) for source, by in found]
    chart = charts.bars([(source, float(sum(by.values()))) for source, by in found])
    return Panel("Items by source", chart, "", ("source", *_STATUSES), rows)


def _copied(connection: Connection, since: datetime) -> Panel:
    found = overview.copied(connection, since)
    chart = charts.bars([(f"{one} ← {other}", float(count)) for one, other, count in found])
    return Panel(
        "Who copies whom", chart, "items that add nothing to an earlier one", ("copy", "original", "items"), found
    )


def _drift(connection: Connection, since: datetime) -> Panel:
    found = list(overview.scores_by_day(connection, since))
    ticks = [f"{day:%d %b}" for day, _ in found]
    chart = charts.lines({"mean filler score": [score for _, score in found]}, ticks, top=1.0)
    rows = [(tick, f"{score:.3f}") for tick, (_, score) in zip(ticks, found, strict=True)]
    return Panel("Drift of scores", chart, "each day's mean; 0 is dense news, 1 is filler", ("day", "mean score"), rows)


def _latency(milliseconds: Sequence[float]) -> Panel:
    shares = (("half", 0.5), ("nine in ten", 0.9), ("99 in 100", 0.99))
    last = len(milliseconds) - 1
    rows = [(name, milliseconds[min(last, int(share * (last + 1)))]) for name, share in shares] if milliseconds else []
    chart = charts.bars(rows, unit=" ms")
    return Panel("From request to verdict", chart, "of the latest 1,000 verdicts, at most so long for …")
