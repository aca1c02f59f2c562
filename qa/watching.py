"""Files and folders followed: what changed, once it has come to rest.

By looking again and again at names, sizes and times, which every file system tells. They say when to
look closer, not what has changed: what `Library.add` reads again, it decides by content.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from qa.readers import list_files

EVERY: Final = 0.5  # seconds between two looks, at least
_REST: Final = 10  # times as long as a look takes

Look = dict[str, tuple[str, int, int, int]]  # of each file by its path its name, size, time and number


class Watch:
    """Follows paths from now on."""

    def __init__(self, paths: Sequence[Path], every: float = EVERY) -> None:
        self._paths, self._every = paths, every
        self._took = 0.0  # seconds that the last look took
        self._before: Look = {}
        self._now = self._look()

    @property
    def empty(self) -> bool:
        """Whether there is no file, as where a disk was taken away."""
        return not self._now

    def wait(self) -> list[str]:
        """Wait until something has changed and two looks agree; then what it is, a phrase for each file."""
        now = self._look()
        while True:
            time.sleep(max(self._every, _REST * self._took))
            last, now = now, self._look()
            if now == last and (changes := list(_changes(self._now, now))):
                self._before, self._now = self._now, now
                return changes

    def again(self) -> None:
        """Have the next `wait` find the last changes once more: they could not be followed."""
        self._now = self._before

    def _look(self) -> Look:
        begun = time.monotonic()
        seen = {}
        for path in self._paths:
            for file, name in list_files(path, lambda failure: None) if path.exists() else ():
                with suppress(OSError):
                    known = os.stat(file)
                    seen[str(file)] = (name, known.st_size, known.st_mtime_ns, known.st_ino)
        self._took = time.monotonic() - begun
        return seen


def _changes(before: Look, now: Look) -> Iterator[str]:
    for file in sorted(before.keys() | now.keys()):
        if before.get(file) != now.get(file):
            name, *_ = now.get(file) or before[file]
            yield f"{name} {'new' if file not in before else 'changed' if file in now else 'gone'}"
