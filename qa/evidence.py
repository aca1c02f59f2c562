"""Which sentences of the papers found answer the question, and how surely any does.

A sentence is scored inside its abstract by a linear model over a dozen plain features. Its weights
were fitted by logistic regression on 1,540 questions over arXiv abstracts with every evidence
sentence marked; none of the seed papers was among them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qa.aspects import aspects_of, side_by_side
from qa.catalogue import Snapshot
from qa.forms import COMPARED, form_of, is_bare_subject, without_titles
from qa.lexical import search_words, stems
from qa.paper import Confidence
from qa.query import StandAlone
from qa.quoting import with_antecedent, without_echoes
from qa.reading import Evidence, Sentence, Weighed
from qa.retrieval import Scored, closed_list
from qa.roles import about, main

_QUANTITY = re.compile(
    r"\bhow (much|many|fast|far|big|large|long|often|well|low|high|close|few|small)\b"
    r"|\bhow (accurate|strong|quick)\w*"
    r"|\bby (how|what)\b|\b(accurac\w+|scores?|percent\w*|speed-?up|faster|factor|gains?|rate|number of)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\b(why|reasons?|cause[sd]?)\b", re.IGNORECASE)
_BECAUSE = re.compile(
    r"\b(because|due to|since|thus|therefore|caus\w+|owing|leads?|result\w* in)\b", re.IGNORECASE
)
_COMPARES = re.compile(
    r"\b(better|worse|than|compar\w+|versus|vs|beat\w*|outperform\w*|against|instead|surpass\w*)\b",
    re.IGNORECASE,
)
_PROPOSES = re.compile(r"\b(propos\w+|introduc\w+|present\w*|develop\w*|novel|new)\b", re.IGNORECASE)
# A sentence that says where the code is answers nothing but a question for the code.
_CODE_IS_AT = re.compile(r"https?://|\bcode\b.{0,40}\b(available|released|at)\b", re.IGNORECASE)
_ASKS_FOR_CODE = re.compile(
    r"\b(code|repository|github|links?|url|download\w*|open.?sourced?|available|website)\b", re.IGNORECASE
)
_NEVER = -100.0

FEATURES = (
    "cosine",  # with the question, above the mean of the abstract's sentences
    "window",  # the best window that holds the sentence, above the mean of the windows
    "words",  # share of the question's rare words that stand here and in few other sentences
    "place",  # 0 for the first sentence, 1 for the last
    "first",
    "last",
    "number",  # holds a number, and the question asks for a quantity
    "reason",  # gives a reason, and the question asks why
    "compares",  # compares, and so does the question
    "proposes",  # says what the paper proposes
)
# For a question about one paper. A list of papers wants from each the sentence that is on the subject,
# wherever it stands, and best the one that says what the paper contributes: the last weight is not fitted.
WEIGHTS_ONE = (7.09, 4.78, 4.09, 3.82, -1.56, -1.08, 0.96, 1.67, 0.67, -0.43)
WEIGHTS_SEVERAL = (4.62, -2.32, 3.47, 0.0, 0.0, 0.0, 1.34, 1.46, 1.11, 1.5)


class Question:
    """What the features need to know of a question: its rare words and what it asks for."""

    def __init__(self, text: str, snapshot: Snapshot) -> None:
        self.stems = list(dict.fromkeys(stems(" ".join(search_words(text)))))
        self.weights = np.array([snapshot.lexical.rarity(stem) for stem in self.stems])
        self.quantity = bool(_QUANTITY.search(text))
        self.why = bool(_WHY.search(text))
        self.compares = bool(_COMPARES.search(text))
        self.for_code = bool(_ASKS_FOR_CODE.search(text))

    def coverage(self, text: str) -> float:
        """The share of the question's words, by rarity, that stand in `text`; 0 without any words."""
        held = set(stems(text))
        total = float(self.weights.sum())
        return float(self.weights[[stem in held for stem in self.stems]].sum()) / total if total else 0.0


def features(question: Question, item: Scored, snapshot: Snapshot) -> NDArray[np.float64]:
    """One row for each sentence of a paper, one column for each of FEATURES."""
    cuts = snapshot.cuts(item.paper)
    texts = [item.paper.abstract[start:end] for start, end in cuts.sentences]
    windows = [
        max(
            c
            for c, (start, end) in zip(item.windows, cuts.windows, strict=True)
            if start <= s[0] and s[1] <= end
        )
        for s in cuts.sentences
    ]
    last = len(texts) - 1
    rows = [
        (
            place / max(last, 1),
            place == 0,
            place == last,
            question.quantity and bool(re.search(r"\d", text)),
            question.why and bool(_BECAUSE.search(text)),
            question.compares and bool(_COMPARES.search(text)),
            bool(_PROPOSES.search(text)),
        )
        for place, text in enumerate(texts)
    ]
    cosines = item.sentences - item.sentences.mean()
    heights = np.array(windows) - item.windows.mean()
    return np.column_stack([cosines, heights, _words(question, texts), np.array(rows, float)])


def _words(question: Question, texts: Sequence[str]) -> NDArray[np.float64]:
    """How much of the question's weight each sentence holds; a word's weight is shared by its holders."""
    held = [set(stems(text)) for text in texts]
    table = np.array([[stem in words for stem in question.stems] for words in held], float)
    table = table.reshape(len(texts), len(question.stems))
    shared = table / np.maximum(table.sum(axis=0), 1)
    weights = question.weights * (table.sum(axis=0) > 0)
    return np.asarray(shared @ weights / max(float(weights.sum()), 1e-9))


# Choosing --------------------------------------------------------------------------------------------

SENTENCES = 3  # of an answer to a question about one paper
PAPERS_FOR_ONE = 3  # papers whose sentences are compared for such an answer
PAPER_WEIGHT = 0.35  # how much a paper's distance behind the first takes off the score of its sentences
PAPERS_FOR_SEVERAL = 25  # at most, of an answer to a question for papers


def choose(snapshot: Snapshot, asked: StandAlone, ranked: Sequence[Scored]) -> Evidence:
    """The sentences of `ranked` papers that answer what was asked; none from a paper without an abstract."""
    question = Question(asked.asked, snapshot)
    readable = [item for item in ranked if len(item.sentences)]
    listed = [item for item in closed_list(ranked) if len(item.sentences)]
    leant_on = [item for paper_id in asked.papers for item in readable if item.paper.id == paper_id]
    titles = [item.paper.title for item in leant_on]
    form = form_of(asked.asked, titles)
    if form == "one" and len(listed) > 1 and is_bare_subject(asked.asked):
        form = "several"
    if form == "several" and 1 < len(leant_on) <= COMPARED:
        listed = leant_on
    if form == "comparison":
        weighed = [_weighed(question, item, snapshot, WEIGHTS_ONE) for item in leant_on]
        sentences, aspects = side_by_side(weighed, aspects_of(without_titles(asked.asked, titles)))
        return Evidence(sentences, form, aspects)
    if form == "about" and readable:
        papers = [_weighed(question, item, snapshot, WEIGHTS_ONE) for item in leant_on or readable[:1]]
        many = tuple(main(paper.sentences) for paper in papers)
        return Evidence(many if len(papers) > 1 else about(papers[0].sentences), form)
    if form == "several":
        return Evidence(tuple(_one_each(question, listed, snapshot)), form)
    return Evidence(_best_few(question, readable, snapshot), form)


def _one_each(question: Question, ranked: list[Scored], snapshot: Snapshot) -> Iterator[Sentence]:
    for item in ranked[:PAPERS_FOR_SEVERAL]:
        yield max(_weighed(question, item, snapshot, WEIGHTS_SEVERAL).sentences, key=_score)


def _best_few(question: Question, ranked: list[Scored], snapshot: Snapshot) -> tuple[Sentence, ...]:
    """The best sentences first, those of one paper together."""
    first = ranked[0].score if ranked else 0.0
    pool = [
        _weighed(question, item, snapshot, WEIGHTS_ONE, PAPER_WEIGHT * (first - item.score))
        for item in ranked[:PAPERS_FOR_ONE]
    ]
    best = sorted((s for paper in pool for s in paper.sentences), key=_score, reverse=True)
    chosen = without_echoes(best[: 2 * SENTENCES])[:SENTENCES]
    for paper in pool:
        chosen = with_antecedent(paper.sentences, chosen)
    papers = list(dict.fromkeys(sentence.paper.id for sentence in chosen))
    return tuple(sorted(chosen, key=lambda sentence: papers.index(sentence.paper.id)))


def _score(sentence: Sentence) -> float:
    return sentence.score


def _weighed(
    question: Question, item: Scored, snapshot: Snapshot, weights: Sequence[float], behind: float = 0.0
) -> Weighed:
    """A paper with its sentences scored; `behind` is taken off each of them."""
    scores = features(question, item, snapshot) @ np.array(weights) - behind
    spans = snapshot.cuts(item.paper).sentences
    if not question.for_code:
        scores += [_NEVER * bool(_CODE_IS_AT.search(item.paper.abstract[a:b])) for a, b in spans]
    chances = 1 / (1 + np.exp(-scores))
    sentences = (
        Sentence(item.paper, a, b, float(chance)) for (a, b), chance in zip(spans, chances, strict=True)
    )
    return Weighed(item.paper, tuple(sentences), item.score)


# Whether there is an answer at all -----------------------------------------------------------------

# A first, simple threshold, by logistic regression on the nearest sentence's cosine and the share of
# the question's rare words in the best paper: questions to the papers they were written for, against
# questions of other fields. It tells other fields apart; it does not tell a detail that is not stated.
_COSINE, _COVERAGE, _CONSTANT = 20.85, 10.5, -13.56
_NONE, _LOW, _MEDIUM = 0.03, 0.3, 0.9


def confidence(snapshot: Snapshot, asked: StandAlone, ranked: Sequence[Scored]) -> tuple[Confidence, float]:
    """How surely the papers answer, as a word and a number from 0 to 1; "none" is a refusal."""
    readable = [item for item in ranked if len(item.sentences)][:3]
    if not readable:
        return "none", 0.0
    question = Question(asked.text, snapshot)
    cosine = max(float(item.sentences.max()) for item in readable)
    coverage = max(question.coverage(f"{item.paper.title} {item.paper.abstract}") for item in readable)
    score = 1 / (1 + math.exp(-(_COSINE * cosine + _COVERAGE * coverage + _CONSTANT)))
    if score < _NONE:
        return "none", score
    return ("low" if score < _LOW else "medium" if score < _MEDIUM else "high"), score
