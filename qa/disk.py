"""What goes wrong when a library is written, as one line: a full disk above all."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from qa.errors import QAError, StoreUnavailable

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SCARCE: Final = 1 << 24  # bytes left on a disk that is as good as full
# Libraries whose errors have no tree that says what they are about, by the module or the words.
_STORES: Final = ("chromadb", "sqlite3")
_INDEX: Final = "io error"  # tantivy raises ValueError


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Raise StoreUnavailable where `folder` cannot be written to the end."""
    try:
        yield
    except QAError:
        raise
    except Exception as error:
        reason = _reason(folder, error)
        if reason is None:
            raise
        raise StoreUnavailable(
            f"{folder} cannot be written: {reason}; what was told as done is kept, the same again goes on"
        ) from error


def _reason(folder: Path, error: Exception) -> str | None:
    """Why a library could not be written; None for what has other causes."""
    words = (str(error).splitlines() or [type(error).__name__])[0]
    number = error.errno if isinstance(error, OSError) else None
    stores = type(error).__module__.startswith(_STORES) or _INDEX in words.casefold()
    if number not in _NO_ROOM and not stores:
        return None
    if number == errno.EFBIG:
        return "a file may not grow any more (a limit of this user, or of the file system)"
    if number in _NO_ROOM or shutil.disk_usage(folder).free < _SCARCE:
        return "no room is left on the disk"
    return words
