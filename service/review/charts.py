"""Small charts as SVG, readable without colour: bars have their numbers, lines their dashes and names.

Pure: numbers in, an SVG element out. Only presentation attributes and classes, for the page's policy forbids styles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 200, 40, 24, 10
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


def bars(rows: Sequence[tuple[str, float]], *, unit: str = "") -> Markup:
    """Horizontal bars with name and number, in the order given."""
    if not rows:
        return Markup('<p class="empty">nothing yet</p>')
    largest = max(value for _, value in rows) or 1.0
    made = []
    for place, (name, value) in enumerate(rows):
        y, width = place * 24, 320 * value / largest
        made.append(
            Markup(
                '<text x="216" y="{}" text-anchor="end">{}</text><rect x="224" y="{}" width="{:.1f}" height="16"/>'
                '<text x="{:.1f}" y="{}">{}{}</text>'
            ).format(y + 14, name[:34], y + 2, max(width, 1), 230 + width, y + 14, _number(value), unit)
        )
    label = ", ".join(f"{name} {_number(value)}" for name, value in rows[:12])
    return _svg(640, 24 * len(rows) + 4, "bars", label, made)


def lines(series: Mapping[str, Sequence[float]], ticks: Sequence[str], *, top: float | None = None) -> Markup:
    """Lines over the same steps, each with a dash of its own; ``ticks`` name the steps. Shape: len(ticks) each."""
    if not ticks or not series:
        return Markup('<p class="empty">nothing yet</p>')
    highest = top or max((max(values, default=0) for values in series.values()), default=0) or 1.0
    made = [_axis(highest, ticks)]
    for place, (name, values) in enumerate(series.items()):
        points = " ".join(f"{_x(at, len(ticks)):.1f},{_y(value, highest):.1f}" for at, value in enumerate(values))
        stroke = Markup('class="line{}" stroke-dasharray="{}"').format(place, _DASHES[place % len(_DASHES)])
        x = 50 + 150 * place
        made += [
            Markup('<polyline {} points="{}"/>').format(stroke, points),
            *(Markup('<circle cx="{}" cy="{}" r="3"/>').format(*point.split(",")) for point in points.split()[:1]),
            Markup('<line {} x1="{}" y1="6" x2="{}" y2="6"/>').format(stroke, x, x + 28),
            Markup('<text x="{}" y="10">{}</text>').format(x + 34, name),
        ]
    label = "; ".join(f"{name}: last {_number(values[-1])}" for name, values in series.items() if values)
    return _svg(_WIDTH, _HEIGHT, "lines", label, made)


def _axis(highest: float, ticks: Sequence[str]) -> Markup:
    made = [
        Markup('<line class="axis" x1="{0}" y1="{1}" x2="{2}" y2="{1}"/>').format(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - 8),
        Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(_LEFT - 4, _TOP + 18, _number(highest)),
        Markup('<text x="{}" y="{}" text-anchor="end">0</text>').format(_LEFT - 4, _HEIGHT - _BOTTOM),
    ]
    step = max(1, len(ticks) // 6)
    made += [
        Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            _x(at, len(ticks)), _HEIGHT - 6, ticks[at]
        )
        for at in range(0, len(ticks), step)
    ]
    return Markup("").join(made)


def _x(at: int, count: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - 24) * at / max(count - 1, 1)


def _y(value: float, highest: float) -> float:
    room = _HEIGHT - _BOTTOM - _TOP - 12
    return _HEIGHT - _BOTTOM - room * min(value / highest, 1.0)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"


def _svg(width: int, height: int, kind: str, label: str, parts: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="chart {}" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">')
    return head.format(kind, label, width, height, width, height) + Markup("").join(parts) + Markup("</svg>")
