"""What a paper weighs in a library at a Chroma server, and how fast another machine follows.

python -m tests.benchmarks.shared FILE [COUNT]     the first COUNT papers of it; 2,000 unless given

docs/three-million.md carries the table on to three million papers.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from qa import Library, read_papers
from qa.server import Database
from qa.versions import Versions
from tests.chroma import ChromaServer

QUERIES = ("dark matter halos", "graph neural networks", "protein folding", "optimal transport of measures")
ROUNDS = 5


def weight(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def median_ms(ask: Callable[[str], object], queries: Sequence[str]) -> float:
    """Of one call, warm, in milliseconds."""
    times = []
    ask(queries[0])
    for query in [*queries] * ROUNDS:
        start = time.perf_counter()
        ask(query)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def measure(source: str, count: int, folder: Path) -> list[tuple[str, str]]:
    """The rows of the table."""
    server = ChromaServer(folder / "server")
    server.start()
    try:
        papers = list(islice(read_papers(source), count))
        with (
            Library(folder / "one" / "bench", store=server.url) as one,
            Library(folder / "two" / "bench", store=server.url) as two,
        ):
            start = time.perf_counter()
            one.add(papers)
            added = time.perf_counter() - start
            start = time.perf_counter()
            held = len(two.papers())
            followed = time.perf_counter() - start
            status, (vectors,) = two.status(), (two.path / "vectors").iterdir()
            search = median_ms(two.search, QUERIES)
            versions = Versions(Database(server.url, "bench"))
            newest = median_ms(lambda _: versions.head(), QUERIES)
    finally:
        server.kill()
    rows = {
        "rows at the server, papers and windows": status.papers + status.passages,
        "bytes at the server": weight(folder / "server"),
        "bytes on each machine: vectors of passages": (vectors / "passages.bin").stat().st_size,
        "bytes on each machine: vectors of words": sum(
            (vectors / name).stat().st_size for name in ("words.bin", "terms.bin")
        ),
        "bytes on each machine: full-text index": weight(two.path / "text"),
        "bytes on each machine: records": (two.path / "papers.db").stat().st_size,
    }
    table = [(name, f"{value / held:,.1f} a paper") for name, value in rows.items()]
    return [
        ("papers", f"{held:,}"),
        *table,
        ("embedding and adding", f"{held / added:,.0f} papers/s"),
        ("another machine follows", f"{held / followed:,.0f} papers/s"),
        ("a search, warm", f"{search:.0f} ms"),
        ("of it, asking for the newest version", f"{newest:.1f} ms"),
    ]


def main() -> None:
    """Print the table."""
    source, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as folder:
        rows = measure(source, count, Path(folder))
    print("| | |\n|---|---|")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))


if __name__ == "__main__":
    main()
