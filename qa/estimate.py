"""How long the rest of a task will take, in words."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

STEPS: Final = 25  # the last ones, whose pace is taken for that of the rest
SETTLED: Final = 3.0  # seconds, before which a pace says little


class Estimate:
    """Call `left` as the task goes on.

    Of the whole task only the last steps count: what a library holds already passes much faster than what
    it has to embed.

    >>> seconds = iter([0.0, 10.0, 20.0])
    >>> estimate = Estimate(lambda: next(seconds))
    >>> [estimate.left(done, 1_000) for done in (0, 100, 200)]
    ['', 'about 2 min left', 'about 80 s left']
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steps: deque[tuple[float, int]] = deque(maxlen=STEPS)

    def left(self, done: int, total: int) -> str:
        """What is to be expected after `done` of `total`; empty until it can be told, and at the end."""
        now = self._clock()
        self._steps.append((now, done))
        begun, before = self._steps[0]
        if now - begun < SETTLED or done <= before or done >= total:
            return ""
        return f"about {_words((total - done) * (now - begun) / (done - before))} left"


def _words(seconds: float) -> str:
    """A time as people say it.

    >>> [_words(seconds) for seconds in (0.2, 44, 80, 100, 3000, 7380)]
    ['5 s', '45 s', '80 s', '2 min', '50 min', '2 h 3 min']
    """
    if seconds < 90:
        return f"{max(round(seconds / 5), 1) * 5} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
