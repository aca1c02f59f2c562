"""Which sentences an answer quotes: as many as it needs, fit to stand there, and of whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa import Answer, Library, Paper
from qa.citations import faults
from qa.evidence import best_few
from qa.passages import cut
from qa.quoting import leans, say_the_same
from qa.reader import Reader, Reading
from qa.reading import Sentence, Weighed
from tests.letters import Letters

OTTERS = Paper(
    id="otters",
    title="Tool use in sea otters",
    abstract="Sea otters live along cold coasts. They open shells with stones, which they carry for years. "
    "We watched 41 animals from two boats. Females used tools more often than males.",
)
BRIDGES = Paper(
    id="bridges",
    title="Fatigue of steel bridges",
    abstract="Steel bridges fail by fatigue. Small vibration sensors find cracks early. "
    "These sensors cost 300 euros a year.",
)
HERONS = Paper(
    id="herons",
    title="Where herons sleep",
    abstract="Herons sleep in tall poplar trees near the river. The trees are old.",
)
HERONS_AGAIN = Paper(
    id="herons again",
    title="Birds of the river: a second look",
    abstract="Herons sleep in tall poplar trees near the river. Owls sleep in barns.",
)
GLACIERS = Paper(id="glaciers", title="How fast do the glaciers of the Alps melt?", abstract="")
COPPER = Paper(id="copper", title="Copper wires", abstract="Copper wires of 2 mm break at 70 newtons.")
PAPERS = [OTTERS, BRIDGES, HERONS, HERONS_AGAIN, GLACIERS, COPPER]

SEED_QUESTIONS = (
    "How can the KV cache of a language model be made smaller?",
    "What is known about mixtures of experts in language models?",
    "Does fine-tuning make language models forget what they knew?",
    "How does SeerAttention choose what it attends to, and how much faster is it than FlashAttention-2?",
    "Why do state space models fail at recall?",
    "How are diffusion models made faster?",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """These papers; everything is answered, so that what is quoted is seen whatever the reader thinks."""
    with Library(tmp_path_factory.mktemp("few") / "library", risk=1.0) as library:
        library.add(PAPERS)
        yield library


@pytest.fixture(scope="module")
def answers(seed_library: Library) -> list[Answer]:
    with Library(seed_library.path, risk=1.0) as library:
        return [library.answer(question) for question in SEED_QUESTIONS]


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def weighed(text: str, *scores: float) -> Weighed:
    """A paper of its own whose sentences have these probabilities."""
    paper = Paper(id=text, title="A title", abstract=text)
    spans = cut(text).sentences
    return Weighed(paper, tuple(Sentence(paper, *s, p) for s, p in zip(spans, scores, strict=True)), 1.0)


def texts(*papers: Weighed) -> list[str]:
    return [sentence.text for sentence in best_few(papers)]


# How many --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How many animals were watched?", "We watched 41 animals from two boats."),
        ("At how many newtons do copper wires break?", COPPER.abstract),
        ("Do females or males use tools more often?", "Females used tools more often than males."),
    ],
)
def test_an_answer_stops_when_the_question_is_answered(library: Library, question: str, quote: str) -> None:
    found = quotes(library.answer(question))
    assert found[0] == quote
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("question", "passes"),
    [
        ("How can the KV cache of a language model be made smaller?", [2]),
        ("How do penguins keep their eggs warm in winter?", [2, 2]),
    ],
)
def test_more_papers_are_read_where_the_first_two_do_not_answer(
    seed_library: Library, monkeypatch: pytest.MonkeyPatch, question: str, passes: list[int]
) -> None:
    plain, seen = Reader.read, []

    def read(reader: Reader, asked: str, texts: Sequence[tuple[str, str]], spans: Any) -> list[Reading]:
        seen.append(len(texts))
        return plain(reader, asked, texts, spans)

    monkeypatch.setattr(Reader, "read", read)
    assert seed_library.answer(question).answered == (len(passes) == 1)
    assert seen == passes


def test_an_answer_has_at_most_four_sentences_and_three_of_a_paper(answers: list[Answer]) -> None:
    for answer in answers:
        assert 1 <= len(answer.citations) <= 4
        assert max(Counter(citation.paper.id for citation in answer.citations).values()) <= 3
        assert len(set(quotes(answer))) == len(answer.citations)
        assert faults(answer) == []


def test_after_a_sure_sentence_only_likely_ones_follow() -> None:
    assert texts(weighed("Red. Green. Blue.", 0.2, 0.92, 0.45)) == ["Green."]
    assert texts(weighed("Red. Green. Blue.", 0.2, 0.92, 0.55)) == ["Green.", "Blue."]


def test_where_none_is_sure_several_stand_together() -> None:
    assert texts(weighed("Red. Green. Blue.", 0.3, 0.5, 0.1)) == ["Green.", "Red."]
    assert texts(weighed("Red. Green.", 0.05, 0.04)) == ["Red."]


def test_a_paper_has_three_sentences_and_an_answer_four() -> None:
    first = weighed("Red. Green. Blue. Brown.", 0.3, 0.3, 0.3, 0.3)
    second = weighed("Iron. Zinc. Gold.", 0.29, 0.29, 0.29)
    assert texts(first, second) == ["Red.", "Green.", "Blue.", "Iron."]


def test_a_sentence_that_leans_stays_away_where_there_is_no_room_for_the_one_before_it() -> None:
    text = "Red is bright. Green is calm. Blue is cold. These colours mix."
    assert texts(weighed(text, 0.9, 0.8, 0.01, 0.7)) == ["Red is bright.", "Green is calm."]
    assert texts(weighed(text, 0.9, 0.1, 0.01, 0.7)) == [
        "Red is bright.",
        "Blue is cold.",
        "These colours mix.",
    ]


def test_the_likeliest_paper_stands_first_and_its_sentences_together() -> None:
    first, second = weighed("Red. Green.", 0.3, 0.26), weighed("Iron. Zinc.", 0.4, 0.2)
    assert texts(first, second) == ["Iron.", "Zinc.", "Red.", "Green."]


def test_sentences_of_one_paper_stand_together(answers: list[Answer]) -> None:
    for answer in answers:
        ids = [citation.paper.id for citation in answer.citations]
        assert len([a for a, b in zip(ids, [None, *ids], strict=False) if a != b]) == len(set(ids))


# Which ---------------------------------------------------------------------------------------------------


def test_a_sentence_that_leans_brings_the_one_before_it(library: Library) -> None:
    found = quotes(library.answer("How much do these sensors cost a year?"))
    assert found[:2] == ["Small vibration sensors find cracks early.", "These sensors cost 300 euros a year."]


def test_no_quote_leans_on_a_sentence_left_out(answers: list[Answer]) -> None:
    for answer in answers:
        for before, after in zip((None, *answer.citations), answer.citations, strict=False):
            if after.start and leans(after.quote):
                assert before is not None
                assert before.end <= after.start
                assert after.paper.abstract[before.end : after.start].strip() == ""


def test_what_one_paper_said_is_not_said_again_by_another(library: Library, answers: list[Answer]) -> None:
    found = library.answer("In which trees do herons sleep?")
    assert quotes(found).count("Herons sleep in tall poplar trees near the river.") == 1
    for answer in (found, *answers):
        for i, one in enumerate(answer.citations):
            others = [other for other in answer.citations[:i] if other.paper.id != one.paper.id]
            assert not any(say_the_same(one.quote, other.quote) for other in others)


def test_a_list_has_one_line_and_one_quote_for_each_paper(seed_library: Library) -> None:
    answer = seed_library.answer("Which papers are about unlearning in language models?")
    lines = answer.text.split("\n")[1:]
    assert len(lines) == len(answer.citations) == len({c.paper.id for c in answer.citations}) > 1
    for line, citation in zip(lines, answer.citations, strict=True):
        assert line.startswith(f"- {citation.paper.title}")
        assert line.endswith(f": “{citation.quote}” [{citation.number}]")


@pytest.mark.parametrize(
    "question",
    [
        "How fast do the glaciers of the Alps melt?",
        "Which papers are about glaciers?",
        "What is the paper How fast do the glaciers of the Alps melt about?",
        "Compare How fast do the glaciers of the Alps melt? with Tool use in sea otters.",
    ],
)
def test_a_paper_without_an_abstract_is_named_but_never_quoted(library: Library, question: str) -> None:
    answer = library.answer(question)
    assert "glaciers" not in {citation.paper.id for citation in answer.citations}
    assert GLACIERS in [hit.paper for hit in answer.hits]
    assert faults(answer) == []


# Of small libraries, and by other means --------------------------------------------------------------------


@pytest.mark.parametrize("reader", [True, False])
@pytest.mark.parametrize("paper", [OTTERS, COPPER])
def test_a_library_of_one_paper_can_be_asked(tmp_path: Path, paper: Paper, reader: bool) -> None:
    with Library(tmp_path / "library", risk=1.0, reader=reader) as library:
        library.add([paper])
        for question in ("How many animals were watched?", "Which papers are there on wires?", "x"):
            answer = library.answer(question)
            assert {citation.paper for citation in answer.citations} <= {paper}
            assert faults(answer) == []


@pytest.mark.parametrize("reader", [True, False])
def test_a_library_of_papers_without_abstracts_answers_nothing(tmp_path: Path, reader: bool) -> None:
    with Library(tmp_path / "library", risk=1.0, reader=reader) as library:
        library.add([GLACIERS])
        answer = library.answer("How fast do the glaciers of the Alps melt?")
    assert (answer.answered, answer.citations, answer.nearest) == (False, (), (GLACIERS,))


@pytest.mark.parametrize("reader", [True, False])
def test_an_embedder_without_vectors_of_words_will_do(tmp_path: Path, reader: bool) -> None:
    with Library(tmp_path / "library", embedder=Letters(), risk=1.0, reader=reader) as library:
        library.add(PAPERS)
        answer = library.answer("How many animals were watched from boats?")
        assert "We watched 41 animals from two boats." in quotes(answer)
        assert faults(answer) == []
        assert library.answer("Which papers are about herons?").answered


def test_an_answer_is_the_same_each_time(library: Library) -> None:
    first, second = (library.answer("How many animals were watched?") for _ in range(2))
    assert first == second
