"""What is asked of records, in words: a field of one paper, a count, a breakdown, what is known at all."""

from __future__ import annotations

import re

from qa.vocabulary import CAME_OUT, LIBRARY, PLURAL, PUBLISHED, either

# Fields -------------------------------------------------------------------------------------------

_IS = r"(?:'s|’s| is| are| was| were)"
_CODE = r"(?:code|repo(?:sitory)?|github|data|dataset|demo|weights|between|connection|models?)\b"
_LINK = r"(?:doi|arxiv (?:id|identifier|number|link|page)|url|links?|web ?page|web address)"
FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "authors",
        either(
            r"\bwho(?: has| have| had)? (?:wrote|written|authored|co-?authored|penned)\b",
            rf"\bwho{_IS} (?:the |its |their )?(?:main |lead |first |last |senior )?(?:co-?)?authors?"
            r"(?: of| on| here)?\b",
            r"\b(?:what|which|list|name|give me|tell me|show me|show)\b[^?]{0,14}"
            r"\b(?:authors?(?!s?[- ](?:list|count|number))|author names?)(?: of| on|\W*$)",
            rf"\bnames? of (?:the |its )?authors?\b|\bwho{_IS} (?:in|on) (?:the |its )?author list(?: of)?\b",
            r"^\W*(?:(?:and|so|what about|how about|also)\W+)*(?:its|the|their) (?:co-?)?authors?\W*$",
            r"^\W*(?:the )?(?:co-?)?authors? of\b|^\W*(?:and )?who\W*$",
            r"\bby who(?:m)?\b|\bwho (?:is|was) (?:it|this|that|§+) (?:written |authored )?by\b",
        ),
    ),
    (
        "author_count",
        either(
            r"\bhow many (?:co-?)?authors (?=(?:does|do|did|has|have|is|are|were|on|wrote|signed|of)\b)"
            r"(?=.*\b(?:have|has|list|name|carry|show|credit|there|on|wrote|signed|behind|of|listed|named)\b)",
            r"\bhow many (?:people|ppl|researchers|scientists|persons|authors|writers)"
            r" (?:wrote|authored|co-?authored|signed|are behind|were behind|worked on|contributed to"
            r"|were involved in|are on)\b",
            r"\b(?:the )?number of authors(?= (?:of|on|for)\b|\W*$)",
        ),
    ),
    (
        "comments",
        either(
            r"\bhow many (?:reader |user )?comments (?=(?:did|does|do|has|have|are|were|is|got)\b)"
            r"(?=.*\b(?:get|have|draw|receive|attract|there|got|gotten|gather|collect|drawn|received|on|for|has)\b)",
            r"\b(?:the )?number of comments(?= (?:of|on|for)\b|\W*$)",
            r"^\W*(?:does|has) .* (?:have|got) (?:any )?comments\b",
            r"^\W*(?:(?:and|are|were) )*(?:there )?any comments(?= (?:on|for|about)\b)",
        ),
    ),
    (
        "published",
        either(
            r"^\W*(?:and )?when\W*$",
            r"\bwhen (?:was|were|did|is|has|are)\b"
            rf"(?=.*\b(?:{PUBLISHED}|{CAME_OUT}|appear|made public|from|written)\b)",
            r"\b(?:what|which)(?:'s|’s| is| was)? (?:the )?(?:publication |listed )?"
            r"(?:date|year|month|day)\b(?!['’]s)",
            r"^\W*(?:the )?(?:year|month|date) of\b",
            r"\bpublication date\b|\bhow old (?:is|are)\b|\bthe date of\b",
        ),
    ),
    (
        "link",
        either(
            r"\b(?:is there|do you have|what(?:'s|’s| is)|give me|show me|have you|got|any|has"
            rf"|does .{{1,60}}? have) (?:(?!{_CODE})[\w/]+ ){{0,4}}?{_LINK}\b(?!.*\b{_CODE})",
            r"\bwhere (?:can|could|do) (?:i|we|one) (?:find|read|download|get|see|access)\b"
            rf"(?!.*\b{_CODE})",
        ),
    ),
    (
        "source",
        either(
            r"\b(?:which|what) (?:source )?(?:files?|documents?|sources?|source files?)\b"
            r"(?=.*\b(?:from|in|hold|holds|contains?|of|for|is|are)\b)",
            r"\bthe source file\b|^\W*source(?: file)? of\b",
        ),
    ),
    (
        "organisation",
        either(
            r"\b(?:which|what) (?:organi[sz]ation|lab|laboratory|company|institution|institute|university"
            r"|affiliation|research group)\b",
            r"\baffiliations? of\b",
        ),
    ),
    (
        "venue",
        either(
            r"\b(?:in |at )?(?:which|what) (?:venue|journal|conference)\b",
            r"\bwhere (?:was|were|has|is)\b(?=.*\b(?:published|presented|accepted)\b)",
        ),
    ),
)
AND_WHEN = either(r"\band when\b\W*$|\b(?:and|with) (?:its |the )date\b")
AND_WHO = either(r"\band (?:by whom|who (?:wrote|by))\b|\b(?:and|with) (?:its |the )authors?\b")

# Breakdowns and counts ------------------------------------------------------------------------------

# How many papers each file or each year has, and which files or years there are.
GROUPS = either(
    r"\b(?:per|each|every|by) (?P<each>year|file|source|document)\b",
    r"\b(?:which|what) (?P<which>years?|files?|sources?|documents?|source files?)\b"
    rf"(?=.*\b(?:these|they|{PLURAL}|{LIBRARY})\b"
    r"| (?:are|do you) (?:covered|represented|cover|have|there)\W*$)",
)
COUNT = either(
    r"\bhow (?:many|much)(?= (?:of (?:the|these|those|your|our|my|all) )?(?:(?!did|does)[\w§¤+-]+ ){0,5}?"
    rf"(?:{PLURAL}|(?<=of )(?:them|these|those))(?P<rest>.*))",
    r"\b(?:what is |what's |give me |tell me )?(?:the )?(?:total )?number of"
    rf"(?= (?:[\w§¤+-]+ ){{0,3}}?{PLURAL}\b(?P<rest2>.*))",
    rf"^\W*count(?= .*\b{PLURAL}\b(?P<rest3>.*))",
    rf"\bhow (?:big|large) is (?:the|this|your|my) (?:{LIBRARY})(?P<rest4>)\W*$",
    r"\bhow many (?:is|are|were) (?:that|those|these|they|there)(?P<rest5>)"
    r"(?: in total| altogether| overall)?\W*$",
)
_VERBS = (
    r"(?:have|has|carry|carries|list|lists|with|without|name|names|lack|came|come|coming|appear\w*|from|about|on"
    r"|deal|talk|discuss|mention|address|concern|study|use|using|propose|consider|cover|focus|involve|that|which"
    r"|whose|work|treat|tackle|apply|by|written|published|dated|released|since|before|after|between|analy[sz]e"
    r"|look|introduce|present|evaluate|train|show|build|rely|draw|drew|got|received|call|contain)"
)
# What may follow "how many papers" where papers of the library are to be counted.
COUNTS_PAPERS = either(
    r"^\W*(?:(?:altogether|overall|in total|in all|here|exactly|also)\b\W*)*(?:$|¤"
    rf"|(?:are|is|were|was|did) (?:there|here|in|about|on|from|by|¤|{PUBLISHED}|{CAME_OUT}|newer|older|single"
    r"|of|deal)"
    rf"|(?:do|does|did) (?:you|we|i|it|this|they|the {LIBRARY}|your {LIBRARY}|my {LIBRARY}|not\b)|don't"
    rf"|(?:in|are in|is in) (?:the|this|your|my|here|total|all) ?(?:{LIBRARY})?"
    rf"|{_VERBS}\b)"
)
NOT_COUNTED = either(
    r"\b(?:were|was|are|been|be|get) (?:\w+ )?(?:reviewed|surveyed|cited|included|analy[sz]ed|annotated|read"
    r"|considered|retrieved|screened|examined|labelled|used|collected|selected|covered|identified|evaluated"
    r"|tested|generated)\b",
    rf"\b(?:do|does|did) (?:the|this|that) (?!{LIBRARY})",
    r"\b(?:do|does|did) (?:it|they|he|she|this|that) (?!have|hold|contain|include|list|comprise|know)\w",
)

# Known or not ---------------------------------------------------------------------------------------

_KNOWABLE = (
    ("published", r"(?:publication )?dates?"),
    ("authors", r"(?:named |listed )?authors?(?: names?)?"),
    ("author_count", r"(?:number of authors|author counts?)"),
    ("comments", r"comments?"),
    ("abstract", r"abstracts?"),
    ("link", r"(?:doi|link|url)s?"),
    ("organisation", r"organi[sz]ations?|affiliations?"),
)
_ENDS = (
    r"(?=(?: at all| whatsoever| recorded| known)?\W*$"
    r"| (?:are|is|do|does|have|in (?:the|this)|here|and|but)\b|¤|[,;])"
)
_NOT_HELD = (
    r"\b(?:without|have no|has no|with no|lack|lacks|lacking|missing"
    r"|(?:don't|doesn't|do not|does not) (?:have|carry|name|list|give|state|bear))"
)
_HELD = (
    r"\b(?:with|have|has|name|names|give|gives|list|lists|state|states|carry|carries|bear|spell out|got"
    r"|received)"
)


def _known(held: str, words: str) -> re.Pattern[str]:
    article = r" (?:a |an |any |the |their |its |some )?(?:known |stated )?"
    return re.compile(rf"{held}{article}(?:{words}){_ENDS}", re.IGNORECASE)


UNSTATED = (
    *((field, _known(_NOT_HELD, words)) for field, words in _KNOWABLE),
    ("published", either(r"\bundated\b")),
    ("comments", either(r"\b(?:nobody|no[ -]?one) (?:has |ever )?commented on\b|\buncommented\b")),
)
STATED = tuple((field, _known(_HELD, words)) for field, words in _KNOWABLE)
