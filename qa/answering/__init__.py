"""What every answerer must offer: evidence in, claims or written sentences out. The gate does the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from qa.citations import Block, Written
from qa.query import Message
from qa.reading import Evidence


class Answerer(Protocol):
    """Composes an answer from chosen evidence."""

    @property
    def name(self) -> str:
        """What `Answer.answerer` says."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of what shapes its answers, for `Answer.versions`."""

    def compose(self, question: str, evidence: Evidence) -> Iterator[Block | Written]:
        """The blocks of an answer, in reading order; the text of each begins with its own white space.

        Raises ModelUnavailable where no more is to come though there should be more.
        """


@dataclass(frozen=True)
class Completed:
    """A follow-up as a question that stands alone, and the versions of what completed it."""

    text: str
    versions: Mapping[str, str]


@runtime_checkable
class Completer(Protocol):
    """An answerer that can also complete a follow-up from its conversation."""

    def complete(self, question: str, history: Sequence[Message]) -> Completed | None:
        """The question as it stands alone; None where it could not be completed."""
