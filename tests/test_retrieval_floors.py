"""How well the seed papers are found and quoted, on the development questions. Floors only ever rise."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa import Library
from qa.evaluation import Evaluation, evaluate

QUESTIONS = Path(__file__).parent / "data" / "dev.jsonl"


@pytest.fixture(scope="module")
def evaluation(seed_library: Library) -> Evaluation:
    return evaluate(seed_library, QUESTIONS)


@pytest.mark.parametrize(
    ("kind", "metric", "floor"),
    [
        ("single", "nDCG@10", 0.89),
        ("multi", "nDCG@10", 0.91),
    ],
)
def test_papers_are_found(evaluation: Evaluation, kind: str, metric: str, floor: float) -> None:
    assert evaluation.kinds[kind][metric].value >= floor


def test_every_citation_of_every_answer_is_exact(evaluation: Evaluation) -> None:
    exact = evaluation.answers["all"]["citations exact"]
    assert (exact.value, exact.n) == (1.0, 147)
