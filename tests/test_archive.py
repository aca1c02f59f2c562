"""Conversations in their file: whole, searchable, their owner's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qa import Answer, Citation, Hit, Paper, Passage, QAError
from qa.chat.archive import Archive
from qa.chat.conversation import Turn
from qa.chat.stored import BROKEN_OFF, answer_from_dict
from qa.paper import LeftOut

GATE = Paper("gate", "Learned Gates", "We learn a gate.", authors=("Ada Lovelace",), source=("list.txt",))
ANSWER = Answer(
    "“We learn a gate.” [1]",
    True,
    "What is learnt?",
    (Citation(1, GATE, "We learn a gate.", 0, 16),),
    (Hit(GATE, 0.5, Passage("gate", "We learn a gate.", 0, 16)),),
    filters={"since": "2024"},
    nearest=(GATE,),
    notes=("A note.",),
    left_out=(LeftOut("It is fast.", "cites nothing"),),
)
TURN = Turn("What is learnt?", answer=ANSWER)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(Archive(tmp_path / "chat" / "kept.sqlite3")) as archive:
        yield archive


def test_an_answer_comes_back_equal() -> None:
    assert answer_from_dict(ANSWER.to_dict()) == ANSWER


def test_an_answer_of_a_later_version_can_be_read() -> None:
    assert answer_from_dict({**ANSWER.to_dict(), "mood": "good"}) == ANSWER


def test_a_conversation_outlives_the_program_that_kept_it(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.close()
    with closing(Archive(archive.path)) as again:
        assert again.load("ada", "c1") == (Turn("What is learnt?", answer=ANSWER),)


def test_a_turn_that_is_open_is_kept_as_broken_off(archive: Archive) -> None:
    archive.save("ada", "c1", (Turn("a", said="So"),))
    assert archive.load("ada", "c1") == (Turn("a", said="So", note=BROKEN_OFF),)


def test_the_last_turn_is_replaced_and_the_rest_stays(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.save("ada", "c1", (TURN, Turn("b", note="no")))
    archive.save("ada", "c1", (TURN, Turn("c", note="no")))
    assert archive.load("ada", "c1") == (TURN, Turn("c", note="no"))
    archive.save("ada", "c1", (Turn("d", note="no"),))
    assert archive.load("ada", "c1") == (Turn("d", note="no"),)


def test_a_conversation_deleted_elsewhere_comes_back_whole(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.delete("ada", "c1")
    archive.save("ada", "c1", (TURN, TURN))
    assert archive.load("ada", "c1") == (TURN, TURN)


@pytest.mark.parametrize(
    ("search", "found"), [("", 2), ("GATE learn", 1), ("réponse", 1), ("gate réponse", 0), ("%", 0)]
)
def test_every_word_of_a_search_must_be_there(archive: Archive, search: str, found: int) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.save("ada", "c2", (Turn("Une question", said="Une reponse", note="x"),))
    assert len(archive.find("ada", search)) == found


def test_nobody_touches_the_conversations_of_another(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.rename("eve", "c1", "mine")
    archive.delete("eve", "c1")
    assert archive.load("eve", "c1") == ()
    assert archive.find("eve") == []
    assert [(kept.id, kept.title, kept.turns) for kept in archive.find("ada")] == [
        ("c1", "What is learnt?", 1)
    ]


def test_a_name_stays_and_a_blank_one_is_none(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.rename("ada", "c1", "Gates\n" + "x" * 200)
    archive.rename("ada", "c1", "  ")
    archive.save("ada", "c1", (TURN, TURN))
    [kept] = archive.find("ada", "gates xxx")
    assert kept.title == f"Gates {'x' * 113}…"


def test_a_file_that_is_no_archive_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("nothing of the kind" * 100)
    with pytest.raises(QAError, match=r"^\S+kept, where conversations are kept, cannot be used \(file is"):
        Archive(tmp_path / "kept")


def test_only_the_user_may_read_the_file(archive: Archive) -> None:
    assert archive.path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(archive.path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
