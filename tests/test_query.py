from __future__ import annotations

import pytest

from qa import InvalidInput
from qa.query import check_question, content, is_greeting


def test_content_may_be_a_list_of_parts() -> None:
    assert content({"role": "user", "content": [{"type": "text", "text": "a"}, {"text": "b"}]}) == "a\nb"


@pytest.mark.parametrize(
    "question", ["hello", "Hi there!", "Thanks for your help.", "ok", "no thanks", "???"]
)
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
