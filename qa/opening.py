"""The default library, ready for questions: for `qa.answer`, the commands, and whoever names no other."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qa import defaults
from qa.adding import OnProgress
from qa.answering import Answerer
from qa.confidence import RISK
from qa.filters import Date
from qa.library import Library
from qa.paper import Answer
from qa.query import Message

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def default_library(
    on_progress: OnProgress | None = None,
    *,
    answerer: str | BaseChatModel | Answerer | None = None,
    risk: float = RISK,
    reranker: str | None = None,
    reader: bool = True,
) -> Library:
    """The default library, ready for questions; made from the seed papers if need be. See `Library`."""
    library = Library(answerer=answerer, risk=risk, reranker=reranker, reader=reader)
    library._prepare(on_progress)
    return library


def answer(
    question: str,
    history: Sequence[Message] = (),
    *,
    since: Date | None = None,
    until: Date | None = None,
    author: str | None = None,
    source: str | None = None,
    parse: bool = True,
) -> Answer:
    """Answer a question over the default library. See `Library.answer`."""
    return _shared_default(defaults.default_path()).answer(
        question, history, since=since, until=until, author=author, source=source, parse=parse
    )


@functools.cache
def _shared_default(path: Path) -> Library:
    """One default library for each place that QA_LIBRARY has named in this process."""
    return Library()
