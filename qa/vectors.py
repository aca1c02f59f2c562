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
        self._blocks: dict[str, Block] = {}
        self._rows: Rows = np.empty((0, 0), np.float16)
        self.reload()

    def __contains__(self, key: str) -> bool:
        return key in self._blocks

    def block(self, key: str) -> Block:
        """Where the rows of `key` stand. KeyError when there are none."""
        return self._blocks[key]

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
                lines.append(json.dumps([key, row, windows, len(vectors) - 1 - windows]))
                row += len(vectors)
            data.flush()
            os.fsync(data.fileno())
        with self._index.open("a", encoding="ascii") as index:
            index.write("".join(f"{line}\n" for line in lines))
            index.flush()
            os.fsync(index.fileno())
        self.reload()

    def reload(self) -> None:
        """See what another process has appended."""
        self._blocks = dict(self._read_index())
        size = self._end()
        if size:
            mapped = np.memmap(self._data, np.float16, mode="r", shape=(size, self._dimension))
            self._rows = np.asarray(mapped)

    def _read_index(self) -> Iterator[tuple[str, Block]]:
        if not (self._index.is_file() and self._data.is_file()):
            return
        head, *lines = self._index.read_text(encoding="ascii").split("\n")[:-1]  # without a line cut off
        self._dimension = int(json.loads(head)["dimension"])
        on_disk = self._data.stat().st_size // (2 * self._dimension)
        for line in lines:
            key, row, windows, sentences = json.loads(line)
            block = Block(row, windows, sentences)
            if row + block.rows <= on_disk:
                yield key, block

    def _begin(self, dimension: int) -> None:
        """Make both files where they are missing; take away an index line that was cut off."""
        self._data.parent.mkdir(parents=True, exist_ok=True)
        if not (self._blocks and self._data.is_file()):
            self._dimension = dimension
            self._index.write_text(json.dumps({"dimension": dimension}) + "\n", encoding="ascii")
            self._data.write_bytes(b"")
            return
        text = self._index.read_text(encoding="ascii")
        if not text.endswith("\n"):
            self._index.write_text(text[: text.rindex("\n") + 1], encoding="ascii")

    def _end(self) -> int:
        return max((block.row + block.rows for block in self._blocks.values()), default=0)
