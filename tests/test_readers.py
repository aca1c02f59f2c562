"""Files to papers: the seeds to the letter, and made-up files for every edge of their layouts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Failure, Paper, ReadError, read_papers
from qa.resources import resource_folder

SEEDS = resource_folder("seeds")
HEADER = """new

Get trending papers in your email inbox!

Subscribe

Daily Papers

byAK and the research community

Nov 6

"""
WIDGETS = "We study widgets. " * 20 + "They work."
GADGETS = "Gadgets, unlike widgets, are hard to make. " * 10 + "We make one."

Read = Callable[[str | bytes], tuple[list[Paper], list[Failure]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text as the file page.txt: its papers, and what failed."""

    def read(text: str | bytes) -> tuple[list[Paper], list[Failure]]:
        file = tmp_path / "page.txt"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        failed: list[Failure] = []
        return list(read_papers(file, failed.append)), failed

    return read


@pytest.fixture(scope="module")
def seeds() -> list[Paper]:
    """All records of the seeds, which are read without a failure."""
    failed: list[Failure] = []
    papers = list(read_papers(SEEDS, failed.append))
    assert failed == []
    return papers


def named(papers: list[Paper], start: str) -> Paper:
    """The one paper whose title starts so."""
    (paper,) = [paper for paper in papers if paper.title.startswith(start)]
    return paper


def texts(papers: list[Paper]) -> list[tuple[str, str]]:
    """Titles and abstracts."""
    return [(paper.title, paper.abstract) for paper in papers]


# The seeds ---------------------------------------------------------------------------------------


def test_counts_of_the_seeds(seeds: list[Paper]) -> None:
    assert len(seeds) == 340
    counts = Counter(paper.source[0] for paper in seeds)
    assert [counts[file.name] for file in sorted(SEEDS.glob("*.txt"))] == [10, 61, 171, 22, 76]
    assert {len(paper.source) for paper in seeds} == {1}


def test_no_letter_of_the_seeds_is_changed(seeds: list[Paper]) -> None:
    for paper in seeds:
        raw = (SEEDS / paper.source[0]).read_bytes().decode("utf-8")
        assert f"\n{paper.title}\n" in raw
        assert paper.abstract in raw.split("\n")


def test_authors_of_the_plain_list(seeds: list[Paper]) -> None:
    listed = seeds[:10]
    assert listed[0].authors == ("Margalit Glasgow", "Joan Bruna")
    assert listed[1].authors == ("Yuanzhe Li", "Hang Zhong", "Steffen Müller")
    assert listed[2].authors == ()
    assert listed[5].authors[0] == "Quang Hieu Pham"
    assert listed[9].authors == ("Shuvro Chowdhury", "Shaila Niazi", "Kerem Y. Camsari")
    assert [paper.author_count for paper in listed] == [2, 3, None, 4, 4, 5, 6, 4, 9, 3]
    assert {paper.published for paper in listed} == {None}


def test_footers_of_the_pages(seeds: list[Paper]) -> None:
    def footer(start: str) -> tuple[int | None, str | None, str | None, int | None]:
        paper = named(seeds, start)
        return paper.author_count, paper.organisation, paper.published, paper.comments

    assert footer("Softplus Attention") == (2, None, "2025-01-23", None)
    assert footer("Adapting LLMs for Efficient") == (8, None, "2024-04-07", None)
    assert footer("VL-Cogito") == (12, None, "2025-07-30", 4)
    assert footer("Random Spatial Networks") == (4, None, "2017-02-04", None)
    assert footer("Compose Your Policies!") == (None, None, None, None)
    assert footer("SeerAttention") == (None, None, None, None)


def test_organisations_are_no_authors(seeds: list[Paper]) -> None:
    found = [paper for paper in seeds if paper.organisation]
    assert [paper.organisation for paper in found] == [
        "NAVER AI Lab",
        "AI at Meta",
        "Adobe",
        "NJU-IRP",
        "Pathway",
    ]
    assert [paper.published for paper in found] == [
        "2020-06-15", "2025-10-24", "2025-09-29", "2025-10-17", "2025-09-30",
    ]  # fmt: skip
    assert [paper.comments for paper in found] == [None, 1, 1, 6, 21]
    assert {(paper.authors, paper.author_count) for paper in found} == {((), None)}


def test_what_the_seeds_do_not_say_stays_empty(seeds: list[Paper]) -> None:
    assert sum(paper.published is None for paper in seeds) == 94
    assert sum(paper.comments is not None for paper in seeds) == 51
    assert sum(bool(paper.authors) for paper in seeds) == 9
    assert {(paper.url, paper.doi, paper.arxiv_id, paper.venue) for paper in seeds} == {(None,) * 4}


# Web pages ---------------------------------------------------------------------------------------


def test_footer_parts_may_be_missing(read: Read) -> None:
    footers = ["  • 2 authors", "  • 1 author\n·", "·\nMay 3, 2021", "adobe Adobe\n·", "·\nMay 4, 2021 7"]
    papers, failed = read(
        HEADER + "\n\n".join(f"Title {n}\n\n{WIDGETS}\n\n{f}" for n, f in enumerate(footers))
    )
    assert [(p.author_count, p.organisation, p.published, p.comments) for p in papers] == [
        (2, None, None, None),
        (1, None, None, None),
        (None, None, "2021-05-03", None),
        (None, "Adobe", None, None),
        (None, None, "2021-05-04", 7),
    ]
    assert failed == []


def test_an_organisation_beside_a_number_of_authors(read: Read) -> None:
    papers, _ = read(f"{HEADER}A Title\n\n{WIDGETS}\n\ntencent Tencent, Inc.\n  • 3 authors\n·\nJan 2, 2020")
    assert (papers[0].organisation, papers[0].author_count) == ("Tencent, Inc.", 3)
    assert papers[0].abstract == WIDGETS


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        (["May 3, 2021", "Jan 23"], ["2021-05-03", "2022-01-23"]),
        (["Jan 23 5", "May 3, 2021", "May 3, 2019"], ["2022-01-23", "2021-05-03", "2019-05-03"]),
        (["Jan 23", "Dec 31 4"], [None, None]),
        (["Feb 29", "Feb 30, 2020"], [None, None]),
        (["Feb 29", "Feb 29, 2023"], ["2024-02-29", None]),
    ],
)
def test_a_date_without_a_year_follows_the_latest_in_a_footer(
    read: Read, dates: list[str], published: list[str | None]
) -> None:
    abstract = f"{WIDGETS} It was measured on May 3, 2031."
    papers, _ = read(
        HEADER + "\n\n".join(f"A Title\n\n{abstract}\n\n  • 2 authors\n·\n{day}" for day in dates)
    )
    assert [paper.published for paper in papers] == published


def test_entries_in_a_row_without_footers_stay_apart(read: Read) -> None:
    papers, failed = read(
        f"{HEADER}First\n\n{WIDGETS}\n\nSecond?\n\n{GADGETS}\n\nthird of them\n\n{WIDGETS}\n\n"
        f"  • 5 authors\n·\nMay 3, 2024\n\nLast: One\n\n{GADGETS}"
    )
    assert [paper.title for paper in papers] == ["First", "Second?", "third of them", "Last: One"]
    assert [paper.author_count for paper in papers] == [None, None, 5, None]
    assert failed == []


def test_short_entries_are_told_by_their_place(read: Read) -> None:
    papers, failed = read(
        f"{HEADER}One\n\nno full stop\n\n  • 2 authors\n\nTwo.\n\nWhy not?\n\n  • 3 authors"
    )
    assert texts(papers) == [("One", "no full stop"), ("Two.", "Why not?")]
    assert failed == []


@pytest.mark.parametrize(
    "abstract",
    [
        f"{WIDGETS}\n\nA second paragraph: {GADGETS}",
        f"{WIDGETS}\n\nOct 3\n\n{GADGETS}",
        "Something was seen on\nOct 3\nand was gone soon after.",
        f"{WIDGETS}\n- point one\n- Point Two",
        f"{WIDGETS}\n\n1. Point One\n\n2. point two.",
        f"{WIDGETS}\n\nCode: https://example.org/Code",
        f"{WIDGETS}\n\nand so on to infinity",
        f"{WIDGETS} For $x < y$, naïve Σ\u0301 \\alpha_{{1}} **bold**\u00a0<b>.",
    ],
)
def test_abstracts_stay_whole(read: Read, abstract: str) -> None:
    papers, failed = read(
        f"{HEADER}A Title\n\n{abstract}\n\n  • 2 authors\n·\nMay 3, 2024\n\nNext\n\n{GADGETS}"
    )
    assert texts(papers) == [("A Title", abstract), ("Next", GADGETS)]
    assert failed == []


@pytest.mark.parametrize(
    "title", ["Attention, Memory", "Bruna, Joan", "Is it so?", "$\\mu$P 1.5: a way", "K.", "Ω"]
)
def test_titles_of_any_look(read: Read, title: str) -> None:
    footer = "  • 2 authors\n·\nMay 3, 2024"
    papers, failed = read(f"{HEADER}First\n\n{GADGETS}\n\n{footer}\n\n{title}\n\n{WIDGETS}\n\n{footer}")
    assert texts(papers)[1] == (title, WIDGETS)
    assert (papers[1].authors, failed) == ((), [])


def test_pages_without_footers(read: Read) -> None:
    papers, failed = read(
        f"{HEADER}First\n\n{WIDGETS}\n\nBruna, Joan\n\nA short one.\n\nIs it?\n\n{GADGETS}\n"
    )
    assert texts(papers) == [("First", WIDGETS), ("Bruna, Joan", "A short one."), ("Is it?", GADGETS)]
    assert failed == []


@pytest.mark.parametrize(
    "header",
    [
        "",
        "new\n\n",
        "new\n\nMy reading list\n\nSubscribe\n\n",
        "A line of more than five words\n\nMar 11\n\n",
    ],
)
def test_furniture_is_no_paper(read: Read, header: str) -> None:
    page = f"{header}First\n\n{WIDGETS}\n\n  • 2 authors\n·\nMay 3, 2024\n\nNov 5\n\nSecond\n\n{GADGETS}\n\n"
    papers, failed = read(f"{page}Previous\n\n1\n\nNext\n\nCompany\n\nTOS\n")
    assert [(paper.title, paper.published) for paper in papers] == [("First", "2024-05-03"), ("Second", None)]
    assert failed == []


def test_days_between_papers_are_nobodys_date(read: Read) -> None:
    entry = f"  • 2 authors\n\nNov 5\n\nSecond\n\n{WIDGETS}\n\nNov 4\n\nThird\n\n{WIDGETS}\n\nNov 3\n"
    papers, failed = read(f"{HEADER}First\n\n{WIDGETS}\n\n{entry}\n\nLast\n\n{WIDGETS}\n\n·\nMay 3, 2024")
    assert [paper.published for paper in papers] == [None, None, None, "2024-05-03"]
    assert ({paper.abstract for paper in papers}, failed) == ({WIDGETS}, [])


@pytest.mark.parametrize("gap", ["\n", "\n\n\n"])
def test_pages_with_fewer_or_more_blank_lines(read: Read, gap: str) -> None:
    entry = f"{WIDGETS}\n\nadobe Adobe\n\n·\n\nMay 3, 2024 2"
    papers, failed = read(f"{HEADER}First\n\n{entry}\n\nSecond\n\n{entry}".replace("\n\n", gap))
    assert texts(papers) == [("First", WIDGETS), ("Second", WIDGETS)]
    assert {(p.organisation, p.published, p.comments) for p in papers} == {("Adobe", "2024-05-03", 2)}
    assert failed == []


def test_line_ends_marks_and_spaces_around(read: Read) -> None:
    page = f"{HEADER}First\n\n{WIDGETS}\nand more.\n\n  • 2 authors\n·\nMay 3, 2024\n\nSecond\n\n{GADGETS}"
    plain, _ = read(page)
    for other in (
        page.replace("\n", "\r\n"),
        page.replace("\n", "\r"),
        page.replace("\n", " \t\n"),
        f"\ufeff{page}\n\n",
    ):
        papers, failed = read(other)
        assert failed == []
        assert [paper.title for paper in papers] == ["First", "Second"]
        assert [paper.abstract.replace(" \t", "") for paper in papers] == [paper.abstract for paper in plain]


# Plain lists -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "blank", ["{}\n{}\n{}\n", "{}\n{}\n{}\n\n", "{}\n\n{}\n\n{}\n\n", "{}\n{}\n\n{}\n\n"]
)
@pytest.mark.parametrize("tag", ["", "mft\n\n", "MFT\n"])
def test_lists_with_and_without_blank_lines_and_tag(read: Read, blank: str, tag: str) -> None:
    entries = [
        ("Of Widgets and Men", "Bruna, Joan", WIDGETS),
        ("Two, Three?", "Li, Wei, de Vries, Anna", GADGETS),
    ]
    papers, failed = read(tag + "".join(blank.format(*entry) for entry in entries))
    assert texts(papers) == [("Of Widgets and Men", WIDGETS), ("Two, Three?", GADGETS)]
    assert [paper.authors for paper in papers] == [("Joan Bruna",), ("Wei Li", "Anna de Vries")]
    assert failed == []


def test_a_tag_of_several_words(read: Read) -> None:
    papers, failed = read(f"My Reading List\nGrokking\n{WIDGETS}\nSecond\nLi, Wei\n{GADGETS}")
    assert [(paper.title, paper.authors) for paper in papers] == [("Grokking", ()), ("Second", ("Wei Li",))]
    assert failed == []


def test_blocks_of_title_and_abstract_below_a_tag(read: Read) -> None:
    papers, failed = read(f"Fine Tuning\n\nFirst\n{WIDGETS}\n\nSecond\nLi, Wei\n{GADGETS}\n")
    assert texts(papers) == [("First", WIDGETS), ("Second", GADGETS)]
    assert failed == []


def test_a_long_line_of_authors_is_no_abstract(read: Read) -> None:
    papers, failed = read(f"mft\nStray\n{', '.join(['Li, Wei'] * 60)}\nFirst\n{WIDGETS}\n")
    assert texts(papers) == [("First", WIDGETS)]
    assert [failure.place for failure in failed] == ["line 2", "line 3"]


def test_a_title_that_looks_like_authors(read: Read) -> None:
    papers, failed = read(f"mft\nAttention, Planning\n{WIDGETS}\nSearch, Sort\nKnuth, Donald E.\n{GADGETS}\n")
    assert [(paper.title, paper.authors) for paper in papers] == [
        ("Attention, Planning", ()),
        ("Search, Sort", ("Donald E. Knuth",)),
    ]
    assert failed == []


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("E, Weinan, d'Aspremont, Alexandre", ("Weinan E", "Alexandre d'Aspremont")),
        ("van den Berg, Rianne, O’Neil, Cathy", ("Rianne van den Berg", "Cathy O’Neil")),
        ("Łukasiewicz, Jan, 李, 伟, Cho, Kyung-Hyun", ("Jan Łukasiewicz", "伟 李", "Kyung-Hyun Cho")),
        (", ".join(["Li, Wei"] * 60), ("Wei Li",) * 60),
    ],
)
def test_names_in_the_order_of_the_source(read: Read, line: str, people: tuple[str, ...]) -> None:
    papers, failed = read(f"mft\nOn Names\n{line}\n{WIDGETS}\n")
    assert (papers[0].authors, papers[0].author_count) == (people, len(people))
    assert failed == []


@pytest.mark.parametrize(
    "line",
    [
        "Plato, Bruna, Joan",
        "Bruna, Joan, et al.",
        "King, Martin Luther, Jr., Plato",
        "J. R., Smith, Bruna, Joan",
        "Joan Bruna, Margalit Glasgow, Wei Li, Anna Vries",
        "Bruna, Joan; Li, Wei; Xu, Bo; Glasgow, Margalit",
        "DeepSeek-AI",
        "Gemma Team",
    ],
)
def test_names_that_do_not_pair_up_are_not_guessed_at(read: Read, line: str) -> None:
    papers, failed = read(f"mft\nOn Names and Things\n{line}\n{WIDGETS}\n")
    assert texts(papers) == [("On Names and Things", WIDGETS)]
    assert (papers[0].authors, papers[0].author_count) == ((), None)
    assert [(failure.source, failure.place) for failure in failed] == [("page.txt", "line 3")]
    assert "not pairs of Family, Given" in failed[0].reason


# What cannot be read -----------------------------------------------------------------------------


def test_a_title_without_an_abstract_in_a_page(read: Read) -> None:
    footer = "  • 2 authors\n·\nMay 3, 2024"
    papers, failed = read(
        f"{HEADER}A Stray Title\n\nFirst\n\n{WIDGETS}\n\n{footer}\n\nAnother Stray\n\n{footer}\n\n"
        f"Second\n\n{GADGETS}\n\n{footer}\n\nLast Stray Title\n"
    )
    assert texts(papers) == [("First", WIDGETS), ("Second", GADGETS)]
    assert [failure.place for failure in failed] == ["line 13", "line 23", "line 37"]
    assert failed[0].reason == 'no abstract follows this line: "A Stray Title"'


def test_a_footer_below_a_stray_title_is_not_given_to_the_paper_above(read: Read) -> None:
    papers, failed = read(f"{HEADER}First\n\n{WIDGETS}\n\nA Stray Title\n\n  • 2 authors\n·\nMay 3, 2024\n")
    assert [(paper.title, paper.author_count, paper.published) for paper in papers] == [("First", None, None)]
    assert [failure.place for failure in failed] == ["line 17"]


def test_a_rule_between_paragraphs_is_no_title(read: Read) -> None:
    papers, failed = read(f"mft\nFirst\n{WIDGETS}\n***\n{GADGETS}\nSecond\n{WIDGETS}\n")
    assert [paper.title for paper in papers] == ["First", "Second"]
    assert [failure.place for failure in failed] == ["line 5"]


def test_an_organisation_is_no_abstract(read: Read) -> None:
    papers, failed = read(
        f"{HEADER}First\n\n{WIDGETS}\n\n  • 2 authors\n\nSecond\n\nadobe Adobe\n·\nMay 3, 2024\n"
    )
    assert texts(papers) == [("First", WIDGETS)]
    assert [failure.place for failure in failed] == ["line 19"]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_an_abstract_without_a_title_is_not_added_to_the_one_above(read: Read, gap: str) -> None:
    long = GADGETS * 4
    papers, failed = read(gap.join(["new", "First", long, long, "Second", WIDGETS]))
    assert texts(papers) == [("First", long), ("Second", WIDGETS)]
    assert [failure.reason[:36] for failure in failed] == ['no title stands above this text: "Ga']


def test_stray_lines_in_a_list(read: Read) -> None:
    papers, failed = read(
        f"mft\n{GADGETS}\nA Stray\nLi, Wei\nFirst\nBruna, Joan\n{WIDGETS}\nSecond\n{GADGETS}\nLast Stray\n"
    )
    assert texts(papers) == [("First", WIDGETS), ("Second", GADGETS)]
    assert [failure.place for failure in failed] == ["line 2", "line 3", "line 4", "line 10"]
    assert failed[0].reason.startswith('no title stands above this text: "Gadgets')


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (b"", "file", "it is empty"),
        (b"\xef\xbb\xbf \r\n\n", "file", "it is empty"),
        (b"PK\x03\x04\x00\x00", "file", "it is binary, not text"),
        (b"\x89PNG\r\n\x1a\n\x02\xff", "file", "it is binary, not text"),
        (
            b"%PDF-1.7\n%\xb5",
            "file",
            "it is a PDF, and only titles and abstracts are read so far: "
            "export them, for example as BibTeX or RIS",
        ),
        (b"\x1f\x8b\x08\0cut off", "file", "its compressed data is damaged or breaks off"),
        (HEADER.encode(), "file", "no title with an abstract is in it"),
    ],
)
def test_files_that_cannot_be_read(read: Read, content: bytes, place: str, reason: str) -> None:
    assert read(content) == ([], [Failure("page.txt", place, reason)])


@pytest.mark.parametrize(
    "text",
    [
        f'size,colour\n3,"{WIDGETS}"\n4,"{GADGETS}"\n',
        f"{{ Of Widgets }}\n{WIDGETS}\n",
        f"# Notes\n\n{WIDGETS}\n\n## Method\n\n{GADGETS}\n",
        f"{WIDGETS}\n\n{GADGETS}\n",
    ],
)
def test_other_formats_are_not_taken_for_papers(read: Read, text: str) -> None:
    papers, failed = read(text)
    assert (papers, [(failure.source, failure.place) for failure in failed]) == ([], [("page.txt", "file")])
    assert failed[0].reason.startswith("it has no known layout; expected JSON or JSON Lines with titles, XML")


# Files and folders -------------------------------------------------------------------------------


def test_a_folder_is_read_in_order_whatever_fails(tmp_path: Path) -> None:
    (tmp_path / "b" / ".git").mkdir(parents=True)
    (tmp_path / "b" / ".git" / "x").write_text(f"Hidden\n{WIDGETS}")
    (tmp_path / ".hidden").write_text(f"Hidden\n{WIDGETS}")
    (tmp_path / "c.txt").write_text(f"Third\n{WIDGETS}")
    (tmp_path / "b" / "a.txt").write_text(f"Second\n{WIDGETS}")
    (tmp_path / "a").write_text(f"First\n{WIDGETS}")
    (tmp_path / "b" / "bad.bin").write_bytes(b"\0")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    failed: list[Failure] = []
    papers = list(read_papers(tmp_path, failed.append))
    assert [paper.source for paper in papers] == [("a",), ("b/a.txt",), ("c.txt",)]
    assert [(failure.source, failure.reason) for failure in failed] == [
        ("b/bad.bin", "it is binary, not text"),
        ("gone", "it is no regular file"),
    ]


def test_an_empty_folder_is_a_failure(tmp_path: Path) -> None:
    failed: list[Failure] = []
    assert list(read_papers(str(tmp_path), failed.append)) == []
    assert failed == [Failure(tmp_path.name, "folder", "it holds no files")]


@pytest.mark.parametrize("path", ["nowhere/papers.txt", "", "a\0b", "x" * 5000])
def test_a_missing_path_is_an_error(path: str) -> None:
    with pytest.raises(ReadError, match="give the path of a file or a folder"):
        read_papers(path)


def test_a_path_that_is_no_file_is_an_error() -> None:
    with pytest.raises(ReadError, match="'/dev/null' is neither a file nor a folder"):
        read_papers("/dev/null")


def test_failures_are_logged_when_nobody_takes_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "empty.txt").touch()
    with caplog.at_level(logging.WARNING, logger="qa"):
        assert list(read_papers(tmp_path)) == []
    assert [(record.name, record.levelname, record.message) for record in caplog.records] == [
        ("qa", "WARNING", "empty.txt, file: it is empty")
    ]


def test_ids_are_stable_and_those_of_the_text(read: Read) -> None:
    first, _ = read(f"mft\nOf Widgets\n{WIDGETS}")
    again, _ = read(f"{HEADER}Of  WIDGETS!\n\n{WIDGETS}")
    assert first[0].id == again[0].id
    assert len(first[0].id) == 16
