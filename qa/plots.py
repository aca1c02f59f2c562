"""Small plots as SVG, for a page that needs nothing else: intervals, differences and bars.

Each is 360 units wide and scales with its column; colours come from the page's style sheet, and what a
plot shows is said in its title and in the numbers beside it, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def intervals(title: str, figures: Mapping[str, Measure]) -> str:
    """A row for each figure on an axis from 0 to 1: a dot in the line of its interval, and the number."""
    rows = [(name, of.value, of.low, of.high, "dot", f"{of.value:.3f}") for name, of in figures.items()]
    return _rows(title, rows, 0.0, 1.0, [0.0, 0.25, 0.5, 0.75, 1.0])


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


def _svg(title: str, parts: Sequence[str], height: float) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
