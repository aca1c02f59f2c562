"""What run.py measures. Each task is run in a process of its own.

ours.py prepare              export the embedding model, as the very first use does
ours.py index LIBRARY        index the seed papers
ours.py query LIBRARY        search and answer the questions
ours.py page URL             ask the chat page, as programs do
ours.py crowd URL LIBRARY    200 questions of 20 clients at once
ours.py opening URL          open the page in a browser
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.benchmarks.rivals.protocol import peak_memory

QUESTIONS = Path(__file__).parent.parent / "data" / "dev.jsonl"
PAGE_QUESTIONS = 10
CLIENTS, QUESTIONS_EACH = 20, 10
VISITS = 7


def prepare() -> dict[str, Any]:
    """The wall time of the process is what counts."""
    from qa.embedding import load_embedder

    load_embedder()
    return {}


def index(folder: str) -> dict[str, Any]:
    """The seed papers into a new library."""
    from qa import Library
    from qa.resources import resource_folder

    with Library(folder) as library:
        library.add(resource_folder("seeds"))
        return {"papers": len(library.papers())}


def query(folder: str) -> dict[str, Any]:
    """Median times of searching and answering, over the questions about a single paper."""
    from qa import Library
    from qa.questions import read_questions

    questions = [question.question for question in read_questions(QUESTIONS) if question.kind == "single"]
    searching, answering = [], []
    with Library(folder) as library:
        library.answer(questions[0])  # warm
        for question in questions:
            searching.append(timed(library.search, question))
            answering.append(timed(library.answer, question))
    return {"search": statistics.median(searching), "answer": statistics.median(answering)}


def timed(task: Callable[[str], object], question: str) -> float:
    start = time.perf_counter()
    task(question)
    return time.perf_counter() - start


def page(url: str) -> dict[str, Any]:
    """Median time from sending a question to the first words of its answer."""
    from gradio_client import Client

    from qa.questions import read_questions

    questions = [question.question for question in read_questions(QUESTIONS) if question.kind == "single"]
    client = Client(url, verbose=False)
    first = []
    for question in questions[: PAGE_QUESTIONS + 1]:
        start = time.perf_counter()
        stream = iter(client.submit(question, api_name="/ask"))
        next(stream)
        first.append(time.perf_counter() - start)
        for _ in stream:
            pass
    return {"first": statistics.median(first[1:])}  # the very first question also opens the library


def crowd(url: str, folder: str) -> dict[str, Any]:
    """Seconds from a question to its whole answer: median and 95th percentile. Fails if any is wrong.

    Right is what the library answers when nobody else asks. Each question is about another paper, so that
    answers that were mixed up would show.
    """
    from qa import Library

    with Library(folder) as library:
        papers = library.papers()[: CLIENTS * QUESTIONS_EACH]
        questions = [f"What does “{paper.title}” propose?" for paper in papers]
        right = {question: library.answer(question).to_dict() for question in questions}
    with ThreadPoolExecutor(CLIENTS) as threads:
        shares = [questions[n::CLIENTS] for n in range(CLIENTS)]
        told = [one for share in threads.map(lambda share: _client(url, share), shares) for one in share]
    crossed = [question for question, answer, _ in told if answer != right[question]]
    if crossed or len(told) != CLIENTS * QUESTIONS_EACH:
        raise SystemExit(f"{len(told)} answers, of them wrong: {crossed}")
    times = [seconds for *_, seconds in told]
    return {"median": statistics.median(times), "p95": statistics.quantiles(times, n=20)[-1]}


def _client(url: str, questions: Sequence[str]) -> list[tuple[str, dict[str, Any], float]]:
    """One client's questions, one after the other, with their answers and how long each took."""
    from gradio_client import Client

    client = Client(url, verbose=False)
    told = []
    for question in questions:
        start = time.perf_counter()
        answer = client.predict(question, [], api_name="/ask")
        told.append((question, answer, time.perf_counter() - start))
    return told


def opening(url: str) -> dict[str, Any]:
    """Median seconds from navigation until the box takes a question, of visitors with an empty cache."""
    from playwright.sync_api import expect, sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    times = []
    with sync_playwright() as session:
        browser = session.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        for _ in range(VISITS + 1):
            page = browser.new_context().new_page()
            start = time.perf_counter()
            page.goto(url, wait_until="commit")
            # What the server says last: by then all handlers are in place.
            expect(page.locator("#about")).to_contain_text("papers in this library")
            expect(page.locator("#question textarea")).to_be_editable()
            times.append(time.perf_counter() - start)
            page.context.close()
        browser.close()
    return {"open": statistics.median(times[1:])}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "index": index,
    "query": query,
    "page": page,
    "crowd": crowd,
    "opening": opening,
}

if __name__ == "__main__":
    reply = TASKS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**reply, "memory": peak_memory()}))
