"""What a language model writes, cut into sentences with the numbers that each cites, while it still writes.

A marker belongs to the sentence that it stands in or after. What stands before the answer proper (a chain of
thought in its tags) is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from qa.text import sentence_spans

_MARKER: Final = re.compile(
    r"\s*[\[【(]\s*\^?(?:(?:ids?|sentences?|evidence|sources?|refs?)\W*)?"
    r"(?P<ids>\d{1,3}(?:\s*(?:[,;–-]|and|,\s*and)\s*\d{1,3})*)\s*(?:\]|】|(?<=\d)\)(?=[\s.!?]|$))",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+(?=\S)")
_UNCLOSED: Final = re.compile(r"\s*[\[【(][^\]】)]{0,20}$")
_ENDED: Final = re.compile(r"[.!?…:;][\"'”’)\]*_]*$")
_MAY_END: Final = re.compile(r"[.!?]\S*\s+\S|\n")
# Characters that people do not see and models do, those that turn the direction of writing among them.
UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_MOST_IDS: Final = 20
NOTHING: Final = "NOTHING"  # what a model is told to write where the evidence does not answer


@dataclass(frozen=True)
class Draft:
    """A sentence as a model wrote it, without its markers; `lead` is the white space and bullet before it."""

    lead: str
    text: str
    ids: tuple[int, ...]


def drafts(pieces: Iterable[str]) -> Iterator[Draft]:
    """The sentences of a text that comes in pieces, each as soon as the next one has begun."""
    buffer, lead = "", ""
    for piece in without_thoughts(pieces):
        buffer += piece
        while (cut := _end_of_first(buffer)) is not None:
            found = _draft(buffer[:cut], lead)
            lead = _lead_after(buffer[:cut], lead) if found is None else _lead_after(buffer[:cut], " ")
            buffer = buffer[cut:]
            if found:
                yield found
    if (last := _draft(buffer, lead)) and _is_whole(buffer):
        yield last


def _end_of_first(buffer: str) -> int | None:
    """Where the first sentence or line ends, its markers included; None while that cannot be told."""
    if not _MAY_END.search(buffer):
        return None
    line, broken, _ = buffer.partition("\n")
    start = match.end() if (match := _BULLET.match(line)) else 0
    blank = line[:start] + _MARKER.sub(lambda m: " " * len(m[0]), line[start:])
    spans = sentence_spans(blank[start:])
    if len(spans) > 1 and (broken or not _UNCLOSED.match(blank[start + spans[0][1] :])):
        return start + spans[1][0]
    return len(line) + 1 if broken else None


def _lead_after(written: str, lead: str) -> str:
    """What stands before the next sentence, after `written`."""
    if not written.endswith("\n"):
        return lead
    return "\n\n" if not written.strip() and lead.startswith("\n") else "\n"


def _draft(written: str, lead: str) -> Draft | None:
    """A sentence without its markers; None where there are no words."""
    if bullet := _BULLET.match(written):
        lead, written = "\n- ", written[bullet.end() :]
    ids = [number for match in _MARKER.finditer(written) for number in _ids(match["ids"])]
    text = " ".join(re.sub(r"\*\*|^\s*#+|`", "", UNSEEN.sub(" ", _MARKER.sub("", written))).split())
    text = re.sub(r"\s+([.,;:!?])", r"\1", text)
    if not re.search(r"\w", text) or text.strip(".") == NOTHING:
        return None
    return Draft(lead, text, tuple(dict.fromkeys(ids)))


def _ids(listed: str) -> Iterator[int]:
    for first, last in re.findall(r"(\d+)(?:\s*[–-]\s*(\d+))?", listed):
        start, stop = int(first), int(last or first)
        yield from range(start, min(stop, start + _MOST_IDS) + 1)


def _is_whole(written: str) -> bool:
    """Whether a text that came to its end did so at the end of a sentence."""
    ends_in_marker = any(match.end() == len(written.rstrip()) for match in _MARKER.finditer(written))
    return ends_in_marker or bool(_ENDED.search(written.rstrip()))


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces without a first part between <think> and </think>."""
    held: str | None = ""
    for piece in pieces:
        if held is None:
            yield piece
            continue
        held += piece
        start = held.lstrip()
        if start.startswith("<think>"):
            _, closed, rest = start.partition("</think>")
            if closed:
                held = None
                yield rest.lstrip()
        elif not "<think>".startswith(start):
            held = None
            yield start
    if held and not held.lstrip().startswith("<think>"):
        yield held
