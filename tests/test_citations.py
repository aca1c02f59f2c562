from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qa import Answer, Citation, Paper
from qa.citations import Block, Claim, Gate, faults, segments

ABSTRACT = r"We use $x < 1$ and *stars* [3]. It gains 2.9\%."
PAPER = Paper("p", "Title [1] of “stars”", ABSTRACT, authors=("Ann Lee", "Bo Li"), published="2025-03")
FIRST = Claim("p", ABSTRACT[:31], 0, 31)
SECOND = Claim("p", ABSTRACT[32:], 32, len(ABSTRACT))


def admitted(*claims: Claim) -> tuple[str, Gate]:
    gate = Gate({"p": PAPER})
    return "".join(gate.admit(Block("Lead:", claims))), gate


def test_claims_are_numbered_in_order_of_first_use() -> None:
    text, gate = admitted(SECOND, FIRST, SECOND)
    assert text == f"Lead: “{SECOND.quote}” [1] “{FIRST.quote}” [2] “{SECOND.quote}” [1]"
    assert [(c.number, c.quote) for c in gate.citations] == [(1, SECOND.quote), (2, FIRST.quote)]


@pytest.mark.parametrize(
    "claim",
    [
        replace(FIRST, quote=FIRST.quote.replace("<", "≤")),
        replace(FIRST, start=1),
        replace(FIRST, paper_id="another"),
        Claim("p", "", 5, 5),
        Claim("p", ABSTRACT[-3:], -3, len(ABSTRACT)),
        Claim("p", "2024", 0, 0, "published"),
        Claim("p", "Cy Old", 0, 0, "authors"),
        Claim("p", "None", 0, 0, "doi"),
        Claim("p", "x", 0, 0, "no_such_field"),
    ],
)
def test_a_claim_that_is_not_in_its_paper_reaches_nobody(claim: Claim) -> None:
    text, gate = admitted(claim)
    assert (text, gate.citations, gate.dropped) == ("", (), [claim])


def test_a_dropped_claim_leaves_no_gap_in_the_numbers() -> None:
    text, _ = admitted(replace(FIRST, end=30), SECOND)
    assert text == f"Lead: “{SECOND.quote}” [1]"


def test_fields_of_the_record_can_be_cited() -> None:
    text, _ = admitted(Claim("p", "Ann Lee, Bo Li", 0, 0, "authors"))
    assert text == "Lead: “Ann Lee, Bo Li” [1]"


GOOD_SECOND = Citation(2, PAPER, "use", 3, 6)
GOOD = Answer("Title: “We” [1] “use” [2]", True, "q", (Citation(1, PAPER, "We", 0, 2), GOOD_SECOND))


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 0),
        ({"text": "“We” [1] “use” [2] “We” [1]"}, 0),
        ({"text": "“We” [1]"}, 1),  # a citation without a marker
        ({"text": "“We” [2] “use” [1]"}, 3),  # swapped
        ({"text": "“We” [1] [2] “use” [2]"}, 1),  # a marker without a quote
        ({"text": "“Us” “We” [1] “use” [2]"}, 1),  # a quote of nothing
        ({"citations": (Citation(1, PAPER, "Us", 0, 2), GOOD_SECOND)}, 3),
        ({"citations": (Citation(2, PAPER, "We", 0, 2), GOOD_SECOND)}, 2),
    ],
)
def test_faults_finds_what_the_gate_would_have_stopped(change: dict[str, Any], count: int) -> None:
    assert len(faults(replace(GOOD, **change))) == count


@pytest.mark.parametrize("lead", ["“Otters fly.” [1]", "See [1]:", "So “they” say:"])
def test_a_lead_that_looks_like_evidence_is_left_out(lead: str) -> None:
    gate = Gate({"p": PAPER})
    assert "".join(gate.admit(Block(lead, (FIRST,)))) == f" “{FIRST.quote}” [1]"
    assert "".join(gate.admit(Block(lead))) == ""


def test_a_lead_may_name_a_paper_whatever_its_title_holds() -> None:
    gate = Gate({"p": PAPER})
    assert "".join(gate.admit(Block(f"According to {PAPER.title}:", (FIRST,)))).startswith(
        "According to Title [1]"
    )


def test_markers_are_told_from_what_papers_hold() -> None:
    text, gate = admitted(FIRST)
    pieces = segments(f"{PAPER.title}: {text} [7]", gate.citations)
    assert [(piece.kind, piece.number) for piece in pieces] == [
        ("title", 0),
        ("text", 0),
        ("quote", 0),
        ("text", 0),
        ("marker", 1),
        ("text", 0),
    ]
    assert "".join(piece.text for piece in pieces) == f"{PAPER.title}: {text} [7]"
