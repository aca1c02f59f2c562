"""Slips of the keyboard in the words of asking: "pappers", "newset", "septmber"; digits of other scripts.

Only the words that ask for records are mended, never those of a subject: a slip there is for the fuzzy
search. A slip keeps the first letter; it is one letter too many, too few or another, or two in each
other's place.
"""

from __future__ import annotations

import functools
import re
from unicodedata import decimal

from qa.dates import MONTHS

_SHORTEST = 4  # letters of a word that is mended; of a month one more: "Marc" is no slip of "March"
_LONG = 7  # letters from which one may be another: "latent" is no slip of "latest"
_ASKING = (
    "paper papers published publication publications author authors comment comments newest oldest latest "
    "earliest recent written which"
).split()
_WORDS = (*_ASKING, *(month for month in MONTHS if len(month) > _SHORTEST))
_OWN = frozenset("comments commented commenter publisher publishers publishes publish authored".split())
_TOKEN = re.compile(r"[A-Za-z]{4,13}")


def mended(question: str) -> str:
    """`question` with the slips in its words of asking put right, and its digits as 0 to 9.

    >>> mended("pappers from septmber 2024 on latent authority")
    'papers from september 2024 on latent authority'
    """
    digits = "".join(str(decimal(char)) if char.isdecimal() else char for char in question)
    return _TOKEN.sub(lambda match: _mended(match[0]), digits)


@functools.lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    said = word.lower()
    if said in _WORDS or said in _OWN:
        return word
    return next((known for known in _WORDS if _slips(said, known)), word)


def _slips(said: str, known: str) -> bool:
    """Whether `said` is `known` with one slip after the first letter."""
    if len(said) == _SHORTEST and known in MONTHS:
        return False
    if said[0] != known[0] or abs(len(said) - len(known)) > 1:
        return False
    if len(said) != len(known):
        longer, shorter = sorted((said, known), key=len, reverse=True)
        return any(longer[:i] + longer[i + 1 :] == shorter for i in range(1, len(longer)))
    differ = [i for i in range(len(said)) if said[i] != known[i]]
    if len(differ) == 1:
        return len(said) >= _LONG
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1
    return swapped and said[differ[0]] == known[differ[1]] and said[differ[1]] == known[differ[0]]
