"""Tables: CSV, TSV and their like, with a line of column names. Which column is which is told by its name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa.paper import Failure, Paper
from qa.readers.fields import date_in, made, one_line, readable
from qa.readers.names import people_in

EXPECTED = "a table (CSV or TSV) with a column of titles"

# Names of columns, letters and digits only, the most telling first.
COLUMNS: Mapping[str, Sequence[str]] = {
    name: names.split()
    for name, names in {
        "title": "title articletitle papertitle primarytitle documenttitle t1 ti displayname "
        "titel titre titulo",
        "abstract": "abstract abstractnote abstracttext summary abstracts notesabstract n2 ab paperabstract "
        "description zusammenfassung resume resumen",
        "authors": "authorfullnames authors author authornames af firstauthors authorlist creators "
        "creator au a1 "
        "autoren auteurs autores",
        "published": "published date publicationdate publishdate datepublished coverdate publicationyear "
        "year "
        "pubyear py da yearpublished issued updatedate jahr annee ano",
        "doi": "doi doilink do di articledoi",
        "arxiv": "arxivid arxiv eprint",
        "url": "url link urls articleurl paperurl link1 ur openurllink",
        "venue": "venue journal publicationtitle sourcetitle journalbook journalname containertitle "
        "booktitle "
        "publication conferencename conference secondarytitle t2 jo so",
        "organisation": "organisation organization institution",
    }.items()
}
_NOTHING = frozenset(("", "nan", "none", "null", "n/a", "-"))
_SCOPUS_NUMBER = re.compile(r"\s*\(\d{5,}\)")  # behind each author
_HEADER_WITHIN = 5  # lines; some exports say first where they come from
_LONGEST_ROW = 1000  # lines; a quotation mark that is never closed would make one row of the rest


def recognises(text: str) -> bool:
    """Whether one of the first lines names at least two columns, and one of titles among them."""
    return _layout(text) is not None


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the rows, in their order, and rows that do not fit the columns."""
    layout = _layout(text)
    assert layout is not None
    for number, cells in _rows(text.split("\n"), layout):
        if isinstance(cells, str):
            yield Failure(source, f"line {number}", cells)
        elif any(cell.strip() for cell in cells):
            yield _paper(cells, layout.columns, source, f"line {number}")


def columns_of(names: Sequence[str]) -> dict[str, list[int]]:
    """For each kind of field the places of the names that stand for it, the most telling first."""
    plain = [re.sub(r"[\W_]", "", name).lower() for name in names]
    found = {kind: [plain.index(name) for name in known if name in plain] for kind, known in COLUMNS.items()}
    return {kind: places for kind, places in found.items() if places}


@dataclass(frozen=True)
class _Layout:
    delimiter: str
    columns: dict[str, list[int]]
    width: int  # columns
    header: int  # the line of names, from 0


def _layout(text: str) -> _Layout | None:
    for at, line in enumerate(text.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN]):
        for delimiter in ("\t", ",", ";", "|"):
            names = next(csv.reader([line], delimiter=delimiter), [])
            columns = columns_of(names)
            if len(columns) > 1 and "title" in columns:
                return _Layout(delimiter, columns, len(names), at)
    return None


def _rows(lines: Sequence[str], layout: _Layout) -> Iterator[tuple[int, list[str] | str]]:
    """The rows below the names with the number of their first line; instead of a broken one, why it is."""
    at = layout.header + 1
    while at < len(lines):
        cells, end = _row(lines, at, layout.delimiter)
        if end - at > 1 and not _fits(cells, layout):
            yield at + 1, "its quotation marks or its cells do not fit the columns"
            whole = (
                line
                for line in range(at + 1, end)
                if _fits(_row(lines, line, layout.delimiter, 1)[0], layout)
            )
            at = next(whole, end)
            continue
        if any(cell.strip() for cell in cells[layout.width :]):
            yield at + 1, f"it has {len(cells)} cells, and the table {layout.width} columns"
        else:
            yield at + 1, cells
        at = end


def _fits(cells: Sequence[str], layout: _Layout) -> bool:
    return len(cells) >= layout.width and not any(cell.strip() for cell in cells[layout.width :])


def _row(lines: Sequence[str], at: int, delimiter: str, most: int = _LONGEST_ROW) -> tuple[list[str], int]:
    """The row that starts in line `at`, and where the next one does: a quoted cell may go over lines."""
    end = at + 1
    marks = lines[at].count('"')
    while marks % 2 and end < min(len(lines), at + most):
        marks += lines[end].count('"')
        end += 1
    if marks % 2 and (end - at > 1 or most == 1):
        return [], end
    try:
        return next(csv.reader(["\n".join(lines[at:end])], delimiter=delimiter), []), end
    except csv.Error:
        return [], end


def _paper(
    cells: Sequence[str], columns: Mapping[str, Sequence[int]], source: str, place: str
) -> Paper | Failure:
    def cell(kind: str) -> str:
        """The first of the columns of a kind that says something."""
        found = (cells[at].strip() for at in columns.get(kind, ()) if at < len(cells))
        return next((text for text in found if text.lower() not in _NOTHING), "")

    dates = [date_in(cells[at]) for at in columns.get("published", ()) if at < len(cells)]
    return made(
        source,
        place,
        title=one_line(cell("title")),
        abstract=readable(cell("abstract")),
        people=people_in(_SCOPUS_NUMBER.sub("", cell("authors"))),
        published=next(filter(None, dates), None),
        url=cell("url"),
        doi=cell("doi"),
        arxiv=(cell("arxiv"), cell("venue")),
        venue=one_line(cell("venue")),
        organisation=one_line(cell("organisation")),
    )
