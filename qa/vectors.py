"""The vectors of every passage, in one memory-mapped file beside the store.

They are derived: a paper's vectors are found by a hash of its text, and can be made again from it.
Chroma finds candidates among millions; these rows then score whole papers exactly, sentences
included, without asking Chroma again. Rows are only ever appended. An interrupted append leaves rows
that no index line names; the next writer cuts them off.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.paper import Paper

Rows = NDArray[np.float16]


@dataclass(frozen=True)
class Block:
    """Where one paper's rows stand: the whole abstract first, then its windows, then its sentences."""

    row: int
    windows: int
    sentences: int

    @property
    def rows(self) -> int:
        """How many rows the paper has."""
        return 1 + self.windows + self.sentences


def text_key(paper: Paper) -> str:
    """What a paper's vectors depend on, as a short hash: its title and abstract."""
    text = f"{paper.title}\0{paper.abstract}".encode()
    return hashlib.blake2b(text, digest_size=12).hexdigest()


class VectorFile:
    """Passage vectors by text key, all of one embedding. The folder is made by the first `append`."""

    def __init__(self, folder: Path) -> None:
        self._data, self._index = folder / "rows.f16", folder / "rows.jsonl"
        self._dimension = 0
        self._sound = True  # whether every line of the index could be read
        self._seen = 0  # bytes of the index when it was last read
        self._blocks: dict[str, Block] = {}
        self._rows: Rows = np.empty((0, 0), np.float16)
        self.reload()

    def __contains__(self, key: str) -> bool:
        return key in self._blocks

    def rows(self, key: str) -> Rows:
        """The rows of one paper, shape (1 + windows + sentences, dimension)."""
        block = self._blocks[key]
        return self._rows[block.row : block.row + block.rows]

    def gather(self, keys: Iterable[str]) -> tuple[NDArray[np.float32], list[Block]]:
        """The rows of several papers one after another, and the block of each."""
        blocks = [self._blocks[key] for key in keys]
        lengths = np.array([block.rows for block in blocks])
        before = np.cumsum(lengths) - lengths
        shifts = np.array([block.row for block in blocks]) - before
        return self._rows[np.repeat(shifts, lengths) + np.arange(lengths.sum())].astype(np.float32), blocks

    def append(self, papers: dict[str, tuple[NDArray[np.float32], int]]) -> None:
        """Add rows by key; with each, how many of them after the first are windows.

        The caller holds the library's exclusive lock. Rows reach the disk before the lines that name them.
        """
        self.reload()  # a writer that died may have left rows that this process has not seen
        new = {key: value for key, value in papers.items() if key not in self._blocks}
        if not new:
            return
        self._begin(len(next(iter(new.values()))[0][0]))
        row = self._end()
        lines = []
        with self._data.open("r+b") as data:
            data.truncate(row * self._dimension * 2)
            data.seek(0, os.SEEK_END)
            for key, (vectors, windows) in new.items():
                data.write(vectors.astype(np.float16).tobytes())
                self._blocks[key] = Block(row, windows, len(vectors) - 1 - windows)
                lines.append(_line(key, self._blocks[key]))
                row += len(vectors)
            data.flush()
            os.fsync(data.fileno())
        with self._index.open("a", encoding="ascii") as index:
            index.writelines(lines)
            index.flush()
            os.fsync(index.fileno())
        self._map()

    def reload(self) -> None:
        """See what another process has appended."""
        if self._size() == self._seen:
            return
        self._blocks, self._sound = {}, False
        # What is damaged is as good as missing, and is made again by whoever misses it.
        with suppress(ValueError, TypeError, KeyError):
            self._blocks.update(self._read_index())
            self._sound = True
        self._map()

    def _read_index(self) -> Iterator[tuple[str, Block]]:
        head, *lines = self._index.read_text(encoding="ascii").split("\n")
        self._dimension = int(json.loads(head)["dimension"])
        on_disk = self._data.stat().st_size // (2 * self._dimension) if self._data.is_file() else 0
        for line in lines[:-1]:
            key, row, windows, sentences = json.loads(line)
            block = Block(row, windows, sentences)
            if row + block.rows > on_disk:
                raise ValueError(f"row {row} of {on_disk}")
            yield key, block
        if lines[-1]:
            raise ValueError("the last line is cut off")

    def _begin(self, dimension: int) -> None:
        """Make both files where they are missing or of no use; take damaged lines out of the index."""
        self._data.parent.mkdir(parents=True, exist_ok=True)
        if not self._blocks:
            self._dimension = dimension
            self._data.write_bytes(b"")
        if not (self._blocks and self._sound):
            lines = [_line(key, block) for key, block in self._blocks.items()]
            self._index.write_text("".join([json.dumps({"dimension": dimension}) + "\n", *lines]), "ascii")
            self._sound = True

    def _map(self) -> None:
        self._seen = self._size()
        if rows := self._end():
            self._rows = np.asarray(
                np.memmap(self._data, np.float16, mode="r", shape=(rows, self._dimension))
            )

    def _size(self) -> int:
        return self._index.stat().st_size if self._index.is_file() else 0

    def _end(self) -> int:
        return max((block.row + block.rows for block in self._blocks.values()), default=0)


def _line(key: str, block: Block) -> str:
    return json.dumps([key, block.row, block.windows, block.sentences]) + "\n"
