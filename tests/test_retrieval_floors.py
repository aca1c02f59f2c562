"""How well the seed papers are found, quoted and refused, on the development questions: floors just below."""

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
        ("single", "nDCG@10", 0.96),
        ("single", "success@1", 0.93),
        ("single", "recall@10", 0.97),
        ("single", "recall@100", 0.98),
        ("single", "MRR", 0.95),
        ("multi", "nDCG@10", 0.93),
        ("multi", "recall@10", 0.94),
        ("multi", "AP", 0.89),
        ("followup", "nDCG@10", 0.98),
        ("followup", "success@1", 0.94),
    ],
)
def test_papers_are_found(evaluation: Evaluation, kind: str, metric: str, floor: float) -> None:
    assert evaluation.kinds[kind][metric].value >= floor


@pytest.mark.parametrize(
    ("group", "measure", "floor"),
    [
        ("single", "evidence in first 3", 0.75),
        ("followup", "evidence in first 3", 0.77),
        ("single", "precision", 0.48),
        ("multi", "relevant cited", 0.76),
        ("multi", "F1 of cited", 0.76),
        ("metadata", "right set", 0.85),
        ("answerable", "must include", 0.83),
        ("answerable", "precision", 0.46),
        ("unanswerable", "refused", 0.7),
        ("unanswerable", "AUC", 0.91),
        ("off-topic", "refused", 1.0),
        ("absent-topic", "refused", 0.7),
        ("near-miss", "refused", 0.66),
    ],
)
def test_questions_are_answered(evaluation: Evaluation, group: str, measure: str, floor: float) -> None:
    assert evaluation.answers[group][measure].value >= floor


def test_few_answerable_questions_are_refused(evaluation: Evaluation) -> None:
    assert evaluation.answers["answerable"]["refused"].value <= 0.06


def test_every_citation_of_every_answer_is_exact(evaluation: Evaluation) -> None:
    exact = evaluation.answers["all"]["citations exact"]
    assert (exact.value, exact.n) == (1.0, 147)
