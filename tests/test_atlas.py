"""The map of a library: neighbours stay neighbours, regions have names, and the plot over time counts."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from qa import Answer, Citation, Hit, Library, Paper, Passage
from qa.chat.atlas import LARGEST_SAMPLE, Atlas, clusters, make_atlas, tsne
from qa.chat.conversation import Turn
from qa.chat.plots import lit, map_html, times_html


def groups(size: int, count: int = 3) -> NDArray[np.float64]:
    """`count` groups of `size` unit vectors, each around a direction of its own."""
    noise = np.random.default_rng(0).normal(0, 0.05, (size * count, 16))
    rows = np.repeat(np.eye(count, 16), size, axis=0) + noise
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def test_groups_stay_apart_in_the_plane() -> None:
    plane = tsne(groups(20))
    nearest = ((plane[:, None] - plane[None]) ** 2).sum(axis=2) + np.eye(60) * 1e9
    assert (nearest.argmin(axis=1) // 20 == np.arange(60) // 20).all()


def test_the_map_is_the_same_each_time() -> None:
    assert (tsne(groups(5)) == tsne(groups(5))).all()


def test_clusters_are_the_groups() -> None:
    labels = clusters(groups(10), 3)
    assert [len(set(labels[part : part + 10].tolist())) for part in (0, 10, 20)] == [1, 1, 1]
    assert len(set(labels.tolist())) == 3


def test_a_large_library_is_placed_by_a_sample() -> None:
    rows = groups(LARGEST_SAMPLE // 3 + 50)
    papers = [Paper(str(n), f"Paper {n}", "Text.") for n in range(len(rows))]
    atlas = make_atlas(papers, {str(n): row.astype(np.float32) for n, row in enumerate(rows)})
    assert len(atlas.points) == len(rows)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in atlas.points.values())


def test_regions_of_the_seeds_are_named_by_their_terms(seed_library: Library) -> None:
    atlas = make_atlas(seed_library.papers(), seed_library.embeddings())
    assert len(atlas.points) == 335
    assert sum(region.papers for region in atlas.regions) > 300
    names = [word for region in atlas.regions for word in region.name.split(" · ")]
    assert len(names) == len(set(names))
    assert "backdoor" in names


def test_too_few_papers_make_no_map() -> None:
    assert "at least four" in map_html(make_atlas([], {}), [], {})


def test_the_papers_of_the_last_answer_are_lit() -> None:
    gate, bare = Paper("g", "Gate", "A gate."), Paper("b", "Bare", "Bare.")
    hits = tuple(Hit(paper, 1.0, Passage(paper.id, "", 0, 0)) for paper in (gate, bare))
    answer = Answer("", True, "?", (Citation(1, gate, "A gate.", 0, 7),), hits)
    assert lit((Turn("?", answer=answer), Turn("b", note="no"))) == {"g": "[1]", "b": ""}
    assert lit((Turn("hello", answer=Answer("Hello", False, "hello")),)) == {}


def test_a_point_says_its_title_and_does_nothing_else() -> None:
    paper = Paper("<i>", "<script>x</script>", "")
    html = map_html(Atlas({"<i>": (0.0, 1.0)}, ()), [paper], {"<i>": "[1]"})
    assert "<title>[1] &lt;script&gt;x&lt;/script&gt;</title>" in html
    assert 'data-id="&lt;i&gt;"' in html
    assert 'class="ring" cx="40" cy="520"' in html


@pytest.mark.parametrize(
    ("dates", "bars"),
    [
        (["2025-01-02", "2025-03"], ["2025-01: 1", "2025-02: 0", "2025-03: 1"]),
        (["2023", "2025-01"], ["2023: 1", "2024: 0", "2025: 1"]),
        (["2001-01", *["2025-01"] * 9], ["earlier: 1", *[f"2023-{m:02}: 0" for m in range(2, 4)]]),
    ],
)
def test_papers_over_time(dates: list[str], bars: list[str]) -> None:
    papers = [Paper(str(n), "T", "", published=date) for n, date in enumerate([*dates, None])]
    html = times_html(papers)
    assert re.findall("<title>([^<]+)</title>", html)[: len(bars)] == bars
    assert f"{len(dates)} papers by date; 1 have none." in html
