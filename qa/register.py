"""The records of a library's papers in one SQLite file: read faster than from Chroma, and by increments.

    papers.db   in the library's folder; derived: made anew from the store when its stamp is not the library's

Every write has a number, and each row the number of the write that made it, so that whoever knows the
papers as of one write reads only what came later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from qa.errors import StoreUnavailable
from qa.paper import Paper
from qa.vectors import text_key

NAME: Final = "papers.db"
_FIELDS: Final = tuple(field.name for field in fields(Paper))
_LISTS: Final = ("authors", "source")
_TABLES = f"""
CREATE TABLE papers (write INTEGER, key TEXT, {", ".join(_FIELDS)}, UNIQUE (id));
CREATE INDEX papers_by_write ON papers (write);
CREATE TABLE gone (write INTEGER, id TEXT);
CREATE TABLE stamp (state TEXT, write INTEGER);
INSERT INTO stamp VALUES ('', 0);
"""


@dataclass(frozen=True)
class Later:
    """What came after a write: papers with the keys of their vectors, ids that went, the last write."""

    papers: tuple[tuple[Paper, str], ...]
    gone: tuple[str, ...]
    write: int


class Register:
    """The file in a library's folder. The library's lock is held around every call."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    @property
    def state(self) -> str:
        """The library's stamp at the last write; empty when there is no file that can be read."""
        try:
            with self._reading() as database:
                return str(database.execute("SELECT state FROM stamp").fetchone()[0])
        except (sqlite3.Error, TypeError):
            return ""

    def read(self, after: int = 0) -> Later:
        """What came after a write; everything after none. Raises StoreUnavailable for a damaged file."""
        columns = ", ".join(("key", *_FIELDS))
        try:
            with self._reading() as database:
                rows = database.execute(f"SELECT {columns} FROM papers WHERE write > ? ORDER BY id", (after,))
                papers = _papers(rows.fetchall())
                gone = database.execute("SELECT id FROM gone WHERE write > ?", (after,)).fetchall()
                last = database.execute("SELECT write FROM stamp").fetchone()[0]
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise StoreUnavailable(
                f"{self._path} is damaged: delete it, and it is made again ({error})"
            ) from error
        return Later(papers, tuple(paper for (paper,) in gone), int(last))

    def write(
        self, state: str, papers: Iterable[Paper], removed: Sequence[str] = (), *, anew: bool = False
    ) -> int:
        """Put papers in, or in the place of those of the same id, and take `removed` out; the write's number.

        With `anew` the file is made again first.
        """
        if anew:
            self._path.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(self._path)) as database, database:
                return _write(database, state, papers, removed, anew)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path} cannot be written: {error}") from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            yield database


def _write(
    database: sqlite3.Connection, state: str, papers: Iterable[Paper], removed: Sequence[str], anew: bool
) -> int:
    if anew:
        database.executescript(_TABLES)
    number = int(database.execute("SELECT write FROM stamp").fetchone()[0]) + 1
    marks = ", ".join("?" * (2 + len(_FIELDS)))
    rows = ((number, text_key(paper), *_values(paper)) for paper in papers)
    database.executemany(f"INSERT OR REPLACE INTO papers VALUES ({marks})", rows)
    database.executemany("DELETE FROM papers WHERE id = ?", ((paper,) for paper in removed))
    database.executemany("INSERT INTO gone VALUES (?, ?)", ((number, paper) for paper in removed))
    database.execute("UPDATE stamp SET state = ?, write = ?", (state, number))
    return number


def _values(paper: Paper) -> list[Any]:
    values = vars(paper)
    return [json.dumps(values[name]) if name in _LISTS else values[name] for name in _FIELDS]


def _papers(rows: Sequence[Sequence[Any]]) -> tuple[tuple[Paper, str], ...]:
    """Papers with their keys, column by column: many JSON lists are read at once in a tenth of the time."""
    if not rows:
        return ()
    keys, *columns = map(list, zip(*rows, strict=True))
    for place, name in enumerate(_FIELDS):
        if name in _LISTS:
            columns[place] = list(map(tuple, json.loads(f"[{','.join(columns[place])}]")))
    return tuple((Paper(*values), key) for key, *values in zip(keys, *columns, strict=True))
