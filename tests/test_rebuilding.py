"""A library rebuilt while it is used."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qa import Library, Paper
from qa.embedding import PaperVectors
from tests.letters import Letters

DIE = """
import os, signal, sys
from qa import Library
from tests.test_rebuilding import Interrupted
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
Library(sys.argv[1], embedder=Interrupted(lambda: None, die)).rebuild()
"""
PAPERS = [Paper(f"p{n}", f"Paper {n}", f"It is about {n}. And so on.") for n in range(300)]


class Interrupted(Letters):
    """Lets something happen before each batch that it embeds."""

    name = "interrupted"

    def __init__(self, *events: Callable[[], object]) -> None:
        self.events = list(events)

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[PaperVectors]:
        if self.events:
            self.events.pop(0)()
        return super().embed_abstracts(texts, spans)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", embedder=Letters()) as library:
        library.add(PAPERS)
    return tmp_path / "library"


def test_what_changes_while_a_library_is_rebuilt_is_in_it(path: Path) -> None:
    new = Paper("new", "New", "Glaciers melt.")
    changed = replace(PAPERS[0], abstract="Otters.")
    with Library(path, embedder=Letters()) as user:

        def use() -> None:
            assert user.search("Paper 5", 1)[0].paper.id.startswith("p")
            user.add([new, changed])
            user.remove("p299")
            user.remove("p1")

        with Library(path, embedder=Interrupted(use)) as library:
            library.rebuild()
            assert library.papers() == user.papers()
            found = {hit.paper.id: hit for hit in library.search("glaciers melt", 300)}
    assert set(found) == {paper.id for paper in PAPERS} - {"p1", "p299"} | {"new"}
    assert (found["p0"].passage.text, found["new"].passage.text) == ("Otters.", "Glaciers melt.")


def test_what_was_rebuilt_is_alone_in_the_folder(path: Path) -> None:
    with Library(path, embedder=Letters()) as library:
        for _ in range(2):
            library.rebuild()
            assert len(library.search("Paper", 300)) == 300
        assert library.add([Paper("new", "New", "Glaciers melt.")]).added == 1
    assert sorted(file.name[:7] for file in path.iterdir()) == [
        *("files.d", "library", "lock", "papers.", "rebuild", "rebuilt", "text", "vectors")
    ]


def test_a_rebuild_that_breaks_off_leaves_everything_as_it_was(path: Path) -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    with Library(path, embedder=Interrupted(lambda: None, fail)) as library, pytest.raises(KeyboardInterrupt):
        library.rebuild()
    assert not list(path.glob("rebuilt-*"))
    with Library(path, embedder=Letters()) as library:
        assert len(library.search("Paper", 300)) == 300


def test_what_a_killed_rebuild_leaves_is_cleared_by_the_next(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE, str(path)])
    assert killed.returncode == -signal.SIGKILL
    assert len(list(path.glob("rebuilt-*"))) == 1
    with Library(path, embedder=Letters()) as library:
        assert len(library.search("Paper", 300)) == 300
        library.rebuild()
        assert len(library.search("Paper", 300)) == 300
    assert len(list(path.glob("rebuilt-*"))) == 1
    assert not (path / "chroma").exists()
