"""Formulas as MathML, and what is no formula."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa import Library, Paper
from qa.chat.formulas import between, formulas, shown
from tests.pages import Visit, ask, served


def drawn(formula: str) -> str:
    [found] = formulas(f"${formula}$")
    return found.html.removeprefix("<math><mrow>").removesuffix("</mrow></math>")


@pytest.mark.parametrize(
    ("formula", "mathml"),
    [
        ("L_t", "<msub><mi>L</mi><mi>t</mi></msub>"),
        ("t^{-2}", "<msup><mi>t</mi><mrow><mrow><mo>−</mo><mn>2</mn></mrow></mrow></msup>"),
        ("x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mrow><mn>2</mn></mrow></msubsup>"),
        ("\\frac 1{\\sqrt n}", "<mfrac><mn>1</mn><mrow><msqrt><mi>n</mi></msqrt></mrow></mfrac>"),
        ("\\hat\\rho", '<mover accent="true"><mi>ρ</mi><mo>^</mo></mover>'),
        ("\\text{poly of } d", "<mtext>poly of </mtext><mi>d</mi>"),
        ("\\mathbb{R}", "<mi>ℝ</mi>"),
        ("\\mathcal{LN}", "<mi>ℒ𝒩</mi>"),
        ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        ("\\left\\| f \\right.", "<mo>‖</mo><mi>f</mi><mrow></mrow>"),
        ("f''", "<msup><mi>f</mi><mrow><mo>′</mo><mo>′</mo></mrow></msup>"),
        ("90\\%", "<mn>90</mn><mo>%</mo>"),
    ],
)
def test_a_formula_is_drawn(formula: str, mathml: str) -> None:
    assert drawn(formula) == mathml


@pytest.mark.parametrize(
    "text",
    [
        "$\\unknown{x}$",
        "$x_$",
        "${x$",
        "$x}$",
        "$a_1_2$",
        "$\\text{a$",
        "$\\text{\\b}$",
        "$a & b$",
        "$\\frac{1}$",
        "\\(\\)",
        "$" + "{" * 50 + "x" + "}" * 50 + "$",
        "It costs $5 and $10.",
        "From $5-$10",
        "\\begin{align}x\\end{align}",
    ],
)
def test_what_is_not_understood_stays_as_it_stands(text: str) -> None:
    assert shown(text, escape) == escape(text)


def test_all_around_a_formula_is_escaped() -> None:
    text = "<b> $x$ & \\[y\\] > $z"
    assert shown(text, escape) == (
        "&lt;b&gt; <math><mrow><mi>x</mi></mrow></math> &amp; "
        '<math display="block"><mrow><mi>y</mi></mrow></math> &gt; $z'
    )


def test_a_formula_that_a_quote_cuts_is_not_drawn() -> None:
    text = "$a$ then $b$."
    found = formulas(text)
    assert between(text, 0, 10, found, escape) == "<math><mrow><mi>a</mi></mrow></math> then $"
    assert between(text, 10, 13, found, escape) == "b$."


@pytest.mark.browser
def test_the_browser_draws_the_formulas_of_an_abstract(visit: Visit, tmp_path: Path) -> None:
    abstract = "Zebras run at $v_0 \\leq \\frac{1}{2}$ of light. Their stripes cost \\$3."
    with Library(tmp_path / "library") as library:
        library.add([Paper("z", "Speed $v$ of zebras", abstract)])
        with served(library) as url:
            page = visit(url)
            ask(page, "How fast do zebras run?")
            expect(page.locator(".said math mfrac")).to_have_count(1)
            page.locator(".marker").first.click()
            expect(page.locator(".card mark math msub")).to_be_visible()
            expect(page.locator(".card .title math")).to_have_count(1)
            tall = page.locator(".card mark mfrac").evaluate("at => at.getBoundingClientRect().height")
            assert tall > page.locator(".card mark mn").first.evaluate(
                "at => at.getBoundingClientRect().height"
            )
