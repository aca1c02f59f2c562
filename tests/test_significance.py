"""Intervals and the paired test, against figures that are known by other means."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from qa.significance import difference, ratio


def mean(*values: float) -> list[tuple[float, float]]:
    return [(value, 1.0) for value in values]


def test_a_ratio_and_its_interval() -> None:
    figure = ratio(mean(*[1.0] * 50, *[0.0] * 50))
    assert (figure.value, figure.n) == (0.5, 100)
    # The binomial's own interval for 50 of 100 is 0.40 to 0.60.
    assert (figure.low, figure.high) == pytest.approx((0.40, 0.60), abs=0.01)
    assert figure == ratio(mean(*[1.0] * 50, *[0.0] * 50))


def test_a_share_of_citations_weighs_questions_by_their_citations() -> None:
    figure = ratio([(3.0, 3.0), (0.0, 1.0), (0.0, 0.0)])
    assert (figure.value, figure.n) == (0.75, 4)


def test_the_p_value_is_that_of_all_exchanges() -> None:
    now, then = [0.9, 0.5, 0.8, 0.7, 1.0, 0.4, 0.9, 0.6], [0.7, 0.6, 0.5, 0.2, 0.8, 0.4, 0.6, 0.5]
    gaps = np.subtract(now, then)
    sums = [abs(np.dot(signs, gaps)) for signs in product([-1, 1], repeat=len(gaps))]
    exact = np.mean([total >= abs(gaps.sum()) - 1e-9 for total in sums])
    found = difference(mean(*now), mean(*then))
    assert found.p == pytest.approx(exact, abs=0.01)
    assert (found.now, found.then) == pytest.approx((0.725, 0.5375))
    assert found.n == 8
    assert found.difference == pytest.approx(found.now - found.then)
    assert found.low <= found.difference <= found.high


def test_the_same_results_differ_by_nothing() -> None:
    found = difference(mean(0.2, 0.9, 0.4), mean(0.2, 0.9, 0.4))
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_small_steady_change_is_told_from_chance() -> None:
    chance = np.random.default_rng(1)
    then = chance.random(200)
    assert difference(mean(*(then + 0.02)), mean(*then)).p < 0.001
    assert difference(mean(*then), mean(*(then + 0.02))).p < 0.001  # and a loss
    assert difference(mean(*chance.permutation(then)), mean(*then)).p > 0.05


def test_a_difference_of_shares_weighs_questions_by_their_citations() -> None:
    found = difference([(3.0, 3.0), (0.0, 1.0)], [(1.0, 1.0), (0.0, 0.0)])
    assert (found.now, found.then, found.difference) == (0.75, 1.0, -0.25)
