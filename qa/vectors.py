"""The vectors of every passage and every word, in memory-mapped files beside the store.

They are derived: a paper's vectors are found by a hash of its text, and can be made again from it.
Chroma finds candidates among millions; these rows then score whole papers exactly, down to single
words, without asking Chroma again. Rows are only ever appended. An interrupted append leaves rows
that no index line names; the next writer cuts them off.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, KeysView, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.embedding import PaperVectors
from qa.lexical import stems
from qa.paper import Paper

Rows = NDArray[Any]
_DAMAGE: Final = (ValueError, TypeError, LookupError)  # what reading a damaged index raises


def text_key(paper: Paper) -> str:
    """What a paper's vectors depend on, as a short hash: its title and abstract."""
    text = f"{paper.title}\0{paper.abstract}".encode()
    return hashlib.blake2b(text, digest_size=12).hexdigest()


class VectorFiles:
    """All vectors of one embedding by text key. The folder is made by the first `append`.

    `passages` holds for each paper the whole abstract, its windows and its sentences; `words` the words of
    its title and those of its abstract, `terms` a number for the stem of each of these.
    """

    def __init__(self, folder: Path) -> None:
        self.passages = RowFile(folder / "passages", np.int8)
        self.words = RowFile(folder / "words", np.int8)
        self.terms = RowFile(folder / "terms", np.uint32)

    def __contains__(self, key: str) -> bool:
        return key in self.passages and key in self.words and key in self.terms

    def lacking(self, keys: Iterable[str]) -> set[str]:
        """Those of many keys whose vectors are not there."""
        return set(keys) - (self.passages.keys() & self.words.keys() & self.terms.keys())

    def reload(self) -> None:
        """See what another process has appended."""
        for file in (self.passages, self.words, self.terms):
            file.reload()

    def append(self, papers: Mapping[str, tuple[PaperVectors, int]]) -> None:
        """Add vectors by key; with each, how many of the passages after the first are windows.

        The caller holds the library's exclusive lock.
        """
        new = {key: paper for key, (paper, _) in papers.items()}
        parts = {key: (paper.title, len(paper.words) - paper.title) for key, paper in new.items()}
        self.words.append({key: (paper.words, parts[key]) for key, paper in new.items()})
        self.terms.append(
            {key: (term_numbers(paper.terms)[:, None], parts[key]) for key, paper in new.items()}
        )
        self.passages.append(
            {
                key: (as_bytes(paper.passages), (1, windows, len(paper.passages) - 1 - windows))
                for key, (paper, windows) in papers.items()
            }
        )


def as_bytes(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Each row with its greatest number made 127: a quarter of the room, the same direction."""
    return np.asarray(np.rint(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))), np.int8)


def as_units(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """Unit vectors again, a row each."""
    vectors = rows.astype(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors


def term_numbers(terms: Iterable[str]) -> NDArray[np.uint32]:
    """A number for the stem of each word, the same for words that the full-text index holds for the same."""
    return np.fromiter(map(_term_number, terms), np.uint32)


@functools.lru_cache(maxsize=2**16)  # few words make up most of a text
def _term_number(term: str) -> int:
    return zlib.crc32(next(iter(stems(term)), "").encode())


class RowFile:
    """Rows of equal length by key, in a file NAME.bin with an index NAME.jsonl beside it."""

    def __init__(self, name: Path, dtype: type[np.int8] | type[np.uint32]) -> None:
        self._data, self._index = name.with_suffix(".bin"), name.with_suffix(".jsonl")
        self.dtype = np.dtype(dtype)
        self._dimension = 0
        self._sound = True  # whether every line of the index could be read
        self._seen = (0, 0)  # of the index as it was last read: which file, and how many bytes
        self._end = 0  # rows that the index names
        self._lines: dict[str, int] = {}  # the line of the table that is a key's
        self._table = _no_lines()  # where a paper's rows begin, and how many there are of each kind
        self._rows: Rows = np.empty((0, 1), dtype)
        self.reload()

    def __contains__(self, key: str) -> bool:
        return key in self._lines

    def keys(self) -> KeysView[str]:
        """The keys of all papers that have rows."""
        return self._lines.keys()

    def rows(self, key: str) -> Rows:
        """The rows of one paper, shape (rows, dimension)."""
        line = self._table[self._lines[key]]
        return self._rows[line[0] : line.sum()]

    def firsts(self, keys: Iterable[str]) -> Rows:
        """The first row of each of several papers, shape (papers, dimension)."""
        return self._rows[self._table[[self._lines[key] for key in keys], 0]]

    def gather(self, keys: Iterable[str]) -> tuple[Rows, NDArray[np.int64]]:
        """The rows of several papers one after another, and for each paper how many of each kind."""
        table = self._table[[self._lines[key] for key in keys]]
        pieces = [self._rows[first:stop] for first, stop in zip(table[:, 0], table.sum(axis=1), strict=True)]
        return np.concatenate(pieces), table[:, 1:]

    def append(self, papers: Mapping[str, tuple[Rows, tuple[int, ...]]]) -> None:
        """Add rows by key, with how many there are of each kind.

        Rows reach the disk before the lines that name them.
        """
        self.reload()  # a writer that died may have left rows that this process has not seen
        new = {key: value for key, value in papers.items() if key not in self._lines}
        if not new:
            return
        self._begin(next(iter(new.values()))[0].shape[1])
        row = self._end
        table = []
        with self._data.open("r+b") as data:
            data.truncate(row * self._width)
            data.seek(0, os.SEEK_END)
            for rows, parts in new.values():
                data.write(rows.astype(self.dtype).tobytes())
                table.append((row, *parts))
                row += len(rows)
            data.flush()
            os.fsync(data.fileno())
        with self._index.open("a", encoding="ascii") as index:
            index.writelines(_line(key, line) for key, line in zip(new, table, strict=True))
            index.flush()
            os.fsync(index.fileno())
        self._take(list(new), np.array(table, np.int64))
        self._map()

    def reload(self) -> None:
        """See what another process has appended."""
        file, size = self._index_now()
        if (file, size) == self._seen:
            return
        if not (self._sound and file == self._seen[0] and size > self._seen[1]):
            self._seen, self._lines, self._table, self._end = (file, 0), {}, _no_lines(), 0
        # What is damaged is as good as missing, and is made again by whoever misses it.
        self._sound = False
        with suppress(*_DAMAGE):
            self._read_index(self._seen[1])
            self._sound = True
        self._map()

    @property
    def _width(self) -> int:
        return self._dimension * self.dtype.itemsize

    def _read_index(self, start: int) -> None:
        """Read the index from a byte on; its first line says how long a row is."""
        with self._index.open("rb") as index:
            index.seek(start)
            *lines, rest = index.read().decode("ascii").split("\n")
        if start == 0:
            self._dimension = int(json.loads(lines.pop(0))["dimension"])
        on_disk = self._data.stat().st_size // self._width if self._data.is_file() else 0
        keys, table = _read(lines)
        sound = int(np.logical_and.accumulate(table.sum(axis=1) <= on_disk).sum())
        self._take(keys[:sound], table[:sound])
        if sound < len(lines) or rest:
            raise ValueError(f"line {sound + 1} of {len(lines)} is damaged")

    def _take(self, keys: Sequence[str], table: NDArray[np.int64]) -> None:
        """Know some more lines of the index."""
        if not keys:
            return
        known = len(self._table)
        self._table = np.concatenate([self._table, table]) if known else table
        self._lines |= zip(keys, range(known, known + len(keys)), strict=True)
        self._end = int(table[-1].sum())

    def _begin(self, dimension: int) -> None:
        """Make both files where they are missing or of no use; take damaged lines out of the index."""
        self._data.parent.mkdir(parents=True, exist_ok=True)
        if not self._lines:
            self._dimension = dimension
            self._data.write_bytes(b"")
        if not (self._lines and self._sound):
            lines = [_line(key, self._table[line].tolist()) for key, line in self._lines.items()]
            scratch = self._index.with_suffix(".new")  # another file, by which readers see that it is new
            scratch.write_text("".join([json.dumps({"dimension": dimension}) + "\n", *lines]), "ascii")
            os.replace(scratch, self._index)
            self._sound = True

    def _map(self) -> None:
        self._seen = self._index_now()
        if self._end:
            shape = (self._end, self._dimension)
            self._rows = np.asarray(np.memmap(self._data, self.dtype, mode="r", shape=shape))

    def _index_now(self) -> tuple[int, int]:
        """The index as it is: which file, and how many bytes."""
        try:
            now = self._index.stat()
        except FileNotFoundError:
            return 0, 0
        return now.st_ino, now.st_size


def _no_lines() -> NDArray[np.int64]:
    return np.empty((0, 0), np.int64)


def _read(lines: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Keys and numbers of lines: all read at once, or one by one up to the first that is damaged."""
    with suppress(*_DAMAGE):
        return _parsed(lines)
    keys: list[str] = []
    tables: list[NDArray[np.int64]] = []
    with suppress(*_DAMAGE):
        for line in lines:
            key, table = _parsed([line])
            if tables and table.shape != tables[0].shape:
                break
            keys += key
            tables.append(table)
    return keys, np.concatenate(tables) if tables else _no_lines()


def _parsed(lines: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    if not lines:
        return [], _no_lines()
    values = json.loads(f"[{','.join(lines)}]")
    return [value[0] for value in values], np.array([value[1:] for value in values], np.int64)


def _line(key: str, numbers: Sequence[int]) -> str:
    return json.dumps([key, *numbers]) + "\n"
