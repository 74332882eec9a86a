"""The report's plots as numbers for inline SVG: nothing is drawn by a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 720, 160  # of a plot's area, in SVG units
_MOST = 40  # bars; of more, the last ones


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle."""

    action: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A stack of rectangles, and what stands below it."""

    label: str
    title: str  # shown when pointed at
    x: float  # of its middle
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars; ``ticks`` are heights with their labels."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    every: int  # so many bars have one label
    width: int = _WIDTH
    height: int = _HEIGHT


def bars(counts: Mapping[str, Mapping[str, int]], actions: Sequence[str]) -> Bars:
    """One stacked bar a name, in order of name, undated ("") last."""
    names = sorted(counts, key=lambda name: (name == "", name))[-_MOST:]
    highest = max((sum(counts[name].values()) for name in names), default=1)
    top = _rounded_up(highest)
    step = _WIDTH / max(len(names), 4)
    made = []
    for place, name in enumerate(names):
        y = float(_HEIGHT)
        parts = []
        for action in actions:
            height = _HEIGHT * counts[name].get(action, 0) / top
            y -= height
            parts.append(
                Part(action, round(place * step + step * 0.12, 2), round(y, 2), round(step * 0.76, 2), round(height, 2))
            )
        told = ", ".join(f"{action} {counts[name].get(action, 0):,}" for action in actions)
        made.append(
            Bar(name or "undated", f"{name or 'undated'}: {told}", round((place + 0.5) * step, 2), tuple(parts))
        )
    return Bars(tuple(made), _ticks(top), max(1, -(-len(names) // 12)))


def steps_plot(sizes: Sequence[Sequence[int]]) -> Bars:
    """How many stories have 2, 3, 4, 5–9, 10–19, … items."""
    bounds = [(2, 2), (3, 3), (4, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, 999_999_999)]
    labels = ["2", "3", "4", "5–9", "10–19", "20–49", "50–99", "100+"]
    totals = {
        label: {"story": sum(number for size, number in sizes if low <= size <= high)}
        for label, (low, high) in zip(labels, bounds, strict=True)
    }
    drawn = bars(dict(enumerate_names(totals)), ("story",))
    shown = tuple(
        Bar(label, f"{totals[label]['story']:,} stories of {label} items", bar.x, bar.parts)
        for label, bar in zip(labels, drawn.bars, strict=True)
    )
    return Bars(shown, drawn.ticks, 1)


def enumerate_names(totals: Mapping[str, Mapping[str, int]]) -> list[tuple[str, Mapping[str, int]]]:
    """The totals under names that sort as they stand."""
    return [(f"{place:02d}", counts) for place, counts in enumerate(totals.values())]


def _rounded_up(highest: int) -> int:
    """A round number at or above the highest bar: 10, 12, 16, 20, 30, 40, 60, 80 or 100 times a power of ten."""
    if highest <= 10:
        return next(step for step in (1, 2, 4, 6, 8, 10) if step >= highest)
    power = int("1" + "0" * (len(str(highest)) - 2))
    return next(step * power for step in (10, 12, 16, 20, 30, 40, 60, 80, 100) if step * power >= highest)


def _ticks(top: int) -> tuple[tuple[float, str], ...]:
    values = [0, top // 2, top] if top > 1 else [0, 1]
    return tuple((round(_HEIGHT - _HEIGHT * value / top, 2), f"{value:,}") for value in values)
