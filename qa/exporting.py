"""Papers out again: JSON Lines, BibTeX, RIS and CSV. What is not known is left out, never made up."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from qa.errors import InvalidInput
from qa.paper import Paper
from qa.readers.names import family_first
from qa.readers.tex import MATH
from qa.text import fold

Layout = Callable[[Iterable[Paper]], Iterator[str]]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def export(papers: Iterable[Paper], format: str = "jsonl") -> Iterator[str]:
    """The papers as text in pieces, which together are one file in UTF-8.

    `format` is "jsonl", which `read_papers` reads back equal, "bibtex", "ris" or "csv". Raises
    InvalidInput for any other.
    """
    if format not in FORMATS:
        raise InvalidInput(f"no format is called {format!r}: use {', '.join(FORMATS)}")
    return FORMATS[format](papers)


def ending(file: Path | None) -> str:
    """The format that the ending of a file's name says; JSON Lines where it says none."""
    return {".bib": "bibtex", ".ris": "ris", ".csv": "csv"}.get(file.suffix.lower() if file else "", "jsonl")


def write(pieces: Iterable[str], file: Path) -> None:
    """Write an export into `file`, which changes only once all is written. Raises InvalidInput."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            out.writelines(pieces)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InvalidInput(f"{file} cannot be written ({error.strerror}): give another place") from None


def _jsonl(papers: Iterable[Paper]) -> Iterator[str]:
    for paper in papers:
        yield json.dumps(paper.to_dict(), ensure_ascii=False) + "\n"


def _csv(papers: Iterable[Paper]) -> Iterator[str]:
    yield _row([field.name for field in fields(Paper)])
    for paper in papers:
        cells = paper.to_dict().values()
        yield _row([_listed(cell) if isinstance(cell, list) else cell for cell in cells])


def _listed(values: list[str]) -> str:
    """Values in one cell; a mark behind a single one where it could be taken for several."""
    return "; ".join(values) + ";" * (len(values) == 1 and bool(re.search(r",|&|\band\b", values[0])))


def _row(cells: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow("" if cell is None else cell for cell in cells)
    return line.getvalue()


# RIS -----------------------------------------------------------------------------------------------


def _ris(papers: Iterable[Paper]) -> Iterator[str]:
    for paper in papers:
        lines: list[tuple[str, str | None]] = [("TY", "JOUR" if paper.venue else "GEN"), ("TI", paper.title)]
        lines += [("AU", family_first(name)) for name in paper.authors]
        year, _, rest = (paper.published or "").partition("-")
        lines += [("PY", year), ("DA", f"{year}/{rest.replace('-', '/')}/" if rest else "")]
        lines += [("T2", paper.venue), ("AB", paper.abstract), ("DO", paper.doi), ("UR", paper.url)]
        lines += [("AN", f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else None), ("ID", paper.id)]
        known = [f"{tag}  - {' '.join(value.split())}\n" for tag, value in lines if value and value.strip()]
        yield "".join([*known, "ER  - \n\n"])


# BibTeX --------------------------------------------------------------------------------------------

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        **{char: f"\\{char}" for char in "$&%#_"},
    }
)
_IN_ADDRESS = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})


def _bibtex(papers: Iterable[Paper]) -> Iterator[str]:
    keys: set[str] = set()
    for paper in papers:
        key = _key(paper, keys)
        keys.add(key)
        entry = [f"  {name} = {value}" for name, value in _bibtex_fields(paper) if value]
        yield f"@{'article' if paper.venue else 'misc'}{{{key},\n" + ",\n".join(entry) + "\n}\n\n"


def _key(paper: Paper, taken: set[str]) -> str:
    """A key such as "bruna2024zoology", with a number behind it where it is taken."""
    family = family_first(paper.authors[0]).split(",")[0] if paper.authors else ""
    words = [re.sub(r"[^a-z0-9]", "", fold(word)) for word in (family, *paper.title.split())]
    title = next((word for word in words[1:] if len(word) > 3), "")
    base = f"{words[0]}{(paper.published or '')[:4]}{title}" or "paper"
    return next(key for n in itertools.count(1) if (key := base if n == 1 else f"{base}-{n}") not in taken)


def _bibtex_fields(paper: Paper) -> Iterator[tuple[str, str | None]]:
    """The fields of an entry, written as they stand in the file."""
    year, month, day = [*(paper.published or "").split("-"), "", ""][:3]
    yield "title", _braced(" ".join(paper.title.split()))
    yield "author", _authors(paper)
    yield "year", _braced(year)
    yield "month", _MONTHS[int(month) - 1] if month else None
    yield "day", _braced(str(int(day))) if day else None
    yield "journal", _braced(paper.venue or "")
    yield "organization", _braced(paper.organisation or "")
    yield "doi", _address(paper.doi)
    yield "eprint", _address(paper.arxiv_id)
    yield "archiveprefix", "{arXiv}" if paper.arxiv_id else None
    yield "url", _address(paper.url)
    yield "abstract", _braced(paper.abstract)


def _authors(paper: Paper) -> str | None:
    """The authors as BibTeX parts them; "others" where there are known to be more."""
    names = [_author(name) for name in paper.authors]
    more = ["others"] if names and (paper.author_count or 0) > len(names) else []
    return f"{{{' and '.join([*names, *more])}}}" if names else None


def _author(name: str) -> str:
    """One name: in braces where BibTeX would see two in it, with commas before a "Jr."."""
    if "," in name or re.search(r"\band\b", name):
        return f"{{{_escaped(name)}}}"
    ordered = family_first(name)
    return _escaped(_SUFFIX_FIRST.sub(r"\1, \3, \2", ordered) if ordered.count(",") == 2 else name)


_SUFFIX_FIRST = re.compile(r"([^,]*), ([^,]*), ([^,]*)")


def _braced(text: str) -> str | None:
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    value = "\n\n".join(_escaped(paragraph) for paragraph in paragraphs if paragraph)
    value = value.replace("\n@", "\n{@}")  # at the start of a line it would start an entry
    return f"{{{value}}}" if value else None


def _escaped(text: str) -> str:
    """`text` for LaTeX; formulas as they stand."""
    pieces, end = [], 0
    for formula in MATH.finditer(text):
        if _balanced(formula.group()):
            pieces += [_escaped_words(text[end : formula.start()]), formula.group()]
            end = formula.end()
    return "".join([*pieces, _escaped_words(text[end:])])


def _escaped_words(text: str) -> str:
    return text.translate(_ESCAPES).replace("--", "-{}-").replace("--", "-{}-").replace("``", "`{}`")


def _balanced(text: str) -> bool:
    """Whether its braces pair up, both for readers that count those behind a backslash and for others."""
    for braces in (re.findall(r"[{}]", text), re.findall(r"(?<!\\)[{}]", text)):
        depths = list(itertools.accumulate(1 if brace == "{" else -1 for brace in braces))
        if depths and (min(depths) < 0 or depths[-1] != 0):
            return False
    return True


def _address(text: str | None) -> str | None:
    return f"{{{text.translate(_IN_ADDRESS)}}}" if text else None


FORMATS: dict[str, Layout] = {"jsonl": _jsonl, "bibtex": _bibtex, "ris": _ris, "csv": _csv}
