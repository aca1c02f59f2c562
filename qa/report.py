"""An evaluation as a page that people look at and as JSON that programs read.

The page is one file that asks nothing of any host: plots are SVG, style and script stand in it. Both files
say the same for the same run, byte for byte: there is no date and no place in them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from qa.comparison import FORMAT, REPORT, Comparison
from qa.deciding import decision
from qa.errors import InvalidInput
from qa.evaluation import Evaluation, Measures
from qa.judging import NEVER, SHOWN, Judged, Place
from qa.plots import bars, differences, intervals, spoken
from qa.selective import evidence_coverage, risk_coverage
from qa.significance import Difference

PAGE: Final = "report.html"

MEANINGS: Final = {
    "nDCG@10": "how near the top the right papers stand among the first ten, 1 at best",
    "success@1": "share of questions with a right paper first",
    "recall@10": "share of the right papers among the first ten",
    "recall@100": "share of the right papers among the first hundred",
    "MRR": "one over the place of the first right paper",
    "AP": "average precision: the precision at the place of each right paper",
    "refused": "share of questions that are answered with a no; wanted for unanswerable ones only",
    "evidence in first 3": "share of questions with annotated evidence among the first three citations",
    "must include": "share of the expected strings that the answer says",
    "precision": "share of the quotes that overlap annotated evidence",
    "relevant cited": "share of the right papers that the answer cites (recall of the set)",
    "cited relevant": "share of the cited papers that are right (precision of the set)",
    "F1 of cited": "harmonic mean of these two",
    "right set": "share of questions answered with exactly the right papers",
    "citations exact": "share of answers whose every citation stands in its paper to the character",
    "AUC": "chance that the score of an answerable question is above that of an unanswerable one; 0.5 is "
    "guessing; n counts the unanswerable ones",
    "refused at 6 %": "share of unanswerable questions refused by the threshold that refuses 6 % of the "
    "answerable",
    "answered": "share of questions that are answered (coverage); like all of the decision, without metadata "
    "questions, which are answered from the records",
    "wrong of asked": "share of all questions asked that are answered though the papers do not answer them: "
    "what risk promises, of questions mixed like those it was calibrated on",
    "wrong of answers": "share of the answers given that the papers do not support (selective risk)",
    "answerable refused": "share of answerable questions that are refused",
    "without evidence": "share of answered questions with no annotated evidence among the first three "
    "citations; known of answers only, as a refusal does not say what it would have cited",
    "ternary score": "mean of 1 for an answer with evidence or a right refusal, 0 for refusing an answerable "
    "question, -1 for a wrong answer or one without evidence (Kalai and others, 2025)",
    "distributional score": "the same for the score s as a probability: s² with evidence, -s² without, 0 "
    "for a refused answerable question, 1 - 2s for an unanswerable one (after Burns, 2025)",
    "Brier score": "mean square of what the score lacks to 1 for an answerable question, to 0 for an "
    "unanswerable one; 0 at best (Brier, 1950)",
    "AURC": "area under the risk-coverage curve: mean share of unanswerable questions among the surest k, "
    "over all k; 0 at best, their share of all by chance (Geifman and El-Yaniv, 2017)",
    "AURC of evidence": "the same of answers without evidence, among answers",
}
_PLACES: Final = {"1": 1, "2": 2, "3": 3, "4–10": 10, "11–100": 100}  # the last place of each bar


def check_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder of a report, made if need be. Raises InvalidInput when it cannot be."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be a folder: {error.strerror}; name another one") from error
    return Path(folder)


def write_report(evaluation: Evaluation, folder: str | os.PathLike[str]) -> Path:
    """Write `report.html` and `report.json` into the folder; the path of the page."""
    folder = check_folder(folder)
    try:
        (folder / REPORT).write_text(json.dumps(report_json(evaluation)) + "\n", encoding="utf-8")
        (folder / PAGE).write_text(report_page(evaluation), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written: {error.strerror}; name another one") from error
    return folder / PAGE


def report_json(evaluation: Evaluation) -> dict[str, Any]:
    """The figures, points of curves, and each question with its values: what a later comparison needs."""
    questions = [item.to_dict() for item in evaluation.judged]
    curves = {
        "risk and coverage": [point.to_dict() for point in risk_coverage(evaluation.judged)],
        "evidence and coverage": [point.to_dict() for point in evidence_coverage(evaluation.judged)],
    }
    return {"format": FORMAT, **evaluation.to_dict(), "curves": curves, "questions": questions}


def report_page(evaluation: Evaluation) -> str:
    """The page, as HTML."""
    template = Template(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    name = evaluation.versions["questions"].split(" sha256:")[0]
    return template.substitute(
        title=escape(name),
        summary=_summary(evaluation),
        kinds=_kinds(evaluation),
        tables=_tables(evaluation),
        decision=decision(evaluation),
        comparison=_comparison(evaluation.comparison) if evaluation.comparison else "",
        misses=_misses(evaluation.judged),
        meanings=_meanings(evaluation),
        versions=_pairs(evaluation.versions),
    )


def _summary(evaluation: Evaluation) -> str:
    counts = _counts(evaluation.judged)
    kinds = ", ".join(f"{count} {escape(kind)}" for kind, count in counts.items())
    since = " Compared with an earlier run <a href='#comparison'>below</a>." if evaluation.comparison else ""
    return f"{sum(counts.values())} questions: {kinds}.{since}"


def _counts(judged: Iterable[Judged]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in judged:
        counts[item.kind] = counts.get(item.kind, 0) + 1
    return counts


# Figures -------------------------------------------------------------------------------------------


def _kinds(evaluation: Evaluation) -> str:
    """A card for each kind: its figures with their intervals, and where the right papers stand."""
    return "".join(_card(kind, count, evaluation) for kind, count in _counts(evaluation.judged).items())


def _card(kind: str, count: int, evaluation: Evaluation) -> str:
    parts = [f"<h3>{escape(kind)} <small>{count} questions</small></h3>"]
    found, answered = evaluation.kinds.get(kind, {}), evaluation.answers.get(kind, {})
    if found:
        places = _histogram(item for item in evaluation.judged if item.kind == kind)
        parts += [
            "<h4>Papers found</h4>",
            intervals(f"{kind}: {spoken(found)}", found),
            "<h4>Places of the right papers</h4>",
            bars(f"{kind}: " + ", ".join(f"place {name}: {n}" for name, n in places.items()), places),
        ]
    if answered:
        parts += ["<h4>Answers</h4>", intervals(f"{kind}: {spoken(answered)}", answered)]
    return f'<article class="card">{"".join(parts)}</article>'


def _histogram(judged: Iterable[Judged]) -> dict[str, int]:
    """How many right papers stand at each place, or are not among the first hundred."""
    counts = dict.fromkeys([*_PLACES, "not found"], 0)
    for place in (item.place for question in judged for item in question.relevant):
        name = next((name for name, last in _PLACES.items() if place and place <= last), "not found")
        counts[name] += 1
    return counts


def _tables(evaluation: Evaluation) -> str:
    tables = [_table("Papers found, with 95 % intervals", evaluation.kinds)]
    if evaluation.answers:
        tables.append(_table("Answers, with 95 % intervals", evaluation.answers))
    return "".join(tables)


def _table(caption: str, groups: Measures) -> str:
    rows = [
        [group, name, str(measure.n), f"{measure.value:.3f}", f"{measure.low:.2f}–{measure.high:.2f}"]
        for group, figures in groups.items()
        for name, measure in figures.items()
    ]
    return _rows(caption, ["group", "figure", "n", "value", "interval"], rows)


def _rows(caption: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heading)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _meanings(evaluation: Evaluation) -> str:
    shown = [
        name
        for groups in (evaluation.kinds, evaluation.answers)
        for of in groups.values()
        for name in of
        if name in MEANINGS
    ]
    return _pairs({name: MEANINGS[name] for name in dict.fromkeys(shown)})


def _pairs(values: Mapping[str, str]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in values.items())


# The way since an earlier run ----------------------------------------------------------------------


def _comparison(comparison: Comparison) -> str:
    groups = {f"Papers, {group}": of for group, of in comparison.kinds.items()}
    groups |= {f"Answers, {group}": of for group, of in comparison.answers.items()}
    moved = {group: of for group, of in groups.items() if any(item.difference for item in of.values())}
    cards = "".join(
        f'<article class="card"><h3>{escape(group)}</h3>'
        f"{differences(f'{group}: {_spoken_differences(of)}', of)}</article>"
        for group, of in moved.items()
    )
    still = " · ".join(escape(group) for group in groups if group not in moved)
    rows = [[group, name, *_cells(item)] for group, of in groups.items() for name, item in of.items()]
    heading = ["group", "figure", "n", "then", "now", "difference", "interval", "p"]
    notes = "".join(f"<li>{escape(note)}</li>" for note in comparison.notes)
    return (
        '<section id="comparison"><h2>Since the earlier run</h2>'
        "<p>Now less then, with its 95 % interval; right of zero is more. A filled dot: the paired "
        "randomisation test gives p below 0.05; a hollow one: chance may explain it. Of twenty figures "
        "that did not change, one passes by chance.</p>"
        f"<ul>{notes}</ul>"
        f'<div class="cards">{cards}</div>{f"<p>Where no figure changed: {still}</p>" if still else ""}'
        f"{_rows('Differences', heading, rows)}"
        f"<details><summary>Versions of the earlier run</summary><dl>{_pairs(comparison.versions)}</dl>"
        "</details></section>"
    )


def _spoken_differences(figures: Mapping[str, Difference]) -> str:
    return ", ".join(f"{name} {item.difference:+.3f}, p {item.p:.3f}" for name, item in figures.items())


def _cells(item: Difference) -> list[str]:
    ends = f"{item.low:+.2f} to {item.high:+.2f}"
    then, now = f"{item.then:.3f}", f"{item.now:.3f}"
    return [str(item.n), then, now, f"{item.difference:+.3f}", ends, f"{item.p:.3f}"]


# Misses --------------------------------------------------------------------------------------------


def _misses(judged: Sequence[Judged]) -> str:
    """The questions with a right paper out of place or a wrong answer, and a filter by kind.

    Within a kind the papers that were missed come first, and of these the worst ranking.
    """
    missed = [item for item in judged if item.missed or faults(item)]
    kinds = {kind: number for number, kind in enumerate(_counts(missed), 1)}
    missed.sort(key=lambda item: (kinds[item.kind], not item.missed, item.found.get("nDCG@10", 0.0)))
    return f"{_filter(missed, kinds)}{''.join(_miss(item, kinds[item.kind]) for item in missed)}"


def _filter(missed: Sequence[Judged], kinds: Mapping[str, int]) -> str:
    choices = [("all", 0, len(missed))]
    choices += [(kind, kinds[kind], count) for kind, count in _counts(missed).items()]
    buttons = "".join(
        f'<label><input type="radio" name="kind" value="{number}"{" checked" if not number else ""}>'
        f"<span>{escape(kind)} ({count})</span></label>"
        for kind, number, count in choices
    )
    return f'<fieldset id="filter"><legend>Show</legend>{buttons}</fieldset>'


def faults(item: Judged) -> list[str]:
    """What is wrong with the answer to a question, in words; nothing for a collection."""
    reached = {name: part >= of for name, (part, of) in item.answer.items()}
    if item.kind == NEVER:
        wrong = [] if reached.get("refused", True) else ["answered, though no paper does"]
    elif reached.get("refused", False):
        wrong = ["refused, though the papers answer it"]
    else:
        wrong = [said for name, said in _FAULTS.items() if not reached.get(name, True)]
    return wrong + (["a citation is not exact"] if not reached.get("citations exact", True) else [])


_FAULTS: Final = {
    "evidence in first 3": "no annotated evidence among the first three citations",
    "right set": "not exactly the right papers",
    "must include": "an expected string is not said",
}


def _miss(item: Judged, number: int) -> str:
    asked = f"<p>Searched for: <bdi>{escape(item.asked)}</bdi></p>" if item.asked != item.question else ""
    wrong = "".join(f"<li>{fault}</li>" for fault in faults(item))
    right = "".join(f"<li{_late(place, item)}>{_placed(place)}</li>" for place in item.relevant)
    above = "".join(f'<li value="{place}"><bdi>{escape(title)}</bdi></li>' for place, title in item.above)
    parts = [
        ("The answer", f"<ul>{wrong}</ul>" if wrong else ""),
        ("Right papers", f"<ul>{right}</ul>" if right else ""),
        (f"Ranked above, of the first {SHOWN}", f"<ol>{above}</ol>" if above else ""),
    ]
    lists = "".join(f"<div><h4>{name}</h4>{of}</div>" for name, of in parts if of)
    return (
        f'<article class="miss" data-kind="{number}"><h3><bdi>{escape(item.question)}</bdi></h3>'
        f'<p class="tags"><span>{escape(item.kind)}</span> <span>{escape(item.id)}</span></p>'
        f"{asked}{lists}</article>"
    )


def _late(place: Place, item: Judged) -> str:
    return ' class="late"' if place in item.missed else ""


def _placed(item: Place) -> str:
    where = f"place {item.place}" if item.place else "not found"
    return f"<b>{where}</b> <bdi>{escape(item.title)}</bdi>"
