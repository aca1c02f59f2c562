"""Whether each number of a sentence is said of what its source says it of.

In a source with several numbers a sentence can exchange them ("A gains 10 %, B 20 %"). A number belongs to
the words of its own part of the sentence first; where a source lists things and then their numbers
"respectively", to the thing at its place in the list. It is misplaced where these words are plainly more like
those of another number of the source than like those of the equal one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from qa.lexical import stems
from qa.quantities import Quantity, plain, quantities, same
from qa.text import STOP_WORDS, sentence_spans

MARGIN: Final = 0.29  # by which the words of another number must be more alike
ELSEWHERE: Final = 0.3  # what a word counts that stands in another part of the sentence
FADE: Final = 0.1  # how much less each next word counts, in the number's own part
BESIDE: Final = 0.5  # what the word just before or after the number counts, "from" or "task", as such
MOST: Final = 100  # numbers of a source; one with more is a table and no sentence
AROUND: Final = 60  # characters to each side of a number's own part
_ALONE: Final = r"\((?=[^()\w]*[\d.,]+\s?[%\w]{0,2}[^\w()]*\))"  # before a number alone in its brackets
_EDGE: Final = re.compile(
    rf"(?!{_ALONE})[;:()\[\]]|,(?!\d)|\b(?:and|or|but|while|whereas|versus|vs\.?|against|compared|than|over|to|from)\b",
    re.IGNORECASE,
)
# An edge between two numbers only.
_BETWEEN: Final = re.compile(r"\b(?:with|plus|alongside|at|out of)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:-\d+)?|\d+-[^\W\d_]+")
_LIST: Final = re.compile(r"\s*,\s*(?:and\s|or\s)?\s*|\s+(?:and|or)\s+|/")
_JOINED: Final = re.compile(r"\W*(?:and|or|to|vs|versus)?\W*")
_SAY_NOTHING: Final = frozenset(("", "and", "or", "a", "an", "the"))
_ITEM: Final = 4  # words of the first and last thing in a list that belong to it

Context = dict[str, float]  # words of a number by how closely they belong to it


def misplaced(sentence: str, source: str) -> Quantity | None:
    """A number of the sentence that its source says of something else."""
    said, held = quantities(sentence), quantities(source)
    if not 0 < len(said) <= MOST or not 2 <= len(held) <= MOST:
        return None
    of_said, of_held = _Numbers(sentence, said), _Numbers(source, held)
    contexts = [(other, of_held.context(other)) for other in held]
    for one in said:
        words = of_said.context(one)
        rows = [
            row
            for other in held
            if (row := of_held.row(other)) and same(one, other) and _in_order(of_said.row(one), row)
        ]
        alike = [
            (_alike(words, context), same(one, other))
            for other, context in contexts
            if other.unit == one.unit and (same(one, other) or not any(other in row for row in rows))
        ]
        own = max((value for value, equal in alike if equal), default=None)
        if own is not None and any(value > own + MARGIN for value, equal in alike if not equal):
            return one
    return None


def _in_order(row: Sequence[Quantity], given: Sequence[Quantity]) -> bool:
    """Whether a row of several numbers says those of another in their order, whatever each is of."""
    rest = iter(given)
    return len(row) > 1 and all(any(same(one, other) for other in rest) for one in row)


def _alike(one: Context, other: Context) -> float:
    return sum(min(weight, other.get(word, 0.0)) for word, weight in one.items())


class _Numbers:
    """The numbers of a text with the words that belong to each."""

    def __init__(self, text: str, numbers: Sequence[Quantity]) -> None:
        self._text = plain(text)
        self._numbers = sorted(numbers, key=lambda one: one.start)
        self._sentences = sentence_spans(self._text)
        self._edges = [match.span() for match in _EDGE.finditer(self._text)]
        self._softer = [match.span() for match in _BETWEEN.finditer(self._text)]

    def context(self, number: Quantity) -> Context:
        """The words of a number."""
        start, end, inside = self._around(number)
        row = self.row(number)
        words = self._own(start, end, row, inside)
        if len(row) > 1 and (listed := self._listed(start, end, number, row)):
            words = dict.fromkeys(words, ELSEWHERE) | listed
        after = re.match(r"[^\w.;]*(\w+)", self._text[number.end : end])
        beside = (f"{self._before(number)} ", f" {after[1].lower()}" if after else "")
        return {**words, **{word: BESIDE for word in beside if word.strip() not in _SAY_NOTHING}}

    def row(self, number: Quantity) -> Sequence[Quantity]:
        """The numbers that one stands in a row with: nothing but "and", "to" and the like between them."""
        inside = self._around(number)[2]
        first = last = inside.index(number)
        while first > 0 and self._joined(inside[first - 1], inside[first]):
            first -= 1
        while last + 1 < len(inside) and self._joined(inside[last], inside[last + 1]):
            last += 1
        return inside[first : last + 1]

    def _around(self, number: Quantity) -> tuple[int, int, Sequence[Quantity]]:
        """Where the number's sentence begins and ends, and the numbers inside it."""
        start, end = next(((a, b) for a, b in self._sentences if a <= number.start < b), (0, len(self._text)))
        return start, end, [one for one in self._numbers if start <= one.start < end]

    def _joined(self, one: Quantity, other: Quantity) -> bool:
        return bool(_JOINED.fullmatch(self._text[one.end : other.start]))

    def _own(self, start: int, end: int, row: Sequence[Quantity], inside: Sequence[Quantity]) -> Context:
        """The words of the part of a sentence that a row of numbers stands in, and less, those around it."""
        right = row[-1].end
        later = min((one.start for one in inside if one.start >= right), default=end)
        edges = [*self._edges, *(self._softer if later < end else ())]
        last = min([later, *(a for a, b in edges if right <= a and b <= later)])
        first, lead = self._lead(start, row[0], inside)
        around = self._text[max(start, first - AROUND) : min(end, last + AROUND)]
        words = dict.fromkeys(_words(around), ELSEWHERE)
        for side in (lead[::-1], _words(self._text[right:last])):
            for place, word in enumerate(side):
                words[word] = max(words.get(word, 0.0), 1 - FADE * place, ELSEWHERE)
        return words

    def _lead(self, start: int, number: Quantity, inside: Sequence[Quantity]) -> tuple[int, list[str]]:
        """Where a number's part begins, and the words in it before the number.

        Where there are none, those of the number before it: "it gains 10% on A and 20% on B" gains both.
        """
        earlier = [one for one in inside if one.end <= number.start]
        since = max((one.end for one in earlier), default=start)
        edges = [*self._edges, *(self._softer if earlier else ())]
        first = max([since, *(b for a, b in edges if since <= a and b <= number.start)])
        lead = _words(self._text[first : number.start])
        if not lead and earlier:
            lead = self._lead(start, earlier[-1], inside)[1]
        return first, lead

    def _before(self, number: Quantity) -> str:
        """The word right before a number; before the number before it where that is an "and" or a comma."""
        start, _, inside = self._around(number)
        word = re.search(r"(\w+)[^\w.;,]*$", self._text[start : number.start])
        earlier = [one for one in inside if one.end <= number.start]
        if (word is None or word[1].lower() in _SAY_NOTHING) and earlier:
            return self._before(earlier[-1])
        return word[1].lower() if word else ""

    def _listed(self, start: int, end: int, number: Quantity, row: Sequence[Quantity]) -> Context | None:
        """The thing at a number's place in the list that a sentence with "respectively" gives."""
        at = self._text.find("respectively", start, end)
        if at < 0:
            return None
        parts = [self._text[row[-1].end : at]] if at > row[-1].end else []
        for part in (*parts, self._text[start : row[0].start]):
            items = _LIST.split(part.strip(" ,("))[-len(row) :]
            if len(items) == len(row):
                items[0] = " ".join(items[0].split()[-_ITEM:])
                items[-1] = " ".join(items[-1].split()[:_ITEM])
                words = [_words(item) for item in items]
                return dict.fromkeys(words[row.index(number)], 1.0) if all(words) else None
        return None


def _words(text: str) -> list[str]:
    words = [word for word in _WORD.findall(text) if word.lower() not in STOP_WORDS]
    return stems(" ".join(words))
