"""How sure a figure is, and whether it differs from another: the bootstrap, and a paired randomisation test.

Each question brings a pair, a numerator and a denominator, and a figure is the ratio of their sums: with
denominators of 1 a mean over questions. Both methods treat questions as what chance draws. Intervals are
the bootstrap's (Efron, 1979). The p value is that of Fisher's randomisation test (1935): if two runs do not
differ, each question's two results might as well be exchanged. On retrieval runs it agrees with the t test
and the bootstrap, where the sign and the Wilcoxon test mislead (Smucker, Allan and Carterette, CIKM 2007).
Everything comes out the same at every call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qa.paper import Record

Pair = tuple[float, float]  # what one question adds to numerator and denominator
Floats = NDArray[np.float64]

RESAMPLES: Final = 2000  # of the bootstrap
EXCHANGES: Final = 10_000  # of the randomisation test
SEED: Final = 20261121
BLOCK: Final = 1000  # draws held in memory at once
TIE: Final = 1e-12  # differences closer than this are equal, but for rounding


@dataclass(frozen=True)
class Measure(Record):
    """A share or mean over `n` things, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Difference(Record):
    """A figure `now` less what it was `then`, over the `n` questions of both runs, with its 95 % interval.

    `p` is the share of exchanges of the two runs' results, question by question, that make a difference at
    least as large, whichever its sign.
    """

    now: float
    then: float
    difference: float
    low: float
    high: float
    p: float
    n: int


def ratio(pairs: Sequence[Pair]) -> Measure:
    """Sum of numerators over sum of denominators, one pair a question; the bootstrap draws questions.

    `n` is the sum of the denominators: questions for a mean, citations for a share of citations.
    """
    table = np.array(pairs, dtype=np.float64)
    low, high = interval(np.concatenate([_ratios(sums) for (sums,) in _resampled(table)]))
    numerator, denominator = table.sum(axis=0)
    return Measure(float(numerator / denominator), low, high, round(denominator))


def difference(now: Sequence[Pair], then: Sequence[Pair]) -> Difference:
    """The difference of two figures for the same questions in the same order."""
    first, second = np.array(now, dtype=np.float64), np.array(then, dtype=np.float64)
    drawn = [_ratios(sums_now) - _ratios(sums_then) for sums_now, sums_then in _resampled(first, second)]
    low, high = interval(np.concatenate(drawn))
    here, there = (float(_ratios(table.sum(axis=0))) for table in (first, second))
    p = _randomisation_test(first, second)
    return Difference(here, there, here - there, low, high, p, len(first))


def _resampled(*tables: Floats) -> Iterator[tuple[Floats, ...]]:
    """Sums of numerators and denominators over questions drawn with replacement, the same for all tables."""
    chance, count = np.random.default_rng(SEED), len(tables[0])
    for first in range(0, RESAMPLES, BLOCK):
        picks = chance.integers(0, count, (min(BLOCK, RESAMPLES - first), count))
        yield tuple(table[picks].sum(axis=1) for table in tables)


def _ratios(sums: Floats) -> Floats:
    """First over second of the last axis; NaN where the second is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])


def interval(drawn: Floats) -> tuple[float, float]:
    """The ends of the middle 95 % of what was drawn."""
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _randomisation_test(first: Floats, second: Floats) -> float:
    """The two-sided p value; the observed arrangement counts as one of the exchanges, so it is never 0."""
    total, gap = (first + second).sum(axis=0), first - second
    observed = abs(_ratios(first.sum(axis=0)) - _ratios(second.sum(axis=0)))
    chance, reached = np.random.default_rng(SEED), 0
    for _ in range(0, EXCHANGES, BLOCK):
        signs = chance.integers(0, 2, (BLOCK, len(first))) * 2.0 - 1.0
        shift = signs @ gap  # a sign of -1 exchanges the results of that question
        gaps = abs(_ratios((total + shift) / 2) - _ratios((total - shift) / 2))
        reached += int((np.nan_to_num(gaps) >= observed - TIE).sum())
    return (reached + 1) / (EXCHANGES + 1)
