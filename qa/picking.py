"""Which of several things the words of a question pick: "the second one", "the first two", "[2]"."""

from __future__ import annotations

import re

from qa.reference import METHOD, PAPER, THEM

_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "couple": 2, "couple of": 2}
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = rf"(?P<ordinal>{'|'.join(_PLACES)}|\d{{1,2}}(?:st|nd|rd|th)|last|final|former|latter)"
_SEVERAL = r"(?P<count>two|three|four|five|couple|[2-9])"
_ENDED = (
    r"(?=\s*(?:$|[?.!,:;]|(?:and|or|with|to|vs|please|from|in the list"
    r"|do|does|did|is|was|has|have|can|are|uses?|needs?|works?|says?|reports?|handles?|shows?)\b))"
)
_PICK = re.compile(
    rf"\b(?P<edge>first|last) {_SEVERAL}\b(?: (?:of )?(?:{PAPER}|{METHOD}|{THEM}))?(?! \w+s\b)"
    rf"|(?:\b(?:the|that|your|and|or)\s+|^\W*){_ORDINAL}"
    rf"(?: (?:{PAPER}|{METHOD})\b| (?:of|in|on|from|among) {THEM}\b|{_ENDED})"
    r"|(?:\b(?:paper|number|no\.?|nr\.?|item|entry|result|hit)\s*#?|#"
    r"|\bcompare\s+(?=\d+ (?:and|with|to|vs)\b)"
    r"|(?:^|\b(?:on|about|and|with|to|vs))\W*(?=\d+\W*(?:please\W*)?$))"
    r"(?P<number>\d{1,2}|one|two|three|four|five)\b",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\[(\d{1,2})\]")
_OTHER = re.compile(
    rf"\bthe other(?: (?P<count>two|three|[2-9]))?(?: (?:{PAPER}|{METHOD}))?(?=\W*$|\W+(?:is|was|do"
    rf"|does|did|has|use|and|to)\b|[,:;])",
    re.IGNORECASE,
)
_IN_LINE = {"last": -1, "final": -1, "latter": -1, "former": 0}


def picked(question: str, count: int, current: int | None = None) -> list[int]:
    """Places, from 0, in a list of `count` that a question picks ("the second one", "the first two").

    `current` is the place that was last spoken of; "the other one" is any but that.
    """
    places: list[int] = []
    for match in _PICK.finditer(question):
        places += _places(match, count)
    if not places and current is not None and _OTHER.search(question):
        places = [place for place in range(count) if place != current]
    return list(dict.fromkeys(place for place in places if 0 <= place < count))


def _places(match: re.Match[str], count: int) -> list[int]:
    if match["edge"]:
        several = _COUNTS.get(match["count"].lower()) or int(match["count"])
        places = list(range(count))
        return places[:several] if match["edge"].lower() == "first" else places[-several:]
    if number := match["number"]:
        return [(int(number) if number.isdigit() else _number(number)) - 1]
    ordinal = match["ordinal"].lower()
    if ordinal in _IN_LINE:
        return [_IN_LINE[ordinal] % count] if count else []
    return [_PLACES.index(ordinal) if ordinal in _PLACES else int(re.sub(r"\D", "", ordinal)) - 1]


def _number(word: str) -> int:
    return 1 if word.lower() == "one" else _COUNTS[word.lower()]


def markers(question: str) -> list[int]:
    """The citations that a question names: "what does [2] say?"."""
    return [int(number) for number in _MARKER.findall(question)]
