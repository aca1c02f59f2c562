"""Which form an answer should have, by the words of the question alone.

One reading after the other, from the plainest wording to none; what fits no reading is a question about
one paper. Titles in the question are put out of sight first, so that "Attention Is All You Need: which
papers cite it" is not read twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.courtesy import without_courtesy
from qa.reading import Form
from qa.vocabulary import either

COMPARED = 3  # papers, up to which "which of them is faster?" is answered side by side
SIDE_BY_SIDE = 6  # papers, up to which "compare them" is

# "In what ways", "which two ways", "which works best" and "what do most methods miss" ask one paper.
_MANY = (
    r"(?:(?:papers|works(?! (?:best|better|well|worse|worst)\b)|studies|articles|publications|authors"
    r"|approaches"
    r"|methods|techniques|ways|researchers|ones|groups(?! of\b))\b)"
)
_NOT_ASKED = (
    r"(?:do|does|did|is|was|has|have|had|can|could|should|will|would|may|keeps?|kept|makes?|made|happens?"
    r"|two|three"
    r"|four|five|six|\d+)"
)
_SEVERAL = either(
    rf"(?<!\bin )\b(?:which|what)(?: (?:are"
    rf"|were))? (?!{_NOT_ASKED}\b)"
    rf"(?:(?!{_NOT_ASKED}\b)[^\s.?!]+ ){{0,3}}{_MANY}",
    r"\b(?:any|all|are there|list|name|show(?: me)?|find(?: me)?|give me)\b[^.?!]{0,30}"
    rf"\b{_MANY}",
    r"\bwhich (?:one )?of (?:them|these|those)\b|^\W*list\b|\b(?:has|have) any(?:one|body)\b",
    r"^\W*(?:(?:and|so|but|also|ok|well)\W+)*who (?!wrote|is|was|are|were|published|won|came|took)",
    r"^\W*(?:papers|works|studies|articles|publications|literature|research)\b",
    r"\b(?:look\w* for|search\w* for|need|want|give me|recommend|suggest)\b[^.?!]{0,20}"
    r"\b(?:papers|works|studies|articles|reading|literature|references)\b",
    r"\bwhat (?:do|did|does|can) (?:the|these|those|your|our|my|any|other) (?:papers|studies"
    r"|literature)(?: here)? (?:say|tell|report|find|write|know)\b",
    r"\b(?:list|show me|find me) (?:everything|anything|all)\b"
    r"|\bwhat (?:has|have) been (?:written|published|done|said) (?:on|about)\b",
)
# A few words that ask nothing are the name of a subject: the papers on it are wanted, if there are several.
_ASKS = re.compile(
    r"\?|\b(how|what|why|who|which|when|where|whose|do|does|did|is|are|was|were|has|have|can|could|should"
    r"|will"
    r"|would|tell|explain|describe|compare|summari[sz]e)\b",
    re.IGNORECASE,
)

# What a paper is about ------------------------------------------------------------------------------

_PAPER_NOUN = r"(?:paper|work|research|study|article|publication|preprint|abstract|survey|thesis|manuscript)"
_BY = r"(?: (?:on|about|by|of|that|which|where|from|with|in|titled|called|named|for|\w+ing)\b.{1,200}?)?"
_THE_PAPER = (
    rf"(?:(?:this|that|the|said|your|§)(?: (?!{_PAPER_NOUN})[\w§-]+){{0,2}} {_PAPER_NOUN}s?(?: §)?{_BY})"
)
_REF = (
    rf"(?:§|it|this(?: one| method| approach)?|that(?: one| method| approach)?|the authors?(?: of (?:§"
    rf"|it))?|they|them|these|those|both|(?:the |your )?(?:first|second|third|fourth|fifth|last|latter"
    rf"|former|other|next)(?: (?:two|three))?"
    rf"(?: (?:one|{_PAPER_NOUN}))?|(?:the |these |those |both |all )?(?:two |three )?(?:papers|works"
    rf"|studies)|{_THE_PAPER})"
)
_END = (
    r"(?: (?:all|really|actually|exactly|basically|here|please|pls|plz|for me|to me|again|briefly|quickly"
    r"|shortly|and how"
    r"|in (?:a )?(?:few|two|three|one|some|short|simple|plain|other|general|brief|total|a nutshell|detail)?"
    r" ?(?:words?|sentences?|terms|lines|english|short|brief|nutshell|detail|general)?))*\W*$"
)
_BE = r"(?:(?: exactly| actually| really)?(?:'s|’s|s| is| are| was| were)(?: exactly| actually| really)?)"
_SAYS = (
    r"(?:do|propose|present|introduce|say|show|find|contribute|describe|argue|claim|study|investigate|cover"
    r"|discuss|suggest|offer|report|deal with|talk about|try to (?:do|show|achieve))"
)
_HEAD = r"(?:main|key|core|central|basic|overall|big|general|primary|principal|essential|most important)"
_POINT = (
    r"(?:ideas?|contributions?|findings?|messages?|points?|claims?|thesis|take-?aways?|results?|insights?"
    r"|novelty"
    r"|conclusions?|gist|purpose|goals?|aims?|objectives?)"
)
_SUM = (
    r"(?:summ?[ae]r(?:y|ies|i[sz]e)(?: of)?|sum(?:ming)?(?: (?:it|this|that|them))? up|tl ?[;:,]? ?dr(?: of"
    r"| for)?"
    r"|(?:an? |the )?(?:short |brief |quick )?(?:overview|gist|synopsis|essence|outline)(?: (?:of|on))?)"
)
_PROBLEM = r"(?:problems?|issues?|challenges?|questions?|gaps?)"
_SOLVE = r"(?:solv\w*|address\w*|tackl\w*|try|trying|deal\w*|work\w* on|attack\w*|answer\w*|fix\w*|target\w*)"
_ABOUT = either(
    rf"^\W*what{_BE}? {_REF}{_BE}? (?:all |really |mainly |actually )?about{_END}",
    rf"^\W*what (?:does|do|did|is|are|has|have) {_REF} (?:all |really )?(?:{_SAYS}|proposing|about|doing"
    rf"|done|shown|found)"
    rf"(?: in (?:it|this|that|the|their) {_PAPER_NOUN})?{_END}",
    rf"^\W*what {_REF} {_SAYS}(?:s|es)?{_END}",
    rf"^\W*in a nutshell\W+what (?:does|do|did|is) {_REF}\b",
    rf"^\W*(?:(?:tell|say|show|give|read|teach)(?: me| us)?|talk|know|learn|hear)? ?(?:some|something|more"
    rf"|a bit|a little|a few words)?"
    rf" ?(?:more )?(?:about|on) {_REF}{_END}",
    rf"^\W*(?:explain|describe|outline|introduce|present|define)(?: me| us)? {_REF}{_END}",
    rf"^\W*(?:what{_BE}?|who{_BE}) (?:§|it){_END}",
    rf"^\W*(?:explain|describe|outline)(?: me| us)?(?: in .{{1,20}}(?:sentences?|words?"
    rf"|terms))? what {_REF} (?:does|do|did)\b{_END}",
    rf"^\W*explain {_REF} (?:like|as if|as though|so that|to (?:a|an|some|my|people|newcomers))\b",
    rf"^\W*(?:introduce|present|describe) {_REF} (?:to|for) ",
    rf"^\W*what{_BE}? (?:new|novel|special|original|different)(?: (?:in|about|with|here|of"
    rf"|on))*(?: {_REF})?{_END}",
    rf"^\W*what (?:are|is|were|was) {_REF} (?:trying|aiming|attempting|hoping|going) ",
    rf"\bhow (?:would|could|can|do|should|might) (?:you|one|i) (?:summ?ari[sz]e|describe"
    rf"|characteri[sz]e) {_REF}{_END}",
    rf"\bwhat {_PROBLEM} (?:(?:does|do|did|is|are|was|were|has) {_REF} )?(?:\w+ )?{_SOLVE}",
)
# These need a paper: named, spoken of, or described as one.
_ABOUT_A_PAPER = either(
    rf"\b{_HEAD} (?:{_HEAD} )?{_POINT}(?: (?:of|behind|in|from|is|are|does) {_REF}(?: \w+)?)?{_END}",
    rf"\b(?:contributions?|gist|point|purpose|aim|goal|novelty|idea|takeaways?) (?:of|behind|in"
    rf"|from) {_REF}{_END}",
    rf"^\W*(?:(?:give|write|show|provide|need|get|have)\b.{{0,12}})?\b(?:an? |the )?(?:short |brief |quick "
    rf"|one.line )?{_SUM}\b",
    r"\b(?:the )?(?:short|long|brief|condensed) (?:version|description)\b|\b(?:the )?bottom line\b",
    rf"^[^?.]{{0,40}}\bsummary\b(?: (?:of|for|on) (?:each|{_REF}))?{_END}|^\W*eli5\b",
    rf"^\W*{_PAPER_NOUN} in short\b|\bin a nutshell\b",
)
_IS_OF_A_PAPER = re.compile(rf"\b{_THE_PAPER}|§", re.IGNORECASE)

# Several papers side by side -------------------------------------------------------------------------

_COMPARES = either(
    r"\b(?:compar\w+|contrast\w*|versus|vs|differ(?:s|ed|ent|ently|ence|ences|ing|entiat\w*)?|diffs?"
    r"|distinguish\w*)\b",
    r"\bsets?\b.{1,80}\bapart\b|\b(?:side by side|next to each other|in common|head to head)\b",
    r"\b(?:stack(?:s|ed)? up|table|rank (?:them|these|those|both|the)|improve[sd]? (?:on|upon|over) the"
    r"|(?:dis)?agree\w*|contradict\w*|the same|against each other)\b|§ v\.? §",
    r"\bthat (?:the )?(?:§|second|first|other)(?: (?:one|paper))? (?:does|do|is|has|can|did)(?: not"
    r"|n['’]?t)\b",
    r"\b(?:similar\w*|alike|related|relat(?:es?|ion|ionship) (?:to|between)|pros and cons|trade-?offs?)\b",
    r"\b(?:advantages?|benefits?|edge) (?:of|over) .{0,60}\b(?:over|§)",
)
_MORE = (
    r"(?:more|less|fewer|better|worse|best|worst|most|least|(?!(?:other|number|paper|either|layer|rather"
    r"|ever)\b)\w{3,}(?:er|est))"
)
_CHOOSES = either(
    rf"\b(?:which|what|who)\b.{{0,60}}\b{_MORE}\b",
    rf"^\W*(?:is|are|was|were|does|do|did|has|have|can|could|will"
    rf"|would)\b.{{1,120}}\b{_MORE}\b.{{0,60}}\bthan\b",
    r"\b(?:should|shall|would|to) (?:i|we|you|one)?\b.{0,30}\b(?:use|take|choose|pick|prefer"
    r"|try)\b.{1,80}\bor\b",
    r"§[^?]{0,10}\bor\b[^?]{0,6}§",
)
_QUANTITY = either(r"\bhow (?:much|many|often|long|big|large|far|fast|well)\b")
_REASON = either(r"^\W*(?:why|when|where)\b")
_THAN = either(r"\b(?:than|over|compared (?:to|with)|against|beats?|beyond)\b")

# Yes or no ------------------------------------------------------------------------------------------

_AUXILIARY = (
    r"(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|should|shall|may|might"
    r"|must)(?:n['’]?t)?|cannot|won['’]?t"
)
_DECIDES = either(
    rf"^\W*(?:{_AUXILIARY})\b(?! (?:there|any ?(?:one|body)(?! know)|you(?! (?:think|believe))|a look)\b)",
    r"^\W*(?:if|whether|that)\b(?![^?]*,)",
    r"^\W*(?:is there |are there )?(?:any |some )?(?:evidence|proof|reason|sign|indication)s? (?:that|of"
    r"|to)\b|[.,;:] (?:is|are|does|do|can|has) (?:it|they|that|this)\W*$",
    rf"^\W*(?:if|when|while|once|in|with|without|for|on|at|under|given|as|by|during|after|before|assuming"
    rf"|suppose)\b"
    rf"(?:[^?,]{{3,160}}, |(?=[^?]*\?)[^?]{{3,160}} )(?:then )?(?:{_AUXILIARY})\b(?! there\b)",
    r"\b(?:is it|is that|isn['’]?t it|is this) (?:true|correct|right|the case)\b|, (?:right|correct)\W*$"
    r"|\bor not\W*$",
)
# "When labels are noisy, does it work?" is decided; "when does it work?" is not.
_WH = either(
    r"^\W*(?:what|whats|which|who|whose|why|how|where)\b",
    rf"^\W*when (?:{_AUXILIARY})\b",
    r"\bhow (?:much|many|far|fast|long)\b",
    r"^\W*(?:with|without|for|on|at|in|under|by) (?:what|which|how)\b",
)


def asks_for_several(question: str) -> bool:
    """Whether a question asks for papers rather than for what one of them says."""
    return bool(_SEVERAL.search(question))


def is_bare_subject(question: str) -> bool:
    """Whether it asks nothing and only names a subject: "state space models"."""
    return not _ASKS.search(question)


def form_of(question: str, titles: Sequence[str] = ()) -> Form:
    """The form that a question wants; `titles` are those of the papers that it names or leans on.

    >>> form_of("How do SAF and SAM differ?", ["SAF: Sharpness for Free", "SAM: Sharpness"])
    'comparison'
    """
    plain = without_courtesy(without_titles(question, titles))
    if len(titles) > 1 and _is_side_by_side(plain, len(titles)):
        return "comparison"
    if len(titles) <= SIDE_BY_SIDE and is_about(plain, known=bool(titles)):
        return "about"
    if 1 < len(titles) <= COMPARED:  # what each of them says, unless it asks by how much one beats the other
        return "one" if _THAN.search(plain) else "several"
    if asks_for_several(question):
        return "several"
    return "decided" if _DECIDES.search(plain) and not _WH.search(plain) else "one"


def is_about(plain: str, known: bool) -> bool:
    """Whether it asks what a paper is about. Without a `known` paper it must say that it means one."""
    if _ABOUT.search(plain):
        return known or bool(_IS_OF_A_PAPER.search(plain))
    return (known or bool(_IS_OF_A_PAPER.search(plain))) and bool(_ABOUT_A_PAPER.search(plain))


def without_titles(question: str, titles: Sequence[str]) -> str:
    """The question with "§" for each title in it, for a title's name, and beside them for a coined name."""
    names = [
        name
        for title in titles
        for name in (title, title.partition(":")[0], *re.findall(r"\((\w+)\)", title))
    ]
    for name in sorted({" ".join(name.split()) for name in names} - {""}, key=len, reverse=True):
        question = re.sub(
            rf"[\"“'‘]?(?<!\w){re.escape(name)}(?!\w)[\"”'’]?", "§", question, flags=re.IGNORECASE
        )
    if titles and not question.isupper():
        question = re.sub(
            r"(?<![\w§-])(?=\w*[A-Z])\w+(?:[a-z][A-Z]|[A-Z]{2}|[A-Z]\d|-\d)\w*(?:-\d+)?", "§", question
        )
    return question


def _is_side_by_side(plain: str, papers: int) -> bool:
    if _COMPARES.search(plain) and papers <= SIDE_BY_SIDE:
        return not _QUANTITY.search(plain)
    chooses = _CHOOSES.search(plain) and not (_QUANTITY.search(plain) or _REASON.search(plain))
    return bool(chooses) and papers <= COMPARED
