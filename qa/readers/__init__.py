"""Files to papers. Each format is a module that recognises a text by its content and reads it.

    lines.py        lines and blocks, and how papers are found among them
    names.py        lines of authors
    footer.py       what a web page puts below a paper
    furniture.py    what else stands on such pages
    web_page.py     saved web pages, with and without footers
    plain_list.py   lists of title, authors, abstract

A new format is one more module with `EXPECTED`, `recognises` and `read`, and its name in `FORMATS`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from qa.errors import ReadError
from qa.paper import Failure, Paper
from qa.readers import plain_list, web_page

OnFailure = Callable[[Failure], None]
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_log = logging.getLogger("qa")


class Format(Protocol):
    """What a module of this package offers for one format."""

    EXPECTED: str

    def recognises(self, text: str) -> bool:
        """Whether `text` is of this format."""

    def read(self, text: str, source: str) -> Iterator[Paper | Failure]:
        """Its papers, named as coming from `source`, and what in it cannot be read."""


# The first that recognises a text reads it, so the most particular stand first.
FORMATS: tuple[Format, ...] = (web_page, plain_list)


def read_papers(path: str | os.PathLike[str], on_failure: OnFailure | None = None) -> Iterator[Paper]:
    """The papers of a file, or of all files under a folder, one after another, repeats included.

    Files are read in the order of their names, hidden ones not at all. What cannot be read goes to
    `on_failure`, or else to the log of "qa" as a warning. Raises ReadError when nothing is at `path`,
    or it cannot be opened.
    """
    root = Path(path)
    if not os.fspath(path) or not os.path.exists(path):
        raise ReadError(f"nothing is at {os.fspath(path)!r}: give the path of a file or a folder with papers")
    if not os.path.isfile(path) and not os.path.isdir(path):
        raise ReadError(f"{os.fspath(path)!r} is neither a file nor a folder: give one that holds papers")
    if not os.access(path, os.R_OK):
        raise ReadError(f"{os.fspath(path)!r} may not be read: change its permissions, or give another path")
    return _read(root, on_failure or _warn)


def _read(root: Path, on_failure: OnFailure) -> Iterator[Paper]:
    found = False
    for file, source in _files(root, on_failure):
        found = True
        for record in _read_file(file, source):
            if isinstance(record, Paper):
                yield record
            else:
                on_failure(record)
    if not found:
        on_failure(Failure(_printable(root.name), "folder", "it holds no files"))


def _files(root: Path, on_failure: OnFailure) -> Iterator[tuple[Path, str]]:
    """Each file under `root` with its name in `source`, sorted by it."""
    if root.is_file():
        yield root, _printable(root.name)
        return

    def closed(error: OSError) -> None:
        name = Path(error.filename).relative_to(root).as_posix()
        on_failure(Failure(_printable(name), "folder", f"it cannot be opened ({error.strerror})"))

    names = []
    for folder, inside, files in os.walk(root, onerror=closed):
        inside[:] = [name for name in inside if not name.startswith(".")]
        names += [Path(folder, name).relative_to(root) for name in files if not name.startswith(".")]
    for name in sorted(names, key=Path.as_posix):
        yield root / name, _printable(name.as_posix())


def _read_file(file: Path, source: str) -> Iterator[Paper | Failure]:
    if not file.is_file():
        yield Failure(source, "file", "it is no regular file")
        return
    try:
        data = file.read_bytes()
    except OSError as error:
        yield Failure(source, "file", f"it cannot be opened ({error.strerror})")
        return
    text = _decode(data, source)
    yield from [text] if isinstance(text, Failure) else _read_text(text, source)


def _read_text(text: str, source: str) -> Iterator[Paper | Failure]:
    if not text.strip():
        yield Failure(source, "file", "it is empty")
        return
    known = next((known for known in FORMATS if known.recognises(text)), None)
    if known is None:
        expected = ", or ".join(known.EXPECTED for known in FORMATS)
        yield Failure(source, "file", f"it has no known layout; expected {expected}")
        return
    records = list(known.read(text, source))
    yield from records or [Failure(source, "file", "no title with an abstract is in it")]


def _decode(data: bytes, source: str) -> str | Failure:
    """The text of a file in UTF-8 with line ends as \\n, or why there is none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Failure(source, "file", "its text is in UTF-16; save it as UTF-8")
    if b"\0" in data:
        return Failure(source, "file", "it is binary, not text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _CONTROLS.search(data):
            return Failure(source, "file", "it is binary, not text")
        place = f"line {data.count(bytes([10]), 0, error.start) + 1}"
        return Failure(source, place, "its text is not in UTF-8; save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _printable(name: str) -> str:
    """A file's name as text; bytes in it that are none show as question marks."""
    return os.fsencode(name).decode("utf-8", "replace")


def _warn(failure: Failure) -> None:
    _log.warning("%s, %s: %s", failure.source, failure.place, failure.reason)
