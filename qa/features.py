"""What is measured of each sentence of a paper that was found, against the question.

Plain features: cosines of the sentence and of its window, words and places, what the question asks for and
the sentence holds. By late interaction (Khattab and Zaharia, 2020, arXiv:2004.12832) each word of the
question looks for its nearest word, and the sentence that holds it gets its say. How much each counts is
learnt: see `qa.scoring`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qa.embedding import QuestionVectors
from qa.lexical import search_words, stems
from qa.retrieval import Scored
from qa.snapshot import Snapshot
from qa.text import STOP_WORDS

Floats = NDArray[np.float64]

FEATURES: Final = (
    "cosine",  # with the question, above the mean of the abstract's sentences
    "window",  # the best window that holds the sentence, above the mean of the windows
    "stems",  # share of the question's rare words that stand here and in few other sentences
    "place",  # 0 for the first sentence, 1 for the last
    "first",
    "last",
    "number",  # holds a number, and the question asks for a quantity
    "reason",  # gives a reason, and the question asks why
    "compares",  # compares, and so does the question
    "proposes",  # says what the paper proposes
    "results",  # says what was found
    "decides",  # says what was found, and the question wants a yes or no
    "proposes, asked whether",  # says what the paper proposes, and the question wants a yes or no
    "results, asked how",  # says what was found, and the question asks how something is done
    "motive",  # says what was lacking before, and the question does not ask why
    "length",  # logarithm of its characters
    "code",  # says where the code is, and the question does not ask for it
    "nearest words",  # share of the question's words whose nearest word of the abstract stands here
    "words",  # cosines of the question's words with the nearest words here, above the abstract's mean
)

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
_FOUND = re.compile(
    r"\b(results? (on|show|demonstrat|indicat|suggest|reveal)\w*|experiment\w*|empirical\w*|findings?"
    r"|we (show|find|prove|demonstrate|observe)|achiev\w+|outperform\w*)\b",
    re.IGNORECASE,
)
_LACKING = re.compile(
    r"\b(however|despite|challeng\w+|limit\w+|suffer\w*|difficult\w*|remain\w*|lack\w*|existing|previous"
    r"|recent(ly)?)\b",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    r"^\W*((and|so|but|ok|then) )*(does|do|did|is|are|was|were|can|could|will|would|has|have|should)\b"
    r"|[,;:] *(does|do|is|are|can|could) (it|they|this|that|the)\b",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"\bhow (do|does|can|is|are|did|to)\b|\bwhat (does|do) .{1,40} (use|learn|replace|do)\b"
    r"|\b(which|what) (method|approach|technique|trick)|\bis there (a|any|some)\b",
    re.IGNORECASE,
)
_PROBLEM = re.compile(r"\b(why|reason|wrong|problem|fall short|fail\w*|difficult\w*|hard)\b", re.IGNORECASE)
# Not a result that has an address at its end.
_CODE_IS_AT = re.compile(
    r"^.{0,120}https?://|\bcode\b.{0,40}\b(available|released|at)\b", re.IGNORECASE | re.DOTALL
)
_ASKS_FOR_CODE = re.compile(
    r"\b(code|repository|github|links?|url|download\w*|open.?sourced?|available|website)\b", re.IGNORECASE
)
_TERM = re.compile(r"[^\W_]+")
SHARPNESS: Final = 20.0  # of the share of a question's word that each sentence gets


class Question:
    """What the features need to know of a question: its rare words, their vectors, and what it asks for."""

    def __init__(self, text: str, vectors: QuestionVectors, snapshot: Snapshot) -> None:
        self.text = text
        self.stems = list(dict.fromkeys(stems(" ".join(search_words(text)))))
        self.weights = np.array([snapshot.lexical.rarity(stem) for stem in self.stems])
        self.words = vectors.words
        rarity = [snapshot.lexical.rarity(next(iter(stems(term)), "")) for term in vectors.terms]
        self.shares = np.array(rarity) / max(sum(rarity), 1e-9)
        self.quantity = bool(_QUANTITY.search(text))
        self.why = bool(_WHY.search(text))
        self.compares = bool(_COMPARES.search(text))
        self.whether = bool(_WHETHER.search(text))
        self.how = bool(_HOW.search(text))
        self.problem = bool(_PROBLEM.search(text))
        self.for_code = bool(_ASKS_FOR_CODE.search(text))


def coverage(question: str, text: str, snapshot: Snapshot) -> float:
    """The share of the question's words, by rarity, that stand in `text`; 0 without any words."""
    held = set(stems(text))
    weights = {stem: snapshot.lexical.rarity(stem) for stem in stems(" ".join(search_words(question)))}
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in held) / total if total else 0.0


def features(question: Question, item: Scored, snapshot: Snapshot, matches: Floats) -> Floats:
    """One row for each sentence of a paper, one column for each of FEATURES; `matches` by `word_matches`."""
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
    cosines = item.sentences - item.sentences.mean()
    heights = np.array(windows) - item.windows.mean()
    return np.column_stack(
        [
            cosines,
            heights,
            _stems(question, texts),
            _cues(question, texts),
            _nearest_words(matches) @ question.shares,
            (matches - matches.mean(axis=0)) @ question.shares,
        ]
    )


def _cues(question: Question, texts: Sequence[str]) -> Floats:
    """The columns from "place" to "code"."""
    last = len(texts) - 1
    rows = [
        (place / max(last, 1), place == 0, place == last, *_cues_of(question, text))
        for place, text in enumerate(texts)
    ]
    return np.array(rows, float)


def _cues_of(question: Question, text: str) -> tuple[float, ...]:
    proposes, found = bool(_PROPOSES.search(text)), bool(_FOUND.search(text))
    return (
        question.quantity and bool(re.search(r"\d", text)),
        question.why and bool(_BECAUSE.search(text)),
        question.compares and bool(_COMPARES.search(text)),
        proposes,
        found,
        question.whether and found,
        question.whether and proposes,
        question.how and found,
        not question.problem and bool(_LACKING.search(text)),
        math.log(len(text)),
        not question.for_code and bool(_CODE_IS_AT.search(text)),
    )


def _stems(question: Question, texts: Sequence[str]) -> Floats:
    """How much of the question's weight each sentence holds; a word's weight is shared by its holders."""
    held = [set(stems(text)) for text in texts]
    table = np.array([[stem in words for stem in question.stems] for words in held], float)
    table = table.reshape(len(texts), len(question.stems))
    shared = table / np.maximum(table.sum(axis=0), 1)
    weights = question.weights * (table.sum(axis=0) > 0)
    return np.asarray(shared @ weights / max(float(weights.sum()), 1e-9))


def word_matches(question: Question, item: Scored, snapshot: Snapshot) -> Floats:
    """The cosine of each word of the question with the nearest word of each sentence.

    Shape (sentences, question's words); 0 where a sentence, or the whole abstract, has no vectors of words.
    """
    spans = snapshot.cuts(item.paper).sentences
    texts = [item.paper.abstract[start:end] for start, end in spans]
    blank = np.zeros((len(texts), len(question.shares)))
    rows, lengths = snapshot.vectors.words.gather([snapshot.key(item.paper)])
    body = rows[int(lengths[0, 0]) :]
    counts = [sum(word not in STOP_WORDS for word in _TERM.findall(text.lower())) for text in texts]
    if not len(question.shares) or not len(body):
        return blank
    # Where words were cut otherwise (rare scripts, very long abstracts), the places are near enough.
    edges = np.rint(np.cumsum([0, *counts]) * (len(body) / max(sum(counts), 1))).astype(int)
    cosines = body.astype(np.float32) @ question.words.T
    for place, (start, end) in enumerate(pairwise(edges)):
        if start < end:
            blank[place] = cosines[start:end].max(axis=0)
    return blank


def _nearest_words(matches: Floats) -> Floats:
    """How much of each word of the question every sentence gets: the better the match, the more."""
    powers = np.exp(SHARPNESS * (matches - matches.max(axis=0)))
    return np.asarray(powers / powers.sum(axis=0))
