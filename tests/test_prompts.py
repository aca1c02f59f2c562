from __future__ import annotations

from pathlib import Path

import pytest

from qa import QAError
from qa.prompts import prompt, read_prompt
from qa.resources import resource_folder

GOOD = "---\nname: p\nversion: 3\nvariables: who, what\n---\n{who} did {what}.\n"


def written(folder: Path, text: str) -> Path:
    (folder / "p.md").write_text(text)
    return folder / "p.md"


def test_a_prompt_is_its_head_and_its_filled_body(tmp_path: Path) -> None:
    prompt = read_prompt(written(tmp_path, GOOD))
    assert (prompt.name, prompt.version) == ("p", "3")
    assert prompt.fill(who="{x}", what="it") == "{x} did it."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no head", "must begin with a head"),
        (GOOD.replace("name: p", "name: q"), "must give the name 'p'"),
        (GOOD.replace("version: 3", ""), "and a version"),
        (GOOD.replace("{what}", "it"), "lists \\['what', 'who'\\], the text uses \\['who'\\]"),
        (GOOD.replace("did", "{"), "write a literal brace twice"),
    ],
)
def test_a_slip_in_a_file_is_told_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(QAError, match=f"p.md.*{said}"):
        read_prompt(written(tmp_path, text))


def test_a_missing_or_needless_variable_is_told(tmp_path: Path) -> None:
    with pytest.raises(QAError, match="takes \\['what', 'who'\\], not \\['who'\\]"):
        read_prompt(written(tmp_path, GOOD)).fill(who="x")


@pytest.mark.parametrize("path", sorted(resource_folder("prompts").glob("*.md")), ids=lambda path: path.stem)
def test_every_prompt_of_the_program_is_sound(path: Path) -> None:
    assert read_prompt(path).name == path.stem


def test_a_users_own_file_stands_before_the_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PROMPTS", str(tmp_path))
    theirs = "---\nname: one-paper\nversion: 9\nvariables: paper\n---\nSays {paper}:\n"
    (tmp_path / "one-paper.md").write_text(theirs)
    assert prompt("one-paper").fill(paper="P") == "Says P:"
    assert prompt("one-paper").version == f"9 of one-paper.md in {tmp_path}"
    assert prompt("several-papers").version == "1"


def test_a_users_own_file_must_take_the_same_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_PROMPTS", str(tmp_path))
    (tmp_path / "about.md").write_text("---\nname: about\nversion: 2\nvariables:\n---\nIt says:\n")
    with pytest.raises(QAError, match=r"about.md: its variables must be paper"):
        prompt("about")
