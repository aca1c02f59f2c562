"""What a library costs as it grows: `python -m tests.benchmarks.scale FILE [SIZE...] [--plot FILE.svg]`.

FILE holds papers in JSON Lines, plain or gzip; the first 1,000, 10,000 and 100,000 of them (or SIZE many)
are indexed into one library, beside the seed papers, of which the questions are. Each time a process of its
own adds what is still missing, then another one asks, from a cold start and warm. Memory is what a process
holds for itself, without pages of files.

    scale.py index FILE LIBRARY     what add takes
    scale.py ask LIBRARY            what opening it and asking takes
"""

from __future__ import annotations

import functools
import gzip
import json
import math
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import qa
from qa.resources import resource_folder
from tests.benchmarks.ours import QUESTIONS, timed
from tests.benchmarks.rivals.__main__ import ROOT

SIZES = (1_000, 10_000, 100_000)
LEAST, MOST = 500, 4_000_000  # papers at the ends of the plot
TALL, WIDE, LEFT, FOOT = 220, 640, 60, 40
FAR = 3_000_000  # papers of arXiv
COLOURS = ("#1b6ca8", "#b3541e", "#3a7d44", "#7d3a72")
EARLIEST = "2019-07"  # the filter that about one paper in four of the arXiv file passes


def private() -> int:
    """Bytes that this process holds for itself now: memory that is no file's."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


@contextmanager
def watched() -> Iterator[list[int]]:
    """The most private memory while the block runs, looked at five times a second."""
    most, ended = [private()], threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            most[0] = max(most[0], private())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def index(file: str, folder: str) -> dict[str, Any]:
    """The papers of a file into a library; a line of progress now and then."""
    with qa.Library(folder) as library:
        library.add(resource_folder("seeds"))
    start = time.perf_counter()

    def progress(done: int, total: int) -> None:
        if done % 12_800 == 0:
            print(f"{done:,} of {total:,}: {time.perf_counter() - start:,.0f} s", file=sys.stderr)

    with watched() as most, qa.Library(folder) as library:
        report = library.add(file, on_progress=progress)
    return {"added": report.added, "seconds": time.perf_counter() - start, "memory": most[0]}


def ask(folder: str) -> dict[str, Any]:
    """Opening until the first papers are found; then medians over the questions about a single paper."""
    from qa.questions import read_questions

    questions = [question.question for question in read_questions(QUESTIONS) if question.kind == "single"]
    with watched() as most:
        with qa.Library(folder) as library:
            found = {"opening": timed(library.search, questions[0])}
            library.search(questions[0], since=EARLIEST)  # warm
            found |= both("search", questions, library.search)
            library.answer(questions[0])
            found |= both("answer", questions, library.answer)
        with qa.Library(folder, reader=False) as library:
            library.answer(questions[0])
            found |= both("quick", questions, library.answer)
    return {**found, "memory": most[0]}


def both(name: str, questions: Sequence[str], task: Callable[..., object]) -> dict[str, float]:
    """Median seconds of a task over questions, without a filter and with one."""
    since = functools.partial(task, since=EARLIEST)
    return {name: median(questions, task), f"{name} since": median(questions, since)}


def median(questions: Sequence[str], task: Callable[[str], object]) -> float:
    """Median seconds of a task over questions."""
    return statistics.median(timed(task, question) for question in questions)


def run(*task: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.scale", *task]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def grown(file: str, sizes: Sequence[int], folder: Path) -> Iterator[dict[str, Any]]:
    """What each size cost, of one library that grows in `folder`."""
    library, before = folder / "library", 0
    with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8") as records:
        for size in sizes:
            part = folder / f"papers-{size}.jsonl"
            part.write_text("".join(islice(records, size - before)), "utf-8")
            print(f"{size:,} papers", file=sys.stderr)
            added = run("index", str(part), str(library))
            asked = run("ask", str(library))
            disk = sum(path.stat().st_size for path in library.rglob("*") if path.is_file())
            yield {"size": size, "added": added, "asked": asked, "disk": disk}
            before = size


ROWS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "indexing, papers a second": lambda of: f"{of['added']['added'] / of['added']['seconds']:.1f}",
    "private memory at most, indexing": lambda of: f"{of['added']['memory'] / 1e6:,.0f} MB",
    "on disk": lambda of: f"{of['disk'] / 1e6:,.0f} MB",
    "opening, until papers are found": lambda of: f"{of['asked']['opening']:.1f} s",
    "search": lambda of: f"{of['asked']['search'] * 1000:.0f} ms",
    f"search since {EARLIEST}": lambda of: f"{of['asked']['search since'] * 1000:.0f} ms",
    "answer without the reader": lambda of: f"{of['asked']['quick'] * 1000:.0f} ms",
    f"answer without the reader since {EARLIEST}": lambda of: f"{of['asked']['quick since'] * 1000:.0f} ms",
    "answer": lambda of: f"{of['asked']['answer'] * 1000:.0f} ms",
    f"answer since {EARLIEST}": lambda of: f"{of['asked']['answer since'] * 1000:.0f} ms",
    "private memory at most, asking": lambda of: f"{of['asked']['memory'] / 1e6:,.0f} MB",
}
PLOTTED: dict[str, Callable[[Mapping[str, Any]], float]] = {
    "hours of indexing": lambda of: of["size"] * of["added"]["seconds"] / of["added"]["added"] / 3600,
    "gigabytes on disk": lambda of: of["disk"] / 1e9,
    "private gigabytes, asking": lambda of: of["asked"]["memory"] / 1e9,
    "seconds of a search": lambda of: of["asked"]["search"],
}


def plot(found: Sequence[Mapping[str, Any]]) -> str:
    """Costs against size, on scales of tens, as SVG; beyond the last size each goes on as it last went."""
    sizes = [of["size"] for of in found]
    lines = {name: [max(value(of), 1e-4) for of in found] for name, value in PLOTTED.items()}
    bottom, top = -4, 3

    def place(size: float, value: float) -> str:
        x = LEFT + (WIDE - LEFT - 8) * math.log(size / LEAST) / math.log(MOST / LEAST)
        y = 16 + (TALL - 16) * (top - math.log10(value)) / (top - bottom)
        return f"{x:.1f},{y:.1f}"

    parts = ['<rect width="100%" height="100%" fill="#fff"/>']  # the page around it may be dark
    for power in range(bottom, top + 1):
        across = place(LEAST, 10.0**power).replace(",", " ")
        y = across.split()[1]
        parts.append(
            f'<path d="M{across}H{WIDE - 8}" stroke="#ccc"/><text x="4" y="{y}">{10.0**power:g}</text>'
        )
    for size in (1_000, 10_000, 100_000, 1_000_000, FAR):
        x = place(size, 1).split(",")[0]
        label = f"{size:,}" if size < 1_000_000 else f"{size // 1_000_000} million"
        parts.append(f'<text x="{x}" y="{TALL + 18}" text-anchor="middle">{label}</text>')
    for number, (name, values) in enumerate(lines.items()):
        stroke = f'stroke="{COLOURS[number]}" stroke-width="2" fill="none"'
        parts.append(f'<polyline points="{" ".join(map(place, sizes, values))}" {stroke}/>')
        if len(values) > 1:
            rise = math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])
            end = values[-1] * (FAR / sizes[-1]) ** rise
            points = f"{place(sizes[-1], values[-1])} {place(FAR, end)}"
            parts.append(f'<polyline points="{points}" {stroke} stroke-dasharray="5 4"/>')
            name += f": {end:.3g} at {FAR:,}, if it goes on so"
        low = TALL + FOOT + 18 * number
        parts.append(f'<text x="{LEFT}" y="{low}" fill="{COLOURS[number]}">{name}</text>')
    box = f"0 0 {WIDE} {TALL + FOOT + 18 * len(lines)}"
    style = 'font-family="sans-serif" font-size="13"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {style}>{"".join(parts)}</svg>\n'


def main() -> None:
    """Measure, print the table, and write the plot if one is wanted."""
    file, *rest = sys.argv[1:]
    picture = Path(rest[rest.index("--plot") + 1]) if "--plot" in rest else None
    sizes = [int(word) for word in rest if word.isdigit()] or SIZES
    with tempfile.TemporaryDirectory(prefix="qa-scale-") as folder:
        found = list(grown(file, sizes, Path(folder)))
    heads = [f"{of['size']:,}" for of in found]
    print(f"| papers | {' | '.join(heads)} |")
    print(f"|---|{'---|' * len(found)}")
    for name, cell in ROWS.items():
        print(f"| {name} | {' | '.join(map(cell, found))} |")
    if picture:
        picture.write_text(plot(found), "utf-8")


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"index": index, "ask": ask}

if __name__ == "__main__":
    if sys.argv[1] in TASKS:
        print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
