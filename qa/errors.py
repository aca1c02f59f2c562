"""Everything that can go wrong, as one tree.

QAError
├── InvalidInput (also a ValueError)   an argument or a question that cannot be used
├── LibraryNotFound                    no library at that place
├── LibraryEmpty                       a library without papers
├── LibraryBusy                        another process holds the library
├── FingerprintMismatch                made by another embedding model or version
├── ReadError                          a file or folder that cannot be read at all
├── ModelUnavailable                   an embedding or language model that is missing or altered
└── StoreUnavailable                   the Chroma store cannot be opened or written

Each message is one line: the value that was wrong, and what to do next.
"""


class QAError(Exception):
    """Base of every error that this package raises on purpose."""


class InvalidInput(QAError, ValueError):
    """An argument or a question that cannot be used."""


class LibraryNotFound(QAError):
    """No library at that place."""


class LibraryEmpty(QAError):
    """The library holds no papers."""


class LibraryBusy(QAError):
    """Another process holds the library for longer than a reader waits."""


class FingerprintMismatch(QAError):
    """The library was made by another embedding model or by other passage rules."""


class ReadError(QAError):
    """A file or folder that cannot be read at all."""


class ModelUnavailable(QAError):
    """A model that is missing, or whose files are not the published ones."""


class StoreUnavailable(QAError):
    """The Chroma store cannot be opened or written."""
