"""Whether a sentence says yes where its source says no: negations, opposite words, negating prefixes.

A negation reaches the next few content words up to a comma or a "but", the usual simple scope (Pang, Lee and
Vaithyanathan, 2002, "Thumbs up?"). A sentence must negate what its source negates of the words they share,
and nothing else. A source often says a word twice, once negated and once not: a word is compared with the
place in the source whose neighbours are most like its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from qa.lexical import stems
from qa.nearness import best_places
from qa.text import STOP_WORDS

_CUES: Final = frozenset(
    "not no never without cannot neither nor none nothing hardly barely scarcely fail fails failed failing "
    "lack lacks lacking lacked unable absence absent avoid avoids avoiding avoided eliminates eliminate "
    "eliminating prevents".split()
)
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][a-z]+)?|[,;:.!?()]")
_STOPS: Final = frozenset(",;:.!?()")
_REACH: Final = 3
_NEAR: Final = 3
_PREFIXES: Final = ("un", "in", "im", "non", "dis", "ir", "il", "anti")
_OPPOSITES: Final = tuple(
    tuple(frozenset(stems(side)) for side in pair.split("|"))
    for pair in (
        "increase raise rise grow higher more greater larger bigger"
        "|decrease reduce reduction lower shrink drop fewer less smaller",
        "better best superior improve improvement enhance outperform surpass beat exceed"
        "|worse worst inferior degrade degradation worsen harm hurt deteriorate impair underperform",
        "faster fastest quicker fast accelerate acceleration speedup|slower slowest slow slowdown",
        "strong stronger strongest|weak weaker weakest",
        "easy easier easiest|hard harder hardest difficult",
        "high higher highest highly|low lower lowest",
        "large larger largest big bigger biggest|small smaller smallest tiny",
        "long longer longest|short shorter shortest",
        "positive|negative",
        "upper|lower",
        "maximum maximal maximise maximize|minimum minimal minimise minimize",
        "early earlier earliest|late later latest",
        "before|after",
        "success succeed|failure fail",
        "cheap cheaper|expensive costly costlier",
        "gain|loss",
        "above|below",
        "most more|least less",
        "always|never seldom rarely",
        "frequent often|rare rarely",
        "accept|reject",
        "linear linearly|quadratic quadratically exponential exponentially",
        "support confirm|contradict refute",
        "same|different",
        "simple simpler|complex",
        "dense|sparse",
        "static|dynamic",
        "open|closed",
        "add|remove",
        "encourage|discourage",
        "strengthen|weaken",
        "offline|online",
        "global|local",
    )
)


_TURNS: Final = frozenset(("but", "while", "yet", "whereas", "although"))
_NOMINAL: Final = frozenset(
    "without instead rather lack lacks lacking lacked absence absent avoid avoids avoiding avoided eliminate "
    "eliminates eliminating prevents no".split()
)
_ENDS_NOMINAL: Final = frozenset(
    "is are was were can could may might will would should has have do does with when by where".split()
)
_AFTER: Final = frozenset("lacking lacked absent missing avoided eliminated".split())
_EITHER: Final = "withorwithout"
_KEPT: Final = frozenset(("more", "most", "same", "few", "before", "after", "only"))
_ONLY: Final = stems("only")[0]
_SIDES: Final = {
    stem: tuple((mine, theirs) for pair in _OPPOSITES for mine, theirs in (pair, pair[::-1]) if stem in mine)
    for pair in _OPPOSITES
    for side in pair
    for stem in side
}
# One way of saying it for each: "without labels", "label-free", "parameterless".
_REWRITTEN: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        ("’", "'"),
        # Bounds of numbers are compared with the numbers.
        (r"\b(?:less|more|fewer|higher|lower|greater|larger|smaller) than (?=[^\w\s]*\d|half\b)", " "),
        (r"\b(?:above|below) (?=[^\w\s]*\d|half\b)", " "),
        (r"\b(can)not\b", r"\1 not"),
        (r"\b(?:with(?: or |/| and )without|without(?: or |/| and )with|whether or not)\b", f" {_EITHER} "),
        (r"\bif not\b", "perhaps"),
        (r"\b(?:higher|greater|increas\w+|improv\w+)(?: the| in)?(?: \w+)? speed\b", "faster"),
        (r"\bnot (?:only|just|merely|solely)\b", "not only"),
        (r"\b(\w{3,})-free\b", r"non \1"),
        (
            r"\b(?!regard|never|none|wire|seam|harm|worth|use|count|end|time|bound|doubt|un)(\w{4,})less\b",
            r"non \1",
        ),
    )
)


@dataclass(frozen=True)
class _Read:
    """The content words of a text: their stems, whether a negation reaches each, and each negation's reach.

    None: it is said both with and without.
    """

    stems: tuple[str, ...]
    negated: tuple[bool | None, ...]
    scopes: tuple[tuple[int, ...], ...]

    @property
    def plain(self) -> set[str]:
        """The stems that some place says without a negation."""
        return {stem for stem, negated in zip(self.stems, self.negated, strict=True) if not negated}


def flipped(sentence: str, source: str) -> bool:
    """Whether the sentence turns around what its source says."""
    said, given = _read(sentence), _read(source)
    return _adds_a_negation(said, given) or _drops_a_negation(said, given) or _opposite(said, given)


def _adds_a_negation(said: _Read, given: _Read) -> bool:
    """A negation that the source has not: of the first word it reaches that the source has, judge that."""
    for scope in said.scopes:
        states = [
            {given.negated[one] for one in found}
            for place in scope
            if (found := best_places(said.stems, place, given.stems))
        ]
        if next((state for state in states if len(state) == 1), None) == {False}:
            return True
        if not states and len(said.scopes) > len(given.scopes) and said.stems[scope[0]] != _ONLY:
            return True
    return False


def _drops_a_negation(said: _Read, given: _Read) -> bool:
    """Words that the source says under a negation, and the sentence, of the same place, without one."""
    spoken: dict[int, list[bool]] = {}
    denied = {given.stems[one] for scope in given.scopes for one in scope}
    for place in (place for place, stem in enumerate(said.stems) if stem in denied):
        found = best_places(said.stems, place, given.stems)
        sure = all(given.negated[one] for one in found)
        for one in found:
            spoken.setdefault(one, []).append(said.negated[place] is False and sure)
    for scope in given.scopes:
        of_scope = {one: all(spoken[one]) for one in scope if one in spoken}
        if of_scope and all(of_scope.values()):
            return True
    return False


def _opposite(said: _Read, given: _Read) -> bool:
    """A word where the source has its opposite, among the same neighbours."""
    for place, stem in enumerate(said.stems):
        for mine, theirs in _SIDES.get(stem, ()):
            if not theirs & set(given.stems):
                continue
            found = best_places(said.stems, place, given.stems, mine | theirs)
            if all(
                (given.stems[one] in theirs) == (given.negated[one] == said.negated[place])
                and given.negated[one] is not None
                for one in found
            ):
                return True
    return _prefixed(set(said.stems), given.plain) or _prefixed(set(given.stems), said.plain)


def _prefixed(words: set[str], others: set[str]) -> bool:
    """Whether one of `words` is one of `others` with a negating prefix, and neither side has both."""
    return any(
        prefix + other in words and prefix + other not in others and other not in words
        for other in others
        if len(other) > 3
        for prefix in _PREFIXES
    )


def _read(text: str) -> _Read:
    for pattern, instead in _REWRITTEN:
        text = pattern.sub(instead, text)
    return _Reading(_TOKEN.findall(text)).read()


class _Reading:
    """A text as it is read word by word."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._stems: list[str] = []
        self._negated: list[bool | None] = []
        self._scopes: list[list[int]] = []
        self._left = 0  # words that the last negation still reaches
        self._cue = ""

    def read(self) -> _Read:
        for place, token in enumerate(self._tokens):
            lower = token.lower()
            if _is_cue(self._tokens, place):
                self._negate(lower, self._tokens[place + 1 : place + 2] == ["only"])
            elif lower in _STOPS or lower in _TURNS:
                self._stop(lower)
            elif self._ends(lower):
                self._left = 0
            elif lower not in STOP_WORDS or lower in _KEPT:
                for stem in stems(lower)[:1]:
                    self._word(stem)
        self._stop(".")
        scopes = tuple(tuple(scope) for scope in self._scopes if scope)
        return _Read(tuple(self._stems), tuple(self._negated), scopes)

    def _ends(self, word: str) -> bool:
        """Whether a negation that reached something ends before this word."""
        verb = self._cue in _NOMINAL and word in _ENDS_NOMINAL
        return bool(self._scopes and self._scopes[-1]) and (verb or word == "with")

    def _negate(self, cue: str, one: bool) -> None:
        if self._left and not self._scopes[-1]:  # "not unable"
            self._left = 0
            return
        self._cue = cue
        self._scopes.append([])
        self._left = 1 if cue == "non" or one else _REACH

    def _word(self, stem: str) -> None:
        state: bool | None = self._left > 0
        if self._left:
            if self._cue == _EITHER:
                state = None
            else:
                self._scopes[-1].append(len(self._stems))
        self._stems.append(stem)
        self._negated.append(state)
        self._left = max(0, self._left - 1)

    def _stop(self, mark: str) -> None:
        """The end of what a negation reaches; "lacking" and the like, with nothing after them, reach back."""
        if not self._left or (mark == "," and not self._scopes[-1]):
            return
        self._left = 0
        if not self._scopes[-1] and self._cue in _AFTER:
            first = max(0, len(self._stems) - _REACH)
            self._scopes[-1] = list(range(first, len(self._stems)))
            self._negated[first:] = [True] * (len(self._stems) - first)


def _is_cue(tokens: Sequence[str], place: int) -> bool:
    lower = tokens[place].lower()
    following = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
    if lower.endswith("n't") or lower in ("non", _EITHER):
        return True
    if lower in ("rather", "instead"):
        return following in ("than", "of")
    return lower in _CUES and not (place == 0 and lower in ("no", "not") and following in _STOPS)
