"""A library as it stands at one stamp: what a question reads, and nothing of how it came to be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from qa.lexical import Lexical
from qa.paper import Paper
from qa.passages import Cuts, cut
from qa.register import Later
from qa.store import Rows, StoredPaper, row_ids
from qa.vectors import VectorFiles, as_units, text_key

FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    """What library.json holds."""

    state: str
    collection: str
    seeds: dict[str, str] | None = None
    chroma: str = "chroma"
    format: int = FORMAT


@dataclass
class Snapshot:
    """A library as it stood at one stamp. Only whoever holds the exclusive lock changes it."""

    manifest: Manifest
    store: Rows
    papers: dict[str, Paper]
    vectors: VectorFiles
    lexical: Lexical
    write: int | None = None  # the last one of the register that `papers` knows; None where that lags behind
    _cuts: dict[str, Cuts] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _whole: str = ""  # the stamp at which no vectors were missing

    @property
    def lags(self) -> bool:
        """Whether something derived on disk has missed a write, so that everybody has to make do without."""
        return self.write is None or not self.lexical.on_disk

    def cuts(self, paper: Paper) -> Cuts:
        """The sentences and windows of a paper's abstract, remembered."""
        if paper.id not in self._cuts:
            self._cuts[paper.id] = cut(paper.abstract)
        return self._cuts[paper.id]

    def key(self, paper: Paper) -> str:
        """Where a paper's vectors are, remembered."""
        if paper.id not in self._keys:
            self._keys[paper.id] = text_key(paper)
        return self._keys[paper.id]

    def has_text(self, paper: Paper) -> bool:
        """Whether the paper of that id is here, and has the same title and abstract."""
        known = self.papers.get(paper.id)
        return known is not None and (known.title, known.abstract) == (paper.title, paper.abstract)

    def rows(self, paper_id: str) -> list[str]:
        """The ids of a paper's rows in the store."""
        return row_ids(paper_id, len(self.cuts(self.papers[paper_id]).windows))

    def forget(self, paper_id: str) -> None:
        """Drop what is remembered of a paper that changed."""
        self._cuts.pop(paper_id, None)
        self._keys.pop(paper_id, None)

    def missing(self) -> list[Paper]:
        """Papers whose vectors are not there: a crash, or a folder copied without them."""
        if self._whole == self.manifest.state:
            return []
        lacking = self.vectors.lacking(map(self.key, self.papers.values()))
        found = [paper for paper in self.papers.values() if self.key(paper) in lacking] if lacking else []
        self._whole = "" if found else self.manifest.state
        return found

    def take(self, later: Later) -> None:
        """Know what came later, and nothing more of what was remembered of it."""
        for paper_id in (*later.gone, *(paper.id for paper, _ in later.papers)):
            self.forget(paper_id)
            self.papers.pop(paper_id, None)
        self.papers |= {paper.id: paper for paper, _ in later.papers}
        self._keys |= {paper.id: key for paper, key in later.papers}
        self.write = later.write


def stored(paper: Paper, vectors: VectorFiles, cuts: Cuts) -> StoredPaper:
    """A paper as the store takes it: of its passages in `vectors`, the whole and the windows."""
    rows = vectors.passages.rows(text_key(paper))[: 1 + len(cuts.windows)]
    return StoredPaper(paper, cuts.windows, as_units(rows))


def model_in(fingerprint: str) -> str:
    """The model that a fingerprint names."""
    try:
        return str(json.loads(fingerprint)["model"])
    except (ValueError, KeyError, TypeError):
        return "an unknown model"
