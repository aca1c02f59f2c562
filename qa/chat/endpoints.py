"""What other programs may call: named endpoints with documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from qa.chat.conversation import Answering
from qa.errors import QAError


def ask(library: Answering) -> Callable[..., Iterator[dict[str, Any]]]:
    """The function behind the endpoint `ask`; its docstring is the endpoint's documentation."""

    def ask(question: str, history: list[dict[str, str]] | None = None) -> Iterator[dict[str, Any]]:
        """Answer a question from the papers of this library.

        Parameters:
            question: the question, in words
            history: what was said before, as [{"role": "user" or "assistant", "content": "..."}]
        Returns:
            while it streams {"text": the answer so far}; at last the whole answer with its citations
        """
        said = ""
        try:
            for event in library.stream(question, history or ()):
                said += event.text if event.kind == "text" else ""
                if event.answer:
                    yield event.answer.to_dict()
                elif event.kind == "text":
                    yield {"text": said}
        except QAError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return ask


def search(library: Answering) -> Callable[..., dict[str, Any]]:
    """The function behind the endpoint `search`."""

    def search(query: str, k: float = 10) -> dict[str, Any]:
        """Find the papers of this library that fit a query best.

        Parameters:
            query: what to look for, in words
            k: how many papers at most
        Returns:
            {"query": the query, "hits": the papers with their best passages, best first}
        """
        try:
            hits = library.search(query, int(k))
        except QAError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return {"query": query, "hits": [hit.to_dict() for hit in hits]}

    return search
