"""From a conversation to one question that stands alone.

A question that leans on what was said before ("and how much faster is it?") is completed with what it
leans on. A question that stands alone is left as it is, so that a new topic is not dragged back to
the old one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.errors import InvalidInput
from qa.lexical import search_words

LONGEST = 10_000  # characters of a question

Message = Mapping[str, Any]

_NEW_TOPIC = re.compile(
    r"^\s*(different|another|new|other|next) (topic|question|subject|matter)\b\W*"
    r"|^\s*(unrelated|on (a|another) different note|changing (the )?(topic|subject)|something else)\b\W*",
    re.IGNORECASE,
)
_LEANING_START = re.compile(
    r"^\W*((and|but|so|then|ok|okay|also|or|well|yes|no|right|now)\b(?!\()"
    r"|(what|how) about\b|in (that|this) case\b)",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(it|its|they|them|their|theirs|he|she|his|her|this|these|those|there|the (paper|method|authors?)"
    r"|that (one|paper|method|model|way|work|approach)|(first|second|third|last|other) one|each (extra )?one"
    r"|(does|did|is|was|do|can|would|will) that|that (add|get|mean|help|work|change|save|bring|cost)\w*)\b"
    r"|\bthat\W*$",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\b(them|they|these|those|both|all|any|others?)\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(hi|hello|hey|hallo|good (morning|afternoon|evening)|thanks?( you)?|cheers|bye|goodbye|ok(ay)?"
    r"|who are you|what are you|what can you do|help|test|how are you|how does this work)"
    r"(\W+(there|all|everyone|again|very|so|much|a|lot|for|your|the|help|answer|you|me|please|today))*\W*$",
    re.IGNORECASE,
)
# So many words of its own make a question stand alone, unless it begins like a continuation ...
_FEW_WORDS = 2
# ... or points back, which long questions do inside themselves.
_POINTING_WORDS = 8


@dataclass(frozen=True)
class StandAlone:
    """A question that needs no history: `text` is shown and searched, `asked` is what was asked last."""

    text: str
    asked: str


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


def stand_alone(question: str, history: Sequence[Message] = (), titles: Sequence[str] = ()) -> StandAlone:
    """`question`, completed from `history` if it leans on it.

    `titles` are the papers that the last answer spoke of, first the first. They complete the question;
    where there are none, the user's last turns do.
    """
    plain = _NEW_TOPIC.sub("", question)
    turns = [text for text in (content(m)[:LONGEST] for m in history if m.get("role") == "user") if text]
    if plain != question or not turns or not leans(question):
        return StandAlone(plain or question, plain or question)
    of_one = titles and not (len(titles) > 1 and _PLURAL.search(question))
    context = [titles[0]] if of_one else turns[-2:]
    return StandAlone(f"{question} ({'; '.join(context)})", question)


def leans(question: str) -> bool:
    """Whether a question cannot be understood without what was said before it."""
    count = len(search_words(question))
    if count <= _FEW_WORDS or _LEANING_START.search(question):
        return True
    return count <= _POINTING_WORDS and bool(_POINTING.search(question))


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
