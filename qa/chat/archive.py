"""What people asked and were told, kept in one SQLite file; everybody sees their own conversations only.

    conversations   id, owner, title, when it last changed
    turns           conversation, number (1 for the first), the turn as JSON, its words folded for searching
    ratings         conversation, number of the turn, whether its answer was right, and a reader's words

An answer is kept whole, with the papers that it cites: it reads the same when the library has changed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qa.chat.conversation import Turn, Turns
from qa.chat.stored import turn_from_dict, turn_to_dict
from qa.errors import QAError
from qa.text import fold

LONGEST_TITLE = 120  # characters
_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, changed TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_owner ON conversations (owner, changed);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number INTEGER NOT NULL, record TEXT NOT NULL, words TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE IF NOT EXISTS ratings (
    conversation TEXT NOT NULL, number INTEGER NOT NULL, good INTEGER NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (conversation, number),
    FOREIGN KEY (conversation, number) REFERENCES turns ON DELETE CASCADE
);
"""


@dataclass(frozen=True)
class Kept:
    """A conversation in a list. `changed` is when that was, ISO and in UTC; `turns` how many it has."""

    id: str
    title: str
    changed: str
    turns: int


class Archive:
    """The conversations in the file at `path`, which is made on first use. May be shared among threads.

    Raises QAError when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=1, check_same_thread=False)
            self._db.create_function("folded", 1, fold, deterministic=True)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def save(self, owner: str, id: str, turns: Turns) -> None:
        """Keep a conversation as it now is; its first question is its title until it is renamed."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._changing() as db:
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET changed = ?",
                (id, owner, _title(turns[0].question), now, now),
            )
            # All but the last turn are there already, unless it was deleted in another window.
            (known,) = db.execute("SELECT count(*) FROM turns WHERE conversation = ?", (id,)).fetchone()
            first = min(known, len(turns) - 1)
            db.execute("DELETE FROM turns WHERE conversation = ? AND number > ?", (id, first))
            rows = [(id, n, *_row(turn)) for n, turn in enumerate(turns[first:], first + 1)]
            db.executemany("INSERT INTO turns VALUES (?, ?, ?, ?)", rows)

    def load(self, owner: str, id: str) -> Turns:
        """The turns of a conversation; none when the owner has none of that id."""
        with self._reading() as db:
            owned = db.execute("SELECT 1 FROM conversations WHERE id = ? AND owner = ?", (id, owner))
            mine = owned.fetchone() is not None
        return self.turns(id) if mine else ()

    def turns(self, id: str) -> Turns:
        """The turns of a conversation, whoever owns it."""
        with self._reading() as db:
            query = "SELECT record FROM turns WHERE conversation = ? ORDER BY number"
            rows = db.execute(query, (id,)).fetchall()
        return tuple(turn_from_dict(json.loads(record)) for (record,) in rows)

    def find(self, owner: str, search: str = "") -> list[Kept]:
        """The owner's conversations, the last changed first; those only that hold every word of `search`."""
        query = (
            "SELECT id, title, changed, (SELECT count(*) FROM turns WHERE conversation = id)"
            " FROM conversations WHERE owner = ?"
        )
        words = fold(search).split()
        for _ in words:
            query += (
                " AND (instr(folded(title), ?)"
                " OR EXISTS (SELECT 1 FROM turns WHERE conversation = id AND instr(words, ?)))"
            )
        with self._reading() as db:
            found = db.execute(f"{query} ORDER BY changed DESC", (owner, *(w for w in words for _ in "ab")))
            return [Kept(*row) for row in found]

    def rename(self, owner: str, id: str, title: str) -> None:
        """Give a conversation another title; a blank one changes nothing."""
        if title.strip():
            with self._changing() as db:
                db.execute(
                    "UPDATE conversations SET title = ? WHERE id = ? AND owner = ?",
                    (_title(title), id, owner),
                )

    def delete(self, owner: str, id: str) -> None:
        """Forget a conversation for good."""
        with self._changing() as db:
            db.execute("DELETE FROM conversations WHERE id = ? AND owner = ?", (id, owner))

    def rate(self, owner: str, id: str, number: int, good: bool, why: str) -> bool:
        """Note whether the answer of a turn was right, and why; False when the owner has no such answer."""
        turns = self.load(owner, id)
        if not 1 <= number <= len(turns) or not turns[number - 1].answer:
            return False
        with self._changing() as db:
            db.execute("INSERT OR REPLACE INTO ratings VALUES (?, ?, ?, ?)", (id, number, good, why))
        return True

    def found_right(self) -> list[tuple[str, int]]:
        """The conversations and numbers of turns, of all owners, whose answers were found right."""
        with self._reading() as db:
            query = "SELECT conversation, number FROM ratings WHERE good ORDER BY conversation, number"
            return db.execute(query).fetchall()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """The database, all changes in the block or none of them."""
        with self._reading() as db, db:
            yield db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._told():
            yield self._db

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise QAError(
                f"{self.path}, where conversations are kept, cannot be used ({error}): free or move it"
            ) from error


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def _row(turn: Turn) -> tuple[str, str]:
    said = turn.answer.text if turn.answer else turn.said
    return json.dumps(turn_to_dict(turn), ensure_ascii=False), fold(f"{turn.question}\n{said}")
