"""Chroma: the only source of truth. Papers and their windows, in one collection with its fingerprint.

A paper is one row (its record as metadata, the vector of the whole), and each window of its abstract
another. Everything else that a library keeps can be made again from these rows.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qa.errors import StoreUnavailable
from qa.paper import Paper
from qa.text import Span

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

# Chroma shares one client among all users of the same path in a process, and a shared client cannot
# be reopened by one of them. Every Store spells its path differently and so has its own.
_spellings: set[int] = set()
_spelling_lock = threading.Lock()

_PAGE = 2000  # rows read at a time
_METADATA = tuple(f.name for f in fields(Paper) if f.name not in ("id", "abstract"))
_LISTS = ("authors", "source")
# Rows that a search of the index of neighbours looks at, at least: with fewer, who is a candidate hangs on
# chance, since the index is built with other random numbers each time. Building it with as many costs two
# and a half times the time of this, and of 150 nearest rows among 42,000 finds one more in a thousand.
NEIGHBOURS = {"space": "cosine", "ef_search": 400, "ef_construction": 128}

Row = tuple[str, NDArray[np.float32], dict[str, Any]]  # id, vector, metadata


@dataclass(frozen=True)
class StoredPaper:
    """A paper as it is written: its windows, and vectors of shape (1 + windows, dimension)."""

    paper: Paper
    windows: tuple[Span, ...]
    vectors: NDArray[np.float32]


class Rows(Protocol):
    """The rows of a library as a question needs them."""

    @property
    def fingerprint(self) -> str:
        """What made the vectors."""

    def count(self) -> int:
        """Rows: papers and windows together."""

    def nearest(self, vector: NDArray[np.float32], rows: int) -> list[str]:
        """Ids of the papers that the `rows` nearest rows belong to, nearest first, none twice."""

    def close(self) -> None:
        """Let go of them."""


class Store:
    """One Chroma collection in a folder. Opening creates nothing unless `create` gives a fingerprint.

    Not safe against other processes by itself: the library's lock is held around every call.
    """

    def __init__(self, folder: Path, collection: str, *, create: str | None = None) -> None:
        self._spelling = _free_spelling()
        self._ahead: threading.Thread | None = None
        # One that cannot be opened keeps its number, because Chroma remembers the broken client under it.
        self._client = _open_client(folder, self._spelling)
        try:
            self._collection = self._open(collection, create)
        except Exception as error:
            self.close()
            raise StoreUnavailable(
                f"no collection {collection!r} in {folder}: {_first_line(error)}"
            ) from error

    def _open(self, name: str, fingerprint: str | None) -> Collection:
        if fingerprint is None:
            return self._client.get_collection(name, embedding_function=None)
        return self._client.create_collection(
            name,
            embedding_function=None,
            configuration={"hnsw": NEIGHBOURS},  # type: ignore[arg-type]
            metadata={"fingerprint": fingerprint},
        )

    @property
    def fingerprint(self) -> str:
        """What made the vectors, as it was given when the collection was created."""
        return str((self._collection.metadata or {}).get("fingerprint", ""))

    def count(self) -> int:
        """Rows: papers and windows together."""
        return int(self._collection.count())

    def papers(self) -> Iterator[Paper]:
        """Every paper, in the order of their ids."""
        ids = sorted(self._collection.get(where={"kind": "paper"}, include=[])["ids"])
        for first in range(0, len(ids), _PAGE):
            page = self._collection.get(ids[first : first + _PAGE], include=["documents", "metadatas"])
            rows = zip(page["ids"], page["documents"] or (), page["metadatas"] or (), strict=True)
            found = (paper_from(_paper_of(row), text, facts) for row, text, facts in rows)
            yield from sorted(found, key=lambda paper: paper.id)

    def nearest(self, vector: NDArray[np.float32], rows: int) -> list[str]:
        """Ids of the papers that the `rows` nearest rows belong to, nearest first, none twice."""
        self._await_index()
        found = self._collection.query(query_embeddings=vector[np.newaxis], n_results=rows, include=[])
        return list(dict.fromkeys(_paper_of(row) for row in found["ids"][0]))

    def write(self, papers: Sequence[StoredPaper], gone: Sequence[str] = ()) -> None:
        """Put papers in, or in the place of those of the same id; then take away the rows `gone`.

        In this order, so that whoever dies in between has lost nothing.
        """
        size = self._client.get_max_batch_size()
        rows = [row for stored in papers for row in rows_of(stored)]
        for first in range(0, len(rows), size):
            upsert(self._collection, rows[first : first + size])
        for first in range(0, len(gone), size):
            self._collection.delete(ids=list(gone[first : first + size]))

    def describe(self, papers: Sequence[Paper]) -> None:
        """Put records in the place of those of the same id and text; vectors and windows stay."""
        size = self._client.get_max_batch_size()
        for first in range(0, len(papers), size):
            some = papers[first : first + size]
            ids = [row_ids(paper.id, 0)[0] for paper in some]
            self._collection.update(ids=ids, metadatas=[_record(paper) for paper in some])

    def read_ahead(self) -> None:
        """Have Chroma read its index of neighbours meanwhile, which otherwise waits for the first search."""
        # No daemon: an interpreter that ends meanwhile would tear the thread out of Chroma, and crash.
        self._ahead = threading.Thread(target=self._read_index)
        self._ahead.start()

    def _await_index(self) -> None:
        if self._ahead:
            self._ahead.join()

    def _read_index(self) -> None:
        with suppress(Exception):  # the first search will say what is wrong
            vectors = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
            if vectors is not None and len(vectors):
                self._collection.query(query_embeddings=vectors, n_results=1, include=[])

    def close(self) -> None:
        """Let go of the folder."""
        self._await_index()
        self._client.close()  # type: ignore[attr-defined]
        _spellings.discard(self._spelling)


def row_ids(paper_id: str, windows: int, version: int | None = None) -> list[str]:
    """The ids of the rows of a paper with so many windows, as of a version where there are such."""
    name = paper_id if version is None else f"{version}:{paper_id}"
    return [f"paper:{name}", *(f"window:{number}:{name}" for number in range(windows))]


def _free_spelling() -> int:
    with _spelling_lock:
        number = next(n for n in itertools.count() if n not in _spellings)
        _spellings.add(number)
        return number


def _open_client(folder: Path, spelling: int) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    path = os.path.join(folder, *["."] * spelling)
    try:
        return chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
    except Exception as error:  # chromadb raises what its Rust part says, in no tree of its own
        reason = _first_line(error)
        if "readonly database" in reason:
            reason = "it is read-only, and Chroma writes even to read; make it writable, or use a copy"
        raise StoreUnavailable(f"the store in {folder} cannot be opened: {reason}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def rows_of(stored: StoredPaper, version: int | None = None) -> Iterator[Row]:
    """A paper's rows. No text is a Chroma document: its index of documents took half the time of a write."""
    paper = stored.paper
    whole, *windows = row_ids(paper.id, len(stored.windows), version)
    of = {} if version is None else {"version": version, "paper_id": paper.id}
    yield whole, stored.vectors[0], {**_record(paper), **of}
    for row, (start, end), vector in zip(windows, stored.windows, stored.vectors[1:], strict=True):
        yield row, vector, {"kind": "window", "paper_id": paper.id, "start": start, "end": end, **of}


def upsert(collection: Collection, rows: Sequence[Row]) -> None:
    """Put rows into a collection, or in the place of those of the same id."""
    ids, vectors, metadatas = zip(*rows, strict=True)
    collection.upsert(ids=list(ids), embeddings=np.stack(vectors), metadatas=list(metadatas))


def paper_from(paper_id: str, document: str | None, metadata: Any) -> Paper:
    """A paper from its row: its document, if that has one, and its metadata."""
    known = {name: metadata.get(name) for name in _METADATA}
    lists = {name: tuple(known[name] or ()) for name in _LISTS}
    abstract = metadata.get("abstract", document or "")  # format 1 had it as the document
    return Paper(id=paper_id, abstract=abstract, **{**known, **lists})


def _record(paper: Paper) -> dict[str, Any]:
    """The metadata of a paper's own row; a key with None drops what stood there."""
    record = {name: getattr(paper, name) for name in _METADATA}
    lists = {name: list(record[name]) or None for name in _LISTS}
    return {"kind": "paper", "abstract": paper.abstract, **record, **lists}


def _paper_of(row: str) -> str:
    kind, _, rest = row.partition(":")
    return rest if kind == "paper" else rest.partition(":")[2]
