"""What one question is worth: where the right papers stand, and whether the answer cites what it should.

Rankings are judged by ir-measures, answers by where their citations stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from qa.citations import faults, segments
from qa.identity import normalise_title
from qa.paper import Answer, Citation, Paper, Record
from qa.questions import Question
from qa.significance import Pair
from qa.text import words

if TYPE_CHECKING:
    from ir_measures import Measure as IrMeasure

# What became of a question. Answerable: answered with evidence among the first three citations, answered
# without, answered where no evidence is annotated, or refused. Unanswerable: refused, or answered.
Outcome = Literal["right", "unsupported", "unjudged", "missed", "rightly refused", "wrong"]
Grades = Mapping[str, int]  # of one question: relevant documents and how relevant each is

SHOWN: Final = 10  # papers that an answer lists, and that most measures look at
RANKED: Final = 100  # papers judged for a question
FIRST_CITATIONS: Final = 3
SHARED_WORDS: Final = 0.8  # of an evidence quote, beyond which a quote says the same
NEVER: Final = "unanswerable"


@dataclass(frozen=True)
class Place(Record):
    """A relevant paper, and its place among those found, from 1; None when it is not among them."""

    title: str
    place: int | None


@dataclass(frozen=True)
class Judged(Record):
    """A question, what was found for it, and what that is worth.

    `kind` is that of the question or, in a collection, the split. `asked` is the stand-alone question that
    was searched for. `ranking` are ids of papers, best first, and `top` the titles of the first ten.
    `found` are measures of the ranking; `answer` numerators and denominators of those of the answer.
    `sort` is that of an unanswerable question, `score` that of the answer. `outcome` is None for metadata
    questions, which are answered from the records by a score of another kind, and in a collection.
    """

    id: str
    kind: str
    question: str
    asked: str
    relevant: tuple[Place, ...]
    ranking: tuple[str, ...]
    top: tuple[str, ...]
    found: Mapping[str, float]
    answer: Mapping[str, Pair]
    sort: str | None = None
    score: float = 0.0
    outcome: Outcome | None = None

    @property
    def missed(self) -> tuple[Place, ...]:
        """The relevant papers that were not found, or stand below one that is not relevant."""
        places = sorted(item.place for item in self.relevant if item.place is not None)
        rightly = {place for count, place in enumerate(places, 1) if place == count}
        return tuple(item for item in self.relevant if item.place not in rightly)

    @property
    def above(self) -> tuple[tuple[int, str], ...]:
        """Place and title of what stands above the last missed paper, of the first ten, if not relevant."""
        right = {item.place for item in self.relevant}
        last = max((item.place or RANKED + 1 for item in self.missed), default=0)
        titles = enumerate(self.top[: last - 1] if last else (), 1)
        return tuple((place, title) for place, title in titles if place not in right)


# Rankings ------------------------------------------------------------------------------------------


def ranking_values(
    grades: Mapping[str, Grades], ranked: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Measures of rankings (best first) against the grades, by question and name.

    nDCG@10, success@1, recall@10, recall@100; MRR and AP (average precision) over the first hundred.
    """
    import ir_measures

    measures: dict[IrMeasure, str] = {
        ir_measures.nDCG @ SHOWN: f"nDCG@{SHOWN}",
        ir_measures.Success @ 1: "success@1",
        ir_measures.R @ SHOWN: f"recall@{SHOWN}",
        ir_measures.R @ RANKED: f"recall@{RANKED}",
        ir_measures.RR: "MRR",
        ir_measures.AP: "AP",
    }
    run = {query: _places(ranked[query]) for query in grades}
    values: dict[str, dict[str, float]] = {query: dict.fromkeys(measures.values(), 0.0) for query in grades}
    for found in ir_measures.iter_calc(list(measures), grades, run):
        values[found.query_id][measures[found.measure]] = found.value
    return values


def _places(documents: Sequence[str]) -> dict[str, float]:
    """The first hundred as ir-measures takes them: the higher the number, the better the place."""
    return {document: -float(place) for place, document in enumerate(dict.fromkeys(documents[:RANKED]))}


# Answers -------------------------------------------------------------------------------------------


def answer_values(question: Question, answer: Answer, papers: Mapping[str, Paper]) -> dict[str, Pair]:
    """Numerator and denominator of each figure for one answer. `papers`, by id, are those that may be cited.

    `qa.report.MEANINGS` says what each figure means.
    """
    values = {"citations exact": _yes(_exact(answer, papers)), "refused": _yes(not answer.answered)}
    if question.kind == NEVER:
        return values
    if question.kind in ("single", "followup") and question.evidence:
        values["evidence in first 3"] = _yes(_supported(question, answer))
    if question.kind in ("multi", "metadata"):
        values |= _set_of_papers(question, answer)
    held = _strings_held(question, answer)
    values["must include"] = (float(held), float(len(question.must_include)))
    if question.kind != "metadata":  # whose answers lie in the records, not in the abstracts
        cited = [_on_evidence(item, question) for item in answer.citations if item.field == "abstract"]
        values["precision"] = (float(sum(cited)), float(len(cited)))
    return values


def outcome(question: Question, answer: Answer) -> Outcome | None:
    """What became of a question; None for a metadata question. By its kind, not by how it was answered:

    another question that is answered from the records has the score which it got there, right or wrong.
    """
    if question.kind == "metadata":
        return None
    if question.kind == NEVER:
        return "wrong" if answer.answered else "rightly refused"
    if not answer.answered:
        return "missed"
    if not question.evidence:
        return "unjudged"
    return "right" if _supported(question, answer) else "unsupported"


def _supported(question: Question, answer: Answer) -> bool:
    return any(_on_evidence(item, question) for item in answer.citations[:FIRST_CITATIONS])


def _yes(right: bool) -> Pair:
    return float(right), 1.0


def _exact(answer: Answer, papers: Mapping[str, Paper]) -> bool:
    """Whether numbers, markers and spans agree, and every paper cited is the library's own."""
    return not faults(answer) and all(papers.get(item.paper.id) == item.paper for item in answer.citations)


def _set_of_papers(question: Question, answer: Answer) -> dict[str, Pair]:
    """How well the set of papers cited fits the relevant ones; 0 throughout when none is cited.

    A metadata question is answered by a set: the papers cited or, where none is, those listed as found.
    """
    relevant = {normalise_title(title) for title in question.relevant}
    cited = {normalise_title(item.paper.title) for item in answer.citations}
    both = len(cited & relevant)
    values = {"relevant cited": (both / len(relevant), 1.0)}
    if question.kind == "metadata":
        named = cited or {normalise_title(hit.paper.title) for hit in answer.hits}
        return values | {"right set": _yes(answer.answered and named == relevant)}
    precision = both / len(cited) if cited else 0.0
    f1 = 2 * both / (len(cited) + len(relevant))
    return values | {"cited relevant": (precision, 1.0), "F1 of cited": (f1, 1.0)}


def _strings_held(question: Question, answer: Answer) -> int:
    """How many of the strings the answer says itself, beyond its markers; a refusal says none."""
    pieces = (piece.text for piece in segments(answer.text, answer.citations) if piece.kind != "marker")
    said = "".join(pieces).casefold() if answer.answered else ""
    return sum(string.casefold() in said for string in question.must_include)


def _on_evidence(citation: Citation, question: Question) -> bool:
    title = normalise_title(citation.paper.title)
    same_paper = (item for item in question.evidence if normalise_title(item.title) == title)
    return any(overlaps(citation.quote, item.quote) for item in same_paper)


def overlaps(quote: str, evidence: str) -> bool:
    """Whether the evidence contains the quote, or the quote more than 80 % of the evidence's words.

    >>> overlaps("we learn a gate", "In short, we  learn a gate.")
    True
    """
    said, wanted = words(quote), words(evidence)
    if not said or not wanted:
        return False
    within = f" {' '.join(said)} " in f" {' '.join(wanted)} "
    return within or len(set(said) & set(wanted)) > SHARED_WORDS * len(set(wanted))
