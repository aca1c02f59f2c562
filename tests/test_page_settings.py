"""Who answers: chosen on the page, for the visitor alone, from what whoever serves the page allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa import InvalidInput, Library, ModelUnavailable, Paper
from qa.chat.answerers import Answerers
from qa.chat.server import start
from tests.pages import Visit, ask, free_port, served
from tests.serving import serving

HERE, ELSEWHERE = "127.0.0.1", "10.0.0.7"
WIND = Paper("w", "Dunes", "Wind moves dunes. Dunes are made of sand.")


def test_the_librarys_own_answerer_and_quotes_are_always_on_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ANSWERER", "ollama:b")
    answerers = Answerers("ollama:a", any_name=False)
    assert answerers.offered == ("ollama:a", "ollama:b", "extractive")
    assert answerers.get("ollama:a", ELSEWHERE) is None
    chosen = answerers.get("extractive", ELSEWHERE)
    assert chosen
    assert chosen.name == "extractive"


@pytest.mark.parametrize(("any_name", "client"), [(False, HERE), (True, ELSEWHERE), (True, "")])
def test_a_visitor_cannot_make_the_server_load_what_it_does_not_offer(any_name: bool, client: str) -> None:
    with pytest.raises(InvalidInput, match=r"^'huggingface:/etc' may not be chosen here: choose extractive$"):
        Answerers("extractive", any_name=any_name).get("huggingface:/etc", client)


def test_at_this_machine_any_name_is_tried() -> None:
    with pytest.raises(ModelUnavailable, match="'huggingface:/etc' is not on this machine"):
        Answerers("extractive", any_name=True).get("huggingface:/etc", HERE)


@pytest.fixture
def own(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    library.add([WIND])
    return library


def use(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Who answers").fill(name)
    page.get_by_role("button", name="Use").click()


@pytest.mark.browser
def test_a_model_is_chosen_for_oneself_and_stays(
    visit: Visit, own: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("small", "Wind moves dunes [1].") as model, served(own) as url:
        monkeypatch.setenv("OLLAMA_HOST", model.address)
        page, other = visit(url), visit(url)
        use(page, "ollama:small")
        expect(page.locator("#chosen")).to_have_text("From now on ollama:small answers your questions.")
        page.reload()
        ask(page, "What moves dunes?")
        expect(page.locator(".note").first).to_contain_text("Written by ollama:small")
        page.get_by_role("tab", name="Settings").click()
        expect(page.get_by_label("Who answers")).to_have_value("ollama:small")
        ask(other, "What moves dunes?")
        expect(other.locator(".said .quote").first).to_be_visible()
        expect(other.locator(".note")).to_have_count(0)
    blocks = start(own, port=free_port(), unguarded=True)  # where it may not be chosen
    page.goto(str(blocks.local_url))
    ask(page, "What are dunes made of?")
    expect(page.locator(".said .quote").first).to_have_text("“Dunes are made of sand.”")
    blocks.close(verbose=False)
    own.close()


@pytest.mark.browser
def test_a_model_that_cannot_be_had_is_one_line_at_once(
    visit: Visit, own: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    with served(own) as url:
        page = visit(url)
        use(page, "ollama:none")
        expect(page.locator("#chosen")).to_contain_text("no answer from http://127.0.0.1")
        expect(page.locator(".toast-body")).to_have_count(0)
        page.get_by_role("tab", name="Ask", exact=True).click()
        ask(page, "What moves dunes?")
        expect(page.locator(".said .quote").first).to_be_visible()
    own.close()


@pytest.mark.browser
def test_where_anybody_may_come_there_is_nothing_to_choose(visit: Visit, own: Library) -> None:
    blocks = start(own, port=free_port(), unguarded=True)
    page = visit(str(blocks.local_url))
    expect(page.get_by_role("tab")).to_have_text(["Ask", "Library", "History"])
    blocks.close(verbose=False)
    own.close()
