"""The tab where a visitor chooses who answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from qa.chat.answerers import Answerers
from qa.chat.archive import Archive
from qa.chat.cards import escaped
from qa.chat.web import client_of, owner_of
from qa.errors import QAError

Changes = dict[Any, Any]

ABOUT = (
    "`extractive` quotes the papers' own sentences. A language model writes in its own words, and each of its"
    " sentences is checked against those that it cites."
)
ANY = " Any model that this machine has may be named, such as `ollama:llama3.2` or `huggingface:FOLDER`."


class Settings:
    """The components of the tab. Make it inside the tab."""

    def __init__(self, archive: Archive, answerers: Answerers) -> None:
        self.archive, self.answerers = archive, answerers
        gr.Markdown(ABOUT + (ANY if answerers.any_name else ""))
        with gr.Row(elem_id="choosing"):
            self.name = gr.Dropdown(
                list(answerers.offered),
                value=answerers.own,
                label="Who answers",
                allow_custom_value=answerers.any_name,
                elem_id="answerer",
            )
            self.use = gr.Button("Use", elem_id="use")
        self.told = gr.HTML(elem_id="chosen", apply_default_css=False)

    def connect(self, tab: gr.Tab) -> None:
        """Show what was chosen, and keep what is chosen now."""
        private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        tab.select(self.on_look, None, [self.name, self.told], queue=False, **private)
        self.use.click(self.on_use, self.name, self.told, trigger_mode="once", **private)

    def on_look(self, request: gr.Request) -> Changes:
        """The choice so far."""
        try:
            name = self.archive.choice(owner_of(request)) or self.answerers.own
        except QAError as error:
            return {self.told: _line(str(error))}
        known = self.answerers.may(name, client_of(request))
        return {self.name: name if known else self.answerers.own, self.told: ""}

    async def on_use(self, name: str | None, request: gr.Request) -> AsyncIterator[str]:
        """Choose the answerer of that name, if it can be had."""
        chosen = (name or "").strip() or self.answerers.own
        yield _line(f"Looking for {chosen} …")
        try:
            await asyncio.to_thread(self.answerers.get, chosen, client_of(request))
            self.archive.choose(owner_of(request), chosen)
        except QAError as error:
            yield _line(str(error))
        else:
            yield _line(f"From now on {chosen} answers your questions.")


def _line(text: str) -> str:
    return f'<p role="status">{escaped(text)}</p>'
