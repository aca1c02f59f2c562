"""Every format that papers come in, by files made by hand: each field to the letter."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Failure, Paper, read_papers

DATA = Path(__file__).parent / "data" / "formats"
Read = Callable[..., tuple[list[Paper], list[tuple[str, str]]]]


def read_file(file: Path) -> tuple[list[Paper], list[tuple[str, str]]]:
    """The papers of a file, and the place and reason of each failure."""
    failed: list[Failure] = []
    papers = list(read_papers(file, failed.append))
    return papers, [(failure.place, failure.reason) for failure in failed]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text, or bytes, as a file."""

    def read(text: str | bytes, name: str = "x") -> tuple[list[Paper], list[tuple[str, str]]]:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_file(tmp_path / name)

    return read


# Formats, to the letter --------------------------------------------------------------------------


def test_the_arxiv_api() -> None:
    papers, failed = read_file(DATA / "atom.xml")
    assert papers[0] == Paper(
        id="10.1000/widgets.1",
        title=r"Widgets for $\beta$-decay",
        abstract="We build widgets & test them, as Gödel did. They reach $x < 3$ on two-dimensional data.",
        authors=("Ann Lee", "Zoé Müller"),
        author_count=2,
        published="2024-01-02",
        url="http://arxiv.org/abs/2401.00001v2",
        doi="10.1000/widgets.1",
        arxiv_id="2401.00001",
        venue="J. Widgets 3 (2024)",
        source=("atom.xml",),
    )
    assert [(paper.title, paper.abstract, paper.id) for paper in papers[1:]] == [
        ("Strings", "Café strings.", "hep-th/9901002")
    ]
    assert failed == [("line 20", "this record is no well-formed XML (mismatched tag)")]


def test_an_error_of_the_arxiv_api(read: Read) -> None:
    entry = (
        "<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title><summary>bad id</summary></entry>"
    )
    papers, failed = read(f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>")
    assert (papers, failed) == ([], [("line 1", "arXiv answered with an error: bad id")])


def test_the_arxiv_snapshot(tmp_path: Path) -> None:
    papers, failed = read_file(DATA / "snapshot.jsonl")
    assert papers[0] == Paper(
        id="10.1103/w.1",
        title="Prompt widgets",
        abstract=r"All next-to-leading order widgets at $\sqrt{s}$, 5% of them.",
        authors=("C. Balázs", "B. Wu Jr"),
        author_count=2,
        published="2007-04-02",
        doi="10.1103/W.1",
        arxiv_id="0704.0001",
        venue="Phys.Rev.D1",
        source=("snapshot.jsonl",),
    )
    assert (papers[1].id, papers[1].authors, papers[1].published) == ("0704.0003", ("Ann Lee",), "2008-11-26")
    assert [place for place, _ in failed] == ["line 2"]
    assert failed[0][1].startswith("this line is no JSON (")
    packed = tmp_path / "snapshot.jsonl"
    packed.write_bytes(gzip.compress((DATA / "snapshot.jsonl").read_bytes()))
    assert read_file(packed) == (papers, failed)
    packed.write_bytes(packed.read_bytes()[:-20])
    assert read_file(packed)[1][-1] == ("file", "its compressed data is damaged or breaks off")


def test_bibtex() -> None:
    papers, failed = read_file(DATA / "library.bib")
    assert papers[0] == Paper(
        id="10.1000/w_1",
        title=r"GaN Widgets—$\beta$-Decay in Cu$_2$O & More",
        abstract="We study “widgets” of 50% and 3<5.\n\nThey work.",
        authors=("Józef Müller", "Ann van der Berg", "Widget Group, Inc.", "Martin King Jr."),
        author_count=None,
        published="2020-03",
        doi="10.1000/w_1",
        venue="Journal of Widgets B",
        source=("library.bib",),
    )
    paren, scholar, same_key, proceedings = papers[1:]
    assert (paren.title, paren.authors) == ("A “W”idget for all", ("Bo Wu", "Ann Lee"))
    assert (paren.arxiv_id, paren.published) == ("1905.01234", "2019")
    assert paren.venue == "Proceedings of the Widget Conference"
    assert (scholar.title, scholar.arxiv_id) == ("From Scholar", "2101.00001")
    assert (same_key.published, same_key.organisation) == ("2021-05-06", "ACME")
    assert proceedings.title == "Proceedings of the Widget Conference"
    assert [place for place, _ in failed] == ["line 25", "line 31"]
    assert failed[0][1].startswith("it is no whole BibTeX entry (")
    assert failed[1][1] == "it has no title"


def test_ris() -> None:
    papers, failed = read_file(DATA / "references.ris")
    assert papers[0] == Paper(
        id="10.1000/ris.1",
        title="A widget with a hard break",
        abstract="We found p < 0.05 in H2O.",
        authors=("Ann Lee", "Martin King Jr.", "R. Liu"),
        author_count=3,
        published="2019-05-06",
        url="http://example.org/1",
        doi="10.1000/RIS.1",
        venue="Journal of Widgets",
        source=("references.ris",),
    )
    old, cut_off = papers[1:]
    assert (old.title, old.abstract, old.authors) == ("An older widget", "", ("Bo Wu",))
    assert (old.published, old.arxiv_id, old.venue) == ("1998-03", "hep-th/9901001", "Old Journal")
    assert (cut_off.title, cut_off.published) == ("A widget without an end", "2018-09")
    assert failed == [
        ("line 29", "it has no title"),
        ("line 32", "the file ends without ER in this record: its end may be missing"),
    ]


def test_web_of_science_and_endnote() -> None:
    (paper,), failed = read_file(DATA / "wos.txt")
    assert (paper.title, paper.abstract, paper.authors) == (
        "Widgets of the web",
        "Long abstract.",
        ("Ann B. Lee", "Bo Wu"),
    )
    assert (paper.published, paper.doi, paper.venue, failed) == (
        "2004-06-08",
        "10.1000/wos.1",
        "J WIDGETS",
        [],
    )
    first, second = read_file(DATA / "refer.enw")[0]
    assert (first.title, first.abstract, first.authors) == (
        "Widgets by EndNote",
        "An abstract.",
        ("Ann Lee", "Bo Wu"),
    )
    assert (first.published, first.doi, second.title) == ("2011", "10.1000/enw.1", "Second")


def test_pubmed_lines() -> None:
    (first, second), failed = read_file(DATA / "pubmed.nbib")
    assert first == Paper(
        id="10.1000/nbib.1",
        title="Widgets in medicine: a long title.",
        abstract="BACKGROUND: We wrap lines. RESULTS: It works.",
        authors=("Ann B Lee", "Widget Study Group", "Bo Wu"),
        author_count=3,
        published="2002-09-03",
        url="https://pubmed.ncbi.nlm.nih.gov/12345/",
        doi="10.1000/nbib.1",
        venue="Journal of widgets",
        source=("pubmed.nbib",),
    )
    assert (second.authors, second.published, second.venue, failed) == (("H Mangalam",), "2001", "J Wid", [])


def test_pubmed_xml() -> None:
    (paper,), failed = read_file(DATA / "pubmed.xml")
    assert paper == Paper(
        id="10.1000/pm.1",
        title="Widgets at the TERT gene.",
        abstract="OBJECTIVE: We aim. RESULTS: p < 0.1.",
        authors=("Ann B Lee", "Widget Study and Group"),
        author_count=2,
        published="2017-06",
        url="https://pubmed.ncbi.nlm.nih.gov/777/",
        doi="10.1000/pm.1",
        venue="Gut",
        source=("pubmed.xml",),
    )
    assert failed == [("line 14", "this record does not end")]


def test_csl_json() -> None:
    papers, failed = read_file(DATA / "csl.json")
    assert papers[0] == Paper(
        id="10/fqd6hj",
        title="Perceptions of widgets",
        abstract="",
        authors=("Ann van den Berg", "ACME"),
        author_count=2,
        published="2016-06-01",
        url="https://example.org/w",
        doi="10/fqd6hj",
        venue="Widget Studies",
        source=("csl.json",),
    )
    assert [(paper.title, paper.arxiv_id, paper.published) for paper in papers[1:]] == [
        ("A preprint", "2303.00001", "2023-03")
    ]
    assert [place for place, _ in failed] == ["line 6"]


def test_semantic_scholar() -> None:
    papers, failed = read_file(DATA / "scholar.json")
    assert papers[0] == Paper(
        id="10.1000/s2.1",
        title="Widgets are all you need",
        abstract="",
        authors=("Ann Lee", "Bo Wu"),
        author_count=2,
        published="2017-06-12",
        url="https://www.semanticscholar.org/paper/a1",
        doi="10.1000/s2.1",
        arxiv_id="1706.03762",
        venue="WidgetConf",
        source=("scholar.json",),
    )
    assert (papers[1].published, papers[1].author_count) == ("2018", None)
    assert failed == [("record 3", "it has no title")]


def test_a_table() -> None:
    papers, failed = read_file(DATA / "table.csv")
    assert papers[0] == Paper(
        id="10.1000/csv.1",
        title="Widgets, tabled",
        abstract='Two lines, "quoted".',
        authors=("R. Liu", "D.G. Adler"),
        author_count=2,
        published="2014",
        url="http://example.org",
        doi="10.1000/csv.1",
        venue="J Widgets",
        source=("table.csv",),
    )
    assert [(paper.title, paper.authors) for paper in papers[1:]] == [
        ("Second", ("Ann Lee", "Bo Wu")),
        ("Fourth", ("Ann Lee", "Bo Wu")),
    ]
    assert failed == [
        ("line 6", "it has 8 cells, and the table 7 columns"),
        ("line 7", "its quotation marks or its cells do not fit the columns"),
        ("line 10", "it has no title"),
    ]


@pytest.mark.parametrize("mark", ["\t", ";", "|", ","])
def test_tables_of_all_marks(read: Read, mark: str) -> None:
    rows = [["Title", "Year", "Authors"], ["Of Widgets", "2020", "Ann Lee"]]
    ((paper,), failed) = read("\n".join(mark.join(row) for row in rows))
    assert (paper.title, paper.published, paper.authors, failed) == ("Of Widgets", "2020", ("Ann Lee",), [])


# Text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_of_unicode(read: Read, encoding: str) -> None:
    (paper,), _ = read("@misc{a, title = {Café 测试 β}, year = 2020}\r\n".encode(encoding))
    assert paper.title == "Café 测试 β"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("latin-1", "Café Münster Øst"), ("gbk", "基于注意力的小部件"), ("cp1252", "“Café” – €5")],
)
def test_encodings_of_old(read: Read, encoding: str, title: str) -> None:
    (paper,), _ = read(f"TY  - JOUR\nTI  - {title}\nER  - \n".encode(encoding))
    assert paper.title == title


def test_an_encoding_that_the_file_names(read: Read) -> None:
    (paper,), _ = read("% Encoding: iso8859-5\n@misc{a, title = {Проверка}}".encode("iso8859-5"))
    assert paper.title == "Проверка"


def test_a_line_of_latin_1_within_utf_8(read: Read) -> None:
    lines = ["@misc{a, title = {Größe}}", "@misc{b, title = {Maß}}", "@misc{c, title = {Café}}"]
    papers, _ = read(b"\n".join([lines[0].encode(), lines[1].encode("latin-1"), lines[2].encode()]))
    assert [paper.title for paper in papers] == ["Größe", "Maß", "Café"]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (r"{\'E}tude \`a la \^{\i}le, \c{c}a {\v S}imon \H{o}", "Étude à la île, ça Šimon ő"),
        (r"Stra{\ss}e, {\L}\'od\'z, {\O}rsted, {\AA}", "Straße, Łódź, Ørsted, Å"),
        (r"50\% of 5\$ \& \#1 a\_b", "50% of 5$ & #1 a_b"),
        (r"\textit{In {Vivo}} {\em and} \textbf{bold} \emph{x}", "In Vivo and bold x"),
        (
            r"$\mathrm{H}_2\text{O}$ and \(a_{1}\) {$x \% y$}",
            r"$\mathrm{H}_2\text{O}$ and \(a_{1}\) $x \% y$",
        ),
        (r"10--20~ms --- ``fast'' \enquote{x}", "10–20 ms — “fast” “x”"),
        (r"as in \cite{lee} of 5 % costs", r"as in \cite{lee} of 5 % costs"),
        (r"<i>x</i> &lt; 5 &amp; {\&}amp;", "x < 5 & &"),
    ],
)
def test_latex_for_reading(read: Read, written: str, title: str) -> None:
    (paper,), _ = read(f"@misc{{a, title = {{{written}}}}}")
    assert paper.title == title


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Lee, Ann and Wu, Bo", ("Ann Lee", "Bo Wu")),
        (
            "{Barnes and Noble, Inc.} and Ludwig van Beethoven",
            ("Barnes and Noble, Inc.", "Ludwig van Beethoven"),
        ),
        ("{Garc{\\'i}a-M{\\'a}rquez}, Ana", ("Ana García-Márquez",)),
        ("Lee, Ann; Wu, Bo", ("Ann Lee", "Bo Wu")),
        ('J{\\"o}rg Hoffmann 0001', ("Jörg Hoffmann",)),
    ],
)
def test_authors_of_bibtex(read: Read, author: str, names: tuple[str, ...]) -> None:
    (paper,), _ = read(f"@misc{{a, title = {{T}}, author = {{{author}}}}}")
    assert (paper.authors, paper.author_count) == (names, len(names))


def test_entities_are_neither_expanded_nor_fetched(read: Read) -> None:
    bomb = "<!DOCTYPE feed [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    entries = (
        "<entry><title>&b;</title></entry><entry><title>&f;</title></entry><entry><title>Ok</title></entry>"
    )
    papers, failed = read(f"<?xml version='1.0'?>{bomb}<feed>{entries}</feed>")
    assert [paper.title for paper in papers] == ["Ok"]
    assert failed == [("line 1", "this record is no well-formed XML (undefined entity)")] * 2


def test_json_lines_are_not_read_as_a_whole(read: Read) -> None:
    line = json.dumps({"title": "Of Widgets", "abstract": "word " * 2000, "year": 2020}) + "\n"
    papers, failed = read(line * 200 + "[broken\n" + line)
    assert (len(papers), failed[0][0]) == (201, "line 201")
