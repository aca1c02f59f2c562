"""Papers side by side: what they are compared in, and the sentence of each that says most of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa import roles
from qa.lexical import search_words, stems
from qa.quoting import leans
from qa.reading import Sentence, Weighed
from qa.vocabulary import either

USUAL = ("method", "data", "result")  # where a question names nothing to compare
MAIN = "main point"  # of a paper that says nothing of what is compared
MOST = 4  # columns

_CUE, _ROLE, _SCORE, _LEANING = 0.5, 1.0, 0.5, 0.7  # what makes a sentence fit a cell, or not
_MOST_WORDS = 0.5  # of an aspect in the question's own words, more than which a sentence must hold
_ENOUGH = 0.3  # of a role that a sentence must play to stand for it


@dataclass(frozen=True)
class Aspect:
    """Something that papers are compared in: how a question names it, and how sentences speak of it."""

    name: str
    asked: re.Pattern[str]
    said: re.Pattern[str] | None
    role: roles.Role | None = None


def _aspect(name: str, asked: str, said: str = "", role: roles.Role | None = None) -> Aspect:
    return Aspect(name, either(rf"\b(?:{asked})\b"), either(rf"\b(?:{said})") if said else None, role)


KNOWN = (
    _aspect(
        "speed",
        r"speed\w*|fast\w*|slow\w*|quick\w*|latency|throughput|run ?-?times?|time|inference time",
        r"speed-?\w*|fast\w*|slow\w*|latency|throughput|run ?-?times?|wall-?clock|real-?time|accelerat\w*"
        r"|quick\w*"
        r"|\d+(?:\.\d+)? ?(?:x|\$\\times\$|×|times)|seconds?|milliseconds?|efficien\w*",
    ),
    _aspect(
        "memory",
        r"memory|ram|vram|footprint|storage|disk",
        r"memory|ram\b|footprint|storage|gigabytes?|\d+ ?[gm]i?b\b|kv[- ]?cache|compress\w*",
    ),
    _aspect(
        "cost",
        r"costs?|cheap\w*|expensive|compute|computation\w*|overhead|budget|flops|resources?|price",
        r"costs?\b|cheap\w*|expensive|comput(?:e|ation\w*)|overhead|budget|flops|resource\w*|gpu"
        r"|efficien\w*|complexity",
    ),
    _aspect("energy", r"energy|power|carbon|watts?", r"energy|power\b|carbon|joules?|watts?|emission\w*"),
    _aspect(
        "accuracy",
        r"accura\w+|precis\w+|quality|scores?|performances?|perform|errors?|f1|better|best|worse"
        r"|effective\w*|well",
        r"accura\w*|precision|recall|f1|scores?\b|perform\w*|outperform\w*|error\w*|quality"
        r"|state[- ]of[- ]the[- ]art|improv\w*"
        r"|surpass\w*|\d+(?:\.\d+)? ?(?:%|\\%|percent|points?)|better|bleu|fid\b|auc\b|perplexity",
        "result",
    ),
    _aspect(
        "size",
        r"sizes?|parameters?|big\w*|small\w*|large\w*|weights",
        r"parameters?|\d+(?:\.\d+)? ?[bm]\b|smaller|larger|lightweight",
    ),
    _aspect(
        "data",
        r"data|data ?-?sets?|corpora|corpus|benchmarks?|tasks?|tested|evaluated|examples|samples",
        role="data",
    ),
    _aspect(
        "training",
        r"train\w*|loss(?:es)?|objectives?|fine-?tun\w*|optimi[sz]er|learn|learned|supervision|labels?",
        r"train\w*|loss(?:es)?\b|objective|fine-?tun\w*|optimi[sz]\w*|supervis\w*|learn\w*|label\w*"
        r"|reward\w*",
    ),
    _aspect(
        "limitations",
        r"limit\w*|drawbacks?|weakness\w*|disadvantages?|cons|shortcomings?|fail\w*",
        r"limit\w*|drawback\w*|weakness\w*|fail\w*|however|although|only\b|at the (?:cost|expense)"
        r"|trade-?off",
    ),
    _aspect(
        "robustness",
        r"robust\w*|nois[ey]\w*|generali[sz]\w*|stab\w+",
        r"robust\w*|nois[ey]\w*|generali[sz]\w*|stab(?:le|ility)|out-of-distribution|unseen|shift\w*",
    ),
    _aspect(
        "safety",
        r"safe\w*|privacy|private|secur\w*|attacks?|harm\w*",
        r"safe\w*|priva\w*|secur\w*|attack\w*|harm\w*|adversar\w*",
    ),
    _aspect(
        "theory",
        r"theor\w+|proofs?|prove\w*|guarantees?|bounds?|converge\w*",
        r"theor\w*|proofs?|prove\w*|guarante\w*|bounds?\b|converge\w*|optimal\w*",
    ),
    _aspect("problem", r"problems?|motivat\w*|goals?|aims?|tackle|solve|purpose", role="problem"),
    _aspect(
        "method",
        r"methods?|approach\w*|architectures?|techniques?|ideas?|mechanisms?|works?|how they work"
        r"|algorithms?|designs?",
        role="aim",
    ),
    _aspect("result", r"results?|findings?|conclu\w*|gains?|improve\w*|outcomes?|achieve\w*", role="result"),
)
_BY_NAME = {aspect.name: aspect for aspect in KNOWN}
# Words of a comparison that name no aspect: "the two methods", "which works better".
_FRAME = re.compile(
    r"\b(?:the|these|those|both|two|three|first|second|third|of|their|all|different|other"
    r"|proposed) (?:methods?|approach(?:es)?"
    r"|techniques?|works?|ideas?|models?|algorithms?|ones?|papers?)\b"
    r"|\b(?:compare|contrast) (?:the )?(?:methods?|approaches|works|ideas|algorithms)\b(?= of)",
    re.IGNORECASE,
)
_IN_TERMS = re.compile(
    r"\b(?:in terms of|with (?:respect|regard) to|w\.?r\.?t\.?|regarding|concerning|when it comes to"
    r"|as (?:regards|for|to)|with a view to"
    r"|in (?:their|its)|by their|differ\w* (?:\w+ )?in|compar\w* (?:\w+ ){0,2}(?:on|by|for)"
    r"|on (?:the basis of|their))\s+(?P<what>[^?.;:]+)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:,|\band\b|\bor\b|\bas well as\b|&|/)\s*", re.IGNORECASE)
_LONGEST = 4  # words of an aspect in the question's own words


def aspects_of(question: str) -> tuple[str, ...]:
    """What a question compares papers in, in its order; the usual where it says nothing. Titles taken out.

    >>> aspects_of("compare the two methods in terms of speed, memory and carbon taxes")
    ('speed', 'memory', 'carbon taxes')
    """
    plain = _FRAME.sub(" ", question)
    named = _in_own_words(plain)
    rest = _IN_TERMS.sub(" ", plain) if named else plain
    found = sorted((match.start(), a.name) for a in KNOWN if (match := a.asked.search(rest)))
    names = [name for _, name in found]
    if "limitations" in names and re.search(r"\bpros and cons\b", rest, re.IGNORECASE):
        names = ["result", "limitations"]
    return tuple(dict.fromkeys([*named, *names]))[:MOST] or USUAL


def _in_own_words(question: str) -> list[str]:
    """What stands after "in terms of", by the names of known aspects where it has one."""
    match = _IN_TERMS.search(question)
    parts = _AND.split(match["what"].strip()) if match else []
    names = []
    for part in parts:
        known = next((aspect.name for aspect in KNOWN if aspect.asked.fullmatch(part.strip())), None)
        words = re.sub(r"^(?:the|their|its|how|what) ", "", part.strip(), flags=re.IGNORECASE)
        if known or (
            words and len(words.split()) <= _LONGEST and re.fullmatch(r"[\w\s-]+", words) and "§" not in words
        ):
            names.append(known or words)
    return names


def side_by_side(
    papers: Sequence[Weighed], aspects: Sequence[str]
) -> tuple[tuple[Sentence, ...], tuple[str, ...]]:
    """For each paper the sentences that fit the aspects best, and for each sentence its aspect.

    A sentence stands for one aspect only. Where no sentence speaks of an aspect there is none; a paper that
    speaks of none gives its main sentence.
    """
    cells = [(sentence, aspect) for paper in papers for aspect, sentence in _row(paper, aspects)]
    return tuple(sentence for sentence, _ in cells), tuple(aspect for _, aspect in cells)


def _row(paper: Weighed, aspects: Sequence[str]) -> Iterator[tuple[str, Sentence]]:
    """The best pairs first, so that a sentence goes where it fits best; then in the order of the aspects."""
    fits = [
        (value, -column, -place)
        for column, aspect in enumerate(aspects)
        for place, value in enumerate(_fits(aspect, paper.sentences))
        if value > 0
    ]
    columns: dict[int, int] = {}
    for _, column, place in sorted(fits, reverse=True):
        if -column not in columns and -place not in columns.values():
            columns[-column] = -place
    for column, aspect in enumerate(aspects):
        if column in columns:
            yield aspect, paper.sentences[columns[column]]
    if not columns and paper.sentences:
        yield MAIN, roles.main(paper.sentences)


def _fits(name: str, sentences: Sequence[Sentence]) -> list[float]:
    """How well each sentence of an abstract speaks of an aspect; 0 where it does not."""
    aspect = _BY_NAME.get(name)
    played = roles.fits_of(aspect.role or "result" if aspect else "result", sentences)
    most = max((sentence.score for sentence in sentences), default=0.0) or 1.0
    values = []
    for sentence, role in zip(sentences, played, strict=True):
        told = _told(name, aspect, sentence.text, role)
        stands = 0.0 if told <= 0 else _SCORE * sentence.score / most - _LEANING * leans(sentence.text)
        values.append(told + stands)
    return values


def _told(name: str, aspect: Aspect | None, text: str, role: float) -> float:
    """What a sentence's words say of an aspect, and the role that it plays; 0 where they say nothing."""
    if aspect is None:
        wanted = set(stems(" ".join(search_words(name))))
        share = len(wanted & set(stems(text))) / max(len(wanted), 1)
        return share if share > _MOST_WORDS else 0.0
    if aspect.said is None:
        return max(role - _ENOUGH, 0.0)
    cues = len({match[0].casefold() for match in aspect.said.finditer(text)})
    weight = _ROLE if aspect.role else _ROLE / 3  # what is measured stands in results, if it stands there
    return _CUE * min(cues, 3) + weight * max(role, 0.0) if cues else 0.0
