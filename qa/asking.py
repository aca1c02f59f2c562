"""The one way from a question to an answer: query, retrieval, evidence, answerer, gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from qa import evidence
from qa.answering import Answerer
from qa.answering.extractive import name_of
from qa.catalogue import Snapshot
from qa.citations import Block, Gate, shown_title
from qa.embedding import Embedder
from qa.evidence import Evidence
from qa.filters import Filters
from qa.paper import Answer, Citation, Confidence, Event, Hit
from qa.prompts import prompt
from qa.query import Message, StandAlone, check_history, check_question, content, is_greeting, stand_alone
from qa.retrieval import Scored, hits, rank
from qa.text import fold

HITS = 10  # papers that an answer lists as found
NEAREST = 3  # papers that a refusal names
_SPOKEN_OF = 20  # papers looked at for the titles in the last answer


class Asking:
    """Answers questions over the library that `reading` opens."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Snapshot]],
        embedder: Callable[[], Embedder],
        answerer: Answerer,
    ) -> None:
        self._reading, self._embedder, self._answerer = reading, embedder, answerer

    def search(self, query: str, k: int, filters: Filters) -> list[Hit]:
        """See `Library.search`."""
        text = check_question(query)
        with self._reading() as snapshot:
            ranked = self._rank(snapshot, text, filters, k)
            return hits(snapshot, ranked[:k])

    def stream(self, question: str, history: Sequence[Message], filters: Filters) -> Iterator[Event]:
        """See `Library.stream`. Bad input is told at the call, not at the first event."""
        return self._stream(check_question(question), check_history(history), filters)

    def _stream(self, question: str, history: list[Message], filters: Filters) -> Iterator[Event]:
        if is_greeting(question):
            with self._reading():  # a library that cannot be asked says so to a greeting too
                pass
            yield from _told(self._refusal("greeting", Found(StandAlone(question, question)), Filters()))
            return
        yield Event("status", "Searching")
        found = self._find(question, history, filters)
        if found.evidence is None:
            yield from _told(self._refusal(found.refusal, found, filters))
            return
        yield Event("status", f"Answering: {found.asked.text}")
        gate = Gate({sentence.paper.id: sentence.paper for sentence in found.evidence.sentences})
        text = ""
        for piece in _pieces(gate, self._answerer.compose(found.asked.text, found.evidence)):
            text += piece
            yield Event("text", piece)
        if gate.dropped:
            left_out = f"{len(gate.dropped)} quotes that are not in their papers left out"
            found = replace(found, notes=(*found.notes, left_out))
        if gate.citations:
            yield Event("answer", answer=self._answer(text, gate.citations, found, filters))
        else:
            yield from _told(self._refusal(found.refusal, found, filters))

    def _find(self, question: str, history: list[Message], filters: Filters) -> Found:
        """Everything that needs the library, so that its lock is not held while a reader reads."""
        with self._reading() as snapshot:
            asked = stand_alone(question, history, _titles_spoken_of(snapshot, history))
            ranked = self._rank(snapshot, asked.text, filters, HITS)
            confidence, score = evidence.confidence(snapshot, asked, ranked)
            return Found(
                asked=asked,
                hits=tuple(hits(snapshot, ranked[:HITS])),
                notes=filters.notes(snapshot.papers.values()),
                confidence=confidence,
                score=score,
                evidence=evidence.choose(snapshot, asked, ranked) if confidence != "none" else None,
            )

    def _rank(self, snapshot: Snapshot, text: str, filters: Filters, k: int) -> list[Scored]:
        allowed = {p.id for p in snapshot.papers.values() if filters.admits(p)} if filters.to_dict() else None
        return rank(snapshot, text, self._embedder().embed_query(text), k, allowed)

    def _answer(self, text: str, citations: tuple[Citation, ...], found: Found, filters: Filters) -> Answer:
        return Answer(
            text=text,
            answered=True,
            question=found.asked.text,
            citations=citations,
            hits=found.hits,
            filters=filters.to_dict(),
            confidence=found.confidence,
            score=found.score,
            notes=found.notes,
            answerer=self._answerer.name,
            versions={"embedder": self._embedder().name, **self._answerer.versions},
        )

    def _refusal(self, wording: str, found: Found, filters: Filters) -> Answer:
        """An answer that says no, and names the nearest papers; or a word to a greeting."""
        nearest = tuple(hit.paper for hit in found.hits[:NEAREST])
        values = {
            "nearest": "; ".join(name_of(paper) for paper in nearest),
            "filters": " and ".join(f"{name} {value}" for name, value in filters.to_dict().items()),
        }
        words = prompt(wording)
        return Answer(
            text=words.fill(**{name: value for name, value in values.items() if name in words.variables}),
            answered=False,
            question=found.asked.text,
            hits=found.hits,
            filters=filters.to_dict(),
            score=found.score,
            reason="not-about-papers" if wording == "greeting" else "nothing-near",
            nearest=nearest,
            notes=found.notes,
            answerer=self._answerer.name,
            versions={"embedder": self._embedder().name, wording: words.version},
        )


@dataclass(frozen=True)
class Found:
    """What the library gave for a question. No `evidence`: no answer."""

    asked: StandAlone
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    confidence: Confidence = "none"
    score: float = 0.0
    evidence: Evidence | None = None

    @property
    def refusal(self) -> str:
        """The wording that says no: the filters left nothing, or nothing near answers."""
        return "nothing-near" if self.hits else "nothing-left"


def _pieces(gate: Gate, blocks: Iterator[Block]) -> Iterator[str]:
    """What the gate lets through. Words without a claim wait until a claim follows them."""
    waiting = ""
    for block in blocks:
        for piece in gate.admit(block):
            if block.claims:
                yield waiting + piece
                waiting = ""
            else:
                waiting += piece


def _told(answer: Answer) -> Iterator[Event]:
    yield Event("text", answer.text)
    yield Event("answer", answer=answer)


def _titles_spoken_of(snapshot: Snapshot, history: Sequence[Message]) -> list[str]:
    """Titles of the library's papers that the last answer names, in the order in which it names them."""
    said = next((content(message) for message in reversed(history) if message.get("role") == "assistant"), "")
    text = fold(said)
    candidates = snapshot.lexical.search(said, _SPOKEN_OF) if said else {}
    titles = [
        shown_title(snapshot.papers[paper_id]) for paper_id in candidates if paper_id in snapshot.papers
    ]
    named = [title for title in titles if len(title) > 3 and fold(title) in text]
    return sorted(named, key=lambda title: text.index(fold(title)))
