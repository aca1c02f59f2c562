"""Sentences fit to be quoted: none that leans on one left out, none that says again what another paper said.

Which openings lean on the sentence before was measured on 2,218 annotated evidence sentences that do not
begin their abstract. After "This shows ...", "These limitations ..." or "With such a map ..." (155 of them)
the sentence before is evidence too in 63 % of the cases, so it is worth quoting; after all others in 24 %.
Openings that lean less, and can do without under the name of the paper, are left alone: "This method ..."
46 %, "It ..." 37 %, "To address this, we ..." 35 %, "However, ..." 32 %.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.lexical import stems
from qa.reading import Sentence
from qa.text import STOP_WORDS

SAME = 0.8  # of the shorter sentence's words, from which two sentences say the same

_ADVERB = (
    r"(?:(?:however|moreover|furthermore|additionally|finally|also|thus|hence|then|therefore|besides"
    r"|specifically|further"
    r"|importantly|notably|consequently|overall|empirically|theoretically|meanwhile|nevertheless|instead"
    r"|yet|but|and|so"
    r"|in addition|as a result|in particular|for example|for instance|in contrast),?\s+)*"
)
_PREPOSITION = (
    r"(?:(?:by|with|in|for|on|under|using|from|at|through|based on|given|despite|unlike|beyond|due to"
    r"|because of|as)\s+)?"
)
# "This paper" does not point at the sentence before, and under the paper's name "this method" need not.
_OWN = (
    r"(?:papers?|works?|stud(?:y|ies)|articles?|thesis|report|research|survey|review|letter|note|chapter|end|case"
    r"|purpose|(?:new |novel |proposed )?(?:method|approach|model|framework|algorithm|technique|system))"
)
_LEANS = re.compile(
    rf"^\W*{_ADVERB}{_PREPOSITION}(?:this|these|those|such|the (?:latter|former))\s+(?!(?:{_OWN}|an?)\b)\w",
    re.IGNORECASE,
)


def leans(text: str) -> bool:
    """Whether a sentence opens with what the sentence before it must explain.

    >>> leans("However, these gains vanish."), leans("However, gains vanish.")
    (True, False)
    """
    return bool(_LEANS.search(text))


def with_antecedent(paper_sentences: Sequence[Sentence], chosen: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """`chosen`, and before each sentence that leans the one it leans on; at most one is added for each.

    `paper_sentences` are all of the abstract, in order; sentences of other papers stay as they are. One that
    was chosen anyway comes to stand before.
    """
    places = {sentence.start: place for place, sentence in enumerate(paper_sentences)}
    papers = {sentence.paper.id for sentence in paper_sentences}
    whole: list[Sentence] = []
    for sentence in chosen:
        place = places.get(sentence.start, 0) if sentence.paper.id in papers else 0
        before = paper_sentences[place - 1] if place and leans(sentence.text) else None
        whole += [one for one in (before, sentence) if one is not None and one not in whole]
    return tuple(whole)


def without_echoes(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """`sentences` without those that say the same as an earlier one from another paper."""
    kept: list[Sentence] = []
    for sentence in sentences:
        others = (other for other in kept if other.paper.id != sentence.paper.id)
        if not any(say_the_same(sentence.text, other.text) for other in others):
            kept.append(sentence)
    return tuple(kept)


def say_the_same(one: str, other: str) -> bool:
    """Whether two sentences share nearly all words of the shorter, by stems, and are about as long."""
    left, right = _content(one), _content(other)
    shared = len(left & right)
    return shared >= SAME * max(min(len(left), len(right)), 1) and shared >= SAME**2 * max(
        len(left), len(right)
    )


def _content(text: str) -> set[str]:
    return set(stems(text)) - STOP_WORDS
