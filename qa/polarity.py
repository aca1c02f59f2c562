"""Whether a sentence says yes where its source says no: negations, opposite words, negating prefixes.

A negation reaches the next few content words up to a comma or a "but", the usual simple scope (Pang, Lee and
Vaithyanathan, 2002, "Thumbs up?"). A sentence must negate what its source negates of the words they share,
and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from qa.lexical import stems
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
        "faster quicker fast accelerate acceleration speedup|slower slow slowdown",
        "strong stronger|weak weaker",
        "easy easier|hard harder difficult",
        "high|low",
        "large big|small tiny",
        "long longer|short shorter",
        "positive|negative",
        "upper|lower",
        "maximum maximal maximise maximize|minimum minimal minimise minimize",
        "early earlier|late later",
        "before|after",
        "success succeed|failure fail",
        "cheap cheaper|expensive costly costlier",
        "gain|loss",
        "above|below",
        "most|least",
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


@dataclass(frozen=True)
class _Word:
    """A content word: its stem, its place among the content words, and whether a negation reaches it."""

    stem: str
    place: int
    negated: bool


@dataclass(frozen=True)
class _Read:
    words: tuple[_Word, ...]
    scopes: tuple[tuple[str, ...], ...]  # the stems that each negation reaches

    @property
    def stems(self) -> set[str]:
        return {word.stem for word in self.words}

    @property
    def negated(self) -> set[str]:
        return {word.stem for word in self.words if word.negated}

    @property
    def plain(self) -> set[str]:
        return {word.stem for word in self.words if not word.negated}

    def after(self, wanted: frozenset[str]) -> set[str]:
        """The stems right after a word that is one of `wanted`."""
        return {after.stem for word, after in pairwise(self.words) if word.stem in wanted}

    def near(self, wanted: frozenset[str]) -> set[str]:
        """The stems around each word that is one of `wanted`; itself, so that it counts as found."""
        found: set[str] = set()
        for word in self.words:
            if word.stem in wanted:
                found |= {one.stem for one in self.words if abs(one.place - word.place) <= _NEAR}
        return found


def flipped(sentence: str, source: str) -> bool:
    """Whether the sentence turns around what its source says."""
    said, given = _read(sentence), _read(source)
    return _negates_what_stands(said, given) or _drops_a_negation(said, given) or _opposite(said, given)


def _negates_what_stands(said: _Read, given: _Read) -> bool:
    """A negation that the source has not."""
    for scope in said.scopes:
        reached = set(scope)
        if reached & given.negated:
            continue
        if reached & given.plain or not given.scopes:
            return True
    return False


def _drops_a_negation(said: _Read, given: _Read) -> bool:
    """Words that the source says only under a negation, and the sentence without one."""
    for scope in given.scopes:
        reached = [stem for stem in scope if stem not in given.plain]
        spoken = [stem for stem in reached if stem in said.plain]
        if (
            spoken
            and not said.negated & set(scope)
            and (spoken[0] == scope[0] or 2 * len(spoken) >= len(scope))
        ):
            return True
    return False


def _opposite(said: _Read, given: _Read) -> bool:
    """A word where the source has its opposite, about the same thing: the next word, or else one near."""
    for one, other in _OPPOSITES:
        for mine, theirs in ((one, other), (other, one)):
            if not said.stems & mine or not given.stems & theirs:
                continue
            if said.after(mine) & given.after(theirs) - given.after(mine):
                return True
            if said.stems & theirs or said.near(mine) & given.near(mine) - mine - theirs:
                continue
            if said.near(mine) & given.near(theirs) - mine - theirs:
                return True
    return _prefixed(said.stems, given.plain) or _prefixed(given.stems, said.plain)


def _prefixed(words: set[str], others: set[str]) -> bool:
    """Whether one of `words` is one of `others` with a negating prefix, and neither side has both."""
    return any(
        prefix + other in words and prefix + other not in others and other not in words
        for other in others
        if len(other) > 3
        for prefix in _PREFIXES
    )


def _read(text: str) -> _Read:
    tokens = _TOKEN.findall(re.sub(r"\b(can)not\b", r"\1 not", text.replace("’", "'"), flags=re.IGNORECASE))
    words: list[_Word] = []
    scopes: list[tuple[str, ...]] = []
    left = 0
    scope: list[str] = []
    for place, token in enumerate(tokens):
        lower = token.lower()
        if _is_cue(tokens, place):
            scopes, scope = [*scopes, *([tuple(scope)] if scope else [])], []
            left = 1 if lower == "non" else _REACH
            continue
        if lower in _STOPS or lower in ("but", "while", "yet", "whereas", "although"):
            left = 0
            continue
        if lower in STOP_WORDS and lower not in ("more", "most", "same", "few", "before", "after"):
            continue
        (stem,) = stems(lower)[:1] or ("",)
        if not stem:
            continue
        words.append(_Word(stem, len(words), left > 0))
        if left:
            scope.append(stem)
            left -= 1
    return _Read(tuple(words), (*scopes, *([tuple(scope)] if scope else [])))


def _is_cue(tokens: list[str], place: int) -> bool:
    lower = tokens[place].lower()
    following = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
    if lower.endswith("n't"):
        return True
    if lower == "non":
        return True
    if lower in ("rather", "instead"):
        return following in ("than", "of")
    if lower not in _CUES or (place == 0 and lower == "no" and following in (",", ":", ".", ";")):
        return False
    return not (lower == "not" and following in ("only", "just", "merely"))
