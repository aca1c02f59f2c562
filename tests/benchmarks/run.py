"""Measures this project and the textbook pipeline side by side, and prints a Markdown table.

Every task runs in a process of its own, one after the other, on the same machine, papers, questions
and embedding model. Takes some two minutes: `make bench`.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qa  # also sets the environment that the processes inherit: quiet libraries, threads that do not spin

ROOT = Path(__file__).resolve().parent.parent.parent
QA = str(Path(sys.executable).with_name("qa"))
QUESTION = "How can the KV cache of a language model be made smaller?"
COLD_STARTS = 5
MEGABYTE = 1e6


@dataclass(frozen=True)
class Run:
    """What a process printed, how long it took in seconds, and the most memory it held in bytes."""

    values: dict[str, Any]
    seconds: float
    memory: float


def run(side: str, *task: str) -> Run:
    """Run a task of ours.py or textbook.py to its end. Its last line is its result, as JSON."""
    print(f"{side}: {task[0]}", file=sys.stderr)
    start = time.perf_counter()
    with subprocess.Popen([*python(side), *task], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        lines = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{side}: {task[0]} failed")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(json.loads(lines[-1]), seconds, usage.ru_maxrss * unit)


def python(side: str) -> list[str]:
    """The start of a command that runs ours.py or textbook.py."""
    return [sys.executable, "-m", f"tests.benchmarks.{side}"]


def cold(command: list[str]) -> float:
    """Median wall time of a command, in seconds, after one run that fills the file cache."""
    times = []
    for _ in range(COLD_STARTS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def page(library: str) -> Run:
    """Serve the chat page, and ask it from another process."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [QA, "chat", "--port", port, "--library", library]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        server.stdout.readline()  # says that it serves
        try:
            return run("ours", "page", f"http://127.0.0.1:{port}/")
        finally:
            server.send_signal(signal.SIGINT)


def measure(folder: Path) -> list[tuple[str, str, str]]:
    """The rows of the table: what, this project, the textbook pipeline."""
    library, store = str(folder / "library"), str(folder / "store")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")  # where the exported model goes: none yet
    prepared, ready = run("ours", "prepare"), run("ours", "prepare")
    indexed, their_indexed = run("ours", "index", library), run("textbook", "index", store)
    asked, their_asked = run("ours", "query", library), run("textbook", "query", store)
    cold_start = cold([QA, "ask", QUESTION, "--library", library])
    their_cold_start = cold([*python("textbook"), "ask", store, QUESTION])
    streamed = page(library).values
    ndcg, first = "nDCG@10", "success@1"
    return [
        ("right paper first", f"{asked.values[first]:.2f}", f"{their_asked.values[first]:.2f}"),
        ("nDCG@10", f"{asked.values[ndcg]:.3f}", f"{their_asked.values[ndcg]:.3f}"),
        ("index the seeds", seconds(indexed.seconds), seconds(their_indexed.seconds)),
        ("memory at most, indexing", megabytes(indexed.memory), megabytes(their_indexed.memory)),
        ("search, warm", milliseconds(asked.values["search"]), milliseconds(their_asked.values["search"])),
        ("answer with citations, warm", milliseconds(asked.values["answer"]), "none"),
        ("memory at most, asking", megabytes(asked.memory), megabytes(their_asked.memory)),
        ("cold start: one question on the command line", seconds(cold_start), seconds(their_cold_start)),
        ("first words on the page", milliseconds(streamed["first"]), "none"),
        ("preparing the model, once", seconds(prepared.seconds - ready.seconds), "none"),
    ]


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def milliseconds(value: float) -> str:
    return f"{value * 1000:.0f} ms"


def megabytes(value: float) -> str:
    return f"{value / MEGABYTE:.0f} MB"


def main() -> None:
    """Print the table, and what it was measured on."""
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as folder:
        rows = measure(Path(folder))
    print("| | qa | textbook |\n|---|---|---|")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    print(f"\nqa {qa.__version__}, Python {platform.python_version()}, {machine}. Times and figures are")
    print("medians and means over the questions about single papers; load of the machine shows in them.")


if __name__ == "__main__":
    main()
