"""Orders and numbers in words: "the three newest", "most comments", "more than ten authors"."""

from __future__ import annotations

import re
from typing import Literal

from qa.dates import NUMBER, NUMBERS
from qa.vocabulary import CAME_OUT, KIND, NOUN, NUMBER_BEFORE, PLURAL, PUBLISHED, either

Order = Literal["newest", "oldest", "most authors", "fewest authors", "most comments", "fewest comments"]

_NEW = r"(?:newest|latest|most recent|most up[- ]to[- ]date|youngest)"
_OLD = r"(?:oldest|earliest)"
_MOST = r"(?:the )?¤*(?:most|(?:highest|largest|greatest|biggest) (?:number|count) of)"
_LEAST = r"(?:the )?¤*(?:fewest|least|(?:lowest|smallest) (?:number|count) of)"
_AUTHORS = r"(?:listed |named |different )?(?:co-?)?authors"
_PEOPLE = r"(?:people|persons?|researchers?|scientists?|contributors|writers|man|woman|hands?)"
_COMMENTS = r"(?:reader |user )?comments"
_RECEIVED = (
    r"(?:drew|draws?|drawn|got|gets?|has|have|had|having|received|receives|attracted|attracts|with|collected"
    r"|gathered|generated|sparked|carry|carries|shows?|by|earned|garnered|provoked|of)"
)
_LIST_OF = r"(?:author (?:list|team)|(?:list|team|group) of authors)"
_SORTED = r"\b(?:sort|order|arrang|rank)\w*\b[^?]*?"
# Between "newest" and "paper" there may be a subject, but no "of" or "in": "newest tokens in a paper".
_SUBJECT = r"(?:(?!(?:of|in|for|on|to|by|with|than|and|or|from|version|models?)\b)[\w§¤+-]+ ){0,4}?"

_THAT_CAME = rf"(?:(?:that|which) )?(?:was |is )?(?:{PUBLISHED}|{CAME_OUT})(?:\W*$| (?:¤|here|in|on|about))"


def _extreme(words: str) -> tuple[str, ...]:
    """Ways to ask for the papers at one end of their dates."""
    return (
        rf"{NUMBER_BEFORE}\b{words} (?:(?P<count>{NUMBER}) )?(?={_SUBJECT}(?P<noun>{KIND})\b)",
        rf"\b(?:which|what)\b[^?]*?\b(?:is|was|are|were) (?P<here>(?:the )?¤*{words})"
        r"(?= (?:here|in|among|of|you)\b|\W*$|[,;])",
        rf"\b{words}(?= (?:on|about)\b)",
        rf"\b{words} (?:publication )?date\b",
        rf"\b{words}(?:\s{NOUN})? first\b",
        rf"\b(?:the|and|about) ¤*{words}(?= one\b|\W*$)",
    )


_WAYS: tuple[tuple[Order, tuple[str, ...]], ...] = (
    ("newest", (rf"(?P<all>\bfrom {_NEW} to {_OLD}\b|\breverse chronological(?: order|ly)?\b)",)),
    (
        "oldest",
        (
            rf"(?P<all>\bfrom {_OLD} to {_NEW}\b|\bchronological(?: order|ly)\b"
            rf"|{_SORTED}\bby (?:publication )?(?:date|year|age)\b)",
        ),
    ),
    (
        "newest",
        (
            *_extreme(_NEW),
            rf"\bmost recently {PUBLISHED}",
            rf"\blast (?={KIND} (?:¤|{_THAT_CAME}))|(?<=by date)(?=[^?]*\blast\W*$)",
            rf"\b(?:{PUBLISHED}|{CAME_OUT}) (?:the )?(?:most recently|last|latest)\b(?! (?:year|month|week))",
        ),
    ),
    (
        "oldest",
        (
            *_extreme(_OLD),
            rf"\b(?:{PUBLISHED}|{CAME_OUT}) (?:the )?(?:first|earliest)\b",
            rf"\b{PUBLISHED} longest ago\b|\bdates? back (?:the )?(?:furthest|farthest)\b",
            rf"\bfirst (?={KIND} (?:¤|{_THAT_CAME}))|(?<=by date)(?=[^?]*\bfirst\W*$)",
        ),
    ),
    (
        "most authors",
        (
            rf"{_MOST} {_PEOPLE} (?:on|behind|who wrote|involved|listed|named)\b",
            rf"{_MOST} {_AUTHORS}\b|\bmore {_AUTHORS} than (?:any|all)(?: the)?(?: others?)?\b",
            rf"\b(?:the )?(?:longest|biggest|largest) {_LIST_OF}\b",
            r"\b(?:highest|largest|biggest) author counts?\b",
            r"\b(?:largest|biggest) (?:author |research |writing )?team\b(?! of (?!authors|people))",
            r"(?P<all>\bby (?:the )?(?:number of authors|author count)\b)",
        ),
    ),
    ("fewest authors", (rf"{_LEAST} {_AUTHORS}\b", rf"\b(?:the )?(?:shortest|smallest) {_LIST_OF}\b")),
    (
        "most comments",
        (
            rf"\b{_RECEIVED} {_MOST} {_COMMENTS}\b",
            r"\b(?:highest|largest|greatest) (?:(?:number|count) of comments|comment counts?)\b",
            rf"\bmore {_COMMENTS} than (?:any|all)(?: the)?(?: others?)?\b",
            r"\bmost[- ]commented(?:[- ]on)?\b|\bcommented on (?:the )?most\b",
            rf"\bmost[- ](?:heavily |widely )?discussed(?= {NOUN}\b|\W*$| (?:here|in|among)\b)",
            rf"\bmost (?:popular|active|discussed) {NOUN}\b[^?]*\bby (?:(?:the )?number of )?comments\b",
            r"(?P<all>\bby (?:the )?(?:number of comments|comment count|comments)\b)",
        ),
    ),
    ("fewest comments", (rf"\b{_RECEIVED} {_LEAST} {_COMMENTS}\b", r"\bleast commented(?:[- ]on)?\b")),
)


_UP_TO_99 = rf"(?:\d\d?(?!\d)|{'|'.join(NUMBERS)})"


def _numbered(ways: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern; where several ways have a group of the same name, each gets a number of its own."""
    parts = [re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{place}>", way) for place, way in enumerate(ways)]
    return re.compile(rf"(?:\b(?:top )?(?P<top>{_UP_TO_99}) )?(?:{'|'.join(parts)})", re.IGNORECASE)


ORDERS: tuple[tuple[Order, re.Pattern[str]], ...] = tuple((order, _numbered(ways)) for order, ways in _WAYS)
# What is compared is not papers: "which dataset has the most comments", "which method came out first".
OTHER_THING = either(
    rf"^\W*(?:which|what) (?!(?:[\w§-]+ ){{0,3}}?{KIND}\b|¤|§"
    r"|(?:is|was|are|were|do|does|did|of|has|have|had|got|drew|came|come|the|in|about)\b)"
)
# Before an order, these words say that papers in that order are not what is asked for.
ASIDE = either(r"\b(?:instead|whether|why|because|if|than|rather|unlike|compar\w+)\b")
_SET_AGAINST = r"(?=\W*$|[,:;?]| (?:than|paper|one|of|work|study|article|is|was|among|between|out)\b)"
_COMPARED: tuple[tuple[Order, re.Pattern[str]], ...] = (
    ("most authors", either(rf"\b(?:more {_AUTHORS}|longer author list)\b")),
    ("fewest authors", either(rf"\b(?:fewer|less) {_AUTHORS}\b|\bshorter author list\b")),
    ("most comments", either(rf"\bmore {_COMMENTS}\b|\bmore commented\b")),
    ("fewest comments", either(rf"\b(?:fewer|less) {_COMMENTS}\b|\bless commented\b")),
    (
        "oldest",
        either(rf"\bolder{_SET_AGAINST}|\b(?:{PUBLISHED}|{CAME_OUT}|come|came) (?:earlier|before|first)\b"),
    ),
    (
        "newest",
        either(
            rf"\b(?:newer|more recent|younger){_SET_AGAINST}",
            rf"\b(?:{PUBLISHED}|{CAME_OUT}|come|came) (?:later|after|more recently|last)\b",
        ),
    ),
)
ORDINAL = either(
    r"\b(?P<place>second|third|fourth|fifth|2nd|3rd|4th|5th)[- ]"
    r"(?=newest|latest|most|oldest|earliest|fewest|longest|shortest|highest|largest|biggest|greatest|lowest|smallest)"
)
_PLACES = {"s": 2, "2": 2, "t": 3, "3": 3, "fo": 4, "4": 4, "fi": 5, "5": 5}
TOP = either(rf"\btop (?P<top>{_UP_TO_99})\b")
_THAT = either(
    rf"\b(?P<of>{NUMBER}) (?:{NOUN} )?(?:that|which|with|¤)|\b(?:which|what) (?P<which>{NUMBER}) {NOUN}\b"
)
SEVERAL_WANTED = 5  # of "the newest papers", without a number


def compared(question: str) -> Order | None:
    """By what a question compares papers: "newer", "published before", "more authors"."""
    return next((order for order, pattern in _COMPARED if pattern.search(question)), None)


def place(ordinal: str) -> int:
    """2 for "second" or "2nd"."""
    return next(value for start, value in _PLACES.items() if ordinal.lower().startswith(start))


def wanted(match: re.Match[str], question: str) -> int | None:
    """How many papers of an order are asked for: one, a number that is named; None for all, in order."""
    found = {name.partition("_")[0]: text for name, text in match.groupdict().items() if text}
    said = found.get("top") or found.get("count") or found.get("before")
    if said:
        return max(number(said), 1)
    if "all" in found and (best := TOP.search(question)):
        return max(number(best["top"]), 1)
    if "all" in found or (match[0].lower().endswith(" first") and not _is_published(match[0])):
        return None
    if that := _THAT.search(question):
        return number(that["of"] or that["which"])
    return SEVERAL_WANTED if re.fullmatch(rf"{PLURAL}|ones", found.get("noun", ""), re.IGNORECASE) else 1


def superlative(match: re.Match[str]) -> tuple[int, int]:
    """Where in a match the order itself stands, without what it only needed to see."""
    here = next((name for name, text in match.groupdict().items() if text and name.startswith("here")), 0)
    return match.span(here)


def _is_published(text: str) -> bool:
    return bool(re.match(rf"{PUBLISHED}|{CAME_OUT}", text, re.IGNORECASE))


def number(text: str) -> int:
    """A number in figures or in words."""
    text = text.strip().lower()
    return NUMBERS[text] if text in NUMBERS else int(text)


# Numbers of authors and comments -----------------------------------------------------------------

_EXACT = r"(?:exactly|precisely|just|only|a total of)"
_COUNT = rf"(?:{NUMBER}|a single|only a single|just a single|a lone|a sole|single|no|any)"
_HOLDING = (
    r"(?:(?P<written>(?:co-?)?(?:written|authored|signed) by(?: an? (?:team|group) of)?)"
    r"|have|has|had|having|with|and|by|list|lists"
    r"|listing|name|names|naming|carry|carries|show|shows|count|counts|credit|credits|got|received|drew"
    r"|there (?:are|is))"
)
_RELATION = (
    r"(?:(?P<over>more than|over|above)|(?P<least>at least|no fewer than|no less than|a minimum of)"
    r"|(?P<under>fewer than|less than|under|below)|(?P<most>at most|no more than|up to|a maximum of)"
    rf"|{_EXACT})?"
)
_THING = (
    r"(?P<thing>(?:listed |named )?(?:co-?)?authors?(?!-)|(?:reader )?comments?"
    rf"|(?(written){_PEOPLE}|(?!)))"
)
BOUNDS = either(
    rf"\b{_HOLDING} (?:(?:between |from )?(?P<from>{NUMBER}) ?(?:and|to|-|–) ?(?P<to>{NUMBER})"
    rf"|{_RELATION} ?(?P<number>{_COUNT})(?P<tail>\+| or more| or fewer| or less)?) {_THING}\b",
    rf"\b(?P<hyphen>{NUMBER}|single|sole|solo|lone)[- ]author(?:ed|s)?(?=(?: [\w§-]+){{0,2}} {KIND}\b|\W*$)",
    rf"\b(?:written|authored) (?P<alone>alone)\b|\bsolo (?={NOUN}\b)",
)


def bounds(match: re.Match[str]) -> tuple[Literal["authors", "comments"], int | None, int | None]:
    """Which number a match of BOUNDS bounds, and the least and the most that it may be."""
    comments = "comment" in (match["thing"] or "").lower()
    thing: Literal["authors", "comments"] = "comments" if comments else "authors"
    if match["from"]:
        return thing, number(match["from"]), number(match["to"])
    said = (match["number"] or match["hyphen"] or "one").lower()
    if said in ("any", "no"):
        return (thing, 1, None) if said == "any" else (thing, None, 0)
    count = 1 if re.search("single|sole|solo|lone", said) else number(said)
    tail = match["tail"] or ""
    if match["over"]:
        return thing, count + 1, None
    if match["least"] or tail in ("+", " or more"):
        return thing, count, None
    if match["under"]:
        return thing, None, count - 1
    return (thing, None, count) if match["most"] or tail else (thing, count, count)
