from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest

from qa.followup import Named, asks_nothing, stand_alone
from qa.lexical import Lexical
from qa.mentions import papers_named
from qa.paper import Paper
from qa.query import Message, StandAlone

GATE = Paper(
    "gate",
    "SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs",
    "A learnable gate selects the significant blocks of the attention map.",
    arxiv_id="2410.13276",
)
POISON = Paper(
    "poison",
    "AgentPoison: Red-teaming LLM Agents via Poisoning Memory",
    "An agent's memory is poisoned with an optimised trigger.",
)
DRAFT = Paper(
    "draft",
    "Falcon: Faster Inference through Semi-Autoregressive Drafting",
    "Blocks of tokens are drafted and verified in a decoding tree.",
)
POINTER = Paper("pointer", "Pointer Networks", "A net whose output points at its input.")
PLAIN = Paper("plain", "Attention", "A study of what people attend to.")
PAPERS = {paper.id: paper for paper in (GATE, POISON, DRAFT, POINTER, PLAIN)}

ASKED = "What does SeerAttention learn?"
LIST = "These papers bear on it:\n" + "\n".join(
    f"- {paper.title} (2024): “Quoted, as in Pointer Networks (2015).” [{number}]"
    for number, paper in enumerate((GATE, POISON, DRAFT), 1)
)


@pytest.fixture(scope="module")
def named() -> Named:
    lexical = Lexical(None)
    lexical.write("now", PAPERS.values())
    return functools.partial(papers_named, lexical=lexical, papers=PAPERS)


def talk(*turns: str) -> list[Message]:
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(turns)]


ONE = talk(ASKED, "SeerAttention learns a gate.")
SEVERAL = talk("which papers deal with speed?", LIST)


@pytest.mark.parametrize(
    "question",
    [
        "and how much faster is it?",
        "what about images?",
        "results on gsm8k?",
        "who wrote it?",
        "does that help?",
        "how many weights does that add?",
        "which datasets?",
        "does the gate need labels?",
    ],
)
def test_a_question_that_leans_is_completed_with_the_paper_spoken_of(question: str, named: Named) -> None:
    meant = stand_alone(question, ONE, named)
    assert (meant.text, meant.papers) == (f"{question} ({GATE.title})", ("gate",))


@pytest.mark.parametrize(
    "question",
    [
        "what is DPO?",
        "papers on unlearning",
        "Is there a paper on pedestrian crossings?",
        "Can a language model check its own answers?",
        "How are galaxies that formed early explained without changing star formation?",
        "If you rename the symbols in a rule-based puzzle, do language models still solve it later?",
    ],
)
def test_a_new_topic_is_left_alone(question: str, named: Named) -> None:
    assert stand_alone(question, ONE, named) == StandAlone(question, question)


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("what does the second one do?", ("poison",)),
        ("and the last of these?", ("draft",)),
        ("compare the first two", ("gate", "poison")),
        ("what does [2] say?", ("poison",)),
        ("which of them use simulations?", ("gate", "poison", "draft")),
        ("the newest of these?", ("gate", "poison", "draft")),
        ("do any of those use diffusion?", ("gate", "poison", "draft")),
    ],
)
def test_a_choice_from_a_list_is_asked_of_those_papers_only(
    question: str, papers: tuple[str, ...], named: Named
) -> None:
    meant = stand_alone(question, SEVERAL, named)
    assert (meant.papers, meant.among) == (papers, True)


def test_it_after_a_choice_is_the_paper_chosen(named: Named) -> None:
    chosen = [*SEVERAL, *talk("what does the second one do?", "It poisons the memory.")]
    assert stand_alone("how well does it work?", chosen, named).papers == ("poison",)
    assert stand_alone("and the third?", chosen, named).papers == ("draft",)


def test_the_same_is_asked_of_another_paper(named: Named) -> None:
    history = talk("How fast is SeerAttention?", "SeerAttention is 5 times faster.")
    meant = stand_alone("what about AgentPoison?", history, named)
    assert (meant.text, meant.papers) == (f"How fast is {POISON.title}?", ("poison",))


def test_a_conversation_goes_back_to_where_it_began(named: Named) -> None:
    history = [*ONE, *talk("how can memory be poisoned?", "AgentPoison does it.")]
    assert stand_alone("back to the first paper: how fast is it?", history, named).papers == ("gate",)


def test_thanks_leaves_what_is_spoken_of_as_it_is(named: Named) -> None:
    history = [*ONE, *talk("thanks", "Ask me about the papers.")]
    assert stand_alone("who wrote it?", history, named).papers == ("gate",)


def test_yes_takes_what_was_offered(named: Named) -> None:
    history = talk(ASKED, "SeerAttention learns a gate. Would you like to know how it was trained?")
    assert stand_alone("yes please", history, named).text == f"how it was trained ({GATE.title})"


@pytest.mark.parametrize(
    ("said", "nothing"),
    [("It learns a gate.", True), ("A gate. Shall I tell you about its training?", False)],
)
def test_ok_asks_for_what_was_offered_and_else_for_nothing(said: str, nothing: bool) -> None:
    assert asks_nothing("ok", talk(ASKED, said)) is nothing


def test_yes_to_nothing_asks_nothing() -> None:
    assert asks_nothing("yes", [])


def test_two_papers_named_are_compared_with_each_other(named: Named) -> None:
    meant = stand_alone("is it faster than AgentPoison?", ONE, named)
    assert (meant.papers, meant.among) == (("gate", "poison"), True)


def test_a_question_that_names_its_own_paper_is_not_drawn_to_another(named: Named) -> None:
    question = "which trigger does AgentPoison use and how is it optimised?"
    meant = stand_alone(question, ONE, named)
    assert (meant.text, meant.papers, meant.leans) == (question, ("poison",), False)


def test_other_papers_are_sought_on_the_same_subject(named: Named) -> None:
    meant = stand_alone("are there similar papers?", ONE, named)
    assert (meant.text, meant.papers) == (f"are there similar papers? ({ASKED})", ())


def test_questions_of_others_are_left_alone_in_any_conversation(named: Named) -> None:
    lines = (Path(__file__).parent / "data" / "dev.jsonl").read_text().splitlines()
    asked = [question["question"] for question in map(json.loads, lines) if not question.get("history")]
    drawn = [question for question in asked if stand_alone(question, SEVERAL, named).text != question]
    assert len(drawn) <= 0.02 * len(asked), drawn


def test_more_is_asked_of_the_paper_spoken_of(named: Named) -> None:
    assert stand_alone("tell me more", ONE, named).text == f"tell me more about {GATE.title}"


def test_without_a_known_paper_the_earlier_question_completes_it(named: Named) -> None:
    history = talk("How is music made?", "By composing.")
    assert (
        stand_alone("and how fast is it?", history, named).text == "and how fast is it? (How is music made?)"
    )


def test_an_announced_change_of_topic_is_one_however_it_points_back(named: Named) -> None:
    assert stand_alone("Different topic: how fast is it?", ONE, named).text == "how fast is it?"


def test_the_first_question_of_a_conversation_stands_alone(named: Named) -> None:
    assert stand_alone("how fast is it?", [], named) == StandAlone("how fast is it?", "how fast is it?")


@pytest.mark.parametrize(
    ("text", "papers"),
    [
        ("seerattention is quick, see “Pointer Networks”", ["gate", "pointer"]),
        ("Red-Teaming LLM agents via poisoning memory is a paper", ["poison"]),
        ("https://arxiv.org/abs/2410.13276v2", ["gate"]),
        ("Falcon drafts blocks of tokens and verifies them", ["draft"]),
        ("A falcon flies.", []),
        ("Attention matters in sparse attention.", []),
        ("pointer networks are used", []),
        (LIST, ["gate", "poison", "draft"]),
    ],
)
def test_a_paper_is_spoken_of_by_title_name_or_identifier(text: str, papers: list[str], named: Named) -> None:
    assert [paper.id for paper in named(text)] == papers
