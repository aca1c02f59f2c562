"""Measures the time and memory of this project, and prints a Markdown table: `make bench`.

Every task runs in a process of its own, one after the other. rivals/ compares with others.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import qa  # also sets the environment that the processes inherit: quiet libraries, threads that do not spin

ROOT = Path(__file__).resolve().parent.parent.parent
QA = str(Path(sys.executable).with_name("qa"))
QUESTION = "How can the KV cache of a language model be made smaller?"
COLD_STARTS = 5
MEGABYTE = 1e6


def run(*task: str) -> dict[str, Any]:
    """Run a task of ours.py to its end: what it replies, and its wall time as "seconds"."""
    print(task[0], file=sys.stderr)
    command = [sys.executable, "-m", "tests.benchmarks.ours", *task]
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{task[0]} failed")
    return {**json.loads(done.stdout.splitlines()[-1]), "seconds": seconds}


def cold(command: list[str]) -> float:
    """Median wall time of a command, in seconds, after one run that fills the file cache."""
    times = []
    for _ in range(COLD_STARTS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def page(library: str) -> dict[str, Any]:
    """Serve the chat page; ask and open it from other processes, what they reply put together."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [QA, "chat", "--port", port, "--library", library]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        server.stdout.readline()  # says that it serves
        try:
            url = f"http://127.0.0.1:{port}/"
            opened = run("opening", url) if shutil.which("chromium") else {}
            return run("page", url) | run("crowd", url, library) | opened
        finally:
            server.send_signal(signal.SIGINT)


def measure(folder: Path) -> list[tuple[str, str]]:
    """The rows of the table."""
    library = str(folder / "library")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")  # where the exported model goes: none yet
    prepared, ready = run("prepare"), run("prepare")
    indexed, asked, served = run("index", library), run("query", library), page(library)
    opened = milliseconds(served["open"]) if "open" in served else "no chromium here"
    return [
        ("preparing the model, once", seconds(prepared["seconds"] - ready["seconds"])),
        ("index the seeds", seconds(indexed["seconds"])),
        ("memory at most, indexing", megabytes(indexed["memory"])),
        ("search, warm", milliseconds(asked["search"])),
        ("answer with citations, warm", milliseconds(asked["answer"])),
        ("memory at most, asking", megabytes(asked["memory"])),
        (
            "cold start: one question on the command line",
            seconds(cold([QA, "ask", QUESTION, "--library", library])),
        ),
        ("first words on the page", milliseconds(served["first"])),
        ("the page opens in chromium, until its box takes a question", opened),
        (
            "200 questions of 20 clients at once, all right: median; 95th percentile",
            f"{seconds(served['median'])}; {seconds(served['p95'])}",
        ),
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
    print("| | |\n|---|---|")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    print(f"\nqa {qa.__version__}, Python {platform.python_version()}, {machine}. Times are")
    print("medians over the questions about single papers; the load of the machine shows in them.")


if __name__ == "__main__":
    main()
