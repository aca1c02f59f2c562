"""`qa add` killed at any moment: the next start has every acknowledged paper, and continues."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa import Library, read_papers
from tests.generated import other_field

PAPERS = 300
KILLS = 5
QUESTION = "Which cause accounts for what older writers held of bread?"


@dataclass(frozen=True)
class Undisturbed:
    """Files, the library that one run made of them, and how long that took."""

    pile: Path
    library: Path
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    pile, library = tmp_path_factory.mktemp("pile"), tmp_path_factory.mktemp("undisturbed") / "library"
    records = [
        {"title": paper.title, "abstract": ". ".join(paper.abstract.split(". ")[:2]) + "."}
        for paper in other_field(PAPERS)
    ]
    parts = {"a": records[:170], "b": records[170:180], "c": records[180:]}
    parts["d"] = [record | {"venue": "A journal"} for record in records[::15]]
    for name, part in parts.items():
        (pile / f"{name}.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in part))
    begun = time.monotonic()
    assert interrupted(pile, library, None) == (len(records) + 20, len(records) + 20)
    return Undisturbed(pile, library, time.monotonic() - begun)


def interrupted(pile: Path, library: Path, seconds: float | None) -> tuple[int, int]:
    """Run `qa add` and kill it after so many seconds; the records last acknowledged, and of how many."""
    there, here = os.openpty()  # a terminal is told of every step
    command = [sys.executable, "-m", "qa", "add", str(pile), "--library", str(library)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=here) as process:
        os.close(here)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
    shown = b"".join(_read(there)).decode()
    os.close(there)
    steps = re.findall(r"([\d,]*\d) of ([\d,]*\d)", shown)
    return (int(steps[-1][0]), int(steps[-1][1])) if steps else (0, 0)


def _read(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # how Linux tells the end
        while piece := os.read(terminal, 10_000):
            yield piece


# At 0.5 MB the vectors do not fit, at 1.5 MB the store. Blocks of 1024 bytes.
@pytest.mark.parametrize("kilobytes", [500, 1500])
def test_where_no_room_is_left_one_line_says_so_and_the_next_start_continues(
    undisturbed: Undisturbed, tmp_path: Path, kilobytes: int
) -> None:
    path = tmp_path / "library"
    command = [sys.executable, "-m", "qa", "add", str(undisturbed.pile), "--library", str(path)]
    limited = ["bash", "-c", f'ulimit -f {kilobytes} && exec "$@"', "-", *command]
    full = subprocess.run(limited, capture_output=True, text=True)
    assert (full.returncode, full.stdout) == (1, "")
    (line,) = [line for line in full.stderr.splitlines() if line.startswith("qa: ")]
    assert line.startswith(f"qa: {path} cannot be written: ")
    *_, done = re.findall(r"([\d,]*\d) of ", full.stderr)
    with Library(path) as library, Library(undisturbed.library) as expected:
        assert len(library.papers()) >= int(done)
        library.add(undisturbed.pile)
        assert library.papers() == expected.papers()
        assert library.search(QUESTION)[0].paper == expected.search(QUESTION)[0].paper


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10))])
def test_after_kills_a_library_is_as_if_nothing_had_happened(
    undisturbed: Undisturbed, tmp_path: Path, seed: int
) -> None:
    chance, path = random.Random(seed), tmp_path / "library"
    titles = [paper.title for paper in read_papers(undisturbed.pile)]
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        done, total = interrupted(undisturbed.pile, path, chance.uniform(0, undisturbed.seconds))
        acknowledged |= set(titles[: len(titles) - total + done] if total else ())
        if (path / "library.json").is_file():
            with Library(path) as library:
                assert acknowledged <= {paper.title for paper in library.papers()}
    interrupted(undisturbed.pile, path, None)
    with Library(path) as library, Library(undisturbed.library) as expected:
        assert library.papers() == expected.papers()
        vectors, others = library.embeddings(), expected.embeddings()
        assert min(float(vectors[paper] @ others[paper]) for paper in others) > 0.99
        assert library.search(QUESTION)[0].paper == expected.search(QUESTION)[0].paper
        assert library.answer(QUESTION).text == expected.answer(QUESTION).text
        assert library.add(undisturbed.pile).unchanged == PAPERS
