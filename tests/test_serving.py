"""Serving: who may use the page, its health, and that it keeps to this machine unless told otherwise."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from qa import InvalidInput, Library
from qa.chat import add_user, check_guard, serve
from qa.chat.page import AT_ONCE, WAITING
from qa.chat.server import start
from qa.chat.users import hashed, signing_in
from qa.cli import main
from tests.pages import QUESTION, Slow, Visit, ask, free_port, served


@pytest.fixture
def users(tmp_path: Path) -> Path:
    for name in ("ada", "eve"):
        add_user(tmp_path / "users", name, f"password of {name}")
    return tmp_path / "users"


def may(file: Path, name: str, password: str) -> bool:
    with ThreadPoolExecutor(1) as thread:  # the browser's session holds a loop in this one
        return thread.submit(asyncio.run, _asked(file, name, password)).result()


async def _asked(file: Path, name: str, password: str) -> bool:
    return await signing_in(file)(name, password)


def test_only_a_user_with_the_right_password_signs_in(users: Path) -> None:
    assert may(users, "ada", "password of ada")
    assert not may(users, "ada", "password of eve")
    assert not may(users, "bob", "")


def test_a_user_is_replaced_and_only_hashes_are_kept(users: Path) -> None:
    add_user(users, "ada", "another one")
    assert may(users, "ada", "another one")
    assert len(users.read_text().splitlines()) == 2
    assert "another" not in users.read_text()
    assert users.stat().st_mode & 0o077 == 0


def test_the_hash_is_the_one_that_rfc_7914_gives() -> None:
    line = hashed("ada", "pleaseletmein", b"SodiumChloride")
    assert line == (
        "ada:scrypt:536f6469756d43686c6f72696465:"
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    )


@pytest.mark.parametrize("content", ["", "ada", "ada:md5:00:00", "ada:scrypt:xx:00"])
def test_a_file_that_names_no_users_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "users").write_text(content)
    with pytest.raises(InvalidInput, match=r"users (is no file of users|names no user)"):
        signing_in(tmp_path / "users")


@pytest.mark.parametrize(("name", "password"), [("a:b", "12345678"), (" ", "12345678"), ("ada", "1234567")])
def test_what_cannot_be_a_user_is_refused(tmp_path: Path, name: str, password: str) -> None:
    with pytest.raises(InvalidInput):
        add_user(tmp_path / "users", name, password)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_address_that_others_reach_needs_users_or_a_wish(host: str, users: Path) -> None:
    with pytest.raises(InvalidInput, match="can be reached from other machines: give --auth-file"):
        serve(Slow(), host=host, port=free_port())
    check_guard(host, users, False)
    check_guard(host, None, True)
    check_guard("127.0.0.1", None, False)


def test_the_command_line_says_the_same() -> None:
    done = CliRunner().invoke(main, ["chat", "--host", "0.0.0.0", "--port", str(free_port())])
    assert done.exit_code == 2
    assert "can be reached from other machines" in done.stderr


def test_a_user_is_made_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "users"
    typed = "my password\nmy password\n"
    done = CliRunner().invoke(main, ["user", "ada", "--auth-file", str(file)], input=typed)
    assert done.exit_code == 0, done.output
    assert may(file, "ada", "my password")


@contextmanager
def guarded(library: Library, users: Path) -> Iterator[str]:
    blocks = start(library, port=free_port(), auth_file=users)
    try:
        yield str(blocks.local_url)
    finally:
        blocks.close(verbose=False)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("username").fill(name)
    page.get_by_label("password").fill(f"password of {name}")
    page.get_by_role("button", name="Login").click()
    expect(page.locator("#about")).to_contain_text("Answers come from")


@pytest.mark.browser
def test_a_signed_in_user_finds_their_conversations_in_another_browser(
    browser_page: list[Page], seed_library: Library, users: Path
) -> None:
    with guarded(seed_library, users) as url:
        here, there, other = browser_page
        for page, name in ((here, "ada"), (there, "ada"), (other, "eve")):
            page.goto(url)
            sign_in(page, name)
        ask(here, QUESTION)
        there.goto(here.url)
        expect(there.locator(".question")).to_have_text([QUESTION])
        other.goto(here.url)
        expect(other.locator("#notice")).to_contain_text("not kept here")
        taken = f"{url}take/{here.url.rpartition('c=')[2]}/1.md"
        assert [page.request.get(taken).status for page in (here, there, other)] == [200, 200, 404]


@pytest.fixture
def browser_page(browser: object) -> Iterator[list[Page]]:
    """Three visitors' pages."""
    contexts = [browser.new_context() for _ in range(3)]  # type: ignore[attr-defined]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


@pytest.mark.browser
def test_health_says_how_many_papers(address: str, visit: Visit) -> None:
    page = visit(address)
    assert page.request.get(f"{address}health").json() == {"status": "ok", "papers": 335}


def test_twenty_people_at_once_each_get_their_own_answer(seed_library: Library) -> None:
    from gradio_client import Client  # only after qa, which tells the hub's client to stay offline

    titles = [paper.title for paper in seed_library.papers()[:20]]

    def asked(title: str) -> set[str]:
        with closing(Client(url, verbose=False, analytics_enabled=False)) as client:
            answer = client.predict(f"What does “{title}” propose?", [], api_name="/ask")
        return {citation["paper"]["title"] for citation in answer["citations"]}

    with served(seed_library) as url, ThreadPoolExecutor(20) as threads:
        assert list(threads.map(asked, titles)) == [{title} for title in titles]


def posted(url: str, body: bytes, kind: str) -> int:
    """The status of the reply."""
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return int(reply.status)
    except HTTPError as error:
        with error:
            return error.code


def test_questions_beyond_those_that_may_wait_are_turned_away() -> None:
    library = Slow()
    with served(library) as url:
        many = AT_ONCE + WAITING + 8
        told = [
            posted(f"{url}gradio_api/call/ask", b'{"data": ["a?", []]}', "application/json")
            for _ in range(many)
        ]
        library.go_on.set()
    assert told[: AT_ONCE + 1] == [200] * (AT_ONCE + 1)
    assert told[-1] == 503


@pytest.mark.parametrize(("size", "status"), [(2**20, 200), (2**26 + 2**16, 413)])  # 64 MB may come
def test_a_file_that_is_too_large_is_turned_away(address: str, size: int, status: int) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    body = head + bytes(size) + b"\r\n--x--\r\n"
    assert posted(f"{address}gradio_api/upload", body, "multipart/form-data; boundary=x") == status
