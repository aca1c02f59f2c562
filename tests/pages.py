"""What the tests of the page share: serving it, visiting it, asking on it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import AddReport, Answer, Hit, Paper
from qa.adding import OnProgress
from qa.chat.conversation import Answering
from qa.chat.server import start
from qa.paper import Event

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from playwright.sync_api import Page

QUESTION = "What does SeerAttention learn?"
Visit = Callable[..., "Page"]


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(library: Answering) -> Iterator[str]:
    """The page over `library` at the address given, until the block ends."""
    blocks = start(library, port=free_port())
    try:
        yield str(blocks.local_url)
    finally:
        blocks.close(verbose=False)


def send(page: Page, question: str) -> None:
    """Ask, and wait for nothing."""
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the answer is whole."""
    from playwright.sync_api import expect

    answers = page.locator(".question").count()
    send(page, question)
    expect(page.locator(".turn")).to_have_count(answers + 1)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


class Slow:
    """Says one sentence, and the rest only when told to go on."""

    path = Path("slow")
    answerer = "extractive"

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked: list[tuple[str, Any]] = []

    def search(self, query: str, k: int = 10) -> list[Hit]:
        """Nothing."""
        return []

    def papers(self) -> list[Paper]:
        """None: there are no examples on its page."""
        return []

    def embeddings(self) -> dict[str, NDArray[np.float32]]:
        """None."""
        return {}

    def add(self, source: Path, *, on_progress: OnProgress | None = None, follow: bool = True) -> AddReport:
        """Nothing."""
        return AddReport()

    def remove(self, paper_id: str) -> None:
        """Nothing."""

    def stream(
        self, question: str, history: Any = (), *, parse: bool = True, answerer: Any = None
    ) -> Iterator[Event]:
        """See `Library.stream`."""
        self.asked.append((question, history))
        yield Event("text", "One sentence. ")
        self.go_on.wait(60)
        yield Event("text", "Another.")
        yield Event("answer", answer=Answer("One sentence. Another.", True, question))
