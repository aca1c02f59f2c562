"""Lines of authors, written "Family, Given, Family, Given"."""

from __future__ import annotations

import re

_MOST_WORDS = 5  # in one part of a name
_NO_NAME = re.compile(r"[\d;:?!()\[\]{}<>$\\/@&*=]")
# Small words of names; other small words are those of titles and sentences.
_PARTICLES = frozenset(
    "van von der den de da di do dos das du del della la le el al bin ibn ben ter ten zu zur af y e i".split()
)
_TITLE_WORDS = frozenset("a an and as at by for from in is of on or the to under via with without".split())
_SINGLE = re.compile(r"[^\s,]+(?: (?:team|group|lab|research|collaboration|consortium))?", re.IGNORECASE)
_AFTER_NAME = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|et al)\.?", re.IGNORECASE)
_INITIALS = re.compile(r"(?:\w\.[\s-]*)+")


def looks_like_names(line: str) -> bool:
    """Whether most of what stands between the commas or semicolons of `line` has the shape of a name."""
    parts = [part for part in _parts(line.replace(";", ",")) if not _AFTER_NAME.fullmatch(part)]
    return len(parts) > 1 and sum(map(_shaped, parts)) >= 0.7 * len(parts)


def is_single_name(line: str) -> bool:
    """Whether `line` can be one name that has no given name: a word ("OpenAI"), or a group ("Gemma Team")."""
    return bool(_SINGLE.fullmatch(line)) and _possible(line)


def pair_names(line: str) -> tuple[str, ...]:
    """The people of "Bruna, Joan, Li, Wei" as ("Joan Bruna", "Wei Li"); empty where the parts do not pair up.

    >>> pair_names("Glasgow, Margalit, Bruna, Joan")
    ('Margalit Glasgow', 'Joan Bruna')
    >>> pair_names("Plato, Bruna, Joan")
    ()
    """
    parts = _parts(line)
    families, givens = parts[::2], parts[1::2]
    if len(parts) % 2 or not all(map(_possible, parts)) or any(map(_INITIALS.fullmatch, families)):
        return ()
    if len(families) > 1 and all(" " in part for part in parts):
        return ()  # more likely "Joan Bruna, Margalit Glasgow"
    return tuple(f"{given} {family}" for family, given in zip(families, givens, strict=True))


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.split(",")]


def _possible(part: str) -> bool:
    """Whether `part` can be a family name or given names at all."""
    words = part.split()
    if not words or _NO_NAME.search(part) or _AFTER_NAME.fullmatch(part):
        return False
    return len(words) <= _MOST_WORDS and _TITLE_WORDS.isdisjoint(words)


def _shaped(part: str) -> bool:
    """Whether `part` is written as names mostly are."""
    return _possible(part) and all(word in _PARTICLES or not word.islower() for word in part.split())
