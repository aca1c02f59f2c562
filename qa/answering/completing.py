"""A follow-up completed by a language model, where what it wrote can be trusted to be that.

What the model writes is used only if it is one short question in words of the conversation that keeps those
of the follow-up; nobody's instruction in a paper or an answer gets further than that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from qa.answering.drafts import UNSEEN
from qa.lexical import search_words, stems
from qa.picking import markers, picked
from qa.query import Message, content
from qa.support import LINK

MESSAGES: Final = 6  # of a conversation, the last ones, that are shown to a model
OF_EACH: Final = 1_200  # characters
LONGEST: Final = 300  # characters of a question that stands alone
KEPT: Final = 0.5  # share of a follow-up's own words that must be left of it
_LABEL: Final = re.compile(r"^(?:\S+ )?question(?: that stands alone)?:\s*", re.IGNORECASE)
_MARKS: Final = "\"'“”`* "
_SAY_LITTLE: Final = frozenset(stems("paper papers method approach model work study compared"))


def shown(history: Sequence[Message]) -> list[tuple[str, str]]:
    """The messages that a model is shown, each as who said it and what."""
    last = [(str(one.get("role")), content(one)[:OF_EACH].strip()) for one in history[-MESSAGES:]]
    return [(role, text) for role, text in last if role in ("user", "assistant") and text]


def completed(written: str, question: str, history: Sequence[Message]) -> str | None:
    """The question that a model wrote in place of `question`; None where it is not fit for that."""
    line = UNSEEN.sub(" ", written.strip().replace("\n", "¶"))
    text = _LABEL.sub("", " ".join(line.split()).strip(_MARKS)).strip(_MARKS)
    if not text or len(text) > LONGEST or "¶" in text or LINK.search(text):
        return None
    if text.count("?") > 1 or re.search(r"[.!?;]\s+\w", text):
        return None
    own, said = _words(question), _words(text)
    known = own.union(_SAY_LITTLE, *(_words(message) for _, message in shown(history)))
    points = bool(picked(question, len(history)) or markers(question))  # "the second one" need not stay
    if not said or said - known or (not points and len(own & said) < KEPT * len(own)):
        return None
    return text


def _words(text: str) -> set[str]:
    return set(stems(" ".join(search_words(text))))
