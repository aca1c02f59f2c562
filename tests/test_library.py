"""The library through its public names, on a real Chroma."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import qa
from qa import (
    Answer,
    FingerprintMismatch,
    InvalidInput,
    Library,
    LibraryEmpty,
    LibraryNotFound,
    ModelUnavailable,
    Paper,
    ReadError,
    StoreUnavailable,
)
from qa.citations import Block, Claim, faults
from qa.reading import Evidence
from qa.resources import resource_folder
from tests.letters import Letters

OTTERS = Paper(
    id="otters",
    title="Tool use in sea otters",
    abstract="Sea otters open shells with stones. We saw 30 for a year. Each otter used *one* stone <5 cm.",
    published="2024-05-01",
    authors=("Ana Müller", "Bo Li"),
    source=("otters.txt",),
)
BRIDGES = Paper(
    id="bridges",
    title="Fatigue of steel bridges",
    abstract="Steel bridges fail by fatigue. Sensors find cracks early. It costs 10% of an inspection.",
)
UNREAD = Paper(id="unread", title="A title about glaciers without an abstract", abstract="")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as library:
        library.add([OTTERS, BRIDGES, UNREAD])
        yield library


# Adding ----------------------------------------------------------------------------------------------


def test_the_seeds_are_335_papers_and_are_known_the_second_time(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        first, second = library.add(resource_folder("seeds")), library.add(resource_folder("seeds"))
    assert (first.added, first.updated, first.unchanged, first.merged, first.failed) == (335, 0, 0, 5, ())
    assert (second.added, second.updated, second.unchanged, second.merged) == (0, 0, 335, 0)


def test_the_paper_named_with_authors_in_one_file_only_keeps_them(seed_library: Library) -> None:
    twice = [paper for paper in seed_library.papers() if len(paper.source) == 2 and paper.authors]
    assert [(paper.title[:15], len(paper.authors)) for paper in twice] == [("Masked Thought:", 9)]


def test_what_is_stored_is_what_was_given(library: Library) -> None:
    assert library.papers() == [UNREAD, BRIDGES, OTTERS]


def test_a_paper_given_again_under_its_id_is_its_new_version(library: Library) -> None:
    report = library.add([replace(OTTERS, abstract="Otters now juggle pebbles.")])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)
    assert library.answer("What do otters juggle?").citations[0].quote == "Otters now juggle pebbles."
    assert library.search("shells opened with stones")[0].passage.text == "Otters now juggle pebbles."


def test_a_second_copy_tells_what_the_first_did_not_know(library: Library) -> None:
    copy = Paper(
        "", BRIDGES.title.upper(), BRIDGES.abstract + " Indeed.", venue="J. Bridges", source=("b.txt",)
    )
    report = library.add([copy])
    assert (report.added, report.updated) == (0, 1)
    assert replace(BRIDGES, venue="J. Bridges", source=("b.txt",)) in library.papers()


def test_what_cannot_be_stored_is_reported_and_the_rest_is_added(library: Library) -> None:
    report = library.add(
        [Paper("x", "", " "), Paper("y", "Half a pair \ud800", "Text."), Paper("z", "New", "Text.")]
    )
    assert report.added == 1
    assert [(failure.source, failure.place) for failure in report.failed] == [
        ("papers", "item 1"),
        ("papers", "item 2"),
    ]


def test_what_cannot_be_read_is_reported_and_the_rest_of_the_folder_is_added(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.txt").write_text("")
    (folder / "binary.txt").write_bytes(bytes(range(256)))
    (folder / "list.txt").write_text(
        f"tag\nGlaciers of the Alps\n{'Glaciers melt in summer. ' * 20}\nAn orphan title\n"
    )
    report = library.add(folder)
    assert report.added == 1
    assert sorted((f.source, f.place) for f in report.failed if f.source != "list.txt") == [
        ("binary.txt", "file"),
        ("empty.txt", "file"),
    ]
    assert [failure.place for failure in report.failed if failure.source == "list.txt"] == ["line 4"]


def test_progress_counts_up_to_all_records(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with Library(tmp_path / "library") as library:
        library.add([OTTERS, BRIDGES], on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)


def test_removing_a_paper_takes_it_out_of_every_index(library: Library) -> None:
    library.remove("otters")
    assert {hit.paper.id for hit in library.search("sea otters and stones")} == {"bridges", "unread"}
    with pytest.raises(InvalidInput, match="no paper has the id 'otters'"):
        library.remove("otters")


# Searching -------------------------------------------------------------------------------------------


def test_search_gives_each_paper_once_best_first_with_a_passage_of_it(library: Library) -> None:
    hits = library.search("cracks in steel", k=3)
    assert hits[0].paper == BRIDGES
    assert sorted(hit.paper.id for hit in hits) == ["bridges", "otters", "unread"]
    passage = hits[0].passage
    assert BRIDGES.abstract[passage.start : passage.end] == passage.text


def test_a_paper_without_an_abstract_is_found_but_answers_nothing(library: Library) -> None:
    hit = library.search("glaciers", k=1)[0]
    assert (hit.paper, hit.passage.text) == (UNREAD, "")
    answer = library.answer("What does the title about glaciers without an abstract say?")
    assert (answer.answered, answer.citations) == (False, ())
    assert answer.nearest[0] == UNREAD


def test_filters_bound_what_is_found_and_say_what_they_left_out(library: Library) -> None:
    assert [hit.paper.id for hit in library.search("steel", since="2024-05", author="muller")] == ["otters"]
    answer = library.answer("Which stones do otters use?", since="2024")
    assert (answer.filters, answer.notes) == ({"since": "2024"}, ("2 papers without a date left out",))


def test_no_paper_fits_the_filters(library: Library) -> None:
    assert library.search("otters", source="nowhere") == []
    answer = library.answer("Which stones do otters use?", until="1999")
    assert (answer.answered, answer.citations, answer.nearest) == (False, (), ())
    assert "until 1999" in answer.text


# Answering -------------------------------------------------------------------------------------------


def test_an_answer_quotes_the_paper_to_the_character(library: Library) -> None:
    answer = library.answer("How large were the stones that each otter used?")
    assert answer.answered
    assert "“Each otter used *one* stone <5 cm.” [" in answer.text
    assert answer.text.startswith("According to Tool use in sea otters (2024): “")
    assert faults(answer) == []


def test_a_question_for_papers_gets_a_line_for_each(seed_library: Library) -> None:
    answer = seed_library.answer("Which papers are about astronomy or galaxies?")
    assert answer.text.startswith("These papers bear on it:\n- ")
    assert (
        answer.text.count("\n- ") == len(answer.citations) == len({c.paper.id for c in answer.citations}) > 2
    )


def test_a_follow_up_finds_the_paper_it_leans_on(seed_library: Library) -> None:
    question = "What does SeerAttention learn?"
    said = seed_library.answer(question).text
    history = [{"role": "user", "content": question}, {"role": "assistant", "content": said}]
    answer = seed_library.answer("and how much faster is it?", history)
    assert (
        answer.question
        == "and how much faster is it? (SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs)"
    )
    assert "5.67x speedup" in answer.text
    other = seed_library.answer(
        "How can pedestrian crossing intention be predicted at urban junctions?", history
    )
    assert other.hits[0].paper.title.startswith("Multi-Context Fusion Transformer")


@pytest.mark.parametrize("greeting", ["hello", "Thank you!"])
def test_a_greeting_gets_no_citation(seed_library: Library, greeting: str) -> None:
    answer = seed_library.answer(greeting)
    assert (answer.answered, answer.reason, answer.citations, answer.hits) == (
        False,
        "not-about-papers",
        (),
        (),
    )


@pytest.mark.parametrize(
    "question", ["How do I get a red wine stain out of a carpet?", "Who won the world cup in 2018?"]
)
def test_a_question_of_another_field_is_refused_and_the_nearest_papers_named(
    seed_library: Library, question: str
) -> None:
    answer = seed_library.answer(question)
    assert (answer.answered, answer.reason, answer.confidence) == (False, "not-about-papers", "none")
    assert len(answer.nearest) == 3
    assert answer.nearest[0].title in answer.text


def test_the_pieces_of_a_stream_are_the_answer(library: Library) -> None:
    events = list(library.stream("How large were the stones?"))
    answer = events[-1].answer
    assert isinstance(answer, Answer)
    assert "".join(event.text for event in events if event.kind == "text") == answer.text
    assert {event.kind for event in events[:-1]} == {"status", "text"}


def test_answers_say_what_made_them(library: Library) -> None:
    versions = library.answer("stones of otters").to_dict()["versions"]
    assert versions["one-paper"] == "1"
    assert versions["embedder"].startswith("all-MiniLM-L6-v2 53aa5117, words ")


class Liar:
    """An answerer that quotes what no paper says, and what one says."""

    name = "liar"
    versions: Mapping[str, str] = {}

    def compose(self, question: str, evidence: Evidence) -> Iterator[Block]:
        sentence = evidence.sentences[0]
        place = (sentence.paper.id, sentence.text, sentence.start, sentence.end)
        yield Block("Otters, it is said:", (Claim("otters", "Otters fly.", 0, 11),))
        yield Block("\nAnd:", (Claim(*place), Claim("no such paper", "x", 0, 1)))


def test_what_an_answerer_invents_does_not_reach_the_reader(library: Library) -> None:
    library.close()
    with Library(library.path, answerer=Liar()) as lying:
        answer = lying.answer("How large were the stones that each otter used?")
    assert answer.text == "And: “Each otter used *one* stone <5 cm.” [1]"
    assert answer.notes == ("2 quotes that are not in their papers left out",)
    assert answer.answerer == "liar"


# The default library -----------------------------------------------------------------------------------


def test_the_first_question_makes_the_default_library(tmp_path: Path) -> None:
    assert qa.answer("What does SeerAttention learn?").citations[0].paper.title.startswith("SeerAttention")
    assert (tmp_path / "default-library" / "library.json").is_file()


# What goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0, -1])
def test_k_must_be_positive(library: Library, k: int) -> None:
    with pytest.raises(ValueError, match=f"k is {k}: give a whole number of papers, at least one"):
        library.search("otters", k=k)


def test_a_library_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="qa add PATH"):
        Library(tmp_path / "none").answer("anything?")
    assert not (tmp_path / "none").exists()


def test_an_empty_library_is_said(library: Library) -> None:
    for paper in library.papers():
        library.remove(paper.id)
    with pytest.raises(LibraryEmpty, match="holds no papers"):
        library.answer("hello")


def test_a_file_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(StoreUnavailable, match="is a file"):
        Library(tmp_path / "file").add([OTTERS])
    assert (tmp_path / "file").read_text() == "kept"


def test_a_missing_path_is_said_and_no_library_made(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="nowhere"):
        Library(tmp_path / "library").add(tmp_path / "nowhere")
    assert not (tmp_path / "library").exists()


def test_an_unknown_answerer_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="'gpt'"):
        Library(tmp_path, answerer="gpt")


def test_a_missing_embedding_model_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no-such/model"):
        Library(tmp_path / "library", embedder="no-such/model").add([OTTERS])


def test_another_embedder_is_told_before_any_question_and_rebuild_mends_it(library: Library) -> None:
    library.close()
    with Library(library.path, embedder=Letters()) as other:
        with pytest.raises(FingerprintMismatch, match="qa rebuild --library"):
            other.answer("Which stones do otters use?")
        other.rebuild()
        assert other.papers() == [UNREAD, BRIDGES, OTTERS]
        assert other.search("sea otters")[0].paper == OTTERS
    with pytest.raises(FingerprintMismatch, match="letters"):
        library.search("otters")
    with pytest.raises(FingerprintMismatch):
        library.add([replace(OTTERS, id="new", title="Another")])


def test_an_emptied_library_of_another_model_can_be_rebuilt(library: Library) -> None:
    for paper in library.papers():
        library.remove(paper.id)
    library.close()
    with Library(library.path, embedder=Letters()) as other:
        other.rebuild()
        assert other.add([OTTERS]).added == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"authors": "Ana Li"}, "authors must be a tuple of names"),
        ({"venue": "a\ud800"}, "half of a surrogate pair"),
        ({"published": "May 2024"}, "published must be a date"),
        ({"comments": 10**20}, "must be whole numbers"),
        ({"title": None}, "must be text"),
        ({"source": (5,)}, "must be text"),
    ],
)
def test_a_record_that_is_none_is_reported_and_the_known_paper_stays(
    library: Library, change: dict[str, Any], reason: str
) -> None:
    report = library.add([replace(OTTERS, **change)])
    assert [reason in failure.reason for failure in report.failed] == [True]
    assert OTTERS in library.papers()


def test_two_papers_of_one_title_and_text_by_other_people_are_two(library: Library) -> None:
    editorials = [
        Paper("", "Editorial", "Welcome to this issue.", authors=(name,)) for name in ("Ann Lee", "Bo Xu")
    ]
    assert library.add(editorials).added == 2
    assert library.add(editorials).unchanged == 2


def test_as_many_papers_are_found_as_are_asked_for(seed_library: Library) -> None:
    assert len(seed_library.search("diffusion", k=335)) == 335


def test_a_title_stands_on_one_line_of_an_answer(library: Library) -> None:
    library.add([Paper("p", "Penguins\n\n- Fake: “They fly.” [1]", "Penguins swim at 9 km/h in cold water.")])
    answer = library.answer("How fast do penguins swim?")
    assert answer.text.startswith("According to Penguins - Fake: “They fly.” [1]: “Penguins swim")
    assert faults(answer) == []


@pytest.mark.parametrize("history", [None, 5, "text", [5], [{"role": "user"}]])
def test_a_history_of_another_shape_is_refused(library: Library, history: Any) -> None:
    with pytest.raises(InvalidInput, match="history"):
        library.answer("otters?", history)


def test_closing_beside_questions_hurts_none_of_them(library: Library) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(library.search, "sea otters and stones", 1) for _ in range(40)]
        for _ in range(40):
            library.close()
    assert {search.result()[0].paper.id for search in found} == {"otters"}


def test_a_library_of_ones_own_that_is_made_the_default_gets_no_seeds(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.close()
    monkeypatch.setenv("QA_LIBRARY", str(library.path))
    with Library() as default:
        assert len(default.papers()) == 3
    with Library(embedder=Letters()) as other, pytest.raises(FingerprintMismatch):
        other.search("otters")  # and is not embedded anew behind its owner's back


@pytest.mark.parametrize(
    "damage", ["vectors/*/passages.jsonl", "vectors/*/words.bin", "text/meta.json", "papers.db", "lock"]
)
@pytest.mark.parametrize("how", ["emptied", "cut", "gone"])
def test_what_is_derived_and_damaged_is_made_again(library: Library, damage: str, how: str) -> None:
    library.close()
    for path in library.path.glob(damage):
        whole = path.read_bytes()
        path.unlink() if how == "gone" else path.write_bytes(whole[: len(whole) // 2 if how == "cut" else 0])
    assert library.search("sea otters and stones", 1)[0].paper == OTTERS
    library.add([Paper("new", "Glaciers melt", "They melt in summer.")])
    assert library.search("glaciers melt in summer", 1)[0].paper.id == "new"
