"""Papers made by rules, the same each time: the LIMIT stress set, and records of quite another field."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from qa import Paper

LIKES: Final = Path(__file__).parent / "data" / "likes.txt"
WORDS: Final = Path(__file__).parent / "data" / "other_field.json"

FIRST: Final = (
    "Ada Bruno Celia Dario Edda Fabian Greta Hugo Irma Jonas Karla Leon Mona Nils Olga Paul".split()
)
LAST: Final = (
    "Abbott Bastress Corwin Durben Ekholm Fenwick Garland Hobbs Ivers Jessop Kittel Lomax Mercer Norwood "
    "Osgood Pruitt Quimby Rasmus Selby Thorpe Ulmer Vickers Wexler Yardley"
).split()


@dataclass(frozen=True)
class Limit:
    """People and what they like, and for each query the ids of the two people who do."""

    papers: list[Paper]
    relevant: dict[str, set[str]]


def limit(people: int = 46) -> Limit:
    """LIMIT in its small form, after the recipe of Weller et al., 2025, arXiv:2508.21038.

    Each pair of people shares one thing that nobody else likes, and a query asks for each such thing: any
    two of the documents are the right answer to some query, which single vectors cannot represent.
    """
    chance = random.Random(2508)
    names = chance.sample([f"{first} {last}" for first in FIRST for last in LAST], people)
    pairs = list(combinations(names, 2))
    things = chance.sample(
        LIKES.read_text(encoding="utf-8").strip().replace("\n", ", ").split(", "), len(pairs)
    )
    liked: dict[str, list[str]] = {name: [] for name in names}
    for pair, thing in zip(pairs, things, strict=True):
        for name in pair:
            liked[name].append(thing)
    for of in liked.values():
        chance.shuffle(of)
    texts = {name: f"{name} likes {', '.join(of[:-1])} and {of[-1]}." for name, of in liked.items()}
    return Limit(
        papers=[Paper(id=name, title=name, abstract=text) for name, text in texts.items()],
        relevant={f"Who likes {thing}?": set(pair) for pair, thing in zip(pairs, things, strict=True)},
    )


# Another field -------------------------------------------------------------------------------------

_TITLES: Final = (
    "How {cause} changes {part} of {thing} {place}",
    "{thing} {place}: {cause} and {part}",
    "On {part} of {thing} {place}",
)
_SENTENCES: Final = (
    "People have long argued over {part} of {thing} {place}.",
    "This study asks whether {cause} accounts for {part}, as older writers held.",
    "{method}, {number} in all, and the notes were checked by a second person.",
    "Where {cause} was present, {part} changed in {number} of the {thing}; elsewhere it hardly did.",
    "The same was seen {place}, though {part} varied from one season to the next.",
    "Neither age nor price explained {part} of the {thing} that were left over.",
    "We conclude that {cause} matters more for {thing} than is commonly believed.",
)


def other_field(count: int) -> list[Paper]:
    """Records on baking, geology and the history of law, which share no subject with the seed papers."""
    chance = random.Random(count)
    fields = list(json.loads(WORDS.read_text(encoding="utf-8")).values())
    return [_record(number, chance.choice(fields), chance) for number in range(count)]


def _record(number: int, words: dict[str, list[str]], chance: random.Random) -> Paper:
    subject = {name: chance.choice(words[name]) for name in ("thing", "place")}

    def fill(template: str) -> str:
        varied = {name: chance.choice(words[name]) for name in ("part", "cause", "method")}
        text = template.format(**subject, **varied, number=chance.randint(11, 480))
        return text[0].upper() + text[1:]

    return Paper(
        id=f"other-{number}",
        title=f"{fill(chance.choice(_TITLES))}, part {number + 1}",
        abstract=" ".join(fill(sentence) for sentence in _SENTENCES),
    )
