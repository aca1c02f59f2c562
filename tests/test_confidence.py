"""Saying no: the threshold that follows from a risk, the words for a probability, the reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from qa import Answer, InvalidInput, Library
from qa.cli import main
from qa.confidence import check_risk, decide, threshold, word
from qa.scoring import Calibration, Logistic, calibration

# Six questions. Their answers' logits pass at a threshold of -1, 0, 1, 2, 2.5 and 3 for so large a share of
# the sorts without an answer: 1, 2/3, 1/2, 1/3, 1/3 and 0. A quarter of all has no answer, so R is a quarter
# of that, and the bound (6 R + 1) / 7 is 5/14, 2/7, 1/4, 3/14, 3/14 and 1/7.
ANSWERABLE = (2.0, 3.0)
UNANSWERABLE = {"near-miss": (0.0, 1.0), "absent-topic": (-1.0,), "off-topic": (2.5,)}
PLAIN = "How can the KV cache of a language model be made smaller?"
QUESTIONS = (
    PLAIN,
    "How does the length of a chain of thought affect accuracy?",
    "What are the limits of embedding-based retrieval?",
    "Which evaluation metric suits imbalanced classification?",
    "Are larger models easier to poison?",
    "How can quantum error correction be improved with surface codes?",
    "How do I get a red wine stain out of a carpet?",
)


def made(
    answerable: Sequence[float] = ANSWERABLE, unanswerable: Mapping[str, tuple[float, ...]] = UNANSWERABLE
) -> Calibration:
    """A calibration over one value, which is the logit itself."""
    itself, never = Logistic((1.0,), 0.0), Logistic((0.0,), -9.0)
    reasons = {"not-stated": Logistic((1.0,), 0.0), "nothing-near": never, "not-about-papers": never}
    return Calibration("v", itself, itself, reasons, tuple(answerable), unanswerable)


# The threshold ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("risk", "least"),
    [
        (1.0, -math.inf),
        (5 / 14 + 1e-9, -math.inf),
        (5 / 14 - 1e-9, 0.0),
        (2 / 7 - 1e-9, 1.0),
        (1 / 4 - 1e-9, 2.0),
        (3 / 14 - 1e-9, 3.0),
        (1 / 7 - 1e-9, math.inf),
    ],
)
def test_the_threshold_is_the_lowest_that_keeps_the_promise(risk: float, least: float) -> None:
    assert threshold(made(), risk) == least


def test_a_lower_risk_never_lowers_the_threshold() -> None:
    for with_reader in (True, False):
        found = [threshold(calibration(with_reader), risk) for risk in np.linspace(1, 0.0005, 60)]
        assert found == sorted(found)
        assert (found[0], found[-1]) == (-math.inf, math.inf)


def test_a_higher_logit_of_a_wrong_answer_never_lowers_the_threshold() -> None:
    for risk in (0.2, 0.25, 0.3, 0.4):
        worse = {**UNANSWERABLE, "absent-topic": (2.8,)}
        assert threshold(made(unanswerable=worse), risk) >= threshold(made(), risk)


def test_the_calibration_that_travels_lets_the_usual_risk_pass_and_still_answers() -> None:
    for with_reader in (True, False):
        weights = calibration(with_reader)
        least = threshold(weights, 0.1)
        passing = [np.mean(np.array(logits) >= least) for logits in weights.unanswerable.values()]
        assert np.mean(passing) / 4 <= 0.1
        assert np.mean(np.array(weights.answerable) >= least) >= 0.5


def test_a_decision_is_a_probability_and_either_a_word_or_a_reason() -> None:
    yes, no = decide(np.array([2.0]), made(), 0.24), decide(np.array([1.9]), made(), 0.24)
    assert (yes.confidence, yes.reason) == ("medium", None)
    assert (no.confidence, no.reason) == ("none", "not-stated")
    assert [yes.score, no.score] == pytest.approx([0.8808, 0.8699], abs=1e-4)


def test_the_reason_is_the_likeliest() -> None:
    assert decide(np.array([-20.0]), made(), 0.25).reason == "nothing-near"


@pytest.mark.parametrize(
    ("score", "said"), [(1.0, "high"), (0.9, "high"), (0.89, "medium"), (0.75, "medium"), (0.74, "low")]
)
def test_a_probability_in_a_word(score: float, said: str) -> None:
    assert word(score) == said


@pytest.mark.parametrize("risk", [0, -0.1, 1.01, math.nan, math.inf, "0.1", True, None])
def test_a_risk_that_is_no_share_is_refused_in_one_line(risk: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Library("never made", risk=risk)
    assert str(refusal.value) == f"risk is {risk!r}: give the share of wrong answers that may pass, as 0.1"


def test_a_risk_is_a_share_up_to_all() -> None:
    assert [check_risk(risk) for risk in (0.001, 1)] == [0.001, 1.0]


def test_the_command_line_tells_a_wrong_risk_in_one_line() -> None:
    done = CliRunner().invoke(main, ["ask", "x", "--risk", "2"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "qa: risk is 2.0: give the share of wrong answers that may pass, as 0.1\n"


# Through the library ---------------------------------------------------------------------------------


def answered_at(library: Library, risk: float, *, reader: bool = True) -> set[str]:
    with Library(library.path, risk=risk, reader=reader) as asked:
        return {question for question in QUESTIONS if asked.answer(question).answered}


@pytest.mark.parametrize("reader", [True, False])
def test_a_lower_risk_refuses_more(seed_library: Library, reader: bool) -> None:
    found = [answered_at(seed_library, risk, reader=reader) for risk in (1, 0.2, 0.05, 0.0001)]
    assert found[0] == set(QUESTIONS)
    assert found[0] > found[1] >= found[2] >= found[3] == set()


OFF_TOPIC = ("How do I bake sourdough bread?", "Who is the president of France?")
ABSENT = (
    "How can a lidar sensor detect pedestrians in heavy fog?",
    "How do convolutional networks find oil wells in seismic images?",
)
NOT_STATED = {
    "On how many GPUs was Moshi trained?": "Moshi: a speech-text foundation model",
    "Which license is netFound released under?": "netFound: Foundation Model",
}


@pytest.fixture(scope="module")
def refusals(seed_library: Library) -> dict[str, Answer]:
    return {question: seed_library.answer(question) for question in (*OFF_TOPIC, *ABSENT, *NOT_STATED)}


def test_a_refusal_names_the_nearest_papers_and_cites_none(refusals: dict[str, Answer]) -> None:
    for answer in refusals.values():
        assert (answer.answered, answer.citations, answer.confidence) == (False, (), "none")
        assert answer.nearest == tuple(hit.paper for hit in answer.hits[:3])
        assert all(paper.title in answer.text for paper in answer.nearest)
        assert 0 <= answer.score < 0.5


def test_a_question_of_another_field_is_none_about_papers(refusals: dict[str, Answer]) -> None:
    assert {refusals[question].reason for question in OFF_TOPIC} == {"not-about-papers"}


def test_a_subject_of_no_paper_is_near_to_nothing(refusals: dict[str, Answer]) -> None:
    assert {refusals[question].reason for question in ABSENT} == {"nothing-near"}


def test_a_detail_that_an_abstract_does_not_give_is_not_stated(refusals: dict[str, Answer]) -> None:
    for question, title in NOT_STATED.items():
        answer = refusals[question]
        assert answer.reason == "not-stated"
        assert answer.nearest[0].title.startswith(title)
        assert f"The nearest paper is {title}" in answer.text


@pytest.fixture
def without(seed_library: Library) -> Iterator[Library]:
    with Library(seed_library.path, reader=False) as library:
        yield library


def test_without_the_reader_questions_are_answered_and_refused(without: Library) -> None:
    answer = without.answer(PLAIN)
    assert answer.answered
    assert "reader" not in answer.versions
    assert answer.versions["calibration"] == calibration(False).version
    assert without.answer(OFF_TOPIC[0]).reason == "not-about-papers"


def test_an_answer_names_the_reader_and_the_calibration(seed_library: Library) -> None:
    versions = seed_library.answer(PLAIN).versions
    assert versions["reader"].startswith("reader ")
    assert versions["calibration"] == calibration(True).version


@pytest.mark.parametrize("reader", [True, False])
@pytest.mark.parametrize("question", [PLAIN, "What does SeerAttention learn?", OFF_TOPIC[0]])
def test_courtesy_is_no_evidence(seed_library: Library, question: str, reader: bool) -> None:
    small = question[0].lower() + question[1:]
    polite = (
        f"Hello! Could you please tell me: {small} Thanks!",
        "Good morning, I hope that you are well. I have a little question for you, if you have a moment: "
        f"{small} Many thanks in advance for your kind help.",
    )
    with Library(seed_library.path, reader=reader) as library:
        plain = library.answer(question)
        for asked in map(library.answer, polite):
            assert abs(asked.score - plain.score) < 0.02
            assert (asked.answered, asked.reason, asked.citations) == (
                plain.answered,
                plain.reason,
                plain.citations,
            )


@pytest.mark.parametrize("question", [PLAIN, OFF_TOPIC[0]])
def test_length_is_no_evidence(seed_library: Library, question: str) -> None:
    story = "I have been wondering about this since last week, when a colleague brought it up over lunch. "
    short, long = seed_library.answer(question), seed_library.answer(f"{story}{question}")
    assert abs(short.score - long.score) < 0.5


def test_a_follow_up_is_as_sure_as_the_question_that_it_stands_for(seed_library: Library) -> None:
    question = "What are the limits of embedding-based retrieval?"
    said = seed_library.answer(question).text
    history = [{"role": "user", "content": question}, {"role": "assistant", "content": said}]
    after = seed_library.answer("on which GPUs did they run it?", history)
    assert (
        after.question
        == "on which GPUs did they run it? (On the Theoretical Limitations of Embedding-Based Retrieval)"
    )
    assert after.score == pytest.approx(seed_library.answer(after.question).score, abs=0.01)
    assert (after.answered, after.reason) == (False, "not-stated")
