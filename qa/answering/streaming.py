"""What a chat model says, piece by piece, within bounds of time and length, whatever the model does."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qa.answering.models import reason, stopping
from qa.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

CHARACTERS: Final = 8_000  # more than any answer needs; a model that never stops is stopped
_AHEAD: Final = 64  # pieces that a model may be ahead of whoever takes them
_TRANSIENT_STATUS: Final = frozenset({408, 409, 429, 500, 502, 503, 504})
_TRANSIENT_NAMES: Final = ("Connect", "Timeout", "RemoteProtocol", "ReadError", "RateLimit")
_SILENT: Final = "the model said nothing: perhaps its context is too small for the question and its evidence"


class Interrupted(ModelUnavailable):
    """A model broke off. `transient`: it may do better when it is asked again."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


@dataclass(frozen=True)
class _End:
    error: Exception | None = None


def pieces(model: BaseChatModel, prompt: str, seconds: float) -> Iterator[str]:
    """The text of the model's answer as it comes; no more than CHARACTERS of it.

    Raises Interrupted when the model fails, or is not done after `seconds` or so many characters. Closing
    the iterator stops the model at its next piece, and so does whatever else ends it.
    """
    said: queue.Queue[str | _End] = queue.Queue(_AHEAD)
    stopped = threading.Event()
    context = contextvars.copy_context()  # whoever traces a chain sees the model's part of it too
    threading.Thread(
        target=context.run, args=(_pump, model, prompt, said, stopped), name="_pump", daemon=True
    ).start()
    deadline, room = time.monotonic() + seconds, CHARACTERS
    try:
        while room > 0:
            piece = _next(said, deadline, seconds)
            if isinstance(piece, _End):
                if piece.error:
                    silent = "No generation chunks" in str(piece.error)  # as LangChain says it
                    message = _SILENT if silent else f"the model broke off: {reason(piece.error)}"
                    raise Interrupted(message, transient=_is_transient(piece.error)) from piece.error
                return
            yield piece[:room]
            room -= len(piece)
        raise Interrupted(f"the model did not stop after {CHARACTERS:,} characters", transient=False)
    finally:
        stopped.set()


def _next(said: queue.Queue[str | _End], deadline: float, seconds: float) -> str | _End:
    try:
        return said.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise Interrupted(f"the model was not done after {seconds:g} s", transient=False) from None


def _pump(model: BaseChatModel, prompt: str, said: queue.Queue[str | _End], stopped: threading.Event) -> None:
    try:
        for chunk in model.stream(prompt, **stopping(model, stopped)):
            _put(said, str(chunk.text), stopped)
            if stopped.is_set():
                return
        _put(said, _End(), stopped)
    except Exception as error:  # each provider's own; told to whoever takes the pieces
        _put(said, _End(error), stopped)


def _put(said: queue.Queue[str | _End], piece: str | _End, stopped: threading.Event) -> None:
    """Hand a piece over, unless nobody takes it any more."""
    while not stopped.is_set():
        try:
            said.put(piece, timeout=0.2)
        except queue.Full:
            continue
        return


def _is_transient(error: Exception) -> bool:
    if getattr(error, "status_code", None) in _TRANSIENT_STATUS:
        return True
    names = [kind.__name__ for kind in type(error).__mro__]
    return any(part in name for name in names for part in _TRANSIENT_NAMES)
