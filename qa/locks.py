"""One folder, many processes: readers share a lock, a writer holds it alone.

Chroma's folder must not be written by two processes, nor read while one writes. The operating system
releases a lock when its holder dies, so nothing is left to clean up.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import LibraryBusy, StoreUnavailable

READER_WAIT = 2.0  # seconds
WRITER_WAIT = 60.0
_POLL = 0.01


@contextmanager
def shared(path: Path, wait: float = READER_WAIT) -> Iterator[None]:
    """Hold the lock file at `path` together with other readers. Raises LibraryBusy after `wait` seconds."""
    with _held(path, fcntl.LOCK_SH, wait):
        yield


@contextmanager
def exclusive(path: Path, wait: float = WRITER_WAIT) -> Iterator[None]:
    """Hold the lock file at `path` alone, with this process's id in it. Raises LibraryBusy as above."""
    with _held(path, fcntl.LOCK_EX, wait) as handle:
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)


@contextmanager
def _held(path: Path, kind: int, wait: float) -> Iterator[int]:
    handle = _opened(path, writes=kind == fcntl.LOCK_EX)
    try:
        deadline = time.monotonic() + wait
        while not _try(handle, kind):
            if time.monotonic() >= deadline:
                raise LibraryBusy(f"{path.parent} is held by {_holder(path)}: try again when that is done")
            time.sleep(_POLL)
        yield handle
    finally:
        os.close(handle)  # which also releases the lock


def _opened(path: Path, *, writes: bool) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if not writes and path.is_file():
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        raise StoreUnavailable(f"{path.parent} is read-only or cannot be used: {error.strerror}") from error


def _try(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    writer = path.read_text().strip()
    return f"process {writer}" if writer else "readers"
