"""What the thresholds are worth by the newsroom's own decisions, and what others would have done.

Intervals are Wilson's (Wilson 1927, "Probable inference, the law of succession, and statistical inference").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from service.review import charts

_Z = 1.959964  # 95%
_GRID = [step / 20 for step in range(1, 20)]


@dataclass(frozen=True, slots=True)
class Decided:
    """An item that a person decided on: its score, and whether they rejected it."""

    score: float
    rejected: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """An item of the last days: its score, and what was decided of it by the thresholds."""

    score: float
    action: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """What one threshold is worth."""

    name: str
    score: float
    precision: str
    recall: str
    lost: str  # share of what people published that it catches


@dataclass(frozen=True, slots=True)
class Change:
    """So many items would have been decided otherwise."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything that the page shows."""

    decided: int
    rejected: int
    hold: float
    reject: float
    current: list[Threshold]
    chart: Markup
    replay: list[Change]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share; (0, 1) of nothing.

    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    if not of:
        return 0.0, 1.0
    share = hits / of
    middle = share + _Z**2 / (2 * of)
    reach = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return max(0.0, (middle - reach) / (1 + _Z**2 / of)), min(1.0, (middle + reach) / (1 + _Z**2 / of))


def advise(
    decided: Sequence[Decided], scored: Sequence[Scored], *, now: tuple[float, float], then: tuple[float, float]
) -> Advice:
    """``now`` and ``then``: the scores from which an item is held and rejected, as they are and as they might be."""
    return Advice(
        decided=len(decided),
        rejected=sum(one.rejected for one in decided),
        hold=then[0],
        reject=then[1],
        current=[_worth(name, score, decided) for name, score in (("hold", now[0]), ("reject", now[1]))],
        chart=_curve(decided),
        replay=_replayed(scored, now, then),
    )


def _worth(name: str, score: float, decided: Sequence[Decided]) -> Threshold:
    caught = [one for one in decided if one.score >= score]
    right = sum(one.rejected for one in caught)
    rejected = sum(one.rejected for one in decided)
    published = len(decided) - rejected
    shares = ((right, len(caught)), (right, rejected), (len(caught) - right, published))
    return Threshold(name, score, *(_told(hits, of) for hits, of in shares))


def _told(hits: int, of: int) -> str:
    if not of:
        return "none"
    low, high = wilson(hits, of)
    return f"{hits / of:.2f} [{low:.2f}, {high:.2f}] ({hits} of {of})"


def _curve(decided: Sequence[Decided]) -> Markup:
    rejected = sum(one.rejected for one in decided)
    precision, recall = [], []
    for score in _GRID:
        caught = [one for one in decided if one.score >= score]
        right = sum(one.rejected for one in caught)
        precision.append(right / len(caught) if caught else 1.0)
        recall.append(right / rejected if rejected else 0.0)
    return charts.lines({"precision": precision, "recall": recall}, [f"{score:.2f}" for score in _GRID], top=1.0)


def _replayed(scored: Sequence[Scored], now: tuple[float, float], then: tuple[float, float]) -> list[Change]:
    """Items whose band of scores another threshold would have changed; other reasons are as they were."""
    changes: Counter[tuple[str, str]] = Counter()
    for one in scored:
        before, after = _band(one.score, now), _band(one.score, then)
        if before != after and _RANK[one.action] <= _RANK[before]:
            changes[before, after] += 1
    return [Change(before, after, count) for (before, after), count in sorted(changes.items())]


_RANK = {"publish": 0, "review": 1, "reject": 2}


def _band(score: float, thresholds: tuple[float, float]) -> str:
    hold, reject = thresholds
    return "reject" if score >= reject else "review" if score >= hold else "publish"
