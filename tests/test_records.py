"""Answers made from records: exact over the whole library, every field quoted as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Answer, Library, Paper
from qa.citations import faults
from qa.records import LISTED

PAPERS = [
    Paper(
        "otters",
        "Tool use in sea otters",
        "Sea otters open shells. Otters use stones.",
        authors=("Ana Müller", "Bo Li"),
        author_count=2,
        published="2024-05-01",
        comments=3,
        doi="10.1/otters",
        source=("a.txt",),
    ),
    Paper(
        "seals",
        "Seals and otters at night",
        "Seals sleep near otters.",
        author_count=1,
        published="2023-11-20",
        comments=3,
        source=("a.txt",),
    ),
    Paper(
        "bridges",
        "Fatigue of steel bridges",
        "Steel bridges fail by fatigue.",
        author_count=7,
        published="2024-02-11",
        source=("b.txt",),
    ),
    Paper("glaciers", "Glaciers", "Glaciers melt.", source=("b.txt",)),
    Paper(
        "lab",
        "Robots in a lab",
        "Robots wash glass.",
        organisation="Clean Lab",
        published="2022-01-05",
        source=("b.txt",),
    ),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("records") / "library") as library:
        library.add(PAPERS)
        yield library


def cited(answer: Answer) -> list[tuple[str, str, str]]:
    assert faults(answer) == []
    return [(citation.paper.id, citation.field, citation.quote) for citation in answer.citations]


def test_the_newest_paper_is_named_with_its_date(library: Library) -> None:
    answer = library.answer("what is the newest paper?")
    assert answer.text == (
        "The newest of the 4 papers in this library with a date is Tool use in sea otters (2024):"
        " published “2024-05-01” [1]"
    )
    assert cited(answer) == [("otters", "published", "2024-05-01")]
    assert answer.notes == ("1 paper without a date left out",)
    assert (answer.answerer, answer.confidence, dict(answer.filters)) == (
        "records",
        "high",
        {"order": "newest", "wanted": "1"},
    )


def test_ties_are_all_named(library: Library) -> None:
    answer = library.answer("which paper got the most comments?")
    assert cited(answer) == [("seals", "comments", "3"), ("otters", "comments", "3")]


def test_a_count_carries_the_papers_counted(library: Library) -> None:
    answer = library.answer("how many papers are from 2024?")
    assert answer.text.startswith(
        "2 papers from 2024:\n- Fatigue of steel bridges (2024): published “2024-02-11” [1]"
    )
    assert [hit.paper.id for hit in answer.hits] == ["bridges", "otters"]


def test_nothing_to_count_is_a_count_too(library: Library) -> None:
    answer = library.answer("how many papers are from 2019?")
    assert (answer.text, answer.answered, answer.citations) == ("0 papers from 2019.", True, ())


def test_a_list_of_none_is_no_answer(library: Library) -> None:
    answer = library.answer("list the papers from 2019")
    assert (answer.answered, answer.reason, answer.hits) == (False, "nothing-near", ())


def test_several_conditions_hold_at_once(library: Library) -> None:
    answer = library.answer("which 2024 papers have more than three authors?")
    assert cited(answer) == [("bridges", "published", "2024-02-11"), ("bridges", "author_count", "7")]


def test_a_topic_narrows_the_set(library: Library) -> None:
    assert [hit.paper.id for hit in library.answer("what is the oldest paper about otters?").hits] == [
        "seals"
    ]


def test_a_topic_of_which_no_paper_speaks_is_said(library: Library) -> None:
    answer = library.answer("how many papers are there about zyxwvut?")
    assert (answer.text, answer.hits) == ("0 papers about zyxwvut.", ())


@pytest.mark.parametrize(
    ("question", "head", "quotes"),
    [
        (
            "which is newer, Tool use in sea otters or Fatigue of steel bridges?",
            "The newest of the 2 papers compared is Tool use in sea otters (2024):",
            [("otters", "published", "2024-05-01"), ("bridges", "published", "2024-02-11")],
        ),
        (
            "does Fatigue of steel bridges have more authors than Tool use in sea otters?",
            "Of the 2 papers compared, the one with the most authors is Fatigue of steel bridges (2024):",
            [("bridges", "author_count", "7"), ("otters", "author_count", "2")],
        ),
        (
            "which has more comments: Tool use in sea otters or Seals and otters at night?",
            "Of the 2 papers compared, none comes before the others:",
            [("otters", "comments", "3"), ("seals", "comments", "3")],
        ),
        (
            "Has Tool use in sea otters more comments than Fatigue of steel bridges?",
            "Tool use in sea otters (2024): comments “3” [1]",
            [("otters", "comments", "3")],
        ),
    ],
)
def test_papers_are_compared_by_what_both_records_say(
    library: Library, question: str, head: str, quotes: list[tuple[str, str, str]]
) -> None:
    answer = library.answer(question)
    assert (answer.text.splitlines()[0], cited(answer)) == (head, quotes)


def test_a_place_that_no_paper_has_is_said(library: Library) -> None:
    answer = library.answer("what is the fifth newest paper from 2024?")
    assert answer.text == "There is no number 5 among 2 papers from 2024 with a date."


def talk(library: Library, *questions: str) -> Answer:
    history: list[dict[str, str]] = []
    for question in questions:
        answer = library.answer(question, history)
        history += [{"role": "user", "content": question}, {"role": "assistant", "content": answer.text}]
    return answer


@pytest.mark.parametrize(
    ("questions", "papers"),
    [
        (("papers from 2024", "and from 2023?"), ["seals"]),
        (("how many papers are from 2024?", "and from 2022?"), ["lab"]),
        (("papers from 2024", "only with more than 3 authors"), ["bridges"]),
        (("papers from 2024", "thanks", "which of them is the oldest?"), ["bridges"]),
        (("how many papers are there about otters?", "list them"), ["seals", "otters"]),
        (("what is the newest paper about otters?", "and about bridges?"), ["bridges"]),
        (("newest paper", "the second newest?"), ["bridges"]),
    ],
)
def test_a_follow_up_bounds_narrows_or_asks_anew(
    library: Library, questions: tuple[str, ...], papers: list[str]
) -> None:
    assert list(dict.fromkeys(paper for paper, *_ in cited(talk(library, *questions)))) == papers


def test_what_a_paper_counted_is_no_count_of_the_library(library: Library) -> None:
    answer = talk(library, "who wrote Tool use in sea otters?", "how many papers did they look at?")
    assert (answer.answerer, answer.question) == (
        "extractive",
        "how many papers did they look at? (Tool use in sea otters)",
    )


def test_an_author_is_found_in_any_spelling(library: Library) -> None:
    assert cited(library.answer("anything by ana muller?")) == [("otters", "authors", "Ana Müller, Bo Li")]


def test_an_author_whom_no_record_names_is_said(library: Library) -> None:
    answer = library.answer("Did Kaiming He write something here?")
    assert answer.text == (
        "Kaiming He is not among the authors named in this library."
        " Authors are named for 1 paper and not for 4 papers, so this may be incomplete."
    )
    assert (answer.answered, answer.reason) == (False, "not-stated")


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("who wrote Tool use in sea otters?", [("otters", "authors", "Ana Müller, Bo Li")]),
        ("when was Fatigue of steel bridges published?", [("bridges", "published", "2024-02-11")]),
        ("how many authors does Fatigue of steel bridges have?", [("bridges", "author_count", "7")]),
        ("who wrote Fatigue of steel bridges?", [("bridges", "author_count", "7")]),
        ("who wrote Robots in a lab?", [("lab", "organisation", "Clean Lab")]),
        ("is there a DOI for Tool use in sea otters?", [("otters", "doi", "10.1/otters")]),
        ("which file does Robots in a lab come from?", [("lab", "source", "b.txt")]),
    ],
)
def test_a_field_of_one_paper_is_quoted(
    library: Library, question: str, quotes: list[tuple[str, str, str]]
) -> None:
    assert cited(library.answer(question)) == quotes


def test_what_the_record_does_not_say_is_not_guessed(library: Library) -> None:
    answer = library.answer("how many comments did Fatigue of steel bridges get?")
    assert (
        answer.text == "The record of Fatigue of steel bridges (2024) does not say how many comments it got."
    )
    assert (answer.answered, answer.reason, [p.id for p in answer.nearest]) == (
        False,
        "not-stated",
        ["bridges"],
    )


def test_a_follow_up_asks_of_the_paper_last_spoken_of(library: Library) -> None:
    first = library.answer("what is the newest paper?")
    history = [
        {"role": "user", "content": "what is the newest paper?"},
        {"role": "assistant", "content": first.text},
    ]
    assert cited(library.answer("who wrote it?", history)) == [("otters", "authors", "Ana Müller, Bo Li")]


def test_a_follow_up_takes_the_topic_along(library: Library) -> None:
    history = [
        {"role": "user", "content": "what is the newest paper about otters?"},
        {"role": "assistant", "content": library.answer("what is the newest paper about otters?").text},
    ]
    answer = library.answer("and the oldest?", history)
    assert cited(answer) == [("seals", "published", "2023-11-20")]
    assert answer.question == "and the oldest? (what is the newest paper about otters?)"


def test_papers_are_counted_by_file(library: Library) -> None:
    answer = library.answer("how many papers come from each file?")
    assert cited(answer) == [("bridges", "source", "b.txt"), ("otters", "source", "a.txt")]
    assert "b.txt: 3 papers, such as" in answer.text


def test_nothing_is_understood_with_parse_off(library: Library) -> None:
    answer = library.answer("what is the newest paper about otters?", parse=False)
    assert (answer.answerer, dict(answer.filters)) == ("extractive", {})


def test_arguments_stand_before_what_was_understood(library: Library) -> None:
    answer = library.answer("how many papers are from 2024?", since="2022", until="2023")
    assert {citation.paper.id for citation in answer.citations} == {"lab", "seals"}
    assert dict(answer.filters) == {"since": "2022", "until": "2023"}


def test_a_date_only_filters_what_papers_say(library: Library) -> None:
    answer = library.answer("what do papers since 2024 say about otters?")
    assert (answer.answerer, dict(answer.filters)) == ("extractive", {"since": "2024"})
    assert "seals" not in {hit.paper.id for hit in answer.hits}


def test_a_long_list_ends_with_the_number_of_the_others(tmp_path: Path) -> None:
    papers = [Paper(str(i), f"Paper number {i}", "", published="2020") for i in range(LISTED + 5)]
    with Library(tmp_path / "many") as library:
        library.add(papers)
        answer = library.answer("list the papers from 2020")
    assert (len(answer.citations), answer.text.splitlines()[-1]) == (LISTED, "and 5 more.")


def test_questions_over_the_seeds_get_the_right_set(seed_library: Library) -> None:
    lines = Path(__file__).with_name("data") / "records.jsonl"
    questions = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for question in questions:
        answer = seed_library.answer(question["question"])
        assert faults(answer) == []
        if {citation.paper.title for citation in answer.citations} != set(question["relevant"]):
            wrong.append(question["question"])
    assert len(wrong) <= 0.05 * len(questions), wrong
