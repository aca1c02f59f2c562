"""Which papers of a library a text speaks of: by title, part of a title, name of the method, or identifier.

The full-text index gives candidates for each sentence and each quoted stretch; what counts is whether the
title really stands there. Short and ordinary names ("Attention", "Falcon") count only where nothing in
the library fits the sentence better.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qa.identity import normalise_arxiv_id, normalise_doi
from qa.lexical import Lexical, search_words, stems
from qa.paper import Paper
from qa.text import sentence_spans, words

_LONGEST = 6000  # characters of a text that are read
_SEGMENTS = 24  # sentences and quoted stretches that are looked up
_SEGMENT_WORDS = 30
_CANDIDATES = 6  # papers looked at for each of them
_WHOLE_TITLE = 4  # words from which a title is no accident
_PART = 0.6  # of a title's words, for its beginning to name it
_RARE = 25  # papers that may hold a word that still names one of them by its title ...
_LONGEST_NAME = 40  # characters
_VERY_RARE = 5  # ... or by its abstract

# A sentence cited from a paper may hold the names of others; a title stands first in its line.
_CITED = re.compile(r"(?<!- )“[^“]*?” \[\d+\]", re.DOTALL)
_QUOTED = re.compile(
    r"[\"“«]([^\"”»\n]{4,250})[\"”»]|(?<![\w*])\*{1,2}([^*\n]{4,250})\*{1,2}|\b_([^_\n]{4,250})_\b"
)
_ARXIV = re.compile(r"\b\d{4}\.\d{4,5}(?:v\d+)?\b")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"”<>)\]]+")
_COINED = re.compile(r"[a-z].*[A-Z]|[A-Z].*[A-Z0-9]|\d.*[A-Za-z]")
# Capitals that name no method, however rare they are in a library.
_ORDINARY = frozenset(
    "AI API APIs AUC CPU CPUs DNA EEG FLOP FLOPs FPGA GPU GPUs GNN GNNs GAN GANs HTML IoT JSON LLM LLMs LSTM"
    " MRI NLP PDE PDEs PDF RAM RMSE RNA RNN RNNs ROC SDE SDEs SGD SQL SVM TPU TPUs URL USA USB VLM VLMs VRAM"
    " XML".split()
)
_NAME_LIKE = re.compile(r"\w[\w+-]*\w")
_INTRODUCED = (
    r"\b(propos|introduc|present|develop|call|dubb|nam|term|design|devis)\w*\b[^.;]{0,80}(?<![\w-])%s(?!\w)"
)


@dataclass(frozen=True)
class _Mention:
    paper: Paper
    at: int  # the word of the text that it begins with
    length: int  # in words


def papers_named(text: str, lexical: Lexical, papers: Mapping[str, Paper]) -> list[Paper]:
    """The papers that `text` names, each once, in the order in which it names them."""
    text = _CITED.sub(" ", text[:_LONGEST])
    candidates, nearest = _candidates(text, lexical, papers)
    reading = _Reading(text, lexical, nearest, len(papers))
    mentions = [m for paper in candidates for m in reading.mentions(paper)]
    mentions += [_Mention(paper, len(words(text[:at])), 9) for paper, at in _identified(text, papers)]
    if not mentions:
        mentions = list(reading.methods(candidates))
    mentions = [m for m in mentions if not any(_covers(other, m) for other in mentions)]
    ordered = sorted(mentions, key=lambda mention: (mention.at, -mention.length))
    return list({mention.paper.id: mention.paper for mention in ordered}.values())


def _candidates(
    text: str, lexical: Lexical, papers: Mapping[str, Paper]
) -> tuple[list[Paper], frozenset[str]]:
    """Papers to look at, and the ids of those that are the nearest of all to a stretch of the text."""
    stretches = [next(filter(None, match.groups())) for match in _QUOTED.finditer(text)]
    for line in re.split(r"[;\n]", text):
        stretches += [line[start:end] for start, end in sentence_spans(line)]
    found: dict[str, Paper] = {}
    nearest = set()
    for stretch in list(dict.fromkeys(stretches))[:_SEGMENTS]:
        ids = [i for i in lexical.search(_start(stretch), _CANDIDATES) if i in papers]
        nearest.update(ids[:1])
        found |= {paper_id: papers[paper_id] for paper_id in ids}
    return list(found.values()), frozenset(nearest)


def _start(stretch: str) -> str:
    return " ".join(search_words(stretch)[:_SEGMENT_WORDS])


def _identified(text: str, papers: Mapping[str, Paper]) -> Iterator[tuple[Paper, int]]:
    """Papers named by a DOI or an arXiv id, and where."""
    places = {normalise_arxiv_id(match[0]): match.start() for match in _ARXIV.finditer(text)}
    places |= {normalise_doi(match[0]).rstrip(".,;"): match.start() for match in _DOI.finditer(text)}
    if not places:
        return
    for paper in papers.values():
        for identifier in {normalise_arxiv_id(paper.arxiv_id), normalise_doi(paper.doi), paper.id.casefold()}:
            if identifier in places:
                yield paper, places[identifier]


class _Reading:
    """A text, ready for many titles to be looked for in it."""

    def __init__(self, text: str, lexical: Lexical, nearest: frozenset[str], size: int) -> None:
        self._text, self._lexical, self._nearest = text, lexical, nearest
        self._size = size
        self._words = f" {' '.join(words(text))} "
        self._quoted = {
            " ".join(words(next(filter(None, match.groups())))) for match in _QUOTED.finditer(text)
        }

    def mentions(self, paper: Paper) -> Iterator[_Mention]:
        """Where the text names `paper` first, by its title, a part of it, or the name in it."""
        title = words(paper.title)
        head, colon, tail = paper.title.partition(":")
        for part in (title, words(head) if colon else [], words(tail)):
            if len(part) >= _WHOLE_TITLE and (at := self._find(part)) is not None:
                yield _Mention(paper, at, len(part))
                return
        start = title[: max(_WHOLE_TITLE + 1, round(_PART * len(title)))]
        if len(start) > _WHOLE_TITLE and (at := self._find(start)) is not None:
            yield _Mention(paper, at, len(start))
            return
        yield from self._quoted_part(paper, title)
        yield from self._named(paper, _names(paper.title))

    def methods(self, candidates: list[Paper]) -> Iterator[_Mention]:
        """Papers that introduce, in the abstract, a method of which the text has the name."""
        for name in dict.fromkeys(_NAME_LIKE.findall(self._text)):
            if (
                not 3 <= len(name) <= _LONGEST_NAME
                or not _COINED.search(name)
                or name in _ORDINARY
                or not self._is_rare(name, _VERY_RARE)
            ):
                continue
            pattern = _INTRODUCED % re.escape(name)
            holders = [p for p in candidates if name in p.abstract and re.search(pattern, p.abstract)]
            if len(holders) == 1:
                yield _Mention(holders[0], len(words(self._text[: self._text.index(name)])), 1)

    def _quoted_part(self, paper: Paper, title: list[str]) -> Iterator[_Mention]:
        """A stretch in quotes that is a part of the title, or nearly the title."""
        whole = f" {' '.join(title)} "
        for quoted in self._quoted:
            said = quoted.split()
            part = len(said) > 1 and f" {quoted} " in whole
            nearly = len(said) >= _WHOLE_TITLE and len(set(said) & set(title)) >= 0.8 * max(
                len(said), len(title)
            )
            if (part or nearly) and paper.id in self._nearest:
                yield _Mention(paper, self._find(said) or 0, len(said))

    def _named(self, paper: Paper, names: list[str]) -> Iterator[_Mention]:
        for name in names:
            coined = bool(_COINED.search(name)) and " " not in name and self._is_rare(name)
            if not (coined or paper.id in self._nearest or self._is_marked(name)):
                continue
            any_case = re.IGNORECASE if coined and len(name) > 4 and not name.isupper() else 0
            if match := re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", self._text, any_case):
                yield _Mention(paper, len(words(self._text[: match.start()])), len(words(name)))

    def _is_marked(self, name: str) -> bool:
        """Whether an ordinary word must be a name here: a year follows, or it is rare in a sentence."""
        within = rf"(?<=[a-z,] ){re.escape(name)}(?!\w)"
        dated = rf"(?<!\w){re.escape(name)} \((?:[^()]+, )?\d{{4}}\)"
        rare = self._is_rare(name, _VERY_RARE) and re.search(within, self._text)
        return bool(rare or re.search(dated, self._text))

    def _find(self, part: list[str]) -> int | None:
        at = self._words.find(f" {' '.join(part)} ")
        return None if at < 0 else self._words[:at].count(" ")

    def _is_rare(self, name: str, holding: int = _RARE) -> bool:
        # As rare as a word that so many papers hold: see Lexical.rarity.
        enough = math.log(1 + (max(self._size - holding, 0) + 0.5) / (min(holding, self._size) + 0.5))
        return max(map(self._lexical.rarity, stems(name)), default=0.0) >= enough


def _names(title: str) -> list[str]:
    """What a title calls its method or itself: what stands before the colon, or short after it.

    >>> _names("Video PreTraining (VPT): Learning to Act")
    ['Video PreTraining', 'VPT']
    """
    head, _, tail = (part.strip() for part in title.replace("$", "").partition(":"))
    parts = [head if tail or len(words(title)) < _WHOLE_TITLE else "", tail if " " not in tail else ""]
    found = [re.sub(r"\s*\([^)]*\)", "", part).strip() for part in parts]
    found += re.findall(r"\(([A-Z][\w-]+)\)", title)
    return [name for name in found if len(name) > 2 and len(words(name)) < _WHOLE_TITLE]


def _covers(other: _Mention, mention: _Mention) -> bool:
    """Whether `mention` is only a piece of the longer `other`."""
    inside = other.at <= mention.at and mention.at + mention.length <= other.at + other.length
    return inside and other.length > mention.length and other.paper is not mention.paper
