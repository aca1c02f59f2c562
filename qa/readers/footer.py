"""The footers that a saved web page puts below its papers.

      • 5 authors            or   adobe Adobe
    ·
    May 3, 2024 2

The number of authors or an organisation (the name of its picture, then its own), the date, and the number
of comments. Each of them may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from qa.readers.lines import Unit, is_prose

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATE = re.compile(
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.? (?P<day>\d{1,2})(?:,? (?P<year>(?:19|20)\d\d))?"
    r"(?:\s+(?P<comments>\d+))?"
)
_AUTHORS = re.compile(r"(?:[•·*-]\s*)?(?P<count>\d{1,5}) authors?")
_DOT = "·"


@dataclass(frozen=True)
class Footer:
    """What one footer says."""

    author_count: int | None = None
    organisation: str | None = None
    month_day: tuple[int, int] | None = None
    year: int | None = None
    comments: int | None = None

    def published(self, latest: int | None) -> str | None:
        """The ISO date. Without a year it is of the year after `latest`, the last one spelled out."""
        year = self.year or (latest + 1 if latest else None)
        if not year or not self.month_day:
            return None
        try:
            return date(year, *self.month_day).isoformat()
        except ValueError:  # no such day
            return None


@dataclass(frozen=True)
class Segment:
    """The lines between two footers, and the footer that ends them."""

    lines: Sequence[Unit]
    footer: Footer | None


def segments(lines: Sequence[Unit]) -> list[Segment]:
    """The lines of a page, cut at its footers; what stands below the last one has none."""
    found = []
    begin = at = 0
    while at < len(lines):
        footer, end = _footer(lines, at)
        if footer:
            body = lines[begin:at]
            if _names_organisation(body, footer, lines[at]):
                # The first word is the text of the organisation's picture.
                footer = replace(footer, organisation=body[-1].text.split(maxsplit=1)[-1])
                body = body[:-1]
            found.append(Segment(body, footer))
            begin = end
        at = max(end, at + 1)
    return [*found, Segment(lines[begin:], None)]


def is_date(unit: Unit) -> bool:
    """Whether the unit is a day such as "Oct 3", and nothing else."""
    return bool(_DATE.fullmatch(unit.text))


def _footer(lines: Sequence[Unit], at: int) -> tuple[Footer | None, int]:
    """The footer that starts at that line, without its organisation, and where it ends."""
    count = _AUTHORS.fullmatch(lines[at].text)
    end = at + 1 if count else at
    dotted = end < len(lines) and lines[end].text == _DOT
    end += dotted
    if end == at:
        return None, at
    footer = Footer(author_count=int(count["count"]) if count else None)
    adjacent = end < len(lines) and lines[end].number == lines[end - 1].number + 1
    if (dotted or adjacent) and end < len(lines) and (day := _DATE.fullmatch(lines[end].text)):
        month = _MONTHS.index(day["month"][:3].lower()) + 1
        footer = replace(footer, month_day=(month, int(day["day"])))
        footer = replace(footer, year=_number(day["year"]), comments=_number(day["comments"]))
        end += 1
    return footer, end


def _names_organisation(body: Sequence[Unit], footer: Footer, below: Unit) -> bool:
    """Whether the last line of `body` belongs to the footer that starts at `below`."""
    if len(body) < 2 or is_prose(body[-1]):
        return False
    undone = footer.author_count is None  # neither number nor name yet, so the line is more likely the name
    opens_block = body[-1].number == below.number - 1 and body[-2].number < body[-1].number - 1
    if opens_block:
        return undone or len(body) > 2
    return undone and len(body) > 2 and is_prose(body[-2])


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
