"""Whether the papers answer a question: one probability, the threshold that follows from a risk, the reason.

The threshold is set by conformal risk control (Angelopoulos et al., 2022, arXiv:2208.02814): of questions
like those of the calibration, at most the share `risk` is answered though the papers do not answer it. There
every fourth question has no answer: a detail that the abstract does not give, a subject of no paper, or
something else than papers, in equal parts. The idea to let the user choose the share is that of conformal
abstention policies (Tayebati et al., 2025, arXiv:2502.06884).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from qa.errors import InvalidInput
from qa.features import Floats
from qa.paper import Confidence, Reason
from qa.scoring import Calibration

RISK: Final = 0.1
UNANSWERABLE: Final = 1 / 4  # share of the calibration's questions
HIGH, MEDIUM = 0.9, 0.75  # probabilities


@dataclass(frozen=True)
class Decision:
    """The probability that the papers answer, as a number and a word; the reason for a no, else None."""

    score: float
    confidence: Confidence
    reason: Reason | None = None


def check_risk(risk: float) -> float:
    """`risk`, if it is a share. Raises InvalidInput otherwise."""
    if isinstance(risk, bool) or not isinstance(risk, (int, float)) or not 0 < risk <= 1:
        raise InvalidInput(f"risk is {risk!r}: give the share of wrong answers that may pass, as 0.1")
    return float(risk)


def threshold(weights: Calibration, risk: float) -> float:
    """The logit from which questions are answered, so that the share of wrong answers stays at `risk`.

    Infinite when so few wrong answers as that cannot be promised.
    """
    count = len(weights.answerable) + sum(map(len, weights.unanswerable.values()))
    candidates = np.unique([*weights.answerable, *np.concatenate([*weights.unanswerable.values()])])
    by_sort = [np.sort(np.array(logits)) for logits in weights.unanswerable.values()]
    passing = np.mean([1 - np.searchsorted(logits, candidates) / len(logits) for logits in by_sort], axis=0)
    promised = (count * UNANSWERABLE * passing + 1) / (count + 1) <= risk
    if not promised.any():
        return float("inf")
    first = int(promised.argmax())
    return float(candidates[first]) if first else float("-inf")


def decide(values: Floats, weights: Calibration, risk: float) -> Decision:
    """Whether to answer, by `qa.scoring.answer_values`."""
    logit = float(weights.answers.logits(values))
    score = 1 / (1 + float(np.exp(-logit)))
    if logit >= threshold(weights, risk):
        return Decision(score, word(score))
    likeliest = max(weights.reasons, key=lambda reason: float(weights.reasons[reason].logits(values)))
    return Decision(score, "none", cast(Reason, likeliest))


def word(score: float) -> Confidence:
    """A probability as a word, of a question that is answered."""
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"
