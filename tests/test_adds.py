"""`qa add` on folders that change: what it tells, what it removes, and how it follows them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa import Library
from qa.cli import main
from tests.test_cli import first_line
from tests.test_folders import written


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """A folder with two files, of the papers a0, a1 and b0."""
    written(tmp_path / "pile" / "a.jsonl", "a0", "a1")
    written(tmp_path / "pile" / "b.jsonl", "b0")
    return tmp_path / "pile"


def add(*args: str | Path) -> Result:
    return CliRunner().invoke(
        main, ["add", *map(str, args), "--library", str(Path(args[0]).parent / "library")]
    )


@contextmanager
def watching(pile: Path) -> Iterator[subprocess.Popen[str]]:
    """`qa add --watch --prune` on a folder, in a process of its own."""
    command = [sys.executable, "-m", "qa", "add", "--watch", "--prune", str(pile)]
    command += ["--library", str(pile.parent / "library")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        yield process


def test_what_vanished_is_named_and_removed_with_prune(pile: Path) -> None:
    add(pile)
    (pile / "b.jsonl").unlink()
    offered = add(pile)
    assert (offered.exit_code, offered.stdout) == (
        0,
        "0 added, 0 updated, 2 unchanged, 0 merged, 1 vanished\n",
    )
    first, last = offered.stderr.splitlines()
    assert first.startswith("qa: in no file any more: ")
    assert first.endswith(" A paper named b0")
    assert last == "qa: the same command with --prune removes what is in no file any more"
    removed = json.loads(add(pile, "--prune", "--json").stdout)
    assert [paper["title"] for paper in removed["removed"]] == ["A paper named b0"]
    assert add(pile, "--prune").stdout == "0 added, 0 updated, 2 unchanged, 0 merged\n"


def test_what_moves_from_one_path_to_another_is_not_removed(pile: Path) -> None:
    other = written(pile.parent / "other" / "c.jsonl", "c0").parent
    add(pile, other)
    os.rename(pile / "b.jsonl", other / "b.jsonl")
    written(pile / "a.jsonl", "a1")
    assert add(pile, other, "--prune").stdout == "0 added, 0 updated, 3 unchanged, 0 merged, 1 removed\n"


def test_a_folder_emptied_on_purpose_is_no_failure(pile: Path) -> None:
    add(pile)
    for file in pile.iterdir():
        file.unlink()
    done = add(pile, "--prune")
    assert (done.exit_code, done.stdout) == (0, "0 added, 0 updated, 0 unchanged, 0 merged, 3 removed\n")
    assert add(pile).exit_code == 1


def test_status_names_the_files(pile: Path) -> None:
    (pile / "c.txt").touch()
    add(pile)
    written(pile / "b.jsonl", "b1")
    shown = CliRunner().invoke(main, ["status", "--library", str(pile.parent / "library")]).stdout
    assert shown.splitlines()[-4:] == [
        f"indexed     {pile}/a.jsonl (2)",
        f"indexed     {pile}/b.jsonl (1)",
        f"failed      {pile}/c.txt: file: it is empty",
        f"stale       {pile}/b.jsonl: it has changed since it was read",
    ]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_is_followed_until_it_is_interrupted(pile: Path, end: signal.Signals) -> None:
    with watching(pile) as process:
        assert first_line(process.stdout) == "3 added, 0 updated, 0 unchanged, 0 merged\n"
        written(pile / "c.jsonl", "c0", "c1")
        assert first_line(process.stdout) == "c.jsonl new: 2 added, 0 updated, 3 unchanged, 0 merged\n"
        os.rename(pile / "a.jsonl", pile / "d.jsonl")
        assert first_line(process.stdout).endswith(": 0 added, 0 updated, 5 unchanged, 0 merged\n")
        (pile / "c.jsonl").write_text("{")
        assert "1 failed" in first_line(process.stdout)
        (pile / "c.jsonl").unlink()
        assert first_line(process.stdout).startswith(
            "c.jsonl gone: 0 added, 0 updated, 3 unchanged, 0 merged, 2"
        )
        process.send_signal(end)
        out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert len(Library(pile.parent / "library").papers()) == 3


def test_a_folder_that_goes_and_comes_back_is_followed_and_nothing_removed(pile: Path) -> None:
    with watching(pile) as process:
        assert first_line(process.stdout) == "3 added, 0 updated, 0 unchanged, 0 merged\n"
        shutil.move(pile, pile.parent / "away")
        line = first_line(process.stderr)
        while "nothing is at" not in line:
            line = first_line(process.stderr)
        written(pile.parent / "away" / "b.jsonl", "b0", "b1")
        shutil.move(pile.parent / "away", pile)
        assert first_line(process.stdout) == "b.jsonl changed: 1 added, 0 updated, 3 unchanged, 0 merged\n"
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0


def test_watching_gives_no_json(pile: Path) -> None:
    assert add(pile, "--watch", "--json").exit_code == 2
