"""What is handed from the papers found to the answer: weighed sentences, and those that are to be quoted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qa.paper import Paper

Form = Literal["one", "several", "comparison", "about", "decided"]


@dataclass(frozen=True)
class Sentence:
    """A sentence of an abstract, `paper.abstract[start:end]`.

    `score` is the probability, from 0 to 1, that it answers the question.
    """

    paper: Paper
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The sentence as it stands in the abstract."""
        return self.paper.abstract[self.start : self.end]


@dataclass(frozen=True)
class Weighed:
    """A paper that was read for a question: all its sentences in order, and its score of retrieval."""

    paper: Paper
    sentences: tuple[Sentence, ...]
    score: float


@dataclass(frozen=True)
class Evidence:
    """What an answer may say: sentences in the order in which they are to be quoted, and its form.

    "one": what one paper says, or a few. "several": a line for each paper. "comparison": papers side by
    side; `aspects` then names for each sentence what it is compared in. "about": what a paper is about,
    or each of several in one sentence. "decided": what decides a question of yes or no. `more` are the next
    likeliest sentences, which whoever writes in their own words may rest on too.
    """

    sentences: tuple[Sentence, ...]
    form: Form
    aspects: tuple[str, ...] = ()
    more: tuple[Sentence, ...] = ()

    @property
    def offered(self) -> tuple[Sentence, ...]:
        """`sentences` and `more`, each once, those of one paper together."""
        every = dict.fromkeys((*self.sentences, *self.more))
        order = list(dict.fromkeys(sentence.paper.id for sentence in every))
        return tuple(sorted(every, key=lambda one: order.index(one.paper.id)))
