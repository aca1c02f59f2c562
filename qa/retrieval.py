"""A question to papers, best first: candidates from both indexes, four scores, one sum.

Chroma gives the papers with the nearest passages, tantivy those with the rarest words in common. Each
candidate is then scored by its whole abstract, its best window, its best sentence and its words; each
of the four is standardised over the candidates, and the sum ranks. Standardised sums did better than
reciprocal rank fusion on every collection that was tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.catalogue import Snapshot
from qa.paper import Hit, Paper, Passage
from qa.vectors import Block

NEAREST_ROWS = 600  # passages asked of Chroma; some 200 papers
NEAREST_WORDS = 200  # papers asked of the full-text index
ROWS_OF_A_PAPER = 12  # more than all but the longest abstracts have
# Weights of whole abstract, best window, best sentence and words, in the sum of standardised scores.
WEIGHTS = (1.0, 1.0, 1.0, 1.5)
# Up to so many papers that pass the filters, all of them are scored.
SCORE_ALL = 2000


@dataclass(frozen=True)
class Scored:
    """A candidate paper: its place in the sum, and the cosines of its passages with the question."""

    paper: Paper
    score: float
    whole: float
    windows: NDArray[np.float32]  # one for each window of the abstract
    sentences: NDArray[np.float32]  # one for each sentence
    words: float  # BM25, 0 when no word of the question is in the paper


def rank(
    snapshot: Snapshot,
    query: str,
    vector: NDArray[np.float32],
    k: int = 10,
    allowed: Collection[str] | None = None,
) -> list[Scored]:
    """At least `k` candidates for `query`, whose embedding is `vector`, best first, where there are so many.

    Only papers in `allowed`, if it is given.
    """
    limit = max(NEAREST_WORDS, k) if allowed is None else max(len(snapshot.papers), 1)
    words = snapshot.lexical.search(query, limit)
    candidates = _candidates(snapshot, vector, words, k, allowed)
    if not candidates:
        return []
    rows, blocks = snapshot.vectors.gather(snapshot.key(paper) for paper in candidates)
    scored = _score(candidates, rows @ vector, blocks, words)
    order = np.argsort([-item.score for item in scored], kind="stable")
    return [scored[i] for i in order]


def hits(snapshot: Snapshot, ranked: list[Scored]) -> list[Hit]:
    """What a front end shows of ranked papers: each with its best window."""
    return [Hit(item.paper, item.score, best_window(snapshot, item)) for item in ranked]


def best_window(snapshot: Snapshot, item: Scored) -> Passage:
    """The window of the abstract nearest to the question; empty for a paper without an abstract."""
    windows = snapshot.cuts(item.paper).windows
    start, end = windows[int(item.windows.argmax())] if windows else (0, 0)
    return Passage(item.paper.id, item.paper.abstract[start:end], start, end)


def _candidates(
    snapshot: Snapshot,
    vector: NDArray[np.float32],
    words: Mapping[str, float],
    k: int,
    allowed: Collection[str] | None,
) -> list[Paper]:
    """In the order of their ids, so that sums come out the same to the last digit."""
    papers = snapshot.papers
    if allowed is not None and len(allowed) <= SCORE_ALL:
        return [papers[paper_id] for paper_id in sorted(allowed)]
    share = 1.0 if allowed is None else len(papers) / len(allowed)
    rows = max(NEAREST_ROWS, ROWS_OF_A_PAPER * k)
    ids = {*snapshot.store.nearest(vector, int(rows * share)), *words}
    return [papers[i] for i in sorted(ids) if i in papers and (allowed is None or i in allowed)]


def _score(
    papers: list[Paper], cosines: NDArray[np.float32], blocks: list[Block], words: Mapping[str, float]
) -> list[Scored]:
    lengths = np.array([(1, block.windows, block.sentences) for block in blocks])
    edges = np.concatenate([[0], np.cumsum(lengths)])[:-1].reshape(-1, 3)
    best = _best_of_each(cosines, edges, lengths)
    bm25 = np.array([words.get(paper.id, 0.0) for paper in papers])
    totals = standardise(np.column_stack([best, bm25])) @ np.array(WEIGHTS)
    return [
        Scored(paper, total, float(cosines[whole]), cosines[first:middle], cosines[middle:end], word)
        for paper, total, word, (whole, first, middle), end in zip(
            papers, totals.tolist(), bm25.tolist(), edges, edges[:, 2] + lengths[:, 2], strict=True
        )
    ]


def _best_of_each(
    cosines: NDArray[np.float32], edges: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """For each paper the cosine of the whole, of the best window and of the best sentence.

    A paper without windows and sentences has that of the whole in their place.
    """
    padded = np.append(cosines, np.float32(-1))  # so that an empty stretch at the end has an index
    best = np.maximum.reduceat(padded, edges.ravel()).reshape(-1, 3)
    return np.where(lengths > 0, best, best[:, :1])


def standardise(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each column with mean 0 and standard deviation 1; a column of equal values becomes zeros."""
    spread = table.std(axis=0)
    return np.asarray((table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0))
