"""The answerer that lets a language model write, from numbered sentences and in its own words.

The model sees the sentences that were chosen as evidence, each under a number, and cites numbers only. What
it writes is handed to the gate sentence by sentence; nothing of it reaches a reader unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from qa.answering import Completed
from qa.answering.completing import completed, shown
from qa.answering.drafts import UNSEEN, Draft, drafts, without_thoughts
from qa.answering.extractive import claim_of
from qa.answering.models import SECONDS, load_chat_model
from qa.answering.streaming import Interrupted, pieces
from qa.citations import Written
from qa.prompts import prompt
from qa.query import Message
from qa.reading import Evidence, Sentence

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

COMPLETING: Final = 20.0  # seconds for completing a follow-up, before the rules do it
PROMPT: Final = "writing"
COMPARING: Final = "comparing"
STANDING_ALONE: Final = "standing-alone"
_SPEAKERS: Final = {"user": "Reader", "assistant": "Answer"}


class Writer:
    """Has a LangChain chat model write, given as itself or by its name (see `qa.answering.models`).

    Raises ModelUnavailable when the named model cannot be had.
    """

    def __init__(self, model: str | BaseChatModel, seconds: float = SECONDS) -> None:
        self._model = load_chat_model(model) if isinstance(model, str) else model
        self.name = model if isinstance(model, str) else _name_of(model)
        self._seconds = seconds
        self._prompts = {name: prompt(name) for name in (PROMPT, COMPARING, STANDING_ALONE)}

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions of the prompts and the model's name."""
        return {**{name: self._prompts[name].version for name in (PROMPT, COMPARING)}, "model": self.name}

    def compose(self, question: str, evidence: Evidence) -> Iterator[Written]:
        """The sentences of the model, as it writes them.

        Raises Interrupted when the model breaks off, after one more try if that is worth it and nothing
        was said yet.
        """
        wording = self._prompts[COMPARING if evidence.form == "comparison" else PROMPT]
        asked = wording.fill(question=_seen(question), evidence=numbered(evidence.offered))
        for draft in self._drafts(asked):
            yield _written(draft, evidence.offered)

    def complete(self, question: str, history: Sequence[Message]) -> Completed | None:
        """The question as the model completes it from its conversation.

        None where there is no conversation, the model breaks off, or what it wrote is not fit for that.
        """
        said = [f"{_SPEAKERS[role]}: {_seen(text)}" for role, text in shown(history)]
        if not said:
            return None
        wording = self._prompts[STANDING_ALONE]
        asked = wording.fill(conversation="\n".join(said), question=_seen(question))
        try:
            written = "".join(without_thoughts(pieces(self._model, asked, COMPLETING)))
        except Interrupted:
            return None
        text = completed(written, question, history)
        return (
            text if text is None else Completed(text, {STANDING_ALONE: wording.version, "model": self.name})
        )

    def _drafts(self, asked: str) -> Iterator[Draft]:
        said = False
        try:
            for draft in drafts(pieces(self._model, asked, self._seconds)):
                said = True
                yield draft
        except Interrupted as error:
            if said or not error.transient:
                raise
            yield from drafts(pieces(self._model, asked, self._seconds))


def numbered(sentences: Sequence[Sentence]) -> str:
    """The evidence as a model sees it: under each paper's title its sentences, numbered from 1.

    What looks like a number in brackets, or a line of the prompt, is the program's own.
    """
    lines, number = [], 0
    for paper, group in groupby(sentences, key=lambda sentence: sentence.paper):
        lines.append(f"Paper: {_seen(paper.title)}")
        for sentence in group:
            number += 1
            lines.append(f"[{number}] {_seen(sentence.text)}")
    return "\n".join(lines)


def _seen(text: str) -> str:
    """Text of others on one line, unable to look like a marker or like the end of the evidence."""
    line = " ".join(UNSEEN.sub(" ", text).split())
    return re.sub(r"={3,}", "=", re.sub(r"\[(\d+)\]", r"(\1)", line))


def _written(draft: Draft, sentences: Sequence[Sentence]) -> Written:
    known = [number for number in draft.ids if 1 <= number <= len(sentences)]
    claims = tuple(claim_of(sentences[number - 1]) for number in known)
    return Written(draft.lead, draft.text, claims, tuple(sorted({*draft.ids} - {*known})))


def _name_of(model: BaseChatModel) -> str:
    named = getattr(model, "model_name", None) or getattr(model, "model", None)
    kind = type(model).__name__
    return f"{kind} {named}" if isinstance(named, str) and named else kind
