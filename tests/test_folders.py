"""A library in step with folders: what is read again, what follows, what is offered for removal."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import qa
from qa import AddReport, Failure, Library, Paper, ReadError, StoreUnavailable
from qa.embedding import PaperVectors
from qa.feeds import AHEAD
from tests.letters import Letters

DIE_WHILE_ADDING = """
import os, signal, sys
from chromadb.api.models.Collection import Collection
from qa import Library
from tests.letters import Letters
upsert = Collection.upsert
def die(*args, **options):
    if sys.argv[3] == "after":
        upsert(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)
Collection.upsert = die
Library(sys.argv[1], embedder=Letters()).add(sys.argv[2])
"""


class Counting(Letters):
    """Counts the papers that it embeds."""

    embedded = 0

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[PaperVectors]:
        self.embedded += len(texts)
        return super().embed_abstracts(texts, spans)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def library(tmp_path: Path, counting: Counting) -> Iterator[Library]:
    with Library(tmp_path / "library", embedder=counting) as library:
        yield library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, of the papers a0, a1 and b0."""
    written(tmp_path / "pile" / "a.jsonl", "a0", "a1")
    written(tmp_path / "pile" / "b.jsonl", "b0")
    return tmp_path / "pile"


def written(file: Path, *names: str) -> Path:
    """A file of papers of these names."""
    file.parent.mkdir(exist_ok=True)
    records = [
        {"title": f"A paper named {name}", "abstract": f"It says {name}. And so on."} for name in names
    ]
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return file


def counts(report: AddReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.merged


def names(papers: Sequence[Paper]) -> str:
    """The names of papers, and the files that each is said to come from."""
    return "; ".join(sorted(" ".join([paper.title[14:], *paper.source]) for paper in papers))


# What is read ------------------------------------------------------------------------------------------


def test_a_folder_that_did_not_change_is_not_read_again(library: Library, folder: Path) -> None:
    assert counts(library.add(folder)) == (3, 0, 0, 0)
    library.close()
    os.rename(library.path / "chroma", library.path / "away")  # nor is the store opened
    assert counts(library.add(folder)) == (0, 0, 3, 0)
    os.utime(folder / "a.jsonl")
    assert counts(library.add(folder / "a.jsonl")) == (0, 0, 2, 0)


def test_of_a_changed_file_only_what_is_new_is_embedded(
    library: Library, folder: Path, counting: Counting
) -> None:
    library.add(folder)
    written(folder / "a.jsonl", "a0", "a1", "a2")
    assert counts(library.add(folder)) == (1, 0, 3, 0)
    assert counting.embedded == 4


def test_a_record_that_changes_in_its_file_changes_in_the_library(library: Library, tmp_path: Path) -> None:
    first = {"title": "Otters", "abstract": "Otters swim.", "doi": "10.1000/otters", "venue": "Zoology"}
    other = first | {"title": "Bears", "abstract": "Bears sleep.", "doi": "10.1000/bears"}
    pile = tmp_path / "pile"
    pile.mkdir()
    (pile / "a.json").write_text(json.dumps([first, other]))
    (pile / "b.json").write_text(json.dumps([other]))
    library.add(pile)
    changed = [record | {"abstract": "It changed."} for record in (first, other)]
    (pile / "a.json").write_text(json.dumps([*changed, first]))
    assert counts(library.add(pile)) == (0, 1, 1, 0)
    bears, otters = library.papers()
    assert (otters.abstract, otters.venue) == ("It changed.", "Zoology")
    assert bears.abstract == "Bears sleep."  # another file says so too
    assert library.search("It changed", 2)[0].paper == otters
    assert library.add(pile) == AddReport(unchanged=2)


def test_two_of_one_title_and_text_in_a_changed_file_stay_two(library: Library, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    people = [["Ann Lee"], ["Bo Xu"]]
    editorials = [{"title": "Editorial", "abstract": "Welcome.", "authors": names} for names in people]
    for count in range(2):
        (pile / "a.json").write_text(json.dumps(editorials + [{"title": "More", "abstract": "."}] * count))
        assert counts(library.add(pile)) == ((2, 0, 0, 0), (1, 0, 2, 0))[count]


def test_a_change_that_keeps_size_and_time_is_seen(library: Library, folder: Path) -> None:
    library.add(folder)
    before = os.stat(folder / "b.jsonl")
    os.utime(written(folder / "b.jsonl", "b1"), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(library.add(folder)) == (1, 0, 2, 0)


@pytest.mark.parametrize("to", ["pile/c.jsonl", "pile/deep/a.jsonl", "elsewhere/a.jsonl"])
def test_a_renamed_or_moved_file_costs_nothing_and_is_known_by_its_new_name(
    library: Library, folder: Path, counting: Counting, to: str
) -> None:
    library.add(folder)
    target = folder.parent / to
    target.parent.mkdir(exist_ok=True)
    os.rename(folder / "a.jsonl", target)
    report = library.add(target.parent)
    assert (report.added, report.updated, report.vanished) == (0, 0, ())
    assert counting.embedded == 3
    name = target.relative_to(target.parent).as_posix()
    assert f"a0 {name}; a1 {name}; b0 b.jsonl" == names(library.papers())
    assert counts(library.add(folder)) == (0, 0, 3 if to.startswith("pile") else 1, 0)


def test_a_copy_costs_nothing_and_keeps_what_its_original_gave(
    library: Library, folder: Path, counting: Counting
) -> None:
    library.add(folder)
    shutil.copy(folder / "a.jsonl", folder / "c.jsonl")
    assert counts(library.add(folder)) == (0, 0, 3, 0)
    assert names(library.papers()) == "a0 a.jsonl c.jsonl; a1 a.jsonl c.jsonl; b0 b.jsonl"
    (folder / "a.jsonl").unlink()
    report = library.add(folder, prune=True)
    assert (report.removed, counting.embedded) == ((), 3)
    assert names(library.papers()) == "a0 c.jsonl; a1 c.jsonl; b0 b.jsonl"


def test_two_files_that_change_places_are_followed(library: Library, folder: Path) -> None:
    library.add(folder)
    os.rename(folder / "a.jsonl", folder / "x")
    os.rename(folder / "b.jsonl", folder / "a.jsonl")
    os.rename(folder / "x", folder / "b.jsonl")
    assert library.add(folder, prune=True) == AddReport(unchanged=3)
    assert names(library.papers()) == "a0 b.jsonl; a1 b.jsonl; b0 a.jsonl"


def test_what_failed_is_tried_again(library: Library, folder: Path) -> None:
    with (folder / "b.jsonl").open("a") as file:
        file.write('{"title": "Broken\n')
    failed = library.add(folder).failed
    assert [(failure.source, failure.place) for failure in failed] == [("b.jsonl", "line 2")]
    assert library.add(folder).failed == failed
    written(folder / "b.jsonl", "b0", "b1")
    assert counts(library.add(folder)) == (1, 0, 3, 0)
    assert library.status().failed == ()


def test_the_store_is_the_truth(library: Library, folder: Path, counting: Counting) -> None:
    library.add(folder)
    library.remove(library.papers()[0].id)
    assert [stale.reason for stale in library.status().stale] == ["it is to be read again"]
    assert counts(library.add(folder)) == (1, 0, 2, 0)
    assert counting.embedded == 3


@pytest.mark.parametrize(("when", "expected"), [("before", (3, 0, 0, 0)), ("after", (0, 0, 3, 0))])
def test_a_file_counts_as_read_once_its_papers_are_in_the_store(
    library: Library, folder: Path, counting: Counting, when: str, expected: tuple[int, int, int, int]
) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_ADDING, str(library.path), str(folder), when])
    assert killed.returncode == -signal.SIGKILL
    assert counts(library.add(folder)) == expected
    assert counting.embedded == 0  # the vectors were written before
    assert counts(library.add(folder)) == (0, 0, 3, 0)


def test_another_version_of_the_readers_reads_again(
    library: Library, folder: Path, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(folder)
    monkeypatch.setattr(qa, "__version__", "9")
    seen: list[int] = []
    library.add(folder, on_progress=lambda done, total: seen.append(done))
    assert (seen[-1], counting.embedded) == (3, 3)
    library.add(folder, on_progress=lambda done, total: seen.append(-1))
    assert seen[-1] == 3


def test_progress_of_many_files_knows_its_end(library: Library, tmp_path: Path) -> None:
    for number in range(40):
        written(tmp_path / "pile" / f"{number:02}.jsonl", *(f"{number}-{n}" for n in range(number % 7)))
    seen: list[tuple[int, int]] = []
    library.add(tmp_path / "pile", on_progress=lambda done, total: seen.append((done, total)))
    assert {total for _, total in seen} == {sum(number % 7 for number in range(40))}
    assert seen[-1][0] == seen[-1][1]


class Enough(Exception):
    """Raised once the first batch is under way."""


def test_a_file_of_lines_is_counted_and_not_held_as_a_whole(library: Library, tmp_path: Path) -> None:
    seen: list[int] = []

    def stop(done: int, total: int) -> None:
        seen.append(total)
        raise Enough

    file = written(tmp_path / "many.jsonl", *map(str, range(AHEAD * 2)))
    packed = tmp_path / "many.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for path in (file, packed):
        with pytest.raises(Enough):
            library.add(path, on_progress=stop)
    endless = (Paper("", f"Paper {n}", "Text.") for n in itertools.count())
    with pytest.raises(Enough):
        library.add(endless, on_progress=stop)
    assert seen == [AHEAD * 2, AHEAD * 2, AHEAD]


def test_a_library_within_a_folder_is_not_read(folder: Path) -> None:
    with Library(folder / "library", embedder=Letters()) as library:
        assert library.add(folder) == AddReport(added=3)
        assert library.add(folder) == AddReport(unchanged=3)


# What vanishes -------------------------------------------------------------------------------------------


def test_papers_of_a_file_that_is_gone_are_offered_and_removed_when_wished(
    library: Library, folder: Path
) -> None:
    library.add(folder)
    (folder / "a.jsonl").unlink()
    for _ in range(2):
        assert names(library.add(folder).vanished) == "a0 a.jsonl; a1 a.jsonl"
    assert len(library.papers()) == 3
    report = library.add(folder, prune=True)
    assert (names(report.removed), report.vanished) == ("a0 a.jsonl; a1 a.jsonl", ())
    assert names(library.papers()) == "b0 b.jsonl"
    assert library.add(folder) == AddReport(unchanged=1)


def test_a_record_that_left_its_file_is_offered_until_it_is_removed(library: Library, folder: Path) -> None:
    library.add(folder)
    written(folder / "a.jsonl", "a1")
    for _ in range(2):
        assert names(library.add(folder).vanished) == "a0 a.jsonl"
    written(folder / "a.jsonl", "a1", "a2")
    assert names(library.add(folder, prune=True).removed) == "a0 a.jsonl"
    assert names(library.papers()) == "a1 a.jsonl; a2 a.jsonl; b0 b.jsonl"


def test_what_another_file_or_a_call_gave_stays(library: Library, folder: Path) -> None:
    library.add(folder)
    library.add([paper for paper in library.papers() if "a0" in paper.title])
    written(folder.parent / "other" / "o.jsonl", "a1")
    library.add(folder.parent / "other")
    (folder / "a.jsonl").unlink()
    assert library.add(folder, prune=True).removed == ()
    assert names(library.papers()) == "a0; a1 o.jsonl; b0 b.jsonl"


def test_papers_of_a_passing_copy_stay(library: Library, folder: Path, tmp_path: Path) -> None:
    library.add(written(tmp_path / "copy.jsonl", "a0", "x"), follow=False)
    (tmp_path / "copy.jsonl").unlink()
    library.add(folder)
    (folder / "a.jsonl").unlink()
    assert names(library.add(folder, prune=True).removed) == "a1 a.jsonl"
    assert (len(library.papers()), library.status().stale) == (3, ())


def test_only_what_was_under_the_path_is_offered(library: Library, folder: Path) -> None:
    library.add(folder)
    shutil.rmtree(folder)
    other = written(folder.parent / "pile2" / "o.jsonl", "o")
    assert library.add(other.parent, prune=True) == AddReport(added=1)
    assert library.add(other) == AddReport(unchanged=1)
    assert len(library.papers()) == 4


def test_a_path_that_is_gone_can_still_be_pruned(library: Library, folder: Path) -> None:
    library.add(folder)
    shutil.rmtree(folder)
    assert len(library.add(folder).vanished) == 3
    assert len(library.add(folder, prune=True).removed) == 3
    with pytest.raises(ReadError, match="nothing is at"):
        library.add(folder)


def test_papers_of_a_file_that_cannot_be_read_now_are_not_offered(library: Library, folder: Path) -> None:
    library.add(folder)
    (folder / "a.jsonl").write_bytes(b"\x1f\x8bno longer a gzip file")
    report = library.add(folder, prune=True)
    assert (len(report.failed), report.vanished, report.removed) == (1, (), ())
    assert len(library.papers()) == 3


def test_papers_that_become_one_are_followed(library: Library, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    first = {"title": "One", "abstract": "First.", "doi": "10.1000/xyz123"}
    second = {"title": "Two", "abstract": "Second.", "arxiv_id": "2001.00001"}
    for name, record in {"a": first, "b": second}.items():
        (pile / f"{name}.jsonl").write_text(json.dumps(record))
    assert library.add(pile).added == 2
    (pile / "c.jsonl").write_text(json.dumps(first | {"arxiv_id": "2001.00001"}))
    library.add(pile)
    assert len(library.papers()) == 1
    assert library.add(pile) == AddReport(unchanged=1)


# What is told ----------------------------------------------------------------------------------------------


def test_status_lists_files_that_were_read_that_failed_and_that_changed(
    library: Library, folder: Path
) -> None:
    (folder / "c.txt").touch()
    library.add(folder)
    written(folder / "a.jsonl", "a0")
    (folder / "b.jsonl").unlink()
    status = library.status()
    assert [(Path(known.file).name, known.papers) for known in status.indexed] == [
        ("a.jsonl", 2),
        ("b.jsonl", 1),
    ]
    assert status.failed == (Failure(str(folder / "c.txt"), "file", "it is empty"),)
    assert [(Path(stale.file).name, stale.reason) for stale in status.stale] == [
        ("a.jsonl", "it has changed since it was read"),
        ("b.jsonl", "it is gone"),
    ]


@pytest.mark.parametrize("damage", [b"", None])
def test_without_what_was_noted_everything_is_read_again_and_nothing_embedded(
    library: Library, folder: Path, counting: Counting, damage: bytes | None
) -> None:
    library.add(folder)
    (library.path / "files.db").unlink() if damage is None else (library.path / "files.db").write_bytes(
        damage
    )
    assert counts(library.add(folder)) == (0, 0, 3, 0)
    assert counting.embedded == 3
    assert counts(library.add(folder)) == (0, 0, 3, 0)


def test_notes_that_cannot_be_read_are_told_in_one_line(library: Library, folder: Path) -> None:
    library.add(folder)
    (library.path / "files.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreUnavailable, match=r"files.db is damaged \(.*\): delete it"):
        library.add(folder)


def test_a_copied_library_opens_elsewhere(library: Library, folder: Path, counting: Counting) -> None:
    library.add(folder)
    library.close()
    for name, left_out in {
        "whole": None,
        "bare": shutil.ignore_patterns("vectors", "text", "files.db"),
    }.items():
        shutil.copytree(library.path, library.path.parent / name, ignore=left_out)
        with Library(library.path.parent / name, embedder=counting) as copy:
            assert copy.papers() == library.papers()
            assert copy.search("A paper named b0", 1)[0].paper.title == "A paper named b0"
            assert copy.answer("What says b0?").hits
            assert counts(copy.add(folder)) == (0, 0, 3, 0)
