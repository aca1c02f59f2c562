"""What an answer looks like as HTML: markers, cards, and papers that try to be more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from qa import Answer, Citation, Hit, Paper, Passage
from qa.chat.cards import answer_html, question_html, turn_html
from qa.chat.conversation import Turn, history
from qa.citations import shown_title

GATE = Paper(
    id="gate",
    title="Learned Gates",
    abstract="We learn a gate. It keeps 10% of the blocks. It is 7.3 times faster.",
    authors=("Ada Lovelace", "Emmy Noether"),
    published="2025-03-18",
    url="https://example.org/gate",
    source=("list.txt",),
)
OTHER = Paper(id="other", title="Fixed Patterns", abstract="We fix the pattern.", author_count=5)


def cited(number: int, paper: Paper, quote: str) -> Citation:
    start = paper.abstract.index(quote)
    return Citation(number, paper, quote, start, start + len(quote))


def found(*papers: Paper) -> tuple[Hit, ...]:
    return tuple(Hit(paper, 1.0, Passage(paper.id, "", 0, 0)) for paper in papers)


def answered(*citations: Citation, hits: tuple[Hit, ...] = ()) -> Answer:
    text = " ".join(f"{shown_title(c.paper)}: “{c.quote}” [{c.number}]" for c in citations)
    return Answer(text, True, "?", citations, hits)


ANSWER = answered(cited(1, GATE, "We learn a gate."), cited(2, GATE, "It is 7.3 times faster."))


class Shown(HTMLParser):
    """What a reader sees of a piece of HTML, and the tags in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_each_marker_leads_to_its_sentence_in_the_card_of_its_turn() -> None:
    html = answer_html(ANSWER, 3)
    assert re.findall(r'class="marker"[^>]* href="#([^"]+)"', html) == ["t3-s1", "t3-s2"]
    assert re.findall(r'<mark id="([^"]+)"[^>]*>([^<]+)</mark>', html) == [
        ("t3-s1", "We learn a gate."),
        ("t3-s2", "It is 7.3 times faster."),
    ]


def test_two_turns_share_no_id() -> None:
    first, second = (re.findall(r' id="([^"]+)"', answer_html(ANSWER, turn)) for turn in (1, 2))
    assert len(first) == len(set(first)) == 4
    assert not set(first) & set(second)


def test_hovering_a_marker_shows_title_and_sentence() -> None:
    assert 'title="Learned Gates: “We learn a gate.”"' in answer_html(ANSWER, 1)


def test_one_card_a_paper_with_its_numbers_and_all_that_is_known() -> None:
    html = answer_html(ANSWER, 1)
    assert html.count('class="card"') == 1
    assert "[1][2] Learned GatesAda Lovelace, Emmy Noether · 2025-03-18 · list.txt" in Shown(html).text
    assert 'href="https://example.org/gate"' in html


def test_a_list_is_shown_as_a_list_but_not_inside_a_quote() -> None:
    listed = replace(OTHER, abstract="We fix\n- the pattern.")
    answer = answered(cited(1, GATE, "We learn a gate."), cited(2, listed, listed.abstract))
    html = answer_html(replace(answer, text="Two:\n- " + answer.text.replace(" Fixed", "\n- Fixed")), 1)
    assert html.count('<span class="item">- ') == 2
    assert "“We fix&#10;- the pattern.”</span>" in html


def test_a_marker_that_comes_twice_has_one_id() -> None:
    answer = replace(ANSWER, text=ANSWER.text + " And again: “We learn a gate.” [1]")
    html = answer_html(answer, 1)
    assert html.count('href="#t1-s1"') == 2
    assert html.count('id="t1-m1"') == 1


def test_what_is_not_known_is_left_out() -> None:
    text = Shown(answer_html(answered(cited(1, OTHER, "We fix the pattern.")), 1)).text
    assert "[1] Fixed Patterns5 authorsWe fix the pattern.Back to the answerCopy citation" in text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"organisation": "ACME Labs"}, "ACME Labs"),
        ({"author_count": 1}, "1 author"),
        ({"authors": tuple("ABCDEFGH"), "organisation": "ACME"}, "A, B, C, D, E, F and 2 more"),
    ],
)
def test_authors_as_far_as_they_are_known(fields: dict[str, object], shown: str) -> None:
    paper = replace(OTHER, **{"author_count": None, **fields})  # type: ignore[arg-type]
    assert f"Fixed Patterns{shown}We fix" in Shown(answer_html(answered(cited(1, paper, "We fix")), 1)).text


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"doi": "10.1/a<b"}, "https://doi.org/10.1/a%3Cb"),
        ({"arxiv_id": "2501.00001"}, "https://arxiv.org/abs/2501.00001"),
        ({"url": "javascript:alert(1)"}, None),
        ({"url": "http://[broken"}, None),
    ],
)
def test_a_card_links_to_the_paper_only_by_a_web_address(fields: dict[str, str], address: str | None) -> None:
    html = answer_html(answered(cited(1, replace(OTHER, **fields), "We fix")), 1)  # type: ignore[arg-type]
    assert re.findall(r'class="paper" href="([^"]+)"', html) == ([address] if address else [])


def test_found_but_not_cited_comes_last_folded_with_its_rank() -> None:
    html = answer_html(replace(ANSWER, hits=found(OTHER, GATE)), 1)
    assert "Also found (1)rank 1 Fixed Patterns" in Shown(html).text
    assert '<details class="found">' in html
    assert "%" not in html.split("Also found")[1]


def test_a_refusal_has_no_cards_whatever_was_found() -> None:
    refusal = Answer("Nothing near. The nearest: Fixed Patterns.", False, "?", hits=found(OTHER))
    assert answer_html(refusal, 1) == (
        '<div class="turn"><div class="text">'
        '<div class="said"><span>Nothing near. The nearest: Fixed Patterns.</span></div></div></div>'
    )


def test_a_field_other_than_the_abstract_leads_to_the_card() -> None:
    citation = Citation(1, GATE, "2025-03-18", 0, 0, "published")
    html = answer_html(answered(citation), 1)
    assert 'published: <mark id="t1-s1" title="[1]" tabindex="-1">2025-03-18</mark>' in html


def test_a_paper_without_an_abstract_says_so() -> None:
    bare = Paper(id="bare", title="Bare", abstract="")
    html = answer_html(answered(Citation(1, bare, "Bare", 0, 0, "title")), 1)
    assert "This library holds no abstract of this paper." in html


def test_overlapping_quotes_leave_the_abstract_whole() -> None:
    html = answer_html(answered(cited(1, GATE, GATE.abstract[:44]), cited(2, GATE, "It keeps 10% of the")), 1)
    assert GATE.abstract in Shown(html).text
    assert 'id="t1-s2"' in html


HOSTILE = (
    "<script>alert(1)</script> ${1+1} {{2}} *a* _b_ `c` $x$ $$y$$ \\(z\\) <b>B</b> &amp; [2] “q”\n\n# H\n- i"
)


def test_text_of_a_paper_shows_as_it_stands_and_does_nothing() -> None:
    paper = Paper(id="h", title=HOSTILE, abstract=HOSTILE, authors=(HOSTILE,), source=(HOSTILE,))
    html = answer_html(answered(cited(1, paper, HOSTILE), cited(2, GATE, "We learn a gate.")), 1)
    shown = Shown(html)
    assert shown.tags == {"div", "span", "a", "details", "summary", "p", "mark", "math", "mrow", "mi"}
    drawn = HOSTILE.replace("$x$ $$y$$ \\(z\\)", "x y z")
    assert shown.text.count(drawn) == 3  # text: quote; card: title, abstract
    assert shown.text.count(HOSTILE) == 2  # card: author, source
    assert shown.text.startswith(" ".join(drawn.split()))
    assert html.count('class="marker"') == 2
    assert "\n" not in html


def test_a_question_shows_as_it_was_typed_and_a_long_one_by_its_beginning() -> None:
    assert Shown(question_html(HOSTILE)).text == HOSTILE
    assert Shown(question_html("x" * 12_000)).text == "x" * 300 + "… (12,000 characters)"


def test_an_open_turn_shows_what_is_done_then_what_was_said() -> None:
    assert Shown(turn_html(Turn("?", status="Searching <all>"), 1)).text == "Searching <all> …"
    assert Shown(turn_html(Turn("?", said="So [1]"), 1)).text == "So [1]"


def test_history_is_plain_text_without_turns_that_failed() -> None:
    turns = (Turn("a", answer=ANSWER), Turn("b", note="no library"), Turn("c", said="Half", note="Stopped."))
    assert history(turns) == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": ANSWER.text},
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": "Half"},
    ]
