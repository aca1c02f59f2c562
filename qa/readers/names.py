"""Names of authors: lines "Family, Given, Family, Given" of plain lists, and the ways of other formats."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

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
# What initials look like that stand after a family name.
DOTTED = re.compile(r"(?:[^\W\d_a-z]\.-?){1,4}")  # "Adler D.G."
BARE = re.compile(r"(?:[^\W\d_a-z]\.?-?){1,4}")  # "Adler DG", in medical databases
_OTHERS = re.compile(r"others|et\.? al\.?|\.\.\.|…", re.IGNORECASE)
_DBLP_NUMBER = re.compile(r" 0\d{3}$")  # by which DBLP tells namesakes apart
_ET_AL = re.compile(r",?\s+(?:et\.? al\.?|and others)$|\s*(?:\.\.\.|…)$", re.IGNORECASE)


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


@dataclass(frozen=True)
class People:
    """The authors of a record, "Given Family", and whether they are all of them."""

    names: tuple[str, ...]
    complete: bool = True

    @property
    def count(self) -> int | None:
        """How many authors the paper has, if that is known."""
        return len(self.names) or None if self.complete else None


def people(names: Iterable[str], initials: re.Pattern[str] | None = None) -> People:
    """The people of a list of single names, each in whatever order its commas tell.

    Of a name without a comma, what looks like `initials` at its end is put first.
    """
    bare = [
        single.strip(" ;,") for name in names for single in _singles(" ".join(html.unescape(name).split()))
    ]
    found = [name for name in bare if name and not _OTHERS.fullmatch(name)]
    complete = len(found) == len([name for name in bare if name])
    cut = [_DBLP_NUMBER.sub("", _ET_AL.sub("", name)) for name in found]
    told = tuple(given_first(_turned(name, initials)) for name in cut)
    return People(told, complete and not any(map(_ET_AL.search, found)))


def _singles(name: str) -> tuple[str, ...]:
    """`name`, or the names in it where somebody has put them all in the place of one."""
    return people_in(name).names if ";" in name or name.count(",") > 2 else (name,)


def given_first(name: str) -> str:
    """One name with the family name last.

    >>> given_first("van Beethoven, Ludwig"), given_first("King, Jr., Martin"), given_first("OpenAI")
    ('Ludwig van Beethoven', 'Martin King Jr.', 'OpenAI')
    """
    parts = [part for part in _parts(name) if part]
    if len(parts) == 3 and not _AFTER_NAME.fullmatch(parts[1]):
        parts[1], parts[2] = parts[2], parts[1]  # "Family, Given, Jr."
    if len(parts) == 2:
        given, family = parts[1], parts[0]
        return f"{family} {given}" if _AFTER_NAME.fullmatch(given) else f"{given} {family}"
    return f"{parts[2]} {parts[0]} {parts[1]}" if len(parts) == 3 else " ".join(parts)


def family_first(name: str) -> str:
    """The reverse of `given_first`, with the suffix last; a group keeps its name.

    >>> family_first("Ludwig van Beethoven"), family_first("Martin King Jr."), family_first("Gemma Team")
    ('van Beethoven, Ludwig', 'King, Martin, Jr.', 'Gemma Team')
    """
    words = name.split()
    after = words.pop() if len(words) > 2 and _AFTER_NAME.fullmatch(words[-1]) else ""
    if "," in name or len(words) < 2 or _SINGLE.fullmatch(" ".join(words)) or _NO_NAME.search(name):
        return name
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return ", ".join(filter(None, (" ".join(words[start:]), " ".join(words[:start]), after)))


def people_in(text: str) -> People:
    """The people of one text that names several, by whatever stands between them.

    >>> people_in("Liu R., Adler D.G.").names, people_in("Marx, K.; Lindgren, A.").names
    (('R. Liu', 'D.G. Adler'), ('K. Marx', 'A. Lindgren'))
    >>> people_in("['Marx, Karl', 'Lindgren, Astrid']").names, people_in("Ann Lee, Bo Li and Cy Wu").names
    (('Karl Marx', 'Astrid Lindgren'), ('Ann Lee', 'Bo Li', 'Cy Wu'))
    """
    text = text.strip()
    if text.startswith("[") and (listed := _literal_list(text)):
        return people(listed)
    if re.search(r"[;|\n]", text):
        return people([part for part in re.split(r"[;|\n]", html.unescape(text)) if part], DOTTED)
    chunks = re.split(r",?\s+(?:and|&)\s+", text)
    if len(chunks) > 1 and all(chunk.count(",") == 1 for chunk in chunks):
        return people(chunks)
    joined = ", ".join(chunks)
    if not all(" " in part for part in _parts(joined)) and (pairs := pair_names(joined)):
        return people(pairs)
    if len(_parts(joined)) == 2 and _INITIALS.fullmatch(_parts(joined)[1]):
        return people([joined])
    return people(_parts(joined), DOTTED)


def _literal_list(text: str) -> list[str]:
    """A list as Python or JSON writes it."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _turned(name: str, initials: re.Pattern[str] | None) -> str:
    family, _, last = name.rpartition(" ")
    if not initials or not family or "," in name or _AFTER_NAME.fullmatch(last):
        return name
    return f"{last} {family}" if initials.fullmatch(last) and not BARE.fullmatch(family) else name
