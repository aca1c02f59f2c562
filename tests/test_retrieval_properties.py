"""What retrieval must do whatever its weights are: no figure of one collection, but properties of all."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa import Library
from qa.identity import normalise_title
from tests.generated import limit, other_field


def test_a_papers_own_title_finds_a_paper_of_that_title_first(seed_library: Library) -> None:
    titles = [paper.title for paper in seed_library.papers()]
    found = {title: seed_library.search(title, 1)[0].paper.title for title in titles}
    assert len(titles) == 335
    assert [title for title in titles if normalise_title(found[title]) != normalise_title(title)] == []


# Papers of another field ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_the_top_hit_stays_when_papers_of_another_field_are_added(
    count: int, seed_library: Library, questions: list[dict[str, Any]], tmp_path: Path
) -> None:
    before = [_top(seed_library, question) for question in questions]
    with Library(tmp_path / "mixed") as mixed:
        mixed.add([*seed_library.papers(), *other_field(count)])
        assert len(mixed.papers()) == 335 + count
        after = [_top(mixed, question) for question in questions]
    stayed = [then == now for then, now in zip(before, after, strict=True)]
    answerable = [same for same, q in zip(stayed, questions, strict=True) if q["kind"] != "unanswerable"]
    assert sum(answerable) / len(answerable) >= 0.98
    assert sum(stayed) / len(stayed) >= 0.97  # what nothing answers has no right paper to stay with


def _top(library: Library, question: dict[str, Any]) -> str | None:
    hits = library.answer(question["question"], question["history"]).hits
    return hits[0].paper.id if hits else None


def test_papers_of_another_field_are_found_among_the_seeds(seed_library: Library, tmp_path: Path) -> None:
    others = other_field(20)
    with Library(tmp_path / "mixed") as mixed:
        mixed.add([*seed_library.papers()[:50], *others])
        assert all(mixed.search(paper.title, 1)[0].paper in others for paper in others)


# LIMIT ---------------------------------------------------------------------------------------------


def test_any_two_documents_can_be_the_right_ones(tmp_path: Path) -> None:
    stress = limit()
    assert (len(stress.papers), len(stress.relevant)) == (46, 46 * 45 // 2)
    with Library(tmp_path / "limit") as library:
        library.add(stress.papers)
        found = {query: {hit.paper.id for hit in library.search(query, 2)} for query in stress.relevant}
    assert recall(stress.relevant, found.__getitem__) >= 0.95


def test_chance_fails_the_stress_set() -> None:
    stress, chance = limit(), random.Random(1)
    people = [paper.id for paper in stress.papers]
    assert recall(stress.relevant, lambda query: set(chance.sample(people, 2))) < 0.1


def recall(relevant: dict[str, set[str]], search: Callable[[str], set[str]]) -> float:
    """The mean share of the relevant documents that are found."""
    return sum(len(search(query) & right) / len(right) for query, right in relevant.items()) / len(relevant)
