"""What a question in words says about records: dates, authors, files, orders, counts; and its topic.

Precision goes first. A date or a name bounds the papers only where the question says so of the papers
("papers from 2020"), not where it belongs to their subject ("tweets from 2020"); in doubt nothing is
understood, and the question is answered from what the papers say.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from qa.dates import MONTHS, DatePhrase, date_phrases
from qa.filters import Filters
from qa.ledger import Ledger
from qa.lexical import STOP_WORDS
from qa.paper import Paper, Record
from qa.phrases import (
    ANY,
    ASKS,
    BOUNDS,
    CAME_OUT,
    COUNT,
    COUNTS_PAPERS,
    DATED,
    FIELDS,
    FRAME,
    GROUPS,
    LIBRARY,
    NOT_COUNTED,
    SAYS_ABOUT,
    ABOUT,
    NOUN,
    ORDERS,
    ORDINAL,
    OTHER_THING,
    PLURAL,
    PUBLISHED,
    SAYS,
    STATED,
    UNSTATED,
    Order,
    bounds,
    wanted,
)

Intent = Literal["content", "list", "count", "groups", "fact"]


@dataclass(frozen=True)
class Understood(Record):
    """What was understood of a question.

    `intent`: "content" asks what papers say, "list" which papers there are, "count" how many,
    "groups" how many of each of `fields`, "fact" for `fields` of the record of one paper. `since` to `source` bound as the arguments of `Library.search` do;
    `names` are the authors of the library that `author` means. `order` with `wanted`: the so many first,
    all in that order if None; `place` 2 leaves out the first. The least and the most of a number are inclusive. `stated` and `unstated`
    are fields that the records must hold, or must not. `topic` is what is left for retrieval. `of_last`:
    of the papers of the last answer.
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
        """A test whether a paper fits, whatever it is about. What its record does not say, it does not fit."""
        tests: list[Callable[[Paper], bool]] = []
        if self.since or self.until or self.source:
            tests.append(Filters(self.since, self.until, None, self.source).admits)
        if self.author is not None:
            names = frozenset(self.names)
            tests.append(lambda paper: not names.isdisjoint(paper.authors))
        if self.organisation is not None:
            tests.append(lambda paper: paper.organisation == self.organisation)
        if (self.least_authors, self.most_authors) != (None, None):
            tests.append(lambda paper: _within(paper.author_count, self.least_authors, self.most_authors))
        if (self.least_comments, self.most_comments) != (None, None):
            tests.append(lambda paper: _within(paper.comments, self.least_comments, self.most_comments))
        if self.stated or self.unstated:
            tests.append(lambda paper: all(states(paper, name) for name in self.stated))
            tests.append(lambda paper: not any(states(paper, name) for name in self.unstated))
        return lambda paper: all(test(paper) for test in tests)


def states(paper: Paper, name: str) -> bool:
    """Whether a record holds a field; "link" is an address, a DOI or an arXiv id."""
    values = (paper.url, paper.doi, paper.arxiv_id) if name == "link" else (getattr(paper, name),)
    return any(value not in (None, "", ()) for value in values)


def _within(value: int | None, least: int | None, most: int | None) -> bool:
    return value is not None and (least is None or value >= least) and (most is None or value <= most)


def _range(least: int | None, most: int | None) -> str | None:
    if least == most:
        return None if least is None else str(least)
    return f"at least {least}" if most is None else f"at most {most}" if least is None else f"{least} to {most}"


def understand(question: str, ledger: Ledger, today: datetime.date | None = None) -> Understood:
    """What `question`, standing alone, says. `ledger` knows the names; `today` is for "last year"."""
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
        self.text = re.sub(r"[¤§]", " ", self.question)
        self._source()
        for match in re.finditer(r"[\"“«]([^\"”»]+)[\"”»]", self.text):
            self._cover(match.start(), match.end(), "§")
        self._dates()
        asks = bool(ASKS.match(self.text))
        if asks:
            self._understood(of_last=bool(_OF_LAST.search(self.text)))
            self._bounds()
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

    # Files ------------------------------------------------------------------------------------------

    def _source(self) -> None:
        """A file that the library knows, or what is plainly the name of one."""
        pattern = r"(?P<lead>\b(?:from|in|of|the|file|document|source|called|named)\s+)*[\"“'`]?(?P<name>[\w.-]{3,}\w)[\"”'`]?"
        for match in re.finditer(pattern, self.text, re.IGNORECASE):
            name, lead = match["name"], (match["lead"] or "").strip().lower()
            after_file = lead in ("file", "document", "source")
            like_a_file = bool(re.search(r"[\d_]|\.\w{2,5}$", name)) and not re.fullmatch(r"(19|20)\d\d", name)
            known = like_a_file and (after_file or len(name) > 5) and self.ledger.sources_named(name)
            if known or (after_file and re.search(r"\.[a-z]{2,5}$", name)):
                self._understood(source=name)
                self._cover(match.start(), match.end())
                return

    # Dates ------------------------------------------------------------------------------------------

    def _dates(self) -> None:
        since, until = None, None
        for phrase in list(date_phrases(self.text, self.today)):
            if self._is_of_papers(phrase):
                since, until = since or phrase.since, until or phrase.until
                self._cover(phrase.start, phrase.end)
        self._understood(since=since, until=until)

    def _is_of_papers(self, phrase: DatePhrase) -> bool:
        """Whether a date is that of the papers asked for, and not a part of what they are about."""
        before, after = self.text[: phrase.start], self.text[phrase.end :]
        if _DATA_BEFORE.search(before):
            return False
        if phrase.relation in ("", "in") and _NOUN_AFTER.match(after) and not _PROPER_BEFORE.search(before):
            return True
        if not phrase.relation:
            return False
        if _PAPERS_BEFORE.search(before):
            return True
        if _PUBLISHED_BEFORE.search(before):
            return bool(_PAPER_SOMEWHERE.search(before) or not before.strip())
        if re.fullmatch(r"\W*(?:and|so|ok|or|but)?\W*(?:what about|how about|only)?\W*", before, re.IGNORECASE):
            return bool(_SET_AFTER.match(after)) or not after.strip(" ?.!")
        return bool(_SET_BEFORE.match(before) and _CLAUSE_END.match(after)) and (
            phrase.relation != "in" or self._says_from(phrase)
        )

    def _says_from(self, phrase: DatePhrase) -> bool:
        return self.text[phrase.start : phrase.end].lower().startswith(("from", "dated"))

    # Numbers, orders and what is known -----------------------------------------------------------------

    def _bounds(self) -> None:
        if not re.search(rf"\b(?:{NOUN}|surveys?|ones?|who|any|anything|them|these|those|everything)\b|¤", self.text, re.IGNORECASE):
            return
        for match in list(BOUNDS.finditer(self.text)):
            thing, least, most = bounds(match)
            self._understood(**{f"least_{thing}": least, f"most_{thing}": most})
            self._cover(match.start(), match.end())

    def _presence(self) -> None:
        for name, table in (("unstated", UNSTATED), ("stated", STATED)):
            for known, pattern in table:
                match = pattern.search(self.text)
                if known == "published" and (self.found.since or self.found.until):
                    continue
                if match and re.search(rf"\b(?:{PLURAL}|which|any|entry|ones)\b", self.text[: match.start()], re.IGNORECASE):
                    self._understood(**{name: (*getattr(self.found, name), known)})
                    self._cover(match.start(), match.end())

    def _order(self) -> None:
        if OTHER_THING.match(self.text):
            return
        if ordinal := ORDINAL.search(self.text):
            self._understood(place=next(i for i, name in enumerate(_ORDINALS, 2) if ordinal["place"].lower() in name))
            self._cover(ordinal.start(), ordinal.end())
        for order, pattern in ORDERS:
            if match := pattern.search(self.text):
                self._understood(order=order, wanted=wanted(match, self.text))
                self._cover(match.start(), match.end())
                return

    # Authors -----------------------------------------------------------------------------------------

    def _author(self) -> None:
        for pattern, certain in _AUTHOR_FRAMES:
            for match in pattern.finditer(self.text):
                for start in [m.start() for m in re.finditer(r"\b\w", match["name"])] if match["many"] else [0]:
                    name, end = self._name(match["name"][start:], certain)
                    if name:
                        at = match.start("name") + start
                        rest = re.match(r"\s+et al\b\.?", self.text[at + end :])
                        self._cover(at, at + end + (rest.end() if rest else 0))
                        return

    def _name(self, text: str, certain: bool) -> tuple[str, int]:
        """The author or organisation that `text` begins with, and where it ends; an empty name for none.

        Where it is not certain that an author is meant, only one whom the library knows.
        """
        ends = [m.end() for m in re.finditer(r"[^\W_][\w'’-]*\.?(?=[\s,?!;:)¤]|$)", text)][:4]
        for end in reversed(ends):
            said = re.sub(r"(?:['’]s)$", "", text[:end].rstrip("."))
            tokens = said.split()
            plain = not said[:1].isupper()
            if "," in said or "¤" in said or tokens[-1].lower() in STOP_WORDS or (plain and len(tokens) == 1):
                continue
            if names := self.ledger.authors_named(said):
                self._understood(author=names[0] if len(names) == 1 else said, names=names)
                return said, len(said)
            if organisations := not plain and self.ledger.organisations_named(said):
                self._understood(organisation=organisations[0])
                return said, len(said)
        shaped = _NAME_SHAPED.match(text)
        said = re.sub(r"(?:['’]s|\s+et al\.?)$", "", shaped[0]).strip() if shaped else ""
        if certain and said and said.split()[0].lower() not in _NO_NAMES:
            self._understood(author=said, names=())
            return said, len(said)
        return "", 0

    # Fields -----------------------------------------------------------------------------------------

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
        if fields and re.search(r"\band when\b\W*$", self.text, re.IGNORECASE):
            fields = (*fields, "published")
        if self.found.order and re.search(r"\b(?:and|with) (?:its |the )?(?:date|when)\b", self.text, re.IGNORECASE):
            fields = (*fields, "published")
        self._understood(fields=fields)

    # The whole --------------------------------------------------------------------------------------

    def _decided(self, asks: bool) -> Understood:
        found, says = self.found, self._says()
        counts = asks and found.intent != "groups" and self._counts()
        topic = self._topic()
        narrowed = bool(found.filters())
        if says:
            return replace(found, topic=topic, fields=())
        if found.intent == "groups" and not topic:
            return found
        special = found.order or found.stated or found.unstated or _numbers(found)
        unknown = found.author is not None and not found.names
        if counts:
            return replace(found, intent="count", topic=topic, fields=())
        if asks and (special or unknown or (narrowed and self._names_only(topic))):
            return replace(found, intent="list", topic=topic)
        if asks and found.fields and not narrowed:
            return replace(found, intent="fact", topic=topic)
        if (narrowed and not topic and not found.fields) or (asks and self._wants_all() and not topic):
            return replace(found, intent="list", topic="")
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
        rest = next((part for part in match.group("rest", "rest2", "rest3") if part is not None), "")
        if not COUNTS_PAPERS.match(rest):
            return False
        self._cover(match.start(), match.end())
        return True

    def _names_only(self, topic: str) -> bool:
        """Whether papers on a topic are asked for, and nothing that they say."""
        at = self.question.find(topic)
        after = re.match(rf"\W*(?:{NOUN})\b", self.text[at + len(topic) :], re.IGNORECASE) if topic else None
        named = bool(topic) and at >= 0 and (ABOUT.search(self.text[:at]) or after)
        return bool(named) and not SAYS_ABOUT.search(self.text)

    def _wants_all(self) -> bool:
        return bool(_ALL.search(self.text))

    def _topic(self) -> str:
        """What is left between the words of asking, as it was typed."""
        tokens = [m for m in re.finditer(r"[^\W_]['’\w./+-]*|§+|¤+", self.text)]
        core = [m for m in tokens if m[0][0] != "¤"]
        while core and _is_frame(core[0][0]):
            core.pop(0)
        while core and _is_frame(core[-1][0]):
            core.pop()
        if not core:
            return ""
        start, end = core[0].start(), core[-1].end()
        kept = "".join("\0" if self.text[i] == "¤" else self.question[i] for i in range(start, end))
        topic = re.sub(rf"\b(?:{NOUN})\b(?=\s*\0)|\0+", " ", kept, flags=re.IGNORECASE)
        return " ".join(re.sub(r"\s+([,;])", r"\1", topic).split()).strip(" ,;:?!.")


def _is_frame(token: str) -> bool:
    return token.rstrip(".").lower() in FRAME


def _numbers(found: Understood) -> bool:
    values = (found.least_authors, found.most_authors, found.least_comments, found.most_comments)
    return any(value is not None for value in values)


_ORDINALS = (("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"))
_FILL = (
    rf"(?:\s+(?:only|just|all|that|which|are|were|is|was|have|has|been|be|got|there|here|you have|{PUBLISHED}|{CAME_OUT}"
    rf"|(?:in|of) (?:the|this|your|my) {LIBRARY}|¤+|by ¤+|{DATED}|in))*[\s,(]*$"
)
_PAPERS_BEFORE = re.compile(rf"(?:\b{ANY}|\b{DATED}){_FILL}", re.IGNORECASE)
_PUBLISHED_BEFORE = re.compile(
    rf"\b{PUBLISHED}(?: (?:here|about|on) [^,?]{{1,60}})?[\s,(]*$|\b(?:what|which|anything|ones) (?:\w+ )?{CAME_OUT}[\s,(]*$"
    rf"|^\W*(?:which|what|how many|any|list|show)\b.*\b{NOUN}\b.*\b(?:are|were|is|was) $",
    re.IGNORECASE,
)
_PAPER_SOMEWHERE = re.compile(rf"\b(?:{ANY}|what|which|who)\b|¤", re.IGNORECASE)
_SET_BEFORE = re.compile(
    rf"^\W*(?:(?:which|what|any|list|show|find|give|tell|name|are there|is there|do you have|have you|how many|count|the|all|everything"
    rf"|please|and|i)\b[^?]{{0,40}}?\b{ANY}|{ANY})"
    r"(?:(?!\b(?:show|shows|find|finds|found|report|reports|claim|argue|prove|predict|explain|say|says|whether|how|why|if|when)\b)[^?])*$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(rf"\s*(?:$|[?.!,;)]|(?:are|is|do|does|have|has|were|in (?:the|this|your) {LIBRARY}|by|with|which)\b)", re.IGNORECASE)
_NOUN_AFTER = re.compile(rf"(?:['’]s)?\s+(?:(?:[\w-]+\s+){{0,2}}?(?:{PLURAL})\b|(?:{NOUN}|ones?)\b)", re.IGNORECASE)
_SET_AFTER = re.compile(rf"\W*(?:which|what|how many|list|show|who|are there|is there|find|name)\b.{{0,60}}\b(?:{ANY}|{PUBLISHED}|{CAME_OUT})", re.IGNORECASE)
# A date after one of these words is theirs: "tweets from 2020", "models released in 2023", "AIME 2024 papers".
_DATA_BEFORE = re.compile(
    r"\b(?:data|datasets?|tweets|posts|news|images?|records of|cases|prices|returns|events?|elections?|questions|problems|exams?|"
    r"competitions?|games|sales|patients|crisis|pandemic|war|collected|gathered|recorded|taken|sampled|drawn|crawled|snapshots?|"
    r"dumps?|waves?|seasons?|benchmarks?|models?|llms?|versions?|systems?|methods?|knowledge|cutoff|tasks?|challenges?|editions?|"
    r"held|happen(?:ed|ing)?|invented|born|founded|trained|trading|markets?|stocks?|volatility|reports? for|census|traffic)"
    rf"(?: (?:that|which|were|was|are|is|have|been|{PUBLISHED}|{CAME_OUT}))*[\s,(]*$",
    re.IGNORECASE,
)  # fmt: skip
_PROPER_BEFORE = re.compile(
    r"(?:^|\s)(?!(?:The|Which|What|Any|All|List|Show|Of|Are|Give|Find|How|In|From|Do|And|My|Your|These|Those|Newest|Latest|Oldest)\s)"
    r"[A-Z][\w-]*\s+$"
)
_OF_LAST = re.compile(
    r"\b(?:of|among|from) (?:them|these|those)\b|\b(?:which|how many|who|what|any|all|do|are|were|list|sort|order) (?:of )?(?:them|these|those|they)\b"
    r"|\b(?:these|those) (?:papers|ones|works|articles|entries)\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    rf"^\W*(?:please |can you |could you )?(?:list|show|give|name|display|print)\b.*\b(?:all|every)\b|\b(?:which|what) {NOUN} (?:do you have|are there|are (?:in|here))"
    rf"|^\W*(?:all|every) (?:the )?{NOUN}\W*$|^\W*list (?:the )?{PLURAL}\W*$",
    re.IGNORECASE,
)
_NAME_SHAPED = re.compile(
    r"(?:[^\W\d_a-z][\w'’-]*\.?)(?:\s+(?:(?:van|von|de|der|den|da|di|del|la|le|al|bin|ibn|el|dos)\s+)*[^\W\d_a-z][\w'’-]*\.?){0,4}(?:\s+et al\.?)?"
)
_NO_NAMES = frozenset(MONTHS) | STOP_WORDS | {"ai", "llm", "llms", "rl", "gpt", "bert", "i"}
_PIECE = rf"(?:{NOUN}|anything|something|everything|ones?|stuff)"
_AUTHOR_FRAMES: tuple[tuple[re.Pattern[str], bool], ...] = tuple(
    (re.compile(pattern), certain)
    for pattern, certain in (
        (rf"(?i:\b{_PIECE}(?: (?:here|else|at all|(?:that (?:is|are|was|were) )?(?:co-?)?(?:written|authored|published|signed)))? by) (?P<name>.+)(?P<many>)", True),
        (r"(?i:\b(?:co-?)?authored by|\b(?:co-?)?written by) (?P<name>.+)(?P<many>)", True),
        (rf"(?i:\b{_PIECE} (?:of|from)) (?P<name>(?:\S+ ){{1,3}}et al)(?P<many>)", True),
        (rf"(?i:\b{_PIECE} (?:of|from)) (?P<name>.+)(?P<many>)", False),
        (r"(?i:\b(?:did|has|have|does)) (?P<name>.+?) (?i:ever |also )?(?i:writ\w+|wrote|publish\w*|author|authored|co-?author(?:ed)?)\b(?P<many>)", True),
        (r"(?P<name>(?:\S+ ){1,2}\S+?)['’]s? (?i:papers?|articles?|publications?|work)\b(?P<many>)", False),
        (rf"(?i:\b(?:with|have|has|lists?|names?|including)) (?P<name>.+?) (?i:as|among|on) (?i:its |the |their |an? |one of the )?(?i:co-?)?(?i:authors?)\b(?P<many>)", True),
        (r"(?i:\bauthors? (?:is|named|called|are|includes?|include)) (?P<name>.+)(?P<many>)", True),
        (r"(?i:^\W*(?:is|was)) (?P<name>.+?) (?i:an|one of the|among the|the) (?i:co-?)?(?i:authors?)\b(?P<many>)", True),
        (r"(?P<name>.+?) (?i:et al)\b(?P<many>.?)", False),
        (rf"(?i:\b(?:by)) (?P<name>.+)(?P<many>)", False),
    )
)  # fmt: skip


def inherited(found: Understood, earlier: Understood) -> Understood:
    """`found`, with the topic and the bounds of an earlier question where it has none of its own."""
    dated = {"since": earlier.since, "until": earlier.until} if not (found.since or found.until) else {}
    named = {"author": earlier.author, "names": earlier.names} if not found.author else {}
    bounds_only = not (found.order or _numbers(found) or found.stated or found.unstated)
    intent = earlier.intent if bounds_only and found.intent == "list" else found.intent
    return replace(
        found,
        intent=intent,
        topic=found.topic or earlier.topic,
        source=found.source or earlier.source,
        order=found.order or earlier.order,
        wanted=found.wanted if found.order else earlier.wanted,
        **dated,  # type: ignore[arg-type]
        **named,  # type: ignore[arg-type]
    )

