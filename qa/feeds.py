"""Where the papers of one `add` come from: a call from Python, or files. Read as they are needed.

A feed hands out records in order and is told, in the same order, which papers they become. So it can
note for every file which papers it gave, and when the last of them was written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from qa.errors import InvalidInput
from qa.files import File, FileRecords, content_of
from qa.identity import paper_id
from qa.known import unusable
from qa.paper import Failure, Paper
from qa.readers import count_lines, read_file

LISTED: Final = 1 << 24  # bytes of a file whose records are all read before the first is needed
AHEAD: Final = 4096  # records that are read before they are needed, so that the end of most is in sight

Item = TypeVar("Item")


class Feed(Protocol):
    """What `Adding` asks of a source of papers."""

    given: bool  # whether a caller made the papers, and their ids say something
    failed: list[Failure]
    unchanged: Sequence[str]  # ids of papers that are not read again

    @property
    def total(self) -> int:
        """How many records there are: exact once the last is in sight, before that an estimate."""

    def records(self) -> Iterator[Paper]:
        """The records, in order."""

    def own(self, record: Paper) -> Collection[str]:
        """The ids of papers that nothing but the file of this record gave, as it was before it changed: what
        the record says of them takes the place of what is known.
        """

    def becoming(self, papers: Sequence[str], fused: Mapping[str, str]) -> None:
        """Note which papers the next records are about to become, before these are written, inside the
        library's lock. By now all earlier ones were. `fused`: ids that become another's.
        """


class Ahead(Generic[Item]):
    """An iterator that is read some items ahead; `seen` counts them, `ended` says whether they are all."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = iter(items)
        self._waiting: deque[Item] = deque()
        self.seen, self.ended = 0, False

    def __iter__(self) -> Iterator[Item]:
        while True:
            if len(self._waiting) <= AHEAD // 2 and not self.ended:
                wanted = AHEAD - len(self._waiting)
                more = list(islice(self._items, wanted))
                self._waiting += more
                self.seen += len(more)
                self.ended = len(more) < wanted
            if not self._waiting:
                return
            yield self._waiting.popleft()


class Calls:
    """Papers from Python, each with an id; what cannot be stored is a failure."""

    given = True
    unchanged: Sequence[str] = ()

    def __init__(self, papers: Iterable[Paper], files: FileRecords) -> None:
        if isinstance(papers, Paper) or not isinstance(papers, Iterable):
            raise InvalidInput(f"add takes a path or an iterable of papers, not {papers!r:.80}: give [paper]")
        self.failed: list[Failure] = []
        self._files = files
        self._ahead = Ahead(self._usable(papers))

    @property
    def total(self) -> int:
        """The papers seen so far; all, unless very many are still to come."""
        return self._ahead.seen

    def records(self) -> Iterator[Paper]:
        """The papers that can be stored."""
        return iter(self._ahead)

    def own(self, record: Paper) -> Collection[str]:
        """None."""
        return ()

    def becoming(self, papers: Sequence[str], fused: Mapping[str, str]) -> None:
        """Note that no file takes these papers away."""
        self._files.link_calls(papers, fused)

    def _usable(self, papers: Iterable[Paper]) -> Iterator[Paper]:
        for number, paper in enumerate(papers, 1):
            if not isinstance(paper, Paper):
                kind = type(paper).__name__
                raise InvalidInput(
                    f"add takes papers, not {kind}: build Paper(id=..., title=..., abstract=...)"
                )
            reason = unusable(paper)
            if reason:
                self.failed.append(Failure("papers", f"item {number}", reason))
            elif paper.id.strip():
                yield paper
            else:
                yield replace(paper, id=paper_id(paper.title, paper.abstract, paper.doi, paper.arxiv_id))


@dataclass
class Reading:
    """A file that is to be read, and how far that has come."""

    path: Path
    file: File
    own: set[str] = field(default_factory=set)  # see `Feed.own`; less those that it has told of
    failures: list[Failure] = field(default_factory=list)
    handed: int = 0  # records read
    written: int = 0  # and among them those that were noted
    ended: bool = False
    steady: bool = True  # whether the file did not change meanwhile

    @property
    def over(self) -> bool:
        """Whether all that the file holds was read and noted."""
        return self.ended and self.written == self.handed


class FileFeed:
    """The papers of files, one file after another. A file is noted as read once its papers are written."""

    given = False

    def __init__(self, readings: Sequence[Reading], unchanged: Sequence[str], files: FileRecords) -> None:
        self.failed: list[Failure] = []
        self.unchanged = unchanged
        self._readings, self._files = readings, files
        self._ahead = Ahead(self._read())
        # Of the records handed out and not yet noted, in order, and each by the record's identity.
        self._origins: deque[tuple[Paper, Reading]] = deque()
        self._own: dict[int, Reading] = {}
        self._unnoted = deque(readings)
        self._bytes = sum(reading.file.size for reading in readings)
        self._begun, self._expected = 0, 0  # bytes and records of the files whose reading has begun

    @property
    def total(self) -> int:
        """The records seen, and those of the lines and bytes that are not yet read."""
        if self._ahead.ended:
            return self._ahead.seen
        rest = (self._bytes - self._begun) * self._expected / max(self._begun, 1)
        return max(self._ahead.seen, self._expected + round(rest))

    def records(self) -> Iterator[Paper]:
        """The papers of all files; what cannot be read goes to `failed`."""
        for paper, reading in self._ahead:
            self._origins.append((paper, reading))
            self._own[id(paper)] = reading
            yield paper

    def own(self, record: Paper) -> Collection[str]:
        """The papers that only the record's file gave."""
        return self._own[id(record)].own

    def becoming(self, papers: Sequence[str], fused: Mapping[str, str]) -> None:
        """Note for each file which papers it gives."""
        self.finish()
        origins = [self._taken() for _ in papers]
        begun = {(reading.file.path, reading.file.content) for reading in origins}
        links = {(reading.file.content, paper) for reading, paper in zip(origins, papers, strict=True)}
        self._files.link(links, begun, fused)
        for reading, paper in zip(origins, papers, strict=True):
            reading.written += 1
            reading.own.discard(paper)

    def finish(self) -> None:
        """Note the last files: all papers are written."""
        over = []
        while self._unnoted and self._unnoted[0].over:
            over.append(self._unnoted.popleft())
        if over:
            self._files.note((_result(reading), reading.failures) for reading in over)

    def _taken(self) -> Reading:
        """The file of the next record, of which nothing more is remembered."""
        record, reading = self._origins.popleft()
        del self._own[id(record)]
        return reading

    def _read(self) -> Iterator[tuple[Paper, Reading]]:
        for reading in self._readings:
            records, expected = _opened(reading)
            self._begun += reading.file.size
            self._expected += expected
            for record in records:
                if isinstance(record, Failure):
                    reading.failures.append(record)
                    self.failed.append(record)
                else:
                    reading.handed += 1
                    yield record, reading
            self._expected += reading.handed - expected
            reading.steady = _same_still(reading)
            reading.ended = True


class KeptFeed(FileFeed):
    """The papers of files that are of no account any more: they stay as those that a call gives."""

    def becoming(self, papers: Sequence[str], fused: Mapping[str, str]) -> None:
        """Note that no file takes these papers away."""
        for _ in papers:
            self._taken()
        self._files.link_calls(papers, fused)

    def finish(self) -> None:
        """Nothing is noted of the files."""


def _opened(reading: Reading) -> tuple[Iterable[Paper | Failure], int]:
    """What a file holds, and how many records: a small file is listed; a large one read twice, or counted
    by its lines where they are records.
    """
    records = read_file(reading.path, reading.file.name)
    if (lines := count_lines(reading.path)) is not None:
        return records, lines
    if reading.file.size > LISTED:
        return records, sum(1 for _ in read_file(reading.path, reading.file.name))
    listed = list(records)
    return listed, len(listed)


def _same_still(reading: Reading) -> bool:
    try:
        return content_of(reading.path) == reading.file.content
    except OSError:
        return False


def _result(reading: Reading) -> File:
    read = "in part" if reading.failures else "whole" if reading.steady else "outdated"
    return replace(reading.file, read=read)
