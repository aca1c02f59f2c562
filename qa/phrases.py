"""How people ask for what stands in records: the words for papers, orders, numbers and fields.

Patterns only, with what each of them means; understanding.py decides when they hold. In the text that
they read, "¤" stands where something was understood already and "§" inside quotation marks.
"""

from __future__ import annotations

import re
from typing import Literal

from qa.dates import NUMBER, NUMBERS
from qa.lexical import STOP_WORDS

Order = Literal[
    "newest", "oldest", "most authors", "fewest authors", "most comments", "fewest comments"]

NOUN = r"(?:papers?|articles?|entry|entries|works?|stud(?:y|ies)|publications?|preprints?|documents?|manuscripts?)"
PLURAL = r"(?:papers|articles|entries|works|studies|publications|preprints|documents|manuscripts|surveys)"
ANY = rf"(?:{NOUN}|surveys?|ones?|anything|something|everything|what(?:'s|’s| is) new|research|literature|stuff|them|these|those)"
PUBLISHED = r"(?:published|written|dated|posted|submitted|appear(?:ed|s|ing)?|printed|put online)"
CAME_OUT = r"(?:released|came out|come out|coming out|uploaded|added|listed)"
DATED = (
    r"(?:carry|carries|carrying|bear|bears|have|has|with|having) (?:a |an |the )?(?:publication )?dates?"
    r"|(?:publication )?dates?"
)
LIBRARY = r"(?:library|collection|corpus|pile|database|set|list|archive|catalogue|index|dataset of papers)"

# A question that may ask for papers or for a field begins like this; "how does", "why", "is", "can" do not.
ASKS = re.compile(
    r"^\W*(?:(?:and|so|ok(?:ay)?|now|then|please|also|but|hi|hello|well|finally|just|next)\b\W*)*"
    r"(?:(?:can|could|would|will) (?:you|i|we)\b.{0,20}\b(?:tell|show|list|give|name|find|sort|say|see|get|have|know)\b"
    r"|(?:which|what|who|whose|when|list|show|give|name|find|tell|sort|order|rank|count|display|print|get|number|summari[sz]e|explain|describe)\b"
    r"|how (?:many|old|recent)\b|(?:is|are|was|were) there\b|any(?:thing|one|body)?\b|(?:do|does) (?:you|we|it|this|the)\b"
    r"|do any|did\b|has\b|have\b|papers?\b|entr(?:y|ies)\b|everything\b|something\b|all\b|every\b|i\b|we\b|where\b"
    r"|(?:the |my |your )?(?:\w+ )?(?:newest|latest|most|oldest|earliest|fewest|longest|shortest|single|sole|authors?|date)\b"
    r"|(?:out )?of (?:the|these|those|them|all|your)\b|among\b|in\b|from\b|since\b|before\b|after\b|between\b|during\b"
    r"|going by\b|according to\b|by\b|judging\b|looking\b|¤|§|[12]\d{3}\b|(?:the )?[\w-]+ (?:papers|entries|articles)\b)",
    re.IGNORECASE,
)
# What a paper says is asked, of papers that the question also describes: "what does the newest one propose?"
SAYS = re.compile(
    r"\b(?:what|how|why|which)\b[^?]*\b(?:do|does|did|is|are|was|were)\b[^?]*"
    r"\b(?P<verb>say|propos\w+|claim\w*|show|find|report\w*|introduc\w+|argue\w*|achiev\w+|suggest\w*|conclud\w+|about|use|test\w*|"
    r"measur\w+|evaluat\w+|compare\w*|recommend\w*|work|mean|solve|handle|train\w*|contribut\w+)\s*\W*$"
    r"|^\W*(?P<command>summari[sz]e|explain|describe|tell me (?:more )?about)\b",
    re.IGNORECASE,
)

# How many papers each file or each year has, and which files or years there are.
GROUPS = re.compile(
    rf"\b(?:per|each|every|by) (?P<each>year|file|source|document)\b"
    rf"|\b(?:which|what) (?P<which>years?|files?|sources?|documents?|source files?)\b(?=.*\b(?:these|they|{PLURAL}|{LIBRARY})\b)",
    re.IGNORECASE,
)
ORDINAL = re.compile(r"\b(?P<place>second|third|fourth|fifth|2nd|3rd|4th|5th)[- ](?=newest|latest|most|oldest|earliest|fewest|longest)", re.IGNORECASE)

# Orders ------------------------------------------------------------------------------------------

_NEW = r"(?:newest|latest|most recent|youngest)"
_OLD = r"(?:oldest|earliest)"
_MOST = r"(?:the )?(?:most|(?:highest|largest|greatest|biggest) (?:number|count) of|largest amount of)"
_LEAST = r"(?:the )?(?:fewest|least|(?:lowest|smallest) (?:number|count) of)"
_NO_LINK = r"(?!(?:of|in|for|on|to|by|with|than|and|or|from|version|models?)\b)"
_RECEIVED = (
    r"(?:drew|draws?|drawn|got|gets?|has|have|had|having|received|receives|attracted|attracts|with|collected|"
    r"gathered|generated|sparked|carry|carries|shows?|by|earned|garnered|provoked|of)"
)
_AUTHORS = r"(?:listed |named |different )?(?:co-?)?authors"
_COUNTED = rf"(?P<count>{NUMBER} )?"


def _superlatives(words: str) -> str:
    """Ways to ask for the papers at one end of their dates."""
    return (
        rf"(?:(?P<before>{NUMBER}) )?\b{words} {_COUNTED}(?=(?:{_NO_LINK}[\w§+-]+ ){{0,4}}?(?P<noun>{NOUN}|surveys?|ones?)\b)"
        rf"|\b(?:which|what)\b[^?]*?\b(?:is|was|are|were) (?:the )?{words}(?= (?:here|in|among|of|you)\b|\W*$|[,;])"
        rf"|\b{words}(?= (?:on|about)\b)|\b{words} (?:publication )?date\b"
        rf"|\b{words}(?:\s{NOUN})? first\b|\b(?:the|and|about|which is) {words}(?= one\b|\W*$)"
    )


ORDERS: tuple[tuple[Order, re.Pattern[str]], ...] = tuple(
    (order, re.compile(rf"(?:\btop (?P<top>{NUMBER}) )?(?:{pattern})", re.IGNORECASE))
    for order, pattern in (
        ("newest", rf"\bfrom {_NEW} to {_OLD}\b|\b(?:in )?reverse chronological(?: order|ly)?\b"),
        ("oldest", rf"\bfrom {_OLD} to {_NEW}\b|\bchronological(?: order|ly)\b"
                   rf"|\b(?:sort|order|arrang|rank)\w*\b[^?]*?\bby (?:publication )?(?:date|year|age)\b"),
        ("newest", rf"{_superlatives(_NEW)}|\bmost recently {PUBLISHED}|\b(?:{PUBLISHED}|{CAME_OUT}) (?:the )?"
                   r"(?:most recently|last|latest)\b(?! (?:year|month|week))"),
        ("oldest", rf"{_superlatives(_OLD)}|\b(?:{PUBLISHED}|{CAME_OUT}) (?:the )?(?:first|earliest)\b"
                   rf"|\b{PUBLISHED} longest ago\b"),
        ("most authors", rf"{_MOST} {_AUTHORS}\b|\b(?:the )?longest (?:author list|list of authors)\b"
                         r"|\b(?:the )?(?:biggest|largest) (?:author (?:list|team)|team of authors|group of authors)\b"
                         r"|\bby (?:the )?(?:number of authors|author count)\b"),
        ("fewest authors", rf"{_LEAST} {_AUTHORS}\b|\b(?:the )?shortest (?:author list|list of authors)\b"
                           r"|\b(?:the )?smallest (?:author (?:list|team)|team of authors|group of authors)\b"),
        ("most comments", rf"\b{_RECEIVED} {_MOST} (?:reader |user )?comments\b|\bmost[- ]commented(?:[- ]on)?\b"
                          rf"|\bmost[- ](?:heavily |widely )?discussed(?= {NOUN}\b|\W*$| (?:here|in|among)\b)"
                          r"|\bby (?:the )?(?:number of comments|comment count|comments)\b"),
        ("fewest comments", rf"\b{_RECEIVED} {_LEAST} (?:reader |user )?comments\b|\bleast commented(?: on)?\b"),
    )
)  # fmt: skip
_TOP = re.compile(rf"\b(?P<of>{NUMBER}) (?:{NOUN} )?(?:that|which|with)\b", re.IGNORECASE)
# What is compared is not papers: "which dataset has the most comments", "which method came out first".
OTHER_THING = re.compile(
    rf"^\W*(?:which|what) (?!(?:[\w§-]+ ){{0,3}}?(?:{NOUN}|surveys?|ones?)\b|¤|§|(?:is|was|are|were|do|does|did|of|has|have|had|got|drew|came|come|the|in|about)\b)",
    re.IGNORECASE,
)
SEVERAL_WANTED = 5  # of "the newest papers", without a number


def wanted(match: re.Match[str], question: str) -> int | None:
    """How many papers of an order are asked for: one, a number that is named; None for all, in order."""
    found = match.groupdict()
    said = found.get("top") or found.get("count") or found.get("before")
    if said:
        return number(said)
    if re.search(r" to |first$|\bby\b|chronolog|sort|order|arrang|rank", match[0], re.IGNORECASE) and not re.search(
        r"published|came out|come out", match[0], re.IGNORECASE
    ):
        return None
    if top := _TOP.search(question):
        return number(top["of"])
    plural = re.fullmatch(rf"{PLURAL}|ones", found.get("noun") or "", re.IGNORECASE)
    return SEVERAL_WANTED if plural else 1


def number(text: str) -> int:
    """A number in figures or in words."""
    text = text.strip().lower()
    return NUMBERS[text] if text in NUMBERS else int(text)


# Numbers of authors and comments -----------------------------------------------------------------

_EXACT = r"(?:exactly|precisely|just|only|a total of) "
_COUNT = rf"{NUMBER}|a single|only a single|just a single|a lone|a sole|single|no|any"
_HOLDING = (
    r"(?:have|has|had|having|with|by|list|lists|listing|name|names|naming|carry|carries|show|shows|count|counts|"
    r"credit|credits|got|received|drew|there (?:are|is))"
)
_THING = rf"(?:{_AUTHORS}|(?:listed |named )?(?:co-?)?author(?!-)|(?:reader )?comments?)"
BOUNDS = re.compile(
    rf"\b{_HOLDING} (?:between (?P<from>{NUMBER}) and (?P<to>{NUMBER})"
    rf"|(?:(?P<over>more than|over|above)|(?P<least>at least|no fewer than|no less than|a minimum of)"
    rf"|(?P<under>fewer than|less than|under|below)|(?P<most>at most|no more than|up to|a maximum of)|{_EXACT.strip()})?"
    rf" ?(?P<number>{_COUNT})(?P<tail>\+| or more| or fewer| or less)?) (?P<thing>{_THING})\b"
    rf"|\b(?P<hyphen>{NUMBER}|single|sole|solo|lone)[- ](?P<author>author(?:ed|s)?)(?=(?: [\w§-]+){{0,2}} (?:{NOUN}|surveys?|ones?)\b|\W*$)"
    rf"|\b(?:co-?)?(?:written|authored) (?:by )?(?:(?P<alone>alone)|(?:{_EXACT})?(?P<people>{NUMBER}|a single)"
    r" (?:people|persons?|researchers?|scientists?|authors?|man|woman|hands?))\b",
    re.IGNORECASE,
)


def bounds(match: re.Match[str]) -> tuple[Literal["authors", "comments"], int | None, int | None]:
    """Which number a match of BOUNDS bounds, and the least and the most that it may be."""
    thing: Literal["authors", "comments"] = "comments" if "comment" in (match["thing"] or "").lower() else "authors"
    if match["from"]:
        return thing, number(match["from"]), number(match["to"])
    said = (match["number"] or match["hyphen"] or match["people"] or "one").lower()
    if said in ("any", "no"):
        return thing, *((1, None) if said == "any" else (None, 0))
    count = 1 if re.search("single|sole|solo|lone", said) else number(said)
    tail = match["tail"] or ""
    if match["over"]:
        return thing, count + 1, None
    if match["least"] or tail in ("+", " or more"):
        return thing, count, None
    if match["under"]:
        return thing, None, count - 1
    if match["most"] or tail:
        return thing, None, count
    return thing, count, count


# Fields ------------------------------------------------------------------------------------------

_IS = r"(?:'s|’s| is| are| was| were)"
_NOT_CODE = r"(?!.*\b(?:code|repo(?:sitory)?|github|data|dataset|demo|weights|between|connection|models?)\b)"
FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(pattern, re.IGNORECASE))
    for field, pattern in (
        ("authors", rf"\bwho(?: has| have| had)? (?:wrote|written|authored|co-?authored|penned)\b"
                    rf"|\bwho{_IS} (?:the |its |their )?(?:main |lead |first |last |senior )?(?:co-?)?authors?(?: of| on| here)?\b"
                    r"|\b(?:what|which|list|name|give me|tell me|show me|show)\b[^?]{0,14}\b(?:authors?(?!s?[- ](?:list|count|number))|author names?)"
                    r"(?: of| on|\W*$)|\b(?:names?) of (?:the |its )?authors?\b"
                    r"|\bby who(?:m)?\b|\bwho (?:is|was) (?:it|this|that|§+) (?:written |authored )?by\b"),
        ("author_count", r"\bhow many (?:co-?)?authors (?=(?:does|do|did|has|have|is|are|were|on|wrote|signed|of)\b)"
                         r"(?=.*\b(?:have|has|list|name|carry|show|credit|there|on|wrote|signed|behind|of|listed|named)\b)"
                         r"|\bhow many (?:people|researchers|scientists|persons) (?:wrote|authored|co-?authored|signed|are behind|were behind|worked on)\b"
                         r"|\b(?:the )?number of authors(?= (?:of|on|for)\b|\W*$)"),
        ("comments", r"\bhow many (?:reader |user )?comments (?=(?:did|does|do|has|have|are|were|is|got)\b)"
                     r"(?=.*\b(?:get|have|draw|receive|attract|there|got|gotten|gather|collect|drawn|received|on|for|has)\b)"
                     r"|\b(?:the )?number of comments(?= (?:of|on|for)\b|\W*$)"),
        ("published", rf"\bwhen (?:was|were|did|is|has|are)\b(?=.*\b(?:{PUBLISHED}|{CAME_OUT}|appear|made public|from|written)\b)"
                      r"|\b(?:what|which)(?:'s|’s| is| was)? (?:the )?(?:publication |listed )?(?:date|year|month|day)\b(?! range)"
                      r"|\bpublication date\b|\bhow old (?:is|are)\b|\bthe date of\b"),
        ("link", rf"{_NOT_CODE}\b(?:is there|do you have|does|what(?:'s|’s| is)|give me|show me|have you|got|any|has)\b"
                 r".{0,40}\b(?:doi|arxiv (?:id|identifier|number|link|page)|url|links?|web ?page|web address)\b"
                 rf"|{_NOT_CODE}\bwhere (?:can|could|do) (?:i|we|one) (?:find|read|download|get|see|access)\b"),
        ("source", r"\b(?:which|what) (?:source )?(?:files?|documents?|sources?|source files?)\b(?=.*\b(?:from|in|hold|holds|contains?|of|for|is|are)\b)"
                   r"|\bthe source file\b"),
        ("organisation", r"\b(?:which|what) (?:organi[sz]ation|lab|laboratory|company|institution|institute|university|affiliation|research group)\b"
                         r"|\baffiliations? of\b"),
        ("venue", rf"\b(?:which|what|at which|at what|in which|in what) (?:venue|journal|conference)\b"
                  r"|\bwhere (?:was|were|has|is)\b(?=.*\b(?:published|presented|accepted)\b)"),
    )
)  # fmt: skip

# What stands before the subject of papers that are asked for, and nothing else is asked of them.
ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|related to|deal(?:s|t|ing)? with|cover(?:s|ing)?|discuss(?:es|ing)?|"
    r"mention(?:s|ing)?|treat(?:s|ing)?|in the (?:field|area) of|on the (?:topic|subject) of) (?:the )?$",
    re.IGNORECASE,
)
SAYS_ABOUT = re.compile(r"\b(?:say|says|said|tell|tells|learn|find|found|show|shows|report|reports|know|claim)\b(?! (?:me|us)\b)", re.IGNORECASE)

# Counting, and fields that are known or not ---------------------------------------------------------

COUNT = re.compile(
    rf"\bhow many(?= (?:of (?:the|these|those|them|your|our|my|all)\b ?)?(?:(?!did|does)[\w§¤+-]+ ){{0,5}}?(?:{PLURAL}|¤|them|these|those)(?P<rest>.*))"
    rf"|\b(?:what is |what's |give me |tell me )?(?:the )?(?:total )?number of(?= (?:[\w§¤+-]+ ){{0,3}}?{PLURAL}\b(?P<rest2>.*))"
    rf"|^\W*count(?= .*\b{PLURAL}\b(?P<rest3>.*))",
    re.IGNORECASE,
)
COUNTS_PAPERS = re.compile(
    rf"^\W*(?:$|(?:(?:altogether|overall|in total|in all|here|exactly|also)\b\W*)*(?:$|(?:are|is|were|was|did) (?:there|here|in|about|on|from|by|¤|{PUBLISHED}|{CAME_OUT}|newer|older|single|of|deal)"
    rf"|(?:do|does|did) (?:you|we|i|it|this|they|the {LIBRARY}|your {LIBRARY}|my {LIBRARY}|not\b)|don't|(?:in|are in|is in) (?:the|this|your|my|here|total|all|this) ?(?:{LIBRARY})?"
    r"|(?:have|has|carry|carries|list|lists|with|without|name|names|lack|came|come|coming|appear\w*|from|about|on|deal|talk|discuss|mention|"
    r"address|concern|study|use|using|propose|consider|cover|focus|involve|that|which|whose|work|treat|tackle|apply|by|written|published|dated|"
    r"released|since|before|after|between|analy[sz]e|look|introduce|present|evaluate|train|show|build|rely|draw|drew|got|received|call|contain)\b|¤))",
    re.IGNORECASE,
)
NOT_COUNTED = re.compile(
    rf"\b(?:were|was|are|been|be|get) (?:\w+ )?(?:reviewed|surveyed|cited|included|analy[sz]ed|annotated|read|considered|retrieved|screened|"
    rf"examined|labelled|used|collected|selected|covered|identified|evaluated|tested|generated)\b"
    rf"|\b(?:do|does|did) (?:the|this|that) (?!{LIBRARY})",
    re.IGNORECASE,
)
_KNOWABLE = (
    ("published", r"(?:publication )?dates?"),
    ("authors", r"(?:named |listed )?authors?(?: names?)?"),
    ("author_count", r"(?:number of authors|author counts?)"),
    ("comments", r"comments?"),
    ("abstract", r"abstracts?"),
    ("link", r"(?:doi|link|url)s?"),
    ("organisation", r"organi[sz]ations?|affiliations?"),
)
_ENDS = r"(?=\W*$| (?:are|is|do|does|have|in (?:the|this)|here|and)\b|¤|[,;])"
UNSTATED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(
        rf"\b(?:without|have no|has no|with no|lack|lacks|lacking|missing|(?:don't|doesn't|do not|does not) (?:have|carry|name|list|give|state|bear))"
        rf" (?:a |an |any |the |their |its )?(?:known |stated )?(?:{words}){_ENDS}", re.IGNORECASE))
    for field, words in _KNOWABLE
)  # fmt: skip
STATED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(
        rf"\b(?:with|have|has|name|names|give|gives|list|lists|state|states|carry|carries|bear|spell out|got|received) "
        rf"(?:a |an |any |their |its |some |known )?(?:{words}){_ENDS}", re.IGNORECASE))
    for field, words in _KNOWABLE
)  # fmt: skip

# The words around a subject that are not the subject.
FRAME = STOP_WORDS | frozenset(
    "paper papers article articles entry entries work works study studies publication publications preprint "
    "preprints document documents manuscript manuscripts anything something everything stuff list lists "
    "listed show give tell find name names get count display print please library collection corpus pile database archive "
    "catalogue index dealing deal deals related relating regarding concerning discussing discuss covering "
    "mention mentions mentioning talk talks talking treat about going according judging looking date dates dated year number "
    "records record recorded total altogether overall come comes came coming appear appeared appears appearing published publish publishes "
    "written write wrote writes released posted submitted carry carries carrying bear bears author authors authored "
    "new still also hold holds contain contains know known want like see there's what's is's one ones okay ok "
    "hi hello now well first's topic subject sort sorted order ordered rank ranked exactly many much along together every whole entire entirely "
    "comment comments drew draw draws received receive got gets doi link url file files source sources including included available "
    "count counts out dealt back online put top second third fourth fifth 's ’s s let us me sure say says said own ever yet".split()
)
