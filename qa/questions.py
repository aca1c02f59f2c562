"""Reading what a library is judged by: a file of questions, or a test collection in the BEIR layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from qa.errors import ReadError
from qa.paper import Paper

T = TypeVar("T")

KINDS: Final = ("single", "multi", "followup", "metadata", "unanswerable")
# Of unanswerable questions: of another world, on a topic without a paper, on a detail no abstract gives.
SORTS: Final = ("off-topic", "absent-topic", "near-miss")


@dataclass(frozen=True)
class Evidence:
    """Words of an abstract that answer a question, and the title of their paper."""

    title: str
    quote: str


@dataclass(frozen=True)
class Question:
    """A question with what a right answer rests on; `relevant` are titles, empty for an unanswerable one.

    `sort` says of an unanswerable one what is missing; figures of their own have `SORTS`.
    """

    id: str
    kind: str
    question: str
    history: tuple[Mapping[str, str], ...] = ()
    relevant: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    must_include: tuple[str, ...] = ()
    sort: str | None = None


@dataclass(frozen=True)
class Collection:
    """A test collection: papers, queries by id, and for each split the grades of papers by query."""

    papers: tuple[Paper, ...]
    queries: Mapping[str, str]
    splits: Mapping[str, Mapping[str, Mapping[str, int]]]


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON Lines file, in its order.

    A line needs `id`, `kind`, `question` and, unless it is unanswerable, `relevant`; it may have
    `history`, `evidence`, `must_include` and `sort`. Raises ReadError naming the line that is not so.
    """
    questions: dict[str, Question] = {}

    def parse(values: dict[str, Any]) -> Question:
        question = _question(values)
        if question.id in questions:
            raise ValueError(f"the id {question.id!r} is used twice")
        return question

    for question in _parsed(path, parse):
        questions[question.id] = question
    if not questions:
        raise ReadError(f"{path} has no questions: give one JSON object a line")
    return list(questions.values())


def _question(values: dict[str, Any]) -> Question:
    kind = _text(values, "kind")
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
    relevant = _texts(values, "relevant")
    if not relevant and kind != "unanswerable":
        raise ValueError(f"relevant is empty: a {kind} question needs the titles of its papers")
    return Question(
        id=_text(values, "id"),
        kind=kind,
        question=_text(values, "question"),
        history=tuple(_only(turn, "role", "content") for turn in _objects(values, "history")),
        relevant=relevant,
        evidence=tuple(Evidence(**_only(item, "title", "quote")) for item in _objects(values, "evidence")),
        must_include=_texts(values, "must_include"),
        sort=_text(values, "sort") if values.get("sort") is not None else None,
    )


def read_collection(folder: Path) -> Collection:
    """A folder with `corpus.jsonl`, `queries.jsonl` and `qrels/*.tsv`.

    Documents without any text are left out. Raises ReadError naming the file and line that is wrong.
    """
    documents = _parsed(folder / "corpus.jsonl", _document)
    papers = {paper.id: paper for paper in documents if paper.title.strip() or paper.abstract.strip()}
    queries = dict(_parsed(folder / "queries.jsonl", lambda values: (_key(values), _text(values, "text"))))
    graded = {path.stem: _grades(path, queries) for path in sorted((folder / "qrels").glob("*.tsv"))}
    splits = {name: grades for name, grades in graded.items() if grades}
    if not papers or not splits:
        raise ReadError(f"{folder} holds no documents, or no grades above zero in qrels/*.tsv")
    return Collection(tuple(papers.values()), queries, splits)


def _document(values: Mapping[str, Any]) -> Paper:
    return Paper(
        id=_key(values), title=str(values.get("title") or ""), abstract=str(values.get("text") or "")
    )


def _grades(path: Path, queries: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Grades above zero, by query and document; a first line without a number is a heading."""
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_read(path).split("\n"), 1):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and not cells[-1].strip().isdigit()):
            continue
        try:
            query, document, grade = cells
            if int(grade) > 0:
                grades.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise ReadError(
                f"{path}, line {number}: no query, document and whole number between tabs"
            ) from error
        if query not in queries:
            raise ReadError(f"{path}, line {number}: there is no query {query!r} in queries.jsonl")
    return grades


# Lines of JSON -------------------------------------------------------------------------------------


def _parsed(path: Path, parse: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    """What `parse` makes of the object on each line that is not blank; its ValueErrors name the line."""
    for number, line in enumerate(_read(path).split("\n"), 1):
        if line.strip():
            try:
                yield parse(_object(line))
            except ValueError as error:
                raise ReadError(f"{path}, line {number}: {error}") from error


def _object(line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ValueError(f"no JSON ({error})") from error
    if not isinstance(values, dict):
        raise ValueError('expected an object, as in {"id": ...}')
    return values


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ReadError(f"{path} is not in UTF-8: save it so, or give another file") from error


def _key(values: Mapping[str, Any]) -> str:
    key = values.get("_id")
    if not isinstance(key, (str, int)) or key == "":
        raise ValueError("_id is missing")
    return str(key)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is missing, or no text")
    return value


def _only(values: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: _text(values, name) for name in names}


def _texts(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    items = values.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError(f"{name} is no list of texts")
    return tuple(items)


def _objects(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = values.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError(f"{name} is no list of objects")
    return items
