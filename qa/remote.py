"""The rows of a library at a Chroma server, which is then its only source of truth.

Two collections to a generation. `rows` holds papers and their windows as a library's folder does, each
with the version that wrote it, in its id too: so nothing is ever written over, and a write that came to
nothing has spoilt nothing. `extras` holds, also by version, which papers were removed, and by text the
vectors of its sentences and words, so that no other machine has to embed it again: reading them takes a
sixtieth of the time. A paper counts in the newest row of a version that is done, unless a later one
removed it.
"""

from __future__ import annotations

import base64
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from qa.paper import Paper
from qa.server import Database, Gone
from qa.store import NEIGHBOURS, StoredPaper, paper_from, row_ids, rows_of, upsert
from qa.vectors import VectorFiles, text_key
from qa.versions import Head

T = TypeVar("T")
_PAGE: Final = 200  # rows in one request
_IDS: Final = 200  # ids in one request
_SIDE: Final = {"space": "l2", "ef_construction": 10, "max_neighbors": 4}  # nobody searches `extras`


@dataclass(frozen=True)
class Changes:
    """What later versions did: the version of each paper that was written, and the papers removed."""

    written: dict[str, int]
    removed: list[str]


class RemoteStore:
    """A library's rows as they stood at `head`."""

    def __init__(self, database: Database, head: Head) -> None:
        self._database, self.head = database, head

    @property
    def fingerprint(self) -> str:
        """What made the vectors."""
        return str((self.head.rows.metadata or {}).get("fingerprint", ""))

    def count(self) -> int:
        """Rows: papers and windows together."""
        return int(self._database.call(self.head.rows.count))

    def nearest(self, vector: NDArray[np.float32], rows: int) -> list[str]:
        """Ids of the papers that the `rows` nearest rows belong to, nearest first, none twice.

        Some may have been added, or removed, since the head. None at all when it was rebuilt meanwhile.
        """
        try:
            found = self._database.call(
                self.head.rows.query, query_embeddings=vector[np.newaxis], n_results=rows, include=[]
            )
        except Gone:
            return []
        return list(dict.fromkeys(_parts(row)[1] for row in found["ids"][0]))

    def close(self) -> None:
        """Nothing is kept open."""

    # Reading ---------------------------------------------------------------------------------------

    def changes(self, since: int) -> Changes:
        """What the versions after `since` did."""
        rows, extras = self.head.rows, self.head.extras
        written = self._database.call(rows.get, where=_after(since, "paper"), include=[])["ids"]
        removed = self._database.call(extras.get, where=_after(since, "removed"), include=[])["ids"]
        last = self._last(written)
        gone = self._last(removed)
        return Changes(
            {paper: version for paper, version in last.items() if version > gone.get(paper, -1)},
            sorted(paper for paper, version in gone.items() if version > last.get(paper, -1)),
        )

    def papers(self, versions: Mapping[str, int]) -> Iterator[Paper]:
        """Papers, each as it stood in a version."""
        for ids in _pages((row_ids(paper, 0, version)[0] for paper, version in versions.items()), _IDS):
            page = self._read(self.head.rows, ids, ["metadatas"])
            for row, metadata in zip(page["ids"], page["metadatas"], strict=True):
                yield paper_from(_parts(row)[1], None, metadata)

    def fetch(self, keys: Iterable[str], vectors: VectorFiles) -> None:
        """Add to `vectors` what the server has for these texts. The caller holds the local lock alone."""
        for ids in _pages((f"vectors:{key}" for key in keys), _IDS):
            page = self._read(self.head.extras, ids, ["metadatas"])
            _unpack(dict(zip(page["ids"], page["metadatas"], strict=True)), vectors)

    # Writing ---------------------------------------------------------------------------------------

    def write(
        self, version: int, papers: Sequence[StoredPaper], keys: Iterable[str], vectors: VectorFiles
    ) -> None:
        """Write papers as of `version`, and the vectors of the texts `keys`."""
        rows = (row for stored in papers for row in rows_of(stored, version))
        for page in _pages(rows, _PAGE):
            self._database.call(upsert, self.head.rows, page)
        self._extras((f"vectors:{key}", _packed(vectors, key)) for key in keys)

    def remove(self, version: int, papers: Iterable[str]) -> None:
        """Note as of `version` that papers are removed."""
        self._extras(
            (f"removed:{version}:{paper}", {"kind": "removed", "version": version}) for paper in papers
        )

    def supersede(
        self, version: int, papers: Iterable[str], keys: Sequence[str], failed: Iterable[int]
    ) -> None:
        """Delete what does not count any more, once `version` does: older rows of `papers`, the vectors of
        texts, and the rows of versions that failed.
        """
        for ids in _pages(papers, _IDS):
            older: Any = {"$and": [{"paper_id": {"$in": ids}}, {"version": {"$lt": version}}]}
            self._database.call(self.head.rows.delete, where=older)
        for page in _pages([f"vectors:{key}" for key in keys], _IDS):
            self._database.call(self.head.extras.delete, ids=page)
        for number in failed:
            for collection in (self.head.rows, self.head.extras):
                self._database.call(collection.delete, where={"version": number})

    def delete(self, rows: Sequence[str]) -> None:
        """Delete rows of papers by their ids."""
        for page in _pages(rows, _IDS):
            self._database.call(self.head.rows.delete, ids=page)

    # Inside ----------------------------------------------------------------------------------------

    def _last(self, rows: Iterable[str]) -> dict[str, int]:
        """The last version that counts in which each paper occurs."""
        last: dict[str, int] = {}
        for version, paper in map(_parts, rows):
            if version <= self.head.version and version not in self.head.failed:
                last[paper] = max(version, last.get(paper, version))
        return last

    def _read(self, collection: Any, ids: list[str], include: list[str]) -> Any:
        return self._database.call(collection.get, ids=ids, include=include)

    def _extras(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
        for page in _pages(rows, _PAGE):
            ids, metadatas = (list(column) for column in zip(*page, strict=True))
            # A row must have a vector, and the index of neighbours wants them apart.
            places = np.array([[zlib.crc32(row.encode()) / 2**32] for row in ids], np.float32)
            self._database.call(self.head.extras.upsert, ids=ids, embeddings=places, metadatas=metadatas)


class RemoteBeside:
    """See `qa.catalogue.Beside`. Its rows are of version 0, and nobody reads them before it is the head."""

    def __init__(self, database: Database, fingerprint: str, folder: Path) -> None:
        self.head = new_generation(database, fingerprint)
        self.folder = folder / f"rebuilt-{self.head.generation}"
        self.vectors = VectorFiles(self.folder)
        self._store = RemoteStore(database, self.head)
        self._rows: dict[str, list[str]] = {}

    def write(self, papers: Sequence[StoredPaper], removed: Sequence[str] = ()) -> None:
        """Put papers in, or in the place of those of the same id; take `removed` out."""
        before = [row for p in papers for row in self._rows.get(p.paper.id, ())]
        before += [row for paper_id in removed for row in self._rows.pop(paper_id)]
        self._rows |= {p.paper.id: row_ids(p.paper.id, len(p.windows), 0) for p in papers}
        after = {row for p in papers for row in self._rows[p.paper.id]}
        self._store.write(0, papers, dict.fromkeys(text_key(p.paper) for p in papers), self.vectors)
        self._store.delete([row for row in before if row not in after])


def new_generation(database: Database, fingerprint: str) -> Head:
    """Empty collections for vectors of that fingerprint, as the head that they will be."""
    generation = uuid.uuid4().hex[:8]
    facts = {"fingerprint": fingerprint}
    rows = database.new(f"rows-{generation}", facts, {"hnsw": NEIGHBOURS})
    extras = database.new(f"extras-{generation}", facts, {"hnsw": _SIDE})
    assert rows is not None  # the name is new
    assert extras is not None
    return Head(0, generation, rows, extras, frozenset())


def _after(version: int, kind: str) -> Any:
    return {"$and": [{"version": {"$gt": version}}, {"kind": kind}]}


def _parts(row: str) -> tuple[int, str]:
    """The version and the paper in the id of a row."""
    kind, _, rest = row.partition(":")
    if kind == "window":
        rest = rest.partition(":")[2]
    version, _, paper = rest.partition(":")
    return int(version), paper


def _packed(vectors: VectorFiles, key: str) -> dict[str, Any]:
    """The vectors of one text as metadata. As a document they would be indexed for full-text search."""
    packed: dict[str, Any] = {"kind": "vectors"}
    for name in _FILES:
        rows, parts = getattr(vectors, name).gather([key])
        packed[name] = base64.b64encode(rows.tobytes()).decode()
        packed[f"{name} shape"] = " ".join(map(str, (*parts[0], rows.shape[1])))
    return packed


def _unpack(found: Mapping[str, Mapping[str, Any]], vectors: VectorFiles) -> None:
    for name in _FILES:
        file = getattr(vectors, name)
        added = {}
        for row, packed in found.items():
            with suppress(KeyError, ValueError):  # what is damaged is as good as missing, and is made again
                *parts, width = map(int, packed[f"{name} shape"].split())
                rows = np.frombuffer(base64.b64decode(packed[name]), file.dtype).reshape(sum(parts), width)
                added[row.partition(":")[2]] = (rows, tuple(parts))
        file.append(added)


_FILES: Final = ("words", "terms", "passages")  # the last one last, as `VectorFiles.append` has them


def _pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page
