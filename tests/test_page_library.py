"""The tab of the papers: search, order, bounds, adding and removing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa import AddReport, Failure, InvalidInput, Library, Paper
from qa.chat.shelf import MOST_FAILURES_SHOWN, PAGE, Wanted, adding, chosen, list_html, report_html
from tests.pages import QUESTION, Visit, ask, served

WIND = Paper("w", "Dunes", "Wind moves dunes.", authors=("Zoë Ray",), published="2024-05", source=("a.txt",))
SNOW = Paper("s", "avalanches", "Snow falls.", published="2023", comments=4, source=("b.txt",))
RAIN = Paper("r", "Rain", "It rains.", organisation="ACME")
ONE_MORE = """list
Fatigue of steel bridges
Steel bridges fail by fatigue. A network of sensors finds cracks early, before an inspection would. \
It costs a tenth of an inspection, and it has found every crack in the three bridges that we watched \
for years.
"""


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), "swr"),
        (Wanted(order="Newest first"), "wsr"),
        (Wanted(order="Oldest first"), "swr"),
        (Wanted(order="Most comments"), "swr"),
        (Wanted(words="ZOE wind"), "w"),
        (Wanted(words="acme"), "r"),
        (Wanted(author="zoe"), "w"),
        (Wanted(source="b.t"), "s"),
        (Wanted(since=" 2024 "), "w"),
        (Wanted(until="2023-12"), "s"),
    ],
)
def test_the_papers_that_are_wanted_in_order(wanted: Wanted, ids: str) -> None:
    assert "".join(paper.id for paper in chosen([WIND, SNOW, RAIN], wanted)) == ids


def test_a_date_that_is_none_is_told() -> None:
    with pytest.raises(InvalidInput, match="since 'soon' is no date"):
        chosen([WIND], Wanted(since="soon"))


def test_a_long_list_is_shown_in_parts() -> None:
    many = [Paper(str(n), f"Title {n}", "Text.") for n in range(PAGE + 3)]
    assert list_html(many, len(many)).count('class="card"') == PAGE
    assert "Show 3 more of 3" in list_html(many, len(many))
    assert "Show" not in list_html(many, len(many), PAGE * 2)


def test_a_report_counts_and_names_what_failed() -> None:
    failures = tuple(Failure("<a>.txt", f"line {n}", "no title") for n in range(MOST_FAILURES_SHOWN + 2))
    html = report_html([AddReport(added=1, merged=2), AddReport(added=1, failed=failures)])
    assert html.startswith('<p role="status">2 papers added, 2 papers repeated; 202 could not be read:</p>')
    assert "<li><b>&lt;a&gt;.txt</b>, line 0: no title</li>" in html
    assert html.endswith("<li>and 2 more</li></ul>")


def test_adding_tells_how_far_it_is_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ONE_MORE, encoding="utf-8")
    (tmp_path / "b.txt").write_text(ONE_MORE.replace("bridges", "towers"), encoding="utf-8")
    with Library(tmp_path / "library") as library:
        *told, report = adding(library, [tmp_path / "a.txt", tmp_path / "b.txt"])
    assert "Adding a.txt (file 1 of 2) …" in told[0]
    assert any(
        'Adding a.txt (file 1 of 2), 1 of 1 paper … <progress max="1" value="1">' in html for html in told
    )
    assert "Adding b.txt (file 2 of 2)" in told[-1]
    assert report == '<p role="status">2 papers added.</p>'


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as library:
        library.add([WIND, SNOW, RAIN])
        yield library


def open_library(page: Page) -> None:
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#shelf-list :is(.count, .none)")).to_be_visible()


@pytest.mark.browser
def test_the_list_is_searched_ordered_and_bounded(address: str, visit: Visit) -> None:
    page = visit(address)
    open_library(page)
    expect(page.locator("#shelf-list .count")).to_have_text("335 papers")
    page.get_by_role("button", name="Show 40 more").click()
    expect(page.locator("#shelf-list .card")).to_have_count(80)
    page.fill("#shelf-search textarea", "mudreamer")
    expect(page.locator("#shelf-list .title")).to_have_text(
        ["MuDreamer: Learning Predictive World Models without Reconstruction"]
    )
    page.locator("#shelf-list summary").first.press("Enter")
    expect(page.locator("#shelf-list .abstract")).to_be_visible()
    page.get_by_label("From").fill("soon")
    expect(page.locator("#shelf-list .none")).to_contain_text("since 'soon' is no date")


@pytest.mark.browser
def test_asking_about_a_paper_names_it_in_the_question(visit: Visit, own: Library) -> None:
    with served(own) as url:
        page = visit(url)
        open_library(page)
        page.get_by_text("Dunes", exact=True).click()
        page.get_by_role("button", name="Ask about this paper").click()
        expect(page.locator("#question textarea")).to_have_value("About “Dunes”: ")
        page.locator("#question textarea").press_sequentially("what does the wind move?")
        page.press("#question textarea", "Enter")
        expect(page.locator(".said .quote")).to_have_text("“Wind moves dunes.”")


@pytest.mark.browser
def test_papers_put_aside_are_compared_cell_by_quoted_cell(
    address: str, visit: Visit, seed_library: Library
) -> None:
    page = visit(address)
    open_library(page)
    for title in ("MuDreamer", "SeerAttention"):
        page.fill("#shelf-search textarea", title)
        expect(page.locator("#shelf-list .card")).to_have_count(1)
        page.locator("#shelf-list summary").first.click()
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.locator(".aside")).to_contain_text(title)
    page.get_by_role("button", name="Compare them").click()
    expect(page.locator("#question textarea")).to_have_value(re.compile("^Compare “MuDreamer: .+ and “Seer"))
    page.press("#question textarea", "Enter")
    table = page.locator(".compared")
    expect(table.locator("thead th")).to_have_text(["paper", "year", "method", "data", "result"])
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table.locator("tbody tr").first.locator("td").first).to_have_text("year2024")
    abstracts = " ".join(paper.abstract for paper in seed_library.papers())
    cells = table.locator("td:not(.empty):has(.quote)")
    assert cells.count() == 5
    for cell in cells.all():
        assert (cell.locator(".quote").text_content() or "").strip("“”") in abstracts
        expect(cell.locator(".marker")).to_have_count(1)


@pytest.mark.browser
def test_dropped_files_are_added_and_what_fails_is_listed(visit: Visit, own: Library, tmp_path: Path) -> None:
    (tmp_path / "one <b>.txt").write_text(ONE_MORE, encoding="utf-8")
    (tmp_path / "bad.bin").write_bytes(bytes(99))
    with served(own) as url:
        page = visit(url)
        open_library(page)
        page.get_by_text("Add papers").click()
        page.set_input_files("#files input", [tmp_path / "one <b>.txt", tmp_path / "bad.bin"])
        expect(page.locator("#added")).to_contain_text("1 paper added; 1 could not be read:", timeout=30_000)
        expect(page.locator("#added li")).to_have_text("bad.bin, file: it is binary, not text")
        expect(page.locator("#shelf-list .count")).to_have_text("4 papers")
    assert "Fatigue of steel bridges" in [paper.title for paper in own.papers()]


@pytest.mark.browser
def test_a_paper_is_removed_only_after_a_question(visit: Visit, own: Library) -> None:
    with served(own) as url:
        page = visit(url)
        open_library(page)
        page.get_by_text("Dunes", exact=True).click()
        page.locator(".card[open]").get_by_text("Remove", exact=True).click()
        expect(page.locator(".removing[open] p")).to_have_text(
            "Take this paper out of the library, for everybody?"
        )
        assert len(own.papers()) == 3
        page.get_by_role("button", name="Yes, remove").click()
        expect(page.locator("#shelf-list .count")).to_have_text("2 papers")
    assert [paper.id for paper in own.papers()] == ["s", "r"]


@pytest.mark.browser
def test_the_map_rings_the_papers_of_the_answer_and_finds_papers(
    address: str, visit: Visit, seed_library: Library
) -> None:
    page = visit(address)
    ask(page, QUESTION)
    open_library(page)
    page.get_by_text("Map and dates").click()
    expect(page.locator("#map g")).to_have_count(335, timeout=30_000)
    expect(page.locator("#map g:has(.ring)")).to_have_count(len(seed_library.answer(QUESTION).hits))
    expect(page.locator("#times figcaption")).to_have_text("244 papers by date; 91 have none.")
    point = page.locator("#map g:has(.ring)").filter(has_text="[1]")
    point.dispatch_event("click")
    expect(page.locator("#shelf-list .title")).to_have_text(
        ["SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs"]
    )


@pytest.mark.browser
def test_the_library_fits_a_phone(address: str, visit: Visit) -> None:
    page = visit(address, viewport={"width": 390, "height": 844})
    open_library(page)
    page.locator("#shelf-list summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    facts = page.locator("#shelf-list .facts").first.bounding_box()
    assert facts
    assert facts["width"] > 200


HOSTILE = (
    "<img src=x onerror='window.broken = 1'> ${window.broken = 2} {{window.broken = 3}} \u202e\"'><b>B</b>"
)


@pytest.mark.browser
def test_hostile_papers_and_questions_are_only_text_in_every_tab(visit: Visit, tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.add([Paper(f"{n} {HOSTILE}", f"{n} {HOSTILE}", f"Zebra {n}. {HOSTILE}") for n in range(4)])
        with served(library) as url:
            page = visit(url)
            ask(page, HOSTILE)
            open_library(page)
            page.get_by_text("Map and dates").click()
            expect(page.locator("#map g")).to_have_count(4, timeout=30_000)
            assert f"0 {HOSTILE}" in (page.locator("#map g title").first.text_content() or "")
            page.locator("#shelf-list summary").first.click()
            page.locator(".card[open]").get_by_text("Remove", exact=True).click()
            page.get_by_role("button", name="Yes, remove").click()
            expect(page.locator("#shelf-list .count")).to_have_text("3 papers")
            page.get_by_role("tab", name="History").click()
            expect(page.locator("#past-list .open")).to_have_text(HOSTILE)
            assert page.evaluate("window.broken") is None
            expect(page.locator("#shelf-list :is(img, b), #past-list :is(img, b)")).to_have_count(0)
