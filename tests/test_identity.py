"""Which records are one paper, what its id is, and what is known once they are merged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qa import Library, Paper, read_papers
from qa.identity import merge, normalise_arxiv_id, normalise_doi, normalise_title, paper_id, same_paper
from qa.resources import resource_folder

TEN = "one two three four five six seven eight nine ten"
KNOWN = Paper(id="k", title="On Widgets", abstract=TEN)


def paper(**values: object) -> Paper:
    """A record with the title and abstract of `KNOWN`, but for the values given."""
    return replace(KNOWN, id="o", **values)  # type: ignore[arg-type]


def merged(papers: list[Paper]) -> list[Paper]:
    """Each paper once, in order of first sight."""
    found: list[Paper] = []
    for record in papers:
        at = next((i for i, known in enumerate(found) if same_paper(known, record)), None)
        if at is None:
            found.append(record)
        else:
            found[at] = merge(found[at], record)
    return found


@pytest.mark.parametrize("reverse", [False, True])
def test_the_seeds_are_335_papers(reverse: bool) -> None:
    records = sorted(read_papers(resource_folder("seeds")), key=lambda record: record.source, reverse=reverse)
    papers = merged(records)
    assert (len(records), len(papers), len({found.id for found in papers})) == (340, 335, 335)
    assert sum(found.published is None for found in papers) == 91
    (thought,) = [found for found in papers if found.title.startswith("Masked Thought")]
    assert thought.authors[0] == "Changyu Chen"
    assert thought.author_count == 9
    assert sorted(thought.source) == ["000_1cd89828ee3aa77d.txt", "004_a12bbccff7590fe3.txt"]
    (zoology,) = [found for found in papers if found.title.startswith("Zoology")]
    assert (zoology.author_count, zoology.published is None) == (8, False)


def test_an_id_as_exact_as_what_is_known() -> None:
    assert paper_id("A", "B", "https://doi.org/10.1145/ABC.1", "2312.04927") == "10.1145/abc.1"
    assert paper_id("A", "B", None, "arXiv:2312.04927v2") == "2312.04927"
    assert paper_id("A", "B", "", "") == paper_id("A", "B") == "a76de9f2d561975f"


def test_an_id_is_that_of_title_and_start_of_abstract() -> None:
    start = "word " * 60
    assert paper_id("Self-Degraded  Defense", start) == paper_id("self degraded defense!", f"{start}and on")
    assert paper_id("A", "B c") != paper_id("A B", "c")
    assert paper_id("A", "") != paper_id("B", "")
    assert paper_id("???", "") != paper_id("!!!", "")
    assert paper_id("\ud800", "") == paper_id("\ud800", "")


@pytest.mark.parametrize(
    ("title", "normal"),
    [
        ("  Is Temperature\tSample-Efficient? ", "is temperature sample efficient"),
        ("Müller’s ﬁeld², STRASSE", "müller s field2 strasse"),
        ("Mu\u0308ller's field2: Straße", "müller s field2 strasse"),
        ("neu\u00adral $k$-NN", "neural k nn"),
        ("Ω注意力", "ω注意力"),
        ("?!", ""),
    ],
)
def test_normalised_titles(title: str, normal: str) -> None:
    assert normalise_title(title) == normal


def test_identifiers_in_all_their_spellings() -> None:
    dois = [
        "10.1/AbC",
        "doi:10.1/abc",
        "DOI: 10.1/ABC",
        "https://doi.org/10.1/abc",
        " http://dx.doi.org/10.1/abc ",
    ]
    assert {normalise_doi(doi) for doi in dois} == {"10.1/abc"}
    ids = ["2312.04927", "2312.04927v3", "arXiv:2312.04927", "https://arxiv.org/pdf/2312.04927v1.pdf"]
    assert {normalise_arxiv_id(arxiv_id) for arxiv_id in ids} == {"2312.04927"}
    assert normalise_arxiv_id("hep-th/9901001v2") == "hep-th/9901001"
    assert (normalise_doi(None), normalise_arxiv_id(None)) == ("", "")


def test_an_identifier_in_common_is_enough() -> None:
    doi, other = (
        replace(KNOWN, doi="10.1/abc"),
        Paper(id="x", title="Else", abstract="", doi="https://doi.org/10.1/ABC"),
    )
    assert same_paper(doi, other)
    assert not same_paper(doi, replace(other, doi="10.1/abd"))
    first = replace(KNOWN, arxiv_id="2312.04927v1", authors=("A B",))
    second = Paper(id="x", title="Else", abstract="", arxiv_id="2312.04927v2", authors=("C D",))
    assert same_paper(first, second)
    assert not same_paper(replace(first, arxiv_id=None), replace(second, arxiv_id=None))


@pytest.mark.parametrize(
    ("abstract", "same"),
    [
        (TEN.upper(), True),
        ("", True),
        ("one two three four five six seven eight NEW new", True),  # 8 of 10 words, and 8 of 9
        ("one two three four five six seven NEW newer newest", False),  # 7 of 10
        (f"{TEN} eleven twelve", True),  # 10 of 12
        (f"{TEN} eleven twelve thirteen", False),  # 10 of 13
    ],
)
def test_one_title_wants_like_abstracts(abstract: str, same: bool) -> None:
    assert same_paper(KNOWN, paper(title="ON WIDGETS.", abstract=abstract)) is same
    assert same_paper(paper(title="ON WIDGETS.", abstract=abstract), KNOWN) is same


def test_other_titles_and_empty_ones_are_no_match() -> None:
    assert not same_paper(KNOWN, paper(title="On Widgets II"))
    assert not same_paper(paper(title=""), paper(title=""))
    assert not same_paper(paper(title="?"), paper(title="?"))


def test_different_identifiers_do_not_keep_one_text_apart() -> None:
    assert same_paper(paper(doi="10.1/a"), paper(doi="10.1/b"))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("Joan Bruna", "Wei Li"), ("Anna Vries", "J. Bruna"), True),
        (("Steffen Müller",), ("S. MULLER",), True),
        (("Zhang Wei",), ("Wei Zhang",), True),
        (("Martin King Jr.",), ("M. L. King",), True),
        (("Rianne van den Berg",), ("R. van den Berg",), True),
        (("Plato",), ("Plato",), True),
        (("Joan Bruna",), ("Wei Li",), False),
        (("Joan Bruna",), ("Wei Bruna",), False),
        (("Joan Bruna",), ("Joan Li",), False),
        (("Joan Bruna",), (), True),
    ],
)
def test_authors_who_share_nobody_keep_papers_apart(
    first: tuple[str], second: tuple[str], same: bool
) -> None:
    assert same_paper(paper(authors=first), paper(authors=second)) is same
    assert same_paper(paper(authors=second), paper(authors=first)) is same


def test_merging_fills_what_is_unknown() -> None:
    other = Paper(
        "o", "Other", "else", ("A B",), 1, "Adobe", "2025", 0, "u", "10.1/a", "2312.1", "V", ("y", "x")
    )
    bare = Paper(id="k", title="On Widgets", abstract="", source=("x", "z"))
    whole = replace(other, id="k", title="On Widgets", abstract="else", source=("x", "z", "y"))
    assert merge(bare, other) == whole
    assert merge(whole, other) == whole


def test_merging_a_record_with_itself_changes_nothing() -> None:
    for record in (
        KNOWN,
        paper(authors=("A B",)),
        paper(authors=("A B",), author_count=9),
        paper(source=("x",)),
    ):
        assert merge(record, record) == record


def test_merging_keeps_what_is_known() -> None:
    known = Paper("k", "T", "a", ("C D", "E F"), 2, "Meta", "2024", 0, "v", "10.1/b", "2312.2", "W", ("x",))
    other = Paper("o", "Other", "else", ("A B",), 1, "Adobe", "2025", 3, "u", "10.1/a", "2312.1", "V", ("x",))
    assert merge(known, other) == known


@pytest.mark.parametrize(
    ("known", "other", "authors", "count"),
    [
        (((), 5), (("A B", "C D"), 2), ("A B", "C D"), 2),
        ((("A B", "C D"), 2), ((), 5), ("A B", "C D"), 2),
        ((("A B",), None), ((), 5), ("A B",), None),
        (((), None), ((), 5), (), 5),
        (((), 4), ((), 5), (), 4),
    ],
)
def test_named_authors_count_more_than_a_number(
    known: tuple[tuple[str, ...], int | None],
    other: tuple[tuple[str, ...], int | None],
    authors: tuple[str, ...],
    count: int | None,
) -> None:
    a, b = (paper(authors=names, author_count=number) for names, number in (known, other))
    assert (merge(a, b).authors, merge(a, b).author_count) == (authors, count)


@pytest.mark.parametrize(
    ("known", "other", "published"),
    [
        ("2025", "2025-03-18", "2025-03-18"),
        ("2025-03", "2025-03-18", "2025-03-18"),
        ("2025-03-18", "2025", "2025-03-18"),
        ("2024", "2025-03-18", "2024"),
        ("2025-04", "2025-03-18", "2025-04"),
        (None, "2025", "2025"),
        ("2025", None, "2025"),
    ],
)
def test_the_more_exact_date_wins_where_both_agree(
    known: str | None, other: str | None, published: str
) -> None:
    assert merge(paper(published=known), paper(published=other)).published == published


# Hard pairs --------------------------------------------------------------------------------------

ABSTRACT = " ".join(f"word{number}" for number in range(20))
OTHER_ABSTRACT = " ".join(f"other{number}" for number in range(20))


def record(title: str, **values: object) -> Paper:
    return Paper(id=f"{title}{values}", title=title, **{"abstract": ABSTRACT, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (record("A", arxiv_id="2312.04927v1"), record("B", arxiv_id="2312.04927v2", abstract=OTHER_ABSTRACT)),
        (record("A", doi="10.48550/arXiv.2312.04927"), record("B", arxiv_id="2312.04927", abstract="")),
        (record("A", doi="10.48550/arXiv.2312.04927v3"), record("B", arxiv_id="2312.04927v1", abstract="")),
        (record(r"$\beta$-decay of H$_2$O"), record("β-Decay of H₂O", doi="10.1103/x")),
        (record(r"The $\mathrm{CO}_2$ cycle"), record("The CO2 cycle")),
        (record("Schrödinger's Straße"), record("Schrodinger’s Strasse")),
        (record("Pre-training data sets"), record("Pretraining datasets", authors=("A. Lee",))),
        (record("A", authors=("Wei Zhang",)), record("A", authors=("Zhang, W.", "B. Li"), doi="10.1/other")),
        (record("A", abstract=""), record("A", authors=("Ann Lee",))),
    ],
)
def test_one_paper_in_two_guises(a: Paper, b: Paper) -> None:
    assert same_paper(a, b)
    assert same_paper(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (record("Widgets, Part I", authors=("Ann Lee",)), record("Widgets, Part II", authors=("Ann Lee",))),
        (record("Widgets 1"), record("Widgets 2")),
        (record("Widgets"), record("Erratum: Widgets", authors=("Ann Lee",))),
        (record("Widgets"), record("Reply to: Widgets")),
        (record("Introduction"), record("Introduction", abstract=OTHER_ABSTRACT)),
        (record("Editorial", abstract="", authors=("A. Lee",)), record("Editorial", authors=("B. Wu",))),
        (record("Widgets at scale", authors=("A. Lee",)), record("Widgets on a scale", authors=("A. Lee",))),
        (record(r"$\alpha$-widgets"), record(r"$\beta$-widgets")),
        (record("A", arxiv_id="2312.04927"), record("B", arxiv_id="2312.04928")),
        (record("A", doi="10.48550/arXiv.2312.04927"), record("B", doi="10.48550/arXiv.2312.04928")),
        (record("", abstract=ABSTRACT), record("", abstract=ABSTRACT)),
    ],
)
def test_two_papers_that_look_alike(a: Paper, b: Paper) -> None:
    assert not same_paper(a, b)
    assert not same_paper(b, a)


def test_the_id_of_a_paper_that_arxiv_gave_its_doi() -> None:
    assert paper_id("A", "B", "https://doi.org/10.48550/arXiv.2312.04927v2") == "2312.04927"
    assert paper_id("A", "B", "10.48550/arXiv.2312.04927", "2312.04927") == "2312.04927"
    assert paper_id("A", "B", "10.1/x", "2312.04927") == "10.1/x"


def journal_preprint_and_bridge() -> list[Paper]:
    """Two records that share nothing, and a third that has the identifiers of both."""
    journal = Paper(id="10.1/x", title="Of Widgets", abstract=ABSTRACT, doi="10.1/x", venue="Widget Letters")
    preprint = Paper(id="2312.04927", title="Towards Widgets", abstract="", arxiv_id="2312.04927v1")
    bridge = Paper(id="10.1/X", title="Of Widgets!", abstract="", doi="10.1/X", arxiv_id="2312.04927")
    return [journal, preprint, bridge]


@pytest.mark.parametrize("calls", [1, 3])
def test_a_record_with_both_identifiers_makes_two_papers_one(tmp_path: Path, calls: int) -> None:
    records = journal_preprint_and_bridge()
    with Library(tmp_path / "library") as library:
        reports = [library.add(records)] if calls == 1 else [library.add([one]) for one in records]
        (paper,) = library.papers()
        again = library.add(records)
    assert (paper.id, paper.arxiv_id, paper.venue) == ("10.1/x", "2312.04927", "Widget Letters")
    assert sum(report.added for report in reports) == (1 if calls == 1 else 2)
    assert (again.added, again.updated, again.unchanged, again.merged) == (0, 0, 1, 0)
