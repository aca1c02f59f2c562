"""An abstract cut into the stretches that are indexed: sentences, and overlapping windows of them.

Everything is a span of the abstract, so that whatever is found can be quoted to the character.
"""

from __future__ import annotations

from dataclasses import dataclass

from qa.text import Span, sentence_spans

WINDOW_SENTENCES = 3
WINDOW_STRIDE = 2
# Part of a library's fingerprint: raise it whenever the same abstract would be cut differently.
RULES = f"sentences-1 windows-{WINDOW_SENTENCES}/{WINDOW_STRIDE}"


@dataclass(frozen=True)
class Cuts:
    """The spans of one abstract: its sentences, and windows of up to three whole sentences."""

    sentences: tuple[Span, ...]
    windows: tuple[Span, ...]


def cut(abstract: str) -> Cuts:
    """The sentences and windows of `abstract`; none for an empty one.

    Each window starts two sentences after the one before and shares a sentence with it; the last
    one ends with the abstract. An abstract of three sentences or fewer is one window.
    """
    sentences = tuple(sentence_spans(abstract))
    if not sentences:
        return Cuts((), ())
    last = max(0, len(sentences) - WINDOW_SENTENCES)
    starts = sorted({*range(0, last + 1, WINDOW_STRIDE), last})
    ends = [min(start + WINDOW_SENTENCES, len(sentences)) - 1 for start in starts]
    windows = tuple((sentences[a][0], sentences[b][1]) for a, b in zip(starts, ends, strict=True))
    return Cuts(sentences, windows)
