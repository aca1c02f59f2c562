"""From what was understood of a question to the papers whose records answer it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from qa import records
from qa.followup import stand_alone
from qa.ledger import Ledger
from qa.mentions import papers_named
from qa.paper import Paper
from qa.query import Message, StandAlone
from qa.records import Told
from qa.retrieval import Scored
from qa.snapshot import Snapshot
from qa.text import words
from qa.topics import SURELY_NEAR, nearness, on_topic
from qa.understanding import Understood
from qa.vocabulary import NOUN

Ranking = Callable[[str], Sequence[Scored]]  # all candidates for a text, best first

_CANDIDATES = 20  # papers looked at for the words of a title
_AT_ONCE = 5  # papers of which one question may ask for a field
_A_PAPER = re.compile(rf"\b(?:{NOUN}|surveys?|reviews?)\b", re.IGNORECASE)


def in_conversation(snapshot: Snapshot, question: str, history: Sequence[Message]) -> StandAlone:
    """The question as it stands alone, with the papers of the library that it leans on."""
    return stand_alone(question, history, lambda text: papers_named(text, snapshot.lexical, snapshot.papers))


def look_up(snapshot: Snapshot, asked: StandAlone, found: Understood, ranking: Ranking) -> Told | None:
    """What the records answer; None where it takes what the papers say."""
    if found.intent == "fact":
        papers = _papers_of_fact(snapshot, asked, found, ranking)
        return records.facts(papers, found.fields) if papers else None
    if found.intent == "content":
        return None
    if found.intent == "compare":
        papers = list(filter(found.admitting(), (snapshot.papers[i] for i in asked.papers)))
        return records.compare(papers, found.order) if found.order and len(papers) > 1 else None
    return records.tell(found, _pool(snapshot, asked, found, ranking))


def allowed(
    snapshot: Snapshot, ledger: Ledger, asked: StandAlone, found: Understood, ranking: Ranking
) -> set[str] | None:
    """The ids of the papers that an answer may quote; None when it may quote all."""
    if found.order:
        return {paper.id for paper in records.first_of(found, _pool(snapshot, asked, found, ranking))}
    if not found.filters():
        return None
    if not (found.since or found.until):
        return {paper.id for paper in filter(found.admitting(), snapshot.papers.values())}
    dated = ledger.dated(found.bounds)
    rest = replace(found, since=None, until=None)
    if not rest.filters():
        return dated
    return {paper.id for paper in filter(rest.admitting(), map(snapshot.papers.__getitem__, dated))}


def _pool(snapshot: Snapshot, asked: StandAlone, found: Understood, ranking: Ranking) -> list[Paper]:
    """The papers among which is counted or put in order: those just spoken of, those on the topic, or all."""
    if found.of_last:
        return [snapshot.papers[paper_id] for paper_id in asked.papers]
    if found.topic:
        return on_topic(snapshot, found.topic, ranking(found.topic))
    return list(snapshot.papers.values())


def _papers_of_fact(
    snapshot: Snapshot, asked: StandAlone, found: Understood, ranking: Ranking
) -> list[Paper]:
    """The papers whose fields are asked for: those named, those just spoken of, or the one described."""
    if found.topic:
        named = papers_named(found.topic, snapshot.lexical, snapshot.papers)
        if named := named or _titled(snapshot, found.topic):
            return named[:_AT_ONCE]
        if _A_PAPER.search(asked.asked):
            return _described(snapshot, found.topic, ranking)
        return []
    return [snapshot.papers[paper_id] for paper_id in asked.papers[:_AT_ONCE]]


def _titled(snapshot: Snapshot, topic: str) -> list[Paper]:
    """The one paper that has all of `topic`, several words, in its title."""
    said = " ".join(words(topic))
    found = [snapshot.papers[i] for i in snapshot.lexical.search(topic, _CANDIDATES) if i in snapshot.papers]
    titled = [paper for paper in found if f" {said} " in f" {' '.join(words(paper.title))} "]
    return titled if len(titled) == 1 and " " in said else []


def _described(snapshot: Snapshot, topic: str, ranking: Ranking) -> list[Paper]:
    ranked = list(ranking(topic))
    return [ranked[0].paper] if nearness(snapshot, topic, ranked) >= SURELY_NEAR else []
