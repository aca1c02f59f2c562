"""What a library keeps in Chroma, looked at from Chroma's side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings

from qa import Library, Paper
from qa.register import Register

OTTERS = Paper(id="otters", title="Tool use in sea otters", abstract="Sea otters open shells with stones.")
BREAD = Paper(id="bread", title="Rye bread", abstract="Sourdough makes rye bread rise.", published="2024")


def test_an_abstract_and_its_passages_are_rows_with_vectors_of_length_one(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.add([OTTERS])
    rows = rows_of(tmp_path / "library").get(include=["embeddings", "metadatas"])
    found = dict(zip(rows["ids"], rows["metadatas"] or (), strict=True))
    assert sorted(found) == ["paper:otters", "window:0:otters"]
    assert found["window:0:otters"] == {"kind": "window", "paper_id": "otters", "start": 0, "end": 35}
    assert found["paper:otters"]["abstract"] == OTTERS.abstract
    assert [round(float(vector @ vector), 4) for vector in rows["embeddings"]] == [1.0, 1.0]


def test_a_library_whose_texts_are_documents_is_read_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with Library(folder) as library:
        library.add([OTTERS])
    rows = rows_of(folder)
    vectors = rows.get(ids=["paper:otters"], include=["embeddings"])["embeddings"]
    rows.upsert(["paper:otters"], vectors, [{"abstract": None}], [OTTERS.abstract])
    manifest = json.loads((folder / "library.json").read_text())
    (folder / "library.json").write_text(json.dumps({**manifest, "format": 1, "state": "before"}))
    with Library(folder) as library:
        assert library.papers() == [OTTERS]
        library.add([BREAD])
        assert library.papers() == [BREAD, OTTERS]
        assert library.answer("What makes rye bread rise?").citations[0].paper == BREAD
    assert json.loads((folder / "library.json").read_text())["format"] == 2


def test_what_missed_a_write_is_made_again_by_the_first_who_asks(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with Library(folder) as library:
        library.add([OTTERS])
        before = (folder / "papers.db").read_bytes()
        library.add([BREAD])
    (folder / "papers.db").write_bytes(before)
    with Library(folder) as library:
        assert library.search("rye bread")[0].paper == BREAD
    assert Register(folder).state == json.loads((folder / "library.json").read_text())["state"]
    assert [paper for paper, _ in Register(folder).read().papers] == [BREAD, OTTERS]


def rows_of(folder: Path) -> Any:
    """The collection of a library that nobody has open."""
    name = json.loads((folder / "library.json").read_text())["collection"]
    path = str(folder / "." / "chroma" / ".")
    client = chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
    return client.get_collection(name, embedding_function=None)
