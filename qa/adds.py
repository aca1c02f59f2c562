"""What `qa add` does and tells: papers in from paths, and the paths followed until it is interrupted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from qa.errors import QAError, ReadError
from qa.paper import AddReport, Failure, Paper
from qa.readers import check_path
from qa.terminal import Progress, one_line, paper_line, report_line
from qa.watching import Watch

if TYPE_CHECKING:
    from qa.library import Library

NAMED: Final = 20  # papers that are named one by one

Tell = Callable[[str], None]


def add_all(library: Library, paths: Sequence[Path], prune: bool, ray: str | None, tell: Tell) -> AddReport:
    """Add what is at the paths; tell what could not be read, and what vanished or was removed.

    Nothing is removed before all paths were read: what left one may stand in another.
    """
    several = len(paths) > 1
    reports = [_add(library, path, prune and not several, ray) for path in paths]
    if several and any(report.vanished for report in reports):
        again = [_add(library, path, prune, None) for path in paths]
        pairs = zip(reports, again, strict=True)
        reports = [replace(first, vanished=then.vanished, removed=then.removed) for first, then in pairs]
    report = _total(reports)
    for failure in report.failed:
        tell(": ".join(part for part in (failure.source, failure.place, failure.reason) if part))
    _name("removed", report.removed, tell)
    _name("in no file any more", report.vanished, tell)
    if report.vanished:
        tell("the same command with --prune removes what is in no file any more")
    if (report.added or report.updated) and (bare := sum(not paper.abstract for paper in library.papers())):
        tell(f"{bare} of the library's papers have no abstract: they are found, and never quoted")
    return report


def found_something(report: AddReport) -> bool:
    """Whether there were papers at all, or what is left of some."""
    counts = (report.added, report.updated, report.unchanged, report.merged)
    return any(counts) or bool(report.vanished or report.removed)


def follow(
    library: Library, paths: Sequence[Path], prune: bool, ray: str | None, tell: Tell, say: Tell
) -> None:
    """Add what is at the paths, then whatever changes there, until SIGINT or SIGTERM: a line for each time.

    What goes wrong is told once, and tried again when something changes or, if nothing could be added, soon.
    Where no file is left, papers are named and not removed: a disk may have been taken away.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    watch, changes, told = Watch(paths), "", list[str]()
    try:
        while True:
            lines: list[str] = []
            try:
                for path in paths:
                    check_path(path)
                report = add_all(library, paths, prune and not watch.empty, ray, lines.append)
                say(one_line(f"{changes}{report_line(report)}"))
            except QAError as error:
                lines.append(str(error))
                watch.again()
            for line in lines:
                if line not in told:
                    tell(line)
            told, changes = lines, f"{_few(watch.wait())}: "
    except KeyboardInterrupt:
        return


def _add(library: Library, path: Path, prune: bool, ray: str | None) -> AddReport:
    try:
        return library.add(path, on_progress=Progress("Indexing the papers"), prune=prune, ray=ray)
    except ReadError as error:
        return AddReport(failed=(Failure("", "", str(error)),))


def _few(changes: Sequence[str]) -> str:
    return ", ".join(changes) if len(changes) <= 3 else f"{len(changes)} files changed"


def _name(what: str, papers: Sequence[Paper], tell: Tell) -> None:
    for paper in papers[:NAMED]:
        tell(f"{what}: {paper_line(paper)}")
    if len(papers) > NAMED:
        tell(f"{what}: {len(papers) - NAMED:,} more papers")


def _total(reports: Sequence[AddReport]) -> AddReport:
    return AddReport(
        added=sum(report.added for report in reports),
        updated=sum(report.updated for report in reports),
        unchanged=sum(report.unchanged for report in reports),
        merged=sum(report.merged for report in reports),
        failed=tuple(failure for report in reports for failure in report.failed),
        vanished=tuple(dict.fromkeys(paper for report in reports for paper in report.vanished)),
        removed=tuple(dict.fromkeys(paper for report in reports for paper in report.removed)),
    )
