"""A question to papers, best first: candidates from both indexes, a first sum, late interaction, feedback.

1. Chroma gives the papers with the nearest passages, tantivy those with the rarest words, and the rarest
   pieces of words, in common with the question.
2. Each candidate is scored by its whole abstract, its best window, its best sentence, its words and
   their pieces.
3. The best of them are scored by late interaction too (Khattab and Zaharia, 2020, arXiv:2004.12832):
   each word of the question finds the word nearest to it in the paper, and counts as much as it is rare
   among these candidates; once over the whole paper and once over its title.
4. The best three then speak for the question: what is near to their mean rises (Rocchio, 1971).

Every part is on a fixed scale, the spread that it usually has among the candidates of a question, and is
not standardised anew for each question: that did as well on four collections, and what a paper scores
depends little on which other papers are in the library. The weights were searched on SciFact, Cranfield,
questions over arXiv abstracts and the development questions, each left out in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qa.embedding import QuestionVectors
from qa.paper import Hit, Paper, Passage
from qa.snapshot import Snapshot
from qa.vectors import as_units, term_numbers

NEAREST_ROWS: Final = 150  # passages asked of Chroma; some 50 papers
NEAREST_WORDS: Final = 50  # papers that become candidates by their words, and as many by their pieces
WORDED: Final = 200  # papers asked of the full-text index, so that few candidates have words but no score
ROWS_OF_A_PAPER: Final = 12  # more than all but the longest abstracts have
# Up to so many papers that pass the filters, all of them are scored.
SCORE_ALL: Final = 2000
# Where fewer than one paper in so many passes them, the index of neighbours would have to give too many rows:
# the abstracts as a whole are compared one by one instead, and so many of the nearest are candidates.
FEW: Final = 10
COMPARED: Final = 100
CLOSELY_READ: Final = 60  # candidates that get late interaction

# Weight of each part, by its usual spread. First sum:
WHOLE, WINDOW, SENTENCE = 0.5 / 0.06, 1.0 / 0.06, 0.75 / 0.06  # cosines
WORDS = 1.0 / 0.13  # BM25, as a share of the rarity of the question's words
PIECES = 1.0 / 0.10  # the same of pieces of words
# Late interaction, with the whole paper and with its title; then feedback:
INTERACTION, TITLE = 4.0 / 0.055, 1.0 / 0.06
FEEDBACK = 3.0 / 0.06
FEEDBACK_PAPERS: Final = 3
# What is on a subject scores at least so much of the way from the candidate of that rank, which is not on
# it, to the first. The right sets were found equally well with 0.44 to 0.5, and with ranks from 20 to 40.
BACKGROUND: Final = 30
LISTED: Final = 0.46
FEEDBACK_FALL: Final = 0.3  # how fast a paper's say falls with its distance behind the first


@dataclass(frozen=True)
class Scored:
    """A candidate paper: its place in the sum, and the cosines of its passages with the question."""

    paper: Paper
    score: float
    whole: float
    windows: NDArray[np.float32]  # one for each window of the abstract
    sentences: NDArray[np.float32]  # one for each sentence
    words: float  # BM25, as a share of the rarity of the question's words


@dataclass(frozen=True)
class _Parts:
    """The candidates' parts of the first sum, a row each, and all their cosines."""

    papers: list[Paper]
    whole: NDArray[np.float32]  # the vectors themselves
    cosines: NDArray[np.float32]
    edges: NDArray[np.int64]  # where in `cosines` a paper's whole, its windows and its sentences begin
    ends: NDArray[np.int64]
    words: NDArray[np.float64]
    sums: NDArray[np.float64]


def rank(
    snapshot: Snapshot,
    query: str,
    vectors: QuestionVectors,
    k: int = 10,
    allowed: Collection[str] | None = None,
) -> list[Scored]:
    """At least `k` candidates for `query`, embedded as `vectors`, best first, where there are so many.

    Only papers in `allowed`, if it is given.
    """
    if allowed is None and k >= len(snapshot.papers):
        allowed = snapshot.papers  # whoever wants them all gets them all; an index of neighbours may miss one
    # Where many papers are allowed, so many more are asked for that enough of them are left.
    share = 1.0 if allowed is None else len(snapshot.papers) / max(len(allowed), 1)
    few = allowed if allowed is not None and (share > FEW or len(allowed) <= max(SCORE_ALL, k)) else None
    limit = min(int(max(WORDED, k) * (1 if few is not None else share)), max(len(snapshot.papers), 1))
    words = snapshot.lexical.search(query, limit, few)
    pieces = snapshot.lexical.search_pieces(query, limit, few)
    worded = {
        paper_id
        for scores in (words, pieces)
        for paper_id in islice((i for i in scores if allowed is None or i in allowed), max(NEAREST_WORDS, k))
    }
    rows = int(max(NEAREST_ROWS, ROWS_OF_A_PAPER * k) * share)
    near = snapshot.store.nearest(vectors.whole, rows) if few is None else _nearest(snapshot, vectors, few, k)
    candidates = _candidates(snapshot, {*near, *worded}, allowed)
    if not candidates:
        return []
    parts = _first_sum(snapshot, candidates, vectors.whole, words, pieces, query)
    order = np.argsort(-parts.sums, kind="stable")[: max(CLOSELY_READ, k)]
    sums = parts.sums[order] + _interaction(snapshot, [candidates[i] for i in order], vectors)
    sums += FEEDBACK * _feedback(sums, parts.whole[order])
    return [_scored(parts, int(order[i]), float(sums[i])) for i in np.argsort(-sums, kind="stable")]


def closed_list(ranked: Sequence[Scored]) -> list[Scored]:
    """Those of `ranked`, which is all that `rank` gave, that are on the subject: as many as there are."""
    if not ranked:
        return []
    first, background = ranked[0].score, ranked[min(BACKGROUND, len(ranked)) - 1].score
    return [item for item in ranked if item.score >= background + LISTED * (first - background)]


def hits(snapshot: Snapshot, ranked: list[Scored]) -> list[Hit]:
    """What a front end shows of ranked papers: each with its best window."""
    return [Hit(item.paper, item.score, best_window(snapshot, item)) for item in ranked]


def best_window(snapshot: Snapshot, item: Scored) -> Passage:
    """The window of the abstract nearest to the question; empty for a paper without an abstract."""
    windows = snapshot.cuts(item.paper).windows
    start, end = windows[int(item.windows.argmax())] if windows else (0, 0)
    return Passage(item.paper.id, item.paper.abstract[start:end], start, end)


def _nearest(snapshot: Snapshot, vectors: QuestionVectors, few: Collection[str], k: int) -> Collection[str]:
    """All of few papers; of more those whose abstracts as a whole are nearest, all of them compared."""
    if len(few) <= max(SCORE_ALL, k):
        return few
    ids = sorted(few)
    wholes = snapshot.vectors.passages.firsts(snapshot.key(snapshot.papers[paper]) for paper in ids)
    nearest = np.argsort(-(as_units(wholes) @ vectors.whole), kind="stable")
    return [ids[i] for i in nearest[: max(COMPARED, k)]]


def _candidates(snapshot: Snapshot, ids: set[str], allowed: Collection[str] | None) -> list[Paper]:
    """In the order of their ids, so that sums come out the same to the last digit."""
    papers = snapshot.papers
    return [papers[i] for i in sorted(ids) if i in papers and (allowed is None or i in allowed)]


def _first_sum(
    snapshot: Snapshot,
    papers: list[Paper],
    vector: NDArray[np.float32],
    words: Mapping[str, float],
    pieces: Mapping[str, float],
    query: str,
) -> _Parts:
    rows, lengths = snapshot.vectors.passages.gather(snapshot.key(paper) for paper in papers)
    edges = np.concatenate([[0], np.cumsum(lengths)])[:-1].reshape(-1, 3)
    rows = as_units(rows)
    cosines = rows @ vector
    most = snapshot.lexical.weight(query) or 1.0
    shares = np.array([words.get(paper.id, 0.0) for paper in papers]) / most
    held = np.array([pieces.get(paper.id, 0.0) for paper in papers])
    sums = _best_of_each(cosines, edges, lengths) @ np.array([WHOLE, WINDOW, SENTENCE])
    sums += WORDS * shares + PIECES * held
    return _Parts(papers, rows[edges[:, 0]], cosines, edges, edges[:, 2] + lengths[:, 2], shares, sums)


def _best_of_each(
    cosines: NDArray[np.float32], edges: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """For each paper the cosine of the whole, of the best window and of the best sentence.

    A paper without windows and sentences has that of the whole in their place.
    """
    padded = np.append(cosines, np.float32(-1))  # so that an empty stretch at the end has an index
    best = np.maximum.reduceat(padded, edges.ravel()).reshape(-1, 3)
    return np.where(lengths > 0, best, best[:, :1])


def _interaction(snapshot: Snapshot, papers: list[Paper], vectors: QuestionVectors) -> NDArray[np.float64]:
    """The late interaction of each paper with the question, weighted; nothing where there are no words."""
    keys = [snapshot.key(paper) for paper in papers]
    rows, lengths = snapshot.vectors.words.gather(keys)
    if not vectors.terms or not len(rows):
        return np.zeros(len(papers))
    starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    cosines = (rows.astype(np.float32) @ vectors.words.T).T
    best = _best_in_each(cosines, starts, lengths)  # question words, papers, (title, abstract)
    weights = _rarity(vectors.terms, snapshot.vectors.terms.gather(keys)[0], starts, lengths)
    return np.asarray(INTERACTION * (weights @ best.max(axis=2)) + TITLE * (weights @ best[:, :, 0]))


def _best_in_each(
    table: NDArray[np.float32], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The greatest of each stretch of each row, 0 for an empty one; shape (rows, *lengths.shape)."""
    padded = np.append(table, np.zeros((len(table), 1), np.float32), axis=1)
    best = np.maximum.reduceat(padded, starts, axis=1)
    return np.where(lengths.ravel() > 0, best, 0).reshape(len(table), *lengths.shape)


def _rarity(
    terms: Sequence[str],
    numbers: NDArray[np.uint32],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How rare each word of the question is among these papers: inverse document frequency, in shares."""
    same = (term_numbers(terms)[:, None] == numbers.ravel()).astype(np.float32)
    holding = _best_in_each(same, starts, lengths).max(axis=2).sum(axis=1)
    rarity = np.log(1 + (len(lengths) - holding + 0.5) / (holding + 0.5))
    return np.asarray(rarity / rarity.sum())


def _feedback(sums: NDArray[np.float64], whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of each paper with the mean of the best few, the best of which says most."""
    first = np.argsort(-sums, kind="stable")[:FEEDBACK_PAPERS]
    say = np.exp((sums[first] - sums[first[0]]) * FEEDBACK_FALL)
    mean = say.astype(np.float32) @ whole[first]
    return np.asarray(whole @ (mean / np.linalg.norm(mean)))


def _scored(parts: _Parts, place: int, score: float) -> Scored:
    whole, windows, sentences = parts.edges[place]
    return Scored(
        parts.papers[place],
        score,
        float(parts.cosines[whole]),
        parts.cosines[windows:sentences],
        parts.cosines[sentences : parts.ends[place]],
        float(parts.words[place]),
    )
