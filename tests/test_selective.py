"""Answering and refusing: what decisions are worth, and what the score tells apart at every threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qa import Answer, Citation, Paper, ReadError
from qa.comparison import Report, compare
from qa.evaluation import Evaluation, answer_measures
from qa.judging import Judged, Outcome, outcome
from qa.questions import Evidence, Question, read_questions
from qa.selective import evidence_coverage, ranked_differences, ranked_measures, risk_coverage, risk_reached
from qa.thresholds import Point, Ranked, area_under_risk, change, curve, measure, wrong_refused

# What became of five questions, and the scores of their answers, as probabilities.
WORKED: list[tuple[Outcome, float]] = [
    ("right", 0.9),
    ("unsupported", 0.5),
    ("missed", 0.2),
    ("rightly refused", 0.1),
    ("wrong", 0.8),
]


def judged(*results: tuple[Outcome | None, float], sort: str | None = None) -> list[Judged]:
    return [
        Judged(str(number), kind_of(what), f"Why {number}?", "", (), (), (), {}, {}, sort, score, what)
        for number, (what, score) in enumerate(results)
    ]


def kind_of(what: Outcome | None) -> str:
    if what is None:
        return "metadata"
    return "unanswerable" if what in ("rightly refused", "wrong") else "single"


def figures(*results: tuple[Outcome | None, float], group: str = "decision") -> dict[str, float]:
    found = answer_measures(judged(*results)).get(group, {})
    return {name: of.value for name, of in found.items()}


def ranked(right: Sequence[float], wrong: Sequence[float]) -> list[Ranked]:
    return [Ranked(score, False) for score in right] + [Ranked(score, True) for score in wrong]


# Decisions -----------------------------------------------------------------------------------------


def test_what_decisions_are_worth_by_hand() -> None:
    found = figures(*WORKED)
    assert found["answered"] == 3 / 5
    assert found["wrong of asked"] == 1 / 5
    assert found["wrong of answers"] == pytest.approx(1 / 3)
    assert found["answerable refused"] == pytest.approx(1 / 3)
    assert found["without evidence"] == 1 / 2
    assert found["ternary score"] == (1 - 1 + 0 + 1 - 1) / 5
    # (c - w) (1 - d) of Burns: 0.9 · 0.9, -0.5 · 0.5, 0, then 0.9 - 0.1 and 0.2 - 0.8 with d = 0
    assert found["distributional score"] == pytest.approx((0.81 - 0.25 + 0 + 0.8 - 0.6) / 5)
    assert found["Brier score"] == pytest.approx((0.01 + 0.25 + 0.64 + 0.01 + 0.64) / 5)


@pytest.mark.parametrize(
    ("what", "score"),
    [("right", 1.0), ("unsupported", 1.0), ("missed", 0.0), ("rightly refused", 0.0), ("wrong", 1.0)],
)
def test_both_scores_agree_on_what_is_certain(what: Outcome, score: float) -> None:
    found = figures((what, score))
    assert found["ternary score"] == found["distributional score"]


def test_a_no_is_worth_more_than_a_wrong_answer_and_less_than_a_right_one() -> None:
    order: list[Outcome] = ["wrong", "missed", "right"]
    assert [figures((what, 0.5))["ternary score"] for what in order] == [-1, 0, 1]


def test_questions_about_the_records_have_no_part() -> None:
    assert figures(*WORKED, (None, 1.0)) == figures(*WORKED)
    assert figures((None, 1.0)) == {}


def test_without_unanswerable_questions() -> None:
    found = figures(*WORKED[:3])
    assert set(found) == {
        "answered", "answerable refused", "without evidence", "ternary score", "distributional score",
        "AURC of evidence",
    }  # fmt: skip
    assert figures(*WORKED[:3], group="unanswerable") == {}
    assert risk_coverage(judged(*WORKED[:3])) == []


def test_without_answerable_questions() -> None:
    found = answer_measures(judged(*WORKED[3:]))
    assert "AUC" not in found.get("unanswerable", {})
    assert found["decision"]["wrong of asked"].value == 0.5


BREAD = Paper(id="bread", title="Sourdough", abstract="Wild yeast raises dough. It takes twelve hours.")
SAID = Citation(1, BREAD, "It takes twelve hours.", 25, 47)
OTHER = Citation(1, BREAD, "Wild yeast raises dough.", 0, 24)
ANSWER = Answer(text="", answered=True, question="", citations=(OTHER, SAID))
ASKED = Question("1", "multi", "How long?", (), ("Sourdough",), (Evidence("Sourdough", "twelve hours"),))


@pytest.mark.parametrize(
    ("question", "answer", "became"),
    [
        (ASKED, ANSWER, "right"),
        (ASKED, replace(ANSWER, citations=(OTHER, OTHER, OTHER, SAID)), "unsupported"),
        (replace(ASKED, evidence=()), ANSWER, "unjudged"),
        (ASKED, replace(ANSWER, answered=False), "missed"),
        (replace(ASKED, kind="metadata"), ANSWER, None),
        (replace(ASKED, kind="unanswerable"), ANSWER, "wrong"),
        (replace(ASKED, kind="unanswerable"), replace(ANSWER, answerer="records"), "wrong"),
        (replace(ASKED, kind="unanswerable"), replace(ANSWER, answered=False), "rightly refused"),
    ],
)
def test_what_became_of_a_question(question: Question, answer: Answer, became: Outcome | None) -> None:
    assert outcome(question, answer) == became


# Sorts ---------------------------------------------------------------------------------------------


def test_a_sort_is_told_from_all_answerable_questions() -> None:
    near = judged(("wrong", 0.8), sort="near-miss")
    off = [replace(item, id="off") for item in judged(("rightly refused", 0.0), sort="off-topic")]
    other = [replace(item, id="other") for item in judged(("wrong", 0.95), sort="followup")]
    answerable = [replace(item, id=f"a{item.id}") for item in judged(("right", 0.9), ("missed", 0.1))]
    found = ranked_measures([*near, *off, *other, *answerable])
    assert {group: of["AUC"].value for group, of in found.items() if "AUC" in of} == {
        "unanswerable": (1 + 2 + 0) / 6, "off-topic": 1.0, "near-miss": 0.5,
    }  # fmt: skip
    assert found["near-miss"]["AUC"].n == 1


def test_an_equal_score_is_told_apart_by_half() -> None:
    assert figures(("right", 0.5), ("wrong", 0.5), group="unanswerable")["AUC"] == 0.5


@pytest.mark.parametrize("sort", ["1", '""', "[]"])
def test_a_sort_is_a_text(tmp_path: Path, sort: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(f'{{"id": "1", "kind": "unanswerable", "question": "Why?", "sort": {sort}}}')
    with pytest.raises(ReadError, match="line 1: sort is missing, or no text"):
        read_questions(file)


# Thresholds ----------------------------------------------------------------------------------------


def test_risk_and_coverage_at_every_threshold() -> None:
    assert curve(ranked([0.9, 0.5], [0.5, 0.1])) == [
        Point(0.9, 0.25, 0.0), Point(0.5, 0.75, 1 / 3), Point(0.1, 1.0, 0.5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "area"),
    [
        ([4, 3], [2, 1], (0 + 0 + 1 / 3 + 2 / 4) / 4),
        ([2, 1], [4, 3], (1 + 1 + 2 / 3 + 2 / 4) / 4),
        ([1, 1, 1], [1], 1 / 4),  # a score that knows nothing: the share of the wrong
        ([3, 2], [2, 1], (0 + 0.5 / 2 + 1 / 3 + 2 / 4) / 4),  # the second is wrong by half
        ([1], [], 0.0),
    ],
)
def test_the_area_under_the_risk(right: list[float], wrong: list[float], area: float) -> None:
    found = measure(area_under_risk, ranked(right, wrong), 4)
    assert found is not None
    assert found.value == pytest.approx(area)
    assert found.low <= area <= found.high


@pytest.mark.parametrize(
    ("right", "share"),
    [
        (range(100, 200), 0.75),  # six of a hundred may go: everything below 106
        (range(100, 150), 0.5),  # three of fifty: below 103
        (range(100, 110), 0.25),  # none of ten: below 100
        ([100.0] * 100, 0.25),  # equal scores go together
    ],
)
def test_refused_where_six_of_a_hundred_right_ones_are(right: Sequence[float], share: float) -> None:
    found = measure(wrong_refused, ranked(right, [99, 102.5, 105.5, 300]), 4)
    assert found is not None
    assert found.value == share


def test_curves_end_with_what_all_thresholds_share() -> None:
    points = risk_coverage(judged(*WORKED))
    assert [point.threshold for point in points] == [0.9, 0.8, 0.5, 0.2, 0.1]
    assert points[-1] == Point(0.1, 1.0, 2 / 5)
    assert evidence_coverage(judged(*WORKED)) == [Point(0.9, 0.5, 0.0), Point(0.5, 1.0, 0.5)]


# Since an earlier run ------------------------------------------------------------------------------


def test_a_better_order_is_a_difference() -> None:
    then, now = ranked(range(20), range(20)), ranked(range(20, 40), range(20))
    found = change(area_under_risk, now, then, 40)
    assert found is not None
    assert found.then == pytest.approx(0.5)
    assert found.now < 0.2
    assert found.high < 0
    assert found.p < 0.01


def test_the_same_order_is_none() -> None:
    same = ranked([3, 2], [2, 1])
    found = change(area_under_risk, same, same, 4)
    assert found is not None
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_difference_that_hangs_on_one_question_may_be_chance() -> None:
    then, now = ranked([3, 1], [2]), ranked([3, 4], [2])
    found = change(area_under_risk, now, then, 3)
    assert found is not None
    assert found.difference == pytest.approx((0 + 0 + 1 / 3) / 3 - (0 + 1 / 2 + 1 / 3) / 3)
    assert found.p == 1.0


def test_answers_are_compared_where_both_runs_gave_one() -> None:
    then = judged(("right", 0.9), ("unsupported", 0.5), ("missed", 0.2), ("wrong", 0.6))
    now = judged(("right", 0.9), ("unsupported", 0.95), ("unsupported", 0.8), ("rightly refused", 0.1))
    found = ranked_differences(now, then)
    assert found["decision"]["AURC of evidence"].n == 2
    assert found["unanswerable"]["AUC"].then == pytest.approx(1 / 3)
    assert found["unanswerable"]["AUC"].now == 1.0


def test_decisions_are_part_of_a_comparison() -> None:
    now = Evaluation({}, {}, {}, tuple(judged(("right", 0.9), ("rightly refused", 0.1))))
    then = Report(tuple(judged(("right", 0.9), ("wrong", 0.3))), {})
    found = compare(now, then).answers["decision"]
    assert (found["wrong of asked"].then, found["wrong of asked"].now) == (0.5, 0.0)
    assert found["AURC"].difference == 0.0


def test_the_risk_reached_in_words() -> None:
    found = answer_measures(judged(*WORKED))["decision"]
    assert risk_reached(found, "0.1").endswith("of all questions asked (0.00-0.60); risk=0.1 lets 0.1 pass.")
    assert risk_reached({}, "0.1") == ""
