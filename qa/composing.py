"""From evidence to the text of an answer, through the gate; in quotes where no sentence of a model passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from qa.answering import Answerer
from qa.answering.extractive import Extractive
from qa.citations import WRITTEN, Block, Check, Gate, Written
from qa.errors import ModelUnavailable
from qa.paper import Citation, LeftOut, Paper
from qa.reading import Evidence

IN_QUOTES: Final = "the answer is given in quotes"


class Composing:
    """One answer in the making: take its `pieces`, then the rest is known."""

    def __init__(self, answerer: Answerer, check: Check) -> None:
        self._answerer = answerer
        self._check = check
        self._gates: list[Gate] = []
        self._failure = ""
        self.text = ""

    def pieces(self, question: str, evidence: Evidence) -> Iterator[str]:
        """The pieces of text that pass, of the answerer or, where none of a model's do, of the evidence."""
        try:
            yield from self._through_gate(self._answerer, question, evidence)
        except ModelUnavailable as error:
            self._failure = str(error)
        if WRITTEN in self._answerer.versions and not self.citations:
            self._answerer = Extractive()
            yield from self._through_gate(self._answerer, question, evidence)

    def _through_gate(self, answerer: Answerer, question: str, evidence: Evidence) -> Iterator[str]:
        papers: Mapping[str, Paper] = {sentence.paper.id: sentence.paper for sentence in evidence.offered}
        gate = Gate(papers, self._check)
        self._gates.append(gate)
        for piece in _pieces(gate, answerer.compose(question, evidence)):
            shown = piece if self.text else piece.lstrip()  # whatever stood before it was left out
            self.text += shown
            yield shown

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the text cites."""
        return self._gates[-1].citations

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What a model wrote and nothing supports."""
        return tuple(one for gate in self._gates for one in gate.left_out)

    @property
    def answerer(self) -> Answerer:
        """Who composed the text that stands."""
        return self._answerer

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how the text came about."""
        dropped = sum(len(gate.dropped) for gate in self._gates)
        numbers = sum(one.text.startswith("[") and one.reason == "cites nothing" for one in self.left_out)
        sentences = len(self.left_out) - numbers
        notes = [
            f"{dropped} quotes that are not in their papers left out" if dropped else "",
            _counted(sentences, "sentence") + " without support left out" if sentences else "",
            _counted(numbers, "citation") + " of nothing removed" if numbers else "",
            self._failure,
            IN_QUOTES if len(self._gates) > 1 else "",
        ]
        return tuple(filter(None, notes))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count > 1)}"


def _pieces(gate: Gate, blocks: Iterator[Block | Written]) -> Iterator[str]:
    """What the gate lets through. Words without a claim wait until a claim follows them."""
    waiting = ""
    for block in blocks:
        for piece in gate.admit(block):
            if block.claims:
                yield waiting + piece
                waiting = ""
            else:
                waiting += piece
