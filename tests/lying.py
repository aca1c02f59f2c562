"""Chat models that misbehave, for the tests: each says what it is told to, piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field


class Scripted(BaseChatModel):
    """Says `replies` in turn, the last one again and again, in pieces of five characters.

    A reply is a text or a list of parts: of an exception, which is raised, an event, which is waited for, and
    of texts, which never end if they end in "∞". `seen` are the prompts, `pieces` counts what was said,
    `stopped` is set when nobody takes any more of it.
    """

    replies: list[Any]
    seen: list[str] = Field(default_factory=list)
    pieces: int = 0
    stopped: Any = Field(default_factory=threading.Event)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.seen.append(str(messages[0].content))
        reply = self.replies[min(len(self.seen), len(self.replies)) - 1]
        for part in reply if isinstance(reply, list) else [reply]:
            if isinstance(part, Exception):
                raise part
            if isinstance(part, threading.Event):
                part.wait(30)
                continue
            try:
                for piece in _pieces(part):
                    self.pieces += 1
                    yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            except GeneratorExit:
                self.stopped.set()
                raise


def _pieces(text: str) -> Iterator[str]:
    endless = text.endswith("∞")
    text = text.removesuffix("∞")
    while True:
        yield from (text[i : i + 5] for i in range(0, len(text), 5))
        if not endless:
            return
