"""Asking on: suggestions, and a question that is changed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from qa import Answer, Citation, Hit, Paper, Passage
from qa.chat.suggestions import suggestions
from tests.pages import QUESTION, Visit, ask, send

GATE, FLOW, BARE = (Paper("g", "Gate", "A gate."), Paper("f", "Flow", "A flow."), Paper("b", "Bare", ""))
HITS = tuple(Hit(paper, 1.0, Passage(paper.id, "", 0, 0)) for paper in (GATE, BARE, FLOW))
CITED = (Citation(1, GATE, "A gate.", 0, 7),)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (
            Answer("", True, "?", CITED, HITS),
            ["What results does “Gate” report?", "What does “Flow” propose?"],
        ),
        (Answer("", True, "What results does “Gate” report?", CITED, HITS), ["What does “Flow” propose?"]),
        (Answer("", False, "?", hits=HITS, nearest=(FLOW, BARE)), ["What is “Flow” about?"]),
        (Answer("Hello!", False, "hello"), []),
    ],
)
def test_suggestions_are_about_the_papers_that_were_found(answer: Answer, asked: list[str]) -> None:
    assert suggestions(answer) == asked


@pytest.mark.browser
def test_each_suggestion_gets_an_answer_from_its_paper(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    for turn in (2, 3):
        suggested = page.locator(".options .option").last
        question = suggested.text_content() or ""
        suggested.click()
        expect(page.locator(".question")).to_have_count(turn)
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        title = page.locator(".turn").last.locator(".card .title").first.text_content() or "?"
        assert title in question


@pytest.mark.browser
def test_a_changed_question_takes_the_place_of_the_last_one(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    ask(page, "hello")
    page.get_by_role("button", name="Edit the question").click()
    expect(page.locator("#question textarea")).to_have_value("hello")
    send(page, "How much faster is SeerAttention than FlashAttention-2?")
    expect(page.locator(".question")).to_have_text(
        [QUESTION, "How much faster is SeerAttention than FlashAttention-2?"]
    )
    expect(page.locator("#t2-m1")).to_be_visible()
    page.reload()
    expect(page.locator(".question").last).to_have_text(
        "How much faster is SeerAttention than FlashAttention-2?"
    )
