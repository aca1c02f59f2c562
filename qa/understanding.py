"""What a question in words says about records: dates, authors, files, orders, counts; and its topic.

Precision goes first. A date or a name bounds the papers only where the question says so of the papers
("papers from 2020"), not where it belongs to their subject ("tweets from 2020"); in doubt nothing is
understood, and the question is answered from what the papers say.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from qa.asked import AND_WHEN, AND_WHO, COUNT, COUNTS_PAPERS, FIELDS, GROUPS, NOT_COUNTED, STATED, UNSTATED
from qa.dates import date_phrases
from qa.filters import Filters
from qa.ledger import Ledger
from qa.orders import (
    ASIDE,
    BOUNDS,
    ORDERS,
    ORDINAL,
    OTHER_THING,
    TOP,
    Order,
    bounds,
    place,
    superlative,
    wanted,
)
from qa.paper import Paper, Record
from qa.spelling import mended
from qa.vocabulary import ABOUT, ALL, ASKS, FRAME, NOUN, OF_LAST, PLURAL, SAYS, SAYS_ABOUT, either
from qa.whose import candidates, dates_the_papers, name_shaped, names_in, sounds_of_papers

LINKS = ("url", "doi", "arxiv_id")
Intent = Literal["content", "list", "count", "groups", "fact", "compare"]


@dataclass(frozen=True)
class Understood(Record):
    """What was understood of a question.

    `intent`: "content" asks what papers say, "list" which papers there are, "count" how many, "groups"
    how many of each of `fields`, "fact" for `fields` of the record of one paper, "compare" which of some
    papers comes first in `order`. `since` to `source`
    bound as the arguments of `Library.search` do; `names` are the authors of the library that `author`
    means. `order` with `wanted`: the so many first, all in that order if None; `place` 2 leaves out the
    first. The least and the most of a number are inclusive. `stated` and `unstated` are fields that the
    records must hold, or must not. `topic` is what is left for retrieval. `of_last`: of the papers of
    the last answer.
    """

    intent: Intent = "content"
    since: str | None = None
    until: str | None = None
    author: str | None = None
    names: tuple[str, ...] = ()
    organisation: str | None = None
    source: str | None = None
    order: Order | None = None
    wanted: int | None = None
    place: int = 1
    least_authors: int | None = None
    most_authors: int | None = None
    least_comments: int | None = None
    most_comments: int | None = None
    stated: tuple[str, ...] = ()
    unstated: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    topic: str = ""
    of_last: bool = False

    def filters(self) -> dict[str, str]:
        """What narrows down or orders the papers, by name, as `Answer.filters` says it."""
        texts = {
            "since": self.since,
            "until": self.until,
            "author": self.author,
            "organisation": self.organisation,
            "source": self.source,
            "authors": _range(self.least_authors, self.most_authors),
            "comments": _range(self.least_comments, self.most_comments),
            "stated": ", ".join(self.stated),
            "unstated": ", ".join(self.unstated),
            "order": self.order,
            "wanted": str(self.wanted or ""),
            "place": str(self.place) if self.place > 1 else "",
        }
        return {name: text for name, text in texts.items() if text}

    def under(self, filters: Filters, ledger: Ledger) -> Understood:
        """This, with filters that were given in the place of those understood."""
        given = {name: value for name, value in filters.to_dict().items() if name != "author"}
        found = replace(self, **given)  # type: ignore[arg-type]
        if filters.author is None:
            return found
        return replace(found, author=filters.author, names=ledger.authors_holding(filters.author))

    @property
    def bounds(self) -> Filters:
        """The bounds that retrieval itself knows."""
        return Filters(self.since, self.until, self.author, self.source)

    def admitting(self) -> Callable[[Paper], bool]:
        """A test whether a paper fits. What is asked for and its record does not say, it does not fit."""
        tests = list(self._tests())
        if len(tests) == 1:
            return tests[0]
        return lambda paper: all(test(paper) for test in tests)

    def _tests(self) -> Iterator[Callable[[Paper], bool]]:
        if self.since or self.until:
            dated = functools.cache(Filters(self.since, self.until).admits_date)
            yield lambda paper: dated(paper.published)
        if self.source:
            yield Filters(source=self.source).admits
        if self.author is not None:
            names = frozenset(self.names)
            yield lambda paper: not names.isdisjoint(paper.authors)
        if self.organisation is not None:
            yield lambda paper: paper.organisation == self.organisation
        if (self.least_authors, self.most_authors) != (None, None):
            yield lambda paper: _within(paper.author_count, self.least_authors, self.most_authors)
        if (self.least_comments, self.most_comments) != (None, None):
            yield lambda paper: _within(paper.comments, self.least_comments, self.most_comments)
        if self.stated or self.unstated:
            yield lambda paper: all(states(paper, name) for name in self.stated)
            yield lambda paper: not any(states(paper, name) for name in self.unstated)


def states(paper: Paper, name: str) -> bool:
    """Whether a record holds a field; "link" is an address, a DOI or an arXiv id."""
    if name == "link":
        return any(states(paper, field) for field in LINKS)
    value = getattr(paper, name)
    return value is not None and value != "" and value != ()


def _within(value: int | None, least: int | None, most: int | None) -> bool:
    return value is not None and (least is None or value >= least) and (most is None or value <= most)


def _range(least: int | None, most: int | None) -> str | None:
    if least == most:
        return None if least is None else str(least)
    if least is None or most is None:
        return f"at most {most}" if least is None else f"at least {least}"
    return f"{least} to {most}"


def understand(question: str, ledger: Ledger, today: datetime.date | None = None) -> Understood:
    """What `question`, standing alone, says. `ledger` knows the names; `today` is for "last year"."""
    if len(question) > _LONGEST:
        return Understood(topic=question)
    return _Reader(question, ledger, today or datetime.date.today()).read()


@dataclass
class _Reader:
    """Reads a question once. What was understood is covered with "¤", what stands in quotes with "§"."""

    question: str
    ledger: Ledger
    today: datetime.date
    text: str = ""
    found: Understood = field(default_factory=Understood)

    def read(self) -> Understood:
        self.question = mended(self.question)
        self.text = re.sub(r"[¤§]", " ", self.question)
        self._source()
        for match in re.finditer(r"[\"“«]([^\"”»]+)[\"”»]", self.text):
            self._cover(match.start(), match.end(), "§")
        self._dates()
        asks = bool(ASKS.match(self.text))
        if asks:
            self._understood(of_last=bool(OF_LAST.search(self.text)))
            self._numbers()
            self._presence()
            self._order()
        self._author()
        if asks:
            self._groups()
            self._fields()
        return self._decided(asks)

    def _cover(self, start: int, end: int, mark: str = "¤") -> None:
        self.text = self.text[:start] + mark * (end - start) + self.text[end:]

    def _understood(self, **values: object) -> None:
        self.found = replace(self.found, **values)  # type: ignore[arg-type]

    # Bounds -----------------------------------------------------------------------------------------

    def _source(self) -> None:
        """A file that the library knows, or what is plainly the name of one."""
        for match in _FILE.finditer(self.text):
            name, lead = match["name"], (match["lead"] or "").strip().lower()
            after_file = lead in ("file", "document", "source")
            like_a_file = re.search(r"[\d_]|\.\w{2,5}$", name) and not re.fullmatch(r"(19|20)\d\d", name)
            known = like_a_file and (after_file or len(name) > 5) and self.ledger.sources_named(name)
            if known or (after_file and re.search(r"\.[a-z]{2,5}$", name)):
                self._understood(source=name)
                self._cover(match.start(), match.end())
                return

    def _dates(self) -> None:
        since, until = None, None
        for phrase in list(date_phrases(self.text, self.today)):
            if dates_the_papers(self.text, phrase):
                since, until = since or phrase.since, until or phrase.until
                self._cover(phrase.start, phrase.end)
        self._understood(since=since, until=until)

    def _numbers(self) -> None:
        if not sounds_of_papers(self.text):
            return
        for match in list(BOUNDS.finditer(self.text)):
            thing, least, most = bounds(match)
            self._understood(**{f"least_{thing}": least, f"most_{thing}": most})
            self._cover(match.start(), match.end())

    def _presence(self) -> None:
        for name, table in (("unstated", UNSTATED), ("stated", STATED)):
            for known, pattern in table:
                match = pattern.search(self.text)
                if not match or (known == "published" and (self.found.since or self.found.until)):
                    continue
                if _OF_PAPERS.search(self.text[: match.start()]):
                    self._understood(**{name: (*getattr(self.found, name), known)})
                    self._cover(match.start(), match.end())

    def _order(self) -> None:
        if OTHER_THING.match(self.text):
            return
        if ordinal := ORDINAL.search(self.text):
            self._cover(ordinal.start(), ordinal.end())
        for order, pattern in ORDERS:
            match = pattern.search(self.text)
            if match and not ASIDE.search(self.text[: match.start()]):
                self._understood(order=order, wanted=wanted(match, self.text))
                self._understood(place=place(ordinal["place"]) if ordinal else 1)
                self._cover(*superlative(match))
                if best := TOP.search(self.text):
                    self._cover(*best.span())
                return

    def _author(self) -> None:
        for at, text, certain in names_in(self.text):
            if length := self._named(text, certain):
                rest = re.match(r"\s+et al\b\.?", self.text[at + length :])
                self._cover(at, at + length + (rest.end() if rest else 0))
                return

    def _named(self, text: str, certain: bool) -> int:
        """Understands the author or organisation that `text` begins with; the length of the name, 0 for none.

        Where it is not certain that an author is meant, only one whom the library knows.
        """
        for said in candidates(text):
            if names := self.ledger.authors_named(said):
                self._understood(author=names[0] if len(names) == 1 else said, names=names)
                return len(said)
            if said[0].isupper() and (organisations := self.ledger.organisations_named(said)):
                self._understood(organisation=organisations[0])
                return len(said)
        said = name_shaped(text) if certain else ""
        if said:
            self._understood(author=said, names=())
        return len(said)

    # What is asked -----------------------------------------------------------------------------------

    def _groups(self) -> None:
        match = GROUPS.search(self.text) if not self.found.order else None
        if match:
            by = "published" if "year" in match[0].lower() else "source"
            self._understood(intent="groups", fields=(by,))
            self._cover(match.start(), match.end())

    def _fields(self) -> None:
        if self.found.intent == "groups":
            return
        fields: tuple[str, ...] = ()
        for name, pattern in FIELDS:
            if match := pattern.search(self.text):
                fields = (*fields, name)
                self._cover(match.start(), match.end())
        for name, pattern in (("published", AND_WHEN), ("authors", AND_WHO)):
            if (fields or self.found.order) and name not in fields and (match := pattern.search(self.text)):
                fields = (*fields, name)
                self._cover(match.start(), match.end())
        self._understood(fields=fields)

    def _decided(self, asks: bool) -> Understood:
        says = self._says()
        counts = asks and self.found.intent != "groups" and self._counts()
        topic = self._undated(self._topic()) if asks else self._topic()
        found = self.found
        named_only = self._names_only(topic)
        special = found.order or found.stated or found.unstated or bounds_numbers(found)
        unknown = found.author is not None and not found.names
        narrowed = bool(found.filters())
        listed = asks and (special or unknown or (narrowed and named_only))
        if says:
            return replace(found, topic=topic, fields=())
        if found.intent == "groups" and (not topic or (named_only and len(topic.split()) <= _SHORT)):
            return replace(found, topic=topic)
        if counts or listed:
            return replace(found, intent="count" if counts else "list", topic=topic)
        if asks and found.fields and not narrowed and found.intent != "groups":
            return replace(found, intent="fact", topic=topic)
        if not topic and ((narrowed and not found.fields) or (asks and ALL.search(self.text))):
            return replace(found, intent="list")
        return replace(found, intent="content", topic=topic, fields=())

    def _says(self) -> bool:
        """Whether it is asked what papers in a certain place of an order say."""
        match = SAYS.search(self.text) if self.found.order else None
        if match:
            self._cover(*match.span("verb" if match["verb"] else "command"))
        return bool(match)

    def _counts(self) -> bool:
        match = COUNT.search(self.text)
        if not match or NOT_COUNTED.search(self.text):
            return False
        rest = next(
            (part for part in match.group("rest", "rest2", "rest3", "rest4", "rest5") if part is not None), ""
        )
        if not COUNTS_PAPERS.match(rest):
            return False
        self._cover(match.start(), match.end())
        return True

    def _names_only(self, topic: str) -> bool:
        """Whether papers on a topic are asked for, and nothing that they say."""
        at = self.question.find(topic) if topic else -1
        if at < 0 or SAYS_ABOUT.search(self.text):
            return False
        after = re.match(rf"\W*(?:{NOUN})\b", self.text[at + len(topic) :], re.IGNORECASE)
        return bool(after or ABOUT.search(self.text[:at]))

    def _undated(self, topic: str) -> str:
        """`topic`; where nothing but a date is left of it, none, and the date bounds the papers."""
        at = self.text.find(topic) if topic and not (self.found.since or self.found.until) else -1
        for phrase in date_phrases(self.text, self.today) if at >= 0 else ():
            if phrase.start <= at and phrase.end >= at + len(topic):
                self._understood(since=phrase.since, until=phrase.until)
                return ""
        return topic

    def _topic(self) -> str:
        """What is left between the words of asking, as it was typed."""
        core = list(re.finditer(r"[^\W_]['’\w./+-]*|§+", self.text.replace("¤", " ")))
        while core and (_is_frame(core[0][0]) or _is_use(core) or (self.found.order and _is_few(core[0][0]))):
            core.pop(0)
        while core and _is_frame(core[-1][0]):
            core.pop()
        if not core:
            return ""
        start, end = core[0].start(), core[-1].end()
        kept = "".join("\0" if self.text[i] == "¤" else self.question[i] for i in range(start, end))
        topic = re.sub(rf"\b(?:{NOUN})\b(?=\s*\0)|\0+", " ", kept, flags=re.IGNORECASE)
        return " ".join(re.sub(r"\s+([,;])", r"\1", topic).split()).strip(" ,;:?!.")


_LONGEST = 500  # characters of a question; a longer one tells a story and asks what papers say
_SHORT = 5  # words of a topic that a breakdown may have
_OF_PAPERS = either(rf"\b(?:{PLURAL}|which|any|ones)\b")
_FILE = re.compile(
    r"(?P<lead>\b(?:from|in|of|the|file|document|source|called|named)\s+)*[\"“'`]?(?P<name>[\w.-]{3,}\w)[\"”'`]?",
    re.IGNORECASE,
)


def _is_frame(token: str) -> bool:
    return token.rstrip(".").lower() in FRAME


def _is_few(token: str) -> bool:
    """Whether it is how many papers are asked for."""
    return token.isdigit() and len(token) < 3


def _is_use(tokens: Sequence[re.Match[str]]) -> bool:
    """Whether "use" begins a topic as its verb: "papers that use graphs", not "use cases"."""
    after = tokens[1][0].lower() if len(tokens) > 1 else ""
    return tokens[0][0].lower() in ("use", "uses", "using") and after not in ("", "of", "case", "cases")


def bounds_numbers(found: Understood) -> bool:
    """Whether a number of authors or of comments is bounded."""
    values = (found.least_authors, found.most_authors, found.least_comments, found.most_comments)
    return any(value is not None for value in values)
