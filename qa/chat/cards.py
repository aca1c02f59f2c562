"""An answer as HTML: its text with links for markers, and the cards of the papers behind it.

Everything that comes from a paper, a question or an answer passes through `escaped`. Each turn is one
HTML block on one line: Markdown leaves such a block alone, so `*`, `_`, `$` and `\\` show as they stand.
The ids of turn 3 start with "t3-", so that its markers never lead to another turn's cards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from qa.chat.archive import Rating
from qa.chat.conversation import Turn
from qa.chat.formulas import between, formulas, shown
from qa.chat.references import address, authors, reference
from qa.chat.takeaway import FORMATS
from qa.citations import FIELD_LABELS, Segment, quoted, segments
from qa.filters import in_words
from qa.paper import Answer, Citation, Paper
from qa.tables import Row, Table, table_of

LONGEST_QUESTION_SHOWN = 300  # characters
NOTHING = '<td class="empty">–</td>'  # in a cell of a table


def escaped(text: str) -> str:
    """Text as HTML that shows every character and does nothing.

    Line breaks become character references: a blank line would end the block and let Markdown in.
    """
    return escape(text).replace("\r", "&#13;").replace("\n", "&#10;")


def question_html(question: str) -> str:
    """The question as its asker typed it; of a very long one the beginning."""
    shown = question
    if len(question) > LONGEST_QUESTION_SHOWN:
        shown = f"{question[:LONGEST_QUESTION_SHOWN]}… ({len(question):,} characters)"
    return f'<div class="question">{escaped(shown)}</div>'


def turn_html(
    turn: Turn, number: int, *, last: bool = False, kept: str = "", rating: Rating | None = None
) -> str:
    """What stands under the question of turn `number` (1 for the first). The `last` can be asked again.

    `kept` is the id of the conversation, under which it can be taken away; `rating` what was said of it.
    """
    if turn.answer:
        return answer_html(turn.answer, number, asked=turn.question, last=last, kept=kept, rating=rating)
    said = f'<div class="said">{escaped(turn.said)}</div>' if turn.said else ""
    if turn.note:
        said += f'<p class="note">{escaped(turn.note)}</p>'
    elif not said:
        said = f'<p class="status">{escaped(turn.status)} …</p>'
    return f'<div class="turn"><div class="text">{said}</div></div>'


def answer_html(
    answer: Answer,
    number: int,
    *,
    asked: str = "",
    last: bool = False,
    kept: str = "",
    rating: Rating | None = None,
) -> str:
    """The whole answer of turn `number`: how `asked` was understood, text and notes, beside them the cards.

    An answer without citations (a greeting, a refusal) has no cards.
    """
    notes = "".join(f'<p class="note">{escaped(note)}</p>' for note in (*_writer(answer), *answer.notes))
    said = f'<div class="said">{_linked(answer, number)}</div>'
    taking = take_links(kept, str(number), bool(answer.citations)) if kept else ""
    if kept and (answer.citations or answer.hits or answer.nearest):  # no greeting
        taking += rate_links(kept, number, rating)
    text = f'<div class="text">{_understood(answer, asked, last)}{said}{notes}{taking}</div>'
    cards = _cards(answer, number) if answer.citations else ""
    return f'<div class="turn">{text}{cards}</div>'


def _writer(answer: Answer) -> Iterator[str]:
    """Which language model wrote an answer."""
    if "model" in answer.versions:
        yield f"Written by {answer.answerer}; each sentence was checked against what it cites."


def take_links(kept: str, turn: str, cites: bool) -> str:
    """Links to take a turn of the conversation `kept` away, or "all" of it; papers where it `cites` any."""
    copy = f'<a class="copy" href="take/{kept}/{turn}.txt">Copy with references</a>'
    endings = ("md", "bib", "ris", "json") if cites else ("md", "json")
    links = "".join(f'<a href="take/{kept}/{turn}.{ending}">{FORMATS[ending][0]}</a>' for ending in endings)
    return f'<p class="take">{copy}{links}</p>'


def rate_links(kept: str, turn: int, rating: Rating | None = None) -> str:
    """The question whether an answer is right, or what was said to it; either can be said again.

    The page's script asks for a word of why, and sends both.
    """
    where = f"rate/{kept}/{turn}"
    if rating:
        said, other = ("right", "No") if rating.good else ("wrong", "Yes")
        asked = f"You found this {said}{f' ({escaped(rating.why)})' if rating.why else ''}."
        links = f'<a class="rate" href="{where}#{other}">Change this</a>'
    else:
        asked = "Is this right?"
        links = "".join(f'<a class="rate" href="{where}#{said}">{said}</a>' for said in ("Yes", "No"))
    return f'<p class="take rating"><span>{asked}</span>{links}</p>'


def _understood(answer: Answer, asked: str, last: bool) -> str:
    """The question that was searched for, where it is another, and the filters that were understood."""
    searched = ""
    if asked and " ".join(asked.split()) != answer.question:
        searched = f'<p class="searched">Searched for: {escaped(answer.question)}</p>'
    chips = "".join(f'<span class="chip">{escaped(words)}</span>' for words in in_words(answer.filters))
    if not chips:
        return searched
    # The script of the page turns the link into a press on the button of that id.
    off = '<a class="off" href="#plain" title="Ask again without these">Take off</a>' if last else ""
    return f'{searched}<p class="understood"><span>Understood:</span>{chips}{off}</p>'


def _linked(answer: Answer, turn: int) -> str:
    """The text with its quotes and titles set off, its lists as lists, each marker a link to its sentence."""
    draw = _Drawing(answer.citations, turn)
    if table := table_of(answer):
        return _table(table, draw)
    return f"<span>{draw(segments(answer.text, answer.citations))}</span>"


class _Drawing:
    """Segments as HTML; the first marker of a number is where the way back from its card leads."""

    def __init__(self, citations: Sequence[Citation], turn: int) -> None:
        self._citations = {citation.number: citation for citation in citations}
        self._turn = turn
        self._seen: set[int] = set()

    def __call__(self, pieces: Iterable[Segment]) -> str:
        return "".join(map(self._piece, pieces))

    def _piece(self, segment: Segment) -> str:
        if segment.kind == "marker":
            first = segment.number not in self._seen
            self._seen.add(segment.number)
            return _marker(self._citations[segment.number], self._turn, first)
        if segment.kind == "text":
            # Only here: a line that begins with "- " inside a quote is no item of this answer's list.
            return escaped(segment.text).replace("&#10;- ", '</span><span class="item">- ')
        return f'<span class="{segment.kind}">{shown(segment.text, escaped)}</span>'


def _table(table: Table, draw: _Drawing) -> str:
    """Papers against what they are compared in. Each cell says its aspect too, for a page too narrow."""
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in ("paper", "year", *table.aspects))
    rows = "".join(_row(row, table.aspects, draw) for row in table.rows)
    return (
        f'<span>{escaped(table.lead)}</span><table class="compared">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(row: Row, aspects: Sequence[str], draw: _Drawing) -> str:
    cells = "".join(_cell(row, aspect, draw) for aspect in aspects)
    return f'<tr><th scope="row">{draw(row.paper[:1])}</th>{_year(row)}{cells}</tr>'


def _year(row: Row) -> str:
    """What follows the title of a paper is the year of its record, in brackets."""
    year = "".join(piece.text for piece in row.paper[1:]).strip(" ()")
    return f'<td><span class="aspect">year</span>{escaped(year)}</td>' if year else NOTHING


def _cell(row: Row, aspect: str, draw: _Drawing) -> str:
    if aspect not in row.cells:
        return NOTHING
    quote, marker = row.cells[aspect]
    return f'<td><span class="aspect">{escaped(aspect)}</span>{draw([quote])}&nbsp;{draw([marker])}</td>'


def _marker(citation: Citation, turn: int, first: bool) -> str:
    number = citation.number
    hover = f"{citation.paper.title}: {quoted(citation.quote)}"
    own_id = f' id="t{turn}-m{number}"' if first else ""
    return f'<a class="marker"{own_id} href="#t{turn}-s{number}" title="{escaped(hover)}">[{number}]</a>'


def _cards(answer: Answer, turn: int) -> str:
    """A card for each paper in the order of its first number, then what else was found."""
    cited: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.paper.id, []).append(citation)
    found = [(rank, hit.paper) for rank, hit in enumerate(answer.hits, 1) if hit.paper.id not in cited]
    cards = "".join(_card(citations, turn) for citations in cited.values())
    return f'<div class="sources">{cards}{_also_found(found)}</div>'


def _card(citations: Sequence[Citation], turn: int) -> str:
    """The card of a cited paper: its numbers, what is known of it, its abstract with the quotes marked."""
    paper = citations[0].paper
    numbers = "".join(f"<span>[{citation.number}]</span>" for citation in citations)
    fields = "".join(_field(citation, turn) for citation in citations if citation.field != "abstract")
    quotes = [citation for citation in citations if citation.field == "abstract"]
    back = f'<a class="back" href="#t{turn}-m{citations[0].number}">Back to the answer</a>'
    return (
        f'<details class="card"><summary><span class="number">{numbers}</span> {heading(paper)}</summary>'
        f"{fields}{abstract(paper, quotes, turn)}"
        f'<p class="links">{link(paper)}{back}{cite(paper)}</p></details>'
    )


def _field(citation: Citation, turn: int) -> str:
    """A field of the record that is quoted, marked as a sentence would be."""
    label = FIELD_LABELS.get(citation.field, citation.field)
    return f'<p class="field">{escaped(label)}: {_mark(citation, turn, escaped(citation.quote))}</p>'


def _mark(citation: Citation, turn: int, html: str) -> str:
    """A quote where it stands, to which its marker leads."""
    number = citation.number
    return f'<mark id="t{turn}-s{number}" title="[{number}]" tabindex="-1">{html}</mark>'


def _also_found(found: Sequence[tuple[int, Paper]]) -> str:
    """The papers that were found and not cited, folded, each with its rank among all that were found."""
    if not found:
        return ""
    rows = "".join(
        f'<details class="card"><summary><span class="rank">rank {rank}</span> {heading(paper)}</summary>'
        f'{abstract(paper)}<p class="links">{link(paper)}{cite(paper)}</p></details>'
        for rank, paper in found
    )
    return f'<details class="found"><summary>Also found ({len(found)})</summary>{rows}</details>'


def heading(paper: Paper) -> str:
    facts = (authors(paper), paper.venue, paper.published, ", ".join(paper.source))
    known = " · ".join(f"<span>{escaped(fact)}</span>" for fact in facts if fact)
    return f'<span class="title">{shown(paper.title, escaped)}</span><span class="facts">{known}</span>'


def link(paper: Paper) -> str:
    """A link to the paper itself, if an address, DOI or arXiv id is known."""
    if found := address(paper):
        return f'<a class="paper" href="{escaped(found)}" target="_blank">Open the paper</a>'
    return ""


def cite(paper: Paper) -> str:
    """A link that copies its own title: the paper as a line of references."""
    return f'<a class="copy" href="#cite" title="{escaped(reference(paper))}">Copy citation</a>'


def abstract(paper: Paper, citations: Sequence[Citation] = (), turn: int = 0) -> str:
    """The abstract with the quotes marked; the mark of number 2 in turn 1 has the id "t1-s2"."""
    if not paper.abstract:
        return '<p class="abstract">This library holds no abstract of this paper.</p>'
    found = formulas(paper.abstract)
    pieces, done = [], 0
    for citation in sorted(citations, key=lambda c: (c.start, c.end)):
        # Of a quote that begins inside another one only the rest is left to mark.
        start, end = max(citation.start, done), max(citation.end, done)
        pieces.append(between(paper.abstract, done, start, found, escaped))
        pieces.append(_mark(citation, turn, between(paper.abstract, start, end, found, escaped)))
        done = end
    pieces.append(between(paper.abstract, done, len(paper.abstract), found, escaped))
    return f'<p class="abstract">{"".join(pieces)}</p>'
