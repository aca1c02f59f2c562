"""What one pass is asked, and what it should say; and the same questions in another guise each epoch.

Abstracts lose sentences at random, so that a lost sentence is no sign of anything and passes are short.
Where the sentences with the evidence are the lost ones, the question cannot be answered any more: the
nearest thing to a detail that an abstract does not give.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.reader import Block, blocks
from qa.training.corpus import Asked, Text
from qa.training.recipe import AskedRounds

NEAREST = 5  # of the near papers, from which most negative examples come
OFTEN = 0.7  # how often they do


@dataclass(frozen=True)
class Sample:
    """A block to read; `evidence` are its sentences that answer, None where that is not known."""

    block: Block
    evidence: frozenset[int] | None
    answers: bool


def sample(
    question: Sequence[int],
    text: Text,
    places: Iterable[int],
    evidence: frozenset[int] | None,
    answers: bool,
    *,
    titled: bool = True,
) -> Sample | None:
    """A question and the sentences at `places` of a paper, as many as fit; None without any."""
    kept = sorted(places)
    if not kept:
        return None
    title = text.title if titled else []
    block = next(blocks(question, title, [text.sentences[place] for place in kept]))
    held = kept[: len(block.sentences)]
    found = None if evidence is None else frozenset(i for i, place in enumerate(held) if place in evidence)
    return Sample(block, found, answers and (found is None or bool(found)))


def epoch(asked: Iterable[Asked], rounds: AskedRounds, rng: random.Random) -> list[Sample]:
    """Every question once with its own abstract, and by chance in other guises. See `AskedRounds`."""
    return [made for one in asked for made in _guises(one, rounds, rng) if made]


def _guises(one: Asked, rounds: AskedRounds, rng: random.Random) -> Iterator[Sample | None]:
    everything = set(range(len(one.text.sentences)))
    rest = sorted(everything - one.evidence)
    lost = some(rest, rng.uniform(0.1, 0.6), rng) if rng.random() < rounds.thinned else set()
    yield sample(one.tokens, one.text, everything - lost, one.evidence, one.answerable)
    if one.answerable and rng.random() < rounds.deleted:
        lost = some(rest, 0.3, rng) if len(rest) > 3 and rng.random() < 0.3 else set()
        yield sample(one.tokens, one.text, everything - one.evidence - lost, frozenset(), False)
    for near in one.near:
        if near and rng.random() < rounds.foreign:
            other = rng.choice(near[:NEAREST] if rng.random() < OFTEN else near)
            yield _foreign(one.tokens, other, rng)


def _foreign(question: Sequence[int], text: Text, rng: random.Random) -> Sample | None:
    places = range(len(text.sentences))
    lost = some(places, rng.uniform(0.2, 0.7), rng) if len(places) > 2 and rng.random() < 0.8 else set()
    return sample(question, text, set(places) - lost, frozenset(), False)


def some(places: Sequence[int], share: float, rng: random.Random) -> set[int]:
    """About a `share` of the places, at least one where there are any."""
    return set(rng.sample(places, min(len(places), max(1, round(len(places) * share)))))
