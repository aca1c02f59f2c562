"""Files to papers. Each format is a module that recognises a text by its content and reads it.

    encodings.py    bytes to text
    fields.py       loose fields to a paper: dates, identifiers, text for reading
    tex.py          LaTeX as text for reading
    names.py        authors
    json_files.py   JSON and JSON Lines, and in json_records.py what their records are
    xml_files.py    arXiv's API and PubMed
    bibtex.py       BibTeX
    ris.py          RIS, Web of Science, EndNote and PubMed's tagged lines
    table.py        CSV and TSV
    lines.py        lines and blocks, and how papers are found among them
    footer.py       what a web page puts below a paper
    furniture.py    what else stands on such pages
    web_page.py     saved web pages, with and without footers
    plain_list.py   lists of title, authors, abstract

A new format is one more module with `EXPECTED`, `recognises` and `read`, and its name in `FORMATS`.
"""

from __future__ import annotations

import gzip
import io
import itertools
import logging
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from qa.errors import ReadError
from qa.paper import Failure, Paper
from qa.readers import bibtex, json_files, plain_list, ris, table, web_page, xml_files
from qa.readers.encodings import decode

OnFailure = Callable[[Failure], None]
_HEAD = 1 << 20  # bytes that are looked at to tell JSON Lines, which alone are not read as a whole
_LARGEST = 1 << 30  # bytes of any other file, unpacked
_BINARY = "it is binary, not text"
_TOO_LARGE = f"it is larger than {_LARGEST >> 20} MB: split it, or save it as JSON Lines"
_PDF = "it is a PDF, and only titles and abstracts are read so far: export them, for example as BibTeX or RIS"
_log = logging.getLogger("qa")


class Format(Protocol):
    """What a module of this package offers for one format."""

    EXPECTED: str

    def recognises(self, text: str) -> bool:
        """Whether `text` is of this format."""

    def read(self, text: str, source: str) -> Iterator[Paper | Failure]:
        """Its papers, named as coming from `source`, and what in it cannot be read."""


# The first that recognises a text reads it, so the most particular stand first.
FORMATS: tuple[Format, ...] = (json_files, xml_files, table, bibtex, ris, web_page, plain_list)


def read_papers(path: str | os.PathLike[str], on_failure: OnFailure | None = None) -> Iterator[Paper]:
    """The papers of a file, or of all files under a folder, one after another, repeats included.

    Files are read in the order of their names, hidden ones not at all. What cannot be read goes to
    `on_failure`, or else to the log of "qa" as a warning. Raises ReadError when nothing is at `path`,
    or it cannot be opened.
    """
    check_path(path)
    return _read(Path(path), on_failure or _warn)


def check_path(path: str | os.PathLike[str]) -> None:
    """Raise ReadError unless `path` is a file or a folder that may be read."""
    if not os.fspath(path) or not os.path.exists(path):
        raise ReadError(f"nothing is at {os.fspath(path)!r}: give the path of a file or a folder with papers")
    if not os.path.isfile(path) and not os.path.isdir(path):
        raise ReadError(f"{os.fspath(path)!r} is neither a file nor a folder: give one that holds papers")
    if not os.access(path, os.R_OK):
        raise ReadError(f"{os.fspath(path)!r} may not be read: change its permissions, or give another path")


def _read(root: Path, on_failure: OnFailure) -> Iterator[Paper]:
    found = False
    for file, source in list_files(root, on_failure):
        found = True
        for record in read_file(file, source):
            if isinstance(record, Paper):
                yield record
            else:
                on_failure(record)
    if not found:
        on_failure(no_files(root))


def no_files(root: Path) -> Failure:
    """What is told of a folder without files."""
    return Failure(_printable(root.name), "folder", "it holds no files")


def list_files(root: Path, on_failure: OnFailure) -> Iterator[tuple[Path, str]]:
    """Each file under `root` with its name in `source`, sorted by it; or `root`, if it is one.

    Neither hidden ones nor those of libraries.
    """
    if root.is_file():
        yield root, _printable(root.name)
        return

    def closed(error: OSError) -> None:
        name = Path(error.filename).relative_to(root).as_posix()
        on_failure(Failure(_printable(name), "folder", f"it cannot be opened ({error.strerror})"))

    names = []
    for folder, inside, files in os.walk(root, onerror=closed):
        inside[:] = [name for name in inside if not name.startswith(".") and not _library(folder, name)]
        names += [Path(folder, name).relative_to(root) for name in files if not name.startswith(".")]
    for name in sorted(names, key=Path.as_posix):
        yield root / name, _printable(name.as_posix())


def _library(folder: str, name: str) -> bool:
    """Whether a folder is a library of this program, and no place for papers."""
    lock, *others = (os.path.join(folder, name, file) for file in ("lock", "library.json", "files.db"))
    return os.path.isfile(lock) and any(map(os.path.isfile, others))


def count_lines(file: Path) -> int | None:
    """The lines of a file of JSON Lines, cheaply counted, the empty ones too; None for any other file."""
    try:
        with _opened(file) as stream:
            head = stream.read(_HEAD)
            if not json_files.is_lines(head.decode("utf-8-sig", "replace")):
                return None
            pieces = itertools.chain([head], iter(lambda: stream.read(_HEAD), b""))
            return sum(piece.count(b"\n") for piece in pieces)
    except (OSError, EOFError, zlib.error):  # told when it is read
        return None


def read_file(file: Path, source: str) -> Iterator[Paper | Failure]:
    """The papers of one file, named as coming from `source`, and what in it cannot be read."""
    if not file.is_file():
        yield Failure(source, "file", "it is no regular file")
        return
    found = False
    try:
        with _opened(file) as stream:
            for record in _read_stream(stream, source):
                found = True
                yield record
    except (EOFError, zlib.error, gzip.BadGzipFile):
        found = True
        yield Failure(source, "file", "its compressed data is damaged or breaks off")
    except OSError as error:
        found = True
        yield Failure(source, "file", f"it cannot be opened ({error.strerror})")
    if not found:
        yield Failure(source, "file", "no title with an abstract is in it")


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is a gzip file."""
    with file.open("rb") as raw:
        if not raw.peek(2).startswith(b"\x1f\x8b"):
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield io.BufferedReader(unpacked)


def _read_stream(stream: IO[bytes], source: str) -> Iterator[Paper | Failure]:
    head = stream.read(_HEAD)
    if head.startswith(b"%PDF-"):
        yield Failure(source, "file", _PDF)
        return
    if json_files.is_lines(head.decode("utf-8-sig", "replace")):
        stream.seek(0)
        yield from json_files.read_lines(stream, source)
        return
    text = _decoded(head, stream)
    if isinstance(text, str):
        yield from _read_text(text, source)
    else:
        yield Failure(source, "file", _BINARY if text is None else _TOO_LARGE)


def _decoded(head: bytes, stream: IO[bytes]) -> str | bytes | None:
    """The text of a file; None for a binary one, its bytes for one that is too large."""
    data = head + stream.read(_LARGEST)
    return data if len(data) > _LARGEST else decode(data)


def _read_text(text: str, source: str) -> Iterator[Paper | Failure]:
    if not text.strip():
        yield Failure(source, "file", "it is empty")
        return
    known = next((known for known in FORMATS if known.recognises(text)), None)
    if known is None:
        expected = ", ".join(known.EXPECTED for known in FORMATS)
        yield Failure(source, "file", f"it has no known layout; expected {expected}")
        return
    yield from known.read(text, source)


def _printable(name: str) -> str:
    """A file's name as text; bytes in it that are none show as question marks."""
    return os.fsencode(name).decode("utf-8", "replace")


def _warn(failure: Failure) -> None:
    _log.warning("%s, %s: %s", failure.source, failure.place, failure.reason)
