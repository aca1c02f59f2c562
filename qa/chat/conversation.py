"""A conversation as records: what was asked, what has been said, and how an answer arrives.

Nothing here knows of Gradio or HTML. Each visitor has one `Conversation`. It is used from one event
loop only, so it needs no lock; the library's work runs in threads beside the loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from qa.errors import QAError
from qa.paper import AddReport, Answer, Event, Hit, Paper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.adding import OnProgress
    from qa.answering import Answerer
    from qa.chat.archive import Rating

STOPPED = "Stopped. “Ask again” asks the same question once more."
BROKEN = "Something went wrong here. Ask again; the terminal that serves this page shows the reason."


class Answering(Protocol):
    """All that the page needs of a library."""

    @property
    def path(self) -> Path:
        """Its folder, by which conversations about it are told from others."""

    @property
    def answerer(self) -> str:
        """The name of what answers unless another is given."""

    def stream(
        self,
        question: str,
        history: Sequence[Mapping[str, Any]] = (),
        *,
        parse: bool = True,
        answerer: Answerer | None = None,
    ) -> Iterator[Event]:
        """The events of one answer; the last one holds the whole of it. See `Library.stream`."""

    def search(self, query: str, k: int = 10) -> Sequence[Hit]:
        """The papers that fit best. See `Library.search`."""

    def papers(self) -> Sequence[Paper]:
        """All papers of the library."""

    def embeddings(self) -> Mapping[str, NDArray[np.float32]]:
        """A unit vector for each paper by its id. See `Library.embeddings`."""

    def add(self, source: Path, *, on_progress: OnProgress | None = None, follow: bool = True) -> AddReport:
        """Add the papers of a file. See `Library.add`."""

    def remove(self, paper_id: str) -> None:
        """Take a paper out. See `Library.remove`."""


@dataclass(frozen=True)
class Turn:
    """A question and what became of it.

    `said` is the text that has arrived, `status` what is being done until then, `note` the line that
    ends a turn without an answer: an error, or that it was stopped.
    """

    question: str
    said: str = ""
    status: str = "Searching"
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


class Conversation:
    """What one visitor asked and was told. One answer at a time. `id` names it once it is kept."""

    def __init__(self, id: str = "", turns: Turns = ()) -> None:
        self.id = id
        self.turns = turns
        self.replaces = False  # whether the next question takes the place of the last one
        self.left = False  # whether its window shows another one by now
        self.stamp = ""  # see `Archive.save`
        self.ratings: Mapping[int, Rating] = {}
        self._ending: asyncio.Event | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is being given."""
        return self._ending is not None

    async def ask(
        self,
        library: Answering,
        question: str,
        *,
        parse: bool = True,
        answerer: Callable[[], Answerer | None] = lambda: None,
    ) -> AsyncIterator[None]:
        """Add a turn, and yield whenever there is more of it in `turns`. Call it when not `busy`.

        With `parse` False no filter is taken from the words of the question. `answerer` gets, in a thread,
        who answers instead of the library's own. Whatever goes wrong becomes the turn's note; so does `stop`.
        """
        before, ending = self.turns, asyncio.Event()
        self._ending = ending
        try:
            async for turn in _turn(library, question, before, ending, parse, answerer):
                self.turns = (*before, turn)
                yield
        finally:
            self._ending = None

    def stop(self) -> None:
        """End the answer that is being given; what was said until now stays."""
        if self._ending:
            self._ending.set()

    def leave(self) -> None:
        """The same, and show no more of it: its window goes on to another conversation."""
        self.left = True
        self.stop()

    def forget_last(self) -> str:
        """Take the last turn away, and give back its question; nothing while an answer is being given."""
        if self.busy or not self.turns:
            return ""
        question = self.turns[-1].question
        self.turns, self.replaces = self.turns[:-1], False
        return question


async def _turn(
    library: Answering,
    question: str,
    before: Turns,
    ending: asyncio.Event,
    parse: bool,
    answerer: Callable[[], Answerer | None],
) -> AsyncIterator[Turn]:
    turn = Turn(question)
    yield turn
    try:
        chosen = await asyncio.to_thread(answerer)
        events = library.stream(question, history(before), parse=parse, answerer=chosen)
        async for event in _events(events, ending):
            turn = _after(turn, event)
            yield turn
        if turn.open:
            yield replace(turn, note=STOPPED)
    except QAError as error:
        yield replace(turn, note=str(error))
    except Exception:
        logging.getLogger(__name__).exception("no answer to %.200r", question)
        yield replace(turn, note=BROKEN)


async def _events(events: Iterator[Event], ending: asyncio.Event) -> AsyncIterator[Event]:
    """The events until there is none or `ending` is set, also while the library is busy with the next.

    Its work then goes on until that event, which nobody takes, and ends there.
    """
    ended = asyncio.ensure_future(ending.wait())
    try:
        while True:
            step = asyncio.ensure_future(asyncio.to_thread(next, events, None))
            await asyncio.wait({step, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not step.done():
                step.cancel()
                return
            event = step.result()
            if event is None or ended.done():
                return
            yield event
    finally:
        ended.cancel()


def _after(turn: Turn, event: Event) -> Turn:
    if event.kind == "status":
        return replace(turn, status=event.text)
    if event.kind == "text":
        return replace(turn, said=turn.said + event.text)
    return replace(turn, answer=event.answer)
