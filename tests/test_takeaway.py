"""Answers taken away: Markdown, plain text, BibTeX, RIS and JSON."""

from __future__ import annotations

import json
import warnings

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from playwright.sync_api import expect

from qa import Answer, Citation, Library, Paper
from qa.chat.conversation import Turn
from qa.chat.references import reference
from qa.chat.takeaway import FORMATS, as_json, bibtex, markdown, plain, ris
from tests.pages import QUESTION, Visit, ask

GATE = Paper(
    "gate",
    "Learned Gates",
    "We learn a gate. It is *7.3* times faster.",
    authors=("Ada Lovelace", "Emmy Noether"),
    published="2025-03-18",
    url="https://example.org/gate",
)
BARE = Paper("bare", "A [Bare](javascript:x) Title", "")
ANSWER = Answer(
    "Two:\n- Learned Gates (2025): “It is *7.3* times faster.” [1]\n"
    "- its title: “A [Bare](javascript:x) Title” [2]",
    True,
    "How fast?",
    (Citation(1, GATE, "It is *7.3* times faster.", 17, 42), Citation(2, BARE, BARE.title, 0, 0, "title")),
    notes=("Found in 2 papers.",),
)
TURNS = (Turn("How fast? #1", answer=ANSWER), Turn("hello", answer=Answer("Hello!", False, "hello")))


def test_markdown_has_the_references_with_their_quotes() -> None:
    assert markdown(TURNS) == (
        "## How fast? \\#1\n\n"
        "Two:\n- Learned Gates (2025): “It is \\*7.3\\* times faster.” [1]\n"
        "- its title: “A \\[Bare\\](javascript:x) Title” [2]\n\n"
        "Found in 2 papers.\n\n"
        "### References\n\n"
        "[1] Ada Lovelace, Emmy Noether. Learned Gates. 2025-03-18. https://example.org/gate\n\n"
        "> “It is \\*7.3\\* times faster.”\n\n"
        "[2] A \\[Bare\\](javascript:x) Title\n\n"
        "> title: “A \\[Bare\\](javascript:x) Title”\n\n"
        "## hello\n\nHello!\n"
    )


def test_plain_text_says_the_same_without_marks() -> None:
    assert plain(TURNS[1:]) == "hello\n\nHello!\n"
    assert "[2] A [Bare](javascript:x) Title\n\n> title: “A [Bare]" in plain(TURNS)


def test_bibtex_and_ris_hold_each_cited_paper_once_and_import_without_a_warning() -> None:
    twice = TURNS + TURNS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parsed, entries = parse_string(bibtex(twice)), rispy.loads(ris(twice))
    assert not parsed.failed_blocks
    assert [entry["title"] for entry in parsed.entries] == ["Learned Gates", "A [Bare](javascript:x) Title"]
    assert [entry["title"] for entry in entries] == ["Learned Gates", "A [Bare](javascript:x) Title"]
    assert "doi" not in parsed.entries[0]


def test_json_holds_what_ask_prints() -> None:
    turns = json.loads(as_json(TURNS))["turns"]
    assert turns[0] == {"question": "How fast? #1", "said": "", "note": "", "answer": ANSWER.to_dict()}


def test_a_turn_without_an_answer_says_why() -> None:
    assert markdown((Turn("a", note="no library"),)) == "## a\n\nno library\n"


@pytest.mark.parametrize(
    ("paper", "line"),
    [
        (Paper("a", "One\ntwo.", ""), "One two"),
        (
            Paper("a", "T", "", organisation="ACME", venue="V", doi="10.1/x"),
            "ACME. T. V. https://doi.org/10.1/x",
        ),
        (Paper("a", "T", "", author_count=3, url="javascript:x"), "T"),
    ],
)
def test_a_reference_holds_what_is_known(paper: Paper, line: str) -> None:
    assert reference(paper) == line


@pytest.mark.browser
def test_the_copy_link_copies_the_answer_with_its_references(
    address: str, visit: Visit, seed_library: Library
) -> None:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    ask(page, QUESTION)
    page.get_by_text("Copy with references").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    answer = seed_library.answer(QUESTION)
    assert copied == plain((Turn(QUESTION, answer=answer),))
    assert f"[1] {answer.citations[0].paper.title}\n\n> “{answer.citations[0].quote}”\n" in copied


@pytest.mark.browser
@pytest.mark.parametrize("ending", ["md", "bib", "ris", "json"])
def test_each_format_downloads(address: str, visit: Visit, ending: str, seed_library: Library) -> None:
    page = visit(address)
    ask(page, QUESTION)
    with page.expect_download() as download:
        page.locator(".take").get_by_text(FORMATS[ending][0], exact=True).click()
    turns = (Turn(QUESTION, answer=seed_library.answer(QUESTION)),)
    assert download.value.suggested_filename == f"what-does-seerattention-learn.{ending}"
    assert download.value.path().read_text(encoding="utf-8") == FORMATS[ending][2](turns)


@pytest.mark.browser
def test_there_is_no_such_file_as_one_that_nobody_offers(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "hello")
    expect(page.locator(".take a")).to_have_text(["Copy with references", "Markdown", "JSON"])
    kept = page.url.rpartition("c=")[2]
    for name, status in (("1.md", 200), ("2.md", 404), ("0.md", 404), ("1.exe", 404), ("all.json", 200)):
        assert page.request.get(f"{address}take/{kept}/{name}").status == status
