"""Makes the README's screenshots again: `python tests/screenshots.py`.

Serves the page over the seed papers, asks a question, opens its first source, and writes
desktop.png, phone.png and dark.png into tests/screenshots/; then compares two papers, for table.png, and
looks at the map, for map.png.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from qa import Library
from qa.chat.server import start
from qa.chat.suggestions import EXAMPLES
from qa.resources import resource_folder

FOLDER = Path(__file__).with_name("screenshots")
PORT = 7933
DESKTOP = {"width": 1280, "height": 800}
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
}


def main() -> None:
    """Write all screenshots."""
    FOLDER.mkdir(exist_ok=True)
    with _served() as address, sync_playwright() as session:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        with closing(
            session.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        ) as browser:
            for name, view in VIEWS.items():
                _take(browser, address, FOLDER / f"{name}.png", view)
            _take_more(browser, address)


@contextmanager
def _served() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library") as library:
        os.environ["XDG_DATA_HOME"] = folder  # where conversations would be kept
        library.add(resource_folder("seeds"))
        blocks = start(library, port=PORT)
        yield str(blocks.local_url)
        blocks.close(verbose=False)


def _take(browser: Browser, address: str, target: Path, view: dict[str, Any]) -> None:
    with closing(browser.new_context(**view)) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_text(EXAMPLES[0][0], exact=True).click()
        page.locator(".said .marker").first.click()
        expect(page.locator("mark.lit")).to_be_in_viewport()
        expect(page.get_by_role("button", name="Ask again")).to_be_enabled()
        _save(page, target)


def _take_more(browser: Browser, address: str) -> None:
    with closing(browser.new_context(**VIEWS["desktop"])) as context:
        page = context.new_page()
        page.goto(address)
        page.fill("#question textarea", "Compare MuDreamer and SeerAttention")
        page.press("#question textarea", "Enter")
        expect(page.locator(".compared")).to_be_visible()
        expect(page.get_by_role("button", name="Ask again")).to_be_enabled()
        _save(page, FOLDER / "table.png")
        page.get_by_role("tab", name="Library").click()
        page.get_by_role("button", name="Map and dates").click()
        expect(page.locator("#map .ring").first).to_be_attached()
        page.locator("#map figcaption").evaluate("(text) => text.scrollIntoView({ block: 'end' })")
        _save(page, FOLDER / "map.png")


def _save(page: Page, target: Path) -> None:
    """Few colours make small files, and text shows no difference."""
    Image.open(BytesIO(page.screenshot())).quantize(64).save(target, optimize=True)


if __name__ == "__main__":
    main()
