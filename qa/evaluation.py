"""How well papers are found and questions answered: on a questions file, or on a BEIR collection.

Every figure is a share or a mean over questions with a 95 % interval, and keeps what each question added
to it, so that a later run can be compared question by question.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import qa
from qa.citations import shown_title
from qa.errors import InvalidInput
from qa.identity import normalise_title
from qa.judging import NEVER, RANKED, SHOWN, Grades, Judged, Place, answer_values, outcome, ranking_values
from qa.library import Library
from qa.opening import default_library
from qa.paper import Answer, Paper, Record
from qa.questions import KINDS, SORTS, Collection, Question, read_collection, read_questions
from qa.selective import DECISION, RISK, decision_parts, ranked_measures
from qa.significance import Measure, Pair, ratio

if TYPE_CHECKING:
    from qa.comparison import Comparison

T = TypeVar("T")
OnProgress = Callable[[int, int], None]
Measures = Mapping[str, Mapping[str, Measure]]
Parts = dict[str, dict[str, dict[str, Pair]]]  # group -> figure -> question -> what it adds

EVERYTHING: Final = "all"
ANSWERABLE: Final = "answerable"  # the group of all questions but the unanswerable ones
_POOLED: Final = ("refused", "must include", "precision")  # figures that this group has too


@dataclass(frozen=True)
class Evaluation(Record):
    """`kinds`: how well papers are found, by kind of question or split; `answers`: how well it is answered.

    `answers` has a group for each kind, and "answerable" and "all" for several, one for each sort of
    unanswerable questions, and "decision" for answering and refusing; none for a collection.
    `judged` has the questions one by one; `comparison`, if one was asked for, the way since an earlier run.
    """

    kinds: Measures
    answers: Measures
    versions: Mapping[str, str]
    judged: tuple[Judged, ...] = ()
    comparison: Comparison | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values, without the single questions."""
        values = super().to_dict()
        del values["judged"]
        if self.comparison is None:
            del values["comparison"]
        return values


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


def _versions(library: Library, path: Path) -> dict[str, str]:
    status = library.status()
    versions = {"qa": qa.__version__, "fingerprint": status.fingerprint, "questions": path.resolve().name}
    if path.is_file():
        versions["questions"] += f" sha256:{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    return {**versions, RISK: f"{library.risk:g}"}


# A questions file ----------------------------------------------------------------------------------


def _evaluate_answers(
    library: Library, path: Path, questions: Sequence[Question], on_question: OnProgress | None
) -> Evaluation:
    papers = {paper.id: paper for paper in library.papers()}
    _check_titles(questions, papers.values(), library, path)
    answers, rankings = {}, {}
    for done, question in enumerate(questions, 1):
        answers[question.id] = library.answer(question.question, question.history)
        rankings[question.id] = _ranking(library, answers[question.id])
        if on_question:
            on_question(done, len(questions))
    judged = judge_answers(questions, answers, rankings, papers)
    versions = {**_versions(library, path), **_made_by(answers.values())}
    return Evaluation(measures(found_parts(judged)), answer_measures(judged), versions, judged)


def _check_titles(
    questions: Iterable[Question], papers: Iterable[Paper], library: Library, path: Path
) -> None:
    known = {normalise_title(paper.title) for paper in papers}
    wanted = {normalise_title(title) for question in questions for title in question.relevant}
    if wanted and not wanted & known:
        raise InvalidInput(
            f"{library.path} holds none of the papers that {path} asks for: name theirs with --library"
        )


def _made_by(answers: Iterable[Answer]) -> dict[str, str]:
    """The versions that the answers name; a refusal names fewer than an answer."""
    return {name: version for answer in answers for name, version in answer.versions.items()}


def _ranking(library: Library, answer: Answer) -> list[Paper]:
    """The papers that the answer lists, then what a search adds to them.

    Nothing is added to a list that was cut short, because it is the whole of what was found.
    """
    listed = [hit.paper for hit in answer.hits]
    if len(listed) < SHOWN or answer.filters:
        return listed
    known = {paper.id for paper in listed}
    more = [hit.paper for hit in library.search(answer.question, RANKED)]
    return [*listed, *(paper for paper in more if paper.id not in known)]


def judge_answers(
    questions: Sequence[Question],
    answers: Mapping[str, Answer],
    rankings: Mapping[str, Sequence[Paper]],
    papers: Mapping[str, Paper],
) -> tuple[Judged, ...]:
    """Each question with its worth, ordered by kind; answers, papers found (best first) by question's id.

    `papers`, by id, are those that may be cited. Papers are told apart by title, because that is what the
    questions name.
    """
    grades = {q.id: {normalise_title(title): 1 for title in q.relevant} for q in questions if q.relevant}
    found = {q.id: {normalise_title(paper.title): paper for paper in rankings[q.id]} for q in questions}
    values = ranking_values(grades, {question: list(by_title) for question, by_title in found.items()})
    return tuple(
        Judged(
            id=question.id,
            kind=question.kind,
            question=question.question,
            asked=answers[question.id].question,
            relevant=_places(
                {normalise_title(title): title for title in question.relevant}, found[question.id]
            ),
            **_papers_found(found[question.id].values()),
            found=values.get(question.id, {}),
            answer=answer_values(question, answers[question.id], papers),
            sort=question.sort,
            score=answers[question.id].score,
            outcome=outcome(question, answers[question.id]),
        )
        for question in sorted(questions, key=lambda question: KINDS.index(question.kind))
    )


def _places(relevant: Mapping[str, str], found: Iterable[str]) -> tuple[Place, ...]:
    """Where the relevant papers stand, best first; both are by the same keys, `relevant` with titles."""
    places = {key: place for place, key in enumerate(found, 1)}
    named = [Place(title, places.get(key)) for key, title in relevant.items()]
    return tuple(sorted(named, key=lambda item: (item.place or RANKED + 1, item.title)))


def _papers_found(papers: Iterable[Paper]) -> dict[str, Any]:
    found = tuple(papers)[:RANKED]
    titles = (shown_title(paper) or paper.id for paper in found[:SHOWN])
    return {"ranking": tuple(paper.id for paper in found), "top": tuple(titles)}


# A collection --------------------------------------------------------------------------------------


def _evaluate_collection(
    library: Library | None, path: Path, on_index: OnProgress | None, on_question: OnProgress | None
) -> Evaluation:
    collection = read_collection(path)
    with ExitStack() as stack:
        if library is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="qa-eval-"))
            library = stack.enter_context(Library(folder))
        ids = _index(library, path, collection, on_index)
        found = _search(library, collection, on_question)
        versions = _versions(library, path)
    judged: list[Judged] = []
    for split, grades in collection.splits.items():
        renamed = {query: _renamed(of, ids) for query, of in grades.items()}
        judged += _judge_split(split, collection, renamed, found)
    return Evaluation(measures(found_parts(judged)), {}, versions, tuple(judged))


def _search(
    library: Library, collection: Collection, on_question: OnProgress | None
) -> dict[str, list[Paper]]:
    """The papers found, best first, for each query that any split has grades for."""
    judged = dict.fromkeys(query for split in collection.splits.values() for query in split)
    found = {}
    for done, query in enumerate(judged, 1):
        found[query] = [hit.paper for hit in library.search(collection.queries[query], RANKED)]
        if on_question:
            on_question(done, len(judged))
    return found


def _judge_split(
    split: str,
    collection: Collection,
    grades: Mapping[str, Grades],
    found: Mapping[str, Sequence[Paper]],
) -> list[Judged]:
    titles = {paper.id: shown_title(paper) or paper.id for paper in collection.papers}
    ranked = {query: [paper.id for paper in found[query]] for query in grades}
    values = ranking_values(grades, ranked)
    return [
        Judged(
            id=query,
            kind=split,
            question=collection.queries[query],
            asked=collection.queries[query],
            relevant=_places({paper: titles.get(paper, paper) for paper in of}, ranked[query]),
            **_papers_found(found[query]),
            found=values[query],
            answer={},
        )
        for query, of in grades.items()
    ]


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


# From single questions to figures ------------------------------------------------------------------


def found_parts(judged: Iterable[Judged]) -> Parts:
    """What each question adds to the figures of the rankings, by kind."""
    parts: Parts = {}
    for item in judged:
        for name, value in item.found.items():
            parts.setdefault(item.kind, {}).setdefault(name, {})[item.id] = (value, 1.0)
    return parts


def answer_parts(judged: Sequence[Judged]) -> Parts:
    """What each question adds to the figures of the answers, by group."""
    parts: Parts = {}
    for item in judged:
        for name, pair in item.answer.items():
            for group in _groups(item, name):
                parts.setdefault(group, {}).setdefault(name, {})[item.id] = pair
    return _in_order(parts | {DECISION: decision_parts(judged)})


def _groups(item: Judged, name: str) -> tuple[str, ...]:
    if name == "citations exact":
        return (EVERYTHING,)
    if item.kind == NEVER:
        return (NEVER, item.sort) if item.sort in SORTS else (NEVER,)
    return (item.kind, ANSWERABLE) if name in _POOLED else (item.kind,)


def _in_order(groups: Mapping[str, Mapping[str, T]]) -> dict[str, dict[str, T]]:
    """The groups of answers as they are shown, without empty ones."""
    order = (*KINDS, *SORTS, ANSWERABLE, EVERYTHING, DECISION)
    return {group: dict(groups[group]) for group in order if groups.get(group)}


def joined(
    first: Mapping[str, Mapping[str, T]], second: Mapping[str, Mapping[str, T]]
) -> dict[str, dict[str, T]]:
    """Two sets of figures of answers as one, by group and name."""
    return _in_order(
        {group: {**first.get(group, {}), **second.get(group, {})} for group in {**first, **second}}
    )


def answer_measures(judged: Sequence[Judged]) -> dict[str, dict[str, Measure]]:
    """All figures of the answers, by group and name."""
    return joined(measures(answer_parts(judged)), ranked_measures(judged))


def measures(parts: Parts) -> dict[str, dict[str, Measure]]:
    """The figures by group and name, without those to which no question adds anything."""
    return {
        group: {
            name: ratio(list(of.values())) for name, of in figures.items() if any(n for _, n in of.values())
        }
        for group, figures in parts.items()
    }


def ranking_measures(grades: Mapping[str, Grades], ranked: Mapping[str, Sequence[str]]) -> dict[str, Measure]:
    """The figures of rankings (best first, of ids or titles) by question, against the grades."""
    values = ranking_values(grades, ranked)
    names = next(iter(values.values()))
    return {name: ratio([(of[name], 1.0) for of in values.values()]) for name in names}
