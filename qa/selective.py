"""Whether the program answers when it should: what its decisions are worth, and how well its score decides.

To answer some questions and refuse others is selective classification (Geifman and El-Yaniv, 2017). Here
the score is `Answer.score`, and a question is wrongly answered if the papers do not answer it. That is
known of refused questions too. Whether an answer has evidence for what it says is known of those given
only, because a refusal does not say what it would have cited; so it is judged apart, over answers alone.

What an answer or a refusal is worth (score s, the probability that the papers answer the question):

    question      answer                 ternary   distributional
    answerable    with evidence            +1          s²
    answerable    without evidence         -1         -s²
    answerable    refused                   0          0
    unanswerable  refused                  +1       1 - 2 s
    unanswerable  answered                 -1       1 - 2 s

The ternary score is that of Kalai, Nachum, Vempala and Zhang, "Why language models hallucinate" (2025):
an honest "I don't know" is worth more than a wrong answer. The other is the Distributional Correctness
Score of Burns, "Measuring language model hallucinations through distributional correctness" (2025),
(c - w) (1 - d) for the probabilities c of right answers, w of wrong ones and d of "I don't know", with its
default loadings of 1. A chosen sentence is either right or wrong, so it has the whole s, and d = 1 - s: s².
"Not in these papers" is no "I don't know" where it is the truth: c = 1 - s, w = s and d = 0. What a refused
answer would have been is not known: 0. At s = 0 and s = 1 both scores agree.

Metadata questions have no part in this: they are answered from the records, by a score of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from qa.judging import NEVER, Judged, Outcome
from qa.questions import SORTS
from qa.significance import Difference, Measure, Pair
from qa.thresholds import (
    Point,
    Ranked,
    Statistic,
    area_under_risk,
    auc,
    change,
    curve,
    measure,
    wrong_refused,
)

DECISION: Final = "decision"  # the group of figures about answering and refusing as a whole

# The two risks that a threshold can be chosen for. That of all questions asked is marginal, as in conformal
# risk control (Angelopoulos and others, 2022), and what `risk` promises; that of the answers is conditional.
OF_ASKED: Final = "wrong of asked"
OF_ANSWERS: Final = "wrong of answers"
PROMISED: Final = OF_ASKED
WHOLES: Final = {OF_ASKED: "all questions asked", OF_ANSWERS: "the answers given"}
RISK: Final = "risk"  # the share that the library lets pass, among the versions of an evaluation

_ANSWERABLE: Final = ("right", "unsupported", "unjudged", "missed")
_UNANSWERABLE: Final = ("rightly refused", "wrong")
_REFUSED: Final = ("missed", "rightly refused")
_TERNARY: Final[Mapping[Outcome, float]] = {
    "right": 1.0,
    "unsupported": -1.0,
    "missed": 0.0,
    "rightly refused": 1.0,
    "wrong": -1.0,
}


def decision_parts(judged: Sequence[Judged]) -> dict[str, dict[str, Pair]]:
    """What each question adds to the figures of the decision, by figure and question.

    Without an unanswerable question there are none about telling these apart.
    """
    parts: dict[str, dict[str, Pair]] = {}
    for item in judged:
        for name, pair in _pairs(item).items():
            parts.setdefault(name, {})[item.id] = pair
    if not any(item.outcome in _UNANSWERABLE for item in judged):
        return {name: of for name, of in parts.items() if name not in (OF_ASKED, OF_ANSWERS, "Brier score")}
    return parts


def _pairs(item: Judged) -> dict[str, Pair]:
    outcome = item.outcome
    if outcome is None:
        return {}
    answered, wrong = float(outcome not in _REFUSED), float(outcome == "wrong")
    pairs = {"answered": (answered, 1.0), OF_ASKED: (wrong, 1.0), OF_ANSWERS: (wrong, answered)}
    if outcome in _ANSWERABLE:
        pairs["answerable refused"] = (1.0 - answered, 1.0)
    if outcome in ("right", "unsupported"):
        pairs["without evidence"] = (float(outcome == "unsupported"), 1.0)
    if outcome in _TERNARY:
        pairs["ternary score"] = (_TERNARY[outcome], 1.0)
        pairs["distributional score"] = (_distributional(outcome, item.score), 1.0)
    pairs["Brier score"] = ((item.score - float(outcome in _ANSWERABLE)) ** 2, 1.0)
    return pairs


def _distributional(outcome: Outcome, score: float) -> float:
    return 1 - 2 * score if outcome in _UNANSWERABLE else _TERNARY[outcome] * score**2


# What the score tells apart ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ranking:
    """A figure of the scores: questions by id, with whether it is wrong to answer them."""

    statistic: Statistic
    of: Mapping[str, Ranked]

    @property
    def n(self) -> int:
        """The questions; of figures about the unanswerable ones, how many of these there are."""
        every = self.statistic is area_under_risk
        return sum(every or item.wrong for item in self.of.values())


def _rankings(judged: Sequence[Judged]) -> dict[str, dict[str, _Ranking]]:
    """By group and name. A sort of unanswerable questions is told from all the answerable ones."""
    found: dict[str, dict[str, _Ranking]] = {}
    every = {item.id: _ranked(item) for item in judged if item.outcome is not None}
    sorts = {item.id: item.sort for item in judged}
    for group in (NEVER, *SORTS):
        of = {key: one for key, one in every.items() if not one.wrong or group in (NEVER, sorts[key])}
        if len({one.wrong for one in of.values()}) > 1:
            found[group] = {"AUC": _Ranking(auc, of), "refused at 6 %": _Ranking(wrong_refused, of)}
    areas = {"AURC": every} if NEVER in found else {}
    if supported := {item.id: _unsupported(item) for item in _with_evidence(judged)}:
        areas["AURC of evidence"] = supported
    found[DECISION] = {name: _Ranking(area_under_risk, of) for name, of in areas.items()}
    return found


def _ranked(item: Judged) -> Ranked:
    return Ranked(item.score, item.outcome in _UNANSWERABLE)


def _with_evidence(judged: Iterable[Judged]) -> list[Judged]:
    """The questions that were answered and have evidence to judge the answer by."""
    return [item for item in judged if item.outcome in ("right", "unsupported")]


def _unsupported(item: Judged) -> Ranked:
    return Ranked(item.score, item.outcome == "unsupported")


def ranked_measures(judged: Sequence[Judged]) -> dict[str, dict[str, Measure]]:
    """AUC, refusals at a fixed price, and areas under risk-coverage curves, by group and name."""
    return {
        group: {
            name: found
            for name, one in rankings.items()
            if (found := measure(one.statistic, list(one.of.values()), one.n))
        }
        for group, rankings in _rankings(judged).items()
    }


def ranked_differences(now: Sequence[Judged], then: Sequence[Judged]) -> dict[str, dict[str, Difference]]:
    """How these figures changed since an earlier run, over the questions that both runs have for them."""
    first, second = _rankings(now), _rankings(then)
    found: dict[str, dict[str, Difference]] = {}
    for group, rankings in first.items():
        for name, one in rankings.items():
            other = second.get(group, {}).get(name)
            if other and (of := _change(one, other)):
                found.setdefault(group, {})[name] = of
    return found


def _change(now: _Ranking, then: _Ranking) -> Difference | None:
    both = [key for key in now.of if key in then.of]
    kept = _Ranking(now.statistic, {key: now.of[key] for key in both})
    return change(kept.statistic, list(kept.of.values()), [then.of[key] for key in both], kept.n)


def risk_coverage(judged: Sequence[Judged]) -> list[Point]:
    """For each score as the threshold: the share of questions answered, and of these, of unanswerable ones.

    Empty without unanswerable questions.
    """
    every = [_ranked(item) for item in judged if item.outcome is not None]
    return curve(every) if any(item.wrong for item in every) else []


def evidence_coverage(judged: Sequence[Judged]) -> list[Point]:
    """The same over the answers that evidence is known for: which share is kept, and has none of it."""
    return curve([_unsupported(item) for item in _with_evidence(judged)])


def risk_reached(figures: Mapping[str, Measure], risk: str | None) -> str:
    """In a sentence: the share that a `risk` is promised of, and the `risk` if known. "" without a figure."""
    if PROMISED not in figures:
        return ""
    of = figures[PROMISED]
    said = f"Answered though the papers do not answer: {of.value:.3f} of {WHOLES[PROMISED]}"
    return f"{said} ({of.low:.2f}-{of.high:.2f})" + (f"; risk={risk} lets {risk} pass." if risk else ".")
