"""Questions to a pile of papers, answered in quotes that can be checked."""

from qa import environment as _environment  # noqa: F401  # first: it quietens libraries before they load
from qa.errors import (
    FingerprintMismatch,
    InvalidInput,
    LibraryBusy,
    LibraryEmpty,
    LibraryNotFound,
    ModelUnavailable,
    QAError,
    ReadError,
    StoreUnavailable,
)
from qa.library import Library
from qa.opening import answer, default_library
from qa.paper import AddReport, Answer, Citation, Event, Failure, Hit, Paper, Passage
from qa.readers import read_papers

__all__ = [
    "AddReport",
    "Answer",
    "Citation",
    "Event",
    "Failure",
    "FingerprintMismatch",
    "Hit",
    "InvalidInput",
    "Library",
    "LibraryBusy",
    "LibraryEmpty",
    "LibraryNotFound",
    "ModelUnavailable",
    "Paper",
    "Passage",
    "QAError",
    "ReadError",
    "StoreUnavailable",
    "answer",
    "default_library",
    "read_papers",
]
__version__ = "0.1.0"
