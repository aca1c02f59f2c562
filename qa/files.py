"""What a library remembers of files: which content each holds, and which papers that content gave.

    files.db   in the library's folder, SQLite; derived: without it every file is read again

Papers hang on contents, not on files: a file that is renamed, moved or copied is another path to a
content that is known. Whatever is noted here may lag behind the store and never runs ahead of it for
long: a link to a paper is written just before the paper, a file counts as read only afterwards, and a
link to a paper that the store does not hold makes its files count as unread.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import qa
from qa.errors import StoreUnavailable
from qa.paper import Failure

NAME: Final = "files.db"
_WAIT = 60.0  # seconds for another process that writes
# The path and the content that stand for calls from Python, whose papers no file takes away.
_CALLS: Final = (b"", "calls")
_VERSION = 1  # of the tables
_TABLES = """
CREATE TABLE files (path BLOB PRIMARY KEY, name TEXT, size INTEGER, content TEXT, read TEXT) WITHOUT ROWID;
CREATE TABLE past (path BLOB, content TEXT, PRIMARY KEY (path, content)) WITHOUT ROWID;
CREATE TABLE links (content TEXT, paper TEXT, PRIMARY KEY (content, paper)) WITHOUT ROWID;
CREATE TABLE failures (path BLOB, place TEXT, reason TEXT);
CREATE TABLE settled (state TEXT, version TEXT);
CREATE INDEX files_by_content ON files (content);
CREATE INDEX links_by_paper ON links (paper);
CREATE INDEX failures_by_path ON failures (path);
INSERT INTO files VALUES (x'', '', 0, 'calls', 'whole');
"""


@dataclass(frozen=True)
class File:
    """A file as it was read: its absolute path, its name in `source`, its bytes and their hash.

    `read` is "whole"; or "in part", if something in it failed; or "outdated", if it must be read again.
    """

    path: bytes
    name: str
    size: int
    content: str
    read: str = "whole"

    def exists(self) -> bool:
        """Whether the file is there, or may be: what cannot be looked at is not gone."""
        try:
            os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True


class FileRecords:
    """The files of one library. Reading makes nothing; the database is made by the first note.

    Used by one thread at a time. Whoever holds the library's lock may call it, never the other way round.
    """

    def __init__(self, folder: Path) -> None:
        self._database = folder / NAME
        self._open: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the database."""
        if self._open:
            self._open.close()
            self._open = None

    # What is known --------------------------------------------------------------------------------

    def new(self) -> bool:
        """Whether it was never compared with a store."""
        return not self._rows("SELECT * FROM settled")

    def settled(self, state: str) -> bool:
        """Whether all links held when the library had that stamp, and this version read the files."""
        return self._rows("SELECT * FROM settled") == [(state, qa.__version__)]

    def files(self, root: bytes | None = None) -> dict[bytes, File]:
        """The files by path; under `root`, if it is given, or that file."""
        where, bounds = _under(root)
        rows = self._rows(f"SELECT * FROM files WHERE {where} ORDER BY path", bounds)
        return {row[0]: File(*row) for row in rows}

    def holding(self, content: str) -> list[File]:
        """The files that hold a content, and of which all could be read."""
        rows = self._rows(
            "SELECT * FROM files WHERE content = ? AND read = 'whole' ORDER BY path", (content,)
        )
        return [File(*row) for row in rows]

    def past(self, root: bytes) -> list[tuple[bytes, str]]:
        """Paths under `root` with a content that they held once, and whose papers nobody has taken out."""
        where, bounds = _under(root)
        return [(path, content) for path, content in self._rows(f"SELECT * FROM past WHERE {where}", bounds)]

    def papers(self, contents: Iterable[str]) -> set[str]:
        """The ids of the papers that contents gave."""
        query = "SELECT paper FROM links WHERE content = ?"
        return {paper for content in set(contents) for (paper,) in self._rows(query, (content,))}

    def given_elsewhere(self, paths: Collection[bytes]) -> set[str]:
        """The ids of the papers that calls gave, or files at other than these paths."""
        rows = self._rows("SELECT path, content FROM files")
        return self.papers(content for path, content in rows if path not in paths)

    def given_only_at(self, path: bytes) -> set[str]:
        """The ids of the papers that what the path holds, or held once, gave, and nothing else does."""
        query = """
            SELECT paper FROM links WHERE content IN
                (SELECT content FROM files WHERE path = ?1 UNION SELECT content FROM past WHERE path = ?1)
            AND NOT EXISTS (SELECT 1 FROM links AS other JOIN files USING (content)
                WHERE other.paper = links.paper AND path != ?1)
        """
        return {paper for (paper,) in self._rows(query, (path,))}

    def counts(self) -> dict[str, int]:
        """How many papers each content gave."""
        return dict(self._rows("SELECT content, count(*) FROM links GROUP BY content"))

    def failures(self) -> list[Failure]:
        """What could not be read when it was last tried, by path."""
        rows = self._rows("SELECT path, place, reason FROM failures ORDER BY path, rowid")
        return [Failure(shown(path), place, reason) for path, place, reason in rows]

    def lost(self, papers: Collection[str]) -> list[str]:
        """Ids that are linked and not among `papers`."""
        return [paper for (paper,) in self._rows("SELECT DISTINCT paper FROM links") if paper not in papers]

    # What is noted --------------------------------------------------------------------------------

    def link(
        self, links: Iterable[tuple[str, str]], begun: Iterable[tuple[bytes, str]], fused: Mapping[str, str]
    ) -> None:
        """Note papers, as (content, id), that are about to be written; files whose reading has begun, as
        (path, content); and ids that are about to become another's.
        """
        with self._writing() as database:
            database.executemany("INSERT OR IGNORE INTO past VALUES (?, ?)", begun)
            database.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", links)
            for old, new in fused.items():
                database.execute("UPDATE OR IGNORE links SET paper = ? WHERE paper = ?", (new, old))
                database.execute("DELETE FROM links WHERE paper = ?", (old,))

    def link_calls(self, papers: Iterable[str], fused: Mapping[str, str]) -> None:
        """Note papers that a call from Python gives."""
        self.link(((_CALLS[1], paper) for paper in papers), (), fused)

    def note(self, files: Iterable[tuple[File, Iterable[Failure]]], gone: Iterable[bytes] = ()) -> None:
        """Note files that were read, and what in them failed; forget the paths that have `gone` elsewhere."""
        with self._writing() as database:
            for file, failures in files:
                _note(database, file, failures)
            database.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in gone))

    def forget(self, paths: Iterable[bytes], past: Iterable[tuple[bytes, str]]) -> None:
        """Forget files, and past contents of paths, with the links that nothing needs any more."""
        with self._writing() as database:
            for table in ("files", "failures"):
                database.executemany(f"DELETE FROM {table} WHERE path = ?", ((path,) for path in paths))
            database.executemany("DELETE FROM past WHERE path = ? AND content = ?", past)
            database.execute(
                "DELETE FROM links WHERE content NOT IN (SELECT content FROM files)"
                " AND content NOT IN (SELECT content FROM past)"
            )

    def settle(self, state: str, lost: Iterable[str]) -> None:
        """Note the stamp of a library that holds every linked paper but `lost`.

        The files that gave these are to be read again; all of them, if another version read them, since
        this one may see more in them.
        """
        with self._writing() as database:
            for paper in lost:
                database.execute(
                    "UPDATE files SET read = 'outdated' WHERE path != x'' AND content IN"
                    " (SELECT content FROM links WHERE paper = ?)",
                    (paper,),
                )
                database.execute("DELETE FROM links WHERE paper = ?", (paper,))
            if self._rows("SELECT * FROM settled WHERE version != ?", (qa.__version__,)):
                database.execute("UPDATE files SET read = 'outdated' WHERE path != x''")
            database.execute("DELETE FROM settled")
            database.execute("INSERT INTO settled VALUES (?, ?)", (state, qa.__version__))

    def discard(self) -> None:
        """Forget everything: there is no library."""
        self.close()
        self._database.unlink(missing_ok=True)

    # Inside ---------------------------------------------------------------------------------------

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        if not self._database.is_file():
            return []
        with self._told():
            return self._connected().execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            database = self._connected()
            with database:
                database.execute("BEGIN IMMEDIATE")
                yield database

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says, as one line of this package's own."""
        try:
            yield
        except sqlite3.OperationalError as error:
            self.close()
            raise StoreUnavailable(f"{self._database} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreUnavailable(
                f"{self._database} is damaged ({error}): delete it, and files are read again when added"
            ) from error

    def _connected(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = self._connect()
        return self._open

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            self._database, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )
        try:
            if _version(database) == _VERSION:
                return database
            with database:
                database.execute("BEGIN IMMEDIATE")
                if _version(database) != _VERSION:  # another process may have been first
                    _make(database)
        except BaseException:
            database.close()
            raise
        return database


def content_of(file: Path) -> str:
    """A hash of what a file holds. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def shown(path: bytes) -> str:
    """A path as text; bytes in it that are none show as question marks."""
    return path.decode("utf-8", "replace")


def _under(root: bytes | None) -> tuple[str, tuple[bytes, ...]]:
    """The condition that a path is `root` or lies under it; every path but that of the calls for None."""
    if root is None:
        return "path != x''", ()
    inside = root.rstrip(b"/") + b"/"
    return "path = ? OR (path >= ? AND path < ?)", (root, inside, inside[:-1] + b"0")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _make(database: sqlite3.Connection) -> None:
    for table in _TABLES.split(";\n"):
        database.execute(table)
    database.execute(f"PRAGMA user_version = {_VERSION}")


def _note(database: sqlite3.Connection, file: File, failures: Iterable[Failure]) -> None:
    """What a path holds now; what it held before is past, with all that it gave."""
    database.execute(
        "INSERT OR IGNORE INTO past SELECT path, content FROM files WHERE path = ?", (file.path,)
    )
    database.execute("DELETE FROM past WHERE path = ? AND content = ?", (file.path, file.content))
    values = (file.path, file.name, file.size, file.content, file.read)
    database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", values)
    database.execute("DELETE FROM failures WHERE path = ?", (file.path,))
    database.executemany(
        "INSERT INTO failures VALUES (?, ?, ?)", [(file.path, f.place, f.reason) for f in failures]
    )
