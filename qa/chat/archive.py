"""What people asked and were told, kept in one SQLite file; everybody sees their own conversations only.

    conversations   id, owner, library, title, when it last changed
    turns           conversation, number (1 for the first), the turn as JSON, its words folded for searching
    ratings         conversation, number of the turn, whether its answer was right, and a reader's words
    choices         owner, the answerer that they chose

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
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, changed TEXT NOT NULL,
    library TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_owner ON conversations (owner, library, changed);
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
CREATE TABLE IF NOT EXISTS choices (owner TEXT PRIMARY KEY, answerer TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Kept:
    """A conversation in a list. `changed` is when that was, ISO and in UTC; `turns` how many it has."""

    id: str
    title: str
    changed: str
    turns: int


@dataclass(frozen=True)
class Rating:
    """Whether a reader found an answer right, and why, if they said so."""

    good: bool
    why: str


class Archive:
    """The conversations about one library in the file at `path`, which is made on first use.

    The file may hold those about other libraries too; they are left alone. May be shared among threads.
    Raises QAError when the file cannot be used.
    """

    def __init__(self, path: Path, library: str) -> None:
        self.path = path
        self.library = library
        self._lock = threading.Lock()
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=1, check_same_thread=False)
            self._db.create_function("folded", 1, fold, deterministic=True)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._know_libraries()
            self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def save(self, owner: str, id: str, turns: Turns, known: str = "") -> str:
        """Keep a conversation as it now is; its first question is its title until it is renamed.

        `known` is the stamp that was given when it was last read or saved here, and the new one is given
        back. Where the conversation has changed since, in another window, only the last turn is kept, unless
        another question has taken its place, and `known` is given back: it is stale from then on.
        """
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        with self._changing() as db:
            overtaken = _stamp(db, id) not in ("", known)
            (count,) = db.execute("SELECT count(*) FROM turns WHERE conversation = ?", (id,)).fetchone()
            if overtaken and _asks_another(db, id, len(turns), turns[-1]):
                return known
            db.execute(
                "INSERT INTO conversations (id, owner, title, changed, library) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET changed = excluded.changed",
                (id, owner, _title(turns[0].question), now, self.library),
            )
            # All but the last turn are there already, unless it was deleted in another window.
            first = min(count, len(turns) - 1)
            last = len(turns) if overtaken else max(count, len(turns))
            db.execute(
                "DELETE FROM turns WHERE conversation = ? AND number BETWEEN ? AND ?", (id, first + 1, last)
            )
            rows = [(id, n, *_row(turn)) for n, turn in enumerate(turns[first:], first + 1)]
            db.executemany("INSERT INTO turns VALUES (?, ?, ?, ?)", rows)
        return known if overtaken else now

    def stamp(self, id: str) -> str:
        """What changes whenever a conversation does; "" for one that is not kept."""
        with self._reading() as db:
            return _stamp(db, id)

    def load(self, owner: str, id: str) -> Turns:
        """The turns of a conversation about this library; none when the owner has none of that id."""
        query = "SELECT 1 FROM conversations WHERE id = ? AND owner = ? AND library = ?"
        with self._reading() as db:
            mine = db.execute(query, (id, owner, self.library)).fetchone() is not None
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
            " FROM conversations WHERE owner = ? AND library = ?"
        )
        words = fold(search).split()
        for _ in words:
            query += (
                " AND (instr(folded(title), ?)"
                " OR EXISTS (SELECT 1 FROM turns WHERE conversation = id AND instr(words, ?)))"
            )
        with self._reading() as db:
            values = (owner, self.library, *(w for w in words for _ in "ab"))
            found = db.execute(f"{query} ORDER BY changed DESC", values)
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

    def ratings(self, id: str) -> dict[int, Rating]:
        """What was said of the answers of a conversation, by the numbers of their turns."""
        with self._reading() as db:
            found = db.execute("SELECT number, good, why FROM ratings WHERE conversation = ?", (id,))
            return {number: Rating(bool(good), why) for number, good, why in found}

    def found_right(self) -> list[tuple[str, int]]:
        """The conversations about this library and the turns, of all owners, that were found right."""
        query = (
            "SELECT conversation, number FROM ratings JOIN conversations ON conversation = id"
            " WHERE good AND library = ? ORDER BY conversation, number"
        )
        with self._reading() as db:
            return db.execute(query, (self.library,)).fetchall()

    # The answerer that a visitor chose -------------------------------------------------------------

    def choice(self, owner: str) -> str:
        """The name of the answerer that the owner chose; "" when they chose none."""
        with self._reading() as db:
            found = db.execute("SELECT answerer FROM choices WHERE owner = ?", (owner,)).fetchone()
        return found[0] if found else ""

    def choose(self, owner: str, answerer: str) -> None:
        """Note the owner's choice."""
        with self._changing() as db:
            db.execute("INSERT OR REPLACE INTO choices VALUES (?, ?)", (owner, answerer))

    # Inside ---------------------------------------------------------------------------------------

    def _know_libraries(self) -> None:
        """A file that was begun before conversations named their library is taken to be about this one."""
        known = {column for _, column, *_ in self._db.execute("PRAGMA table_info(conversations)")}
        if known and "library" not in known:
            with self._db as db:
                db.execute("ALTER TABLE conversations ADD COLUMN library TEXT NOT NULL DEFAULT ''")
                db.execute("UPDATE conversations SET library = ?", (self.library,))

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


def _stamp(db: sqlite3.Connection, id: str) -> str:
    found = db.execute("SELECT changed FROM conversations WHERE id = ?", (id,)).fetchone()
    return str(found[0]) if found else ""


def _asks_another(db: sqlite3.Connection, id: str, number: int, turn: Turn) -> bool:
    """Whether a turn of that number is kept that asks another question."""
    query = "SELECT record FROM turns WHERE conversation = ? AND number = ?"
    found = db.execute(query, (id, number)).fetchone()
    return found is not None and json.loads(found[0])["question"] != turn.question


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def _row(turn: Turn) -> tuple[str, str]:
    said = turn.answer.text if turn.answer else turn.said
    return json.dumps(turn_to_dict(turn), ensure_ascii=False), fold(f"{turn.question}\n{said}")
