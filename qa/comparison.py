"""Whether a run is better than an earlier one: the same questions, judged twice, figure by figure."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from qa.errors import ReadError
from qa.evaluation import Evaluation, Parts, answer_parts, found_parts, joined
from qa.judging import Judged, Place
from qa.paper import Record
from qa.selective import ranked_differences
from qa.significance import Difference, difference

REPORT: Final = "report.json"  # in the folder of a report
FORMAT: Final = "qa evaluation 2"  # raise it when the report's JSON changes

Differences = Mapping[str, Mapping[str, Difference]]


@dataclass(frozen=True)
class Comparison(Record):
    """Differences of all figures over the questions that both runs have, by group and name.

    `versions` are those of the earlier run; `notes` say which questions were left out, and why.
    """

    kinds: Differences
    answers: Differences
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What an earlier run wrote: its questions one by one, and its versions."""

    judged: tuple[Judged, ...]
    versions: Mapping[str, str]


def read_report(path: str | os.PathLike[str]) -> Report:
    """The report in a folder, or a `report.json` itself. Raises ReadError when it is none."""
    path = Path(path)
    path = path / REPORT if path.is_dir() else path
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise ValueError
        return Report(tuple(_judged(item) for item in values["questions"]), dict(values["versions"]))
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReadError(f"{path} is no report of this version: write one with `qa eval --report`") from error


def _judged(values: Mapping[str, Any]) -> Judged:
    changed = {
        "relevant": tuple(Place(**item) for item in values["relevant"]),
        "ranking": tuple(values["ranking"]),
        "top": tuple(values["top"]),
        "found": {name: float(value) for name, value in values["found"].items()},
        "answer": {name: (float(part), float(of)) for name, (part, of) in values["answer"].items()},
        "score": float(values["score"]),
    }
    return Judged(**{**values, **changed})


def compare(now: Evaluation, then: Report) -> Comparison:
    """What changed since an earlier run. Questions are matched by id, kind, wording and right papers."""
    here, there = ({(item.kind, item.id): item for item in run} for run in (now.judged, then.judged))
    both = {key for key in here.keys() & there.keys() if _same(here[key], there[key])}
    if not both:
        raise ReadError("the earlier report shares no question with this run: compare runs of one file")
    first, second = ([item for key, item in run.items() if key in both] for run in (here, there))
    return Comparison(
        kinds=_differences(found_parts, first, second),
        answers=joined(_differences(answer_parts, first, second), ranked_differences(first, second)),
        versions=then.versions,
        notes=tuple(
            f"{len(keys)} {'question' if len(keys) == 1 else 'questions'} {why}: {_named(keys)}"
            for why, keys in (
                ("only in this run", here.keys() - there.keys()),
                ("only in the earlier run", there.keys() - here.keys()),
                ("not the same in both runs", (here.keys() & there.keys()) - both),
            )
            if keys
        ),
    )


def _same(now: Judged, then: Judged) -> bool:
    titles = [sorted(item.title for item in run.relevant) for run in (now, then)]
    return now.question == then.question and titles[0] == titles[1]


def _named(keys: Iterable[tuple[str, str]]) -> str:
    ids = sorted(key for _, key in keys)
    return ", ".join(ids[:5]) + (" ..." if len(ids) > 5 else "")


def _differences(
    parts: Callable[[Sequence[Judged]], Parts], now: Sequence[Judged], then: Sequence[Judged]
) -> dict[str, dict[str, Difference]]:
    """Of the figures that both runs have; a figure needs something to divide by in each."""
    first, second = parts(now), parts(then)
    found: dict[str, dict[str, Difference]] = {}
    for group in first:
        for name in first[group]:
            ids = [key for key in first[group][name] if key in second.get(group, {}).get(name, {})]
            pairs = [[run[group][name][key] for key in ids] for run in (first, second) if ids]
            if pairs and all(any(n for _, n in run) for run in pairs):
                found.setdefault(group, {})[name] = difference(*pairs)
    return found
