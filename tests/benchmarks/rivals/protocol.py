"""What every side of the comparison is asked, and how it replies. Stands on the standard library alone.

A side is a module with two functions: `index` puts documents into a store, `open_store` opens it and
returns how to search it. Each task is a process of its own, whose last line is its reply as JSON:

    python -m tests.benchmarks.rivals.SIDE index DOCUMENTS STORE MODEL [VARIANT]
    python -m tests.benchmarks.rivals.SIDE ask QUESTIONS STORE MODEL [VARIANT]

DOCUMENTS and QUESTIONS are files of JSON Lines.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOUND = 10  # papers for a question
PIECES = 30  # what is fetched where a paper may lie in several pieces, or two rankings are joined


@dataclass(frozen=True)
class Document:
    """A paper, as every side gets it."""

    id: str
    title: str
    abstract: str

    @property
    def text(self) -> str:
        """Title and abstract, for a side that knows of no titles."""
        return f"{self.title}\n{self.abstract}"


@dataclass(frozen=True)
class Setting:
    """Where a side keeps its store, a folder not made yet; the embedding model's folder; which way of it."""

    store: str
    model: str
    variant: str = ""


Search = Callable[[str], Iterable[str]]  # a question -> ids of documents, best first, perhaps repeated


def main(
    index: Callable[[Sequence[Document], Setting], None], open_store: Callable[[Setting], Search]
) -> None:
    """Do the task that the command line names."""
    task, path, *rest = sys.argv[1:]
    setting = Setting(*rest)
    lines = [json.loads(line) for line in Path(path).read_text("utf-8").split("\n") if line]
    reply: dict[str, Any] = {}
    if task == "index":
        index([Document(**line) for line in lines], setting)
    else:
        reply = ask({line["id"]: line["text"] for line in lines}, open_store(setting))
    print(json.dumps({**reply, "memory": peak_memory()}))


def ask(questions: dict[str, str], search: Search) -> dict[str, Any]:
    """Ids of the papers found by question, and the median time of a question in seconds."""
    for text in list(questions.values())[: len(questions) > 1]:
        list(search(text))  # warm
    ranked, times = {}, []
    for question, text in questions.items():
        start = time.perf_counter()
        found = list(dict.fromkeys(search(text)))[:FOUND]
        times.append(time.perf_counter() - start)
        ranked[question] = found
    return {"ranked": ranked, "seconds": statistics.median(times)}


def peak_memory() -> int:
    """The most memory this process has held, in bytes.

    On Linux not from getrusage: a child starts there with what its parent held.
    """
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text("utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024
