"""The formats that papers go out in: they come back, and other programs take them."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from pathlib import Path

import pytest
import rispy
from bibtexparser.entrypoint import parse_string

from qa import Failure, InvalidInput, Library, Paper, read_papers
from qa.exporting import export

DATA = Path(__file__).parent / "data" / "formats"

PIECES = [
    *(
        "word ",
        "word ",
        " ",
        "\n\n",
        "{",
        "}",
        "$",
        "\\",
        '"',
        "'",
        "`",
        "``",
        "''",
        "--",
        "---",
        "~",
        "^",
        "_",
    ),
    *(
        "%",
        "#",
        "& ",
        "@article{",
        "@x(",
        "=",
        ",",
        ";",
        "$x_1$",
        "$\\{$",
        "\\(y\\)",
        "é",
        "β",
        "中",
        "TY  - ",
    ),
    *("ER  - ", "\u2028", "\t", "\\textit{a}", "\\'e", "\r", "e\u0301", "5 < 6", ". "),
]
NAMES = ["Ann Lee", "Ludwig van Beethoven", "OpenAI", "Martin King Jr.", "Gemma Team", "Émile Ø. Müller"]


def made(seed: int) -> list[Paper]:
    """Papers of all that is hard to write down."""
    chance = random.Random(seed)

    def text(longest: int) -> str:
        return "".join(chance.choices(PIECES, k=chance.randint(0, longest)))

    def paper(number: int) -> Paper:
        authors = tuple(chance.sample(NAMES, chance.randint(0, 3)))
        return Paper(
            id=f"{seed}-{number}",
            title=f"{text(10)}end",
            abstract=text(25),
            authors=authors,
            author_count=len(authors) or None,
            published=chance.choice([None, "2020", "2020-03", "2020-03-09"]),
            url=chance.choice([None, "https://a.org/x_y%20z?a=1&b=~2"]),
            doi=chance.choice([None, "10.1000/a_b(c)"]),
            arxiv_id=chance.choice([None, "2312.04927", "hep-th/9901001"]),
            venue=chance.choice([None, "J. of A & B"]),
            source=("x",),
        )

    return [paper(number) for number in range(10)]


def told(paper: Paper) -> Paper:
    """What a reference keeps of a paper, white space apart."""
    title, abstract = (" ".join(text.split()) for text in (paper.title, paper.abstract))
    return replace(paper, id="", source=(), comments=None, title=title, abstract=abstract)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("format", ["jsonl", "bibtex", "ris", "csv"])
def test_what_goes_out_comes_back(tmp_path: Path, format: str, seed: int) -> None:
    papers, file = made(seed), tmp_path / "back"
    file.write_bytes("".join(export(papers, format)).encode())
    failed: list[Failure] = []
    back = list(read_papers(file, failed.append))
    assert failed == []
    assert list(map(told, back)) == list(map(told, papers))
    assert format != "jsonl" or back == papers


@pytest.mark.parametrize("seed", range(10))
def test_other_programs_take_it_without_a_warning(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    papers = made(seed)
    with caplog.at_level(logging.DEBUG):
        bib = parse_string("".join(export(papers, "bibtex")))
        ris = rispy.loads("".join(export(papers, "ris")))
    assert (len(bib.entries), bib.failed_blocks, bib.comments, caplog.records) == (10, [], [], [])
    assert [(entry["id"], "unknown_tag" in entry) for entry in ris] == [(paper.id, False) for paper in papers]


def test_nothing_unknown_is_made_up() -> None:
    bare = Paper(id="x", title="Of Widgets", abstract="")
    assert "".join(export([bare], "bibtex")) == "@misc{widgets,\n  title = {Of Widgets}\n}\n\n"
    assert "".join(export([bare], "ris")) == "TY  - GEN\nTI  - Of Widgets\nID  - x\nER  - \n\n"
    heading, row, _ = "".join(export([bare], "csv")).split("\r\n")
    assert (heading.split(",")[:4], row) == (
        ["id", "title", "abstract", "authors"],
        "x,Of Widgets,,,,,,,,,,,",
    )


def test_bibtex_for_people_to_read() -> None:
    paper = Paper(
        id="10.1/x",
        title="Of $x_1$ & 5% Widgets",
        abstract="",
        authors=("Ann Lee", "Martin King Jr."),
        author_count=5,
        published="2020-03-09",
        doi="10.1/x_y",
        arxiv_id="2312.04927",
        venue="J. Widgets",
    )
    assert "".join(export([paper, paper], "bibtex")).split("\n\n")[1].split("\n") == [
        "@article{lee2020widgets-2,",
        r"  title = {Of $x_1$ \& 5\% Widgets},",
        "  author = {Ann Lee and King, Jr., Martin and others},",
        "  year = {2020},",
        "  month = mar,",
        "  day = {9},",
        "  journal = {J. Widgets},",
        "  doi = {10.1/x_y},",
        "  eprint = {2312.04927},",
        "  archiveprefix = {arXiv}",
        "}",
    ]


def test_a_library_goes_out_and_comes_back_equal(tmp_path: Path) -> None:
    papers = [paper for file in sorted(DATA.iterdir()) for paper in read_papers(file, lambda failure: None)]
    with Library(tmp_path / "a") as first, Library(tmp_path / "b") as second:
        first.add(papers)
        (tmp_path / "out.jsonl").write_text("".join(first.export()), encoding="utf-8")
        second.add(tmp_path / "out.jsonl")
        assert second.papers() == first.papers()
        with pytest.raises(InvalidInput, match="no format is called 'xls': use jsonl, bibtex, ris, csv"):
            first.export("xls")
