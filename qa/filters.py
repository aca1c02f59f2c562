"""Which papers a search may find: by date, author and source file."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa.errors import InvalidInput
from qa.paper import Paper
from qa.text import fold

Date = str | datetime.date


@dataclass(frozen=True)
class Filters:
    """Bounds on what is found; None does not bound. Dates are ISO, inclusive, as exact as given."""

    since: str | None = None
    until: str | None = None
    author: str | None = None
    source: str | None = None

    def to_dict(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def admits(self, paper: Paper) -> bool:
        """Whether a paper may be found. One whose date or authors are not known passes no such filter."""
        return (
            self.admits_date(paper.published)
            and (self.author is None or _any_holds(paper.authors, self.author))
            and (self.source is None or _any_holds(paper.source, self.source))
        )

    def admits_date(self, published: str | None) -> bool:
        """Whether a date is within the bounds, as far as it is known."""
        since, until = self.since or "", self.until or ""
        if published is None:
            return not (since or until)
        # Compared as far as both are known: a paper of "2025" is not left out by since="2025-03".
        return published[: len(since)] >= since[: len(published)] and (
            not until or published[: len(until)] <= until[: len(published)]
        )

    def notes(self, undated: int, unnamed: int) -> tuple[str, ...]:
        """What the reader should know of so many papers that were left out because something is not known."""
        undated, unnamed = undated * bool(self.since or self.until), unnamed * bool(self.author)
        return tuple(
            f"{count} {'paper' if count == 1 else 'papers'} without {what} left out"
            for count, what in ((undated, "a date"), (unnamed, "named authors"))
            if count
        )


# What a field is called where a record has it or lacks it.
FIELD_NAMES = {
    "published": "a date",
    "authors": "named authors",
    "author_count": "a number of authors",
    "comments": "a number of comments",
    "organisation": "an organisation",
    "abstract": "an abstract",
    "link": "a link",
}


def in_words(filters: Mapping[str, str]) -> list[str]:
    """`Answer.filters` for people, a piece for each: "published 2023-09", "at least 11 authors", "newest"."""
    pieces = [_dated(filters.get("since"), filters.get("until"))]
    for name, words in (
        ("author", "by"),
        ("organisation", "by"),
        ("source", "in the file"),
        ("topic", "about"),
    ):
        pieces.append(f"{words} {filters[name]}" if name in filters else "")
    for name in ("authors", "comments"):
        count = filters.get(name)
        pieces.append(f"{count} {name[:-1] if count == '1' else name}" if count else "")
    for name, words in (("stated", "with"), ("unstated", "without")):
        held = [FIELD_NAMES[field] for field in filters.get(name, "").split(", ") if field]
        pieces.append(f"{words} {' and '.join(held)}" if held else "")
    place = filters.get("place") or filters.get("wanted")
    many = f" (number {place})" if "place" in filters else f" ({place})" if place and place != "1" else ""
    pieces.append(f"{filters['order']}{many}" if "order" in filters else "")
    return [piece for piece in pieces if piece]


def _dated(since: str | None, until: str | None) -> str:
    if since and until:
        return f"published {since}" if since == until else f"published {since} to {until}"
    return f"published since {since}" if since else f"published until {until}" if until else ""


def make_filters(
    since: Date | None = None, until: Date | None = None, author: str | None = None, source: str | None = None
) -> Filters:
    """Filters from a caller's arguments. Raises InvalidInput for a date that is none, or a blank name."""
    for name, value in (("author", author), ("source", source)):
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise InvalidInput(f"{name} is {value!r}: give a part of a name, or leave it out")
    return Filters(_date("since", since), _date("until", until), author, source)


def _date(name: str, value: Date | None) -> str | None:
    if value is None:
        return None
    text = value.isoformat()[:10] if isinstance(value, datetime.date) else str(value).strip()
    try:
        if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text, re.ASCII):
            raise ValueError
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        raise InvalidInput(f"{name} {text!r} is no date: give 2025, 2025-03 or 2025-03-18") from None
    return text


def _any_holds(names: Iterable[str], part: str) -> bool:
    wanted = fold(part.strip())
    return any(wanted in fold(name) for name in names)
