"""How surely each sentence of the papers found answers a question, and how surely any paper does.

Both are logistic regressions: for a sentence over its features (`qa.features`), what the reader says of it
and of its paper (`qa.reader`), and how far its paper stands behind the first; for the question over the best
of these and the scores of retrieval. Their weights are in model/calibration.json, fitted by
`qa.training.calibration` on questions and abstracts that the reader was not fitted to; with the reader, and
without it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from qa.embedding import QuestionVectors
from qa.features import FEATURES, Floats, Question, coverage, features, word_matches
from qa.reader import Reader, Reading
from qa.reading import Sentence, Weighed
from qa.retrieval import Scored
from qa.snapshot import Snapshot
from qa.text import Span

CALIBRATION: Final = Path(__file__).resolve().parent / "model" / "calibration.json"
READ: Final = 4  # papers read for a question; with 3, 6 or 8 the evidence and the refusals came out alike

# What the probability of a sentence is made of, and what that of an answer; both lists without the reader's
# entries where it is switched off.
SENTENCE_VALUES: Final = (*FEATURES, "behind", "first paper", "reader", "below its best", "reader of paper")
ANSWER_VALUES: Final = (
    "sentence",  # logit of the best one
    "score",  # of the first paper
    "cosine",  # of the sentence nearest to the question
    "coverage",  # share of the question's rare words in the paper that has most
    "match",  # cosines of the question's words with the nearest words of a paper, by rarity, at best
    "worst match",  # the same of the word that is matched worst
    "reader's best",
    "reader's first",  # of the paper that retrieval put first
)
OF_READER: Final = 3, 2  # entries of the lists above that are the reader's


@dataclass(frozen=True)
class Logistic:
    """A logistic regression: `values @ weights + constant` is the logit."""

    weights: tuple[float, ...]
    constant: float

    def logits(self, values: Floats) -> Floats:
        """The logit of each row."""
        return np.asarray(values @ np.array(self.weights) + self.constant)


@dataclass(frozen=True)
class Calibration:
    """Weights for sentences and answers, those that tell why not, and answers' logits to set a threshold by.

    `reasons` has a regression for each reason to refuse; `answerable` and `unanswerable` are logits of
    questions that were held out when these weights were fitted, the latter by sort. `version` is a hash.
    """

    version: str
    sentences: Logistic
    answers: Logistic
    reasons: Mapping[str, Logistic]
    answerable: tuple[float, ...]
    unanswerable: Mapping[str, tuple[float, ...]]


@functools.cache
def calibration(with_reader: bool, path: Path = CALIBRATION) -> Calibration:
    """The calibration in a file, by default that of the package; for answers with the reader or without."""
    values = json.loads(path.read_text(encoding="utf-8"))
    part = values["reader" if with_reader else "plain"]
    return Calibration(
        version=values["version"],
        sentences=_logistic(part["sentences"]),
        answers=_logistic(part["answers"]),
        reasons={reason: _logistic(weights) for reason, weights in part["reasons"].items()},
        answerable=tuple(part["answerable"]),
        unanswerable={sort: tuple(logits) for sort, logits in part["unanswerable"].items()},
    )


def _logistic(values: Mapping[str, Any]) -> Logistic:
    return Logistic(tuple(values["weights"]), values["constant"])


@dataclass(frozen=True)
class Read:
    """A paper measured against a question.

    `spans` and the rows of `features` are its sentences. `coverage` is the share of the question's rare
    words that it holds; `match` and `worst` are cosines of the question's words with the nearest words of
    the abstract, the mean by rarity and the least. `reading` is None where the reader is switched off.
    """

    item: Scored
    spans: tuple[Span, ...]
    features: Floats
    coverage: float
    match: float
    worst: float
    reading: Reading | None


def read(
    snapshot: Snapshot, text: str, vectors: QuestionVectors, items: Sequence[Scored], reader: Reader | None
) -> list[Read]:
    """Measure papers, each of which has an abstract, against the question `text`, embedded as `vectors`."""
    question = Question(text, vectors, snapshot)
    spans = [snapshot.cuts(item.paper).sentences for item in items]
    papers = [(item.paper.title, item.paper.abstract) for item in items]
    readings = reader.read(text, papers, spans) if reader else [None] * len(items)
    return [_read(snapshot, question, item, reading) for item, reading in zip(items, readings, strict=True)]


def _read(snapshot: Snapshot, question: Question, item: Scored, reading: Reading | None) -> Read:
    matches = word_matches(question, item, snapshot)
    best = matches.max(axis=0)
    return Read(
        item=item,
        spans=snapshot.cuts(item.paper).sentences,
        features=features(question, item, snapshot, matches),
        coverage=coverage(question.text, f"{item.paper.title} {item.paper.abstract}", snapshot),
        match=float(best @ question.shares),
        worst=float(best.min(initial=1.0)),
        reading=reading,
    )


def sentence_values(papers: Sequence[Read]) -> list[Floats]:
    """For each paper a row for each sentence, a column for each of SENTENCE_VALUES that there is."""
    return [_sentence_values(paper, papers[0], place) for place, paper in enumerate(papers)]


def _sentence_values(paper: Read, first: Read, place: int) -> Floats:
    count = len(paper.spans)
    behind = np.full(count, paper.item.score - first.item.score)
    columns = [paper.features, behind, np.full(count, float(place == 0))]
    if paper.reading:
        logits = paper.reading.sentences
        columns += [logits, logits - logits.max(), np.full(count, paper.reading.answers)]
    return np.column_stack(columns)


def answer_values(papers: Sequence[Read], sentences: Logistic) -> Floats:
    """One value for each of ANSWER_VALUES that there is, `sentences` being the weights for sentences."""
    values = [
        max(float(sentences.logits(rows).max()) for rows in sentence_values(papers)),
        papers[0].item.score,
        *(
            max(column)
            for column in zip(
                *((float(p.item.sentences.max()), p.coverage, p.match, p.worst) for p in papers), strict=True
            )
        ),
    ]
    answers = [paper.reading.answers for paper in papers if paper.reading]
    return np.array([*values, max(answers), answers[0]] if answers else values)


def weigh(papers: Sequence[Read], sentences: Logistic) -> list[Weighed]:
    """The papers with the probability of each of their sentences."""
    weighed = []
    for paper, rows in zip(papers, sentence_values(papers), strict=True):
        chances = 1 / (1 + np.exp(-sentences.logits(rows)))
        scored = tuple(
            Sentence(paper.item.paper, start, end, float(chance))
            for (start, end), chance in zip(paper.spans, chances, strict=True)
        )
        weighed.append(Weighed(paper.item.paper, scored, paper.item.score))
    return weighed
