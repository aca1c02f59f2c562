"""Tagged records, a line each for a tag: RIS, Web of Science, RefWorks, EndNote and PubMed's own.

    TY  - JOUR        PT J           RT Journal       %0 Journal Article    PMID- 12230038
    TI  - Of Widgets  TI Of Widgets  T1 Of Widgets    %T Of Widgets         TI  - Of Widgets
    ER  -             ER                                                          and gadgets

A line without a tag continues the one above. Read by our own rules, because a parser for each dialect
would not tell in which line a record stands, and the common one for RIS drops a record without its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from qa.paper import Failure, Paper
from qa.readers.fields import date_in, made, one_line, readable
from qa.readers.names import BARE, DOTTED, People, people

EXPECTED = "RIS or another list of tagged fields (Web of Science, PubMed, EndNote)"


@dataclass
class Record:
    """The fields of one record in their order, and the line where it starts."""

    line: int
    fields: list[tuple[str, str]] = field(default_factory=list)
    ended: bool = False

    def all(self, *tags: str) -> list[str]:
        """The values of the first of those tags that has any."""
        for tag in tags:
            if found := [value for name, value in self.fields if name == tag and value.strip()]:
                return found
        return []

    def first(self, *tags: str) -> str:
        """The first value of the first of those tags that has one."""
        return next(iter(self.all(*tags)), "")


@dataclass(frozen=True)
class Dialect:
    """How one kind of file is laid out, and how a record of it becomes a paper."""

    start: str  # the tag that a record starts with
    line: re.Pattern[str]  # a line with its tag and value
    end: str | None  # the tag that ends a record; a new start does otherwise
    paper: Callable[[Record, str, str], Paper | Failure]


def recognises(text: str) -> bool:
    """Whether a record starts within the first lines."""
    return _dialect(text) is not None


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the records, in their order, and what is none."""
    dialect = _dialect(text)
    assert dialect is not None
    last = None
    for last in _records(text, dialect):
        yield dialect.paper(last, source, f"line {last.line}")
    if dialect.end and last and not last.ended:
        reason = f"the file ends without {dialect.end} in this record: its end may be missing"
        yield Failure(source, f"line {last.line}", reason)


def _dialect(text: str) -> Dialect | None:
    """The dialect whose start comes first."""
    starts = [(match.start(), at) for at, (start, _) in enumerate(_DIALECTS) if (match := start.search(text))]
    return _DIALECTS[min(starts)[1]][1] if starts else None


def _records(text: str, dialect: Dialect) -> Iterator[Record]:
    """The records of `text`; what stands between them, and before the first, belongs to none."""
    record: Record | None = None
    for number, line in enumerate(text.split("\n"), 1):
        match = dialect.line.match(line)
        if match and (match["tag"] == dialect.start or (record is None and _starts_without(match, dialect))):
            if record:
                yield record
            record = Record(number)
        if record is None:
            continue
        if match and match["tag"] == dialect.end:
            record.ended = True
            yield record
            record = None
        elif match:
            record.fields.append((match["tag"], (match["value"] or "").strip()))
        elif record.fields:
            tag, value = record.fields[-1]
            record.fields[-1] = (tag, f"{value}\n{line.strip()}")
    if record:
        yield record


def _starts_without(match: re.Match[str], dialect: Dialect) -> bool:
    """Whether a field between two records of RIS starts one that lacks its TY."""
    return dialect.start == "TY" and match["tag"] in ("TI", "T1", "AU", "A1")


# From a record to a paper --------------------------------------------------------------------------


def _ris(record: Record, source: str, place: str) -> Paper | Failure:
    numbered = ("AN", "M1", "M3", "UR", "JO", "T2")
    years = record.first("PY", "Y1", "YR", "Y2")
    return made(
        source,
        place,
        title=one_line(record.first("TI", "T1", "CT", "BT", "ST")),
        abstract=readable(record.first("AB", "N2")),
        people=_people(record.all("AU", "A1"), DOTTED),
        published=_more_exact(date_in(years), date_in(record.first("DA", "Y1"), _lacking(record, years))),
        url=record.first("UR", "L2", "LK", "UL"),
        doi=record.first("DO", "DI") or _doi_among(record.all("L3", "M3", "N1", "UR")),
        arxiv=[number for tag in numbered for number in record.all(tag)],
        venue=one_line(record.first("JF", "T2", "JO", "JA", "J2", "SO")),
    )


def _web_of_science(record: Record, source: str, place: str) -> Paper | Failure:
    return made(
        source,
        place,
        title=one_line(record.first("TI")),
        abstract=readable(record.first("AB")),
        people=_people(record.all("AF", "AU"), BARE),
        published=date_in(record.first("PD"), record.first("PY")),
        doi=record.first("DI", "D2"),
        venue=one_line(record.first("SO")),
    )


def _endnote(record: Record, source: str, place: str) -> Paper | Failure:
    return made(
        source,
        place,
        title=one_line(record.first("T")),
        abstract=readable(record.first("X")),
        people=_people(record.all("A"), DOTTED),
        published=_more_exact(date_in(record.first("D")), date_in(record.first("8"), record.first("D"))),
        url=record.first("U"),
        doi=record.first("R"),
        arxiv=(record.first("M"), record.first("U"), record.first("J")),
        venue=one_line(record.first("J", "B")),
    )


def _pubmed(record: Record, source: str, place: str) -> Paper | Failure:
    doi = next((value for value in record.all("LID") + record.all("AID") if "[doi]" in value), None)
    known = record.first("PMID").strip()
    return made(
        source,
        place,
        title=one_line(record.first("TI", "BTI", "TT")),
        abstract=readable(record.first("AB", "OAB")),
        people=_people(_in_order(record), BARE),
        published=date_in(record.first("DP", "DEP", "DA")),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{known}/" if known.isdigit() else None,
        doi=doi,
        venue=one_line(record.first("JT", "TA", "BTI")),
    )


def _in_order(record: Record) -> list[str]:
    """Persons by their full names where those are given, and groups, in the order of the record."""
    persons = "FAU" if record.all("FAU") else "AU"
    return [value for tag, value in record.fields if tag in (persons, "CN")]


def _people(values: Sequence[str], initials: re.Pattern[str]) -> People:
    """One person a line, whether each line has the tag or only the first."""
    return people([name for value in values for name in value.split("\n")], initials)


def _lacking(record: Record, years: str) -> str:
    """The year, where the date of the record does not have it: "SEP"."""
    return "" if re.search(r"\d{4}", record.first("DA", "Y1")) else years


def _more_exact(year: str | None, day: str | None) -> str | None:
    """`day` if it lies in `year`: exporters also write there when they exported."""
    return day if day and (year is None or day.startswith(year)) else year


def _doi_among(values: Sequence[str]) -> str | None:
    return next((value for value in values if "doi.org/" in value or value.lower().startswith("doi")), None)


_TWO = r"(?P<tag>[A-Z][A-Z0-9])"
_DIALECTS: tuple[tuple[re.Pattern[str], Dialect], ...] = tuple(
    (re.compile(start, re.MULTILINE), Dialect(tag, re.compile(line), end, paper))
    for start, tag, line, end, paper in (
        (r"^[ \t]*TY  -", "TY", rf"\s*{_TWO}  -(?:\s(?P<value>.*))?$", "ER", _ris),
        (r"^[ \t]*TY -", "TY", rf"\s*{_TWO} -(?:\s(?P<value>.*))?$", "ER", _ris),
        (r"^PT \w$", "PT", rf"{_TWO}(?: (?P<value>.*))?$", "ER", _web_of_science),
        (r"^RT \w", "RT", rf"{_TWO} (?P<value>.*)$", None, _ris),
        (r"^%0 \w", "0", r"%(?P<tag>[A-Z0-9@!?~^&$(]) (?P<value>.*)$", None, _endnote),
        (r"^PMID ?- ?\d", "PMID", r"(?P<tag>[A-Z]{2,4}\d?) {0,2}- (?P<value>.*)$", None, _pubmed),
    )
)
