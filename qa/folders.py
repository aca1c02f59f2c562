"""Files and folders into a library, and in step with it: only what changed is read.

A file is known by what it holds, whatever it is called and wherever it lies. A paper is offered for
removal when a file under the given path gave it, and neither that file nor any other gives it any more,
nor did a call from Python ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from qa import locks
from qa.adding import Adding, OnProgress
from qa.catalogue import Catalogue
from qa.errors import StoreUnavailable
from qa.feeds import Calls, FileFeed, KeptFeed, Reading
from qa.files import File, FileRecords, content_of, shown
from qa.paper import AddReport, Failure, Paper, Record
from qa.readers import check_path, list_files, no_files


@dataclass(frozen=True)
class IndexedFile(Record):
    """A file that was read, by its absolute path, and how many papers it gave."""

    file: str
    papers: int


@dataclass(frozen=True)
class StaleFile(Record):
    """A file that is not as it was when it was read, and what happened to it."""

    file: str
    reason: str


@dataclass
class Scan:
    """What lies at a path, beside what the library knows: contents that it has, from there or from elsewhere
    (a file, and those known for the same content), and files to read. `now`: what each path holds.
    """

    now: dict[bytes, str]
    unchanged: list[str]
    twins: list[tuple[File, list[File]]]
    readings: list[Reading]
    failed: list[Failure]

    def holds(self, file: File) -> bool:
        """Whether a file that is known still holds what it did, as far as was looked."""
        return self.now[file.path] == file.content if file.path in self.now else file.exists()


@dataclass(frozen=True)
class Leaving:
    """Files that are gone, contents that paths no longer hold, and the ids of papers that only these gave."""

    files: list[File]
    past: list[tuple[bytes, str]]
    papers: list[str]


class InStep:
    """A library beside the files that its papers come from; `adding` makes what writes, when it is needed."""

    def __init__(self, catalogue: Catalogue, adding: Callable[[], Adding]) -> None:
        self._catalogue, self._make_adding = catalogue, adding
        self._made: Adding | None = None
        self._files = FileRecords(catalogue.folder)

    def __enter__(self) -> InStep:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add_papers(self, papers: Iterable[Paper], on_progress: OnProgress | None) -> AddReport:
        """Add papers that a caller made."""
        return self._adding.add(Calls(papers, self._files), on_progress)

    def add_once(self, path: str | os.PathLike[str], on_progress: OnProgress | None) -> AddReport:
        """Add what is at `path`, and remember nothing of its files."""
        check_path(path)
        failed: list[Failure] = []
        found = list(list_files(Path(path), failed.append))
        feed = KeptFeed([Reading(file, _file(file, name)) for file, name in found], [], self._files)
        feed.failed += failed if found else [*failed, no_files(Path(path))]
        return self._adding.add(feed, on_progress)

    def add_path(
        self, path: str | os.PathLike[str], on_progress: OnProgress | None, prune: bool
    ) -> AddReport:
        """Add what changed at `path`, and name the papers that vanished from there, or take them out."""
        root = Path(os.path.abspath(path))
        if not (os.fspath(path) and self._files.files(os.fsencode(root)) and not root.exists()):
            check_path(path)
        self._settle()
        scan = self._scan(root)
        for file, twins in scan.twins:
            left = [twin for twin in twins if not scan.holds(twin)]
            self._follow(file, *((left[0], True) if left else (twins[0], False)))
            scan.unchanged.append(file.content)
        feed = FileFeed(scan.readings, sorted(self._files.papers(scan.unchanged)), self._files)
        feed.failed += scan.failed
        report = self._adding.add(feed, on_progress) if scan.readings else _unread(feed)
        if self._catalogue.exists():
            feed.finish()
            self._settle()
            report = self._leave(report, self._leaving(os.fsencode(root)), prune)
            self._settle()
        return report

    def indexed(self) -> tuple[IndexedFile, ...]:
        """The files that gave papers, by path."""
        counts = self._files.counts()
        files = self._files.files().values()
        return tuple(IndexedFile(shown(f.path), counts[f.content]) for f in files if f.content in counts)

    def failures(self) -> tuple[Failure, ...]:
        """What could not be read when it was last tried."""
        return tuple(self._files.failures())

    def stale(self) -> tuple[StaleFile, ...]:
        """The files that are not as they were read, by path. Reads them all."""
        with suppress(StoreUnavailable):  # a library that may only be read is as good
            self._settle()
        known = self._files.files()
        reasons = {path: "its reading was broken off" for path, _ in self._files.past(b"/")}
        reasons |= {path: _how_stale(file) for path, file in known.items()}
        return tuple(StaleFile(shown(path), reason) for path, reason in sorted(reasons.items()) if reason)

    # Inside ---------------------------------------------------------------------------------------

    @property
    def _adding(self) -> Adding:
        if self._made is None:
            self._made = self._make_adding()
        return self._made

    def _settle(self) -> None:
        """Make sure that every paper that is noted is in the store, which alone is the truth."""
        if not self._catalogue.exists():
            self._files.discard()
        elif not self._files.settled(self._catalogue.state()):
            with self._catalogue.reading(locks.WRITER_WAIT) as snapshot:
                if self._files.new():  # of the papers that are here already nobody knows whose they are
                    self._files.link_calls([p.id for p in snapshot.papers.values() if not p.source], {})
                self._files.settle(snapshot.manifest.state, self._files.lost(snapshot.papers))

    def _scan(self, root: Path) -> Scan:
        scan = Scan({}, [], [], [], [])
        known = self._files.files(os.fsencode(root))
        found = list(list_files(root, scan.failed.append)) if root.exists() else []
        for path, name in found:
            file = _file(path, name)
            scan.now[file.path] = file.content
            before = known.get(file.path)
            if before and before.content == file.content and before.read == "whole":
                scan.unchanged.append(file.content)
            elif twins := self._files.holding(file.content):
                scan.twins.append((file, twins))
            else:
                own = self._files.given_only_at(file.path) if before else set()
                scan.readings.append(Reading(path, file, own))
        if not found and not known and not scan.failed:
            scan.failed.append(no_files(root))
        return scan

    def _follow(self, file: File, twin: File, moved: bool) -> None:
        """Note that `file` holds what `twin` did, or still does, and name it in the papers' `source`."""
        papers = self._files.papers([file.content])
        stays = self._named_elsewhere(twin) if moved else papers

        def named(paper: Paper) -> Paper:
            if twin.name not in paper.source or file.name in paper.source:
                return paper
            names = (twin.name, file.name) if paper.id in stays else (file.name,)
            at = paper.source.index(twin.name)
            return replace(paper, source=(*paper.source[:at], *names, *paper.source[at + 1 :]))

        if file.name != twin.name:
            self._adding.change(sorted(papers), named)
        self._files.note([(file, ())], [] if twin.exists() else [twin.path])

    def _named_elsewhere(self, file: File) -> set[str]:
        """The papers that another file of the same name gives."""
        others = self._files.files().values()
        return self._files.papers(f.content for f in others if f.name == file.name and f.path != file.path)

    def _leaving(self, root: bytes) -> Leaving:
        inside = self._files.files(root)
        gone = {path: file for path, file in inside.items() if not file.exists()}
        unsure = {path for path, file in inside.items() if file.read != "whole" and path not in gone}
        past = [(path, content) for path, content in self._files.past(root) if path not in unsure]
        papers = self._files.papers([*(f.content for f in gone.values()), *(content for _, content in past)])
        if papers:
            papers -= self._files.given_elsewhere(gone)
        return Leaving(list(gone.values()), past, sorted(papers))

    def _leave(self, report: AddReport, leaving: Leaving, prune: bool) -> AddReport:
        """Name the papers that leave in the report; take them out, if so wished."""
        papers: list[Paper] = []
        if leaving.papers:
            with self._catalogue.reading(locks.WRITER_WAIT) as snapshot:
                papers = [snapshot.papers[paper] for paper in leaving.papers if paper in snapshot.papers]
        if not prune:
            return replace(report, vanished=tuple(papers))
        if papers:
            self._adding.remove([paper.id for paper in papers])
        for file in leaving.files:
            self._unname(file)
        self._files.forget([file.path for file in leaving.files], leaving.past)
        return replace(report, removed=tuple(papers))

    def _unname(self, file: File) -> None:
        """Take a file that is gone out of the `source` of papers that others give too."""
        papers = self._files.papers([file.content]) - self._named_elsewhere(file)

        def unnamed(paper: Paper) -> Paper:
            return replace(paper, source=tuple(name for name in paper.source if name != file.name))

        if papers:
            self._adding.change(sorted(papers), unnamed)


def _file(path: Path, name: str) -> File:
    """A file as it is now; one that cannot be read holds nothing."""
    try:
        size, content = (path.stat().st_size, content_of(path)) if path.is_file() else (0, "")
    except OSError:
        size, content = 0, ""
    return File(os.fsencode(path), name, size, content)


def _how_stale(file: File) -> str:
    if not file.exists():
        return "it is gone"
    now = _file(Path(os.fsdecode(file.path)), file.name)
    if now.content != file.content:
        return "it has changed since it was read"
    return "it is to be read again" if file.read == "outdated" else ""


def _unread(feed: FileFeed) -> AddReport:
    """The report where no file had to be read."""
    return AddReport(unchanged=len(feed.unchanged), failed=tuple(feed.failed))
