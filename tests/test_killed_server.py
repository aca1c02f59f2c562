"""Writers and their Chroma server killed at any moment: what was acknowledged is there, and nothing half."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Library, Paper, QAError
from tests.chroma import ChromaServer

PAPERS = 40  # of each writer
KILLS = 14
WRITERS = ("a", "b")
Texts = dict[str, str | None]  # by id; None: removed


def write(folder: str, store: str, writer: str, seed: str) -> None:
    """Add, change and remove papers without end; tell of each write before it and after it."""
    chance, library = random.Random(seed), Library(folder, store=store)
    for number in range(1_000_000):
        ids = [f"{writer}{i}" for i in chance.sample(range(PAPERS), chance.randint(1, 6))]
        gone = ids[:1] if chance.random() < 0.25 else []
        texts: Texts = {i: None if i in gone else f"Text {seed}-{number} of {i}. It is new." for i in ids}
        tell("begun", texts)
        try:
            put(library, texts)
        except QAError:
            time.sleep(0.2)  # the server is away
        else:
            tell("done", texts)


def put(library: Library, texts: Texts) -> None:
    """One write, or two where something is removed."""
    library.add([Paper(i, f"Paper {i}", text) for i, text in texts.items() if text])
    for paper in {paper.id for paper in library.papers()} & {i for i, text in texts.items() if not text}:
        library.remove(paper)


def tell(kind: str, texts: Texts) -> None:
    """A line to whoever reads the log, in one piece."""
    sys.stdout.write(f"{json.dumps([kind, texts])}\n")
    sys.stdout.flush()


def possible(log: Path) -> dict[str, set[str | None]]:
    """By id, the text last acknowledged and those of later writes, of which nobody knows."""
    texts: defaultdict[str, set[str | None]] = defaultdict(lambda: {None})
    for kind, told in told_of(log):
        for paper, text in told.items():
            texts[paper] = {text} if kind == "done" else texts[paper] | {text}
    return texts


def told_of(log: Path) -> Iterator[tuple[str, Texts]]:
    """What writers told of, in order."""
    return map(json.loads, log.read_text("utf-8").splitlines())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path / "server")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def running() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The writers; none is left behind."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    yield processes
    for process in processes.values():
        process.kill()
        process.wait()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_after_kills_every_paper_is_as_it_was_last_acknowledged(
    tmp_path: Path, server: ChromaServer, running: dict[str, subprocess.Popen[bytes]], seed: int
) -> None:
    chance = random.Random(seed)

    def start(writer: str, number: int) -> None:
        command = [sys.executable, "-m", "tests.test_killed_server", str(tmp_path / writer / "library")]
        with (tmp_path / f"{writer}.log").open("ab") as log:
            told = [server.url, writer, f"{seed}-{number}"]
            running[writer] = subprocess.Popen([*command, *told], stdout=log)

    for writer in WRITERS:
        start(writer, -1)
    for number in range(KILLS):
        time.sleep(chance.uniform(0.5, 5))
        if chance.random() < 0.3:
            server.kill()
            server.start()
        else:
            writer = chance.choice(WRITERS)
            running[writer].kill()
            running[writer].wait()
            start(writer, number)
    for process in running.values():
        process.kill()
        process.wait()
    with Library(tmp_path / "reader" / "library", store=server.url) as library:
        texts = {paper.id: paper.abstract for paper in library.papers()}
        found = {i: {hit.paper.id for hit in library.search(text)} for i, text in texts.items()}
        assert [paper for paper in texts if paper not in found[paper]] == []
    for writer in WRITERS:
        expected = possible(tmp_path / f"{writer}.log")
        assert [paper for paper, told in expected.items() if texts.get(paper) not in told] == []
        assert sum(kind == "done" for kind, _ in told_of(tmp_path / f"{writer}.log")) > KILLS


if __name__ == "__main__":
    write(*sys.argv[1:])
