"""What run.py measures. Each task is run in a process of its own.

ours.py prepare              export the embedding model, as the very first use does
ours.py index LIBRARY        index the seed papers
ours.py query LIBRARY        search and answer the questions
ours.py page URL             ask the chat page, as programs do
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.rivals.protocol import peak_memory

QUESTIONS = Path(__file__).parent.parent / "data" / "dev.jsonl"
PAGE_QUESTIONS = 10


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


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "index": index,
    "query": query,
    "page": page,
}

if __name__ == "__main__":
    reply = TASKS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**reply, "memory": peak_memory()}))
