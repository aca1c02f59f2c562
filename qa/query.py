"""Questions and histories as they come in: checked, and in one shape."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.errors import InvalidInput

LONGEST = 10_000  # characters of a question

Message = Mapping[str, Any]

_GREETING = re.compile(
    r"^\W*(hi|hello|hey|hallo|good (morning|afternoon|evening)|thanks?( you)?|thx|ty|cheers|bye|goodbye"
    r"|ok(ay)?|no|nope|great|nice|perfect|got it|i see|cool|understood|interesting"
    r"|who are you|what are you|what(?:['’]?s| is) your name|what can you do|help|test|how are you"
    r"|how does this work)"
    r"(\W+(there|all|everyone|again|very|so|much|a|lot|for|your|the|help|answer|you|me|please|today|thanks|thank|problem|worries|sorry))*\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class StandAlone:
    """A question that needs no history: `text` is shown and searched, `asked` is what was asked last.

    `papers` are the ids of the papers it leans on or names, in order; with `among` it asks of these
    papers only ("which of them ..."). `leans` tells whether it was completed from what was said before.
    """

    text: str
    asked: str
    papers: tuple[str, ...] = ()
    among: bool = False
    leans: bool = False


def check_question(question: str) -> str:
    """The question without control characters and needless white space.

    Raises InvalidInput when it is empty, too long, or no text.
    """
    if not isinstance(question, str):
        raise InvalidInput(f"a question is text, not {type(question).__name__}: give it as a string")
    if len(question) > LONGEST:
        raise InvalidInput(f"the question has {len(question):,} characters: ask in {LONGEST:,} or fewer")
    text = "".join(char if char.isprintable() else " " * char.isspace() for char in question)
    if not text.strip():
        raise InvalidInput("the question is empty: ask something about the papers")
    return " ".join(text.split())


def is_greeting(question: str) -> bool:
    """Whether nothing is asked: a greeting, thanks, or a word about the program itself."""
    return bool(_GREETING.search(question)) or not re.search(r"\w", question)


def content(message: Message) -> str:
    """The text of a message; front ends also give content as a list of parts."""
    value = message.get("content") or ""
    parts = value if isinstance(value, (list, tuple)) else [value]
    texts = [part if isinstance(part, str) else _text_of(part) for part in parts]
    return "\n".join(text for text in texts if text).encode(errors="replace").decode()


def _text_of(part: object) -> str:
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else ""


def check_history(history: Sequence[Message]) -> list[Message]:
    """The history as a list. Raises InvalidInput unless it is messages with role and content."""
    if isinstance(history, (str, Mapping)) or not isinstance(history, Sequence):
        raise InvalidInput(f"history is a list of messages, not {history!r:.80}")
    for message in history:
        if not (isinstance(message, Mapping) and "role" in message and "content" in message):
            raise InvalidInput(f'history takes {{"role": ..., "content": ...}}, not {message!r:.80}')
    return list(history)
