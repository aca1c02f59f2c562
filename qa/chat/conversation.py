"""A conversation as records: what was asked, what has been said, and how an answer arrives.

Nothing here knows of Gradio or HTML. A conversation is a tuple of turns; every step gives a new one,
so that nothing is shared between two people.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from qa.errors import QAError
from qa.paper import Answer, Event, Paper

STOPPED = "Stopped. “Ask again” asks the same question once more."
BROKEN = "Something went wrong here. Ask again; the terminal that serves this page shows the reason."


class Answering(Protocol):
    """All that the page needs of a library."""

    def stream(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Iterator[Event]:
        """The events of one answer; the last one holds the whole of it."""

    def papers(self) -> Sequence[Paper]:
        """All papers of the library."""


@dataclass(frozen=True)
class Turn:
    """A question and what became of it.

    `said` is the text that has arrived, `status` what is being done until then, `note` the line that
    ends a turn without an answer: an error, or that it was stopped.
    """

    question: str
    said: str = ""
    status: str = "Searching the papers …"
    note: str = ""
    answer: Answer | None = None

    @property
    def open(self) -> bool:
        """Whether the answer is still to come."""
        return self.answer is None and not self.note


Turns = tuple[Turn, ...]


def history(turns: Turns) -> list[dict[str, str]]:
    """The conversation in the shape that `Library.stream` takes: plain text, no markup.

    A turn that was stopped counts with what was said until then; a turn that failed does not count.
    """
    messages = []
    for turn in turns:
        said = turn.answer.text if turn.answer else turn.said
        if said:
            messages.append({"role": "user", "content": turn.question})
            messages.append({"role": "assistant", "content": said})
    return messages


def stopped(turns: Turns) -> Turns:
    """The conversation with its last turn ended, if that was still open."""
    if turns and turns[-1].open:
        return (*turns[:-1], replace(turns[-1], note=STOPPED))
    return turns


async def replies(library: Answering, question: str, turns: Turns) -> AsyncIterator[Turns]:
    """The conversation with one more turn, again after each piece of the answer.

    Whatever goes wrong becomes the turn's note. Cancelling ends the wait at once; the library's own
    work ends at its next event.
    """
    turn = Turn(question)
    yield (*turns, turn)
    try:
        async for event in _events(library.stream(question, history(turns))):
            turn = _after(turn, event)
            yield (*turns, turn)
    except QAError as error:
        yield (*turns, replace(turn, note=str(error)))
    except Exception:
        logging.getLogger(__name__).exception("no answer to %.200r", question)
        yield (*turns, replace(turn, note=BROKEN))


async def _events(events: Iterator[Event]) -> AsyncIterator[Event]:
    # A thread of its own for each step: the wait can then be cancelled while the library is busy.
    while (event := await asyncio.to_thread(next, events, None)) is not None:
        yield event


def _after(turn: Turn, event: Event) -> Turn:
    if event.kind == "status":
        return replace(turn, status=event.text)
    if event.kind == "text":
        return replace(turn, said=turn.said + event.text)
    return replace(turn, answer=event.answer)
