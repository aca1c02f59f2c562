"""The Gradio page: a conversation that streams, examples, stop and ask again, and the endpoint `ask`.

The page holds no logic of its own: what is said comes from conversation.py, how it looks from cards.py
and style.css. Each visitor's conversation lives in a `gr.State` on the server and is drawn from there:
nothing that a browser sends back is taken for a part of it. Whatever touches it is a coroutine, so that
all of it runs in one event loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from qa.chat.cards import escaped, question_html, turn_html
from qa.chat.conversation import Answering, Conversation
from qa.errors import QAError

HERE = Path(__file__).parent
TITLE = "Ask the papers"

AT_ONCE = 4  # answers in the making: more than that only slows all of them on a laptop
WAITING = 64  # questions that wait for their turn

WELCOME = (
    "Every answer quotes its papers word for word. The number after a quote opens the paper's abstract "
    "at that sentence."
)
NO_QUESTION = "Type a question first, for example what a method does, or how well it works."
ONE_AT_A_TIME = "One answer at a time: this question stays in the box until the answer is there, or stopped."

# Questions about the seeds, each with the title of the paper that answers it. A library without that
# paper does not offer the question.
EXAMPLES = (
    (
        "What does MuDreamer predict instead of pixels?",
        "MuDreamer: Learning Predictive World Models without Reconstruction",
    ),
    (
        "How much faster is SeerAttention than FlashAttention-2?",
        "SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs",
    ),
    (
        "Does watermarking harm the alignment of language models?",
        "Watermarking Degrades Alignment in Language Models: Analysis and Mitigation",
    ),
    (
        "Which papers deal with backdoor attacks?",
        "An Embarrassingly Simple Backdoor Attack on Self-supervised Learning",
    ),
)

# What a handler gives back: new values by component.
Changes = dict[Any, Any]


def build(library: Answering) -> gr.Blocks:
    """The page over `library`. Launch it with `launch_options()`."""
    blocks = gr.Blocks(title=TITLE, fill_height=True, analytics_enabled=False)
    with blocks:
        _Page(library)
        api(endpoint(library), api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="answers")
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
        ),
        "css_paths": HERE / "style.css",
        "js": (HERE / "page.js").read_text(encoding="utf-8"),
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "share": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "max_file_size": "1kb",
    }


def endpoint(library: Answering) -> Callable[..., Iterator[dict[str, Any]]]:
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


def examples(library: Answering) -> list[str]:
    """The example questions that this library can answer."""
    titles = {paper.title for paper in library.papers()}
    return [question for question, title in EXAMPLES if title in titles]


class _Page:
    """The components of the page and what happens on each event."""

    def __init__(self, library: Answering) -> None:
        self.library = library
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.about = gr.Markdown(elem_id="about")
        self.conversation = gr.State(Conversation())
        self.chat = gr.Chatbot(
            elem_id="conversation",
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
            examples=[{"text": question} for question in examples(self.library)],
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
        with gr.Row(elem_id="actions", visible=False) as self.actions:
            self.again = gr.Button("Ask again", size="sm", elem_id="again")
            self.plain = gr.Button("Ask without filters", size="sm", elem_id="plain")
            self.fresh = gr.Button("New conversation", size="sm", elem_id="fresh")

    def _connect(self) -> None:
        shown = [self.chat, self.box, self.notice, self.actions, self.again, self.plain, self.fresh]
        mine = [self.conversation]
        private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        quick = private | {"queue": False}
        answering = private | {"concurrency_limit": AT_ONCE, "concurrency_id": "answers"}
        self.box.submit(self.on_question, [*mine, self.box], shown, trigger_mode="multiple", **answering)
        self.chat.example_select(self.on_example, mine, shown, **answering)
        self.again.click(self.on_again, mine, shown, **answering)
        self.plain.click(self.on_plain, mine, shown, **answering)
        self.box.stop(self.on_stop, mine, None, **quick)
        gr.on([self.fresh.click, self.chat.clear], self.on_fresh, mine, [*mine, *shown], **quick)
        gr.on(None, self.on_load, None, [self.about], **quick)

    async def on_question(self, conversation: Conversation, question: str) -> AsyncIterator[Changes]:
        """Enter, or the button "Ask". What is typed while an answer comes stays in the box."""
        if conversation.busy:
            yield {self.notice: gr.Markdown(ONE_AT_A_TIME, visible=True)}
        elif not question.strip():
            yield {self.notice: gr.Markdown(NO_QUESTION, visible=True)}
        else:
            async for changes in self._answered(conversation, question, value=""):
                yield changes

    async def on_example(self, conversation: Conversation, chosen: gr.SelectData) -> AsyncIterator[Changes]:
        """An example question was chosen."""
        if not conversation.busy:
            async for changes in self._answered(conversation, chosen.value["text"]):
                yield changes

    async def on_again(self, conversation: Conversation) -> AsyncIterator[Changes]:
        """Ask the last question again, in place of its answer."""
        if conversation.turns and not conversation.busy:
            async for changes in self._answered(conversation, conversation.forget_last()):
                yield changes

    async def on_plain(self, conversation: Conversation) -> AsyncIterator[Changes]:
        """Ask the last question again, and take no filter from its words."""
        if conversation.turns and not conversation.busy:
            async for changes in self._answered(conversation, conversation.forget_last(), parse=False):
                yield changes

    async def on_stop(self, conversation: Conversation) -> None:
        """End the answer; its own handler then shows where it ended."""
        conversation.stop()

    async def on_fresh(self, conversation: Conversation) -> Changes:
        """Begin a new conversation."""
        conversation.stop()
        fresh = Conversation()
        return {self.conversation: fresh} | self._drawn(fresh) | self._controls(busy=False)

    async def _answered(
        self, conversation: Conversation, question: str, *, parse: bool = True, **box: Any
    ) -> AsyncIterator[Changes]:
        # Between a handler's look at `busy` and here nothing may wait, or two answers could begin.
        controls = self._controls(busy=True, **box)
        async for _ in conversation.ask(self.library, question, parse=parse):
            yield self._drawn(conversation) | controls
            controls = {}
        yield self._controls(busy=False)

    def _controls(self, busy: bool, **box: Any) -> Changes:
        return {
            self.box: gr.Textbox(submit_btn=not busy and "Ask", stop_btn=busy and "Stop", **box),
            self.again: gr.Button(interactive=not busy),
            self.plain: gr.Button(interactive=not busy),
            self.fresh: gr.Button(interactive=not busy),
            self.notice: gr.Markdown(visible=False),
        }

    def on_load(self) -> Changes:
        """What the page says about itself, with the number of papers as it is now."""
        try:
            count = len(self.library.papers())
        except QAError as error:
            return {self.about: f"# {TITLE}\n{escaped(str(error))}"}
        papers = "1 paper" if count == 1 else f"{count:,} papers"
        about = f"Answers come from titles and abstracts only. {papers} in this library."
        return {self.about: f"# {TITLE}\n{about}"}

    def _drawn(self, conversation: Conversation) -> Changes:
        messages = []
        for number, turn in enumerate(conversation.turns, 1):
            messages.append({"role": "user", "content": question_html(turn.question)})
            html = turn_html(turn, number, last=number == len(conversation.turns))
            messages.append({"role": "assistant", "content": html})
        return {
            self.chat: messages,
            self.actions: gr.Row(visible=bool(messages)),
        }
