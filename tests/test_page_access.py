"""The page for every person: axe finds no violation of WCAG 2.2 A or AA, and no mouse is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from qa.chat import add_user
from qa.chat.server import start
from tests.pages import QUESTION, Slow, Visit, ask, free_port

DESKTOP = {"width": 1280, "height": 800}
VIEWS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, each with the first element that is at fault."""
    options = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found]


@pytest.mark.browser
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_wrong_with_a_conversation(address: str, visit: Visit, view: str) -> None:
    page = visit(address, **VIEWS[view])
    expect(page.locator("#conversation .examples button")).to_have_count(4)
    assert violations(page) == []
    ask(page, QUESTION)
    page.locator("#t1-m1").click()
    page.locator(".found > summary").click()
    page.locator(".found .card summary").first.click()
    assert violations(page) == []
    ask(page, "Compare SeerAttention and MuDreamer in terms of speed and memory from 2024")
    ask(page, "How many cats live in Rome?")
    page.get_by_role("button", name="Edit the question").click()
    expect(page.locator("#notice")).to_be_visible()
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_wrong_with_the_other_tabs(address: str, visit: Visit, view: str) -> None:
    page = visit(address, **VIEWS[view])
    ask(page, QUESTION)
    page.get_by_role("tab", name="Library").click()
    page.get_by_text("Add papers").click()
    page.get_by_text("Map and dates").click()
    expect(page.locator("#map g")).to_have_count(335)
    page.locator("#shelf-list summary").first.click()
    assert violations(page) == []
    page.get_by_role("tab", name="History").click()
    page.get_by_text("Rename").click()
    assert violations(page) == []
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Who answers").fill("ollama")
    page.get_by_role("button", name="Use").click()
    expect(page.locator("#chosen")).to_contain_text("no answerer is called 'ollama'")
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_signing_in(browser: Browser, tmp_path: Path, scheme: Any) -> None:
    add_user(tmp_path / "users", "ada", "password of ada")
    blocks = start(Slow(), port=free_port(), auth_file=tmp_path / "users")
    page = browser.new_page(color_scheme=scheme)
    page.goto(str(blocks.local_url))
    page.get_by_label("username").fill("ada")
    page.get_by_label("password").fill("another")
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_text("Incorrect")).to_be_visible()
    assert violations(page) == []
    page.close()
    blocks.close(verbose=False)


@pytest.mark.browser
def test_the_map_is_reached_and_read_by_keyboard(address: str, visit: Visit) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Library").press("Enter")
    page.get_by_role("button", name="Map and dates").press("Enter")
    at, point = page.locator("#map .at"), page.locator("#map g[tabindex='0']")
    point.focus()
    seen = []
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
        expect(point).to_be_focused()
        seen.append(at.text_content())
    assert len(set(seen)) >= 4
    page.keyboard.press("Enter")
    expect(page.locator("#shelf-list .title")).to_have_text([seen[-1] or ""])


@pytest.mark.browser
def test_the_list_of_papers_keeps_its_place_for_the_keyboard(address: str, visit: Visit) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Library").press("Enter")
    page.get_by_role("button", name="Show 40 more").press("Enter")
    summary = page.locator("#shelf-list summary:not(.removing *)").nth(40)
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".card[open]").get_by_role("button", name="Compare").press("Enter")
    expect(page.locator(".card[open]").get_by_role("button", name="Do not compare")).to_be_focused()
    page.locator(".card[open]").get_by_role("button", name="Ask about this paper").press("Enter")
    expect(page.locator("#question textarea")).to_be_focused()
