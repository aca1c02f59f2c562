"""The weights of `qa.support`, fitted to scripted sentences.

    python -m qa.training.support FOLDER

reads FOLDER/training/questions.jsonl (see `qa.training.corpus`; `answer` is a reference) and prints the
weights, and for some thresholds the shares of unsupported sentences that pass and of supported ones that do
not; at the threshold in use, how many pass of each change. Fitted are sentences that pass what is compared to
the letter; unsupported are those that cite the wrong paper or the wrong sentence of the right one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import numpy as np

from qa.features import Floats
from qa.minilm import MiniLM
from qa.paper import Paper
from qa.support import THRESHOLD, Supported, contradiction
from qa.training.scripted import Answered, scripted, whole_sentences

STEPS: Final = 30  # of Newton's method, which needs fewer
STRENGTH: Final = 0.01  # how much large weights are held back
THRESHOLDS: Final = (-1.0, -0.5, 0.0, 0.5, 1.0)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    """Fit the weights to the questions in FOLDER and print them."""
    rows = list(scripted(list(answered(folder / "training" / "questions.jsonl"))))
    check = Supported(MiniLM())
    passing = [row for row in rows if contradiction(row.text, row.sources) is None]
    measures = np.array([check.measures(row.text, row.sources) for row in passing])
    right = np.array([not row.change for row in passing])
    fitted = right | np.array([row.change in ("paper", "span") for row in passing])
    weights = logistic(measures[fitted], right[fitted].astype(float))
    click.echo(f"weights {np.round(weights[:-1], 1)}, constant {weights[-1]:.1f}, {len(rows)} sentences")
    logits = measures @ weights[:-1] + weights[-1]
    supported = sum(not row.change for row in rows)
    for threshold in THRESHOLDS:
        passed = logits >= threshold
        wrong = (passed & ~right).sum() / (len(rows) - supported)
        lost = 1 - (passed & right).sum() / supported
        click.echo(f"{threshold:5.1f}: unsupported that pass {wrong:.3f}, supported left out {lost:.3f}")
    passed = Counter(row.change for row, logit in zip(passing, logits, strict=True) if logit >= THRESHOLD)
    for change, count in Counter(row.change for row in rows).items():
        click.echo(f"{change or 'supported':10} {passed[change]:5} of {count} pass")


def answered(questions: Path) -> Iterator[Answered]:
    """The reference answers in a file of questions, with the sentences that are their evidence."""
    for line in questions.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        paper = Paper(one["paper"], one["title"], one["abstract"])
        sources = tuple(whole_sentences(paper, one["evidence"]))
        if one["answer"] and sources:
            yield Answered(one["answer"], sources)


def logistic(values: Floats, right: Floats) -> Floats:
    """The weights of a logistic regression, the constant last."""
    columns = np.column_stack([values, np.ones(len(values))])
    weights = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-columns @ weights))
        slope = columns.T @ (chances - right) + STRENGTH * weights
        bend = (columns.T * (chances * (1 - chances))) @ columns + STRENGTH * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return weights


if __name__ == "__main__":
    main()
