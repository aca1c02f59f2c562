"""The chat page in a real browser over a real server, and its endpoint for programs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect

from qa import InvalidInput, Library, LibraryEmpty, Paper, QAError
from qa.chat import check_address, serve
from qa.chat.suggestions import EXAMPLES
from qa.paper import Event
from tests.pages import QUESTION, Slow, Visit, ask, free_port, send, served

if TYPE_CHECKING:
    from gradio_client import Client

ONE_MORE = """list
Fatigue of steel bridges
Steel bridges fail by fatigue. A network of sensors finds cracks early, before an inspection would. \
It costs a tenth of an inspection, and it has found every crack in the three bridges that we watched \
for years.
"""


@pytest.mark.browser
def test_a_marker_leads_to_the_sentence_marked_inside_its_abstract(
    address: str, visit: Visit, seed_library: Library
) -> None:
    page = visit(address)
    ask(page, QUESTION)
    page.locator(".said .marker").first.click()
    sentence = page.locator("#t1-s1")
    expect(sentence).to_be_in_viewport()
    expect(page.locator(".card[open]")).to_have_count(1)
    abstracts = {paper.abstract for paper in seed_library.papers()}
    assert page.locator(".card[open] .abstract").text_content() in abstracts
    assert f"“{sentence.text_content()}”" in (page.locator(".said").text_content() or "")


@pytest.mark.browser
def test_what_was_understood_is_shown_and_can_be_taken_off(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "what is the newest paper about Mamba?")
    expect(page.locator(".chip")).to_have_text(["about Mamba", "newest"])
    page.locator(".understood .off").click()
    expect(page.locator(".chip")).to_have_count(0, timeout=20_000)
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".said")).to_contain_text("MemMamba")
    expect(page.get_by_role("button", name="Ask without filters")).to_have_count(0)


@pytest.mark.browser
def test_the_question_that_was_searched_for_is_shown(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "when was MuDreamer published?")
    expect(page.locator(".searched")).to_have_count(0)
    ask(page, "who wrote it?")
    expect(page.locator(".searched")).to_contain_text("Searched for: who wrote it? (MuDreamer")


@pytest.mark.browser
def test_an_open_page_answers_from_papers_that_a_terminal_adds(visit: Visit, tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.add([Paper("deserts", "Dunes of the desert", "Dunes move with the wind.")])
        (tmp_path / "list.txt").write_text(ONE_MORE, encoding="utf-8")
        with served(library) as url:
            page = visit(url)
            command = ["add", tmp_path / "list.txt", "--library", library.path]
            subprocess.run([sys.executable, "-m", "qa", *map(str, command)], check=True, capture_output=True)
            ask(page, "Who finds cracks in steel bridges early?")
            expect(page.locator(".card .title").first).to_have_text("Fatigue of steel bridges")


@pytest.mark.browser
def test_nothing_is_asked_of_another_host(address: str, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    ask(page, QUESTION)
    page.close()
    assert asked
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize("number", range(4))
def test_each_example_gets_an_answer_that_cites_its_paper(address: str, visit: Visit, number: int) -> None:
    question, title = EXAMPLES[number]
    page = visit(address)
    page.get_by_text(question, exact=True).click()
    expect(page.locator(".question")).to_have_text(question)
    expect(page.locator(".card .number").first).to_be_visible()
    assert title in page.locator(".sources > .card .title").all_text_contents()


@pytest.mark.browser
def test_the_page_says_what_it_answers_from(address: str, visit: Visit) -> None:
    expect(visit(address).locator("#about")).to_contain_text("335 papers in this library.")


@pytest.mark.browser
@pytest.mark.parametrize("question", ["hello", "How many cats live in Rome?"])
def test_a_greeting_and_a_no_have_no_cards(address: str, visit: Visit, question: str) -> None:
    page = visit(address)
    ask(page, question)
    expect(page.locator(".said")).not_to_be_empty()
    expect(page.locator(".card, .found, .marker")).to_have_count(0)


@pytest.mark.browser
def test_markers_of_two_turns_lead_to_their_own_cards(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    ask(page, "How does the Softplus attention help with length extrapolation?")
    first, second = page.locator(".turn").nth(0), page.locator(".turn").nth(1)
    for turn in (second, first):
        turn.locator(".marker").first.click()
        expect(turn.locator("mark.lit")).to_be_in_viewport()
        expect(page.locator("mark.lit")).to_have_count(1)
    assert (
        first.locator(".card .title").first.text_content()
        != second.locator(".card .title").first.text_content()
    )


@pytest.mark.browser
def test_a_marker_works_by_keyboard_and_leads_back(address: str, visit: Visit) -> None:
    page = visit(address + "?__theme=dark", viewport={"width": 390, "height": 844})
    ask(page, QUESTION)
    page.locator("#t1-m1").press("Enter")
    expect(page.locator("#t1-s1")).to_be_focused()
    page.locator(".card[open] .back").press("Enter")
    expect(page.locator("#t1-m1")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_ask_again_answers_the_last_question_in_its_place(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".marker").first).to_be_visible()
    expect(page.locator(".question")).to_have_text([QUESTION])
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".question")).to_have_count(0)
    expect(page.get_by_text(EXAMPLES[0][0])).to_be_visible()


@pytest.mark.browser
def test_an_empty_question_is_met_with_a_sentence(address: str, visit: Visit) -> None:
    page = visit(address)
    send(page, "   ")
    expect(page.locator("#notice")).to_contain_text("Type a question first")
    expect(page.locator(".question, .toast-body")).to_have_count(0)


@pytest.mark.browser
def test_a_question_that_is_too_long_gets_one_line(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "why " * 3_000)
    expect(page.locator(".note")).to_contain_text("10,000")
    expect(page.locator(".toast-body")).to_have_count(0)
    ask(page, QUESTION)
    expect(page.locator(".marker").first).to_be_visible()


@pytest.mark.browser
def test_two_visitors_do_not_see_each_other(address: str, visit: Visit) -> None:
    here, there = visit(address), visit(address)
    ask(here, QUESTION)
    ask(there, "hello")
    expect(here.locator(".question")).to_have_text([QUESTION])
    expect(there.locator(".question")).to_have_text(["hello"])


@pytest.mark.browser
def test_stop_keeps_what_was_said_and_the_page_goes_on(visit: Visit) -> None:
    library = Slow()
    with served(library) as url:
        page = visit(url)
        send(page, "a?")
        expect(page.locator(".said")).to_have_text("One sentence.")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".note")).to_contain_text("Stopped.")
        library.go_on.set()
        ask(page, "b?")
        expect(page.locator(".said")).to_have_text(["One sentence.", "One sentence. Another."])
    said = [{"role": "user", "content": "a?"}, {"role": "assistant", "content": "One sentence. "}]
    assert library.asked == [("a?", []), ("b?", said)]


@pytest.mark.browser
def test_a_conversation_that_was_left_is_not_shown_again(visit: Visit) -> None:
    library = Slow()
    with served(library) as url:
        page = visit(url)
        send(page, "a?")
        expect(page.locator(".said")).to_have_text("One sentence.")
        # As somebody does who was quicker than the page that greys the button out.
        page.evaluate("document.getElementById('fresh').disabled = false")
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".question")).to_have_count(0)
        library.go_on.set()
        ask(page, "b?")
        expect(page.locator(".question")).to_have_text(["b?"])


@pytest.mark.browser
def test_a_question_typed_during_an_answer_waits_in_the_box(visit: Visit) -> None:
    library = Slow()
    with served(library) as url:
        page = visit(url)
        send(page, "a?")
        expect(page.locator(".said")).to_have_text("One sentence.")
        send(page, "b?")
        expect(page.locator("#notice")).to_contain_text("One answer at a time")
        library.go_on.set()
        expect(page.locator(".said")).to_have_text(["One sentence. Another."])
        expect(page.locator("#question textarea")).to_have_value("b?")


class Failing(Slow):
    """Has nothing to answer from."""

    def stream(
        self, question: str, history: Any = (), *, parse: bool = True, answerer: Any = None
    ) -> Iterator[Event]:
        raise LibraryEmpty("the library <here> is empty: add papers with `qa add`")


@pytest.mark.browser
def test_an_error_is_one_line_in_the_conversation(visit: Visit) -> None:
    with served(Failing()) as url:
        page = visit(url)
        ask(page, "a?")
        expect(page.locator(".note")).to_have_text("the library <here> is empty: add papers with `qa add`")
        expect(page.locator(".toast-body")).to_have_count(0)


HOSTILE = (
    "<script>window.broken = 1</script><img src=x onerror='window.broken = 2'> Zebra ${window.broken = 3}"
    " {{window.broken = 4}} costs *a* _b_ `c` $x_1$ $$y$$ \\(z\\) [7] [1](javascript:alert(1)) <b>bold</b>."
)
SHOWN = HOSTILE.replace("$x_1$ $$y$$ \\(z\\)", "x1 y z")  # formulas are drawn


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Library]:
    """Papers whose text tries to be more than text."""
    with Library(tmp_path / "hostile") as library:
        plain = Paper(
            id="p", title="Plain stripes", abstract="Stripes of the plain zebra are black and white."
        )
        library.add([Paper(id="h", title=f"Zebra {HOSTILE}", abstract=HOSTILE, authors=(HOSTILE,)), plain])
        yield library


@pytest.mark.browser
def test_text_of_a_paper_shows_as_it_stands_and_does_nothing(visit: Visit, hostile: Library) -> None:
    with served(hostile) as url:
        page = visit(url)
        ask(page, "What does the zebra cost?")
        page.evaluate("document.querySelectorAll('details').forEach((card) => (card.open = true))")
        expect(page.locator(".card .abstract", has_text="<script>")).to_have_text(SHOWN)
        assert SHOWN in (page.locator(".said").text_content() or "")
        assert page.evaluate("window.broken") is None
        expect(page.locator("#conversation :is(script, img, b, em, strong, code, .katex)")).to_have_count(0)
        numbers = page.locator(".marker").all_text_contents()
        assert numbers == [f"[{number}]" for number in range(1, len(numbers) + 1)]


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    from gradio_client import Client  # only after qa, which tells the hub's client to stay offline

    with closing(Client(address, verbose=False, analytics_enabled=False)) as client:
        yield client


def test_a_program_sees_the_answer_grow_and_gets_the_whole_of_it(
    client: Client, seed_library: Library
) -> None:
    job = client.submit(QUESTION, [], api_name="/ask")
    whole = job.result(timeout=60)
    pieces = [piece["text"] for piece in job.outputs()]
    assert len(pieces) > 1
    assert all(later.startswith(earlier) for earlier, later in pairwise(pieces))
    assert whole == seed_library.answer(QUESTION).to_dict()


def test_a_program_is_told_what_is_wrong(client: Client) -> None:
    with pytest.raises(Exception, match=r"^the question has 12,000 characters"):
        client.predict("why " * 3_000, api_name="/ask")


def test_a_program_searches(client: Client, seed_library: Library) -> None:
    found = client.predict("oscillation in low-bit training", 3, api_name="/search")
    hits = seed_library.search("oscillation in low-bit training", 3)
    assert found == {"query": "oscillation in low-bit training", "hits": [hit.to_dict() for hit in hits]}
    with pytest.raises(Exception, match="k is 0"):
        client.predict("oscillation", 0, api_name="/search")


def test_the_endpoints_are_named_and_documented(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert list(endpoints["named_endpoints"]) == ["/ask", "/search"]
    assert endpoints["unnamed_endpoints"] == {}
    assert endpoints["named_endpoints"]["/search"]["description"].startswith("Find the papers")


def test_a_taken_port_is_one_line_with_the_next_step() -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(QAError, match=rf"^port {port} is taken: .*; try make chat PORT={port + 1}"):
            check_address("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, 70_000])
def test_a_number_that_is_no_port_is_one_line(port: int) -> None:
    with pytest.raises(InvalidInput, match=f"^{port} is no port: choose one from 1 to 65535"):
        check_address("127.0.0.1", port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    addresses = []
    port = free_port()

    def on_ready(url: str) -> None:
        addresses.append(url)
        os.kill(os.getpid(), number)

    serve(Slow(), port=port, on_ready=on_ready)
    assert addresses == [f"http://127.0.0.1:{port}/"]
    check_address("127.0.0.1", port)


@pytest.mark.browser
def test_a_mouse_that_rests_on_a_marker_opens_its_card(address: str, visit: Visit) -> None:
    page = visit(address, viewport={"width": 1280, "height": 800})
    ask(page, QUESTION)
    page.locator("#t1-m2").hover()
    expect(page.locator("#t1-s2.lit")).to_be_in_viewport()
    expect(page.locator("#t1-s2")).not_to_be_focused()


@pytest.mark.browser
def test_a_finger_opens_the_card_too(address: str, visit: Visit) -> None:
    page = visit(address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ask(page, QUESTION)
    page.locator("#t1-m1").tap()
    expect(page.locator("#t1-s1.lit")).to_be_in_viewport()


@pytest.mark.browser
def test_a_card_copies_its_paper_as_a_reference(address: str, visit: Visit) -> None:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    ask(page, QUESTION)
    page.locator("#t1-m1").click()
    page.locator(".card[open]").get_by_text("Copy citation").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    title = page.locator(".card .title").first.text_content()
    assert page.evaluate("navigator.clipboard.readText()") == title
