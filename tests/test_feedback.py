"""A word on an answer: kept, its owner's only, and read by `qa eval`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa import Answer, Citation, Paper
from qa.chat.archive import Archive
from qa.chat.conversation import Turn
from qa.chat.feedback import write_questions
from qa.chat.server import kept_folder
from qa.questions import Evidence, Question, read_questions
from tests.pages import QUESTION, Visit, ask

GATE = Paper("gate", "Learned Gates", "We learn a gate.")
RIGHT = Turn("What is learnt?", answer=Answer("", True, "?", (Citation(1, GATE, "We learn a gate.", 0, 16),)))
REFUSAL = Turn("And who?", answer=Answer("No paper says.", False, "?"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(Archive(tmp_path / "kept.sqlite3", "here")) as archive:
        archive.save("ada", "c1", (RIGHT, REFUSAL, RIGHT, Turn("x", note="failed")))
        yield archive


def test_right_answers_are_questions_to_evaluate_by(archive: Archive, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        assert archive.rate("ada", "c1", number, number != 2, "because")
    write_questions(archive, tmp_path / "questions.jsonl")
    first, second = read_questions(tmp_path / "questions.jsonl")
    evidence = (Evidence("Learned Gates", "We learn a gate."),)
    assert first == Question(
        "c1-1", "single", "What is learnt?", relevant=("Learned Gates",), evidence=evidence
    )
    assert (second.kind, len(second.history)) == ("followup", 2)


def test_a_refusal_that_was_right_is_unanswerable(archive: Archive, tmp_path: Path) -> None:
    archive.rate("ada", "c1", 2, True, "")
    write_questions(archive, tmp_path / "questions.jsonl")
    assert [question.kind for question in read_questions(tmp_path / "questions.jsonl")] == ["unanswerable"]


@pytest.mark.parametrize(("owner", "number"), [("eve", 1), ("ada", 0), ("ada", 4), ("ada", 5)])
def test_only_an_answer_of_ones_own_is_rated(archive: Archive, owner: str, number: int) -> None:
    assert not archive.rate(owner, "c1", number, True, "")
    assert archive.found_right() == []


def test_a_second_word_replaces_the_first_and_a_new_answer_takes_it_away(archive: Archive) -> None:
    archive.rate("ada", "c1", 1, False, "")
    archive.rate("ada", "c1", 1, True, "after all")
    assert archive.found_right() == [("c1", 1)]
    archive.save("ada", "c1", (RIGHT,))
    assert archive.found_right() == []


@pytest.mark.browser
def test_a_reader_says_that_an_answer_is_right_and_why(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    page.get_by_text("Yes", exact=True).click()
    page.get_by_label("Why?").fill("the gate")
    page.get_by_label("Why?").press("Enter")
    expect(page.locator(".why")).to_have_text("Thank you. This stays on this server.")
    kept = page.url.rpartition("c=")[2]
    [file] = kept_folder().glob("questions-library-*.jsonl")
    assert f"{kept}-1" in [question.id for question in read_questions(file)]
    page.reload()
    expect(page.locator(".rating")).to_contain_text("You found this right (the gate).")
    page.get_by_text("Change this").click()
    page.get_by_label("Why?").fill("after all not")
    page.get_by_label("Why?").press("Enter")
    expect(page.locator(".why")).to_have_text("Thank you. This stays on this server.")
    page.reload()
    expect(page.locator(".rating")).to_contain_text("You found this wrong (after all not).")


@pytest.mark.browser
def test_what_is_no_rating_is_refused(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "hello")
    where = f"{address}rate/{page.url.rpartition('c=')[2]}/1"
    assert page.request.post(where, data={"good": True, "why": ""}).status == 204
    assert page.request.post(where, data={"good": "yes", "why": ""}).status == 404
    assert page.request.post(where, data="[]").status == 400
    assert page.request.post(where, data={"good": True, "why": "x" * 30_000}).status == 413
    assert visit(address).request.post(where, data={"good": True, "why": ""}).status == 404
