"""The Gradio page: a conversation that streams, examples, stop and ask again; the other tabs beside it.

The page holds no logic of its own: what is said comes from conversation.py, how it looks from cards.py
and the style sheets. Each visitor's conversation lives in a `gr.State` on the server and is drawn from there:
nothing that a browser sends back is taken for a part of it. Whatever touches it is a coroutine, so that
all of it runs in one event loop. The address of the page names the conversation (`?c=`), which a reload
then brings back from the archive.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from qa.answering import Answerer
from qa.chat import endpoints
from qa.chat.answerers import Answerers
from qa.chat.archive import Archive
from qa.chat.cards import escaped, question_html, turn_html
from qa.chat.conversation import Answering, Conversation
from qa.chat.past import Past
from qa.chat.settings import Settings
from qa.chat.shelf_tab import ShelfTab
from qa.chat.suggestions import examples, suggestions
from qa.chat.web import client_of, owner_of
from qa.errors import QAError

HERE = Path(__file__).parent
TITLE = "Ask the papers"

AT_ONCE = 4  # answers in the making: more than that only slows all of them on a laptop
LARGEST_FILE = "64mb"  # of papers to be added
WAITING = 64  # questions that wait for their turn

SIGN_IN = f"<title>{TITLE}</title>Sign in to ask the papers."  # Gradio's own page of signing in has no title
WELCOME = (
    "Every answer quotes its papers word for word. The number after a quote opens the paper's abstract "
    "at that sentence."
)
EDITING = "Change the question and ask: it takes the place of the last one."
NO_QUESTION = "Type a question first, for example what a method does, or how well it works."
ONE_AT_A_TIME = "One answer at a time: this question stays in the box until the answer is there, or stopped."

NOT_KEPT = (
    "This conversation is not kept here: it was deleted, or is somebody else's or about another library."
)
OVERTAKEN = "This conversation went on in another window. Here is all of it: look at it, and ask once more."
SHOW_ADDRESS = """(id) => {
  const url = new URL(location);
  url.searchParams.delete("q");
  id ? url.searchParams.set("c", id) : url.searchParams.delete("c");
  history.replaceState(null, "", url);
}"""

LAST = ""  # in the place of a question: the last one again

# What a handler gives back: new values by component.
Changes = dict[Any, Any]


def build(library: Answering, archive: Archive, answerers: Answerers) -> gr.Blocks:
    """The page over `library`, which keeps conversations in `archive`. Launch it with `launch_options()`."""
    blocks = gr.Blocks(title=TITLE, fill_height=True, analytics_enabled=False)
    with blocks:
        _Page(library, archive, answerers)
        api(endpoints.ask(library), api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="answers")
        api(endpoints.search(library), api_name="search", concurrency_limit=AT_ONCE)
    blocks.queue(max_size=WAITING)
    return blocks


def launch_options() -> dict[str, Any]:
    """What `launch()` needs beside an address: the looks, and the doors shut that nothing here uses."""
    return {
        "theme": gr.themes.Base(
            primary_hue="teal",
            neutral_hue="slate",
            font=["system-ui", "sans-serif"],
            font_mono=["ui-monospace", "monospace"],
        ).set(
            # Of the button that signs in: a lighter one is too pale for its words.
            button_primary_background_fill="*primary_700",
            button_primary_background_fill_dark="*primary_700",
            button_primary_background_fill_hover="*primary_800",
            button_primary_background_fill_hover_dark="*primary_800",
        ),
        "auth_message": SIGN_IN,
        "css_paths": [HERE / name for name in ("style.css", "cards.css", "tabs.css")],
        "js": (HERE / "page.js").read_text(encoding="utf-8"),
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "share": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "max_file_size": LARGEST_FILE,
    }


class _Page:
    """The components of the page and what happens on each event."""

    def __init__(self, library: Answering, archive: Archive, answerers: Answerers) -> None:
        self.library, self.archive, self.answerers = library, archive, answerers
        self.about = gr.Markdown(elem_id="about")
        self.conversation = gr.State(Conversation())
        # The id of the conversation that is shown. Whenever it changes, so does the address of the page.
        self.here = gr.Textbox(elem_id="here", visible="hidden")
        with gr.Tabs(elem_id="tabs") as self.tabs:
            with gr.Tab("Ask", id="ask", elem_id="ask"):
                self._lay_out()
            with gr.Tab("Library", id="shelf", elem_id="shelf", elem_classes="cards") as library_tab:
                shelf = ShelfTab(library)
            with gr.Tab("History", id="past", elem_id="past") as past_tab:
                past = Past(archive)
            choice = answerers.any_name or len(answerers.offered) > 1
            with gr.Tab("Settings", id="settings", elem_id="settings", visible=choice) as settings_tab:
                settings = Settings(archive, answerers)
        self._connect()
        settings.connect(settings_tab)
        shelf.connect(library_tab, self.tabs, self.box, self.conversation)
        past.connect(
            past_tab, self.conversation, self.on_opened, [self.tabs, self.conversation, *self._shown]
        )

    def _lay_out(self) -> None:
        self.chat = gr.Chatbot(
            elem_id="conversation",
            elem_classes="cards",
            label="Conversation",
            show_label=False,
            container=False,
            scale=1,
            layout="panel",
            autoscroll=False,
            buttons=[],
            latex_delimiters=[],
            allow_tags=False,
            group_consecutive_messages=False,
            placeholder=WELCOME,
            examples=[{"text": question} for question in examples(self.library.papers())],
        )
        self.notice = gr.Markdown(elem_id="notice", visible=False)
        self.box = gr.Textbox(
            elem_id="question",
            label="Question",
            show_label=False,
            placeholder="Ask about the papers",
            max_lines=6,
            autofocus=True,
            submit_btn="Ask",
        )
        with gr.Row(elem_id="actions"):
            self.again = gr.Button("Ask again", size="sm", elem_id="again")
            self.edit = gr.Button("Edit the question", size="sm", elem_id="edit")
            self.plain = gr.Button("Ask without filters", size="sm", elem_id="plain")
            self.fresh = gr.Button("New conversation", size="sm", elem_id="fresh")
        self.buttons = {button: button.value for button in (self.again, self.edit, self.plain, self.fresh)}

    @property
    def _shown(self) -> list[Any]:
        """What a turn of the conversation changes."""
        return [self.chat, self.box, self.notice, self.here, *self.buttons]

    def _connect(self) -> None:
        shown, mine = self._shown, [self.conversation]
        private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        quick = private | {"queue": False}
        answering = private | {"concurrency_limit": AT_ONCE, "concurrency_id": "answers"}
        self.box.submit(self.on_question, [*mine, self.box], shown, trigger_mode="multiple", **answering)
        self.chat.example_select(self.on_example, mine, shown, **answering)
        self.chat.option_select(self.on_suggestion, mine, shown, **answering)
        self.edit.click(self.on_edit, mine, [self.box, self.notice], **quick)
        self.again.click(self.on_again, mine, shown, **answering)
        self.plain.click(self.on_plain, mine, shown, **answering)
        self.box.stop(self.on_stop, mine, None, **quick)
        gr.on([self.fresh.click, self.chat.clear], self.on_fresh, mine, [*mine, *shown], **quick)
        self.here.change(None, self.here, None, js=SHOW_ADDRESS, **quick)
        opened = gr.on(None, self.on_load, None, [self.about, *mine, *shown], **quick)
        opened.then(self.on_asked_by_address, mine, shown, **answering)

    async def on_question(
        self, conversation: Conversation, question: str, request: gr.Request
    ) -> AsyncIterator[Changes]:
        """Enter, or the button "Ask". What is typed while an answer comes stays in the box."""
        if conversation.busy:
            yield {self.notice: gr.Markdown(ONE_AT_A_TIME, visible=True)}
        elif not question.strip():
            yield {self.notice: gr.Markdown(NO_QUESTION, visible=True)}
        else:
            async for changes in self._answered(conversation, question, request, value=""):
                yield changes

    async def on_example(
        self, conversation: Conversation, chosen: gr.SelectData, request: gr.Request
    ) -> AsyncIterator[Changes]:
        """An example question was chosen."""
        async for changes in self._answered(conversation, chosen.value["text"], request):
            yield changes

    async def on_suggestion(
        self, conversation: Conversation, chosen: gr.SelectData, request: gr.Request
    ) -> AsyncIterator[Changes]:
        """A suggested question was chosen."""
        async for changes in self._answered(conversation, str(chosen.value), request):
            yield changes

    async def on_edit(self, conversation: Conversation) -> Changes:
        """Put the last question into the box; what is asked next replaces it."""
        conversation.replaces = bool(conversation.turns) and not conversation.busy
        if not conversation.replaces:
            return {self.notice: gr.skip()}
        return {self.box: conversation.turns[-1].question, self.notice: gr.Markdown(EDITING, visible=True)}

    async def on_again(self, conversation: Conversation, request: gr.Request) -> AsyncIterator[Changes]:
        """Ask the last question again, in place of its answer."""
        async for changes in self._answered(conversation, LAST, request):
            yield changes

    async def on_plain(self, conversation: Conversation, request: gr.Request) -> AsyncIterator[Changes]:
        """Ask the last question again, and take no filter from its words."""
        async for changes in self._answered(conversation, LAST, request, parse=False):
            yield changes

    async def on_asked_by_address(
        self, conversation: Conversation, request: gr.Request
    ) -> AsyncIterator[Changes]:
        """The address of the page asks a question: `?q=`."""
        question = "" if conversation.turns else _in_address(request, "q")
        if not question.strip():
            yield {self.notice: gr.skip()}  # Gradio empties what a handler leaves without a word
            return
        async for changes in self._answered(conversation, question, request):
            yield changes

    async def on_stop(self, conversation: Conversation) -> None:
        """End the answer; its own handler then shows where it ended."""
        conversation.stop()

    async def on_fresh(self, conversation: Conversation) -> Changes:
        """Begin a new conversation."""
        conversation.leave()
        return self._changed_to(Conversation())

    async def on_opened(self, conversation: Conversation, chosen: str, request: gr.Request) -> Changes:
        """A conversation was chosen from the history, or none: the one that is shown was deleted."""
        conversation.leave()
        changes = self._changed_to(self._loaded(chosen, request))
        return changes | {self.tabs: gr.Tabs(selected="ask")} if chosen else changes

    async def on_load(self, request: gr.Request) -> Changes:
        """What the page says about itself, and the conversation that its address names."""
        changes: Changes = {self.about: f"# {TITLE}\n{self._about()}"}
        if chosen := _in_address(request, "c"):
            changes |= self._changed_to(self._loaded(chosen, request))
            if not changes[self.here]:
                changes |= {self.notice: gr.Markdown(NOT_KEPT, visible=True)}
        return changes

    def _about(self) -> str:
        try:
            count = len(self.library.papers())
        except QAError as error:
            return escaped(str(error))
        papers = "1 paper" if count == 1 else f"{count:,} papers"
        return f"Answers come from titles and abstracts only. {papers} in this library."

    def _loaded(self, id: str, request: gr.Request) -> Conversation:
        """The conversation of that id; a new one when this visitor has none."""
        turns = self.archive.load(owner_of(request), id)
        conversation = Conversation(id if turns else "", turns)
        conversation.stamp, conversation.ratings = self.archive.stamp(id), self.archive.ratings(id)
        return conversation

    def _changed_to(self, conversation: Conversation) -> Changes:
        return {self.conversation: conversation} | self._drawn(conversation) | self._controls(busy=False)

    async def _answered(
        self,
        conversation: Conversation,
        question: str,
        request: gr.Request,
        *,
        parse: bool = True,
        **box: Any,
    ) -> AsyncIterator[Changes]:
        # Between this look at `busy` and the answer's beginning nothing may wait, or two could begin.
        if conversation.busy:
            yield {self.notice: gr.skip()}
            return
        if news := self._news(conversation, request):
            yield news
            return
        if question == LAST or conversation.replaces:
            last = conversation.forget_last()
            question = question or last
        if not question.strip():
            yield {self.notice: gr.skip()}
            return
        controls, kept = self._controls(busy=True, **box), Changes()
        conversation.id = conversation.id or secrets.token_urlsafe(12)
        answerer = functools.partial(self._chosen, owner_of(request), client_of(request))
        async for _ in conversation.ask(self.library, question, parse=parse, answerer=answerer):
            if controls or not conversation.turns[-1].open:  # its first piece or its last
                kept = self._kept(conversation, request)
            if not conversation.left:
                yield self._drawn(conversation) | controls
            controls = {}
        if not conversation.left:
            yield self._controls(busy=False) | kept

    def _chosen(self, owner: str, client: str) -> Answerer | None:
        """The answerer that a visitor chose; None is the library's own, as where they may not any more."""
        try:
            name = self.archive.choice(owner)
        except QAError:  # an answer is worth more than a choice that cannot be read
            return None
        return self.answerers.get(name, client) if self.answerers.may(name, client) else None

    def _news(self, conversation: Conversation, request: gr.Request) -> Changes:
        """The conversation as another window has left it, with a line that says so; nothing if none has."""
        try:
            if self.archive.stamp(conversation.id) in ("", conversation.stamp):
                return {}
            now = self._loaded(conversation.id, request)
        except QAError:  # it will be said when the answer cannot be kept
            return {}
        conversation.turns, conversation.stamp, conversation.ratings = now.turns, now.stamp, now.ratings
        conversation.replaces = False
        return self._drawn(conversation) | {self.notice: gr.Markdown(OVERTAKEN, visible=True)}

    def _kept(self, conversation: Conversation, request: gr.Request) -> Changes:
        """Keep the conversation; where that fails the answer goes on, with a line that says so."""
        owner, id = owner_of(request), conversation.id
        try:
            conversation.stamp = self.archive.save(owner, id, conversation.turns, conversation.stamp)
            conversation.ratings = self.archive.ratings(id)
        except QAError as error:
            return {self.notice: gr.Markdown(escaped(str(error)), visible=True)}
        return {}

    def _controls(self, busy: bool, **box: Any) -> Changes:
        return {
            self.box: gr.Textbox(submit_btn=not busy and "Ask", stop_btn=busy and "Stop", **box),
            # With their names: a button that Gradio has not drawn yet loses what a change does not repeat.
            **{button: gr.Button(name, interactive=not busy) for button, name in self.buttons.items()},
            self.notice: gr.Markdown(visible=False),
        }

    def _drawn(self, conversation: Conversation) -> Changes:
        messages: list[dict[str, Any]] = []
        for number, turn in enumerate(conversation.turns, 1):
            messages.append({"role": "user", "content": question_html(turn.question)})
            last = number == len(conversation.turns)
            rating = conversation.ratings.get(number)
            html = turn_html(turn, number, last=last, kept=conversation.id, rating=rating)
            message: dict[str, Any] = {"role": "assistant", "content": html}
            if last and turn.answer:
                message["options"] = [{"value": question} for question in suggestions(turn.answer)]
            messages.append(message)
        return {self.chat: messages, self.here: conversation.id}


def _in_address(request: gr.Request, name: str) -> str:
    """A parameter of the page's address."""
    return str(dict(request.query_params).get(name, ""))
