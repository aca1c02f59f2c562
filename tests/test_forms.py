"""The form of an answer, and the sentences that each form quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.answering.extractive import Extractive, entry_of
from qa.aspects import MAIN, aspects_of, side_by_side
from qa.chat.cards import answer_html
from qa.citations import Gate, faults
from qa.forms import form_of
from qa.paper import Answer, Paper
from qa.passages import cut
from qa.quoting import with_antecedent, without_echoes
from qa.reading import Evidence, Sentence, Weighed
from qa.roles import about
from qa.tables import table_of

QUESTIONS = Path(__file__).parent / "data" / "forms.tsv"
FOLD = Paper(
    id="fold",
    title="Fold: Attention | without\nTears",
    abstract="Attention is costly and does not scale. We propose Fold, a method that folds keys. "
    "Fold | halves\nthe memory. We evaluate Fold on the WikiText benchmark. Results show a 3x speedup.",
    published="2025-02",
)
PRUNE = Paper(
    id="prune",
    title="Prune",
    abstract="However, large models suffer from overhead. This paper introduces Prune, a new algorithm. "
    "These masks are learned. Prune is 2 times faster than dense models.",
    authors=("Ada Lee", "Bo Li", "Cy Ng"),
)


def weighed(paper: Paper) -> Weighed:
    return Weighed(paper, tuple(Sentence(paper, a, b, 0.5) for a, b in cut(paper.abstract).sentences), 1.0)


def answered(evidence: Evidence) -> Answer:
    gate = Gate({sentence.paper.id: sentence.paper for sentence in evidence.sentences})
    blocks = Extractive().compose("a question", evidence)
    text = "".join(piece for block in blocks for piece in gate.admit(block))
    return Answer(text=text, answered=True, question="a question", citations=gate.citations)


def compared(*aspects: str) -> Answer:
    sentences, columns = side_by_side([weighed(FOLD), weighed(PRUNE)], aspects)
    return answered(Evidence(sentences, "comparison", columns))


def test_questions_get_the_form_that_they_want() -> None:
    wrong = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        form, titles, question = line.split("\t")
        if form_of(question, titles.split("; ") if titles else []) != form:
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize(
    ("question", "aspects"),
    [
        ("compare § and § in terms of speed and memory", ("speed", "memory")),
        ("which of the two methods is faster?", ("speed",)),
        ("§ vs §", ("method", "data", "result")),
        ("how do they differ with respect to carbon taxes?", ("carbon taxes",)),
    ],
)
def test_a_comparison_is_in_what_the_question_names(question: str, aspects: tuple[str, ...]) -> None:
    assert aspects_of(question) == aspects


def test_about_gives_problem_method_and_result_in_order() -> None:
    assert [s.text for s in about(weighed(FOLD).sentences)] == [
        "Attention is costly and does not scale.",
        "We propose Fold, a method that folds keys.",
        "Results show a 3x speedup.",
    ]


def test_a_comparison_is_a_table_whatever_titles_and_quotes_hold() -> None:
    answer = compared("method", "memory", "speed")
    table = table_of(answer)
    assert faults(answer) == []
    assert table is not None
    assert table.aspects == ("method", "memory", "speed")
    assert [list(row.cells) for row in table.rows] == [["method", "memory", "speed"], ["method", "speed"]]
    assert table.rows[0].cells["memory"][0].text == "“Fold | halves\nthe memory.”"
    assert "".join(piece.text for piece in table.rows[0].paper) == "Fold: Attention | without Tears (2025)"


def test_the_page_draws_a_comparison_as_a_table_with_empty_cells() -> None:
    html = answer_html(compared("method", "memory", "speed"), 1)
    assert html.count("<tr>") == 3
    assert html.count('<span class="aspect">year</span>2025</td>') == 1
    assert html.count('<td class="empty">') == 2  # a memory and a year
    assert "Fold | halves&#10;the memory." in html


def test_a_paper_that_says_nothing_of_what_is_compared_gives_its_main_sentence() -> None:
    sentences, columns = side_by_side([weighed(PRUNE)], ("energy",))
    assert columns == (MAIN,)
    assert sentences[0].text == "This paper introduces Prune, a new algorithm."


def test_a_list_is_no_table() -> None:
    sentences = (weighed(FOLD).sentences[1], weighed(PRUNE).sentences[1])
    answer = answered(Evidence(sentences, "several"))
    assert table_of(answer) is None
    assert "\n- Prune (Ada Lee et al.): “This paper introduces" in answer.text


@pytest.mark.parametrize(
    ("authors", "entry"),
    [
        ((), "Fold: Attention | without Tears (2025)"),
        (("Ada Lee", "Bo Li"), "Fold: Attention | without Tears (Ada Lee and Bo Li, 2025)"),
        (("Ada [1] Lee",), "Fold: Attention | without Tears (2025)"),
    ],
)
def test_a_list_names_authors_where_they_are_known(authors: tuple[str, ...], entry: str) -> None:
    assert entry_of(Paper("a", FOLD.title, "", authors=authors, published="2025")) == entry


def test_a_sentence_that_leans_brings_the_one_before_it() -> None:
    _, introduces, leaning, faster = weighed(PRUNE).sentences
    assert with_antecedent(weighed(PRUNE).sentences, [leaning]) == (introduces, leaning)
    assert with_antecedent(weighed(PRUNE).sentences, [faster, leaning, introduces]) == (
        faster,
        introduces,
        leaning,
    )
    assert with_antecedent(weighed(FOLD).sentences, [leaning]) == (leaning,)


def test_what_another_paper_said_already_is_left_out() -> None:
    again = Paper("again", "Again", "Prune is two times faster than the dense models. It is new.")
    first, second = weighed(PRUNE).sentences[3], weighed(again).sentences
    assert without_echoes([first, *second]) == (first, second[1])
    assert without_echoes([first, first]) == (first, first)


def test_a_sentence_stands_in_one_cell_only() -> None:
    sentences, columns = side_by_side([weighed(PRUNE)], ("speed", "dense models", "models of everything"))
    assert [s.text for s in sentences] == ["Prune is 2 times faster than dense models."]
    assert columns == ("speed",)
