"""Names in a text: what begins with a capital inside a sentence, holds a digit, or is an acronym.

A name of a sentence is known where the text that it rests on holds it, be it with other hyphens, in the
plural, or as the words that an acronym stands for (after Schwartz and Hearst, 2003, "A simple algorithm for
identifying abbreviation definitions in biomedical text").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from qa.lexical import stems
from qa.quantities import plain
from qa.text import STOP_WORDS, fold

_TOKEN: Final = re.compile(r"[^\W_](?:[\w'’.+/&-]*[^\W_])?\+*")
_PARTS: Final = re.compile(r"[-/&.'’_]")
_QUANTITY: Final = re.compile(r"[\d.,]+(?:-[\d.,]+)?(?:[kKMBT]|x|ms|s|[kKMGT]i?B|fold|[GMkT]?Hz|dB)?")
_DEFINED: Final = re.compile(r"((?:[\w’'-]+\s+){1,8})\(\s*([A-Za-z][\w+/-]*[A-Z0-9][\w+/-]*)s?\s*[),;:]")
_NAMED: Final = re.compile(
    r"\b(?:propos\w+|introduc\w+|present\w*|develop\w*|call(?:ed)?|dub(?:bed)?|term(?:ed)?|nam(?:e|ed|ing)"
    r"|design\w*|releas\w+|build|construct\w*|describ\w+)\b(?P<rest>[^.;]{0,160})"
)
_CLAUSE: Final = re.compile(r"[.,;:!?()]\s|\(")
_ACRONYM: Final = 6  # letters of one, at most
_LEADING: Final = frozenset(  # words that often begin a sentence and are no name
    "yes no like because both either neither it they this these compared unlike although though while "
    "according moreover however furthermore additionally also thus therefore hence overall instead "
    "similarly finally first second third here there since given despite using by through via within "
    "across up about around roughly nearly almost at on in for with without from its their one two three "
    "authors researchers experiments results evidence evaluation tests work study paper papers approach "
    "method earlier later previous previously recent recently existing most many some several all each "
    "every another other others only even not when where what who how why if then so but and or".split()
)


class Known:
    """The names that a sentence may use: those of the texts it rests on, however they are written."""

    def __init__(self, texts: Iterable[str]) -> None:
        shown = [plain(text) for text in texts]
        words = [word for text in shown for word in _words(text)]
        parts = [part for word in words for part in _split(word)]
        self._keys = {_key(word) for word in (*words, *parts)}
        for run in (2, 3):
            self._keys |= {_key("".join(parts[i : i + run])) for i in range(len(parts) - run + 1)}
        self._stems = set(stems(" ".join(shown)))
        clauses = (clause for text in shown for clause in _CLAUSE.split(text))
        self._acronyms = {short for clause in clauses for short in _acronyms(clause)}

    def holds(self, name: str) -> bool:
        """Whether the name, or all its parts that look like names, are known."""
        if self._is_known(name):
            return True
        parts = [part for part in _split(name) if not part.islower()]
        if not parts or parts == [name] or any(part.isdigit() for part in parts):
            return False
        return all(map(self._is_known, parts))

    def _is_known(self, name: str) -> bool:
        if _key(name) in self._keys:
            return True
        if not any(map(str.isdigit, name)) and set(stems(name)) <= self._stems:
            return True
        letters = re.sub(r"s$", "", name)
        return letters.isupper() and letters.lower() in self._acronyms


def names(sentence: str) -> list[str]:
    """The names in a sentence; its first word only if it looks like one in itself or is no common word."""
    found = []
    for place, word in enumerate(_words(plain(sentence))):
        if _QUANTITY.fullmatch(word) and word[0].isdigit():
            continue
        inside = place > 0 and word[0].isupper() and len(word) > 1
        first = place == 0 and word[0].isupper() and word.lower() not in _LEADING | STOP_WORDS
        if _looks_like_name(word) or inside or (first and len(word) > 1):
            found.append(word)
    return found


def own_names(abstract: str, held: str) -> list[str]:
    """Names that an abstract gives to what its authors made, and short forms of what `held` spells out."""
    shown = plain(abstract)
    known = set(stems(held))
    found = []
    for match in _DEFINED.finditer(shown):
        long = [stem for stem in stems(match[1]) if stem not in STOP_WORDS][-len(match[2]) :]
        if long and sum(stem in known for stem in long) * 2 >= len(long):
            found.append(match[2])
    for match in _NAMED.finditer(shown):
        first = next((word for word in _words(match["rest"]) if _looks_like_name(word)), None)
        found += [first] if first else []
    return found


def _acronyms(clause: str) -> Iterator[str]:
    """The initials of words in a row, the first and the last of which say something: "state of the art"."""
    parts = [part.lower() for word in _words(clause) for part in _split(word)]
    ends = [place for place, part in enumerate(parts) if part not in STOP_WORDS]
    for first in ends:
        for last in (place for place in ends if 2 <= place - first < _ACRONYM):
            yield "".join(part[0] for part in parts[first : last + 1])


def _words(text: str) -> Iterator[str]:
    return (match[0].rstrip(".") for match in _TOKEN.finditer(text))


def _split(word: str) -> list[str]:
    return [part for part in _PARTS.split(word) if part]


def _key(word: str) -> str:
    key = re.sub(r"[\W_]", "", fold(re.sub(r"['’]s$", "", word)))
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key


def _looks_like_name(word: str) -> bool:
    """Whether a word is a name wherever it stands: a digit or a capital inside."""
    return any(char.isdigit() for char in word) or any(char.isupper() for char in word[1:])
