"""The part of a report's page that shows answering and refusing: by sort, and at every threshold."""

from __future__ import annotations

from html import escape

from qa.evaluation import Evaluation
from qa.judging import NEVER
from qa.plots import Curve, curves, intervals, spoken
from qa.questions import SORTS
from qa.selective import (
    DECISION,
    OF_ANSWERS,
    OF_ASKED,
    PROMISED,
    RISK,
    WHOLES,
    evidence_coverage,
    risk_coverage,
    risk_reached,
)
from qa.significance import Measure


def decision(evaluation: Evaluation) -> str:
    """The section as HTML; empty where nothing was decided, as in a collection."""
    figures = evaluation.answers.get(DECISION, {})
    if not figures:
        return ""
    cards = (_refused(evaluation), _told_apart(evaluation), _risk(evaluation), _evidence(evaluation))
    reached = risk_reached(figures, evaluation.versions.get(RISK))
    return (
        '<section id="decision"><h2>Answering and refusing</h2>'
        f"<p>{escape(reached)} Metadata questions have no part in this.</p>"
        f'<div class="cards">{"".join(cards)}</div></section>'
    )


def _card(heading: str, content: str) -> str:
    return f'<article class="card"><h3>{heading}</h3>{content}</article>' if content else ""


def _refused(evaluation: Evaluation) -> str:
    figures = evaluation.answers[DECISION]
    answerable = figures.get("answerable refused")
    shares = ({"answerable": answerable} if answerable else {}) | _by_sort(evaluation, "refused")
    worth = {name: figures[name] for name in ("ternary score", "distributional score") if name in figures}
    plots = intervals(f"refused: {spoken(shares)}", shares) if shares else ""
    if worth:
        plots += f"<h4>What the decisions are worth, from -1 to 1</h4>{intervals(spoken(worth), worth, -1.0)}"
    return _card("Refused", plots)


def _by_sort(evaluation: Evaluation, name: str) -> dict[str, Measure]:
    groups = {group: evaluation.answers.get(group, {}) for group in (*SORTS, NEVER)}
    return {group: figures[name] for group, figures in groups.items() if name in figures}


def _told_apart(evaluation: Evaluation) -> str:
    plots = ""
    for name, heading in (
        ("refused at 6 %", "Refused where 6 % of the answerable are"),
        ("AUC", "Chance that an answerable one scores higher (AUC)"),
    ):
        if found := _by_sort(evaluation, name):
            plots += f"<h4>{heading}</h4>{intervals(f'{name}: {spoken(found)}', found)}"
    return _card("What the score tells apart", plots)


def _risk(evaluation: Evaluation) -> str:
    """Both risks at every threshold; dots are where the library decides, a level line what may pass."""
    points = risk_coverage(evaluation.judged)
    if not points:
        return ""
    figures = evaluation.answers[DECISION]
    here = figures["answered"].value
    given = [(point.coverage, point.risk) for point in points]
    risks = {OF_ANSWERS: given, OF_ASKED: [(coverage, risk * coverage) for coverage, risk in given]}
    lines = [
        Curve(f"of {WHOLES[name]}", line, (here, figures[name].value) if name in figures else None)
        for name, line in risks.items()
    ]
    if risk := evaluation.versions.get(RISK):
        level = [(0.0, float(risk)), (1.0, float(risk))]
        lines.append(Curve(f"risk={risk}: of {WHOLES[PROMISED]} may pass", level))
    said = {name: figures[name] for name in ("answered", OF_ASKED, OF_ANSWERS, "AURC") if name in figures}
    plot = curves(f"risk and coverage: {spoken(said)}", "share of questions answered", lines)
    note = "<h4>Answered though the papers do not answer, by threshold; dots: as it is</h4>"
    return _card("Risk and coverage", f"{note}{plot}{intervals(spoken(said), said)}")


def _evidence(evaluation: Evaluation) -> str:
    points = evidence_coverage(evaluation.judged)
    if not points:
        return ""
    figures = evaluation.answers[DECISION]
    said = {name: figures[name] for name in ("without evidence", "AURC of evidence")}
    line = Curve("of the answers kept", [(p.coverage, p.risk) for p in points])
    plot = curves(f"evidence and coverage: {spoken(said)}", "share of answers kept, the surest first", [line])
    note = "<h4>Answers without evidence in the first three citations</h4>"
    return _card("Evidence and coverage", f"{note}{plot}{intervals(spoken(said), said)}")
