"""Evaluation: the figures themselves, what may be judged by, and that a wrong citation is noticed."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa import Answer, Citation, Hit, InvalidInput, Library, Paper, Passage, ReadError
from qa.evaluation import answer_parts, evaluate, judge_answers, measures, ranking_measures
from qa.judging import Judged, overlaps
from qa.questions import Evidence, Question, read_collection, read_questions

BREAD = Paper(
    id="bread", title="Sourdough", abstract="Wild yeast raises dough. It takes twelve hours at 24 degrees."
)
STARS = Paper(
    id="stars", title="Pulsars", abstract="Neutron stars spin. Their pulses arrive every 33 milliseconds."
)
SAID = "It takes twelve hours at 24 degrees."
ANSWER = Answer(
    text=f"According to Sourdough: “{SAID}” [1]",
    answered=True,
    question="How long does sourdough take?",
    citations=(Citation(1, BREAD, SAID, 25, 61),),
)
QUESTION = Question(
    id="q1",
    kind="single",
    question="How long does sourdough take?",
    relevant=("Sourdough",),
    evidence=(Evidence("Sourdough", "twelve hours at 24 degrees"),),
    must_include=("Twelve", "1"),
)


def judged(answer: Answer, question: Question = QUESTION) -> dict[str, dict[str, float]]:
    """The figures of the answer, without those of the decision to answer."""
    of_all = measures(answer_parts(judge([], question, answer)))
    of_all.pop("decision", None)
    return {group: {name: measure.value for name, measure in of.items()} for group, of in of_all.items()}


def judge(ranking: list[Paper], question: Question = QUESTION, answer: Answer = ANSWER) -> tuple[Judged, ...]:
    return judge_answers([question], {question.id: answer}, {question.id: ranking}, {BREAD.id: BREAD})


def lines(path: Path, *objects: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in objects), encoding="utf-8")
    return path


# Figures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [
        (["a", "b", "c"], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        (["x", "a"], [1 / math.log2(3), 0.0, 1.0, 1.0, 0.5, 0.5]),
        ([*"0123456789", "a"], [0.0, 0.0, 0.0, 1.0, 1 / 11, 1 / 11]),
        ([*map(str, range(100)), "a"], [0.0] * 6),
        ([], [0.0] * 6),
    ],
)
def test_rankings_are_judged_over_ten_and_a_hundred(ranked: Sequence[str], expected: Sequence[float]) -> None:
    measures = ranking_measures({"q": {"a": 1}}, {"q": ranked})
    assert list(measures) == ["nDCG@10", "success@1", "recall@10", "recall@100", "MRR", "AP"]
    assert [measure.value for measure in measures.values()] == pytest.approx(expected)


def test_average_precision_takes_the_precision_at_each_right_paper() -> None:
    measures = ranking_measures({"q": {"a": 1, "b": 1}}, {"q": ["a", "x", "b"]})
    assert measures["AP"].value == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_a_random_ranking_gets_a_low_figure() -> None:
    papers = [str(number) for number in range(200)]
    grades = {paper: {paper: 1} for paper in papers}
    chance = random.Random(1)
    ranked = {paper: chance.sample(papers, len(papers)) for paper in papers}
    assert ranking_measures(grades, ranked)["nDCG@10"].value < 0.05
    assert ranking_measures(grades, {paper: [paper] for paper in papers})["nDCG@10"].value == 1.0


def test_a_question_without_hits_counts_beside_one_with_them() -> None:
    measures = ranking_measures({"q": {"a": 1}, "r": {"b": 1}}, {"q": ["a"], "r": []})
    assert (measures["success@1"].value, measures["success@1"].n) == (0.5, 2)


@pytest.mark.parametrize(
    ("quote", "evidence", "same"),
    [
        ("We learn a gate.", "In short, we learn a  gate, cheaply.", True),
        ("In short, WE LEARN a gate, cheaply.", "we learn a gate", True),
        (
            "one two three four nine",
            "five four three two one",
            False,
        ),  # four of five words: not more than 80 %
        ("six five four three two", "one two three four five six", True),  # five of six
        ("rain", "trains run", False),  # words, not letters
        ("...", "a", False),
    ],
)
def test_overlap(quote: str, evidence: str, same: bool) -> None:
    assert overlaps(quote, evidence) is same


# Answers -------------------------------------------------------------------------------------------


def test_a_right_answer() -> None:
    assert judged(ANSWER) == {
        "single": {"refused": 0.0, "evidence in first 3": 1.0, "must include": 0.5, "precision": 1.0},
        "answerable": {"refused": 0.0, "must include": 0.5, "precision": 1.0},
        "all": {"citations exact": 1.0},
    }


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, citations=(replace(ANSWER.citations[0], start=24),)),
        replace(
            ANSWER,
            citations=(replace(ANSWER.citations[0], number=2),),
            text=ANSWER.text.replace("[1]", "[2]"),
        ),
        replace(ANSWER, text="Nothing is marked here."),
        replace(ANSWER, text=ANSWER.text + " [1] [2]", citations=(*ANSWER.citations, ANSWER.citations[0])),
        replace(ANSWER, citations=(replace(ANSWER.citations[0], paper=replace(BREAD, id="elsewhere")),)),
        replace(ANSWER, citations=(replace(ANSWER.citations[0], field="venue"),)),
    ],
    ids=["span", "gap", "marker", "number twice", "paper", "field"],
)
def test_a_wrong_citation_is_noticed(answer: Answer) -> None:
    assert judged(answer)["all"] == {"citations exact": 0.0}


def test_evidence_counts_in_the_first_three_citations_only() -> None:
    other = Citation(1, BREAD, "Wild yeast raises dough.", 0, 24)
    late = replace(ANSWER, citations=(other, other, other, ANSWER.citations[0]))
    assert judged(late)["single"]["evidence in first 3"] == 0.0
    assert judged(late)["single"]["precision"] == 0.25


def test_a_refusal_holds_none_of_the_strings() -> None:
    refusal = replace(ANSWER, answered=False, citations=(), text="Nothing on twelve hours.")
    assert judged(refusal)["single"] == {"refused": 1.0, "evidence in first 3": 0.0, "must include": 0.0}


def test_a_question_about_several_papers_wants_exactly_those_cited() -> None:
    several = replace(QUESTION, kind="multi", relevant=("SOURDOUGH", "Rye", "Wheat", "Oats"))
    figures = judged(ANSWER, several)["multi"]
    assert figures["relevant cited"] == 0.25
    assert figures["cited relevant"] == 1.0
    assert figures["F1 of cited"] == pytest.approx(2 * 0.25 / 1.25)


def test_citing_nothing_is_worth_nothing() -> None:
    several = replace(QUESTION, kind="multi", evidence=())
    figures = judged(replace(ANSWER, citations=(), text="None."), several)["multi"]
    assert (figures["relevant cited"], figures["cited relevant"], figures["F1 of cited"]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (ANSWER, 1.0),
        (replace(ANSWER, hits=(Hit(STARS, 1.0, Passage("stars", "", 0, 0)),)), 1.0),  # what is cited counts
        (replace(ANSWER, citations=(), hits=(Hit(BREAD, 1.0, Passage("bread", "", 0, 0)),)), 1.0),
        (replace(ANSWER, citations=(), hits=(Hit(STARS, 1.0, Passage("stars", "", 0, 0)),)), 0.0),
        (replace(ANSWER, citations=(*ANSWER.citations, Citation(2, STARS, "Pulsars", 0, 0, "title"))), 0.0),
        (replace(ANSWER, citations=(), hits=()), 0.0),
        (replace(ANSWER, answered=False), 0.0),
    ],
)
def test_a_question_about_the_records_wants_exactly_the_right_set(answer: Answer, right: float) -> None:
    assert judged(answer, replace(QUESTION, kind="metadata"))["metadata"]["right set"] == right


def papers(*titles: str) -> list[Paper]:
    return [Paper(id=title.lower(), title=title, abstract="") for title in titles]


def test_a_miss_names_what_was_ranked_above_it() -> None:
    several = replace(QUESTION, kind="multi", relevant=("Rye", "Oats", "Maize"))
    (of,) = judge(papers("Oats", "Wheat", "Rye", "Barley"), several)
    assert [(item.title, item.place) for item in of.missed] == [("Rye", 3), ("Maize", None)]
    assert of.above == ((2, "Wheat"), (4, "Barley"))
    assert of.ranking == ("oats", "wheat", "rye", "barley")


def test_right_papers_at_the_top_are_no_miss() -> None:
    several = replace(QUESTION, kind="multi", relevant=("Rye", "Oats"))
    (of,) = judge(papers("Oats", "Rye", "Wheat"), several)
    assert (of.missed, of.above) == ((), ())


def test_an_unanswerable_question_only_wants_a_refusal() -> None:
    unanswerable = Question(id="u", kind="unanswerable", question="How long does rye take?")
    assert judged(ANSWER, unanswerable) == {"unanswerable": {"refused": 0.0}, "all": {"citations exact": 1.0}}


# A questions file ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("two") / "library")
    library.add([BREAD, STARS])
    return library


def test_a_questions_file(library: Library, tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []
    file = lines(
        tmp_path / "q.jsonl",
        {"id": "1", "kind": "single", "question": "How fast do pulsars spin?", "relevant": ["pulsars."]},
        {"id": "2", "kind": "unanswerable", "question": "hello", "sort": "off-topic"},
    )
    result = evaluate(library, file, on_question=lambda done, total: asked.append((done, total))).to_dict()
    assert result["kinds"]["single"]["nDCG@10"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    assert set(result["kinds"]) == {"single"}
    assert result["answers"]["unanswerable"]["refused"]["value"] == 1.0
    assert result["answers"]["off-topic"]["AUC"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    assert result["answers"]["decision"]["wrong of asked"]["n"] == 2
    assert result["versions"]["questions"].startswith("q.jsonl sha256:")
    assert asked == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("said", "about"), [("What raises dough?", "Sourdough"), ("What pulses?", "Pulsars")]
)
def test_a_follow_up_is_ranked_by_what_its_history_is_about(
    library: Library, tmp_path: Path, said: str, about: str
) -> None:
    question = {
        "id": "1",
        "kind": "followup",
        "question": "and what else is known of it?",
        "relevant": [about],
    }
    history = [{"role": "user", "content": said}, {"role": "assistant", "content": "This."}]
    result = evaluate(library, lines(tmp_path / "q.jsonl", question | {"history": history}))
    assert result.kinds["followup"]["success@1"].value == 1.0


def test_questions_about_other_papers_than_the_librarys(library: Library, tmp_path: Path) -> None:
    file = lines(tmp_path / "q.jsonl", {"id": "1", "kind": "single", "question": "Why?", "relevant": ["Rye"]})
    with pytest.raises(
        InvalidInput, match=r"holds none of the papers that .*q\.jsonl asks for: name theirs with"
    ):
        evaluate(library, file)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "expected an object"),
        ('{"kind": "single", "question": "Why?", "relevant": ["Rye"]}', "id is missing"),
        ('{"id": "2", "kind": "double", "question": "Why?"}', "kind 'double' is none of single, multi"),
        (
            '{"id": "2", "kind": "single", "question": " ", "relevant": ["Rye"]}',
            "question is missing, or no text",
        ),
        ('{"id": "2", "kind": "single", "question": "Why?"}', "relevant is empty: a single question needs"),
        (
            '{"id": "2", "kind": "multi", "question": "Why?", "relevant": "Rye"}',
            "relevant is no list of texts",
        ),
        ('{"id": "1", "kind": "unanswerable", "question": "Why?"}', "the id '1' is used twice"),
        (
            '{"id": "2", "kind": "unanswerable", "question": "Why?", "history": [{"role": "user"}]}',
            "content is missing",
        ),
        (
            '{"id": "2", "kind": "unanswerable", "question": "Why?", "evidence": ["x"]}',
            "evidence is no list of obj",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(f'{{"id": "1", "kind": "unanswerable", "question": "Why?"}}\n\n{line}\n')
    with pytest.raises(ReadError, match=f"q.jsonl, line 3: {reason}"):
        read_questions(file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "has no questions"), (b"\xff\xfe", "is not in UTF-8"), (None, "No such file")],
)
def test_a_file_that_holds_no_questions(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "q.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ReadError, match=reason):
        read_questions(file)


# A collection --------------------------------------------------------------------------------------


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """Two papers, one of them twice, an empty document, and queries in two splits."""
    folder = tmp_path / "beir"
    documents = [{"_id": p.id, "title": p.title, "text": p.abstract} for p in (BREAD, STARS)]
    copy = {"_id": "copy", "title": "Pulsars", "text": STARS.abstract}
    lines(folder / "corpus.jsonl", *documents, copy, {"_id": "empty", "title": "", "text": ""})
    lines(
        folder / "queries.jsonl", {"_id": 1, "text": "yeast in dough"}, {"_id": "2", "text": "neutron stars"}
    )
    (folder / "qrels").mkdir()
    (folder / "qrels" / "dev.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\tbread\t2\n1\tstars\t0\n2\tcopy\t3\n2\tstars\t1\n2\tbread\t2\n"
    )
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\r\n1\tstars\t1\r\n2\tcopy\t1\r\n")
    return folder


def test_a_collection_is_read(beir: Path) -> None:
    collection = read_collection(beir)
    assert [paper.id for paper in collection.papers] == ["bread", "stars", "copy"]
    assert collection.queries == {"1": "yeast in dough", "2": "neutron stars"}
    assert collection.splits == {
        "dev": {"1": {"bread": 2}, "2": {"copy": 3, "stars": 1, "bread": 2}},
        "test": {"1": {"stars": 1}, "2": {"copy": 1}},
    }


def test_a_collection_is_searched_in_a_library_of_its_own(beir: Path) -> None:
    result = evaluate(None, beir)
    assert {split: of["MRR"].value for split, of in result.kinds.items()} == {"dev": 1.0, "test": 0.75}
    assert result.kinds["dev"]["nDCG@10"].value == 1.0  # a paper has the best grade of its copies
    assert result.answers == {}


def test_a_collection_stays_in_the_library_that_is_given(
    beir: Path, library: Library, tmp_path: Path
) -> None:
    with Library(tmp_path / "kept") as kept:
        first = evaluate(kept, beir)
        assert {paper.id for paper in kept.papers()} == {"bread", "stars"}
        assert evaluate(kept, beir) == first
        kept.add([replace(BREAD, id="mine", title="Mine", abstract="Of my own.")])
        with pytest.raises(InvalidInput, match="holds other papers than"):
            evaluate(kept, beir)


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("corpus.jsonl", '{"title": "a"}\n', "corpus.jsonl, line 1: _id is missing"),
        ("corpus.jsonl", "", "holds no documents"),
        ("queries.jsonl", '{"_id": "1"}\n', "queries.jsonl, line 1: text is missing"),
        (
            "qrels/dev.tsv",
            "1\tbread\tyes\n2\tbread\n",
            "dev.tsv, line 2: no query, document and whole number",
        ),
        ("qrels/dev.tsv", "3\tbread\t1\n", "dev.tsv, line 1: there is no query '3'"),
    ],
)
def test_a_wrong_collection_is_named(beir: Path, file: str, content: str, reason: str) -> None:
    (beir / file).write_text(content)
    with pytest.raises(ReadError, match=reason):
        read_collection(beir)
