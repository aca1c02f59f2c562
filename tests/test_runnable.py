from __future__ import annotations

import asyncio
import functools
import operator
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda, RunnableParallel

from qa import Answer, InvalidInput, Library
from tests.lying import Scripted

QUESTION = "How much faster is SeerAttention than FlashAttention-2?"
OTHER = "What does MuDreamer predict?"
IT = "And how much faster is it?"
HISTORY = [
    {"role": "user", "content": "What does SeerAttention learn?"},
    {"role": "assistant", "content": "SeerAttention learns a gate."},
]


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own, because the browser of other tests keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_it_answers_a_text_or_a_dict(seed_library: Library) -> None:
    runnable = seed_library.as_runnable()
    assert runnable.invoke(QUESTION) == seed_library.answer(QUESTION)
    asked = {"question": IT, "history": HISTORY, "until": "2024-12"}
    expected = seed_library.answer(IT, HISTORY, until="2024-12")
    assert runnable.invoke(asked) == expected
    assert seed_library.as_runnable(until="2024-12").invoke({**asked, "until": None}) != expected


def test_messages_of_langchain_are_a_history(seed_library: Library) -> None:
    messages = [HumanMessage(HISTORY[0]["content"]), AIMessage(HISTORY[1]["content"])]
    asked = {"question": IT, "history": messages}
    assert seed_library.as_runnable().invoke(asked) == seed_library.answer(IT, HISTORY)


def test_batches_give_each_question_its_own_answer(seed_library: Library) -> None:
    runnable = seed_library.as_runnable()
    questions = [QUESTION, OTHER] * 3
    expected = [seed_library.answer(question) for question in questions]
    assert runnable.batch(questions, {"max_concurrency": 4}) == expected
    assert run(runnable.abatch(questions)) == expected
    assert run(runnable.ainvoke(OTHER)) == expected[1]


def test_what_is_streamed_adds_up_to_the_answer(seed_library: Library) -> None:
    runnable = seed_library.as_runnable()

    async def streamed() -> list[Answer]:
        return [piece async for piece in runnable.astream(QUESTION)]

    expected = seed_library.answer(QUESTION)
    for pieces in (list(runnable.stream(QUESTION)), run(streamed())):
        assert len(pieces) > 1
        assert "".join(piece.text for piece in pieces) == expected.text
        assert functools.reduce(operator.add, pieces) == expected


def test_it_stands_in_chains(seed_library: Library) -> None:
    runnable = seed_library.as_runnable()
    text = seed_library.answer(QUESTION).text
    chain = RunnableLambda(lambda asked: asked["q"]) | runnable | (lambda answer: answer.text)
    assert chain.invoke({"q": QUESTION}) == text
    assert "".join(chain.stream({"q": QUESTION})) == text
    both = RunnableParallel(answer=runnable, papers=seed_library.as_retriever(k=1)).invoke(QUESTION)
    assert (both["answer"].text, len(both["papers"])) == (text, 1)


def test_its_input_and_output_have_schemas(seed_library: Library) -> None:
    runnable = seed_library.as_runnable()
    given = runnable.get_input_jsonschema()
    assert [kind.get("type", "Asked") for kind in given["anyOf"]] == ["string", "Asked"]
    assert given["$defs"]["Asked"]["required"] == ["question"]
    answer = runnable.get_output_jsonschema()["$defs"]["Answer"]
    assert {"text", "citations", "confidence"} < answer["properties"].keys()


class Heard(BaseCallbackHandler):
    """What began and ended, and under which name."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[Any] = []

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self.began.append(kwargs["name"])

    def on_chat_model_start(self, serialized: Any, messages: Any, **kwargs: Any) -> None:
        self.began.append("model" if kwargs["parent_run_id"] else "orphan")

    def on_chain_end(self, outputs: Any, **kwargs: Any) -> None:
        self.ended.append(outputs)


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_callbacks_hear_of_the_question_and_of_the_model(seed_library: Library, way: str) -> None:
    heard = Heard()
    with Library(seed_library.path, answerer=Scripted(replies=["It is 5.67x faster [1]."])) as library:
        said = getattr(library.as_runnable(), way)(QUESTION, {"callbacks": [heard], "run_name": "papers"})
        last = said if way == "invoke" else functools.reduce(operator.add, said)
    assert (heard.began, heard.ended) == (["papers", "model"], [last])


def test_leaving_a_stream_stops_the_model(seed_library: Library) -> None:
    model = Scripted(replies=["SeerAttention offers a 5.67x speedup [1]. And so on∞"])
    with Library(seed_library.path, answerer=model) as library:
        pieces = library.as_runnable().stream(QUESTION)
        assert next(pieces).text
        pieces.close()  # type: ignore[attr-defined]
    assert model.stopped.wait(10)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (3, "ask with a text"),
        ({"history": []}, "ask with a text"),
        ({"question": "x", "k": 3}, "a question takes no k: give question, history, since"),
        ("  ", "the question is empty"),
        ({"question": "x", "history": "y"}, "history is a list"),
        ({"question": "x", "since": "soon"}, "is no date"),
    ],
)
def test_another_input_is_refused(seed_library: Library, asked: Any, said: str) -> None:
    for ask in (
        seed_library.as_runnable().invoke,
        lambda asked: list(seed_library.as_runnable().stream(asked)),
    ):
        with pytest.raises(InvalidInput, match=said):
            ask(asked)
    with pytest.raises(InvalidInput, match="is no date"):
        seed_library.as_runnable(since="soon")
