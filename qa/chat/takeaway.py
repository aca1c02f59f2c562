"""Answers to take away: as Markdown or plain text with references and quotes, BibTeX, RIS, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from qa.chat.conversation import Turn, Turns
from qa.chat.references import reference
from qa.chat.stored import turn_to_dict
from qa.citations import FIELD_LABELS, segments
from qa.exporting import export
from qa.paper import Answer, Citation, Paper

# What Markdown could take for more than the character that it is.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$]|&(?=#?\w+;))|^(\s*)([-+=]|\d+[.)])", re.MULTILINE)

Escape = Callable[[str], str]


def markdown(turns: Turns) -> str:
    """Each question as a heading, its answer, and the papers behind it with what is quoted of them."""
    return _written(turns, "## ", _marked)


def plain(turns: Turns) -> str:
    """The same without marks, as it is pasted into a letter."""
    return _written(turns, "", lambda text: text)


def bibtex(turns: Turns) -> str:
    """The papers that are cited, once each."""
    return "".join(export(cited(turns), "bibtex"))


def ris(turns: Turns) -> str:
    """The papers that are cited, once each."""
    return "".join(export(cited(turns), "ris"))


def as_json(turns: Turns) -> str:
    """The whole of it, answers as `qa ask --json` prints them."""
    return json.dumps({"turns": [turn_to_dict(turn) for turn in turns]}, ensure_ascii=False, indent=2) + "\n"


# By the ending of a file's name: what it is called, its media type, and how it is written.
FORMATS: dict[str, tuple[str, str, Callable[[Turns], str]]] = {
    "md": ("Markdown", "text/markdown", markdown),
    "bib": ("BibTeX", "application/x-bibtex", bibtex),
    "ris": ("RIS", "application/x-research-info-systems", ris),
    "json": ("JSON", "application/json", as_json),
    "txt": ("Text", "text/plain", plain),
}


def cited(turns: Turns) -> list[Paper]:
    """The papers that answers cite, in the order of their first citation."""
    answers = [turn.answer for turn in turns if turn.answer]
    return list({c.paper.id: c.paper for answer in answers for c in answer.citations}.values())


def _written(turns: Turns, heading: str, escape: Escape) -> str:
    return "\n".join(line for turn in turns for line in _lines(turn, heading, escape)).strip() + "\n"


def _lines(turn: Turn, heading: str, escape: Escape) -> Iterator[str]:
    yield f"{heading}{escape(' '.join(turn.question.split()))}\n"
    if not turn.answer:
        yield f"{escape(turn.said or turn.note)}\n"
        return
    yield f"{_text(turn.answer, escape)}\n"
    for note in turn.answer.notes:
        yield f"{escape(note)}\n"
    if turn.answer.citations:
        yield f"{'#' if heading else ''}{heading}References\n"
        yield from _references(turn.answer.citations, escape)


def _text(answer: Answer, escape: Escape) -> str:
    """The answer's text; its markers and its own lists stay, all else shows as it stands."""
    pieces = segments(answer.text, answer.citations)
    return "".join(
        piece.text if piece.kind == "marker" else _listed(piece.text, escape, piece.kind == "text")
        for piece in pieces
    )


def _listed(text: str, escape: Escape, own: bool) -> str:
    return "\n- ".join(map(escape, text.split("\n- "))) if own else escape(text)


def _references(citations: Iterable[Citation], escape: Escape) -> Iterator[str]:
    for citation in citations:
        label = (
            "" if citation.field == "abstract" else f"{FIELD_LABELS.get(citation.field, citation.field)}: "
        )
        quote = " ".join(citation.quote.split())
        yield f"[{citation.number}] {escape(reference(citation.paper))}\n"
        yield f"> {label}{escape(f'“{quote}”')}\n"


def _marked(text: str) -> str:
    return _MARKS.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}{m[3][:-1]}\\{m[3][-1]}", text)
