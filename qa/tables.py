"""A comparison read from an answer's text again, so that front ends can draw it as a table.

In the text a row begins with "- " and a paper, and each of its cells is a line "  aspect: “quote” [1]".
Only the program's own words are looked at, never those of a quote or a title, so that nothing in a paper
can add a row or a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.citations import Segment, segments
from qa.paper import Answer

_ROW = re.compile(r"\n- $")
_CELL = re.compile(r"(?P<before>.*)\n  (?P<aspect>[^\n:]+): $", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """A paper as the text names it ("Title (2025)"), and its quote and marker for each aspect it has."""

    paper: tuple[Segment, ...]
    cells: dict[str, tuple[Segment, Segment]]


@dataclass(frozen=True)
class Table:
    """What stands before the rows, the aspects in order, and a row for each paper."""

    lead: str
    aspects: tuple[str, ...]
    rows: tuple[Row, ...]


def table_of(answer: Answer) -> Table | None:
    """The table in an answer; None when its text is no comparison from beginning to end."""
    pieces = segments(answer.text, answer.citations)
    if not pieces or not _ROW.search(pieces[0].text):
        return None
    rows: list[Row] = []
    at = 0
    while at < len(pieces):
        row, at = _row(pieces, at + 1)
        if row is None:
            return None
        rows.append(row)
    return Table(_ROW.sub("", pieces[0].text), _merged(row.cells for row in rows), tuple(rows))


def _row(pieces: Sequence[Segment], at: int) -> tuple[Row | None, int]:
    """The row whose title is the piece `at`, and where the "- " of the next one is."""
    if at >= len(pieces) or pieces[at].kind != "title":
        return None, at
    name, cells = [pieces[at]], dict[str, tuple[Segment, Segment]]()
    at += 1
    while match := _CELL.match("".join(piece.text for piece in pieces[at : at + 1])):
        if [piece.kind for piece in pieces[at : at + 4]] != ["text", "quote", "text", "marker"]:
            return None, at
        if match["before"]:
            name.append(Segment("text", match["before"].removesuffix(":")))
        cells[match["aspect"]] = (pieces[at + 1], pieces[at + 3])
        at += 4
    ends = at == len(pieces) or bool(_ROW.fullmatch(pieces[at].text))
    return (Row(tuple(name), cells) if cells and ends else None), at


def _merged(rows: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The aspects of all rows in one order that keeps theirs: a new one goes before what follows it."""
    order: list[str] = []
    for row in rows:
        place = len(order)
        for aspect in reversed(list(row)):
            if aspect in order:
                place = order.index(aspect)
            else:
                order.insert(place, aspect)
    return tuple(order)
