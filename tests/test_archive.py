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
    with closing(Archive(tmp_path / "chat" / "kept.sqlite3", "here")) as archive:
        yield archive


def test_an_answer_comes_back_equal() -> None:
    assert answer_from_dict(ANSWER.to_dict()) == ANSWER


def test_an_answer_of_a_later_version_can_be_read() -> None:
    assert answer_from_dict({**ANSWER.to_dict(), "mood": "good"}) == ANSWER


def test_a_conversation_outlives_the_program_that_kept_it(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.close()
    with closing(Archive(archive.path, "here")) as again:
        assert again.load("ada", "c1") == (Turn("What is learnt?", answer=ANSWER),)


def test_a_turn_that_is_open_is_kept_as_broken_off(archive: Archive) -> None:
    archive.save("ada", "c1", (Turn("a", said="So"),))
    assert archive.load("ada", "c1") == (Turn("a", said="So", note=BROKEN_OFF),)


def test_the_last_turn_is_replaced_and_the_rest_stays(archive: Archive) -> None:
    stamp = archive.save("ada", "c1", (TURN,))
    stamp = archive.save("ada", "c1", (TURN, Turn("b", note="no")), stamp)
    stamp = archive.save("ada", "c1", (TURN, Turn("c", note="no")), stamp)
    assert archive.load("ada", "c1") == (TURN, Turn("c", note="no"))
    assert archive.save("ada", "c1", (Turn("d", note="no"),), stamp) == archive.stamp("c1") != stamp
    assert archive.load("ada", "c1") == (Turn("d", note="no"),)


def test_a_window_that_was_overtaken_overwrites_nothing(archive: Archive) -> None:
    b, c, d = (Turn(question, note="no") for question in "bcd")
    first = archive.save("ada", "c1", (TURN,))
    other = archive.save("ada", "c1", (TURN, b), first)
    other = archive.save("ada", "c1", (TURN, b, c), other)
    assert archive.save("ada", "c1", (TURN, d), first) == first  # stale, and told so again
    assert archive.load("ada", "c1") == (TURN, b, c)
    assert archive.stamp("c1") == other
    archive.save("ada", "c1", (TURN, Turn("b", note="yes")), first)  # the end of an answer begun before
    assert archive.load("ada", "c1") == (TURN, Turn("b", note="yes"), c)


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


def test_conversations_about_another_library_are_apart(archive: Archive) -> None:
    archive.save("ada", "c1", (TURN,))
    archive.rate("ada", "c1", 1, True, "")
    with closing(Archive(archive.path, "there")) as there:
        assert (there.find("ada"), there.load("ada", "c1"), there.found_right()) == ([], (), [])
        there.save("ada", "c2", (TURN,))
    assert [kept.id for kept in archive.find("ada")] == ["c1"]


def test_conversations_of_a_file_that_knew_no_libraries_are_kept(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kept")) as db:
        db.execute("CREATE TABLE conversations (id TEXT PRIMARY KEY, owner TEXT, title TEXT, changed TEXT)")
        db.execute("INSERT INTO conversations VALUES ('c1', 'ada', 'old', '2025')")
        db.commit()
    with closing(Archive(tmp_path / "kept", "here")) as archive:
        archive.save("ada", "c2", (TURN,))
        assert [kept.title for kept in archive.find("ada")] == ["What is learnt?", "old"]


def test_a_choice_is_its_owners_and_stays(archive: Archive) -> None:
    for name in ("ollama:a", "ollama:b"):
        archive.choose("ada", name)
    assert (archive.choice("ada"), archive.choice("eve")) == ("ollama:b", "")


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
        Archive(tmp_path / "kept", "here")


def test_only_the_user_may_read_the_file(archive: Archive) -> None:
    assert archive.path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(archive.path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
