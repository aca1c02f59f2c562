"""Saved web pages that list papers: titles and abstracts with blank lines between, with and without footers.

Around the papers stands the page's furniture, and with it the day of the page, which is no paper's date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa.identity import paper_id
from qa.paper import Failure, Paper
from qa.readers.footer import Footer, is_date, segments
from qa.readers.furniture import is_menu, is_sign
from qa.readers.lines import (
    LONGEST_TITLE,
    Entry,
    Unit,
    are_parted,
    blocks_of,
    is_headline,
    is_prose,
    is_title,
    lines_of,
    split,
    unfit,
    without_tag,
)

EXPECTED = "a saved web page of papers (title, blank line, abstract, and perhaps a footer)"

_SHORT = 5  # words; a line up to that long above the first paper is furniture too


def recognises(text: str) -> bool:
    """Whether there is a footer, or one of the lines that such a page starts with."""
    lines = lines_of(text)
    if any(is_sign(line) for line in lines[:20]):
        return True
    footers = (segment.footer for segment in segments(lines))
    return any(footer and (footer.author_count or footer.month_day) for footer in footers)


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the page, in its order, and what fits no layout."""
    parts = segments(without_tag(lines_of(text)))
    latest = max((part.footer.year for part in parts if part.footer and part.footer.year), default=None)
    for index, part in enumerate(parts):
        units = _units(text, part.lines, first=index == 0)
        yield from _read_segment(text, source, units, part.footer, latest)


def _units(text: str, lines: Sequence[Unit], first: bool) -> Sequence[Unit]:
    """The blocks or lines between two footers, without furniture."""
    blocks = _without_furniture(blocks_of(text, lines), first)
    return blocks if are_parted(blocks) else _without_furniture(lines, first)


def _read_segment(
    text: str, source: str, units: Sequence[Unit], footer: Footer | None, latest: int | None
) -> Iterator[Paper | Failure]:
    """The papers between two footers. The footer is the last one's, unless a stray line stands between."""
    entries, left_over = _split(text, units, footer)
    last = entries[-1] if entries else None
    claimed = last and (not left_over or left_over[-1].number < last.title.number)
    for entry in entries:
        yield _paper(entry, source, footer if entry is last and claimed else None, latest)
    yield from unfit(source, left_over)


def _split(text: str, units: Sequence[Unit], footer: Footer | None) -> tuple[list[Entry], list[Unit]]:
    exact = footer is not None and len(units) == 2  # place tells title and abstract, whatever they look like
    tail = len(units)
    if footer:  # a sentence without its full stop can end an abstract; a headline there is a stray title
        while tail > 2 and not is_prose(units[tail - 1]) and not is_headline(units[tail - 1]):
            tail -= 1

    def head(at: int) -> int:
        titled = is_title(units[at]) or (at == 0 and _fits_title(units[at]))
        return int(titled and at + 1 < len(units) and (exact or is_prose(units[at + 1])))

    return split(text, units, head, lambda at: at >= tail)


def _fits_title(unit: Unit) -> bool:
    return unit.lines == 1 and len(unit.text) <= LONGEST_TITLE


def _without_furniture(units: Sequence[Unit], first: bool) -> list[Unit]:
    """`units` without days, lines such as "Subscribe" and, where they are the page's `first`, its header.

    A day between two paragraphs is not lost: an abstract goes from its first unit to its last.
    """
    start = _header(units) if first else 0
    return [unit for at, unit in enumerate(units) if at >= start and not _is_no_paper(units, at)]


def _header(units: Sequence[Unit]) -> int:
    """How many units stand above the first paper: to the page's day, or else the first short lines."""
    prose = next((at for at, unit in enumerate(units) if is_prose(unit)), None)
    day = next((at for at, unit in enumerate(units[:prose]) if is_date(unit)), None)
    if day is not None:
        return day + 1
    title = max((prose or 0) - 1, 0)
    return next((at for at, unit in enumerate(units[:title]) if len(unit.text.split()) > _SHORT), title)


def _is_no_paper(units: Sequence[Unit], at: int) -> bool:
    if is_date(units[at]) or is_sign(units[at]):
        return True
    above_text = at + 1 < len(units) and is_prose(units[at + 1])
    return is_menu(units[at]) and not above_text


def _paper(entry: Entry, source: str, footer: Footer | None, latest: int | None) -> Paper:
    title, abstract = entry.title.text, entry.abstract.text
    footer = footer or Footer()
    return Paper(
        id=paper_id(title, abstract),
        title=title,
        abstract=abstract,
        author_count=footer.author_count,
        organisation=footer.organisation,
        published=footer.published(latest),
        comments=footer.comments,
        source=(source,),
    )
