"""A library at a real Chroma server: several machines and processes, and a server that dies."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from qa import (
    FingerprintMismatch,
    InvalidInput,
    Library,
    LibraryBusy,
    LibraryNotFound,
    Paper,
    StoreUnavailable,
)
from qa.embedding import PaperVectors, load_embedder
from qa.server import Database
from qa.versions import Versions
from tests.chroma import ChromaServer
from tests.pages import served
from tests.serving import serving

OTTERS = Paper("otters", "Tool use in sea otters", "Sea otters open shells with stones. Each used one stone.")
BRIDGES = Paper("bridges", "Fatigue of steel bridges", "Steel bridges fail by fatigue.", ("Ada Byron",), 1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A library's name for each test."""
    return str(request.node.name)


@pytest.fixture
def here(server: ChromaServer, tmp_path: Path, name: str) -> Iterator[Library]:
    """The library on one machine, with one paper in it."""
    with Library(tmp_path / "here" / name, store=server.url) as library:
        library.add([OTTERS])
        yield library


@pytest.fixture
def there(server: ChromaServer, tmp_path: Path, name: str) -> Iterator[Library]:
    """The same library on another machine: nothing of it is here yet."""
    with Library(tmp_path / "there" / name, store=server.url) as library:
        yield library


def test_another_machine_follows_what_is_added_changed_and_removed(here: Library, there: Library) -> None:
    assert there.papers() == [OTTERS]
    here.add([BRIDGES, replace(OTTERS, abstract="Otters juggle pebbles.")])
    assert there.search("Who juggles?", 1)[0].passage.text == "Otters juggle pebbles."
    assert there.search("fatigue")[0].paper == BRIDGES
    there.remove("otters")
    assert here.papers() == [BRIDGES]
    assert [hit.paper for hit in here.search("Otters juggle pebbles.")] == [BRIDGES]
    assert there.status().passages == 1
    assert there.add([OTTERS]).added == 1
    assert here.search("stones")[0].paper == OTTERS


class OnlyQuestions:
    """The bundled model, which embeds no paper here."""

    def __init__(self) -> None:
        model = load_embedder()
        self.name, self.dimension, self.embed_query = model.name, model.dimension, model.embed_query

    def embed_abstracts(self, texts: Any, spans: Any) -> list[PaperVectors]:
        """Not needed."""
        raise AssertionError(f"embedded {texts}")


def test_no_machine_embeds_what_another_has_embedded(here: Library, tmp_path: Path, name: str) -> None:
    store = here.status().store
    with Library(tmp_path / "there" / name, store=store, embedder=OnlyQuestions()) as there:
        mine, other = here.search("stones")[0], there.search("stones")[0]
    assert (other.paper, other.passage) == (mine.paper, mine.passage)
    assert other.score == pytest.approx(mine.score)


def test_a_rebuilt_library_is_followed_and_leaves_nothing_behind(here: Library, there: Library) -> None:
    assert there.papers() == [OTTERS]
    here.rebuild()
    assert there.search("stones")[0].paper == OTTERS
    found = Database(str(here.status().store), here.path.name).collections()
    assert sorted(collection.name.partition("-")[0] for collection in found) == ["done", "extras", "rows"]


def test_a_rebuild_lets_others_add_and_excludes_a_second_one(here: Library, there: Library) -> None:
    def meanwhile(done: int, total: int) -> None:
        there.add([BRIDGES])
        with pytest.raises(LibraryBusy, match="rebuilds the library"):
            there.rebuild()

    here.rebuild(on_progress=meanwhile)
    assert here.papers() == there.papers() == [BRIDGES, OTTERS]
    assert {hit.paper.id for hit in there.search("stones")} == {"otters", "bridges"}


class Backwards(OnlyQuestions):
    """Another model."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "backwards"

    def embed_abstracts(self, texts: Any, spans: Any) -> list[PaperVectors]:
        """Those of the bundled model, turned round."""
        found = load_embedder().embed_abstracts(texts, spans)
        return [replace(vectors, passages=-vectors.passages) for vectors in found]


def test_a_library_of_another_model_is_told_before_any_question(here: Library, there: Library) -> None:
    with Library(there.path, store=here.status().store, embedder=Backwards()) as other:
        for act in (lambda: other.search("stones"), lambda: other.add([BRIDGES])):
            with pytest.raises(FingerprintMismatch, match=f"/{there.path.name} was made with"):
                act()
        other.rebuild()
    with pytest.raises(FingerprintMismatch):
        here.search("stones")


def test_two_writers_and_two_readers_at_once_lose_nothing(here: Library, there: Library) -> None:
    script = (
        "import sys; from qa import Library, Paper; folder, store, n = sys.argv[1:]\n"
        "papers = [Paper(f'{n}-{i}', f'Paper {n} {i}', f'Text {n} {i}. More.') for i in range(150)]\n"
        "Library(folder, store=store).add(papers)"
    )
    url = str(here.status().store)
    places = (str(here.path), str(there.path))
    writers = [
        subprocess.Popen([sys.executable, "-c", script, place, url, n])
        for place, n in zip(places, "ab", strict=True)
    ]
    while any(writer.poll() is None for writer in writers):
        seen = [library.search("Paper of text", 5) for library in (here, there)]
        assert all(hits for hits in seen)
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(here.papers()) == 301
    assert here.papers() == there.papers()
    assert there.search("Paper b 149", 1)[0].paper.id == "b-149"


DIE_IN = """
import os, signal, sys
from pydoc import locate
from qa import Library, Paper
kind, method, folder, store, *paper = sys.argv[1:]
setattr(locate(kind), method, lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL))
Library(folder, store=store).add([Paper(*paper)])
"""


def dies_in(kind: str, method: str, library: Library, *paper: str) -> None:
    """Add a paper in a process that is killed when it gets to a method."""
    script = [sys.executable, "-c", DIE_IN, kind, method, str(library.path), str(library.status().store)]
    assert subprocess.run([*script, *paper]).returncode == -signal.SIGKILL


def test_a_writer_killed_in_the_middle_has_changed_nothing(here: Library, there: Library) -> None:
    # When all rows are written, and none counts yet; then when they count, and what is old is still there.
    dies_in("qa.versions.Versions", "commit", there, "otters", OTTERS.title, "Otters now juggle.")
    assert here.papers() == there.papers() == [OTTERS]
    dies_in("qa.remote.RemoteStore", "supersede", there, "bridges", BRIDGES.title, BRIDGES.abstract)
    assert [paper.abstract for paper in here.papers()] == [BRIDGES.abstract, OTTERS.abstract]
    here.add([replace(BRIDGES, abstract="Bridges rust.")])
    assert [paper.abstract for paper in there.papers()] == ["Bridges rust.", OTTERS.abstract]
    assert [hit.paper.id for hit in there.search("Otters now juggle.")] == ["otters", "bridges"]


def test_a_writer_that_was_too_slow_learns_that_another_went_on(server: ChromaServer, name: str) -> None:
    database = Database(server.url, name)
    database.make()
    slow, quick = Versions(database, "one machine"), Versions(database, "another", patience=0.1)
    with slow.claimed() as first:
        first.begun = True
        with quick.claimed() as second:
            assert second.number == first.number + 1
            with pytest.raises(StoreUnavailable, match="do it again"):
                slow.commit(first, "00000000")


def test_a_server_that_dies_and_comes_back_has_all_that_was_acknowledged(
    server: ChromaServer, here: Library, there: Library
) -> None:
    papers = [Paper(f"p{i}", f"Paper {i}", f"Text {i}.") for i in range(300)]
    seen: set[str] = set()

    def cut_off(done: int, total: int) -> None:
        if done > 200 and not seen:
            seen.update(paper.id for paper in there.papers())
            server.kill()

    with pytest.raises(StoreUnavailable, match="no Chroma server answers"):
        here.add(papers, on_progress=cut_off)
    for act in (lambda: here.search("Paper 7"), there.papers, lambda: there.remove("otters")):
        with pytest.raises(StoreUnavailable, match="no Chroma server answers"):
            act()
    server.start()
    assert len(seen) > 100
    assert seen <= {paper.id for paper in there.papers()}
    report = here.add(papers)
    assert (report.added + report.unchanged, report.unchanged >= len(seen) - 1) == (300, True)
    assert there.search("Paper 299", 1)[0].paper.id == "p299"


def test_an_open_page_says_that_the_server_is_away_and_goes_on_when_it_is_back(
    server: ChromaServer, here: Library
) -> None:
    with served(here) as page:
        server.kill()
        with pytest.raises(HTTPError) as failing:
            urlopen(f"{page}health")
        server.start()
        with urlopen(f"{page}health") as healthy:
            assert json.load(healthy) == {"status": "ok", "papers": 1}
    assert failing.value.code == 503
    assert "no Chroma server answers" in json.load(failing.value)["reason"]


def test_an_address_where_no_chroma_server_is_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as silent, serving("m", "Hello") as other:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # takes calls, and never answers
        for url, reason in (
            (f"http://127.0.0.1:{silent.getsockname()[1]}", "no Chroma server answers at"),
            ("http://127.0.0.1:9", "no Chroma server answers at"),
            (other.address, "does not answer as a Chroma server"),
        ):
            with pytest.raises(StoreUnavailable, match=reason) as told:
                Library(tmp_path / "x", store=url).search("stones")
            assert "\n" not in str(told.value)
    for url in ("127.0.0.1:8000", "http://", "http://h:x", "http://h/papers", ""):
        with pytest.raises(InvalidInput, match=r"http://127\.0\.0\.1:8000"):
            Library(tmp_path / "x", store=url)


def test_a_library_that_the_server_has_not_is_not_made_by_a_question(server: ChromaServer) -> None:
    with pytest.raises(LibraryNotFound, match=r"no library at http.*/default: make one with `qa add PATH"):
        Library(store=server.url).search("stones")


def test_a_folder_with_a_library_of_its_own_follows_no_server(server: ChromaServer, tmp_path: Path) -> None:
    with Library(tmp_path / "own") as own:
        own.add([OTTERS])
    with pytest.raises(InvalidInput, match="holds a library of its own"):
        Library(tmp_path / "own", store=server.url).add([BRIDGES])


def test_commands_take_a_server(here: Library, tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl").write_text(json.dumps(BRIDGES.to_dict()) + "\n")
    options = ["--library", str(tmp_path / "cli" / here.path.name), "--store", str(here.status().store)]
    for command in (["add", str(tmp_path / "papers.jsonl")], ["remove", "otters"]):
        assert subprocess.run([sys.executable, "-m", "qa", *command, *options]).returncode == 0
    assert [paper.title for paper in here.papers()] == [BRIDGES.title]
