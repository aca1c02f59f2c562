"""A library as a LangChain runnable: a question in, an `Answer` out.

What it streams are answers too, which add up: each holds a piece of the text, and the last one, without
text, all the rest. So the sum of them is what `invoke` gives, and a step behind it works on either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from qa.errors import InvalidInput
from qa.paper import Answer
from qa.query import Message

if TYPE_CHECKING:
    from qa.library import Library


@dataclass(frozen=True)
class Asked:
    """What a dict may hold that is asked: what `Library.answer` takes. Messages may be LangChain's own."""

    question: str
    history: Sequence[Any] = ()
    since: str | None = None
    until: str | None = None
    author: str | None = None
    source: str | None = None
    parse: bool = True


_ROLES: Final = {"human": "user", "ai": "assistant"}


class AnswerRunnable(Runnable[Any, Answer]):
    """Answers questions over a library; made by `Library.as_runnable`.

    In: a question as text, or a dict as `Asked` describes it, which stands before what `as_runnable` was
    given. Out: an `Answer`. Raises what `Library.answer` raises, and InvalidInput for another input.
    """

    def __init__(self, library: Library, given: Mapping[str, Any]) -> None:
        self._library = library
        self._given = dict(given)

    @property
    def InputType(self) -> Any:  # noqa: N802 - LangChain's name
        """A text, or a dict as `Asked` describes it."""
        return str | Asked

    @property
    def OutputType(self) -> type[Answer]:  # noqa: N802 - LangChain's name
        """An `Answer`."""
        return Answer

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """The answer."""
        return self._call_with_config(lambda asked: self._library.answer(**self._read(asked)), input, config)

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Answer]:
        """The answer in pieces that add up to it."""
        return self.transform(iter([input]), config)

    def transform(
        self, input: Iterator[Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        """As `stream`, of a question that comes in pieces itself."""
        yield from self._transform_stream_with_config(input, self._of_pieces, config)

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Answer]:
        """As `stream`; the library works in a thread."""

        async def one() -> AsyncIterator[Any]:
            yield input

        async for piece in self.atransform(one(), config):
            yield piece

    async def atransform(
        self, input: AsyncIterator[Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Answer]:
        """As `transform`; the library works in a thread."""
        async for piece in self._atransform_stream_with_config(input, self._of_pieces_async, config):
            yield piece

    def _of_pieces(self, inputs: Iterator[Any]) -> Iterator[Answer]:
        asked: Any = None
        for piece in inputs:
            asked = _joined(asked, piece)
        yield from self._pieces(asked)

    async def _of_pieces_async(self, inputs: AsyncIterator[Any]) -> AsyncIterator[Answer]:
        asked: Any = None
        async for piece in inputs:
            asked = _joined(asked, piece)
        pieces = self._pieces(asked)
        try:
            while (answer := await run_in_executor(None, next, pieces, None)) is not None:
                yield answer
        finally:
            with suppress(ValueError):  # still at work in its thread; it ends with its next piece
                pieces.close()  # type: ignore[attr-defined]

    def _pieces(self, asked: Any) -> Iterator[Answer]:
        for event in self._library.stream(**self._read(asked)):
            if event.answer is not None:
                yield replace(event.answer, text="")
            elif event.kind == "text":
                yield Answer(event.text, answered=False, question="")

    def _read(self, asked: Any) -> dict[str, Any]:
        """The arguments for the library."""
        if isinstance(asked, str):
            return {**self._given, "question": asked}
        if not isinstance(asked, Mapping) or "question" not in asked:
            raise InvalidInput(f'ask with a text or with {{"question": ...}}, not {asked!r:.80}')
        known = [field.name for field in fields(Asked)]
        if unknown := [str(key) for key in asked if key not in known]:
            raise InvalidInput(f"a question takes no {', '.join(unknown)}: give {', '.join(known)}")
        read = {**self._given, **asked}
        if isinstance(history := read.get("history"), Sequence) and not isinstance(history, str):
            read["history"] = [_message(one) for one in history]
        return read


def _joined(before: Any, piece: Any) -> Any:
    return before + piece if isinstance(before, str) and isinstance(piece, str) else piece


def _message(one: Any) -> Message:
    if not isinstance(one, BaseMessage):
        return one  # type: ignore[no-any-return]
    return {"role": _ROLES.get(one.type, one.type), "content": one.content}
