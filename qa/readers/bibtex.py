"""BibTeX and BibLaTeX, as Scopus, Web of Science, Mendeley, JabRef, Zotero and people write it.

bibtexparser cuts a file into entries and fields; what a value says is resolved here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.paper import Failure, Paper
from qa.readers import tex
from qa.readers.fields import date_in, made, one_line, plain_doi, readable
from qa.readers.names import People, people

if TYPE_CHECKING:
    from bibtexparser.model import Entry

EXPECTED = "BibTeX"

_ENTRY = re.compile(
    r"^[ \t]*@(?!(?:comment|preamble|string)\b)\w+[ \t]*[{(]\s*[^\n{}=]*?\s*(?:,|[\w-]+\s*=)", re.M | re.I
)
_GROUP = re.compile(r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
_VENUES = ("journal", "journaltitle", "booktitle", "eventtitle", "conference", "howpublished")
_ORGANISATIONS = ("organization", "institution", "school")
_log = logging.getLogger("bibtexparser")
_log.addHandler(logging.NullHandler())  # what it warns of comes back as failures


def recognises(text: str) -> bool:
    """Whether a line starts an entry."""
    return bool(_ENTRY.search(text))


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the entries, in their order, and what is no entry that can be read."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry, String

    # What comes a second time, a key or a field, is kept by the parser beside the failure that it is to it.
    blocks = parse_string(text, parse_stack=[]).blocks
    whole = [getattr(block, "ignore_error_block", None) or block for block in blocks]
    strings = {block.key.lower(): block.value for block in whole if isinstance(block, String)}
    found = [(block, _values(block, strings)) for block in whole if isinstance(block, Entry)]
    known = {entry.key.lower(): values for entry, values in reversed(found)}
    papers = iter([(values, known.get(values.get("crossref", "").lower(), {})) for _, values in found])
    for block in whole:
        place = f"line {(block.start_line or 0) + 1}"
        if isinstance(block, Entry):
            yield _paper(_with_parent(*next(papers)), source, place)
        elif (error := getattr(block, "error", None)) is not None:
            yield Failure(source, place, f"it is no whole BibTeX entry ({' '.join(str(error).split())})")


def _with_parent(values: dict[str, str], parent: dict[str, str]) -> dict[str, str]:
    """The fields of an entry with those that it has from the one it refers to, the proceedings."""
    inherited: dict[str, str] = {name: parent[name] for name in ("year", "month", "date") if name in parent}
    if book := parent.get("booktitle") or parent.get("title"):
        inherited["booktitle"] = book
    return {**inherited, **values}


def _values(entry: Entry, strings: dict[str, str]) -> dict[str, str]:
    """The fields by their names in small letters; the first one counts."""
    values: dict[str, str] = {}
    for field in entry.fields:
        value = _resolved(field.value, strings)
        if value.strip():
            values.setdefault(field.key.lower().replace("_", "-"), value)
    return values


def _resolved(value: str, strings: dict[str, str], depth: int = 0) -> str:
    """A value without what encloses it, its pieces joined and its @strings replaced."""
    pieces = []
    for piece in _pieces(value):
        if piece[:1] in ('"', "{") and len(piece) > 1:
            pieces.append(piece[1:-1])
        elif piece.lower() in strings and depth < 10:
            pieces.append(_resolved(strings[piece.lower()], strings, depth + 1))
        else:
            pieces.append(piece)
    return "".join(pieces)


def _pieces(value: str) -> Iterator[str]:
    """The parts of `"a" # b # {c}`."""
    start = depth = 0
    quoted = False
    for at, char in enumerate(value):
        escaped = at > 0 and value[at - 1] == "\\"
        depth += (char == "{") - (char == "}") if not escaped else 0
        if char == '"' and depth == 0:
            quoted = not quoted
        elif char == "#" and depth == 0 and not quoted:
            yield value[start:at].strip()
            start = at + 1
    yield value[start:].strip()


def _paper(values: dict[str, str], source: str, place: str) -> Paper | Failure:
    def line(*names: str) -> str:
        """The first of those fields that says something, for reading, on one line."""
        found = (one_line(tex.bibtex(values[name])) for name in names if name in values)
        return next(filter(None, found), "")

    title = line("title", "maintitle", "booktitle")
    if title and (subtitle := line("subtitle")):
        title = f"{title}: {subtitle}"
    return made(
        source,
        place,
        title=title,
        abstract=readable(tex.bibtex(values.get("abstract", ""))),
        people=_people(values),
        published=date_in(values.get("date")) or date_in(*_when(values)),
        url=_address(values.get("url") or values.get("howpublished") or values.get("link")),
        doi=plain_doi(_address(values.get("doi"))),
        arxiv=_arxiv(values),
        venue=line(*[name for name in _VENUES if "://" not in values.get(name, "")]),
        organisation=line(*_ORGANISATIONS),
    )


def _when(values: dict[str, str]) -> tuple[str, str, str]:
    """Day, month and year as words that `date_in` understands."""
    month = tex.bibtex(values.get("month", "")).strip()
    year = tex.bibtex(values.get("year", "")).strip()
    if month.isdigit():
        return ("", "", f"{year[:4]}-{month}-{values.get('day', '').strip() or 0}")
    return (values.get("day", ""), month, year)


def _people(values: dict[str, str]) -> People:
    """Authors parted by "and"; what stands in braces is not parted."""
    authors = _GROUP.sub(_held, values.get("author", ""))
    names = [tex.bibtex(name) for name in re.split(r"\s+and\s+", authors.strip(), flags=re.IGNORECASE)]
    found = people(names)
    return People(tuple(name.translate(_LET_GO) for name in found.names), found.complete)


_LET_GO = {0xFDD6: ",", 0xFDD7: None}


def _held(group: re.Match[str]) -> str:
    """A group whose commas and "and" no longer count."""
    return re.sub(r"\band\b", "a\ufdd7nd", group.group().replace(",", "\ufdd6"))


def _address(value: str | None) -> str | None:
    """An address or identifier without LaTeX's escapes."""
    return re.sub(r"\\url\b|[{}\\]", "", re.sub(r"\\textasciitilde\b", "~", value or "")) or None


def _arxiv(values: dict[str, str]) -> Iterator[str | None]:
    """What may name an arXiv id: its own field, an eprint of arXiv, "arXiv preprint arXiv:..." as journal."""
    eprint = values.get("eprint")
    archive = values.get("archiveprefix") or values.get("eprinttype") or values.get("archive-prefix")
    if eprint and (archive or "arxiv").lower() == "arxiv":
        yield eprint
    yield from (values.get(name) for name in ("arxivid", "arxiv", "journal", "volume", "howpublished"))
    yield from (values.get(name) for name in ("note", "number") if "arxiv" in values.get(name, "").lower())
