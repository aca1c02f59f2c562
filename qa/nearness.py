"""Which place of one text another text speaks of: the one whose neighbours are most alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

REACH: Final = 5  # words to each side that count as neighbours
SLACK: Final = 2  # words by which a neighbour may have moved
MOST: Final = 30  # places of one word that are looked at


def best_places(
    said: Sequence[str], place: int, given: Sequence[str], alike: Collection[str] | None = None
) -> list[int]:
    """The places in `given` that `said[place]` speaks of: those of the same word, or of one that is `alike`.

    Of several, those with most neighbours in common, the near ones counting more; none where there is no
    such word.
    """
    wanted = alike if alike is not None else (said[place],)
    places = [one for one, word in enumerate(given) if word in wanted][:MOST]
    if len(places) < 2:
        return places
    shared = [nearness(said, place, given, one) for one in places]
    most = max(shared)
    return [one for one, value in zip(places, shared, strict=True) if value >= most - 1e-9]


def nearness(said: Sequence[str], place: int, given: Sequence[str], other: int) -> float:
    """How alike the neighbours of two places are."""
    total = 0.0
    for side in (-1, 1):
        for far in range(1, REACH + 1):
            at = place + side * far
            if not 0 <= at < len(said):
                break
            low, high = max(1, far - SLACK), far + SLACK
            if any(
                0 <= other + side * step < len(given) and given[other + side * step] == said[at]
                for step in range(low, high + 1)
            ):
                total += 1 / far**0.5
    return total
