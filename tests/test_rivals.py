"""The comparison with other pipelines: what all are asked, and that a side that fails has a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa import Paper
from tests.benchmarks.rivals.__main__ import Side, Trial, compare, distinct
from tests.benchmarks.rivals.environments import HERE, Failed, python
from tests.benchmarks.rivals.protocol import Document, ask

ROOT = Path(__file__).resolve().parent.parent
BREAD = Document("bread", "Sourdough", "Wild yeast raises dough.")
STARS = Document("stars", "Pulsars", "Neutron stars spin.")
TRIAL = Trial(
    "tiny", [BREAD, STARS], {"q": "What raises dough?", "r": "neutron"}, {"test": {"q": {"bread": 1}}}
)


def test_a_side_is_asked_and_judged() -> None:
    *_, row = compare(TRIAL, [Side("qa", "ours")]).splitlines()
    assert row.startswith("| qa | 1.000 / 1.00 |")
    assert row.endswith(" MB |")


def test_a_side_that_fails_has_a_row_that_says_so() -> None:
    *_, row = compare(TRIAL, [Side("nobody", "nobody")]).splitlines()
    assert row.endswith("No module named tests.benchmarks.rivals.nobody | – | – | – | – |")


def test_what_cannot_be_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.txt").write_text("two words==1\n", "utf-8")
    with pytest.raises(Failed, match=r"uv pip install: .*two words==1"):
        python("broken", tmp_path, tmp_path / "environments")


def test_a_question_counts_a_paper_once_and_ten_of_them() -> None:
    found = ask({"q": "?"}, lambda _: [str(number // 2) for number in range(40)])
    assert found["ranked"] == {"q": list("0123456789")}


def test_nobody_has_to_merge() -> None:
    papers = [Paper(id=i, title="Sourdough", abstract=text) for i, text in (("a", "Yeast."), ("b", "Yeast."))]
    assert distinct(papers) == ([Document("a", "Sourdough", "Yeast.")], {"a": "a", "b": "a"})


@pytest.mark.parametrize("path", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
def test_packages_are_pinned_and_shared_ones_are_this_projects(path: Path) -> None:
    own = pins(ROOT / "requirements.lock")
    for name, version in pins(path).items():
        assert version == own.get(name, version)


def pins(path: Path) -> dict[str, str]:
    lines = path.read_text("utf-8").splitlines()
    return dict(line.partition(" ;")[0].split("==") for line in lines)
