"""The tab of earlier conversations: search, open, rename, take away, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from qa.chat.archive import Archive, Kept
from qa.chat.cards import escaped
from qa.chat.conversation import Conversation
from qa.chat.takeaway import FORMATS
from qa.chat.web import owner_of

Changes = dict[Any, Any]
Opening = Callable[[Conversation, str, gr.Request], Awaitable[Changes]]

# How lists with buttons tell that one was pressed.
TELL = (Path(__file__).parent / "tell.js").read_text(encoding="utf-8")


class Past:
    """The components of the tab. Make it inside the tab."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.search = gr.Textbox(
            elem_id="past-search",
            label="Search conversations",
            show_label=False,
            placeholder="Search earlier conversations",
        )
        self.list = gr.HTML(elem_id="past-list", js_on_load=TELL, apply_default_css=False)

    def connect(self, tab: gr.Tab, conversation: gr.State, opening: Opening, shown: Sequence[Any]) -> None:
        """Open a conversation by `opening`, given the shown one, the id of the chosen one, the request."""
        self._opening = opening
        quick: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "queue": False,
            "trigger_mode": "always_last",
        }
        tab.select(self.on_list, self.search, self.list, **quick)
        self.search.change(self.on_list, self.search, self.list, **quick)
        self.list.click(self.on_press, [conversation, self.search], [self.list, *shown], **quick)

    def on_list(self, search: str, request: gr.Request) -> str:
        """The conversations of who asks, those that hold the words of `search`."""
        return list_html(self.archive.find(owner_of(request), search), search)

    async def on_press(
        self, conversation: Conversation, search: str, event: gr.EventData, request: gr.Request
    ) -> Changes:
        """A button of the list was pressed: open a conversation, rename or delete it."""
        owner, data = owner_of(request), event._data or {}
        do, id, text = (str(data.get(name, "")) for name in ("do", "id", "text"))
        changes: Changes = {}
        if do == "open":
            changes = await self._opening(conversation, id, request)
        elif do == "rename":
            self.archive.rename(owner, id, text)
        elif do == "delete":
            self.archive.delete(owner, id)
            if id == conversation.id:
                changes = await self._opening(conversation, "", request)
        return changes | {self.list: self.on_list(search, request)}


def list_html(kept: Sequence[Kept], search: str = "") -> str:
    """The list, a row for each conversation."""
    if not kept:
        none = "No conversation holds these words." if search.strip() else "No conversation so far."
        return f'<p class="none">{none}</p>'
    return f'<ul class="rows">{"".join(map(_row, kept))}</ul>'


def _row(kept: Kept) -> str:
    title = escaped(kept.title)
    count = "1 question" if kept.turns == 1 else f"{kept.turns} questions"
    links = "".join(
        f'<a href="take/{kept.id}/all.{ending}" download>{FORMATS[ending][0]}</a>'
        for ending in ("md", "bib", "ris", "json")
    )
    rename = (
        f'<form><input name="text" value="{title}" aria-label="New name" maxlength="120">'
        f'<button data-do="rename" data-id="{kept.id}">Save</button></form>'
    )
    delete = (
        "<p>Delete this conversation for good?</p>"
        f'<button class="danger" data-do="delete" data-id="{kept.id}">Yes, delete</button>'
    )
    return (
        f'<li><button class="open" data-do="open" data-id="{kept.id}">{title}</button>'
        f'<span class="facts"><time datetime="{kept.changed}">{_day(kept.changed)}</time> · {count}</span>'
        f'<div class="tools">{_fold("Rename", rename)}{_fold("Take away", links)}{_fold("Delete", delete)}'
        "</div></li>"
    )


def _fold(name: str, inside: str) -> str:
    return f'<details name="tool"><summary>{name}</summary><div>{inside}</div></details>'


def _day(changed: str) -> str:
    return changed[:16].replace("T", " ") + " UTC"
