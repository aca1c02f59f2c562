"""What a sentence does in its abstract: it states a problem, says what is done, or reports a result.

Rhetorical roles after Teufel and Moens, "Summarizing Scientific Articles" (Computational Linguistics
28(4), 2002): their zones Background and Contrast are the problem here, Aim and Own the method and the
result. A sentence is told by its cue words and by its place, as by their classifier; nothing is fitted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from qa.quoting import leans, with_antecedent
from qa.reading import Sentence
from qa.vocabulary import either

Role = Literal["problem", "aim", "method", "data", "result"]

SHORT = 3  # sentences of an abstract, up to which all of them say what it is about
MOST = 4  # sentences that say what a paper is about
_LONG = 60  # words: a sentence so long says more than one thing

_PROBLEM = either(
    r"\b(?:however|unfortunately|despite|although|yet|nevertheless|whereas)\b",
    r"\b(?:challeng\w*|problem\w*|difficult\w*|limit(?:s|ed|ation|ations|ing)?|suffer\w*|lack\w*|fail\w*"
    r"|struggl\w*|costly"
    r"|expensive|bottleneck\w*|hinder\w*|prone|neglect\w*|overlook\w*|unclear|unknown|poorly"
    r"|little (?:is known|attention)"
    r"|remain\w*|open question|gap|under-?explored|under-?studied|inefficien\w*|unable|infeasible"
    r"|impractical|obstacle\w*"
    r"|degrad\w*|drawback\w*|shortcoming\w*|concern\w*|crucial|critical|important|need(?:s|ed)? (?:to|for)"
    r"|cannot|(?:do|does|is|are|did) not|neither|no longer)\b",
)
_WORK = r"(?:paper|work|study|article|report|survey|thesis|letter|review|(?:technical )?note|chapter)"
_OWN = rf"\b(?:we|our|this {_WORK}|here|the authors?|i)\b"
_OPENS_OWN = re.compile(
    rf"^\W*(?:(?:here|thus|hence|therefore|to this end)\W+)?(?:in this {_WORK}|we|this {_WORK}|here)\b",
    re.IGNORECASE,
)
_WE = rf"\b(?:we|i|(?:this|our|the present|the) {_WORK}|the authors?)\b[^.;]{{0,60}}?"
# What a paper makes, before what it looks into.
_MAKES = either(
    rf"{_WE}\b(?:propos\w*|introduc\w*|present\w*|develop\w*|design\w*|devis\w*|construct\w*|formulat\w*"
    rf"|build\w*"
    r"|create\w*|releas\w*|extend\w*|suggest to)\b",
    r"\b(?:is|are|was|were) (?:proposed|introduced|presented|developed)\b",
    r"\b(?:propos\w*|introduc\w*|present\w*) (?:in )?(?:a|an|the|two|three|this|here)\b",
)
_AIM = either(
    rf"{_WE}\b(?:describ\w*|investigat\w*|stud(?:y|ies|ied)|examin\w*|explor\w*|analy[sz]\w*|address\w*"
    rf"|aim\w*"
    r"|seek\w*|consider\w*|offer\w*|provide\w*|revisit\w*|tackl\w*|contribut\w*|review\w*|survey\w*"
    r"|establish\w*"
    r"|characteri[sz]\w*|argu\w*|ask\w*|compar\w*|focus\w*|solv\w*|derive\w*|discuss\w*|deal\w* with"
    r"|evaluat\w*"
    r"|report\w*|use[sd]?|apply|applies|transfer\w*|demonstrates? how|gives?|perform\w*)\b",
    r"\b(?:is|are|was|were) (?:investigated|studied|described|considered|analy[sz]ed)\b",
)
_METHOD = either(
    r"\b(?:method|approach|framework|algorithm|model|architecture|technique|procedure|scheme|strategy"
    r"|mechanism|module|pipeline)s?\b",
    r"\b(?:us(?:es|ing)|by (?:\w+ly )?\w+ing|based on|consists? of|combin\w*|leverag\w*|employ\w*|learns?"
    r"|trained?|optimi[sz]\w*"
    r"|incorporat\w*|integrat\w*|exploit\w*|specifically|in particular|first|then|key idea|via)\b",
)
_RESULT = either(
    r"\b(?:results?|experiments?|evaluations?|simulations?|empirical\w*|findings?|experimental\w*"
    r"|numerical\w*)\b[^.;]{0,60}"
    r"\b(?:show\w*|demonstrat\w*|indicat\w*|confirm\w*|reveal\w*|suggest\w*|validat\w*|verif\w*"
    r"|highlight\w*|prov\w*|on|are)\b|\b(?:efficacy|effectiveness|usefulness)\b",
    r"\b(?:we|it|this|they|which)\b (?:\w+ly |also |then |further |can |will )*"
    r"(?:show|shows|find|finds|found|demonstrate\w*|observe\w*|prove[sd]?|achieve\w*|conclude\w*|obtain\w*"
    r"|outperform\w*"
    r"|establish\w*|reveal\w*|improve\w*|reduce\w*|confirm\w*|report\w*|verif\w*|reach\w*)\b",
    r"\b(?:outperform\w*|state-of-the-art|state of the art|achiev\w*|surpass\w*|superior\w*"
    r"|significant(?:ly)?|competitive"
    r"|improv(?:es|ed|ing|ement|ements) (?:of|by|over|on|upon|from)|up to \d|\d+(?:\.\d+)? ?(?:%|\\%"
    r"|percent|times|x\b))",
)
_DATA = either(
    r"\b(?:data ?sets?|benchmarks?|corp(?:us|ora)|collections?|recordings?|trials?|patients?|participants?"
    r"|volunteers|annotat\w*|surveyed|interviews?|catalogu?e)\b",
    r"\b(?:evaluat|test|experiment|validat|train|appl|demonstrat|simulat)\w*\b[^.;]{0,60}\bon (?:the |a "
    r"|an |two |three |\w+ |\d+ )?\w+",
)
_SOME_DATA = either(r"\b(?:data|tasks?|images?|samples?|examples?|simulations?|observations?|domains?)\b")
# What says nothing of a paper's subject: where the code is, and how the text goes on.
_ASIDE = either(
    r"https?://|\b(?:code|data|models?|software|dataset|implementation)\b.{0,60}\b(?:available|released"
    r"|open-?sourced?|at)\b",
    r"^\W*(?:the (?:rest|remainder)|this paper is organi[sz]ed|finally, we (?:discuss|conclude|outline))\b",
)
# A second aim, which follows from the first.
_GOES_ON = re.compile(
    r"^\W*(?:(?:we|it|this|the (?:paper|authors?)) )?(?:also|further(?:more)?|additionally|moreover"
    r"|in addition|finally|second(?:ly)?"
    r"|besides|then|it|they|our results?|within|building on)\b|\bextend (?:it|them|this|these)\b",
    re.IGNORECASE,
)
# "We explore this question": which one, the sentence before says.
_MEANS = re.compile(r"^\W*(?:thus|hence|therefore)?\W*to \w+ (?:this|these|such|those) \w+", re.IGNORECASE)
_OF_THE_LAST = re.compile(
    r"\b(?:this|these|such|those) (?:questions?|problems?|issues?|gaps?|challenges?|limitations?|goals?"
    r"|ideas?|properties"
    r"|phenomen(?:on|a)|effects?)\b",
    re.IGNORECASE,
)
_GIST = re.compile(
    r"\b(?:novel|new|first|called|named|termed|dubbed|namely)\b|\([A-Z][\w-]*[A-Z]\w*\)", re.IGNORECASE
)


def fit(role: Role, text: str, place: float) -> float:
    """How well a sentence plays a role, higher is better; `place` is 0 at the abstract's start, 1 at its end.

    0 and less: it does not.
    """
    if _ASIDE.search(text):
        return -1.0
    return _FITS[role](text, place) - 0.5 * (len(text.split()) > _LONG) - 0.5 * leans(text)


def _problem(text: str, place: float) -> float:
    own = re.search(_OWN, text, re.IGNORECASE) is not None
    return 0.5 * _count(_PROBLEM, text) + 0.6 * (1 - place) - 1.5 * own - 0.7 * _count(_RESULT, text, 1) - 0.4


def _aim(text: str, place: float) -> float:
    aims = 1.7 if _MAKES.search(text) else 1.2 if _AIM.search(text) else 0.0
    aims += 0.5 * bool(_GIST.search(text)) + 0.2 * _count(_METHOD, text, 2)
    aims += 0.7 * bool(_OPENS_OWN.search(text)) - 0.8 * bool(_GOES_ON.search(text))
    aims -= 0.5 * bool(_OF_THE_LAST.search(_MEANS.sub("", text))) + 0.4 * _count(_PROBLEM, text, 2)
    return aims + 0.8 * (1 - abs(place - 0.3)) - 0.5 * _count(_RESULT, text, 2) - 1.2


def _method(text: str, place: float) -> float:
    words = 0.5 * _count(_METHOD, text) + 0.8 * bool(_MAKES.search(text)) + 0.5 * (1 - abs(place - 0.5))
    return words - 0.6 * _count(_RESULT, text, 2) - 0.6 * (_count(_PROBLEM, text) > 1) - 0.7


def _data(text: str, place: float) -> float:
    words = 0.8 * _count(_DATA, text) + 0.3 * _count(_SOME_DATA, text, 2)
    return words + 0.5 * place - 0.4 * _count(_PROBLEM, text, 2) - 0.8


def _result(text: str, place: float) -> float:
    number = bool(re.search(r"\d", text))
    return 0.8 * _count(_RESULT, text) + 0.3 * number + 1.2 * place - 0.3 * _count(_PROBLEM, text, 2) - 0.9


_FITS: dict[Role, Callable[[str, float], float]] = {
    "problem": _problem,
    "aim": _aim,
    "method": _method,
    "data": _data,
    "result": _result,
}


def _count(cues: re.Pattern[str], text: str, most: int = 3) -> int:
    """How many different cues a text holds; so many say as much as more."""
    return min(len({match[0].casefold() for match in cues.finditer(text)}), most)


def best(role: Role, sentences: Sequence[Sentence], taken: Sequence[Sentence] = ()) -> Sentence | None:
    """The sentence of an abstract (all of it, in order) that plays a role best, none of `taken`; or none."""
    fits = fits_of(role, sentences)
    free = [(value, -at) for at, value in enumerate(fits) if value > 0 and sentences[at] not in taken]
    return sentences[-max(free)[1]] if free else None


def fits_of(role: Role, sentences: Sequence[Sentence]) -> list[float]:
    """`fit` of each sentence of an abstract (all of it, in order)."""
    last = max(len(sentences) - 1, 1)
    return [fit(role, sentence.text, at / last) for at, sentence in enumerate(sentences)]


def about(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """What a paper is about in its own words: two to four of its sentences, in order; a short abstract whole.

    The problem, what the paper does about it, what comes of it, and how, as far as the abstract says so;
    before them what one that cannot stand alone leans on.
    """
    if len(sentences) <= SHORT:
        return tuple(s for s in sentences if not _ASIDE.search(s.text)) or tuple(sentences)
    aim = main(sentences)
    at = sentences.index(aim)
    chosen: tuple[Sentence, ...] = (aim,)
    parts: tuple[tuple[Role, Sequence[Sentence]], ...] = (
        ("problem", sentences[:at]),
        ("result", sentences[at + 1 :]),
        ("method", sentences[at + 1 :]),
    )
    for role, part in parts:
        one = best(role, sentences, [s for s in sentences if s not in part or s in chosen])
        more = with_antecedent(sentences, (*chosen, one)) if one else chosen
        chosen = more if len(more) <= MOST else chosen
    if len(chosen) == 1:
        chosen = (aim, sentences[at + 1] if at + 1 < len(sentences) else sentences[at - 1])
    return tuple(sorted(chosen, key=lambda sentence: sentence.start))


def main(sentences: Sequence[Sentence]) -> Sentence:
    """The one sentence that says most of what a paper does; of an abstract that has any."""
    return best("aim", sentences) or best("method", sentences) or best("result", sentences) or sentences[0]
