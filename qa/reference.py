"""How the words of a question refer to what was said before it. Knows words only, no papers.

Each function answers one question about a wording: does it point back, pick from a list, ask for more of
the same? What it refers to is found in followup.py.
"""

from __future__ import annotations

import re

from qa.lexical import search_words
from qa.text import STOP_WORDS

_FEW = 2  # words of its own that do not make a question stand alone
_SOME = 4
_MANY = 8  # from here on a question points back inside itself

PAPER = (
    r"(?:papers?|works?|stud(?:y|ies)|articles?|publications?|preprints?|ones?|entr(?:y|ies)|items?|hits?"
    r"|titles?)"
)
METHOD = r"(?:methods?|approach(?:es)?|techniques?|models?|results?|ideas?|proposals?|systems?|options?)"
_NOT_ANY = r"(?! (?:on|about|for|that|which|using|with|of)\b)"  # "the papers on pruning" are no known ones
THEM = (
    rf"(?:them|these|those|(?:the|your) (?:list|above|results?|papers|works|ones)\b{_NOT_ANY}"
    r"|the (?:two|three|four|five)(?:(?= (?:is|are|was|were|has|have|do|does|did|can|papers|works|ones"
    r"|compare|differ)\b)|(?=\W*$)))"
)

_NEW_TOPIC = re.compile(
    r"^\W*((ok(ay)?|so|now|and|but)\W+)?("
    r"(a |an |on a |on an |to a )?(completely |totally |very |quite )?"
    r"(different|another|new|other|next|unrelated) (topic|question|subject|matter|thing|note)"
    r"|unrelated(ly)?|(changing|change|switching|switch|let'?s change|let'?s switch)( of)?( the)? "
    r"(topics?|subjects?)|something (else|different)( now)?|new topic|moving on|btw"
    r"|by the way)\s*(?:[:;,.–—-]+|$|\b)\W*",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"^\W*((ok(ay)?|and|so|now|but|please|can we|could we|let me|let'?s|i want to|i'd like to)\W+)*"
    r"((going|go|get|come|coming|return|returning|turn|turning)( back)?|back) to\b",
    re.IGNORECASE,
)
_BACK_TO_LIST = re.compile(r"^.*\bback to (the|your|that) (list|papers|results)\W*", re.IGNORECASE)
_BEGINNING = re.compile(
    r"\b(at the (start|beginning)|(we|you|i) (started|began) with|earlier|initially)\b", re.IGNORECASE
)
_MORE = re.compile(
    r"^\W*((yes|ok(ay)?|sure|and|please|can you|could you|would you|i want to|i'd like to|well|so)\W+)*"
    r"(go on|continue|carry on|(tell|show|give) me more|tell more|know more|learn more|hear more|more"
    r"|(more|some more|further) (details?|info(rmation)?|please)|details?|elaborate|explain more|say more"
    r"|(explain|describe) (it|this|that|them)?( ?(further|more|in more detail|in detail))?|what else"
    r"|and\W*then"
    r"|in more detail|expand)"
    r"(\W+(please|about|on|of|(it|this|that|them|these|those)( (one|paper|work|method)s?)?"
    r"|the (paper|method|work)|details?|in detail|thanks|does it say|do they say|in it))*\W*$",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"^\W*(yes|yeah|yep|yup|sure|ok(ay)?|of course|certainly|absolutely|definitely|please( do)?|do( it"
    r"| so| that)?"
    r"|go ahead|why not|sounds good|that would be (great|nice|good|helpful)|i('d| would) (like"
    r"|love) (that|to)|y)"
    r"(\W+(please|do|thanks|thank you|go ahead|go on|sure|that|it|i would|i'd like that|of course))*\W*$",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"^\W*(?:(?:would|do|should|shall|can|could|may)\s+(?:you|i|we)\s+(?:also\s+)?(?:(?:like"
    r"|want)(?:\s+me)?"
    r"(?:\s+to)?\s*)?|(?:is|are)\s+you\s+interested\s+in|interested\s+in|want(?:\s+me)?\s+to)"
    r"\s*(?:know|hear|see|learn|tell you|read|explain|describe|summari[sz]e|show you|give you|look at"
    r"|go into)?\b"
    r"\s*(?:more\s+)?(?:about\s+)?",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\W*((and|but|so|then|ok|okay|also|or|well|yes|no|right|now|hmm+|plus)\b(?!\()|(what|how) about\b"
    r"|in (that|this) case\b)",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"^\W*((and|but|so|then|ok|okay|also|or|well|yes|no|right|now|hmm*|plus|thanks|great|nice|cool|hi|hey"
    r"|got it|i see|understood|perfect|interesting|fine|alright|sure)\b\W*)+",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(
    r"^\W*((what|how) about|on|in|at|with|without|for|from|against|under|over|than|versus|vs|by|to|as"
    r"|only|just|even)\b",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(
    r"^\W*((and|sorry|no|oh)\W+)*((what|how) about|and|and for|versus|vs|i meant?)\b", re.IGNORECASE
)
# A pronoun that is the subject, or has nothing before it that it could stand for.
_SUBJECT = re.compile(
    r"\b(does|did|is|was|were|are|do|has|have|had|can|could|would|will|should|might|if|that|than|how|why"
    r"|when|where"
    r"|which|what|as|and|but|because|whether)\W+(it|they|he|she|this|that|these|those)\b"
    r"(?!\W+(is|are|was|possible|true|hard|easy|better|worth|safe|common|necessary|known|useful|there"
    r"|time|to)\b"
    r"|\W+\w+\W+(to|that)\b)",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(it|its|they|them|their|theirs|he|she|his|her|hers)\b"
    rf"|\b(this|these|those|the|that|both|said) (new |same |proposed |above )?"
    rf"((papers?|methods?|works?|study|article|approach|approaches|ones?)\b{_NOT_ANY}"
    rf"(?! (by|from|in which|called|named|who)\b)|(authors?|ways?|results?|abstract|researchers|dataset)\b)"
    r"|\b(this|these|those|that) (models?|technique|idea|scheme|framework)\b"
    r"|\b(this|these|those)\b(?! (days|who|that|which)\b)"
    r"|\b(does|did|is|was|do|can|would|will) that\b"
    r"|\bthat (add|get|mean|help|work|change|save|bring|cost)\w*"
    r"|\bthat\W*$|\bthere\W*$|\b(each|every) (extra )?one\b|\beach extra\b|\bof (it|that)\b",
    re.IGNORECASE,
)
# "... frozen in it?": whatever stands before it in the question, unless a thing is named there.
_EARLY = re.compile(r"^\W*(\w+\W+){0,3}(it|this|that|they|these|those|them)\b", re.IGNORECASE)
_AT_THE_END = re.compile(
    r"^(?!.*\b(an?|any|some|one)\b).*\b(in|with|of|for|about|by|on|to) (it|them)\W*$", re.IGNORECASE
)
_EMPTY_IT = re.compile(
    r"\b(is|was|it'?s|be|makes?|find)\s*(it)?\s+(possible|true|hard|easy|difficult|better|worth|safe"
    r"|common|necessary|known"
    r"|useful)\b|\bit (is|was|possible)\b.*\b(to|that)\b|\bhow (hard|easy|difficult|common) is it to\b",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    rf"\b(which|what|who|any|some|all|none|each|one|two|three|both|either|neither|most|many|few|\w+est|best"
    rf"|difference|differences|common|compare|choose)( (one|ones|papers?))? (of|among|from|between|in|out of)"
    rf" (all )?(of )?{THEM}\b"
    rf"|^\W*(\w+\W+)?(of|among|amongst|from|between|out of|in) (all )?(of )?{THEM}\b|\beach of {THEM}\b",
    re.IGNORECASE,
)
_KNOWN_ONES = re.compile(
    rf"\b(these|those|the (above|listed|mentioned|same|found)|your|both|all( the| of the)?"
    rf"|the (two|three|four|five)) (?:{PAPER}|{METHOD})\b{_NOT_ANY}"
    r"|\b(compare|rank|sort|order|list|group|summari[sz]e|contrast) (them|these|those|both|all)\b|\bboth\W*$"
    rf"|^\W*how (do|are|did) {THEM} (compare|differ\w*|relate\w*)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    rf"^\W*((and|but|so|ok(ay)?|now|is|are|do|does)\W+)*("
    rf"(which|what) ones?\b"
    rf"|which (is|are|was|were|do|does|did|has|have|had|can|also|uses?|used|needs?|came|come)\b"
    rf"(?! (the|an?) \w+(?<!est)\b)(?!.* (?:{PAPER}) (on|about|for|of)\b)"
    rf"|(any|some|all|either|neither|both|none|one|most)\b(?! ((other|new|recent) )?(?:{PAPER}|{METHOD}"
    rf"|people|ways?|body|one|large|language))"
    rf"|((which|who|what|is|was|are|one)\W+)*the (\w+est|(most|least) \w+)( (one|paper|of all))?\W*$)",
    re.IGNORECASE,
)
_THEY = re.compile(r"\b(they|them|these|those|their|theirs|each)\b", re.IGNORECASE)
_OTHERS = re.compile(
    rf"\b(others?|another|similar|related|alternatives?|comparable|different|more|further|newer|older"
    rf"|additional|better)"
    rf"(?: \w+)? (?:{PAPER}|{METHOD})\b|\b(any(thing|one|body)|who|what|something|nothing|somebody"
    rf"|someone) "
    r"(else|similar|newer|older|more recent|related|comparable|like (it|this|that|these|those))\b"
    r"|\b(are there|is there|any|show|find|give me)( (any|some|me))? more\b(?! (detail|info|on|about))"
    r"|\balternatives?\b|\bothers\b|\b(like|similar to|besides|apart from|other than) (this|that|it"
    r"|these|those)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(compar\w+|versus|vs|than|against|differ(?:s|ed|ent|ence|ences)?|better|worse|beats?|outperform\w*|relat\w+|similar"
    r"|contrast)\b",
    re.IGNORECASE,
)
_ASKS_WHAT = re.compile(
    r"^\W*(what('?s| is| are)|who('?s| is| are)|define|explain|describe|introduce|tell me (more )?about"
    r"|what does)\s+"
    r"(?!the\b|its?\b|this\b|that\b|their\b)\w",
    re.IGNORECASE,
)
_ASKS_PAPERS = re.compile(
    r"\b(any|which|what|find|show|list|give|are there|is there|more)\b.{0,30}\b(?:papers?|works"
    r"|stud(?:y|ies)|articles?|research|surveys?)\b"
    r"|\b(papers?|works|survey|research|studies) (on|about|for|that|using|which|with)\b|\b(has|have|did"
    r"|does) any(one|body)\b"
    r"|\b(is|are) there (a|an|any)\b",
    re.IGNORECASE,
)
_HOW_TO = re.compile(
    r"^\W*(how to|how (do|can|could|should|would) (i|we|you|one)|can (i|we|you|one)|how (do|does|are|is"
    r"|can))\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"^\W*(how \w+ (is|are|was|were|does|do|did)|does|do|did|is|are|was|were|can|where|why|when)( (is"
    r"|are|was|were|does|do|did))?"
    r" the (?!\w+est\b|most\b|least\b)(?!.* of )",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"^\W*(is|are|was|were|does|do|did|can|could|has|have|had|will)\b", re.IGNORECASE)
_PAPERS = re.compile(r"\b(papers|articles|studies|publications|surveys)\b", re.IGNORECASE)
# "What is the advantage over ...": of the paper spoken of, if it is no search for "the best ...".
_THE_ASPECT = re.compile(
    rf"\bthe (?!\w+est\b|most\b|least\b|(?:{PAPER}|{METHOD})\b)(\w+)\b(?! of\b)", re.IGNORECASE
)
_PLAIN_POSSESSIVE = re.compile(r"\b(the|its|their|his|her)\b", re.IGNORECASE)

# What people ask of any paper: a question of these words alone is about the paper spoken of.
_OF_A_PAPER = frozenset(
    """
    whats vs versus pls plz please tell thing things behind besides within around across per again
    too result results accuracy accuracies precision recall score scores performance speed speedup
    speedups fast faster slow slower quick quicker quickly cost costs cheap cheaper expensive
    overhead memory latency throughput time compute computation energy data dataset datasets
    benchmark benchmarks corpus corpora code github repo repository link url website demo author
    authors wrote write written year date month published publish publication venue conference
    journal limitation limitations limits drawback drawbacks weakness weaknesses disadvantage
    disadvantages advantage advantages benefit benefits pros cons problem baseline baselines
    comparison compared compare competitors training train trained trains inference test tests
    tested testing parameter parameters size sizes big bigger large larger small smaller long longer
    many much few little often far well good better best worse method methods approach approaches
    technique techniques loss losses objective objectives architecture architectures design
    evaluation evaluate evaluated evaluations experiment experiments metric metrics gain gains
    improvement improvements improve improved number numbers percent percentage factor hardware gpu
    gpus tpu cpu epoch epochs steps iterations batch budget implementation implement release
    released available open source download summary summarise summarize abstract conclusion
    conclusions contribution contributions finding findings idea ideas novel novelty new example
    examples detail details exactly roughly precisely really actually main key title paper papers
    work works study article get gets got use uses used using need needs needed take takes took
    taken make makes made show shows shown report reports reported achieve achieves achieved reach
    reaches reached run runs running mean means say says said try tried done help helps helped save
    saves saved beat beats require requires required working happen happens learn learned obtain
    obtained based applied apply application applications task tasks domain domains field setup
    settings setting hyperparameters model models reason reasons difference different prove proved
    theory theoretical proof guarantee guarantees ablation ablations state art sota evidence claim
    claims two three second first people name names called find found originally exact approximate
    real one given provided tries attempts samples explain describe define give list know want
    understand tldr tl dr gist overview takeaway takeaways nutshell sum synopsis short brief message
    insight insights bottom line purpose goal goals aim aims essence core central basic basically
    overall propose proposes proposed differ differs differences pros cons
    """.split()
)


def without_announcement(question: str) -> str:
    """The question after an announced change of topic ("different topic: ..."); else all of it."""
    return _NEW_TOPIC.sub("", question)


def goes_back(question: str) -> bool:
    """Whether it returns to something from before the last answer ("back to the first paper: ...")."""
    return bool(_BACK.search(question) or _BEGINNING.search(question))


def asks_for_more(question: str) -> bool:
    """Whether it asks only to go on: "tell me more", "details please"."""
    return bool(_MORE.search(question))


def consents(question: str) -> bool:
    """Whether it says only yes."""
    return bool(_CONSENT.search(question))


def offered(said: str) -> str:
    """What the last sentence of an answer offers to tell; empty when it offers nothing.

    >>> offered("It learns a gate. Would you like to know how it was trained?")
    'how it was trained'
    """
    last = re.split(r"(?<=[.!?])\s+|\n", said.strip())[-1]
    match = _OFFER.search(last)
    return last[match.end() :].rstrip("? ") if match and last.endswith("?") else ""


def continues(question: str) -> bool:
    """Whether it begins like the continuation of another question."""
    return bool(_CONTINUES.search(question))


def asks_in_place(question: str) -> bool:
    """Whether it asks the last question of something else ("what about SeerAttention?")."""
    return bool(_IN_PLACE.search(question))


def compares(question: str) -> bool:
    """Whether it sets one thing against another."""
    return bool(_COMPARES.search(question))


def chooses(question: str) -> bool:
    """Whether it asks for a choice from papers just listed ("which of them ...", "the newest?")."""
    if len(search_words(question)) > _MANY:
        return False
    question = _BACK_TO_LIST.sub("", question)
    return any(wording.search(question) for wording in (_OF_THEM, _KNOWN_ONES, _CHOICE))


def asks_for_papers(question: str) -> bool:
    """Whether it asks for papers, and may be answered with a list of them."""
    return bool(_ASKS_PAPERS.search(question))


def is_mostly_picking(question: str) -> bool:
    """Whether what it picks is what it is about, and no part of a longer thought."""
    return len(search_words(question)) <= _MANY or goes_back(question)


def says_they(question: str) -> bool:
    """Whether it points back at several things."""
    return bool(_THEY.search(question)) and points(question)


def asks_for_others(question: str) -> bool:
    """Whether it asks for papers besides the one spoken of, without saying on what."""
    return len(own_words(_OTHERS.sub(" ", question))) <= _FEW and bool(_OTHERS.search(question))


def own_words(question: str) -> list[str]:
    """Its words that are not asked of any paper whatever."""
    return [word for word in search_words(question) if word not in _OF_A_PAPER and not word.isdigit()]


def points_early(question: str) -> bool:
    """Whether it begins with what it points at: "is it better than ...", "how does that compare with ..."."""
    return bool(_EARLY.search(_FILLER.sub("", question)))


def points(question: str) -> bool:
    """Whether it points at something outside itself."""
    question = _EMPTY_IT.sub(" ", _FILLER.sub("", question))
    if _SUBJECT.search(question):
        return len(search_words(question)) <= _MANY
    if len(search_words(question)) > _MANY:
        return False
    if _AT_THE_END.search(question):
        return True
    return any(_is_outside(question, match) for match in _POINTING.finditer(question))


def _is_outside(question: str, match: re.Match[str]) -> bool:
    """Whether what is pointed at is not in the question itself, as in "can a model check its answers?"."""
    demonstrative = re.split(r"\W", match[0].lower())[0] in ("this", "the", "that", "these", "those", "there")
    return demonstrative or len(own_words(question[: match.start()])) < _FEW


def is_fragment(question: str) -> bool:
    """Whether it is a piece of a question: "on images?", "which optimizer?", "why?"."""
    bare = _FILLER.sub("", question)
    if _FRAGMENT.search(bare) and len(search_words(bare)) <= _SOME:
        return True
    words = re.findall(r"\w+", bare.lower())
    asks = bool(words) and words[0] in ("which", "what", "how", "any", "whose")
    verbs = STOP_WORDS & set(words[1:]) - {"many", "much", "of", "the", "few"}
    return asks and not verbs and len(own_words(bare)) <= _FEW and len(search_words(bare)) <= _SOME


def asks_of_any_paper(question: str) -> bool:
    """Whether all its words are asked of any paper ("how many parameters?"): it cannot stand alone."""
    words = search_words(question)
    if _PAPERS.search(question):  # of all papers, not of one
        return False
    if len(words) <= _FEW and not self_contained(question):
        return len(own_words(question)) < max(len(words), 1)
    return not own_words(question)


def asks_an_aspect(question: str) -> bool:
    """Whether it asks for "the speedup", "the advantage over ...", without saying of what."""
    match = _THE_ASPECT.search(question)
    return match is not None and match[1].lower() in _OF_A_PAPER and len(own_words(question)) <= _FEW


def asks_whether(question: str) -> bool:
    """Whether it is to be answered with yes or no."""
    return bool(_WHETHER.search(_FILLER.sub("", question)))


def self_contained(question: str) -> bool:
    """Whether it is put like a first question: "what is DPO?", "any papers on pruning?"."""
    bare = _FILLER.sub("", question)
    return bool(own_words(bare)) and bool(_ASKS_WHAT.search(bare) or _ASKS_PAPERS.search(bare))


def asks_how_to(question: str) -> bool:
    """Whether it is put like a question of anything whatever: "how do transformers count?"."""
    return bool(_HOW_TO.search(_FILLER.sub("", question)))


def asks_of_a_part(question: str) -> bool:
    """Whether it asks of a thing as known, without saying of what: "how long is the delay?"."""
    return bool(_PART.search(_FILLER.sub("", question))) and len(own_words(question)) <= _FEW


def is_rather_short(question: str) -> bool:
    """Whether it could be understood as a continuation."""
    bare = _FILLER.sub("", question)
    return len(search_words(bare)) <= _SOME or len(own_words(bare)) <= _FEW


def is_definite(question: str) -> bool:
    """Whether it speaks of things as known: "the gate"."""
    return bool(_PLAIN_POSSESSIVE.search(question))
