"""Small plots as SVG, for a page that needs nothing else: intervals, differences, bars and curves.

Each is 360 units wide and scales with its column; colours come from the page's style sheet, and what a
plot shows is said in its title and in the numbers beside it, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from qa.significance import Difference, Measure

WIDTH: Final = 360
ROW: Final = 24
SURE: Final = 0.05  # the p value below which a difference is drawn filled
_LEFT, _RIGHT = 132.0, 308.0  # the ends of the axis; labels stand left of it, numbers right
_FOOT: Final = 22  # room for the numbers of the axis
_COLUMN: Final = 96  # height of the tallest bar
_LEAST: Final = 0.05  # half the width of an axis of differences, at least
_TALL: Final = 168  # height of an area of curves
_INSET: Final = 40  # room for the numbers of its upright axis
_TOPS: Final = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)  # where that axis may end


def spoken(figures: Mapping[str, Measure]) -> str:
    """Figures in words, for the title of a plot."""
    said = (f"{name} {of.value:.3f} ({of.low:.2f}–{of.high:.2f})" for name, of in figures.items())
    return ", ".join(said)


def intervals(title: str, figures: Mapping[str, Measure], least: float = 0.0) -> str:
    """A row for each figure on an axis up to 1: a dot in the line of its interval, and the number."""
    rows = [(name, of.value, of.low, of.high, "dot", f"{of.value:.3f}") for name, of in figures.items()]
    return _rows(title, rows, least, 1.0, [least + (1 - least) * part / 4 for part in range(5)])


def differences(title: str, figures: Mapping[str, Difference]) -> str:
    """A row for each difference on an axis around 0; the dot is hollow where chance may explain it."""
    reach = max([_LEAST, *(abs(end) for of in figures.values() for end in (of.low, of.high))])
    rows = [
        (name, of.difference, of.low, of.high, _dot(of), f"{of.difference:+.3f}")
        for name, of in figures.items()
    ]
    return _rows(title, rows, -reach, reach, [-reach, 0.0, reach])


def _dot(difference: Difference) -> str:
    return "dot" if difference.p < SURE else "dot hollow"


def _rows(
    title: str,
    rows: Sequence[tuple[str, float, float, float, str, str]],
    least: float,
    most: float,
    ticks: Sequence[float],
) -> str:
    def x(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (value - least) / (most - least)

    height = ROW * len(rows) + _FOOT
    parts = [*_axis(x, ticks, height - _FOOT)]
    for number, (label, value, low, high, mark, said) in enumerate(rows):
        y = ROW * number + ROW / 2
        parts += [
            f'<text x="0" y="{y + 4:g}">{escape(label)}</text>',
            f'<line class="interval" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y:g}" y2="{y:g}"/>',
            f'<circle class="{mark}" cx="{x(value):.1f}" cy="{y:g}" r="4.5"/>',
            f'<text class="number" x="{WIDTH}" y="{y + 4:g}">{said}</text>',
        ]
    return _svg(title, parts, height)


def _axis(x: Callable[[float], float], ticks: Sequence[float], bottom: float) -> Iterator[str]:
    for tick in ticks:
        at = f"{x(tick):.1f}"
        yield f'<line class="grid" x1="{at}" x2="{at}" y1="0" y2="{bottom:g}"/>'
        yield f'<text class="tick" x="{at}" y="{bottom + 15:g}">{tick:.2g}</text>'


def bars(title: str, counts: Mapping[str, int]) -> str:
    """A bar for each count, with the number above and its name below."""
    most, step = max([1, *counts.values()]), WIDTH / max(1, len(counts))
    base = _COLUMN + 18
    parts = []
    for number, (label, count) in enumerate(counts.items()):
        middle, tall = step * (number + 0.5), _COLUMN * count / most
        parts += [
            f'<rect class="bar" x="{middle - step * 0.38:.1f}" width="{step * 0.76:.1f}"'
            f' y="{base - tall:.1f}" height="{tall:.1f}"/>',
            f'<text class="tick" x="{middle:.1f}" y="{base - tall - 5:.1f}">{count}</text>',
            f'<text class="tick" x="{middle:.1f}" y="{base + 15}">{escape(label)}</text>',
        ]
    parts.append(f'<line class="grid" x1="0" x2="{WIDTH}" y1="{base}" y2="{base}"/>')
    return _svg(title, parts, base + _FOOT)


@dataclass(frozen=True)
class Curve:
    """Points of a curve with x and y from 0 to 1, and one of them, or near them, that is marked."""

    name: str
    points: Sequence[tuple[float, float]]
    marked: tuple[float, float] | None = None


def curves(title: str, across: str, lines: Sequence[Curve]) -> str:
    """Up to three curves over an axis from 0 to 1, which is named `across`; each has dashes of its own."""
    most = max((y for line in lines for _, y in line.points), default=0.0)
    top = next(end for end in _TOPS if most <= end)

    def place(x: float, y: float) -> tuple[float, float]:
        return _INSET + (WIDTH - 8 - _INSET) * x, 8 + (_TALL - 8) * (1 - y / top)

    parts = [*_frame(place, top, across)]
    for number, line in enumerate(lines, 1):
        path = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in line.points)
        parts += [f'<polyline class="curve c{number}" points="{path}"/>', *_legend(number, line.name)]
        if line.marked:
            x, y = place(*line.marked)
            parts.append(f'<circle class="dot d{number}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>')
    return _svg(title, parts, _TALL + 56 + ROW * len(lines))


def _frame(place: Callable[[float, float], tuple[float, float]], top: float, across: str) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        x, y = place(0.0, top * share)
        yield f'<line class="grid" x1="{x:g}" x2="{place(1.0, 0.0)[0]:g}" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text class="tick end" x="{x - 6:g}" y="{y + 4:g}">{top * share:.2g}</text>'
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(tick, 0.0)
        yield f'<text class="tick" x="{x:g}" y="{y + 16:g}">{tick:.2g}</text>'
    yield f'<text class="tick" x="{place(0.5, 0.0)[0]:g}" y="{_TALL + 34}">{escape(across)}</text>'


def _legend(number: int, name: str) -> Iterator[str]:
    y = _TALL + 36 + ROW * number
    yield f'<line class="curve c{number}" x1="{_INSET}" x2="{_INSET + 32}" y1="{y}" y2="{y}"/>'
    yield f'<text x="{_INSET + 42}" y="{y + 4}">{escape(name)}</text>'


def _svg(title: str, parts: Sequence[str], height: float) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
