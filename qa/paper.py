"""The records that everything else speaks of. They know nothing of files, Chroma or Gradio.

All are frozen. `to_dict()` gives what `--json` prints: plain dictionaries, lists, strings and numbers.
What is not known is None or empty; nothing is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Confidence = Literal["high", "medium", "low", "none"]
Reason = Literal["not-about-papers", "nothing-near", "not-stated"]


class Record:
    """Gives a dataclass its JSON form."""

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values, nested records included, in the order of the fields."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True)
class Paper(Record):
    """One paper: a title, an abstract, and what else its sources knew.

    `authors` are "Given Family" in the order of the source. `author_count` is what a page said
    ("5 authors") or the number of `authors`. `published` is an ISO date, as exact as it is known:
    "2025", "2025-03" or "2025-03-18". `comments` is the page's count of comments. `source` names the
    files it came from.
    """

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organisation: str | None = None
    published: str | None = None
    comments: int | None = None
    url: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    venue: str | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage(Record):
    """A stretch of an abstract: `paper.abstract[start:end] == text`."""

    paper_id: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Hit(Record):
    """A paper that was found, with its best passage. Scores compare within one query only."""

    paper: Paper
    score: float
    passage: Passage


@dataclass(frozen=True)
class Citation(Record):
    """What a marker `[number]` in an answer points to.

    For the abstract `paper.abstract[start:end] == quote`. For another field ("title", "authors",
    "published" ...) `quote` is that field's value as text and start = end = 0.
    """

    number: int
    paper: Paper
    quote: str
    start: int
    end: int
    field: str = "abstract"


@dataclass(frozen=True)
class LeftOut(Record):
    """What a language model wrote and the gate left out of an answer, and why."""

    text: str
    reason: str


@dataclass(frozen=True)
class Answer(Record):
    """An answer with all that is needed to show, export and replay it.

    `text` holds quotes exactly as they stand in the abstracts, and markers `[1]`. `question` is the
    stand-alone question that was searched for. `hits` are the papers found, best first. `confidence`
    is a word and `score` the number behind it (higher is surer). A refusal has `answered` False, a
    `reason` and the `nearest` papers. `versions` names what made the answer. Where a language model wrote
    it, `text` holds sentences of the model's, each followed by the markers of what supports it, and
    `left_out` the sentences that nothing supports.

    The sum of two is the second one with the texts of both: so what comes in pieces is put together.
    """

    text: str
    answered: bool
    question: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    confidence: Confidence = "none"
    score: float = 0.0
    reason: Reason | None = None
    nearest: tuple[Paper, ...] = ()
    notes: tuple[str, ...] = ()
    answerer: str = "extractive"
    versions: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    def __add__(self, rest: Answer) -> Answer:
        return replace(rest, text=self.text + rest.text)


@dataclass(frozen=True)
class Event(Record):
    """A piece of a streamed answer.

    kind "status": `text` says what is being done. "text": `text` is the next piece of the answer;
    all of them joined are `Answer.text`. "answer", always the last: `answer` is the whole record.
    """

    kind: Literal["status", "text", "answer"]
    text: str = ""
    answer: Answer | None = None


@dataclass(frozen=True)
class Failure(Record):
    """Something that could not be read: the file, the place in it ("line 12"), and why."""

    source: str
    place: str
    reason: str


@dataclass(frozen=True)
class AddReport(Record):
    """What `add` did: counts of papers, and what could not be read.

    `added`, `updated` and `unchanged` count papers: new ones, known ones that learnt something, and
    known ones that did not. `merged` counts records that repeat a paper which the same call added.
    `vanished` are papers that no file gives any more, and `removed` those of them that were taken out.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    failed: tuple[Failure, ...] = ()
    vanished: tuple[Paper, ...] = ()
    removed: tuple[Paper, ...] = ()
