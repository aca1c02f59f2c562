"""Earlier conversations on the page: they survive reload and restart, and are everybody's own."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa import Library, Paper
from qa.chat.server import kept_folder
from tests.pages import QUESTION, Slow, Visit, ask, send, served


def open_history(page: Page) -> None:
    page.get_by_role("tab", name="History").click()
    expect(page.locator("#past-list :is(li, .none)").first).to_be_visible()


@pytest.mark.browser
def test_a_reload_brings_the_conversation_back_with_its_citations(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    said, cards = page.locator(".said").text_content(), page.locator(".card .title").all_text_contents()
    page.reload()
    expect(page.locator(".said")).to_have_text(said or "")
    expect(page.locator(".card .title")).to_have_text(cards)
    page.locator(".said .marker").first.click()
    expect(page.locator("#t1-s1")).to_be_in_viewport()


@pytest.mark.browser
def test_a_restarted_server_goes_on_where_the_conversation_was(visit: Visit, seed_library: Library) -> None:
    with served(seed_library) as url:
        page = visit(url)
        ask(page, QUESTION)
        where = page.url.removeprefix(url)
    with served(seed_library) as url:
        page.goto(url + where)
        expect(page.locator(".question")).to_have_text([QUESTION])
        ask(page, "and how much faster is it?")
        expect(page.locator(".searched")).to_contain_text("SeerAttention")


@pytest.mark.browser
def test_conversations_are_listed_searched_and_opened(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".question")).to_have_count(0)
    ask(page, "hello")
    open_history(page)
    expect(page.locator("#past-list .open")).to_have_text(["hello", QUESTION])
    page.fill("#past-search textarea", "séerattention  LEARNABLE")  # words of the answer too
    expect(page.locator("#past-list .open")).to_have_text([QUESTION])
    page.locator("#past-list .open").click()
    expect(page.locator(".question")).to_have_text([QUESTION])
    page.fill("#question textarea", "x")  # the tab of the conversation is in front


@pytest.mark.browser
def test_a_conversation_is_renamed_and_deleted_after_a_question(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "hello")
    open_history(page)
    page.get_by_text("Rename").click()
    page.get_by_label("New name").fill("<i>Gates</i> & more")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#past-list .open")).to_have_text("<i>Gates</i> & more")
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.locator("#past-list")).to_have_text("No conversation so far.")
    page.reload()
    expect(page.locator(".question")).to_have_count(0)


@pytest.mark.browser
def test_nobody_sees_or_takes_away_the_conversation_of_another(address: str, visit: Visit) -> None:
    mine = visit(address)
    ask(mine, QUESTION)
    theirs = visit(mine.url)
    expect(theirs.locator("#notice")).to_contain_text("not kept here")
    expect(theirs.locator(".question")).to_have_count(0)
    taken = (mine.locator(".take a").first.get_attribute("href") or "").removeprefix(address)
    assert mine.request.get(address + taken).ok
    assert theirs.request.get(address + taken).status == 404
    open_history(theirs)
    expect(theirs.locator("#past-list")).to_have_text("No conversation so far.")


@pytest.mark.browser
def test_a_forged_cookie_is_nobodys(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, "hello")
    [cookie] = page.context.cookies()
    name = cookie["value"].partition(".")[0]
    page.context.add_cookies([{"name": "qa_visitor", "value": f"{name}.{'0' * 64}", "url": address}])
    page.reload()
    expect(page.locator("#notice")).to_contain_text("not kept here")


@pytest.mark.browser
def test_the_address_asks_a_question_once(address: str, visit: Visit) -> None:
    page = visit(f"{address}?q=What%20does%20SeerAttention%20learn%3F")
    expect(page.locator(".marker").first).to_be_visible()
    page.wait_for_url("**/?c=*")
    page.reload()
    expect(page.locator(".question")).to_have_text([QUESTION])


@pytest.mark.browser
def test_an_answer_that_broke_off_says_so_after_a_reload(visit: Visit) -> None:
    library = Slow()
    with served(library) as url:
        page = visit(url)
        send(page, "a?")
        expect(page.locator(".said")).to_have_text("One sentence.")
        page.wait_for_url("**/?c=*")
        page.reload()
        expect(page.locator(".note")).to_contain_text("broke off")
        library.go_on.set()
        page.get_by_role("button", name="Ask again").click()
        expect(page.locator(".said")).to_have_text(["One sentence. Another."])


@pytest.mark.browser
def test_a_conversation_is_exported_whole(address: str, visit: Visit) -> None:
    page = visit(address)
    ask(page, QUESTION)
    ask(page, "hello")
    open_history(page)
    page.get_by_text("Take away").click()
    with page.expect_download() as download:
        page.locator("#past-list").get_by_text("JSON").click()
    turns = json.loads(download.value.path().read_text(encoding="utf-8"))["turns"]
    assert [turn["question"] for turn in turns] == [QUESTION, "hello"]
    assert turns[0]["answer"]["citations"][0]["number"] == 1
    assert download.value.suggested_filename == "what-does-seerattention-learn.json"


@pytest.mark.browser
def test_an_answer_that_cannot_be_kept_is_given_all_the_same(visit: Visit, seed_library: Library) -> None:
    with served(seed_library) as url:
        page = visit(url)
        ask(page, "hello")
        with closing(sqlite3.connect(kept_folder() / "conversations.sqlite3")) as db:
            db.execute("BEGIN EXCLUSIVE")  # as another program that holds the file would
            send(page, QUESTION)
            expect(page.locator("#t2-m1")).to_be_visible(timeout=30_000)
            expect(page.locator("#notice")).to_contain_text("database is locked", timeout=30_000)


@pytest.mark.browser
def test_two_windows_on_one_conversation_lose_nothing(address: str, visit: Visit) -> None:
    here = visit(address)
    ask(here, QUESTION)
    there = here.context.new_page()
    there.goto(here.url)
    expect(there.locator(".question")).to_have_count(1)
    ask(there, "hello")
    send(here, "and how much faster is it?")
    expect(here.locator("#notice")).to_contain_text("went on in another window")
    expect(here.locator(".question")).to_have_text([QUESTION, "hello"])
    here.press("#question textarea", "Enter")  # the question waits in the box
    expect(here.locator(".question")).to_have_count(3)
    there.get_by_role("button", name="Ask again").click()
    expect(there.locator("#notice")).to_contain_text("went on in another window")
    expect(there.locator(".question")).to_have_text([QUESTION, "hello", "and how much faster is it?"])


@pytest.mark.browser
def test_conversations_about_another_library_are_not_listed(
    address: str, visit: Visit, tmp_path: Path
) -> None:
    page = visit(address)
    ask(page, "hello")
    where = page.url.removeprefix(address)
    with Library(tmp_path / "other") as library:
        library.add([Paper("w", "Dunes", "Wind moves dunes.")])
        with served(library) as url:
            page.goto(url + where)
            expect(page.locator("#notice")).to_contain_text("about another library")
            open_history(page)
            expect(page.locator("#past-list")).to_have_text("No conversation so far.")
