"""Sentences of which it is known whether their sources support them, made from questions with answers.

Supported ones are reference answers and evidence with its numbers respelled. From each come unsupported
ones by one change: a number, a unit, two numbers in each other's place, a name, a negation, sources from the
paper that has most words in common with it, or from elsewhere in its own abstract.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from qa.lexical import search_words, stems
from qa.names import names
from qa.paper import Paper
from qa.quantities import plain
from qa.support import Source
from qa.text import STOP_WORDS, fold, sentence_spans

Change = Literal["", "number", "unit", "swap", "name", "negation", "paper", "span"]


@dataclass(frozen=True)
class Scripted:
    """A sentence, what it cites, and how it was changed; "" where it is supported."""

    text: str
    sources: tuple[Source, ...]
    change: Change = ""


@dataclass(frozen=True)
class Answered:
    """A reference answer, and the evidence for it."""

    answer: str
    sources: tuple[Source, ...]


def whole_sentences(paper: Paper, quotes: Sequence[str]) -> Iterator[Source]:
    """The sentences of an abstract that the quotes lie in."""
    for quote in quotes:
        at = paper.abstract.find(quote)
        spans = sentence_spans(paper.abstract)
        held = [span for span in spans if span[0] < at + len(quote) and span[1] > at >= 0]
        if held:
            yield Source(paper, paper.abstract[held[0][0] : held[-1][1]])


def scripted(answers: Sequence[Answered], seed: int = 0) -> Iterator[Scripted]:
    """Supported sentences, each followed by the unsupported ones that can be made of it."""
    chance = random.Random(seed)
    pool = sorted({name for one in answers for source in one.sources for name in _names_in(source.quote)})
    words = [_stems(other) for other in answers]
    for one in answers:
        for text in _supported(one):
            sentence = Scripted(text, one.sources)
            yield sentence
            yield from _changed(sentence, pool, chance)
            own = _content(text)
            shared = [
                -1 if other.sources[0].paper == one.sources[0].paper else len(own & held)
                for other, held in zip(answers, words, strict=True)
            ]
            nearest = max(range(len(answers)), key=shared.__getitem__)
            yield replace(sentence, sources=answers[nearest].sources, change="paper")
            if elsewhere := _elsewhere(one):
                yield replace(sentence, sources=(elsewhere,), change="span")


def _content(text: str) -> set[str]:
    return set(stems(" ".join(search_words(text))))


def _stems(one: Answered) -> set[str]:
    return {stem for source in one.sources for stem in _content(source.quote)}


def _elsewhere(one: Answered) -> Source | None:
    """The sentence of the same abstract, the evidence apart, with most words in common."""
    paper, own = one.sources[0].paper, _content(one.answer)
    spans = [paper.abstract[start:end] for start, end in sentence_spans(paper.abstract)]
    others = [text for text in spans if not any(text in source.quote for source in one.sources)]
    return Source(paper, max(others, key=lambda text: len(own & _content(text)))) if others else None


def _supported(one: Answered) -> Iterator[str]:
    for start, end in sentence_spans(one.answer):
        yield one.answer[start:end]
    for source in one.sources[:1]:
        start, end = sentence_spans(source.quote)[0]
        yield respelled(source.quote[start:end])


def respelled(text: str) -> str:
    """A sentence of a paper as others would put it: of its authors, and with its numbers spelt otherwise."""
    text = plain(text)
    text = re.sub(r"^(?:In this (?:paper|work), )?[Ww]e\b", "The authors", text)
    text = re.sub(r"\b[Oo]ur\b", "their", text)
    text = re.sub(r"(\d)\s?%", r"\1 percent", text)
    text = re.sub(r"(\d)\s?x\b(?! \d)", r"\1 times", text)
    text = re.sub(r"(\d),(\d{3})\b", r"\1\2", text)
    return re.sub(r"(?<![\w.-])(\d+(?:\.\d+)?)B\b(?!-)", r"\1 billion", text)


def _changed(sentence: Scripted, pool: Sequence[str], chance: random.Random) -> Iterator[Scripted]:
    given = " ".join(f"{source.quote} {source.paper.title}" for source in sentence.sources)
    makers = (
        ("number", _other_number(sentence.text, plain(given), chance)),
        ("unit", _other_unit(sentence.text)),
        ("swap", _swapped(sentence.text)),
        ("name", _other_name(sentence.text, fold(given), pool, chance)),
        ("negation", _negated(sentence.text)),
    )
    for change, text in makers:
        if text and text != sentence.text:
            yield replace(sentence, text=text, change=change)  # type: ignore[arg-type]


def _other_number(text: str, given: str, chance: random.Random) -> str | None:
    match = next(iter(re.finditer(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w]*[A-Za-z]{2})", text)), None)
    if match is None:
        return None
    digits = match[0]
    for _ in range(20):
        place = chance.choice([i for i, char in enumerate(digits) if char.isdigit()])
        other = digits[:place] + str((int(digits[place]) + chance.randint(1, 8)) % 10) + digits[place + 1 :]
        if float(other) != float(digits) and not re.search(rf"(?<![\d.]){re.escape(other)}(?![\d.])", given):
            return text[: match.start()] + other + text[match.end() :]
    return None


_UNITS: Final = (
    (r"(\d)\s?(?:%|percent\b)(?! points?)", r"\1 points"),
    (r"(\d)\s?(?:x|×|times)(?![a-z])(?! \d)", r"\1%"),
    (r"(\d)\s?ms\b", r"\1 s"),
    (r"(\d)\s?(?:s|seconds)\b", r"\1 minutes"),
    (r"\bhours?\b", "days"),
    (r"(\d)\s?GB\b", r"\1 MB"),
    (r"(\d)(?:B\b| billion)", r"\1 million"),
    (r"(\d)(?:M\b| million)", r"\1 billion"),
    (r"(\d)[kK]\b", r"\1M"),
    (r"(\d)(?: percentage)? points\b", r"\1 percent"),
)


def _other_unit(text: str) -> str | None:
    for pattern, instead in _UNITS:
        if re.search(pattern, text):
            return re.sub(pattern, instead, text, count=1)
    return None


_SWAPPED: Final = re.compile(
    r"(?<![\w.^-])(?P<one>\d+(?:\.\d+)?)(?P<unit>\s?(?:%|percent|points|times|x|ms|GB|MB|hours|minutes|seconds)?)"
    r"(?![\w.,]*\d)(?P<between>[^\d;]{2,60}?)(?<![\w.^-])(?P<other>\d+(?:\.\d+)?)(?P=unit)(?![\w.,]*\d|[A-Za-z])"
)


def _swapped(text: str) -> str | None:
    """Two numbers of one unit in each other's place, where they are of different things or of from and to."""
    for match in _SWAPPED.finditer(text):
        after = {*stems(text[match.end() :])[:3]}
        apart = {*stems(match["between"])} - STOP_WORDS - after
        ordered = match["between"].strip() == "to" and text[: match.start()].endswith("from ")
        if match["one"] != match["other"] and (apart or ordered):
            changed = match["other"] + match["unit"] + match["between"] + match["one"] + match["unit"]
            return text[: match.start()] + changed + text[match.end() :]
    return None


def _other_name(text: str, given: str, pool: Sequence[str], chance: random.Random) -> str | None:
    found = _names_in(text)
    fit = [name for name in pool if fold(name) not in given and fold(name)[:5] not in given]
    if not found or not fit:
        return None
    old = chance.choice(found)
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: chance.choice(fit), text, count=1)


def _names_in(text: str) -> list[str]:
    """Names that nobody could take for a common word."""
    return [name for name in names(plain(text)) if any(c.isupper() for c in name[1:]) and name[0].isalpha()]


_NEGATIONS: Final = (
    (r"\b(is|are|was|were|can|does|do|did|will|should|could|has|have) not\b", r"\1"),
    (r"\bcannot\b", "can"),
    (r"\bwithout\b", "with"),
    (r"\bfails? to\b", "manages to"),
    (r"\b(is|are|was|were|can|will|should|could) (?!not\b)", r"\1 not "),
    (r"\b(outperform|improve|reduce|achieve|learn|show|reach|use|require|need|propose|provide|give|enable)s\b",
     r"does not \1"),
    (r"\b(outperform|improve|reduce|achieve|learn|show|reach|use|require|need|propose|provide|give|enable)\b",
     r"do not \1"),
    (r"\b(higher|more|better|faster)\b",
     lambda m: {"higher": "lower", "more": "less", "better": "worse", "faster": "slower"}[m[1]]),
)  # fmt: skip


_UNCLEAR: Final = r"\b(?:no|never|hardly|none|neither|lack|necessarily)\b"


def _negated(text: str) -> str | None:
    if re.match(r"(?:no|not)\b", text, re.IGNORECASE) or re.search(_UNCLEAR, text):
        return None  # the same in other words, or negated twice
    for pattern, instead in _NEGATIONS:
        if re.search(pattern, text):
            return re.sub(pattern, instead, text, count=1)
    return None
