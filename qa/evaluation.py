"""How well papers are found and questions answered: on a questions file, or on a BEIR collection.

Every figure is a share or a mean with a 95 % interval, by the bootstrap over questions (Efron, 1979).
Ranking is judged by ir-measures over the first ten papers; answers by where their citations stand.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

import qa
from qa.citations import faults, segments
from qa.errors import InvalidInput
from qa.identity import normalise_title
from qa.library import Library, default_library
from qa.paper import Answer, Citation, Paper, Record
from qa.questions import KINDS, Collection, Question, read_collection, read_questions
from qa.text import words

if TYPE_CHECKING:
    from ir_measures import Measure as IrMeasure

OnProgress = Callable[[int, int], None]
Grades = Mapping[str, int]  # of one question: relevant documents and how relevant each is

RANKED: Final = 10  # papers judged for a question
FIRST_CITATIONS: Final = 3
SHARED_WORDS: Final = 0.8  # of an evidence quote, beyond which a quote says the same
RESAMPLES: Final = 2000
SEED: Final = 20261121


@dataclass(frozen=True)
class Measure(Record):
    """A share or mean over `n` things, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


Measures = Mapping[str, Mapping[str, Measure]]


@dataclass(frozen=True)
class Evaluation(Record):
    """`kinds`: how well papers are found, by kind of question or split; `answers`: how well it is answered.

    `answers` has a group for each kind, and "answerable" and "all" for several; none for a collection.
    """

    kinds: Measures
    answers: Measures
    versions: Mapping[str, str]


def evaluate(
    library: Library | None,
    path: str | os.PathLike[str],
    *,
    on_index: OnProgress | None = None,
    on_question: OnProgress | None = None,
) -> Evaluation:
    """Judge a library by a questions file, or the retrieval by a folder in the BEIR layout.

    A questions file is asked of `library`, or of the default one if None. A folder's papers are added to
    `library`, which must hold no others, or to a temporary one if None. `on_index` is told of papers added,
    `on_question` of questions asked, as (done, total). Raises ReadError for a file that is not so.
    """
    path = Path(path)
    if path.is_dir():
        return _evaluate_collection(library, path, on_index, on_question)
    questions = read_questions(path)  # before the default library is made, which takes its time
    return _evaluate_answers(library or default_library(on_index), path, questions, on_question)


def _evaluate_answers(
    library: Library, path: Path, questions: Sequence[Question], on_question: OnProgress | None
) -> Evaluation:
    papers = {paper.id: paper for paper in library.papers()}
    _check_titles(questions, papers.values(), library, path)
    answers = {}
    for done, question in enumerate(questions, 1):
        answers[question.id] = library.answer(question.question, question.history)
        if on_question:
            on_question(done, len(questions))
    return Evaluation(
        kinds=_retrieval(questions, answers),
        answers=answer_measures(questions, answers, papers),
        versions={**_versions(library, path), **_made_by(answers.values())},
    )


def _check_titles(
    questions: Iterable[Question], papers: Iterable[Paper], library: Library, path: Path
) -> None:
    known = {normalise_title(paper.title) for paper in papers}
    wanted = {normalise_title(title) for question in questions for title in question.relevant}
    if wanted and not wanted & known:
        raise InvalidInput(
            f"{library.path} holds none of the papers that {path} asks for: name theirs with --library"
        )


def _versions(library: Library, path: Path) -> dict[str, str]:
    status = library.status()
    versions = {"qa": qa.__version__, "fingerprint": status.fingerprint, "questions": path.name}
    if path.is_file():
        versions["questions"] += f" sha256:{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    return versions


def _made_by(answers: Iterable[Answer]) -> dict[str, str]:
    """The versions that the answers name; a refusal names fewer than an answer."""
    return {name: version for answer in answers for name, version in answer.versions.items()}


# Finding papers ------------------------------------------------------------------------------------


def _retrieval(questions: Sequence[Question], answers: Mapping[str, Answer]) -> Measures:
    """Figures by kind; papers are told apart by title, because that is what the questions name."""
    kinds = {}
    for kind in KINDS:
        asked = [question for question in questions if question.kind == kind and question.relevant]
        grades = {q.id: {normalise_title(title): 1 for title in q.relevant} for q in asked}
        ranked = {q.id: [normalise_title(hit.paper.title) for hit in answers[q.id].hits] for q in asked}
        if asked:
            kinds[kind] = ranking_measures(grades, ranked)
    return kinds


def _evaluate_collection(
    library: Library | None, path: Path, on_index: OnProgress | None, on_question: OnProgress | None
) -> Evaluation:
    collection = read_collection(path)
    with ExitStack() as stack:
        if library is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="qa-eval-"))
            library = stack.enter_context(Library(folder))
        ids = _index(library, path, collection, on_index)
        ranked = _search(library, collection, on_question)
        versions = _versions(library, path)
    kinds = {
        name: ranking_measures({query: _renamed(grades, ids) for query, grades in split.items()}, ranked)
        for name, split in collection.splits.items()
    }
    return Evaluation(kinds, {}, versions)


def _search(library: Library, collection: Collection, on_question: OnProgress | None) -> dict[str, list[str]]:
    """Ids of the papers found, best first, for each query that any split has grades for."""
    judged = dict.fromkeys(query for split in collection.splits.values() for query in split)
    ranked = {}
    for done, query in enumerate(judged, 1):
        ranked[query] = [hit.paper.id for hit in library.search(collection.queries[query], RANKED)]
        if on_question:
            on_question(done, len(judged))
    return ranked


def _renamed(grades: Grades, ids: Mapping[str, str]) -> dict[str, int]:
    """Grades by the ids of the library; of documents that became one paper, the best."""
    renamed: dict[str, int] = {}
    for document, grade in grades.items():
        key = ids.get(document, document)
        renamed[key] = max(grade, renamed.get(key, 0))
    return renamed


def _index(
    library: Library, path: Path, collection: Collection, on_index: OnProgress | None
) -> dict[str, str]:
    """Put the collection into the library; where documents repeat a paper, the id that it has there."""
    try:
        strangers = {paper.id for paper in library.papers()} - {paper.id for paper in collection.papers}
    except qa.LibraryNotFound:
        strangers = set()
    if strangers:
        raise InvalidInput(
            f"{library.path} holds other papers than {path}: give --library a folder of its own"
        )
    library.add(collection.papers, on_progress=on_index)
    stored = {paper.id for paper in library.papers()}
    by_title = {normalise_title(paper.title): paper.id for paper in library.papers()}
    merged = (paper for paper in collection.papers if paper.id not in stored)
    return {paper.id: by_title.get(normalise_title(paper.title), paper.id) for paper in merged}


def ranking_measures(grades: Mapping[str, Grades], ranked: Mapping[str, Sequence[str]]) -> dict[str, Measure]:
    """nDCG@10, success@1, recall@10 and MRR of rankings (best first) by question, against the grades."""
    import ir_measures

    measures: dict[IrMeasure, str] = {
        ir_measures.nDCG @ RANKED: f"nDCG@{RANKED}",
        ir_measures.Success @ 1: "success@1",
        ir_measures.R @ RANKED: f"recall@{RANKED}",
        ir_measures.RR: "MRR",
    }
    run = {query: _places(ranked[query]) for query in grades}
    values: dict[str, list[tuple[str, float]]] = {name: [] for name in measures.values()}
    for found in ir_measures.iter_calc(list(measures), grades, run):
        values[measures[found.measure]].append((found.query_id, found.value))
    return {name: ratio([(value, 1.0) for _, value in sorted(column)]) for name, column in values.items()}


def _places(documents: Sequence[str]) -> dict[str, float]:
    """The first ten as ir-measures takes them: the higher the number, the better the place."""
    return {document: -float(place) for place, document in enumerate(dict.fromkeys(documents[:RANKED]))}


# Answers -------------------------------------------------------------------------------------------


def answer_measures(
    questions: Sequence[Question], answers: Mapping[str, Answer], papers: Mapping[str, Paper]
) -> dict[str, dict[str, Measure]]:
    """Figures by group and name. `papers`, by id, are those that may be cited."""
    parts: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for question in sorted(questions, key=lambda question: KINDS.index(question.kind)):
        for group, name, share, weight in _parts(question, answers[question.id], papers):
            parts.setdefault((group, name), []).append((share, weight))
    order = [*KINDS, "answerable", "all"]
    named = sorted(parts.items(), key=lambda item: order.index(item[0][0]))
    return {
        group: {name: ratio(pairs) for (_, name), pairs in items if any(weight for _, weight in pairs)}
        for group, items in groupby(named, key=lambda item: item[0][0])
    }


def _parts(
    question: Question, answer: Answer, papers: Mapping[str, Paper]
) -> Iterator[tuple[str, str, float, float]]:
    """What one answer adds to each figure: group, name, and numerator and denominator of a ratio."""
    kind = question.kind
    yield "all", "citations exact", float(_exact(answer, papers)), 1.0
    answerable = kind != "unanswerable"
    for group in (kind, "answerable") if answerable else (kind,):
        yield group, "refused", float(not answer.answered), 1.0
    if not answerable:
        return
    if kind in ("single", "followup") and question.evidence:
        first = answer.citations[:FIRST_CITATIONS]
        yield kind, "evidence in first 3", float(any(_on_evidence(item, question) for item in first)), 1.0
    if kind in ("multi", "metadata"):
        yield kind, "relevant cited", _relevant_cited(question, answer), 1.0
    held = _strings_held(question, answer)
    for group in (kind, "answerable"):
        yield group, "must include", float(held), float(len(question.must_include))
        if kind != "metadata":  # whose answers lie in the records, not in the abstracts
            cited = [_on_evidence(item, question) for item in answer.citations if item.field == "abstract"]
            yield group, "precision", float(sum(cited)), float(len(cited))


def _exact(answer: Answer, papers: Mapping[str, Paper]) -> bool:
    """Whether numbers, markers and spans agree, and every paper cited is the library's own."""
    return not faults(answer) and all(papers.get(item.paper.id) == item.paper for item in answer.citations)


def _relevant_cited(question: Question, answer: Answer) -> float:
    cited = {normalise_title(item.paper.title) for item in answer.citations}
    relevant = {normalise_title(title) for title in question.relevant}
    return len(cited & relevant) / len(relevant)


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


# Figures -------------------------------------------------------------------------------------------


def ratio(pairs: Sequence[tuple[float, float]]) -> Measure:
    """Sum of numerators over sum of denominators, one pair a question; the bootstrap draws questions.

    `n` is the sum of the denominators: questions for a mean, citations for a share of citations.
    """
    table = np.array(pairs, dtype=np.float64)
    total = table.sum(axis=0)
    picks = np.random.default_rng(SEED).integers(0, len(table), (RESAMPLES, len(table)))
    sums = table[picks].sum(axis=1)
    drawn = sums[sums[:, 1] > 0]
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return Measure(float(total[0] / total[1]), float(low), float(high), round(total[1]))
