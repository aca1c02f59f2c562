"""How well a reader does on written questions that it was not fitted to.

Each question is asked of its own abstract and of near ones, which stand for what a search would find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from qa.reader import Reader, Reading
from qa.training.corpus import Asked, Text

FIRST: Final = 3  # sentences of an answer
REFUSED: Final = 0.06  # of the answerable questions, at the threshold that refusals are counted at
NEAR_PAPERS: Final = (2, 1)  # read with each question: of those with questions, of the open ones

OnQuestion = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """A question with the readings of its own abstract, first, and of the near ones."""

    asked: Asked
    readings: tuple[Reading, ...]

    @property
    def answers(self) -> float:
        """The highest logit of any abstract."""
        return max(reading.answers for reading in self.readings)

    @property
    def elsewhere(self) -> float:
        """The highest logit of an abstract that the question was not written for."""
        return max((reading.answers for reading in self.readings[1:]), default=-np.inf)


def judge(reader: Reader, asked: Sequence[Asked], on_question: OnQuestion | None = None) -> list[Judged]:
    """Read every question with its own abstract and with near ones."""
    judged = []
    for done, one in enumerate(asked, 1):
        near = [text for group, count in zip(one.near, NEAR_PAPERS, strict=True) for text in group[:count]]
        judged.append(Judged(one, tuple(_read(reader, one.question, [one.text, *near]))))
        if on_question:
            on_question(done, len(asked))
    return judged


def _read(reader: Reader, question: str, texts: Sequence[Text]) -> list[Reading]:
    papers = [(text.paper.title, text.paper.abstract) for text in texts]
    return reader.read(question, papers, [text.spans for text in texts])


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Shares by name.

    "evidence first", "evidence in three": of the answerable questions, whose evidence is the best sentence
    or among the best three of its own abstract; "… of four papers": of all abstracts read, by the sum of
    both logits. "auc near miss", "auc absent": how well the highest logit tells answerable questions from
    near misses, and from questions whose paper is not there; "refused near misses", "refused absent": how
    many of those are refused where 6 % of the answerable are.
    """
    right = [one for one in judged if one.asked.answerable]
    near_misses = [one.answers for one in judged if not one.asked.answerable]
    answered, absent = [one.answers for one in right], [one.elsewhere for one in judged]
    threshold = float(np.quantile(answered, REFUSED))
    return {
        "evidence first": _mean(_found(one, 1) for one in right),
        "evidence in three": _mean(_found(one, FIRST) for one in right),
        "evidence in three of four papers": _mean(_found_anywhere(one) for one in right),
        "auc near miss": auc(answered, near_misses),
        "auc absent": auc(answered, absent),
        "refused near misses": _mean(score < threshold for score in near_misses),
        "refused absent": _mean(score < threshold for score in absent),
    }


def auc(higher: Sequence[float], lower: Sequence[float]) -> float:
    """The chance that one of `higher` is above one of `lower`; ties count half.

    >>> auc([2.0, 3.0], [1.0, 2.0])
    0.875
    """
    difference = np.subtract.outer(np.asarray(higher), np.asarray(lower))
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


def _found(one: Judged, count: int) -> bool:
    best = np.argsort(-one.readings[0].sentences, kind="stable")[:count]
    return bool(one.asked.evidence.intersection(best.tolist()))


def _found_anywhere(one: Judged) -> bool:
    scored = [
        (logit + reading.answers, paper == 0 and place in one.asked.evidence)
        for paper, reading in enumerate(one.readings)
        for place, logit in enumerate(reading.sentences.tolist())
    ]
    scored.sort(key=lambda pair: -pair[0])
    return any(evidence for _, evidence in scored[:FIRST])


def _mean(values: object) -> float:
    return float(np.mean(list(values)))  # type: ignore[call-overload]
