"""Turns as JSON and back: what the archive keeps and what a reader can take away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from qa.chat.conversation import Turn
from qa.paper import Answer, Citation, Hit, LeftOut, Paper, Passage, Record

R = TypeVar("R", bound=Record)

BROKEN_OFF = "This answer broke off. “Ask again” asks the same question once more."


def turn_to_dict(turn: Turn) -> dict[str, Any]:
    """A turn as JSON values. One that is still open is kept as one that broke off."""
    return {
        "question": turn.question,
        "said": "" if turn.answer else turn.said,
        "note": BROKEN_OFF if turn.open else turn.note,
        "answer": turn.answer.to_dict() if turn.answer else None,
    }


def turn_from_dict(values: Mapping[str, Any]) -> Turn:
    """The turn that `turn_to_dict` made these values of."""
    answer = answer_from_dict(values["answer"]) if values["answer"] else None
    return Turn(values["question"], said=values["said"], note=values["note"], answer=answer)


def answer_from_dict(values: Mapping[str, Any]) -> Answer:
    """The answer of which `Answer.to_dict` made these values. Fields of a later version are left out."""
    return _record(
        Answer,
        values,
        citations=[_record(Citation, c, paper=_record(Paper, c["paper"])) for c in values["citations"]],
        hits=[_hit(hit) for hit in values["hits"]],
        nearest=[_record(Paper, paper) for paper in values["nearest"]],
        left_out=[_record(LeftOut, sentence) for sentence in values.get("left_out", ())],
    )


def _hit(values: Mapping[str, Any]) -> Hit:
    paper, passage = _record(Paper, values["paper"]), _record(Passage, values["passage"])
    return _record(Hit, values, paper=paper, passage=passage)


def _record(kind: type[R], values: Mapping[str, Any], **inner: Record | Iterable[Record]) -> R:
    """A record from JSON values: lists as tuples, and the `inner` records in their places."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    found = {name: value for name, value in {**values, **inner}.items() if name in known}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})
