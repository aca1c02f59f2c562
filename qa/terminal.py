"""What people read in a terminal: answers, hits and tables as text, and progress.

Text from papers goes through `visible` first: a title must not be able to move the cursor, change
colours or turn the direction of what stands around it.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qa.estimate import Estimate
from qa.paper import AddReport, Answer, Citation, Hit, Paper

if TYPE_CHECKING:
    from qa.comparison import Comparison
    from qa.evaluation import Evaluation, Measures
    from qa.library import LibraryStatus

WIDEST = 100  # longer lines are hard to read
NAMED_AUTHORS = 3
FILES = 100  # that are listed as indexed
_SECONDS_BETWEEN_LINES = 5.0  # of progress, where a bar cannot be redrawn

# White space aside, control characters become their pictures; those without one, and the marks that
# turn the direction of writing, their number.
_VISIBLE = {code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)}
_VISIBLE |= {9: " ", 0x7F: "␡"}
_NUMBERED = ((0x80, 0x9F), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069))
_VISIBLE |= {code: f"<U+{code:04X}>" for first, last in _NUMBERED for code in range(first, last + 1)}


def visible(text: str) -> str:
    r"""`text` with every character shown that a terminal would act upon; line breaks stay.

    >>> visible("red \x1b[31m, turned \u202e.")
    'red ␛[31m, turned <U+202E>.'
    """
    return text.translate(_VISIBLE)


def one_line(text: str) -> str:
    """`text` made visible on one line, each run of white space one space."""
    return visible(" ".join(text.split()))


def wrapped(text: str, indent: str = "", hanging: str = "") -> str:
    """`text` made visible and broken at the terminal's width, each of its lines by itself.

    Each line begins with `indent`; what it continues on, with `hanging` besides. Words are never broken,
    so that quotes and links can be copied.
    """
    lines: list[str] = []
    for line in visible(text).split("\n"):
        lines += textwrap.wrap(
            line,
            _width(),
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines)


def _width() -> int:
    return max(20, min(shutil.get_terminal_size().columns, WIDEST))


# Papers and answers --------------------------------------------------------------------------------


def answer_text(answer: Answer) -> str:
    """An answer, then the papers that it quotes; after a refusal, the nearest papers."""
    parts = ["\n".join(_line(line) for line in answer.text.split("\n"))]
    if answer.citations:
        parts += ["Sources", *_sources(answer.citations)]
    elif answer.nearest:
        parts += ["Nearest papers", "\n".join(_item("-", paper) for paper in answer.nearest)]
    if answer.answered:
        parts.append(f"Confidence: {answer.confidence}")
    parts += [wrapped(f"Note: {note}") for note in answer.notes]
    return "\n\n".join(parts)


def _line(line: str) -> str:
    """A line of an answer; what goes on from an item of a list, or from a cell under it, is set in."""
    return wrapped(line, hanging="  " if line.startswith("- ") else "    " if line.startswith("  ") else "")


def _sources(citations: Sequence[Citation]) -> Iterator[str]:
    """One entry for each paper, under the numbers of its citations."""
    numbers: dict[str, str] = {}
    for citation in citations:
        paper_id = citation.paper.id
        numbers[paper_id] = " ".join(filter(None, [numbers.get(paper_id), f"[{citation.number}]"]))
    papers = {citation.paper.id: citation.paper for citation in citations}
    yield from (_item(mark, papers[paper_id]) for paper_id, mark in numbers.items())


def _item(mark: str, paper: Paper) -> str:
    """A paper under its mark: the title, then what else is known of it."""
    return "\n".join(
        [wrapped(f"{mark} {one_line(paper.title)}", hanging="    "), wrapped(_details(paper), "    ")]
    )


def _details(paper: Paper) -> str:
    known = (_authors(paper), paper.organisation, paper.published, ", ".join(paper.source), _link(paper))
    return one_line(" · ".join(part for part in known if part))


def _authors(paper: Paper) -> str:
    named = ", ".join(paper.authors[:NAMED_AUTHORS])
    count = paper.author_count or len(paper.authors)
    if not named:
        return f"{count} {'author' if count == 1 else 'authors'}" if count else ""
    others = count - NAMED_AUTHORS
    return named if others < 1 else f"{named} and {others} more"


def _link(paper: Paper) -> str:
    if paper.url:
        return paper.url
    if paper.doi:
        return f"https://doi.org/{paper.doi}"
    return f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else f"id:{paper.id}"


def hits_text(hits: Sequence[Hit]) -> str:
    """Papers that were found, best first, each with its best passage."""
    if not hits:
        return "No paper found."
    return "\n\n".join(_hit(place, hit) for place, hit in enumerate(hits, 1))


def _hit(place: int, hit: Hit) -> str:
    passage = " ".join(hit.passage.text.split())
    return "\n".join([_item(f"{place}.", hit.paper), *([wrapped(passage, "    ")] if passage else [])])


def paper_line(paper: Paper) -> str:
    """A paper on one line: its id, its date and its title."""
    return f"{one_line(paper.id)}  {paper.published or '-':<10}  {one_line(paper.title)}"


def report_line(report: AddReport) -> str:
    """What an `add` did, on one line."""
    counts = [
        f"{report.added} added",
        f"{report.updated} updated",
        f"{report.unchanged} unchanged",
        f"{report.merged} merged",
    ]
    others = {"vanished": report.vanished, "removed": report.removed, "failed": report.failed}
    return ", ".join([*counts, *(f"{len(which)} {name}" for name, which in others.items() if which)])


def status_text(status: LibraryStatus) -> str:
    """What a library is, one property a line; then a line for each file, with what is to be said of it."""
    lines = [(name, value) for name, value in status.to_dict().items() if isinstance(value, (str, int))]
    lines += [("indexed", f"{known.file} ({known.papers:,})") for known in status.indexed[:FILES]]
    if (more := len(status.indexed) - FILES) > 0:
        lines.append(("indexed", f"and {more:,} more files, which --json lists"))
    lines += [("failed", f"{failure.source}: {failure.place}: {failure.reason}") for failure in status.failed]
    lines += [("stale", f"{stale.file}: {stale.reason}") for stale in status.stale]
    return "\n".join(f"{name:<12}{one_line(str(value))}" for name, value in lines)


# Evaluation ----------------------------------------------------------------------------------------


def evaluation_text(evaluation: Evaluation) -> str:
    """How well papers were found, how well questions were answered, and what changed since an earlier run."""
    from qa.selective import DECISION, RISK, risk_reached

    lines = ["Papers found", *_figures(evaluation.kinds)]
    if evaluation.answers:
        lines += ["", "Answers", *_figures(evaluation.answers)]
    reached = risk_reached(evaluation.answers.get(DECISION, {}), evaluation.versions.get(RISK))
    lines += ["", *([reached] if reached else [])]
    lines += ["In brackets the interval that holds the figure with 95 % certainty."]
    if evaluation.comparison:
        lines += ["", *_comparison(evaluation.comparison)]
    return "\n".join(lines)


def _figures(groups: Measures) -> Iterator[str]:
    for group, figures in groups.items():
        for name, measure in figures.items():
            interval = f"({measure.low:.2f}-{measure.high:.2f})"
            yield f"  {one_line(group):<13} {name:<20}{measure.n:>6}{measure.value:>8.3f} {interval}"


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield f"Since the earlier run{'now':>27}{'change':>9}{'interval':>17}{'p':>7}"
    for groups in (comparison.kinds, comparison.answers):
        for group, figures in groups.items():
            for name, item in figures.items():
                interval = f"({item.low:+.2f} to {item.high:+.2f})"
                change = f"{item.now:>8.3f}{item.difference:>+9.3f}{interval:>17}{item.p:>7.3f}"
                yield f"  {one_line(group):<13} {name:<20}{'':>4}{change}"
    yield "p: of a paired randomisation test; below 0.05, chance alone seldom makes such a change."


# Progress ------------------------------------------------------------------------------------------


class Progress:
    """Shows on standard error how far a task has come; call it with what is done and the total.

    One line that counts up in a terminal, with the time that is left as soon as it can be told; elsewhere
    a line now and then, the first at once.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._next_line = 0.0
        self._estimate = Estimate()
        self._longest = 0

    def __call__(self, done: int, total: int) -> None:
        left = self._estimate.left(done, total)
        line = f"{self._label}: {done:,} of {total:,}" + (f", {left}" if left else "")
        if sys.stderr.isatty():
            self._longest = max(self._longest, len(line))  # what is longer than this line is wiped out
            sys.stderr.write(f"\r{line.ljust(self._longest)}" + "\n" * (done == total))
            sys.stderr.flush()
        elif done == total or time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
            sys.stderr.write(f"{line}\n")
