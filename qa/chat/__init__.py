"""The chat page: conversation and cards as plain functions, and the Gradio page that shows them.

conversation.py   turns, history, and how an answer arrives; knows nothing of Gradio
cards.py          an answer as HTML: markers, cards, marked sentences
page.py           the Gradio page and its one endpoint for programs
server.py         serving it: the port, the signals
style.css, page.js   what the page looks like, and how a marker opens its card

Importing this package is quick; Gradio is loaded by the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.chat.server import check_address, serve

if TYPE_CHECKING:
    import gradio as gr

    from qa.chat.conversation import Answering

__all__ = ["build", "check_address", "serve"]


def build(library: Answering) -> gr.Blocks:
    """The page over `library`, ready to be launched."""
    from qa.chat import page

    return page.build(library)
