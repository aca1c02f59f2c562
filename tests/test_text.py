from __future__ import annotations

import pytest

from qa.passages import cut
from qa.text import fold, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["We test it, e.g. on CIFAR-10, cf. Fig. 3.", "It works!"],
        ["Following J. Bruna et al. we prove a bound.", "Is it tight?", "Yes."],
        ["It gains 2.9% on v1.5.", "Code: https://example.org/a.b.", "Done."],
        ["Smith et al.", "We disagree."],
        ["He asked ``why?''", "Nobody knew."],
        ["It has (i) speed; (ii) size."],
        ["Cases (e.g., 'What {time}?') -- are found."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(parts: list[str]) -> None:
    assert sentences("  ".join(parts)) == parts


def test_a_missing_space_between_sentences_is_no_obstacle() -> None:
    assert sentences("It shares parameters.This strategy wins.") == [
        "It shares parameters.",
        "This strategy wins.",
    ]


def test_no_letter_of_an_abstract_is_lost() -> None:
    text = "Grönwall's ε ≤ 2^k…  \\|f\\| is <small>.\n\nNext block"
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_nothing_has_no_sentences() -> None:
    assert sentence_spans(" \n ") == []


def test_a_row_of_marks_ends_one_sentence() -> None:
    assert sentences("Really?!?! “Yes!!!” So it is.") == ["Really?!?!", "“Yes!!!”", "So it is."]
    assert sentences("!" * 10_000) == ["!" * 10_000]


def test_folding_forgets_case_and_accents() -> None:
    assert fold("Müller ÅNGSTRÖM") == "muller angstrom"


def test_windows_are_three_whole_sentences_and_share_one() -> None:
    abstract = "One. Two. Three. Four. Five. Six."
    windows = [abstract[start:end] for start, end in cut(abstract).windows]
    assert windows == ["One. Two. Three.", "Three. Four. Five.", "Four. Five. Six."]


def test_a_short_abstract_is_one_window_and_an_empty_one_none() -> None:
    assert cut("Only this.").windows == ((0, 10),)
    assert cut("").windows == ()
