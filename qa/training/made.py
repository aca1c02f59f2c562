"""Questions made from open abstracts, to practise on before the written ones.

A made question is a stretch of a sentence in other words, most often together with a stretch of the
title, behind a question word that suits the sentence. The sentence is its evidence. It cannot be answered by
the same abstract without that sentence, by another abstract, or where the stretch comes from another
paper than the title. A title in other words asks whether a paper belongs to a list.

The made questions read badly. They teach to look across from question to sentence, which the bundled
encoder never learnt, because it read one text at a time.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qa.embedding import Embedder
from qa.lexical import stems
from qa.paper import Paper
from qa.reader import Tokens
from qa.text import STOP_WORDS
from qa.training.corpus import Shelf, Text
from qa.training.samples import Sample, sample

VOCABULARY = 9000  # words that have neighbours
LEAST_COUNT = 12  # of a word in the abstracts
LEAST_COSINE = 0.6  # between a word and its neighbour
SENTENCES = range(4, 17)  # of an abstract that questions are made from
KEPT = (2, 3, 3, 4, 4, 5, 6, 9)  # sentences of an abstract that a pass sees, drawn from these
NEARER = 3  # papers so near to another that they may belong to a list with it
LEAST_TOKENS = 8  # of a sentence that is asked about

_WORD = re.compile(r"\w[\w\-']*|[^\w\s]")
_CLAUSE = re.compile(
    r"[,;:()]| - |--|\b(?:and|that|which|because|while|whereas|but|since|so that|in order to|such as|by|"
    r"with|where|when|due to|for|via|using|than)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:in this (?:paper|work|article|study|thesis)|here|we (?:propose|present|introduce|show|study|"
    r"develop|describe|consider|demonstrate|find|investigate|prove|analyze|report|also|then|further)"
    r"(?: that)?|this (?:paper|work|article|study) \w+s?(?: that)?|however|moreover|furthermore|"
    r"additionally|finally|in particular|specifically|to this end|as a result|our (?:experiments|results) "
    r"(?:show|demonstrate|suggest)(?: that)?|experiments (?:show|demonstrate) that|(?:the )?results "
    r"(?:show|demonstrate|indicate) that)\b[ ,]*",
    re.IGNORECASE,
)
_SPOKEN = {"we": "they", "our": "the", "us": "them", "this": "the", "these": "the"}
_LINKS = ("in", "for", "of", "when", "with", "on")
# What a sentence holds, how often it is then asked so, and the words that begin the question.
_LEADS = (
    (r"\d", 0.6, "how much|how many|by how much|how large|how accurate|what accuracy|how fast|how often|"
     "what rate|how high|how far"),
    (r"because|due to|since|therefore|thus|hence|caus|lead|owing|suffer|limit|difficult|challeng|problem",
     0.6, "why|why|why|why is|why do|what makes|what problem|what limits"),
    (r"outperform|better|superior|compar|faster|than", 0.4,
     "does|how does|is|compared with what|what does it beat|which|how much better"),
    (r"dataset|data set|corpus|benchmark|evaluat|experiment", 0.4,
     "on which data|which dataset|how was it tested|on what|how was|which benchmarks"),
    (r"propos|introduc|present|develop|novel", 0.4,
     "how|what|which method|what approach|is there a way to|which|who|how can"),
    (r"", 1.0, "how|how|how does|how do|how is|what|what|which|does|can|is|do|in what way|what happens to|"
     "what is|are|under what conditions|for which|when|what kind of"),
)  # fmt: skip
_LISTS = (
    "which papers deal with|papers about|which works study|what is there on|who works on|any work on|"
    "which methods address|list the papers on|are there papers on|which approaches tackle|"
    "what papers propose|"
).split("|")

Neighbours = Mapping[str, tuple[Sequence[str], Sequence[str]]]


def neighbours(papers: Sequence[Paper], embedder: Embedder) -> Neighbours:
    """For each frequent word, words near it in meaning, and other forms of the word itself."""
    counts = Counter(
        word
        for paper in papers
        for word in re.findall(r"[a-z]{3,}", f"{paper.title} {paper.abstract}".lower())
    )
    frequent = [w for w, n in counts.most_common() if n >= LEAST_COUNT and w not in STOP_WORDS][:VOCABULARY]
    if not frequent:
        return {}
    vectors = np.stack([embedder.embed_query(word).whole for word in frequent])
    roots = [stems(word)[0] for word in frequent]
    table = {}
    for i, word in enumerate(frequent):
        cosines = vectors @ vectors[i]
        near = [int(j) for j in np.argsort(-cosines)[1:16] if cosines[j] > LEAST_COSINE]
        alike = [frequent[j] for j in near if roots[j] != roots[i]][:4]
        table[word] = (alike, [frequent[j] for j in near if roots[j] == roots[i]][:2])
    return table


@dataclass(frozen=True)
class Maker:
    """Makes questions from the papers on `shelf`, by chance from `rng`."""

    shelf: Shelf
    tokens: Tokens
    words: Neighbours
    rng: random.Random

    def samples(self, papers: Sequence[Paper], count: int) -> Iterator[Sample]:
        """`count` samples from papers drawn with repetition; none where no paper has enough sentences."""
        usable = [paper for paper in papers if len(self.shelf.take(paper.id).sentences) in SENTENCES]
        made = 0
        while made < count and usable:
            for one in self._of(self.shelf.take(self.rng.choice(usable).id)):
                if one and made < count:
                    made += 1
                    yield one

    def lists(self, papers: Sequence[Paper], count: int) -> Iterator[Sample]:
        """`count` questions for papers on a subject, half of them asked of another paper."""
        usable = [paper for paper in papers if len(self.shelf.take(paper.id).sentences) in SENTENCES]
        made = 0
        while made < count and usable:
            for one in self._list_of(self.shelf.take(self.rng.choice(usable).id)):
                if one and made < count:
                    made += 1
                    yield one

    def _list_of(self, text: Text) -> Iterator[Sample | None]:
        """From the title, or from a stretch of a sentence, which is the evidence then."""
        far = self._near(text)[NEARER:]
        if not far:
            return
        if self.rng.random() < 0.5:
            question, wanted = self._listing(text), set[int]()
        else:
            place = self.rng.randrange(len(text.sentences))
            sentence = text.paper.abstract[slice(*text.spans[place])]
            body = self._stretch(sentence, 4, 11, self.rng.uniform(0.5, 1.3), 2)
            question, wanted = " ".join([self.rng.choice(_LISTS), *body]).strip(), {place}
        yield self._sample(question, text, wanted, set(), frozenset(wanted) or None, True, True)
        yield self._sample(question, self.rng.choice(far), set(), set(), frozenset(), False, True)

    def _near(self, text: Text) -> tuple[Text, ...]:
        return self.shelf.near(f"{text.paper.title} {text.paper.abstract[:200]}", text.paper.id, 8)

    def _of(self, text: Text) -> Iterator[Sample | None]:
        near = self._near(text)
        long = [i for i, sentence in enumerate(text.sentences) if len(sentence) >= LEAST_TOKENS]
        if not near or not long:
            return
        for _ in range(2):
            yield from self._about(text, self.rng.choice(long), self.rng.choice(near))
        if self.rng.random() < 0.5:
            question = self._listing(text)
            titled = self.rng.random() < 0.4
            yield self._sample(question, text, set(), set(), None, True, titled)
            yield self._sample(question, self.rng.choice(near), set(), set(), frozenset(), False, True)

    def _about(self, text: Text, place: int, other: Text) -> Iterator[Sample | None]:
        """A question about one sentence, with it; and one that cannot be answered."""
        question = self._question(text, place, text.paper.title)
        titled = self.rng.random() < 0.8
        yield self._sample(question, text, {place}, set(), frozenset({place}), True, titled)
        chance = self.rng.random()
        if chance < 0.5:
            yield self._sample(question, text, set(), {place}, frozenset(), False, titled)
        elif chance < 0.75:
            yield self._sample(question, other, set(), set(), frozenset(), False, True)
        elif other.sentences:
            mixed = self._question(other, self.rng.randrange(len(other.sentences)), text.paper.title)
            yield self._sample(mixed, text, set(), set(), frozenset(), False, True)

    def _sample(
        self,
        question: str,
        text: Text,
        wanted: set[int],
        lost: set[int],
        evidence: frozenset[int] | None,
        answers: bool,
        titled: bool,
    ) -> Sample | None:
        if not question:
            return None
        rest = sorted(set(range(len(text.sentences))) - wanted - lost)
        count = max(0, min(len(rest), self.rng.choice(KEPT) - len(wanted)))
        kept = wanted | set(self.rng.sample(rest, count))
        return sample(self.tokens.question(question), text, kept, evidence, answers, titled=titled)

    def _question(self, text: Text, place: int, title: str) -> str:
        """About one sentence of a paper, in the words of a question; empty where too little is left."""
        rng = self.rng
        sentence = text.paper.abstract[slice(*text.spans[place])]
        change = rng.uniform(0.5, 1.3)
        body = self._stretch(sentence, 4, 11, change, rng.choice((1, 1, 2)))
        if sum(word.lower() not in STOP_WORDS for word in body) < 2:
            return ""
        if rng.random() < 0.1:
            return " ".join([rng.choice(_LISTS), *body]).strip()
        topic = self._stretch(title, 2, 7, change) if rng.random() < 0.7 else []
        lead = self._lead(sentence)
        chance = rng.random()
        if not topic:
            words = [lead, *body]
        elif chance < 0.3:
            words = [rng.choice(_LINKS), *topic, ",", lead, *body]
        elif chance < 0.6:
            words = [lead, *body, rng.choice(_LINKS), *topic]
        elif chance < 0.85:
            words = [lead, *topic, *body]
        else:
            words = [*topic, *body]
        question = " ".join(words).replace(" ,", ",")
        return question + ("?" if rng.random() < 0.8 else "")

    def _listing(self, text: Text) -> str:
        """A question for papers like this one, from its title."""
        words = self._changed(_WORD.findall(text.paper.title), self.rng.uniform(0.5, 1.2))
        if len(words) < 2:
            return ""
        turn = self.rng.randrange(len(words)) if self.rng.random() < 0.3 else 0
        return " ".join([self.rng.choice(_LISTS), *words[turn:], *words[:turn]]).strip()

    def _lead(self, sentence: str) -> str:
        held = sentence.lower()
        return next(
            self.rng.choice(leads.split("|"))
            for pattern, often, leads in _LEADS
            if re.search(pattern, held) and (often == 1 or self.rng.random() < often)
        )

    def _stretch(self, text: str, least: int, most: int, change: float, parts: int = 1) -> list[str]:
        """Words of neighbouring clauses of a text, changed."""
        clauses = _clauses(text) or [text]
        first = self.rng.randrange(len(clauses))
        chosen = clauses[first : first + parts]
        if self.rng.random() < 0.4:
            chosen.reverse()
        words = [word for clause in chosen for word in _WORD.findall(clause)]
        count = self.rng.randint(least, most)
        start = self.rng.randrange(max(1, len(words) - count + 1))
        return self._changed(words[start : start + count], change)

    def _changed(self, words: Sequence[str], change: float) -> list[str]:
        """The words, some left out and some exchanged for their neighbours; no numbers and no formulas."""
        result = []
        for word in words:
            low = word.lower()
            if re.search(r"[\d\\$]", word) or not re.match(r"\w", word):
                continue
            if low in STOP_WORDS:
                if self.rng.random() < 0.7:
                    result.append(_SPOKEN.get(low, low))
            elif self.rng.random() >= 0.12 * change:
                result.append(self._exchanged(low, change))
        return result

    def _exchanged(self, word: str, change: float) -> str:
        alike, forms = self.words.get(word, ((), ()))
        chance = self.rng.random()
        if alike and chance < 0.45 * change:
            return self.rng.choice(alike)
        if forms and chance < 0.75 * change:
            return self.rng.choice(forms)
        return word


def _clauses(text: str) -> list[str]:
    """Stretches of at least three words between the edges of clauses, without a paper's usual openings."""
    text = _OPENING.sub("", text)
    edges = [0, *(match.start() for match in _CLAUSE.finditer(text)), len(text)]
    pieces = [text[a:b].strip(" ,;:()") for a, b in pairwise(edges)]
    return [piece for piece in pieces if len(piece.split()) >= 3]
