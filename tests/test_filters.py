from __future__ import annotations

import datetime

import pytest

from qa import InvalidInput, Library, Paper, retrieval
from qa.filters import in_words, make_filters
from qa.ledger import Ledger

PAPERS = [
    Paper("a", "A", "", published="2024-12-31", authors=("Hang Müller",), source=("x.txt",)),
    Paper("b", "B", "", published="2025-03-01", source=("y.txt", "x.txt")),
    Paper("c", "C", "", published="2025"),
    Paper("d", "D", ""),
]


def admitted(**arguments: str | datetime.date) -> str:
    filters = make_filters(**arguments)  # type: ignore[arg-type]
    known = "".join(sorted(Ledger(PAPERS).admitted(filters)))
    assert known == "".join(paper.id for paper in PAPERS if filters.admits(paper))
    return known


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ({}, "abcd"),
        ({"since": "2025"}, "bc"),
        ({"since": "2025-03-01"}, "bc"),
        ({"since": "2025-03-02"}, "c"),
        ({"until": "2024"}, "a"),
        ({"until": datetime.date(2025, 3, 1)}, "abc"),
        ({"since": "2024-12-31", "until": "2025-02"}, "ac"),
        ({"author": "MULLER"}, "a"),
        ({"source": "x.txt"}, "ab"),
    ],
)
def test_filters_admit(arguments: dict[str, str | datetime.date], ids: str) -> None:
    assert admitted(**arguments) == ids


def test_what_is_left_out_for_want_of_knowledge_is_counted() -> None:
    known = Ledger(PAPERS)
    assert make_filters(since="2025", author="x").notes(known.undated, known.unnamed) == (
        "1 paper without a date left out",
        "3 papers without named authors left out",
    )


@pytest.mark.parametrize("date", ["2025-13", "2025-02-30", "last year", "", "20250301"])
def test_what_is_no_date_is_said(date: str) -> None:
    with pytest.raises(InvalidInput, match="is no date: give 2025"):
        make_filters(since=date)


def test_a_blank_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="author is ' ': give a part of a name"):
        make_filters(author=" ")


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"since": "2023-09", "until": "2023-09", "authors": "1"}, ["published 2023-09", "1 author"]),
        (
            {"since": "2024", "author": "Fu", "topic": "pruning"},
            ["published since 2024", "by Fu", "about pruning"],
        ),
        ({"until": "2019", "comments": "at least 2"}, ["published until 2019", "at least 2 comments"]),
        ({"order": "newest", "wanted": "3", "unstated": "authors"}, ["without named authors", "newest (3)"]),
        ({"order": "oldest", "wanted": "1", "place": "2"}, ["oldest (number 2)"]),
    ],
)
def test_filters_in_words(filters: dict[str, str], words: list[str]) -> None:
    assert in_words(filters) == words


def test_few_papers_are_compared_one_by_one(seed_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a big library does where one paper in ten passes the filters, made to happen in a small one."""
    question, since = "How can training be made stable?", "2025-09"
    admitted = [p for p in seed_library.papers() if p.published and p.published >= since]
    all_scored = seed_library.search(question, 5, since=since)
    monkeypatch.setattr(retrieval, "SCORE_ALL", 5)
    monkeypatch.setattr(retrieval, "FEW", 1)
    monkeypatch.setattr(retrieval, "COMPARED", 10)
    assert len(admitted) == 18
    assert [hit.paper for hit in seed_library.search(question, 5, since=since)] == [
        h.paper for h in all_scored
    ]
