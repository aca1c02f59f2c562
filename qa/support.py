"""Whether a written sentence says what the spans that it cites say, and nothing beyond them.

First what can be compared to the letter: numbers with their units and what they are said of, names, acronyms,
negations, quotes, links. Then how near each of its words is to a word of the spans, by late interaction
(Khattab and Zaharia, 2020, arXiv:2004.12832).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qa.binding import misplaced
from qa.embedding import Embedder
from qa.lexical import search_words, stems
from qa.names import Known, names, own_names
from qa.paper import Paper
from qa.polarity import flipped
from qa.quantities import held, quantities, spans_of_time

LONGEST: Final = 1_500  # characters of a sentence
LINK: Final = re.compile(r"https?://|www\.|\b10\.\d{4,}/|\barxiv:\s*\d|\]\(", re.IGNORECASE)
# Fitted by `qa.training.support`: a logistic regression over the two measures, and the logit from which a
# sentence passes. Of the training questions' scripted sentences 0.7 % of the unsupported ones then pass it
# all, and 7 % of the supported ones do not.
WEIGHTS: Final = (8.1, 16.5)
CONSTANT: Final = -16.6
THRESHOLD: Final = -0.5
_JOINTS: Final = re.compile(r"[;,]? (?:and|but|while|whereas) |;")
_QUOTED: Final = re.compile(r"[“\"„«]([^“”\"„«»]+)[”\"“»]")


@dataclass(frozen=True)
class Source:
    """A span that a sentence cites, and its paper."""

    paper: Paper
    quote: str


def contradiction(sentence: str, sources: Sequence[Source]) -> str | None:
    """What in the sentence does not stand in its sources, in words; None where all does."""
    spans = " ".join(source.quote for source in sources)
    papers = {source.paper.id: source.paper for source in sources}.values()
    titles = " ".join(paper.title for paper in papers)
    if len(sentence) > LONGEST:
        return "too long for a sentence"
    if LINK.search(sentence):
        return "a link"
    normal = " ".join(spans.split())
    for quote in _QUOTED.findall(sentence):
        if " ".join(quote.split()).rstrip(".,") not in f"{normal} {titles}":
            return "a quote that is not in what it cites"
    given = quantities(f"{spans} ; {titles}")
    for quantity in quantities(sentence):
        if not held(quantity, given):
            return f"a number that is not in what it cites: {quantity.value:g}{quantity.unit}"
    if (wrong := misplaced(sentence, spans)) is not None:
        return f"a number that it cites of something else: {wrong.value:g}{wrong.unit}"
    if more := spans_of_time(sentence) - spans_of_time(f"{spans} ; {titles}"):
        return f"a unit that is not in what it cites: {', '.join(sorted(more))}"
    known = Known([spans, titles, *(" ; ".join(own_names(p.abstract, f"{spans} {titles}")) for p in papers)])
    for name in names(sentence):
        if not known.holds(name):
            return f"a name that is not in what it cites: {name}"
    return "a negation or its opposite" if flipped(sentence, spans) else None


class Supported:
    """`contradiction`, and then whether the words of a sentence are near enough to those of its sources."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def __call__(self, sentence: str, sources: Sequence[Source]) -> str | None:
        """What is wrong with a sentence, in words; None for one that its sources support."""
        fault = contradiction(sentence, sources)
        if fault is None and self.logit(sentence, sources) < THRESHOLD:
            return "not said by what it cites"
        return fault or self._exchanged(sentence, sources)

    def _exchanged(self, sentence: str, sources: Sequence[Source]) -> str | None:
        """What is wrong with a sentence on several papers that says of one what another says."""
        papers = {source.paper.id: source.paper for source in sources}
        for paper_id, part in _parts(sentence, list(papers.values())) if len(papers) > 1 else ():
            own = [source for source in sources if source.paper.id == paper_id]
            others = [source for source in sources if source.paper.id != paper_id]
            if self.logit(part, own) < THRESHOLD <= self.logit(part, others):
                return f"said of {own[0].paper.title!r}, but by another paper"
        return None

    def logit(self, sentence: str, sources: Sequence[Source]) -> float:
        """How well the sources support the sentence; higher is better."""
        return float(np.dot(WEIGHTS, self.measures(sentence, sources)) + CONSTANT)

    def measures(self, sentence: str, sources: Sequence[Source]) -> tuple[float, float]:
        """The share of the sentence's words that stand in the sources, and how near its words come to theirs.

        The latter is the mean cosine of each word with the nearest one of the spans; where the embedder
        gives no words, the former once more.
        """
        spans = " ".join(source.quote for source in sources)
        titles = " ".join({source.paper.title for source in sources})
        wanted = set(stems(" ".join(search_words(sentence))))
        share = len(wanted & set(stems(f"{spans} {titles}"))) / max(len(wanted), 1)
        said, given = (self._embedder.embed_query(text).words for text in (sentence, spans))
        if not len(said) or not len(given):
            return share, share
        return share, float((_unit(said) @ _unit(given).T).max(axis=1).mean())


def _coined(paper: Paper) -> set[str]:
    """The names by which a paper can be spoken of."""
    first, colon, _ = paper.title.partition(":")
    found = {*names(paper.title), *own_names(paper.abstract, paper.title)}
    coined = {name for name in found if any(char.isupper() or char.isdigit() for char in name[1:])}
    return coined | ({first} if colon and " " not in first else set())


def _parts(sentence: str, papers: Sequence[Paper]) -> Iterator[tuple[str, str]]:
    """The parts of a sentence that name one of several papers, with its id; without the name."""
    called = {paper.id: _coined(paper) for paper in papers}
    shared = set.intersection(*called.values())
    parts: list[str] = []
    for piece in _JOINTS.split(sentence):
        held = any(name in piece for found in called.values() for name in found - shared)
        parts = [*parts, piece] if held or not parts else [*parts[:-1], f"{parts[-1]} {piece}"]
    for part in parts:
        named = [(paper_id, found - shared) for paper_id, found in called.items()]
        about = [one for one in named if any(name in part for name in one[1])]
        if len(about) == 1:
            for name in about[0][1]:
                part = part.replace(name, " ")
            if search_words(part):
                yield about[0][0], part


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
