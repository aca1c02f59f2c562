"""The report: what the page shows, what the JSON keeps, and the comparison with an earlier run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from qa import InvalidInput, Library, Paper, ReadError
from qa.cli import main
from qa.comparison import compare, read_report
from qa.evaluation import Evaluation, evaluate
from qa.report import PAGE, report_json, report_page, write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "<script>alert('$title')</script> & <b>yeast</b>"
PAPERS = [
    Paper(
        id="bread", title=HOSTILE, abstract="Wild yeast raises dough. It takes twelve hours at 24 degrees."
    ),
    Paper(id="stars", title="Pulsars", abstract="Neutron stars spin. Their pulses arrive every 33 ms."),
]
FOUND = {"id": "1", "kind": "single", "question": "How fast do neutron stars spin?", "relevant": ["Pulsars"]}
MISSED = {"id": "2", "kind": "multi", "question": f"What is {HOSTILE}?", "relevant": ["Pulsars"]}
BELOW = {"id": "4", "kind": "followup", "question": "What arrives every 33 ms?", "relevant": [HOSTILE]}
NEVER = {"id": "3", "kind": "unanswerable", "question": "hello", "sort": "off-topic"}


def file_of(path: Path, *questions: object) -> Path:
    path.write_text("".join(json.dumps(question) + "\n" for question in questions), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("report") / "library")
    library.add(PAPERS)
    return library


@pytest.fixture(scope="module")
def evaluation(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(library, file_of(tmp_path_factory.mktemp("q") / "q.jsonl", FOUND, MISSED, NEVER, BELOW))


# The page ------------------------------------------------------------------------------------------


def test_the_page_stands_alone(evaluation: Evaluation) -> None:
    page = report_page(evaluation)
    assert re.findall(r"(?:src|href)=[\"'](?!#|data:)", page) == []
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_texts_of_papers_and_questions_are_escaped(evaluation: Evaluation) -> None:
    page = report_page(evaluation)
    assert "&lt;script&gt;alert(&#x27;$title&#x27;)&lt;/script&gt; &amp; &lt;b&gt;yeast&lt;/b&gt;" in page
    assert page.count("<script>") == 1
    assert "<b>yeast" not in page


def test_every_figure_stands_in_a_table(evaluation: Evaluation) -> None:
    page = report_page(evaluation)
    assert "<td>single</td><td>recall@100</td><td>1</td><td>1.000</td><td>1.00–1.00</td>" in page
    assert "<td>all</td><td>citations exact</td><td>4</td>" in page


def test_a_plot_says_its_figures_in_words(evaluation: Evaluation) -> None:
    page = report_page(evaluation)
    assert 'aria-label="multi: place 1: 0, place 2: 1, place 3: 0' in page
    assert page.count("<svg") == page.count('role="img"') == page.count("</title>") - 1


def test_the_page_shows_risk_and_coverage(evaluation: Evaluation) -> None:
    page = report_page(replace(evaluation, versions={**evaluation.versions, "risk": "0.2"}))
    section = page.partition('<section id="decision">')[2].partition("</section>")[0]
    assert "0.000 of all questions asked (0.00-0.00); risk=0.2 lets 0.2 pass." in section
    assert "risk and coverage: answered 0.750" in section
    assert re.findall(r'<polyline class="curve c(\d)"', section) == ["1", "2", "3"]
    assert section.count(">off-topic</text>") == 3  # refused, at 6 %, and AUC


def test_without_unanswerable_questions_there_is_no_risk(library: Library, tmp_path: Path) -> None:
    page = report_page(evaluate(library, file_of(tmp_path / "q.jsonl", FOUND)))
    assert "Answering and refusing" in page
    assert "Risk and coverage" not in page


def test_both_files_are_the_same_for_the_same_run(evaluation: Evaluation, tmp_path: Path) -> None:
    first, second = (write_report(evaluation, tmp_path / name) for name in "ab")
    for name in ("report.html", "report.json"):
        assert (first.parent / name).read_bytes() == (second.parent / name).read_bytes()
    assert str(tmp_path) not in (first.parent / "report.json").read_text()


def test_a_report_that_cannot_be_written(evaluation: Evaluation) -> None:
    with pytest.raises(InvalidInput, match=r"test_report\.py cannot be a folder: File exists; name"):
        write_report(evaluation, __file__)


@pytest.fixture
def page(browser: Browser, evaluation: Evaluation, tmp_path: Path) -> Page:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(write_report(evaluation, tmp_path).as_uri())
    return page


@pytest.mark.browser
def test_misses_are_listed_with_what_stood_above(page: Page) -> None:
    miss = page.locator(".miss", has_text="multi")
    assert miss.get_by_role("heading", level=3).inner_text() == MISSED["question"]
    assert miss.locator(".late").inner_text() == "place 2 Pulsars"
    assert miss.locator("ol").inner_text() == HOSTILE


@pytest.mark.browser
def test_misses_are_filtered_by_kind(page: Page, evaluation: Evaluation) -> None:
    missed = page.locator(".miss:visible")
    of_all = missed.count()
    page.get_by_label("multi (1)").check()
    assert (missed.count(), of_all) == (1, 2)
    page.get_by_label(f"all ({of_all})").check()
    assert missed.count() == of_all


@pytest.mark.browser
def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# The way since an earlier run ----------------------------------------------------------------------


def test_a_run_against_itself(evaluation: Evaluation, tmp_path: Path) -> None:
    then = read_report(write_report(evaluation, tmp_path).parent)
    assert then.judged == evaluation.judged
    found = compare(evaluation, then)
    assert found.notes == ()
    assert {item.p for figures in found.kinds.values() for item in figures.values()} == {1.0}
    assert found.kinds["multi"]["MRR"].to_dict() == {
        "now": 0.5, "then": 0.5, "difference": 0.0, "low": 0.0, "high": 0.0, "p": 1.0, "n": 1,
    }  # fmt: skip


def test_questions_that_differ_are_left_out_and_told(
    evaluation: Evaluation, library: Library, tmp_path: Path
) -> None:
    other = MISSED | {"question": "What raises dough?"}
    new = {"id": "9", "kind": "unanswerable", "question": "thanks"}
    now = evaluate(library, file_of(tmp_path / "q.jsonl", FOUND, other, new))
    write_report(evaluation, tmp_path)
    then = read_report(tmp_path / "report.json")
    found = compare(now, then)
    assert found.notes == (
        "1 question only in this run: 9",
        "2 questions only in the earlier run: 3, 4",
        "1 question not the same in both runs: 2",
    )
    assert set(found.kinds) == {"single"}
    assert found.answers["all"]["citations exact"].n == 1


def test_an_earlier_run_of_other_questions(evaluation: Evaluation, tmp_path: Path) -> None:
    then = read_report(write_report(evaluation, tmp_path).parent)
    with pytest.raises(ReadError, match="shares no question with this run"):
        compare(replace(evaluation, judged=evaluation.judged[:1]), replace(then, judged=then.judged[1:]))


@pytest.mark.parametrize("content", ["", "[]", '{"format": "other"}', '{"format": "qa evaluation 1"}', None])
def test_what_is_no_report(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "report.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ReadError, match=r"report\.json (is no report|cannot be read)"):
        read_report(tmp_path)


# On the command line -------------------------------------------------------------------------------


def test_eval_writes_a_report_and_compares_with_it(library: Library, tmp_path: Path) -> None:
    file, folder = file_of(tmp_path / "q.jsonl", FOUND, MISSED), tmp_path / "new" / "report"
    arguments = ["eval", str(file), "--library", str(library.path), "--report", str(folder)]
    first = CliRunner().invoke(main, arguments)
    assert first.exit_code == 0
    assert first.stderr.endswith(f"qa: the report is in {folder / PAGE}\n")
    written = json.loads((folder / "report.json").read_text())
    assert [item["id"] for item in written["questions"]] == ["1", "2"]
    second = CliRunner().invoke(main, [*arguments, "--against", str(folder), "--json"])
    compared = json.loads(second.stdout)["comparison"]
    assert compared["kinds"]["single"]["nDCG@10"]["difference"] == 0.0
    assert compared["versions"] == written["versions"]
    assert 'id="comparison"' in (folder / PAGE).read_text(encoding="utf-8")


def test_a_wrong_earlier_report_is_told_before_anything_is_asked(library: Library, tmp_path: Path) -> None:
    file = file_of(tmp_path / "q.jsonl", FOUND)
    done = CliRunner().invoke(main, ["eval", str(file), "--against", str(tmp_path / "none")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"qa: {tmp_path / 'none'} cannot be read: No such file or directory\n"


def test_the_json_keeps_what_a_comparison_needs(evaluation: Evaluation) -> None:
    first = report_json(evaluation)["questions"][0]
    assert first["relevant"] == [{"title": "Pulsars", "place": 1}]
    assert first["ranking"][0] == "stars"
    assert first["found"]["nDCG@10"] == 1.0
    assert first["answer"]["citations exact"] == [1.0, 1.0]
    assert (first["outcome"], first["sort"]) == ("unjudged", None)


def test_the_json_has_the_points_of_the_curves(evaluation: Evaluation) -> None:
    points = report_json(evaluation)["curves"]["risk and coverage"]
    assert points[-1] == {"threshold": 0.0, "coverage": 1.0, "risk": 0.25}
