"""What a score is worth at every threshold: AUC, risk and coverage, and how sure these figures are.

Things have a score and are right or wrong to let through; a threshold lets through what reaches it. All
figures here depend only on how many right and how many wrong ones stand at each score, so that they are
computed from such counts, for many resamples at once. Equal scores pass or fail together. Intervals and
p values are those of `qa.significance`: the bootstrap, and Fisher's randomisation test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from qa.paper import Record
from qa.significance import BLOCK, EXCHANGES, RESAMPLES, SEED, TIE, Difference, Floats, Measure, interval

# Counts of right and of wrong things at each score, the highest first, along the last axis; the figure.
Statistic = Callable[[Floats, Floats], Floats]

RIGHT_LOST: Final = 0.06  # the share of right things that `wrong_refused` gives up, at most


@dataclass(frozen=True)
class Ranked:
    """A thing with its score, and whether it would be wrong to let it through."""

    score: float
    wrong: bool


@dataclass(frozen=True)
class Point(Record):
    """What a threshold lets through: `coverage`, a share of all, of which the share `risk` is wrong."""

    threshold: float
    coverage: float
    risk: float


# Figures -------------------------------------------------------------------------------------------


def auc(right: Floats, wrong: Floats) -> Floats:
    """The chance that a right thing stands above a wrong one, equal scores counting half (Mann, Whitney).

    >>> float(auc(np.array([1, 1, 0]), np.array([0, 1, 1])))  # scores 3, 2 against 2, 1
    0.875
    """
    below = wrong.sum(axis=-1, keepdims=True) - wrong.cumsum(axis=-1)
    return _share((right * (below + wrong / 2)).sum(axis=-1), right.sum(axis=-1) * wrong.sum(axis=-1))


def wrong_refused(right: Floats, wrong: Floats) -> Floats:
    """The share of the wrong things below the highest threshold that loses at most 6 % of the right ones."""
    lost = right[..., ::-1].cumsum(axis=-1)  # by the threshold above each score, the lowest first
    refused = lost <= RIGHT_LOST * right.sum(axis=-1, keepdims=True) + TIE
    return _share((wrong[..., ::-1] * refused).sum(axis=-1), wrong.sum(axis=-1))


def area_under_risk(right: Floats, wrong: Floats) -> Floats:
    """The area under the risk-coverage curve, AURC: 0 at best, the share of wrong things by chance.

    The mean, over k from 1 to n, of the share of wrong things among the k surest (Geifman and El-Yaniv,
    "Selective classification for deep neural networks", 2017; the area: Geifman, Uziel and El-Yaniv,
    2019). Among equal scores the order is chance, of which the expected value is taken: in a group of m
    with e wrong, after N things with E wrong, the j-th adds (E + j e/m) / (N + j), and the sum over j is
    E h + e - (e/m) N h with h = 1/(N + 1) + ... + 1/(N + m).
    """
    count = right + wrong
    total = count.sum(axis=-1)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1.0, total.max() + 1))])
    before, wrong_before = count.cumsum(axis=-1) - count, wrong.cumsum(axis=-1) - wrong
    reach = harmonic[(before + count).astype(int)] - harmonic[before.astype(int)]
    among = wrong - wrong / np.maximum(count, 1) * before * reach
    return _share((wrong_before * reach + among).sum(axis=-1), total)


def _share(part: Floats, whole: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole)


def curve(items: Sequence[Ranked]) -> list[Point]:
    """Coverage and risk at each score as the threshold, from the highest on: the risk-coverage curve."""
    if not items:
        return []
    ladder = _Ladder(items)
    right, wrong = (counts.cumsum() for counts in ladder.counts(np.ones(len(items))))
    let_through = right + wrong
    values = zip(ladder.scores, let_through / len(items), wrong / let_through, strict=True)
    return [Point(float(score), float(coverage), float(risk)) for score, coverage, risk in values]


# How sure they are ---------------------------------------------------------------------------------


def measure(statistic: Statistic, items: Sequence[Ranked], n: int) -> Measure | None:
    """The figure over these things, which are what chance draws; `n` is told. None if it has no value."""
    if not items:
        return None
    ladder = _Ladder(items)
    value = float(statistic(*ladder.counts(np.ones(len(items)))))
    if np.isnan(value):
        return None
    drawn = [statistic(*ladder.counts(times)) for times in _resampled(len(items))]
    return Measure(value, *interval(np.concatenate(drawn)), n)


def change(statistic: Statistic, now: Sequence[Ranked], then: Sequence[Ranked], n: int) -> Difference | None:
    """The difference of two runs over the same things in the same order. None if either has no value."""
    if not now:
        return None
    ladder, none = _Ladder([*now, *then]), np.zeros(len(now))

    def gap(first: Floats, second: Floats) -> Floats:
        """Of the figures of two mixtures, which have `first` and `second` of the runs' things."""
        return statistic(*ladder.counts(first)) - statistic(*ladder.counts(second))

    ones = np.ones(len(now))
    here, there = (float(statistic(*ladder.counts(np.append(*of)))) for of in ((ones, none), (none, ones)))
    if np.isnan(here - there):
        return None
    drawn = []
    for times in _resampled(len(now)):
        nothing = np.zeros_like(times)
        drawn.append(gap(np.hstack([times, nothing]), np.hstack([nothing, times])))
    chance, reached = np.random.default_rng(SEED), 0
    for _ in range(0, EXCHANGES, BLOCK):
        kept = chance.integers(0, 2, (BLOCK, len(now))).astype(float)
        gaps = abs(gap(np.hstack([kept, 1 - kept]), np.hstack([1 - kept, kept])))
        reached += int((np.nan_to_num(gaps) >= abs(here - there) - TIE).sum())
    p = (reached + 1) / (EXCHANGES + 1)
    return Difference(here, there, here - there, *interval(np.concatenate(drawn)), p, n)


def _resampled(count: int) -> Iterator[Floats]:
    """How often each of `count` things is drawn, when as many are drawn with replacement: a row a draw."""
    chance = np.random.default_rng(SEED)
    for first in range(0, RESAMPLES, BLOCK):
        draws = min(BLOCK, RESAMPLES - first)
        yield chance.multinomial(count, np.full(count, 1 / count), draws).astype(float)


class _Ladder:
    """Things in the order of their scores, the highest first, to be counted at each score."""

    def __init__(self, items: Sequence[Ranked]) -> None:
        scores = np.array([item.score for item in items])
        self._order = np.argsort(-scores, kind="stable")
        self._wrong = np.array([item.wrong for item in items])[self._order]
        self.scores, self._starts = _runs(scores[self._order])

    def counts(self, times: Floats) -> tuple[Floats, Floats]:
        """The right and the wrong things at each score, when each thing counts as often as `times` says."""
        ordered = times[..., self._order]
        right, wrong = (
            np.add.reduceat(np.where(mask, ordered, 0.0), self._starts, axis=-1)
            for mask in (~self._wrong, self._wrong)
        )
        return right, wrong


def _runs(ordered: Floats) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """The distinct values of an ordered array, and where each begins."""
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[starts], starts
