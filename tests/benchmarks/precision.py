"""What int8 weights cost in quality: `python -m tests.benchmarks.precision [FOLDER...]`.

The seed papers with the development questions, and each collection in the BEIR layout at FOLDER, are indexed
and searched with the bundled model as it is used (int8) and as it was published (float32). A table of
nDCG@10 in points of a hundred, and of the papers indexed in a second.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import qa
from qa.embedding import EXACT
from tests.benchmarks.rivals.__main__ import Trial, collection, seeds
from tests.benchmarks.rivals.protocol import FOUND

EMBEDDERS = {"int8": None, "float32": EXACT}


def found(trial: Trial, embedder: str | None) -> tuple[dict[str, list[str]], float]:
    """Ids found by question, and papers indexed in a second."""
    papers = [qa.Paper(id=item.id, title=item.title, abstract=item.abstract) for item in trial.documents]
    with (
        tempfile.TemporaryDirectory(prefix="qa-precision-") as folder,
        qa.Library(Path(folder) / "library", embedder=embedder) as library,
    ):
        start = time.perf_counter()
        library.add(papers)
        pace = len(papers) / (time.perf_counter() - start)
        texts = trial.questions.items()
        ranked = {name: [hit.paper.id for hit in library.search(text, FOUND)] for name, text in texts}
    return ranked, pace


def rows(trial: Trial) -> Iterator[str]:
    """A line of the table for each group of questions."""
    from qa.evaluation import ranking_measures

    print(trial.name, file=sys.stderr)
    tried = {name: found(trial, embedder) for name, embedder in EMBEDDERS.items()}
    paces = [f"{pace:.0f}" for _, pace in tried.values()]
    for group, grades in trial.grades.items():
        measured = [ranking_measures(grades, ranked)["nDCG@10"].value * 100 for ranked, _ in tried.values()]
        points = [*(f"{value:.1f}" for value in measured), f"{measured[0] - measured[1]:+.1f}"]
        yield f"| {' | '.join([f'{trial.name}, {group} ({len(grades)})', *points, *paces])} |"


def main() -> None:
    """Print the table, a line as soon as it is known."""
    names = list(EMBEDDERS)
    print(
        f"| | {' | '.join(names)} | difference | {' | '.join(f'{name}, papers a second' for name in names)} |"
    )
    print(f"|---|{'---|' * (2 * len(names) + 1)}")
    for trial in (seeds(), *(collection(Path(folder)) for folder in sys.argv[1:])):
        for row in rows(trial):
            print(row, flush=True)


if __name__ == "__main__":
    main()
