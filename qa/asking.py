"""The one way from a question to an answer: query, retrieval, evidence, answerer, gate."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from qa.answering import Answerer, Completer
from qa.answering.extractive import name_of
from qa.citations import Gate
from qa.composing import Composing
from qa.confidence import Decision
from qa.continued import understood
from qa.courtesy import without_courtesy
from qa.embedding import Embedder, QuestionVectors
from qa.evidence import judge
from qa.filters import Filters
from qa.followup import asks_nothing
from qa.ledger import Ledger
from qa.lookup import allowed, in_conversation, look_up
from qa.paper import Answer, Event, Hit, Paper, Passage, Reason
from qa.prompts import prompt
from qa.query import Message, StandAlone, check_history, check_question
from qa.reader import Reader
from qa.reading import Evidence
from qa.records import LISTED, Told
from qa.reranking import Reranker
from qa.retrieval import Scored, hits, rank
from qa.scoring import calibration
from qa.snapshot import Snapshot
from qa.support import Supported
from qa.understanding import Understood

HITS = 10  # papers that an answer lists as found
NEAREST = 3  # papers that a refusal names
NOTHING_FOUND = Decision(0.0, "none", "nothing-near")
NO_EVIDENCE = Evidence((), "one")
FOCUS = 8.0  # added to the score of the one paper that a question leans on


class Asking:
    """Answers questions over the library that `reading` opens."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Snapshot]],
        embedder: Callable[[], Embedder],
        answerer: Answerer,
        ledger: Callable[[Snapshot], Ledger],
        reader: Callable[[], Reader | None],
        risk: float,
        reranker: Reranker | None = None,
    ) -> None:
        self._reading, self._embedder, self._answerer, self._ledger = reading, embedder, answerer, ledger
        self._reader, self._risk, self._reranker = reader, risk, reranker
        self._vectors: tuple[str, QuestionVectors] | None = None  # of the text that was embedded last

    def search(self, query: str, k: int, filters: Filters) -> list[Hit]:
        """See `Library.search`."""
        text = check_question(query)
        with self._reading() as snapshot:
            ranked = self._rank_text(snapshot, text, _allowed(self._ledger(snapshot), filters), k)
            return hits(snapshot, ranked[:k])

    def understand(self, question: str, history: Sequence[Message]) -> Understood:
        """See `Library.understand`."""
        text, earlier = check_question(question), check_history(history)
        with self._reading() as snapshot:
            asked = in_conversation(snapshot, text, earlier)
            return understood(text, asked, earlier, self._ledger(snapshot), Filters())[1]

    def stream(
        self, question: str, history: Sequence[Message], filters: Filters, parse: bool
    ) -> Iterator[Event]:
        """See `Library.stream`. Bad input is told at the call, not at the first event."""
        return self._stream(check_question(question), check_history(history), filters, parse)

    def _stream(
        self, question: str, history: list[Message], filters: Filters, parse: bool
    ) -> Iterator[Event]:
        if asks_nothing(question, history):
            with self._reading():  # a library that cannot be asked says so to a greeting too
                pass
            yield from _told(self._refusal("greeting", Found(StandAlone(question, question))))
            return
        yield Event("status", "Searching")
        writer = self._answerer if history and isinstance(self._answerer, Completer) else None
        completed = writer.complete(question, history) if writer else None
        found = self._find(completed.text if completed else question, history, filters, parse)
        if completed:
            found = replace(found, versions=completed.versions)
        if found.told is not None:
            yield from self._from_records(found, found.told)
            return
        if not found.evidence.sentences or found.decision.reason:
            yield from _told(self._refusal(found.refusal, found))
            return
        yield Event("status", f"Answering: {found.asked.text}")
        composing = Composing(self._answerer, Supported(self._embedder()))
        for piece in composing.pieces(found.asked.text, found.evidence):
            yield Event("text", piece)
        found = replace(found, notes=(*found.notes, *composing.notes))
        if composing.citations:
            yield Event("answer", answer=self._answer(composing, found))
        else:
            yield from _told(self._refusal(found.refusal, found))

    def _from_records(self, found: Found, told: Told) -> Iterator[Event]:
        """An answer whose every claim is a field of a record."""
        gate = Gate({paper.id: paper for paper in told.papers})
        text = ""
        for piece in (piece for block in told.blocks for piece in gate.admit(block)):
            text += piece
            yield Event("text", piece)
        known = told.reason is None
        answer = Answer(
            text=text,
            answered=known,
            question=found.asked.text,
            citations=gate.citations,
            hits=found.hits,
            filters=found.filters,
            confidence=found.decision.confidence if known else "none",
            score=found.decision.score if known else 0.0,
            reason=told.reason,
            nearest=() if known else told.papers[:NEAREST],
            notes=told.notes,
            answerer="records",
            versions={**self._models(), **found.versions, "records": prompt("records").version},
        )
        yield Event("answer", answer=answer)

    def _find(self, question: str, history: list[Message], filters: Filters, parse: bool) -> Found:
        """Everything that needs the library, so that its lock is not held while a reader reads."""
        with self._reading() as snapshot:
            asked = in_conversation(snapshot, question, history)
            ledger = self._ledger(snapshot)
            asked, meant = understood(question, asked, history if parse else None, ledger, filters)
            ranking = functools.partial(self._rank_text, snapshot, allowed=None, k=HITS)
            if told := look_up(snapshot, asked, meant, ranking):
                return _of_records(snapshot, asked, meant, told)
            plain = replace(asked, text=without_courtesy(asked.text), asked=without_courtesy(asked.asked))
            ranked = self._rank(snapshot, plain, meant, allowed(snapshot, ledger, plain, meant, ranking))
            judged = judge(snapshot, plain, self._embedded(plain.text), ranked, self._reader(), self._risk)
            return Found(
                asked=asked,
                hits=tuple(hits(snapshot, (ranked if self._reranker else judged.ranked)[:HITS])),
                notes=meant.bounds.notes(ledger.undated, ledger.unnamed),
                filters=meant.filters(),
                decision=judged.decision,
                evidence=judged.evidence,
            )

    def _rank(
        self, snapshot: Snapshot, asked: StandAlone, meant: Understood, allowed: set[str] | None
    ) -> list[Scored]:
        """Papers for a question: only those that it asks of, or first the one that it leans on."""
        if asked.among:
            chosen = {paper_id for paper_id in asked.papers if allowed is None or paper_id in allowed}
            text = asked.asked if len(chosen) > 1 else asked.text
            return self._rank_text(snapshot, text, chosen, HITS)
        # The words of a filter that was understood say nothing of the subject.
        text = meant.topic if meant.filters() and meant.topic and not asked.leans else asked.text
        ranked = self._rank_text(snapshot, text, allowed, HITS)
        focus = asked.papers if asked.leans and len(asked.papers) == 1 else ()
        best = ranked[0].score if ranked else 0.0  # and no more: how sure an answer is hangs on the score
        raised = [replace(s, score=min(s.score + FOCUS, best)) if s.paper.id in focus else s for s in ranked]
        return sorted(raised, key=lambda item: (item.score, item.paper.id in focus), reverse=True)

    def _rank_text(self, snapshot: Snapshot, text: str, allowed: set[str] | None, k: int) -> list[Scored]:
        ranked = rank(snapshot, text, self._embedded(text), k, allowed)
        return self._reranker.rerank(text, ranked) if self._reranker else ranked

    def _embedded(self, text: str) -> QuestionVectors:
        """The vectors of a question, which is ranked and read by the same ones."""
        known = self._vectors
        if known is None or known[0] != text:
            known = self._vectors = text, self._embedder().embed_query(text)
        return known[1]

    def _models(self) -> dict[str, str]:
        """The versions of the models that find papers, and of those that read and decide."""
        models = {"embedder": self._embedder(), "reranker": self._reranker, "reader": self._reader()}
        names = {what: model.name for what, model in models.items() if model is not None}
        return {**names, "calibration": calibration(self._reader() is not None).version}

    def _answer(self, composing: Composing, found: Found) -> Answer:
        return Answer(
            text=composing.text,
            answered=True,
            question=found.asked.text,
            citations=composing.citations,
            hits=found.hits,
            filters=found.filters,
            confidence=found.decision.confidence,
            score=found.decision.score,
            notes=found.notes,
            answerer=composing.answerer.name,
            versions={**self._models(), **found.versions, **composing.answerer.versions},
            left_out=composing.left_out,
        )

    def _refusal(self, wording: str, found: Found) -> Answer:
        """An answer that says no, and names the nearest papers; or a word to a greeting."""
        named_first = sorted(found.hits, key=lambda hit: hit.paper.id not in found.asked.papers)
        nearest = tuple(hit.paper for hit in named_first[:NEAREST])
        names = [name_of(paper) for paper in nearest]
        values = {
            "nearest": "; ".join(names),
            "first": names[0] if names else "",
            "others": f" Also near: {'; '.join(names[1:])}." if names[1:] else "",
            "filters": " and ".join(f"{name} {value}" for name, value in found.filters.items()),
        }
        words = prompt(wording)
        return Answer(
            text=words.fill(**{name: value for name, value in values.items() if name in words.variables}),
            answered=False,
            question=found.asked.text,
            hits=found.hits,
            filters=found.filters,
            score=found.decision.score,
            reason=found.reason if wording != "greeting" else "not-about-papers",
            nearest=nearest,
            notes=found.notes,
            answerer=self._answerer.name,
            versions={**self._models(), **found.versions, wording: words.version},
        )


@dataclass(frozen=True)
class Found:
    """What the library gave for a question. No `evidence`: no answer.

    `versions` are those of what completed the question, if a model did.
    """

    asked: StandAlone
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    decision: Decision = NOTHING_FOUND
    evidence: Evidence = NO_EVIDENCE
    filters: Mapping[str, str] = field(default_factory=dict)
    told: Told | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> Reason:
        """Why there is no answer."""
        return self.decision.reason or "nothing-near"

    @property
    def refusal(self) -> str:
        """The wording that says no: that the filters left nothing, or the reason."""
        return self.reason if self.hits else "nothing-left"


def _told(answer: Answer) -> Iterator[Event]:
    yield Event("text", answer.text)
    yield Event("answer", answer=answer)


def _of_records(snapshot: Snapshot, asked: StandAlone, meant: Understood, told: Told) -> Found:
    """Which papers are on a topic is for retrieval to judge; the rest is exact."""
    found = tuple(
        Hit(paper, 1 / place, _beginning(snapshot, paper))
        for place, paper in enumerate(told.papers[:LISTED], 1)
    )
    decision = Decision(0.8, "medium") if meant.topic else Decision(1.0, "high")
    filters = meant.filters() | ({"topic": meant.topic} if meant.topic and meant.intent != "fact" else {})
    return Found(asked, found, decision=decision, filters=filters, told=told)


def _beginning(snapshot: Snapshot, paper: Paper) -> Passage:
    """The first window of an abstract; empty for a paper without one."""
    start, end = next(iter(snapshot.cuts(paper).windows), (0, 0))
    return Passage(paper.id, paper.abstract[start:end], start, end)


def _allowed(ledger: Ledger, filters: Filters) -> set[str] | None:
    """The ids of the papers that the filters admit; None when they admit all."""
    return ledger.admitted(filters) if filters.to_dict() else None
