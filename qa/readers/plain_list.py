"""Plain lists of papers, a line each: the title, its authors if they are known, the abstract.

Blank lines may stand anywhere. The first line of a file can be a tag, which is no title.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa.identity import paper_id
from qa.paper import Failure, Paper
from qa.readers.footer import is_date
from qa.readers.furniture import is_menu
from qa.readers.lines import (
    Entry,
    Unit,
    are_parted,
    blocks_of,
    is_prose,
    is_title,
    lines_of,
    split,
    unfit,
    without_tag,
)
from qa.readers.names import is_single_name, looks_like_names, pair_names

EXPECTED = "a plain list of papers (title, authors if known, abstract, a line each)"


def recognises(text: str) -> bool:
    """Whether papers make up at least half of the lines."""
    entries, left_over = _parse(text)
    parts = (part for entry in entries for part in (entry.title, entry.authors, entry.abstract) if part)
    read = sum(part.lines for part in parts)
    return read > 0 and read >= sum(unit.lines for unit in left_over)


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the list, in its order, and what fits no layout."""
    entries, left_over = _parse(text)
    for entry in entries:
        names = pair_names(entry.authors.text) if entry.authors else ()
        if entry.authors and not names:
            reason = "the names are not pairs of Family, Given; the paper is read without authors"
            yield Failure(source, f"line {entry.authors.number}", reason)
        yield _paper(entry, names, source)
    yield from unfit(source, [unit for unit in left_over if not _is_no_paper(unit)])


def _parse(text: str) -> tuple[list[Entry], list[Unit]]:
    units = _units(text)

    def is_abstract(at: int) -> bool:
        return at < len(units) and is_prose(units[at]) and not looks_like_names(units[at].text)

    def head(at: int) -> int:
        if is_abstract(at + 2) and _is_author_line(units[at], units[at + 1]):
            return 2
        return int(is_abstract(at + 1) and _can_be_title(units[at]))

    def within(at: int) -> bool:
        return is_date(units[at]) and is_abstract(at + 1)

    return split(text, units, head, within)


def _units(text: str) -> Sequence[Unit]:
    """The lines of the list; an abstract of several lines as one where blank lines stand around it."""
    lines = without_tag(lines_of(text))
    blocks = blocks_of(text, lines)
    if not are_parted(blocks):
        return lines
    numbered = {line.number: line for line in lines}
    units: list[Unit] = []
    for block in blocks:
        inside = range(block.number, block.number + block.lines)
        units += [block] if is_prose(block) else [numbered[number] for number in inside]
    return units


def _can_be_title(unit: Unit) -> bool:
    return is_title(unit) and not is_date(unit)


def _is_author_line(title: Unit, below: Unit) -> bool:
    if not is_title(title) or below.lines > 1:
        return False
    return looks_like_names(below.text) or (title.number > 1 and is_single_name(below.text))


def _is_no_paper(unit: Unit) -> bool:
    """Whether it is the file's first line, or such as stands around the papers of a saved page."""
    return unit.number == 1 or is_date(unit) or is_menu(unit)


def _paper(entry: Entry, names: tuple[str, ...], source: str) -> Paper:
    title, abstract = entry.title.text, entry.abstract.text
    return Paper(
        id=paper_id(title, abstract),
        title=title,
        abstract=abstract,
        authors=names,
        author_count=len(names) or None,
        source=(source,),
    )
