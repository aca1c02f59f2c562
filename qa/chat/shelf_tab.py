"""The tab of the library's papers: search, sort, filter, add, remove, and ask about one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from qa.chat.atlas import Atlas, make_atlas
from qa.chat.cards import escaped
from qa.chat.conversation import Answering, Conversation
from qa.chat.past import TELL
from qa.chat.plots import lit, map_html, times_html
from qa.chat.shelf import MOST_COMPARED, ORDERS, PAGE, Wanted, adding, chosen, comparison, list_html
from qa.citations import shown_title
from qa.errors import InvalidInput, QAError
from qa.paper import Paper

Changes = dict[Any, Any]

# On the map arrow keys go to the nearest point that way, Enter presses it, and what is reached is named.
ROAM = (Path(__file__).parent / "map.js").read_text(encoding="utf-8")


class ShelfTab:
    """The components of the tab. Make it inside the tab."""

    def __init__(self, library: Answering) -> None:
        self.library = library
        self._atlas: tuple[tuple[str, ...], Atlas] = ((), Atlas({}, ()))
        with gr.Accordion("Add papers", open=False, elem_id="adding"):
            self.files = gr.File(
                label="Drop files here, or click to choose",
                file_count="multiple",
                type="filepath",
                height=140,
                elem_id="files",
            )
            self.added = gr.HTML(elem_id="added", apply_default_css=False)
        self.words = gr.Textbox(
            elem_id="shelf-search",
            label="Search papers",
            show_label=False,
            placeholder="Search titles, abstracts and authors",
        )
        with gr.Row(elem_id="bounds"):
            self.order = gr.Dropdown(list(ORDERS), value=ORDERS[0], label="Order", min_width=130)
            self.author = gr.Textbox(label="Author", min_width=100)
            self.source = gr.Textbox(label="File", min_width=100)
            self.since = gr.Textbox(label="From", placeholder="2024-05", min_width=100)
            self.until = gr.Textbox(label="To", placeholder="2025", min_width=100)
        with gr.Accordion("Map and dates", open=False, elem_id="plots") as self.drawer:
            self.map = gr.HTML(elem_id="map", js_on_load=TELL + ROAM, apply_default_css=False)
            self.times = gr.HTML(elem_id="times", apply_default_css=False)
        self.list = gr.HTML(elem_id="shelf-list", js_on_load=TELL, apply_default_css=False)
        self.shown = gr.State(PAGE)
        self.aside = gr.State(list[str]())  # ids of papers to be compared

    @property
    def _wanted(self) -> list[Any]:
        return [self.words, self.order, self.author, self.source, self.since, self.until]

    def connect(self, tab: gr.Tab, tabs: gr.Tabs, box: gr.Textbox, conversation: gr.State) -> None:
        """Keep the list as it is wanted; a question about a paper goes into `box` on the tab "ask".

        The papers of the last answer of `conversation` are lit up on the map.
        """
        self._tabs, self._box = tabs, box
        quick: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "queue": False,
            "trigger_mode": "always_last",
        }
        changed = [tab.select, *(field.change for field in self._wanted)]
        gr.on(changed, self.on_wanted, [self.aside, *self._wanted], [self.list, self.shown], **quick)
        self.list.click(
            self.on_press,
            [self.shown, self.aside, *self._wanted],
            [self.list, self.shown, self.aside, tabs, box],
            **quick,
        )
        self.drawer.expand(self.on_map, conversation, [self.map, self.times], **quick)
        self.map.click(self.on_point, None, self.words, **quick)
        self.files.upload(
            self.on_files,
            [self.files, self.aside, *self._wanted],
            [self.added, self.files, self.list],
            **quick | {"queue": True, "trigger_mode": "once", "concurrency_limit": 1},
        )

    def on_wanted(self, aside: list[str], *wanted: str) -> tuple[str, int]:
        """The list from its beginning."""
        return self._drawn(PAGE, aside, wanted), PAGE

    def on_press(self, event: gr.EventData, shown: int, aside: list[str], *wanted: str) -> Changes:
        """A button of the list was pressed: show more, remove a paper, ask about one, compare some."""
        data = event._data or {}
        do, id = str(data.get("do", "")), str(data.get("id", ""))
        if do == "ask":
            title = next((shown_title(paper) for paper in self.library.papers() if paper.id == id), "")
            return self._asking(f"About “{title}”: ")
        if do == "against" and len(compared := _of(aside, self.library.papers())) > 1:
            return self._asking(comparison(compared))
        if do == "compare":
            others = [other for other in aside if other != id]
            aside = others if id in aside else [*others, id][:MOST_COMPARED]
        elif do == "none":
            aside = []
        elif do == "more":
            shown += PAGE
        elif do == "remove":
            try:
                self.library.remove(id)
            except InvalidInput:
                pass  # it is gone already
            except QAError as error:
                return {self.list: f'<p class="none">{escaped(str(error))}</p>'}
        return {self.list: self._drawn(shown, aside, wanted), self.shown: shown, self.aside: aside}

    def _asking(self, question: str) -> Changes:
        return {self._tabs: gr.Tabs(selected="ask"), self._box: question}

    def on_map(self, conversation: Conversation) -> tuple[str, str]:
        """The map and the plot over time, when they are looked at."""
        try:
            papers = self.library.papers()
            known = tuple(paper.id for paper in papers)
            if self._atlas[0] != known:  # drawn once for each state of the library
                self._atlas = known, make_atlas(papers, self.library.embeddings())
        except QAError as error:
            return f'<p class="none">{escaped(str(error))}</p>', ""
        return map_html(self._atlas[1], papers, lit(conversation.turns)), times_html(papers)

    def on_point(self, event: gr.EventData) -> str:
        """A point of the map was pressed: its title, which the list is then searched for."""
        id = str((event._data or {}).get("id", ""))
        return next((shown_title(paper) for paper in self.library.papers() if paper.id == id), "")

    def on_files(self, files: Sequence[str], aside: list[str], *wanted: str) -> Iterator[Changes]:
        """Files were dropped: add their papers, and clear the field for the next."""
        for html in adding(self.library, [Path(file) for file in files]):
            yield {self.added: html}
        yield {self.files: None, self.list: self._drawn(PAGE, aside, wanted)}

    def _drawn(self, shown: int, aside: Sequence[str], wanted: Sequence[str]) -> str:
        try:
            papers = self.library.papers()
            found = chosen(papers, Wanted(*(text or "" for text in wanted)))
            return list_html(found, len(papers), shown, _of(aside, papers))
        except QAError as error:
            return f'<p class="none">{escaped(str(error))}</p>'


def _of(ids: Sequence[str], papers: Sequence[Paper]) -> list[Paper]:
    """The papers of these ids that the library still has, in the order of the ids."""
    known = {paper.id: paper for paper in papers}
    return [known[id] for id in ids if id in known]
