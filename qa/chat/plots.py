"""The map of a library and its papers over time, drawn as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from qa.chat.atlas import Atlas
from qa.chat.cards import escaped
from qa.chat.conversation import Turns
from qa.paper import Paper

WIDTH, HEIGHT, MARGIN = 1000, 560, 40
BARS = (1000, 180)  # width and height of the plot over time
MONTHS = 24  # at most, before years are counted


def map_html(atlas: Atlas, papers: Sequence[Paper], lit: Mapping[str, str]) -> str:
    """The map. Papers that are `lit` are ringed and say their numbers; a point finds its paper in a list."""
    if not atlas.points:
        return '<p class="none">A map needs at least four papers with abstracts.</p>'
    known = [paper for paper in papers if paper.id in atlas.points]
    points = "".join(_point(paper, *atlas.points[paper.id], lit, n == 0) for n, paper in enumerate(known))
    names = "".join(
        f'<text x="{_x(region.x):.0f}" y="{_y(region.y):.0f}">{escaped(region.name)}</text>'
        for region in atlas.regions
    )
    said = escaped(", ".join(region.name for region in atlas.regions))
    told = f"{len(atlas.points):,} papers; near ones are alike"
    told += "; ringed: those of the current answer" if lit else ""
    return (
        f'<figure class="map"><div><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group"'
        f' aria-label="Map of the papers: {said}">{points}{names}</svg></div>'
        f"<figcaption>{told}. A point finds its paper in the list below; arrow keys go from one to the next."
        '</figcaption><p class="at" role="status"></p></figure>'
    )


def lit(turns: Turns) -> dict[str, str]:
    """The papers of the last answer by id: those it cites with their numbers, all with those it found."""
    answer = next((turn.answer for turn in reversed(turns) if turn.answer), None)
    if not answer or not answer.citations:
        return {}
    numbers = {hit.paper.id: "" for hit in answer.hits}
    for citation in answer.citations:
        numbers[citation.paper.id] = f"{numbers.get(citation.paper.id, '')}[{citation.number}]"
    return numbers


def _point(paper: Paper, x: float, y: float, lit: Mapping[str, str], first: bool) -> str:
    """A paper. The tab key reaches the `first` one only; the page's script moves on from there."""
    place = f'cx="{_x(x):.0f}" cy="{_y(y):.0f}"'
    ring = f'<circle class="ring" {place} r="11"></circle>' if paper.id in lit else ""
    title = escaped(f"{lit.get(paper.id, '')} {paper.title}".strip())
    known = escaped(paper.id)
    return (
        f'<g role="button" tabindex="{0 if first else -1}" data-do="find" data-id="{known}">'
        f'<title>{title}</title>{ring}<circle {place} r="5"></circle></g>'
    )


def _x(share: float) -> float:
    return MARGIN + share * (WIDTH - 2 * MARGIN)


def _y(share: float) -> float:
    return MARGIN + share * (HEIGHT - 2 * MARGIN)


def times_html(papers: Sequence[Paper]) -> str:
    """Papers by month or, where they are spread over more than two years, by year."""
    dates = sorted(paper.published for paper in papers if paper.published)
    if not dates:
        return '<p class="none">No paper has a date.</p>'
    months = [date[:7] for date in dates if len(date) >= 7]
    recent = _months_before(months[-1]) if months else []
    counts = Counter(months)
    if months and sum(counts[month] for month in recent) >= 0.8 * len(dates):
        earlier = sum(date < recent[0] for date in dates)
        bars = [("earlier", earlier), *((month, counts[month]) for month in recent)]
        bars = bars[next(n for n, (_, count) in enumerate(bars) if count) :]
    else:
        years = Counter(date[:4] for date in dates)
        bars = [(str(year), years[str(year)]) for year in range(int(dates[0][:4]), int(dates[-1][:4]) + 1)]
    undated = len(papers) - len(dates)
    told = f"{len(dates):,} papers by date" + (f"; {undated:,} have none" if undated else "")
    return f'<figure class="times">{_bars(bars)}<figcaption>{told}.</figcaption></figure>'


def _months_before(last: str) -> list[str]:
    end = int(last[:4]) * 12 + int(last[5:7])
    return [f"{(n - 1) // 12:04}-{(n - 1) % 12 + 1:02}" for n in range(end - MONTHS + 1, end + 1)]


def _bars(bars: Sequence[tuple[str, int]]) -> str:
    width, height = BARS
    step, most = width / len(bars), max(count for _, count in bars)
    drawn, every = "", max(1, round(len(bars) / 10))
    for place, (name, count) in enumerate(bars):
        tall = count / most * (height - 50)
        x, top = place * step, height - 24 - tall
        drawn += f'<rect x="{x + step * 0.1:.1f}" y="{top:.1f}" width="{step * 0.8:.1f}" height="{tall:.1f}">'
        drawn += f"<title>{name}: {count}</title></rect>"
        if count:
            drawn += f'<text x="{x + step / 2:.1f}" y="{top - 5:.1f}">{count}</text>'
        if place % every == 0:
            drawn += f'<text x="{x + step / 2:.1f}" y="{height - 6}">{name}</text>'
    said = ", ".join(f"{name}: {count}" for name, count in bars if count)
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{said}">{drawn}</svg>'
