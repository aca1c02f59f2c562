"""Answers made from records: lists, counts, orders, and facts about one paper.

What is said of a paper is a field of its record, quoted through the same gate as everything else. What a
record does not hold is said to be unknown, and never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest, nsmallest
from operator import attrgetter

from qa.answering.extractive import name_of
from qa.citations import FIELD_LABELS, Block, Claim, field_text
from qa.dates import MONTHS
from qa.filters import FIELD_NAMES
from qa.orders import Order
from qa.paper import Paper, Reason
from qa.prompts import prompt
from qa.understanding import LINKS, Understood, states

LISTED = 100  # papers that an answer names; of the others their number
COUNTED = 20  # papers that a count names, where there are too many to name them all
_MISSING = {
    "authors": "who wrote it",
    "published": "when it was published",
    "author_count": "how many authors it has",
    "comments": "how many comments it got",
    "link": "where to find it: no link, DOI or arXiv id is known",
    "organisation": "which organisation it is from",
    "venue": "where it was published",
    "source": "which file it is from",
}
_NEEDED = ("published", "author_count", "comments", "authors")  # without which a paper is left out
_ORDER_FIELDS: dict[Order, str] = {
    "newest": "published",
    "oldest": "published",
    "most authors": "author_count",
    "fewest authors": "author_count",
    "most comments": "comments",
    "fewest comments": "comments",
}
_DESCENDING: tuple[Order, ...] = ("newest", "most authors", "most comments")


@dataclass(frozen=True)
class Told:
    """What the records answer: blocks for the gate, and the papers that it is about, in their order."""

    blocks: tuple[Block, ...]
    papers: tuple[Paper, ...]
    notes: tuple[str, ...] = ()
    reason: Reason | None = None


def tell(found: Understood, pool: Sequence[Paper]) -> Told:
    """The answer to a question for the papers of `pool`: a list, a count, an order, or groups."""
    if found.author is not None and not found.names:
        return _nobody(found, pool)
    papers = list(filter(found.admitting(), pool))
    notes = _notes(found, pool)
    if found.order:
        return _ordered(found, papers, notes)
    if found.intent == "groups":
        return _grouped(found, papers, notes)
    if not papers:
        key = "count-none" if found.intent == "count" else "nothing"
        reason: Reason | None = None if found.intent == "count" else "nothing-near"
        return Told((_say(key, papers=described(found)),), (), notes, reason)
    head = _say(found.intent, scope=scope(found, len(papers)))
    listed = sorted(nsmallest(LISTED, papers, key=_date), key=_by_date)
    return Told((head, *_items(found, listed, len(papers))), tuple(listed), notes)


def first_of(found: Understood, pool: Iterable[Paper]) -> list[Paper]:
    """The papers of `pool` that fit, in the order asked for, as many as are wanted; ties all the same."""
    papers = list(filter(found.admitting(), pool))
    return _first(found, found.order, _known(papers, found.order)) if found.order else papers


def _known(papers: Iterable[Paper], order: Order) -> list[Paper]:
    """The papers whose place in an order is known."""
    value = attrgetter(_ORDER_FIELDS[order])
    return [paper for paper in papers if value(paper) is not None]


def _first(found: Understood, order: Order, known: list[Paper]) -> list[Paper]:
    value, descending = attrgetter(_ORDER_FIELDS[order]), order in _DESCENDING
    if found.wanted is not None:
        # The values at the front say which papers to sort; among 100,000 papers few are asked for.
        front = (nlargest if descending else nsmallest)(found.place - 1 + found.wanted, map(value, known))
        ends = front[found.place - 1 :]
        known = [paper for paper in known if ends and min(ends) <= value(paper) <= max(ends)]
    return sorted(sorted(known, key=_title), key=value, reverse=descending)


def _ordered(found: Understood, papers: list[Paper], notes: tuple[str, ...]) -> Told:
    assert found.order
    name = _ORDER_FIELDS[found.order]
    known = _known(papers, found.order)
    first = _first(found, found.order, known)
    if not first:
        if known:
            few = _say(
                "too-few", value=str(found.place), scope=scope(found, len(known)), label=FIELD_NAMES[name]
            )
            return Told((few,), (), notes, "nothing-near")
        key = "nothing-known" if papers else "nothing"
        told = _say(key, papers=described(found), label=FIELD_NAMES[name])
        return Told((told,), (), notes, "not-stated" if papers else "nothing-near")
    those = f"{scope(found, len(known))} with {FIELD_NAMES[name]}"
    fields = tuple(dict.fromkeys((name, *_fields(found))))
    if found.wanted is None or len(first) > 1:
        key = "all" if found.wanted is None else "several"
        the = "" if found.wanted is None else "the "
        head = _say(f"{key}-{found.order}", scope=f"{the}{those}", count=str(len(first)))
        if found.wanted and len(first) > found.wanted:
            notes = (*notes, "more papers named than asked for, because the last of them tie")
        return Told((head, *_items(found, first[:LISTED], len(first), fields)), tuple(first[:LISTED]), notes)
    if len(known) == 1:
        lead = _line("sole", scope=those, paper=name_of(first[0]))
    elif found.place > 1:
        place = {"order": found.order, "value": str(found.place)}
        lead = _line("place", scope=f"the {those}", paper=name_of(first[0]), **place)
    else:
        lead = _line(found.order, scope=f"the {those}", paper=name_of(first[0]))
    blocks = [*_of_one(lead, first[0], fields)]
    unknown = [asked for asked in found.fields if not states(first[0], asked)]
    blocks += [block for asked in unknown for block in _fact(first[0], asked)]
    return Told(tuple(blocks), tuple(first), notes)


def _grouped(found: Understood, papers: list[Paper], notes: tuple[str, ...]) -> Told:
    """How many papers each year or each file has, the most first."""
    name = found.fields[0]
    known = [paper for paper in papers if states(paper, name)]
    groups = Counter(value for paper in known for value in _groups_of(paper, name))
    label = "year" if name == "published" else FIELD_LABELS[name]
    blocks = [_say("groups", scope=scope(found, len(known)), label=label)]
    examples = []
    for value, count in sorted(groups.items(), key=lambda item: (-item[1], item[0]))[:LISTED]:
        paper = next(paper for paper in known if value in _groups_of(paper, name))
        lead = _line("group", value=value, count=_papers(count), paper=name_of(paper))
        blocks += _of_one(f"\n- {lead}", paper, (name,))
        examples.append(paper)
    return Told(tuple(blocks), tuple(examples), notes)


def _groups_of(paper: Paper, name: str) -> tuple[str, ...]:
    return paper.source if name == "source" else ((paper.published or "")[:4],)


def _nobody(found: Understood, pool: Sequence[Paper]) -> Told:
    unnamed = sum(not paper.authors for paper in pool)
    told = _say(
        "nobody",
        named=_papers(len(pool) - unnamed),
        unnamed=_papers(unnamed),
        author=found.author or "",
    )
    return Told((told,), (), (), "not-stated")


def compare(papers: Sequence[Paper], order: Order) -> Told:
    """Which of some papers comes first in an order, and the field of each that shows it."""
    name = _ORDER_FIELDS[order]
    known = _known(papers, order)
    first = _first(Understood(wanted=1), order, known)
    told = facts(papers, (name,))
    if len(known) < len(papers):
        return told
    alone = len(first) == 1
    scope = f"the {len(papers)} papers compared"
    head = _line(order, scope=scope, paper=name_of(first[0])) if alone else _line("tie", scope=scope)
    begun = replace(told.blocks[0], lead=f"\n{told.blocks[0].lead}")
    return replace(told, blocks=(Block(head), begun, *told.blocks[1:]))


def facts(papers: Sequence[Paper], fields: Sequence[str]) -> Told:
    """What the records of some papers say of some fields; if they say nothing of them, that."""
    blocks = [block for paper in papers for name in fields for block in _fact(paper, name)]
    blocks[0] = replace(blocks[0], lead=blocks[0].lead.removeprefix("\n"))
    known = any(block.claims for block in blocks)
    return Told(tuple(blocks), tuple(papers), reason=None if known else "not-stated")


def _fact(paper: Paper, name: str) -> Iterator[Block]:
    if states(paper, name):
        yield from _of_one("\n" + _line("fact", paper=name_of(paper)), paper, [name])
    elif name == "authors" and states(paper, "author_count"):
        yield from _of_one("\n" + _line("only-number", paper=name_of(paper)), paper, ["author_count"])
    elif name in ("authors", "author_count") and states(paper, "organisation"):
        yield from _of_one("\n" + _line("only-organisation", paper=name_of(paper)), paper, ["organisation"])
    else:
        yield Block("\n" + _line("not-stated", paper=name_of(paper), what=_MISSING[name]))


# Wording ------------------------------------------------------------------------------------------


def _line(key: str, **values: str) -> str:
    return prompt("records").line(key, **values)


def _say(key: str, **values: str) -> Block:
    return Block(_line(key, **values))


def _papers(count: int) -> str:
    return f"{count:,} {'paper' if count == 1 else 'papers'}"


def scope(found: Understood, count: int) -> str:
    """A number of papers and what they have in common: "3 papers about Mamba from 2024"."""
    return f"{count:,} {described(found, count == 1)}"


def described(found: Understood, one: bool = False) -> str:
    """What papers have in common: "papers about Mamba from 2024"; of all papers, where they are."""
    author = " and ".join(filter(None, (found.author, found.organisation)))
    words = [
        "paper" if one else "papers",
        f"about {found.topic}" if found.topic else "",
        f"by {author}" if author else "",
        _dated(found.since, found.until),
        _counted(found.least_authors, found.most_authors, "author"),
        _counted(found.least_comments, found.most_comments, "comment"),
        *(f"with {FIELD_NAMES[name]}" for name in found.stated),
        *(f"without {FIELD_NAMES[name]}" for name in found.unstated),
        f"in the file {found.source}" if found.source else "",
    ]
    where = "spoken of before" if found.of_last else "" if any(words[1:]) else "in this library"
    words = [word for word in (words[0], where, *words[1:]) if word]
    return " ".join(words).replace("“", "").replace("”", "")


def _dated(since: str | None, until: str | None) -> str:
    """ "from September 2023", "since 2024", "up to June 2023", "from 2021 to 2023"."""
    if since and since == until:
        return f"from {_in_words(since)}"
    if since and until:
        return f"from {_in_words(since)} to {_in_words(until)}"
    return f"since {_in_words(since)}" if since else f"up to {_in_words(until)}" if until else ""


def _in_words(date: str) -> str:
    year, *rest = date.split("-")
    month = MONTHS[int(rest[0]) - 1].capitalize() if rest else ""
    day = str(int(rest[1])) if len(rest) > 1 else ""
    return " ".join(part for part in (day, month, year) if part)


def _counted(least: int | None, most: int | None, thing: str) -> str:
    if least is None and most is None:
        return ""
    things = thing if most == 1 or (most is None and least == 1) else f"{thing}s"
    if least == most:
        return f"with {least} {things}"
    if least is not None and most is not None:
        return f"with {least} to {most} {things}"
    return f"with at least {least} {things}" if least is not None else f"with at most {most} {things}"


def _notes(found: Understood, pool: Sequence[Paper]) -> tuple[str, ...]:
    """How many papers were left out because something is not known of them."""
    needed = {_ORDER_FIELDS[found.order]} if found.order else set()
    needed |= {"published"} if found.since or found.until or found.fields[:1] == ("published",) else set()
    needed |= {"authors"} if found.author else set()
    needed |= {"author_count"} if (found.least_authors, found.most_authors) != (None, None) else set()
    needed |= {"comments"} if (found.least_comments, found.most_comments) != (None, None) else set()
    missing = {name: sum(not states(paper, name) for paper in pool) for name in _NEEDED if name in needed}
    return tuple(
        f"{_papers(count)} without {FIELD_NAMES[name]} left out" for name, count in missing.items() if count
    )


def _date(paper: Paper) -> str:
    return paper.published or "9999"


def _title(paper: Paper) -> str:
    return paper.title.casefold()


def _by_date(paper: Paper) -> tuple[str, str]:
    return _date(paper), _title(paper)


def _fields(found: Understood) -> tuple[str, ...]:
    """The fields that show why a paper is in the set, or that were asked about."""
    numbers = (found.least_authors, found.most_authors) != (None, None)
    comments = (found.least_comments, found.most_comments) != (None, None)
    shown = {
        "published": found.since or found.until or "published" in found.stated,
        "author_count": numbers,
        "comments": comments or "comments" in found.stated,
        "authors": found.author or "authors" in found.stated,
        "organisation": found.organisation,
        "source": found.source,
    }
    return tuple(dict.fromkeys([*(name for name, show in shown.items() if show), *found.fields]))


def _items(
    found: Understood, papers: Sequence[Paper], count: int, fields: Sequence[str] = ()
) -> Iterator[Block]:
    """A line for each paper, and how many of the `count` are too many to name."""
    named = COUNTED if found.intent == "count" and count > LISTED else LISTED
    for paper in papers[:named]:
        yield from _of_one(f"\n- {name_of(paper)}:", paper, fields or _fields(found))
    if count > named:
        yield Block(f"\n{_line('more', others=f'{count - named:,}')}")


def _of_one(lead: str, paper: Paper, fields: Sequence[str]) -> Iterator[Block]:
    """`lead`, then the fields that the record holds, each by its name and in quotes; else the title."""
    wanted = [known for name in fields for known in (LINKS if name == "link" else (name,))]
    quotes = [(name, text) for name in wanted if (text := field_text(paper, name))]
    if not quotes:
        yield Block("\n-" if lead.startswith("\n-") else lead, (_claim(paper, "title", paper.title),))
    for name, text in quotes:
        yield Block(f"{lead} {FIELD_LABELS[name]}", (_claim(paper, name, text),))
        lead = ";"


def _claim(paper: Paper, name: str, text: str) -> Claim:
    return Claim(paper.id, text, 0, 0, name)
