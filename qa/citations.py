"""The gate between an answerer and a reader: every claim is bound to a span, and the span is checked.

An answerer hands over claims, each with the quote that it says stands in a paper. The gate looks
the quote up, to the character. What is not there is dropped and counted; what is there gets the
next number. A sentence in a model's own words must be supported by what it cites, besides. The text
that readers see is put together here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from qa.paper import Answer, Citation, LeftOut, Paper
from qa.support import Source, contradiction

WRITTEN: Final = "writing"  # the prompt in the versions of an answer that a language model wrote


@dataclass(frozen=True)
class Claim:
    """A quote and where it is said to stand. For a field other than the abstract start = end = 0."""

    paper_id: str
    quote: str
    start: int
    end: int
    field: str = "abstract"


@dataclass(frozen=True)
class Block:
    """A stretch of an answer: words of the program's own, then claims. Without a claim left it is dropped.

    A lead may name papers by their titles, and holds no quote and no marker; one that does is left out.
    """

    lead: str
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Written:
    """A sentence in a model's own words, after `lead`, and the claims that it cites.

    `unknown` are numbers that it cites and that stand for nothing.
    """

    lead: str
    text: str
    claims: tuple[Claim, ...]
    unknown: tuple[int, ...] = ()


# What is wrong with a sentence that cites these sources, in words; None for one that they support.
Check = Callable[[str, Sequence[Source]], str | None]


class Gate:
    """Lets an answer through block by block; knows only the papers that were found for it.

    `check` judges written sentences.
    """

    def __init__(self, papers: Mapping[str, Paper], check: Check = contradiction) -> None:
        self._papers = papers
        self._check = check
        self._numbers: dict[Claim, int] = {}
        self._citations: list[Citation] = []
        self.dropped: list[Claim] = []
        self.left_out: list[LeftOut] = []

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What has been let through so far, in the order of the numbers."""
        return tuple(self._citations)

    def admit(self, block: Block | Written) -> Iterator[str]:
        """The pieces of text of a block, one for each claim that holds; or a sentence that is supported."""
        if isinstance(block, Written):
            yield from self._admit_written(block)
            return
        lead = block.lead if self._is_plain(block.lead) else ""
        if not block.claims and lead:
            yield lead
        for claim in block.claims:
            if self._holds(claim):
                yield f"{lead} {quoted(claim.quote)} [{self._number(claim)}]"
                lead = ""
            else:
                self.dropped.append(claim)

    def _admit_written(self, sentence: Written) -> Iterator[str]:
        """The sentence and its markers, in rising order."""
        self.left_out += [LeftOut(f"[{number}]", "cites nothing") for number in sentence.unknown]
        claims = [claim for claim in sentence.claims if self._holds(claim)]
        text = _without_marks(sentence.text)
        sources = [Source(self._papers[claim.paper_id], claim.quote) for claim in claims]
        fault = self._check(text, sources) if claims else "cites nothing"
        if fault:
            self.left_out.append(LeftOut(sentence.text, fault))
        else:
            numbers = sorted(map(self._number, claims))
            yield f"{sentence.lead}{text} {' '.join(f'[{number}]' for number in numbers)}"

    def _is_plain(self, lead: str) -> bool:
        """Whether a lead says nothing that looks like a quote or a marker, titles apart."""
        for paper in sorted(self._papers.values(), key=lambda paper: -len(paper.title)):
            lead = lead.replace(shown_title(paper), "") if paper.title else lead
        return not re.search(r"[“”]|\[\d+\]", lead)

    def _holds(self, claim: Claim) -> bool:
        paper = self._papers.get(claim.paper_id)
        if paper is None or not claim.quote.strip():
            return False
        if claim.field != "abstract":
            return claim.start == claim.end == 0 and claim.quote == field_text(paper, claim.field)
        return 0 <= claim.start < claim.end and paper.abstract[claim.start : claim.end] == claim.quote

    def _number(self, claim: Claim) -> int:
        if claim not in self._numbers:
            self._numbers[claim] = len(self._numbers) + 1
            paper = self._papers[claim.paper_id]
            number = self._numbers[claim]
            self._citations.append(Citation(number, paper, claim.quote, claim.start, claim.end, claim.field))
        return self._numbers[claim]


def _without_marks(text: str) -> str:
    """A model's sentence with straight quotation marks, so that only the program's own are curved."""
    return re.sub(r"[“”„«»]", '"', re.sub(r"\[(\d+)\]", "", text))


def shown_title(paper: Paper) -> str:
    """A title as it stands in an answer's text: on one line."""
    return " ".join(paper.title.split())


def quoted(quote: str) -> str:
    """A quote between its marks, as it stands in an answer's text."""
    return f"“{quote}”"


# What the fields of a record are called beside their values.
FIELD_LABELS = {
    "title": "title",
    "published": "published",
    "authors": "authors",
    "author_count": "number of authors",
    "comments": "comments",
    "organisation": "organisation",
    "venue": "venue",
    "source": "file",
    "url": "link",
    "doi": "DOI",
    "arxiv_id": "arXiv id",
}


def field_text(paper: Paper, field: str) -> str | None:
    """A field of the record as text, lists joined by ", "; None when it is not known or no field."""
    value = getattr(paper, field, None)
    if isinstance(value, tuple):
        value = ", ".join(value)
    return None if value in (None, "") else str(value)


def faults(answer: Answer) -> list[str]:
    """What is wrong with an answer's citations, in words; nothing for what the gate let through."""
    found = []
    for place, citation in enumerate(answer.citations, 1):
        if citation.number != place:
            found.append(f"citation {place} has the number {citation.number}")
        if not _stands(citation):
            found.append(f"[{citation.number}] is not in {citation.paper.title!r}: {citation.quote!r}")
    return found + _faults_of_text(answer)


def _faults_of_text(answer: Answer) -> list[str]:
    """Every quote must be followed by the marker of its citation, every marker follow its quote.

    In an answer that a model wrote markers follow a sentence, which what they point to must not contradict.
    """
    found = []
    pieces = segments(answer.text, answer.citations)
    if WRITTEN in answer.versions:
        return [*_faults_of_sentences(pieces, answer.citations), *_faults_of_numbers(pieces, answer)]
    quotes = {citation.number: quoted(citation.quote) for citation in answer.citations}
    for place, piece in enumerate(pieces):
        before = "".join(earlier.text for earlier in pieces[max(0, place - 2) : place])
        if piece.kind == "marker" and before != f"{quotes[piece.number]} ":
            found.append(f"marker {piece.text} does not follow its quote")
    found += [f"a quote of nothing: {p.text!r}" for p in pieces if p.kind == "text" and "“" in p.text]
    return found + _faults_of_numbers(pieces, answer)


def _faults_of_sentences(pieces: Sequence[Segment], citations: Sequence[Citation]) -> Iterator[str]:
    """Each stretch of text up to the next markers must not contradict what these point to."""
    runs = groupby(pieces, key=lambda piece: piece.kind == "marker" or not piece.text.strip())
    said = ""
    for markers, run in runs:
        group = list(run)
        cited = [citations[piece.number - 1] for piece in group if piece.kind == "marker"]
        if not markers:
            said = "".join(piece.text for piece in group)
        elif cited and (fault := _fault(said, cited)):
            yield f"{said!r} has {fault}"
        said = "" if cited else said
    if said:
        yield f"a sentence without a marker: {said!r}"


def _fault(said: str, cited: Sequence[Citation]) -> str | None:
    text = re.sub(r"^\s*(?:- )?", "", said)
    return contradiction(text, [Source(one.paper, one.quote) for one in cited])


def _faults_of_numbers(pieces: Sequence[Segment], answer: Answer) -> list[str]:
    markers = [piece.number for piece in pieces if piece.kind == "marker"]
    if list(dict.fromkeys(markers)) != list(range(1, len(answer.citations) + 1)):
        return [f"the markers are {markers} for {len(answer.citations)} citations"]
    return []


def _stands(citation: Citation) -> bool:
    if citation.field == "abstract":
        return citation.paper.abstract[citation.start : citation.end] == citation.quote != ""
    return field_text(citation.paper, citation.field) == citation.quote


# A title stands before a year, authors or the end of its lead, so that one like "According" or "[1]" is not
# seen elsewhere.
_AFTER_TITLE = r"(?=:| \(\d{4}\)| \([^()\n]+\):)"


@dataclass(frozen=True)
class Segment:
    """A piece of an answer's text. A marker has a `number`, 0 for every other kind."""

    kind: Literal["text", "title", "quote", "marker"]
    text: str
    number: int = 0


def segments(text: str, citations: Sequence[Citation]) -> list[Segment]:
    """An answer's text in pieces that front ends render each in its own way; joined, they are the text.

    Quotes and titles are found as the literal strings that they are, so that a "[3]" inside one is
    no marker, whatever a paper contains.
    """
    literals = {quoted(citation.quote): "quote" for citation in citations}
    titles = {shown_title(citation.paper) for citation in citations} - {""}
    literals |= dict.fromkeys(titles, "title")
    numbers = {citation.number for citation in citations}
    parts = sorted(literals, key=len, reverse=True)
    patterns = [re.escape(part) + (_AFTER_TITLE if part in titles else "") for part in parts]
    pattern = "|".join([*patterns, r"\[(\d+)\]"])
    pieces: list[Segment] = []
    at = 0
    for match in re.finditer(pattern, text):
        number = int(match[1]) if match[1] else 0
        if match[1] and number not in numbers:
            continue
        if match.start() > at:
            pieces.append(Segment("text", text[at : match.start()]))
        kind = "marker" if match[1] else literals[match[0]]
        pieces.append(Segment(kind, match[0], number))  # type: ignore[arg-type]
        at = match.end()
    return pieces + ([Segment("text", text[at:])] if at < len(text) else [])
