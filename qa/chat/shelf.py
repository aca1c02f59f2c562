"""The papers of a library as a list: which of them, in what order, and as HTML. Knows nothing of Gradio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from qa.chat.cards import abstract, cite, escaped, heading, link
from qa.chat.conversation import Answering
from qa.citations import shown_title
from qa.errors import QAError
from qa.estimate import Estimate
from qa.filters import make_filters
from qa.paper import AddReport, Failure, Paper
from qa.text import fold

PAGE = 40  # papers that are shown at first, and more each time
MOST_FAILURES_SHOWN = 200
MOST_COMPARED = 6  # papers
ORDERS = ("Title", "Newest first", "Oldest first", "Most comments")


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants to see: papers with all `words` in them, within the bounds that are not blank."""

    words: str = ""
    order: str = ORDERS[0]
    author: str = ""
    source: str = ""
    since: str = ""
    until: str = ""


def chosen(papers: Iterable[Paper], wanted: Wanted) -> list[Paper]:
    """The papers that are wanted, in order. Raises InvalidInput for a date that is none."""
    bounds = make_filters(
        wanted.since.strip() or None,
        wanted.until.strip() or None,
        wanted.author.strip() or None,
        wanted.source.strip() or None,
    )
    words = fold(wanted.words).split()
    found = [paper for paper in papers if bounds.admits(paper) and _holds(paper, words)]
    if wanted.order == ORDERS[3]:
        return sorted(found, key=lambda paper: -(paper.comments if paper.comments is not None else -1))
    if wanted.order in ORDERS[1:3]:  # those without a date come last either way
        dated = [paper for paper in found if paper.published]
        dated.sort(key=lambda paper: paper.published or "", reverse=wanted.order == ORDERS[1])
        return dated + [paper for paper in found if not paper.published]
    return sorted(found, key=lambda paper: fold(paper.title))


def _holds(paper: Paper, words: Sequence[str]) -> bool:
    text = fold(" ".join((paper.title, paper.abstract, *paper.authors, paper.organisation or "")))
    return all(word in text for word in words)


def list_html(papers: Sequence[Paper], total: int, shown: int = PAGE, compared: Sequence[Paper] = ()) -> str:
    """The first `shown` of the papers that were chosen from `total`, and a button for more.

    Above them those that were put aside to be `compared`.
    """
    if not total:
        return '<p class="none">This library holds no papers yet: add some above.</p>'
    count = f"{len(papers):,} of {total:,} papers" if len(papers) != total else _papers(total)
    known = {paper.id for paper in compared}
    rows = "".join(_row(paper, paper.id in known) for paper in papers[:shown])
    rest = len(papers) - shown
    more = f'<button class="more" data-do="more">Show {min(rest, PAGE)} more of {rest:,}</button>'
    count = f'<p class="count" role="status">{count}</p>'
    return f'{_aside(compared)}{count}<div class="papers">{rows}</div>{more if rest > 0 else ""}'


def _aside(compared: Sequence[Paper]) -> str:
    """The papers that are put aside, and the button that compares them once there are two."""
    if not compared:
        return ""
    names = "; ".join(f"“{escaped(shown_title(paper))}”" for paper in compared)
    ready = '<button data-do="against">Compare them</button>' if len(compared) > 1 else ""
    more = f" (at most {MOST_COMPARED})" if len(compared) == MOST_COMPARED else ""
    return (
        f'<div class="aside"><p role="status">To compare{more}: {names}</p>'
        f'<div class="links">{ready}<button data-do="none">Put them back</button></div></div>'
    )


def comparison(compared: Sequence[Paper]) -> str:
    """The question that compares papers.

    >>> comparison([Paper("a", "Gates", ""), Paper("b", "Flows", "")])
    'Compare “Gates” and “Flows”'
    """
    names = [f"“{shown_title(paper)}”" for paper in compared]
    return f"Compare {', '.join(names[:-1])} and {names[-1]}"


def _row(paper: Paper, compared: bool) -> str:
    known = escaped(paper.id)
    ask = f'<button data-do="ask" data-id="{known}">Ask about this paper</button>'
    name = "Do not compare" if compared else "Compare"
    ask += f'<button data-do="compare" data-id="{known}">{name}</button>'
    remove = (
        '<details class="removing"><summary>Remove</summary>'
        f"<p>Take this paper out of the library, for everybody?</p>"
        f'<button class="danger" data-do="remove" data-id="{known}">Yes, remove</button></details>'
    )
    return (
        f'<details class="card"><summary>{heading(paper)}</summary>{abstract(paper)}'
        f'<div class="links">{ask}{link(paper)}{cite(paper)}{remove}</div></details>'
    )


# Adding --------------------------------------------------------------------------------------------


def adding(library: Answering, files: Sequence[Path]) -> Iterator[str]:
    """Add the papers of files, one file after another; meanwhile what to show, at last what came of it."""
    reports: list[AddReport] = []
    for number, file in enumerate(files, 1):
        yield _progress(file, number, len(files))
        with ThreadPoolExecutor(1) as thread:
            told = SimpleQueue[tuple[int, int] | None]()
            work = thread.submit(_added, library, file, told)
            estimate = Estimate()
            while step := told.get():
                yield _progress(file, number, len(files), *step, estimate.left(*step))
        reports.append(work.result())
    yield report_html(reports)


def _added(library: Answering, file: Path, told: SimpleQueue[tuple[int, int] | None]) -> AddReport:
    """Add the papers of one file, and tell how far it is; None at the end."""
    try:
        # The file is a passing copy of what somebody sent.
        return library.add(file, on_progress=lambda done, total: told.put((done, total)), follow=False)
    except QAError as error:
        return AddReport(failed=(Failure(file.name, "file", str(error)),))
    finally:
        told.put(None)


def _progress(file: Path, number: int, files: int, done: int = 0, total: int = 0, left: str = "") -> str:
    place = f" (file {number} of {files})" if files > 1 else ""
    bar = f'<progress max="{total}" value="{done}"></progress>' if total else "<progress></progress>"
    count = f", {done:,} of {_papers(total)}" if total else ""
    count += f", {left}" if left else ""
    return f'<p role="status">Adding {escaped(file.name)}{place}{count} … {bar}</p>'


def report_html(reports: Iterable[AddReport]) -> str:
    """What was added, in numbers, and a line for each thing that could not be read, with the reason."""
    reports = list(reports)
    counts = [
        (sum(report.added for report in reports), "added"),
        (sum(report.updated for report in reports), "completed"),
        (sum(report.unchanged for report in reports), "known already"),
        (sum(report.merged for report in reports), "repeated"),
    ]
    said = ", ".join(f"{_papers(count)} {what}" for count, what in counts if count) or "No paper added"
    failed = [failure for report in reports for failure in report.failed]
    if not failed:
        return f'<p role="status">{said}.</p>'
    rows = "".join(
        f"<li><b>{escaped(failure.source)}</b>, {escaped(failure.place)}: {escaped(failure.reason)}</li>"
        for failure in failed[:MOST_FAILURES_SHOWN]
    )
    rest = len(failed) - MOST_FAILURES_SHOWN
    rows += f"<li>and {rest:,} more</li>" if rest > 0 else ""
    return f'<p role="status">{said}; {len(failed):,} could not be read:</p><ul class="failed">{rows}</ul>'


def _papers(count: int) -> str:
    return "1 paper" if count == 1 else f"{count:,} papers"
