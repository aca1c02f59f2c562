"""A question without what people put around it to be polite, which says nothing of what they ask.

It would count: more words mean that a smaller share of them stands in any paper.
"""

from __future__ import annotations

import re

from qa.vocabulary import either

_PLEASE = r"(?:please|pls|plz|kindly|just|briefly|quickly|maybe|perhaps)"
_TELL = r"(?:tell|say|explain|describe|know|find out|see|learn|understand|check|ask)"
_CLAUSE = r"(?=(?:to (?:me|us) )?(?:if|whether|what|whats|how|why|which|when|where|who)\b)"
_MOMENT = r"(?:a|the|some) (?:moment|minute|second|time)"
_BEFORE = either(
    rf"^\W*(?:ok(?:ay)?|so|and|but|hi|hey|hello|also|now|then|yes|hmm+|um+|or|{_PLEASE})\b(?!-)\W*",
    r"^\W*(?:well|no|thanks|thank you|great|sorry|excuse me|good (?:morning|afternoon|evening|day))"
    r"(?: (?:there|all|everyone|everybody|again))?\s*[,.;:!–—]\W*",
    r"^\W*i (?:do )?hope\b[^.?!:;]{0,20}\byou(?:'re|’re| are| all are)\b[^.?!:;]{0,30}[.!:;]\W*",
    rf"^\W*if you (?:have {_MOMENT}|do(?:n['’]t| not) mind|would be so kind)[^.?!:;,]{{0,20}}[,:]\W*",
    r"^\W*(?:(?:i(?:'ve| have)(?: got)?|here is|it is) )?(?:just )?(?:a|one|another) (?:(?:little|quick|short"
    r"|simple|small|last) )?question\b(?! of\b)[^.?!:;]{0,60}[:.!]\W*",
    r"^\W*(?:can|could|would|will) (?:you|u|we|i)\b\W*(?=(?:please|pls|plz|also|just|kindly|briefly|quickly"
    r"|give|tell"
    r"|explain|describe|summ|sum|show|list|compare|contrast|name|find|say|provide|write|outline|present|put"
    r"|get|have)\w*\b)",
    r"^\W*i(?:'d|’d|d| would)? (?:like|love|want|need|wish)\b(?: you)?(?: to)?(?: know| see| have| get"
    r"| hear)?\b\W*",
    rf"^\W*(?:do you know|i (?:am |was )?wonder(?:ing)?|wondering|any idea|i(?:'m| am) (?:curious"
    rf"|not sure))\W*{_CLAUSE}",
    rf"^\W*{_TELL}(?: me| us)?\W*{_CLAUSE}(?:to (?:me|us) )?",
    r"^\W*(?:tell|show|give) (?:me|us)\b[^\w]*[:,–-]\W*|^\W*am i (?:right|correct"
    r"|wrong)(?: in thinking)? (?=that\b)",
)
_AFTER = re.compile(
    r"(?P<end>[?.!]*)[\s,;:–—-]*\b(?:(?:(?:many |kind )?thanks|thank you|thx|cheers)"
    r"(?: (?:you|very|so|much|a|lot|in|advance|for|your|the|kind|help|time|answer|again|already))*"
    r"|please|pls|plz)[\s.!?]*$",
    re.IGNORECASE,
)


def without_courtesy(question: str) -> str:
    """The question without what people put before and after it; as it is if nothing would be left.

    >>> without_courtesy("Hi, could you please tell me how it scales? Many thanks in advance!")
    'how it scales?'
    """
    plain = _AFTER.sub(lambda match: match["end"][:1], question)
    while (shorter := _BEFORE.sub("", plain, count=1)) != plain:
        plain = shorter
    return plain if re.search(r"\w", plain) else question
