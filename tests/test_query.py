from __future__ import annotations

import pytest

from qa import InvalidInput
from qa.query import Message, check_question, content, is_greeting, stand_alone

ASKED = "What does SeerAttention learn?"
HISTORY: list[Message] = [
    {"role": "user", "content": ASKED},
    {"role": "assistant", "content": "According to SeerAttention: it learns a gate."},
]


@pytest.mark.parametrize(
    "question",
    [
        "and how much faster is it?",
        "what about images?",
        "results on gsm8k?",
        "who wrote it?",
        "does that help?",
    ],
)
def test_a_question_that_leans_is_completed_with_the_paper_spoken_of(question: str) -> None:
    assert stand_alone(question, HISTORY, ["SeerAttention"]).text == f"{question} (SeerAttention)"


def test_a_question_about_several_papers_is_completed_with_what_was_asked() -> None:
    question = "which of them use simulations?"
    assert stand_alone(question, HISTORY, ["One", "Another"]).text == f"{question} ({ASKED})"


def test_without_a_known_paper_the_earlier_question_completes_it() -> None:
    assert stand_alone("and how much faster is it?", HISTORY).text == f"and how much faster is it? ({ASKED})"


@pytest.mark.parametrize(
    "question",
    [
        "Which papers poison the long-term memory of an agent with hidden triggers?",
        "If you rename the symbols in a rule-based puzzle, do language models still solve it later?",
        "How are galaxies that formed early explained without changing star formation?",
    ],
)
def test_a_new_topic_is_left_alone(question: str) -> None:
    assert stand_alone(question, HISTORY, ["SeerAttention"]).text == question


def test_an_announced_change_of_topic_is_one_however_it_points_back() -> None:
    assert (
        stand_alone("Different topic: how fast is it?", HISTORY, ["SeerAttention"]).text == "how fast is it?"
    )


def test_the_first_question_of_a_conversation_stands_alone() -> None:
    assert stand_alone("how fast is it?").text == "how fast is it?"


def test_content_may_be_a_list_of_parts() -> None:
    assert content({"role": "user", "content": [{"type": "text", "text": "a"}, {"text": "b"}]}) == "a\nb"


@pytest.mark.parametrize("question", ["hello", "Hi there!", "Thanks for your help.", "ok", "???"])
def test_a_greeting_asks_nothing(question: str) -> None:
    assert is_greeting(question)


@pytest.mark.parametrize(
    "question", ["test-time scaling", "help with distillation", "hi, what is a GFlowNet?"]
)
def test_a_question_that_begins_like_a_greeting_is_a_question(question: str) -> None:
    assert not is_greeting(question)


def test_control_and_direction_characters_are_not_searched_for() -> None:
    assert check_question("KV\u00a0cache\x00\n of\u202e LLMs ") == "KV cache of LLMs"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (" \n", "the question is empty"),
        ("\x00\x1b", "the question is empty"),
        ("x" * 100_000, "100,000 characters"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(question: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as error:
        check_question(question)
    assert "\n" not in str(error.value)
