"""Whose a date or a name is: that of the papers asked for, or a part of what they are about.

"Papers from 2020" and "tweets from 2020", "papers by Fu" and "learned by Gradient Descent" differ in the
words around them, and only in those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.dates import MONTHS, DatePhrase
from qa.text import STOP_WORDS
from qa.vocabulary import ANY, CAME_OUT, DATED, KIND, LIBRARY, NAMING, NOUN, PLURAL, PUBLISHED, either

# Dates ----------------------------------------------------------------------------------------------

_FILL = (
    r"(?:\s+(?:only|just|all|that|which|are|were|is|was|have|has|been|be|got|there|here|you have|in|from"
    rf"|new|else|more|{PUBLISHED}|{CAME_OUT}|(?:in|of) (?:the|this|your|my) {LIBRARY}|¤+|by ¤+|{DATED}))*"
    r"[\s,(]*$"
)
_PAPERS_BEFORE = either(rf"(?:\b{ANY}|\b{DATED}){_FILL}")
_PUBLISHED_BEFORE = either(
    rf"\b{PUBLISHED}(?: (?:here|about|on) [^,?]{{1,60}})?[\s,(]*$",
    rf"\b(?:what|which|anything|ones) (?:\w+ )?{CAME_OUT}[\s,(]*$",
    rf"^\W*(?:which|what|how many|any|list|show)\b.*\b{NOUN}\b.*\b(?:are|were|is|was) $",
)
_PAPER_SOMEWHERE = either(rf"\b(?:{ANY}|what|which|who)\b|¤")
_SET_BEFORE = either(
    r"^\W*(?:(?:which|what|any|list|show|find|give|tell|name|are there|is there|do you have|have you|how many"
    rf"|count|the|all|everything|please|and|i)\b[^?]{{0,40}}?\b{ANY}|{NAMING}{ANY})"
    r"(?:(?!\b(?:show|shows|find|finds|found|report|reports|claim|argue|prove|predict|explain|say|says|whether"
    r"|how|why|if|when)\b)[^?])*$"
)
_CLAUSE_END = either(
    r"\s*(?:$|[?.!,;)]|(?:are|is|do|does|have|has|were|by|with|which)\b"
    rf"|in (?:the|this|your) {LIBRARY}\b)"
)
_OF_ENDS = either(rf"(?:{_CLAUSE_END.pattern})|\s+(?:on|about|regarding)\b")
_NOUN_AFTER = either(rf"(?:['’]s)?\s+(?:(?:[\w-]+\s+){{0,2}}?(?:{PLURAL})\b|(?:{NOUN}|ones?)\b)")
_SET_AFTER = either(
    r"\W*(?:which|what|how many|list|show|who|are there|is there|find|name)\b.{0,60}"
    rf"\b(?:{ANY}|{PUBLISHED}|{CAME_OUT})"
)
_ALONE = either(
    r"^\W*+(?:(?:and|so|ok|or|but|no|yes|just|only)\b\W*+)*+"
    r"(?:(?:what about|how about)\b\W*+)?(?:only\b\W*+)?$"
)
# A date after one of these words is theirs: "tweets from 2020", "models released in 2023".
_DATA_BEFORE = either(
    r"\b(?:data|datasets?|tweets|posts|news|images?|records of|cases|prices|returns|events?|elections?"
    r"|questions|problems|exams?|competitions?|games|sales|patients|crisis|pandemic|war|collected|gathered|recorded|taken"
    r"|sampled|drawn|crawled|snapshots?|dumps?|waves?|seasons?|benchmarks?|models?|llms?|versions?|systems?"
    r"|methods?|knowledge|cutoff|tasks?|challenges?|editions?|held|happen(?:ed|ing)?|invented|born|founded"
    r"|trained|trading|markets?|stocks?|volatility|reports? for|census|traffic)"
    rf"(?: (?:that|which)(?: (?:were|was|are|is|have been))?)?(?: (?:{PUBLISHED}|{CAME_OUT}))?[\s,(]*$"
)
# "AIME 2024 papers" are not the papers of 2024; the first word of a question says nothing by its capital.
_PROPER_BEFORE = re.compile(
    r"(?:^|\s)[A-Z]{2}[\w-]*\s+$|\s(?!(?:The|Which|What|Any|All|List|Show|Of|Are|Give|Find|How|In|From|Do|And|My|Your|These|Those"
    r"|Newest|Latest|Oldest)\s)[A-Z][\w-]*\s+$"
)


def dates_the_papers(text: str, phrase: DatePhrase) -> bool:
    """Whether a date in a question is that of the papers asked for."""
    before, after = text[: phrase.start], text[phrase.end :]
    said = text[phrase.start : phrase.end].lower()
    if _DATA_BEFORE.search(before):
        return False
    if phrase.relation in ("", "in") and _NOUN_AFTER.match(after) and not said.startswith("of "):
        return not _PROPER_BEFORE.search(before)
    if not phrase.relation or (said.startswith("of ") and not _OF_ENDS.match(after)):
        return False
    if _PAPERS_BEFORE.search(before):
        return True
    if _PUBLISHED_BEFORE.search(before):
        return bool(_PAPER_SOMEWHERE.search(before) or not before.strip())
    if _ALONE.match(before):
        return bool(_SET_AFTER.match(after)) or not after.strip(" ?.!")
    of_set = _SET_BEFORE.match(before) and _CLAUSE_END.match(after)
    return bool(of_set) and (phrase.relation != "in" or said.startswith(("from", "dated")))


# Authors --------------------------------------------------------------------------------------------

_PIECE = rf"(?:{NOUN}|anything|something|everything|ones?|stuff)"
_WRITTEN = r"(?:(?:that (?:is|are|was|were) )?(?:co-?)?(?:written|authored|published|signed))"
_WROTE = r"(?:writ\w+|wrote|publish\w*|contribut\w+|author|authored|co-?author(?:ed)?)"
_CAPITAL = r"[^\W\d_a-z][\w'’-]*\.?"
_PARTICLE = r"(?:(?:van|von|de|der|den|da|di|del|la|le|al|bin|ibn|el|dos)\s+)*"
# Where a name may stand, and whether what stands there is surely meant as an author.
_FRAMES: tuple[tuple[re.Pattern[str], bool], ...] = tuple(
    (re.compile(pattern), certain)
    for pattern, certain in (
        (rf"(?i:\b{_PIECE}(?: (?:here|else|at all|{_WRITTEN}))? by) (?P<name>.+)", True),
        (r"(?i:\b(?:co-?)?(?:authored|written) by) (?P<name>.+)", True),
        (r"(?i:\b(?:attributed|credited) to) (?P<name>.+)", False),
        (rf"(?i:\b{_PIECE} (?:of|from)) (?P<name>(?:\S+ ){{1,3}}et al)", True),
        (rf"(?i:\b{_PIECE} from) (?P<name>{_CAPITAL}(?: {_PARTICLE}{_CAPITAL}){{1,3}})(?=\W*$)", True),
        (rf"(?i:\b{_PIECE}(?: (?:are|were|is|come|comes|came))? (?:of|from)) (?P<name>.+)", False),
        (rf"^\W*(?P<whole>\S+ \S+(?: \S+){{0,2}}?) (?i:{PLURAL})\b", False),
        (r"(?i:\b(?:where|in which)) (?P<whole>.+?) (?i:is|was|are|appears) (?i:an? |one of the |listed )*"
         r"(?i:as |co-?)*(?i:authors?)\b", True),
        (rf"(?i:\b(?:did|has|have|does)) (?P<whole>.+?) (?i:ever |also )?(?i:{_WROTE})\b", True),
        (r"(?P<near>(?:\S+ ){1,2}\S+?)['’]s? (?i:papers?|articles?|publications?|work)\b", False),
        (r"(?i:\b(?:with|have|has|lists?|names?|including)) (?P<whole>.+?) (?i:as|among|on) "
         r"(?i:its |the |their |an? |one of the )?(?i:co-?)?(?i:authors?)\b", True),
        (r"(?i:\bauthors? (?:is|named|called|are|includes?|include)) (?P<name>.+)", True),
        (r"(?i:^\W*(?:is|was)) (?P<whole>.+?) (?i:an|one of the|among the|the) (?i:co-?)?(?i:authors?)\b",
         True),
        (r"(?P<near>.+?) (?i:et al)\b", False),
        (r"(?i:\bby) (?P<name>.+)", False),
    )
)  # fmt: skip
_NAME_SHAPED = re.compile(rf"{_CAPITAL}(?:\s+{_PARTICLE}{_CAPITAL}){{0,4}}(?:\s+et al\.?)?")
_NO_NAMES = frozenset(MONTHS) | STOP_WORDS | {"ai", "llm", "llms", "rl", "gpt", "bert", "i"}
_NAME_ENDS = re.compile(r"[^\W_][\w'’-]*\.?(?=[\s,?!;:)¤]|$)")
_OF_PAPERS = either(
    rf"\b(?:{KIND}|who|any|anything|them|these|those|everything)\b|¤",
    r"^\W*(?:(?:and|only|just|but|or)\W+)*with\b",
)
_MOST_WORDS = 4  # of a name


def names_in(text: str) -> Iterator[tuple[int, str, bool]]:
    """Where an author may be named: the place, what follows from there, and whether it is surely one."""
    for pattern, certain in _FRAMES:
        for match in pattern.finditer(text):
            group = next(iter(match.groupdict()))
            starts = [0] if group != "near" else [word.start() for word in re.finditer(r"\b\w", match[group])]
            for at in starts:
                said = match[group][at:]
                # Between the verb and its subject there is nothing but the name.
                surely = certain and (group != "whole" or name_shaped(said) == said)
                yield match.start(group) + at, said, surely


def candidates(text: str) -> Iterator[str]:
    """The names that `text` may begin with, the longest first; in lower case two words at least."""
    for end in reversed([match.end() for match in _NAME_ENDS.finditer(text)][:_MOST_WORDS]):
        said = re.sub(r"['’]s$", "", text[:end].rstrip("."))
        plain = not said[:1].isupper() and " " not in said
        if not (plain or "," in said or "¤" in said or said.split()[-1].lower() in STOP_WORDS):
            yield said


def name_shaped(text: str) -> str:
    """The name that `text` begins with, told by its capitals alone; empty for none."""
    shaped = _NAME_SHAPED.match(text)
    said = re.sub(r"(?:['’]s|\s+et al\.?)$", "", shaped[0]).strip() if shaped else ""
    return "" if not said or said.split()[0].lower() in _NO_NAMES else said


def sounds_of_papers(text: str) -> bool:
    """Whether a question speaks of papers at all, so that a number in it may be theirs."""
    return bool(_OF_PAPERS.search(text))
