"""What a machine keeps of a library at a server: the records, stamped with the state that they are from.

One SQLite file, changed in one transaction with its stamp. A paper that was removed stays as an empty
record, so that another process of this machine learns of it by reading what is new only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import StoreUnavailable
from qa.paper import Paper


@dataclass(frozen=True)
class Stamp:
    """A state of a library at a server."""

    generation: str
    version: int

    def __str__(self) -> str:
        return f"{self.generation}@{self.version}"


class Mirror:
    """The records in `path`. The caller holds the folder's lock, alone in order to write."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def stamp(self) -> Stamp | None:
        """Which state is here; None for none that can be read. Needs no lock."""
        if not self._path.is_file():
            return None
        with suppress(sqlite3.Error), self._opened() as file:
            found = file.execute("SELECT generation, version FROM stamp").fetchone()
            return Stamp(*found) if found else None
        return None

    def papers(self, since: int = -1) -> Iterator[tuple[str, Paper | None]]:
        """By id the papers that versions after `since` wrote; None for those that they removed."""
        with self._told(), self._opened() as file:
            for paper_id, record in file.execute(
                "SELECT id, record FROM paper WHERE version > ? ORDER BY id", [since]
            ):
                yield paper_id, _paper(json.loads(record)) if record else None

    def versions(self, papers: Iterable[str]) -> dict[str, int]:
        """The version that wrote each of these papers, of those that are here."""
        with self._told(), self._opened() as file:
            found = ((p, file.execute(_VERSION, [p]).fetchone()) for p in papers)
            return {paper: row[0] for paper, row in found if row}

    def write(
        self, stamp: Stamp, papers: Iterable[tuple[Paper, int]], removed: Iterable[str], *, anew: bool = False
    ) -> None:
        """Put papers in, each with the version that wrote it; take `removed` out. `anew`: forget all else."""
        if anew:
            self._path.unlink(missing_ok=True)
        with self._told(), self._opened() as file, file:
            file.execute("CREATE TABLE IF NOT EXISTS paper (id TEXT PRIMARY KEY, version, record TEXT)")
            file.execute("CREATE INDEX IF NOT EXISTS by_version ON paper (version)")
            file.execute("CREATE TABLE IF NOT EXISTS stamp (generation TEXT, version INTEGER)")
            rows = ((paper.id, version, json.dumps(paper.to_dict())) for paper, version in papers)
            file.executemany("REPLACE INTO paper VALUES (?, ?, ?)", rows)
            gone = ((paper, stamp.version, None) for paper in removed)
            file.executemany("REPLACE INTO paper VALUES (?, ?, ?)", gone)
            file.execute("DELETE FROM stamp")
            file.execute("INSERT INTO stamp VALUES (?, ?)", [stamp.generation, stamp.version])

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as file:
            yield file

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"{self._path} cannot be used: {error}") from error


_VERSION = "SELECT version FROM paper WHERE id = ? AND record IS NOT NULL"


def _paper(record: dict[str, Any]) -> Paper:
    return Paper(**{**record, "authors": tuple(record["authors"]), "source": tuple(record["source"])})
