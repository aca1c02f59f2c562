"""Text without models: sentences with their offsets, and the words of a text.

The sentence rule is our own because every sentence must be a span of its abstract, to the character.
It errs towards sentences that are too long: a quote of two sentences is still a quote.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

Span = tuple[int, int]

_BREAK = re.compile(
    r"""(?<![.!?])                                # from the first mark of a row, so that long rows stay quick
        (?P<mark>[.!?]++)(?P<close>["'”’)\]}$]*+) # the end of a sentence, quotes and brackets closed
        (?:(?P<space>\s+)|(?=[A-Z][a-z]+\s))""",  # white space, or a capitalised word that lacks it
    re.VERBOSE,
)
_ABBREVIATIONS = frozenset(
    "e.g i.e et al vs cf fig figs eq eqs sec secs ch tab ref refs resp approx ca etc no vol pp dr mr "
    "mrs ms prof st jr sr inc ltd co corp dept univ ed eds est incl excl viz wrt w.r.t i.i.d a.k.a a.s "
    "s.t u.s u.k ph.d".split()
)
# Abbreviations that often end a sentence: a capital after them starts a new one.
_FINAL_ABBREVIATIONS = frozenset("etc al i.i.d a.s u.s u.k ph.d inc ltd co corp resp".split())
_STARTERS = frozenset(
    "we our the this these those that it its in on to for from with by as at here however moreover "
    "furthermore additionally finally first second third also then thus hence such although while when "
    "since given both an a experiments results extensive empirical code data existing recent most many "
    "despite unlike if".split()
)
_LONGEST_ABBREVIATION = 40  # characters looked back from a full stop
_WORD = re.compile(r"\w+", re.UNICODE)
# Words that say nothing of a paper's subject, the words of asking among them.
STOP_WORDS = frozenset(
    "a an the of in on at to for from by with and or not no nor is are was were be been being am do "
    "does did doing done how what which who whom whose when where why can could would should may might "
    "must shall will it its this that these those there here their them they he she his her i we you my "
    "our your me us as than then so if into onto about over under between during after before while "
    "such only own same too very just now has have had having more most some any each few other both "
    "all s t don".split()
)


def sentence_spans(text: str) -> list[Span]:
    """Where the sentences of `text` stand, in order, without the white space around them.

    A line break between two blocks of text (a blank line) ends a sentence too.

    >>> text = "We test, e.g. on CIFAR. It works."
    >>> [text[a:b] for a, b in sentence_spans(text)]
    ['We test, e.g. on CIFAR.', 'It works.']
    """
    cuts = [match.end() for match in _BREAK.finditer(text) if _ends_sentence(text, match)]
    cuts += [match.end() for match in re.finditer(r"\n\s*\n", text)]
    edges = [0, *sorted(set(cuts)), len(text)]
    return [span for a, b in pairwise(edges) if (span := _trimmed(text, a, b))]


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if end > start else None


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    nearby = text[max(0, match.start() - _LONGEST_ABBREVIATION) : match.start()]
    word = re.split(r"[\s(\[]", nearby)[-1].casefold()
    following = text[match.end() : match.end() + 40]
    if not following:
        return True
    if match["space"] is None:
        return _glued_sentence(word, match)
    if following[0].islower() or following[0] in "-–—":
        return False
    if match["mark"] != ".":
        return True
    if word in _ABBREVIATIONS or word.rsplit("-", 1)[-1] in _ABBREVIATIONS:
        return word in _FINAL_ABBREVIATIONS and _starts_like_sentence(following)
    if len(word) == 1 and word.isalpha() and text[match.start() - 1].isupper():
        return _starts_like_sentence(following)  # "J. Bruna" is no end, "class A. We" is one
    return True


def _glued_sentence(word: str, match: re.Match[str]) -> bool:
    """Whether "sharing.This strategy" ends a sentence: not in an address, a version or an abbreviation."""
    return match["mark"] == "." and len(word) > 2 and word.isalpha() and word not in _ABBREVIATIONS


def _starts_like_sentence(following: str) -> bool:
    word = _WORD.match(following)
    return bool(word) and word.group().casefold() in _STARTERS  # type: ignore[union-attr]


def words(text: str) -> list[str]:
    """The words of `text`, folded: compatible forms, case and accents do not tell words apart."""
    return _WORD.findall(fold(text))


def fold(text: str) -> str:
    """`text` without case and accents, for comparing."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
