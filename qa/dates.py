"""Dates in words: "from March 2025", "before 2020", "in the last two years" as bounds on a paper's date.

Only the date and the words that relate to it are read here. Whether a date is that of the papers asked
for, or a part of their subject ("tweets from 2020", "AIME 2024"), is judged in understanding.py.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

MONTHS = "january february march april may june july august september october november december".split()
NUMBERS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split()
    )
}
NUMBER = rf"(?:\d{{1,4}}|{'|'.join(NUMBERS)})"

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_PART = (
    r"(?:the )?(?:first|second) half of|(?:the )?(?:first|second|third|fourth|last) quarter of|q[1-4](?: of)?"
    r"|h[12](?: of)?|early(?: in)?|mid[- ]|late(?: in)?|(?:the )?(?:spring|summer|autumn|fall)(?: of)?"
)
# Months of a year that a word stands for. Winter is left out: it lies in two years.
_PARTS = {
    "early": (1, 4), "mid": (5, 8), "late": (9, 12), "spring": (3, 5), "summer": (6, 8), "autumn": (9, 11),
    "fall": (9, 11), "h1": (1, 6), "h2": (7, 12), "first half": (1, 6), "second half": (7, 12), "q1": (1, 3),
    "q2": (4, 6), "q3": (7, 9), "q4": (10, 12), "first quarter": (1, 3), "second quarter": (4, 6),
    "third quarter": (7, 9), "fourth quarter": (10, 12), "last quarter": (10, 12),
}  # fmt: skip
_FIGURES = rf"(?:\d{{1,2}}[./])?\d{{1,2}}[./]{_YEAR}"
_POINT = (
    rf"(?:{_YEAR}-\d\d(?:-\d\d)?|{_FIGURES}|(?:the )?{_DAY} (?:of )?{_MONTH},? {_YEAR}"
    rf"|{_MONTH} {_DAY},? {_YEAR}"
    rf"|{_MONTH},?(?: of)? {_YEAR}|(?:{_PART}) ?{_YEAR}|(?:the )?{_YEAR[:-4]}\d0s|(?:the )?(?:year )?{_YEAR})"
    rf"(?![\w%]|[.,]\d|-(?!{_YEAR}\b)\w)"
)
_AND = r"(?:and|to|till|until|through|-|–)"
_RELATIVE = (
    r"(?:last|this|the past|the last|the previous) (?:year|month)"
    rf"|the (?:last|past|previous) (?:(?P<count>{NUMBER}|few|couple of) )(?P<unit>years|months)(?! of\b)"
)
# The words before a date, and what they make of it.
_RELATIONS = {
    "since": r"since(?: the (?:start|beginning) of)?|starting (?:in|from|with)|beginning (?:in|with)|as of"
    r"|no earlier than|not before|(?:no|not) older than",
    "until": r"(?:until|till)(?: the end of)?|up to(?: and including)?|through|no later than|not after"
    r"|(?:no|not) newer than"
    r"|by the end of",
    "before": r"before|prior to|earlier than|older than",
    "after": r"after|later than|newer than|more recent than",
    "in": r"from|in|during|dated|of|on|throughout|within|for",
}
_PHRASE = re.compile(
    rf"\b(?:(?:between|from) (?P<first>{_POINT}|{_MONTH}) {_AND} (?P<last>{_POINT})"
    rf"|(?:(?P<relation>{'|'.join(_RELATIONS.values())}) )?"
    rf"(?:(?P<point>{_POINT})(?:(?P<join>\s?[-–]\s?| or | and )(?P<to>{_YEAR})\b)?"
    rf"|(?P<relative>{_RELATIVE})\b)"
    r"(?P<tail> (?:onwards?|on(?=\W*$|[,;])|and later|or later|and newer|or newer)"
    r"| (?:or|and) (?:earlier|before|older))?)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DatePhrase:
    """A stretch of a question that bounds a date; ISO, inclusive, as exact as it was said.

    `relation` is "in", "since", "until", "before", "after", "between", or empty for a bare date.
    """

    start: int
    end: int
    since: str | None
    until: str | None
    relation: str


def date_phrases(text: str, today: datetime.date) -> Iterator[DatePhrase]:
    """The phrases in `text` that bound a date, from left to right; "last year" counts from `today`."""
    for match in _PHRASE.finditer(text):
        relation, bounds = _read(match, today)
        if bounds:
            yield DatePhrase(match.start(), match.end(), *bounds, relation)


def _read(match: re.Match[str], today: datetime.date) -> tuple[str, tuple[str | None, str | None] | None]:
    if match["last"]:
        return "between", _between(match["first"], match["last"])
    relation = _relation(match)
    if match["relative"]:
        return relation or "in", _relative(match, today)
    first, last = _point(match["point"])
    if match["to"] and (match["join"].strip() in "-–" or match["to"] == _shifted(last, 1)):
        last = match["to"]
    if not (_is_date(first) and _is_date(last)):
        return relation, None
    if relation == "since":
        return relation, (first, None)
    if relation == "until":
        return relation, (None, last)
    if relation == "before":
        return relation, (None, _shifted(first, -1))
    return relation, (_shifted(last, 1), None) if relation == "after" else (first, last)


def _relation(match: re.Match[str]) -> str:
    tail = (match["tail"] or "").split()
    if tail:
        return "until" if tail[-1] in ("earlier", "before", "older") else "since"
    said = (match["relation"] or "").lower()
    return next((name for name, words in _RELATIONS.items() if re.fullmatch(words, said)), "")


def _between(first: str, last: str) -> tuple[str, str] | None:
    """From "2021" and "2023", or "March" and "June 2024"; in either order."""
    end = _point(last)
    start = _point(first if re.search(r"\d", first) else f"{first} {end[1][:4]}")
    if not all(map(_is_date, (*start, *end))):
        return None
    return (start[0], end[1]) if start[0][: len(end[1])] <= end[1] else (end[0], start[1])


def _point(text: str) -> tuple[str, str]:
    """The first and last date of what was named: ("2024-01", "2024-06") for "the first half of 2024"."""
    text = text.lower()
    if re.fullmatch(rf"{_YEAR}(-\d\d){{1,2}}", text):
        return text, text
    if re.fullmatch(_FIGURES, text):
        return _in_figures(text)
    if decade := re.search(r"(\d{3})0s", text):
        return f"{decade[1]}0", f"{decade[1]}9"
    year = re.findall(_YEAR, text)[-1]
    if part := next((months for name, months in _PARTS.items() if re.match(rf"(?:the )?{name}", text)), None):
        return f"{year}-{part[0]:02}", f"{year}-{part[1]:02}"
    word = re.search(rf"\b{_MONTH}", text)
    if not word:
        return year, year
    month = next(i for i, name in enumerate(MONTHS, 1) if name.startswith(word[0][:3]))
    day = re.search(r"\b\d{1,2}(?!\d)", text.replace(year, ""))
    date = f"{year}-{month:02}" + (f"-{int(day[0]):02}" if day else "")
    return date, date


def _in_figures(text: str) -> tuple[str, str]:
    """ "10/2025", "23.01.2025" or "1/23/2025"; no date where day and month might change places."""
    *before, year = map(int, re.split(r"[./]", text))
    if "/" in text and len(before) == 2 and before[0] != before[1] and max(before) <= 12:
        return "", ""
    month_first = len(before) == 2 and before[1] > 12
    date = "-".join([str(year), *(f"{part:02}" for part in (before if month_first else before[::-1]))])
    return date, date


def _relative(match: re.Match[str], today: datetime.date) -> tuple[str, str | None]:
    words = match["relative"].lower()
    if match["count"]:
        said = match["count"].lower()
        count = {"few": 3, "couple of": 2}.get(said) or NUMBERS.get(said) or int(said)
        return _months_ago(today, count * (12 if match["unit"].lower() == "years" else 1)), None
    if words.startswith("the "):
        return _months_ago(today, 12 if words.endswith("year") else 1), None
    here = today.isoformat()[:4] if words.endswith("year") else today.isoformat()[:7]
    named = here if words.startswith("this") else _shifted(here, -1)
    return named, named


def _months_ago(today: datetime.date, months: int) -> str:
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    year = max(year, 1)
    day = min(today.day, calendar.monthrange(year, month + 1)[1])
    return datetime.date(year, month + 1, day).isoformat()


def _shifted(date: str, by: int) -> str:
    """The year, month or day next to a date, as exact as the date: "2024-12" becomes "2025-01"."""
    if len(date) == 4:
        return str(int(date) + by)
    if len(date) == 7:
        year, month = divmod(int(date[:4]) * 12 + int(date[5:]) - 1 + by, 12)
        return f"{year}-{month + 1:02}"
    return (datetime.date.fromisoformat(date) + datetime.timedelta(by)).isoformat()


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True
