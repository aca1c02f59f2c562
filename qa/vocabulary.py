"""The words in which people ask for papers; patterns that several modules share.

In the text that the patterns read, "¤" stands where something was understood already and "§" inside
quotation marks.
"""

from __future__ import annotations

import re

from qa.dates import NUMBER
from qa.text import STOP_WORDS


def either(*ways: str) -> re.Pattern[str]:
    """One pattern for several ways to say something, in any case."""
    return re.compile("|".join(ways), re.IGNORECASE)


NOUN = (
    r"(?:papers?|articles?|entry|entries|works?|stud(?:y|ies)|publications?|preprints?|documents?"
    r"|manuscripts?)"
)
PLURAL = r"(?:papers|articles|entries|works|studies|publications|preprints|documents|manuscripts|surveys)"
KIND = rf"(?:{NOUN}|surveys?|ones?)"
ANY = (
    rf"(?:{KIND}|anything|something|everything|what(?:'s|’s| is) new|research|literature|stuff"
    r"|them|these|those)"
)
PUBLISHED = r"(?:published|written|dated|posted|submitted|appear(?:ed|s|ing)?|printed|put online)"
CAME_OUT = r"(?:released|came out|come out|coming out|uploaded|added|listed)"
DATED = (
    r"(?:(?:carry|carries|carrying|bear|bears|have|has|with|having) (?:a |an |the )?(?:publication )?dates?"
    r"|(?:publication )?dates?)"
)
LIBRARY = r"(?:library|collection|corpus|pile|database|set|list|archive|index|catalogue)"
NUMBER_BEFORE = rf"(?:(?P<before>{NUMBER}) )?"

# A few words before "papers", as in "top 5 most commented papers", but no verb that asks something else.
NAMING = r"(?:(?!(?:how|why|is|are|was|were|can|could|do|does|did|should|would|will)\b)[\w§¤-]+ ){0,4}?"
_LEAD_IN = (
    r"^\W*(?:(?:and|so|ok(?:ay)?|now|then|please|pls|plz|also|but|hi|hey|hello|dear|well|finally|just|only|next"
    r"|yes|no|sorry|thanks|thank you|great|hmm*|um+|uh+|what about|how about"
    r"|(?:the )?(?:first|second|third|fourth|fifth|last|\d{1,2}(?:st|nd|rd|th)) (?:one|paper|item|result)"
    r"(?=\s*[:,]))\b\W*)*+"
)
# A question that may ask for papers or for a field begins like this; "how does", "why", "can it" do not.
ASKS = either(
    _LEAD_IN + r"(?:can|could|would|will|may) (?:you|i|we)\b.{0,20}"
    r"\b(?:tell|show|list|give|name|find|sort|say|see|get|have|know)\b",
    _LEAD_IN
    + r"(?:which|what|who|whose|when|where|list|show|give|name|find|tell|sort|order|rank|count|display"
    r"|print|get|gimme|need|want|looking for|search|number|summari[sz]e|explain|describe|all|every"
    r"|everything|something|i|we)\b",
    _LEAD_IN + r"(?:how (?:many|much|old|recent|big|large)|(?:is|are|was|were) there"
    r"|any(?:thing|one|body)?|did|has|have)\b",
    _LEAD_IN + r"(?:do|does) (?:you|we|i|it|this|the|any)\b",
    _LEAD_IN + r"(?:those|these|the ones|ones|nothing|with|without|having)\b",
    _LEAD_IN
    + r"(?:the |my |your )?(?:\w+ )?(?:newest|latest|most|oldest|earliest|first|last|fewest|longest|shortest"
    r"|year|month|source|publication"
    r"|single|sole|authors?|date)\b",
    _LEAD_IN
    + r"(?:(?:out )?of (?:the|these|those|them|all|your)|among|in|from|since|before|after|between|during"
    r"|going by|according to|by|judging|looking)\b",
    _LEAD_IN + rf"(?:¤|§|[12]\d{{3}}\b|(?:the )?{NOUN}\b|{NAMING}{PLURAL}\b)",
)
# What a paper says is asked, of papers in a certain place: "what does the newest one propose?"
SAYS = either(
    r"\b(?:what|how|why|which)\b[^?]*\b(?:do|does|did|is|are|was|were)\b[^?]*"
    r"\b(?P<verb>say|propos\w+|claim\w*|show|find|report\w*|introduc\w+|argue\w*|achiev\w+|suggest\w*"
    r"|conclud\w+|about|use|test\w*|measur\w+|evaluat\w+|compare\w*|recommend\w*|work|mean|solve|handle"
    r"|train\w*|contribut\w+)\s*\W*$",
    r"^\W*(?P<command>summari[sz]e|explain|describe|tell me (?:more )?about)\b",
)
# What stands before the subject of papers that are asked for, where nothing else is asked of them.
ABOUT = either(
    r"\b(?:about|on|regarding|concerning|related to|deal(?:s|t|ing)? with|cover(?:s|ing)?|discuss(?:es|ing)?"
    r"|mention(?:s|ing)?|treat(?:s|ing)?|in the (?:field|area) of|on the (?:topic|subject) of) (?:the )?$"
)
SAYS_ABOUT = either(
    r"\b(?:say|says|said|tell|tells|learn|find|found|show|shows|report|reports|know|claim)\b(?! (?:me|us)\b)"
)
# "Which of them", "how many of those": of the papers that were just listed.
OF_LAST = either(
    r"\b(?:of|among|from) (?:them|these|those)\b",
    r"\b(?:which|how many|who|what|any|all|do|are|were|list|sort|order) (?:of )?(?:them|these|those|they)\b",
    r"\b(?:these|those) (?:papers|ones|works|articles|entries)\b",
)
ALL = either(
    r"^\W*(?:please |can you |could you )?(?:list|show|give|name|display|print)\b.*\b(?:all|every)\b",
    rf"\b(?:which|what) {NOUN} (?:do you have|are there|are (?:in|here))",
    r"^\W*(?:please |ok(?:ay)? |and )*(?:list|show|name|give)(?: me)? (?:them|these|those)(?: all)?\W*$",
    rf"^\W*(?:all|every) (?:the )?{NOUN}\W*$|^\W*list (?:the )?{PLURAL}\W*$",
)
# The words around a subject that are not the subject.
FRAME = STOP_WORDS | frozenset(
    "paper papers article articles entry entries work works study studies publication publications "
    "preprint preprints document documents manuscript manuscripts anything something everything stuff "
    "list lists listed show give tell find name names get count counts display print please library "
    "collection corpus pile database archive catalogue index dealing deal deals dealt related relating "
    "regarding concerning discussing discuss covering mention mentions mentioning talk talks talking treat "
    "about going according judging looking date dates dated year years number records record recorded total "
    "altogether overall come comes came coming out put online back top appear appeared appears appearing "
    "published publish publishes written write wrote writes released posted submitted carry carries carrying "
    "bear bears author authors authored comment comments drew draw draws received receive got gets doi link "
    "url file files source sources new still also hold holds contain contains know known want like see "
    "there's what's is's okay ok hi hello now well first's topic subject sort sorted order ordered rank "
    "ranked exactly many much along together every whole entire entirely including included available let "
    "us me sure say says said own ever yet title titles one ones two three four five six seven eight nine "
    "ten newer older recent recently him hers else pls plz kindly gimme looking need want during "
    "thanks thank thx recorded dating colleagues coworkers coauthor coauthors co-authored "
    "coauthored co-author co-authors attributed credited i'd contribute contributed "
    "others either but among amongst first second third fourth fifth last 's ’s s".split()
)
