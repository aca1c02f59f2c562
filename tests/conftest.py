"""What all tests share: no network, no file of the user's, one library of the seed papers."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from qa import Library
    from tests.pages import Visit

ROOT = Path(__file__).resolve().parent.parent
GUARD = ROOT / "tests" / "netguard"

# Before anything of qa is imported. The exported model costs 15 seconds, so the cache outlives a run.
sys.path.insert(0, str(GUARD))
import netguard  # noqa: E402

netguard.install()
os.environ["PYTHONPATH"] = str(GUARD)
os.environ["XDG_CACHE_HOME"] = str(ROOT / ".cache")
for name in [name for name in os.environ if name.startswith(("QA_", "CHROMA_", "GRADIO_", "HF_"))]:
    if name != "QA_REQUIRE_BROWSER":
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of the tests' own, for whatever a library keeps there."""
    home = tmp_path_factory.mktemp("home")
    os.environ["HOME"] = str(home)
    for kind in ("DATA", "CONFIG", "STATE"):
        os.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())
    os.environ["GRADIO_TEMP_DIR"] = str(home / "gradio")
    os.environ[netguard.NOTES] = str(home / "network-notes")
    return home


@pytest.fixture(autouse=True)
def _default_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a default library of its own, which does not exist yet."""
    monkeypatch.setenv("QA_LIBRARY", str(tmp_path / "default-library"))


@pytest.fixture(autouse=True)
def _stays_here(home: Path) -> Iterator[None]:
    """Fails a test during which the network was asked for, even where a library swallowed the refusal."""
    yield
    notes = home / "network-notes"
    reached = notes.read_text() if notes.exists() else ""
    notes.unlink(missing_ok=True)
    assert reached == "", f"reached for the network: {reached}"


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The seed papers, added once; for reading only."""
    from qa import Library
    from qa.resources import resource_folder

    with Library(tmp_path_factory.mktemp("seed") / "library") as library:
        library.add(resource_folder("seeds"))
        yield library


@pytest.fixture(scope="session")
def questions() -> list[dict[str, Any]]:
    """The development questions: id, kind, history, question, relevant, evidence, answer, must_include."""
    lines = (ROOT / "tests" / "data" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless chromium. Mark the tests that use it with `browser`."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium: install it, on Debian `apt-get install chromium`")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    playwright.expect.set_options(timeout=30_000)  # on a busy machine a page takes its time
    with playwright.sync_playwright() as session:
        started = session.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens an address as a new visitor; keyword arguments as for a browser context."""
    from playwright.sync_api import expect

    contexts = []

    def open_page(url: str, **how: Any) -> Page:
        contexts.append(browser.new_context(**how))
        page = contexts[-1].new_page()
        page.goto(url)
        expect(page.locator("#about")).to_contain_text("Answers come from titles and abstracts only.")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def address(seed_library: Library) -> Iterator[str]:
    """The page over the seed papers."""
    from tests.pages import served

    with served(seed_library) as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With QA_REQUIRE_BROWSER=1 a browser test that would be skipped fails."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("QA_REQUIRE_BROWSER") == "1":
        report.outcome = "failed"
        report.longrepr = f"QA_REQUIRE_BROWSER=1 allows no skip: {report.longrepr}"
    return report
