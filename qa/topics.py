"""Which papers are on a topic: the closed set that a count or an order is taken of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qa.features import coverage
from qa.lexical import search_words, stems
from qa.paper import Paper
from qa.retrieval import Scored, closed_list
from qa.snapshot import Snapshot

_NAME = 3  # a topic of so few words is a name, and a paper on it holds them
_LOOKED_AT = 2000  # papers that hold its words, the best by these
_MENTIONS = 2  # in an abstract, for a paper to be about what it names
# Whether a paper is on a topic, by logistic regression on the nearest sentence's cosine and the share of the
# topic's rare words in the best paper: questions to the papers they were written for, against other fields.
_COSINE, _COVERAGE, _CONSTANT = 20.85, 10.5, -13.56
_FIRST = 3  # papers looked at
NEAR, SURELY_NEAR = 0.03, 0.3
_GENERIC = frozenset(stems("models methods approaches techniques algorithms problems tasks research ideas"))


def on_topic(snapshot: Snapshot, topic: str, ranked: Sequence[Scored]) -> list[Paper]:
    """The papers of `ranked`, found for `topic` and best first, that are about it.

    A short topic is taken at its word: the paper has it in its title, or more than once in its abstract.
    Of a longer one, or one that no paper holds, the papers are those not far behind the first.
    """
    if not ranked:
        return []
    wanted = [stem for stem in dict.fromkeys(stems(" ".join(search_words(topic)))) if stem not in _GENERIC]
    near = _near(snapshot, topic, ranked)
    if not 0 < len(wanted) <= _NAME:
        return near
    found = [snapshot.papers[i] for i in snapshot.lexical.search(topic, _LOOKED_AT) if i in snapshot.papers]
    holders = [paper for paper in found if _holds(paper, wanted)]
    close = {paper.id for paper in near} if len(wanted) > 1 else set()
    about = [paper for paper in holders if paper.id in close or _is_about(paper, wanted)]
    return about or holders or near


def _near(snapshot: Snapshot, topic: str, ranked: Sequence[Scored]) -> list[Paper]:
    """The papers not far behind the first; none where the first itself is not on the topic."""
    near = nearness(snapshot, topic, ranked) >= NEAR
    return [item.paper for item in closed_list(ranked)] if near else []


def nearness(snapshot: Snapshot, topic: str, ranked: Sequence[Scored]) -> float:
    """How surely the first of `ranked` are on the topic, from 0 to 1."""
    readable = [item for item in ranked if len(item.sentences)][:_FIRST]
    if not readable:
        return 0.0
    cosine = max(float(item.sentences.max()) for item in readable)
    held = max(coverage(topic, f"{item.paper.title} {item.paper.abstract}", snapshot) for item in readable)
    return 1 / (1 + math.exp(-(_COSINE * cosine + _COVERAGE * held + _CONSTANT)))


def _holds(paper: Paper, wanted: Sequence[str]) -> bool:
    return set(wanted) <= set(stems(f"{paper.title} {paper.abstract}"))


def _is_about(paper: Paper, wanted: Sequence[str]) -> bool:
    return _mentions(paper.title, wanted) > 0 or _mentions(paper.abstract, wanted) >= _MENTIONS


def _mentions(text: str, wanted: Sequence[str]) -> int:
    """How often the words stand in a text one after the other."""
    held = stems(text)
    return sum(held[i : i + len(wanted)] == list(wanted) for i in range(len(held)))
