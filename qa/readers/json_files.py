"""JSON and JSON Lines: this project's own, the arXiv snapshot, Semantic Scholar, CSL-JSON and their like.

A file of JSON Lines is read line by line and never held as a whole. What a record is, its keys tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from qa.paper import Failure, Paper
from qa.readers.encodings import decode
from qa.readers.json_records import is_record, paper_of

EXPECTED = "JSON or JSON Lines with titles"

# Under which names the answers of services hold their records, and records the paper that they are about.
_HOLDERS = (
    *("data", "items", "results", "records", "papers", "documents", "works", "message", "references"),
    *("paper", "citingPaper", "citedPaper"),
)
_DECODER = json.JSONDecoder()
_NEXT = re.compile(r",\s*(?=\{)")
_LOOKED_AT = 20  # lines


def recognises(text: str) -> bool:
    """Whether it is one JSON value, or one a line."""
    return is_lines(text) or re.match(r"""\s*(?:\[\s*[\[{]|\{\s*")""", text) is not None


def is_lines(start: str) -> bool:
    """Whether the first lines, all but the last of them whole, are JSON objects; one may be broken."""
    lines = [line.strip() for line in start.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    return bool(lines) and all(line.startswith("{") for line in lines) and any(map(_is_object, lines))


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the file, in their order, and what is none."""
    return read_lines(text.split("\n"), source) if is_lines(text) else _read_values(text, source)


def read_lines(lines: Iterable[str | bytes], source: str) -> Iterator[Paper | Failure]:
    """The papers of JSON Lines."""
    for number, line in enumerate(lines, 1):
        text = decode(line) if isinstance(line, bytes) else line
        place = f"line {number}"
        if text is not None and not text.strip():
            continue
        try:
            value = _loaded(text or "")
        except ValueError as error:
            yield Failure(source, place, f"this line is no JSON ({error})")
        else:
            yield from _records(value, source, place)


def _read_values(text: str, source: str) -> Iterator[Paper | Failure]:
    try:
        value = _loaded(text)
    except ValueError as error:
        yield from _salvaged(text, source, str(error))
    else:
        yield from _records(value, source, "")


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _is_object(line: str) -> bool:
    try:
        return isinstance(_loaded(line), dict)
    except ValueError:
        return False


def _records(value: Any, source: str, place: str) -> Iterator[Paper | Failure]:
    """The papers in a JSON value: a record, a list of them, or an object that holds such a list."""
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _records(item, source, f"{place}, record {number}".removeprefix(", "))
    elif isinstance(value, dict) and not is_record(value) and (held := _held(value)) is not None:
        yield from _records(held, source, place)
    elif isinstance(value, dict):
        yield paper_of(value, source, place or "record 1")
    else:
        yield Failure(source, place or "file", f"this is no record but {json.dumps(value)[:40]}")


def _held(value: dict[str, Any]) -> Any:
    """What an object without a title holds instead: records under a usual name, or by their ids."""
    for name in _HOLDERS:
        if isinstance(value.get(name), (list, dict)):
            return value[name]
    by_id = list(value.values())
    return by_id if by_id and all(isinstance(item, dict) and is_record(item) for item in by_id) else None


def _salvaged(text: str, source: str, error: str) -> Iterator[Paper | Failure]:
    """The records of a list that breaks off, or of which some are broken."""
    start = re.search(r"\[\s*(?=\{)", text)
    if start is None:
        yield Failure(source, "file", f"it is no JSON ({error})")
        return
    at, broken = start.end(), False
    while at < len(text):
        place = f"line {text.count(chr(10), 0, at) + 1}"
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as wrong:
            if not broken:
                yield Failure(source, place, f"this record is no JSON ({wrong})")
            broken = True
        else:
            # Behind a broken record, what has no title is a part of it.
            if not broken or (isinstance(value, dict) and is_record(value)):
                broken = False
                yield from _records(value, source, place)
        follows = _NEXT.search(text, at)
        at = follows.end() if follows else len(text)
