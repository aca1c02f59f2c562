"""What a terminal is sent: progress, wrapped text, and nothing that it would act upon."""

from __future__ import annotations

import os
import sys

import pytest

from qa.estimate import Estimate
from qa.terminal import Progress, visible, wrapped


def shown(monkeypatch: pytest.MonkeyPatch, progress: Progress, *steps: tuple[int, int]) -> bytes:
    """What a terminal is sent."""
    there, here = os.openpty()
    with open(here, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        for step in steps:
            progress(*step)
        sent = b""
        while not sent.endswith(b"\n"):  # a terminal hands over what has come so far, at times a part
            sent += os.read(there, 10_000)
    os.close(there)
    return sent


def test_progress_is_one_line_that_counts_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = shown(monkeypatch, Progress("Indexing"), (10, 20), (20, 20))
    assert sent == b"\rIndexing: 10 of 20\rIndexing: 20 of 20\r\n"


def test_progress_says_how_long_the_rest_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 10.0, 60.0])
    monkeypatch.setattr("qa.terminal.Estimate", lambda: Estimate(lambda: next(seconds)))
    sent = shown(monkeypatch, Progress("Indexing"), (0, 60), (10, 60), (60, 60))
    assert sent.split(b"\r")[1:4] == [
        b"Indexing: 0 of 60",
        b"Indexing: 10 of 60, about 50 s left",
        b"Indexing: 60 of 60                 ",
    ]


def test_progress_is_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("Indexing")
    for done in range(101):
        progress(done, 100)
    assert capsys.readouterr().err == "Indexing: 0 of 100\nIndexing: 100 of 100\n"


def test_words_are_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert wrapped("the state-of-the-art is at https://example.org/of/a/length", "  ", "- ") == (
        "  the\n  - state-of-the-art\n  - is at\n  - https://example.org/of/a/length"
    )


def test_what_is_made_visible() -> None:
    assert visible("a\r\x00\x7f\x9b\u2066b\n\tÅ∑🙂") == "a␍␀␡<U+009B><U+2066>b\n Å∑🙂"
