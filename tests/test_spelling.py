from __future__ import annotations

import pytest

from qa.spelling import mended


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wich pappers", "which papers"),
        ("newset, lastest, oldst", "newest, latest, oldest"),
        ("authers of septmber", "authors of september"),
        ("papers from ٢٠٢٤", "papers from 2024"),
    ],
)
def test_slips_in_the_words_of_asking_are_mended(typed: str, meant: str) -> None:
    assert mended(typed) == meant


@pytest.mark.parametrize(
    "word", ["latent", "particle", "publisher", "commented", "Marc", "taper", "authority"]
)
def test_other_words_stay(word: str) -> None:
    assert mended(word) == word
