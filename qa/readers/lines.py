"""Lines and blocks of a saved text, and how papers are found among them by shape and place alone.

A title is one short line; prose is long, or ends like a sentence; an abstract is prose below a title.
What stands where nothing can claim it is left over, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from qa.paper import Failure

LONGEST_TITLE = 250  # characters; the longest of the 335 seed papers has 159, their shortest abstract 793
# Characters. arXiv takes no longer abstract than 1,920; prose that goes on beyond this has lost its title.
_LONGEST_ABSTRACT = 2_500
_SENTENCE_END = re.compile(r"[.!?。]['\"”’»)\]}$*]*$")
_SENTENCE_BREAK = re.compile(r"[.!?]['\"”’)]* +[A-Z]")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_LIST_MARK = re.compile(r"(?:[-*•‣–—]|\(?(?:\d{1,2}|[ivx]{1,4}|[a-h])[.)])\s")
# What starts a line of other formats: markup, `key = {`, "TI  - ", '"title":', "title,abstract,year".
_MARKUP = re.compile(r"""[#@{}<|~=%/\\]|[\w-]+\s*=\s*[{"\[]|[A-Z][A-Z0-9]{1,3}\s*-\s|"\w+":|\S*[,;]\S*$""")


@dataclass(frozen=True)
class Unit:
    """A line, or a block of lines: its words without the white space around them, and where they stand."""

    text: str
    number: int  # of its first line, from 1
    lines: int
    start: int
    end: int


@dataclass(frozen=True)
class Entry:
    """The parts of one paper."""

    title: Unit
    authors: Unit | None
    abstract: Unit


def lines_of(text: str) -> list[Unit]:
    """The lines of `text` that are not blank."""
    units = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if bare := line.strip():
            first = start + line.index(bare)
            units.append(Unit(bare, number, 1, first, first + len(bare)))
        start += len(line) + 1
    return units


def without_tag(lines: Sequence[Unit]) -> Sequence[Unit]:
    """`lines` without the word, all in small letters, that a saved page may start with ("new")."""
    tagged = lines and lines[0].text.islower() and not re.search(r"\s", lines[0].text)
    return lines[1:] if tagged else lines


def blocks_of(text: str, lines: Sequence[Unit]) -> list[Unit]:
    """`lines` joined to blocks, which end at blank lines."""
    runs = groupby(enumerate(lines), key=lambda pair: pair[1].number - pair[0])
    return [_join(text, [line for _, line in run]) for _, run in runs]


def are_parted(blocks: Sequence[Unit]) -> bool:
    """Whether blank lines part titles from abstracts; a line break inside a block then parts nothing."""
    apart = sum(is_title(above) and is_prose(below) for above, below in pairwise(blocks))
    together = sum(block.lines > 1 and is_prose(block) for block in blocks)
    return apart > 0 and apart >= together


def _join(text: str, units: Sequence[Unit]) -> Unit:
    first, last = units[0], units[-1]
    lines = last.number + last.lines - first.number
    return Unit(text[first.start : last.end], first.number, lines, first.start, last.end)


def is_title(unit: Unit) -> bool:
    """Whether a title can look so."""
    text = unit.text
    if unit.lines > 1 or text[-1] in ",;:" or "\t" in text or is_prose(unit):
        return False
    if not any(map(str.isalpha, text)):
        return False
    return not (_MARKUP.match(text) or is_aside(unit))


def is_prose(unit: Unit) -> bool:
    """Whether an abstract, or a paragraph of one, can look so."""
    if len(unit.text) > LONGEST_TITLE:
        return True
    if not _SENTENCE_END.search(unit.text) or is_headline(unit):
        return False
    return unit.text.rstrip("'\"”’»)]}$*")[-1:] in (".", "。") or bool(_SENTENCE_BREAK.search(unit.text))


def is_headline(unit: Unit) -> bool:
    """Whether most longer words after the first start with a capital, as in many titles and in no prose."""
    longer = _LONG_WORD.findall(unit.text.partition(" ")[2])
    return bool(longer) and sum(word[0].isupper() for word in longer) >= 0.75 * len(longer)


def is_aside(unit: Unit) -> bool:
    """Whether it can only belong to the text above it: a point of a list, or a line with a web address."""
    return bool(_LIST_MARK.match(unit.text)) or "://" in unit.text


def split(
    text: str,
    units: Sequence[Unit],
    head: Callable[[int], int],
    within: Callable[[int], bool],
) -> tuple[list[Entry], list[Unit]]:
    """The papers among `units`, and the units that are left over.

    `head(i)` tells how many units stand before the abstract of a paper that starts at `i`: 1 a title,
    2 a title and authors, 0 no paper starts there. Prose and asides continue an abstract, and the units
    for which `within(i)`.
    """
    entries, left_over = [], []
    at = 0
    while at < len(units):
        if size := head(at):
            end = _abstract_end(units, at + size, within)
            authors = units[at + 1] if size == 2 else None
            entries.append(Entry(units[at], authors, _join(text, units[at + size : end])))
            at = end
        else:
            left_over.append(units[at])
            at += 1
    return entries, left_over


def _abstract_end(units: Sequence[Unit], start: int, within: Callable[[int], bool]) -> int:
    end = start + 1
    while end < len(units) and (is_prose(units[end]) or is_aside(units[end]) or within(end)):
        if units[end].end - units[start].start > _LONGEST_ABSTRACT:
            break
        end += 1
    return end


def unfit(source: str, units: Sequence[Unit]) -> Iterator[Failure]:
    """A failure for each unit that belongs to no paper."""
    for unit in units:
        reason = "no title stands above this text" if is_prose(unit) else "no abstract follows this line"
        shown = " ".join(unit.text.split())
        shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
        yield Failure(source, f"line {unit.number}", f'{reason}: "{shown}"')
