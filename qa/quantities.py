"""Numbers in a text with their units, so that respellings of one quantity are equal and changes are not.

"1,024" and "1024", "3x", "3 times" and "threefold", "88%" and "88 percent", "7B" and "7 billion" are the
same; "3%" and "3 points" are not. A number inside a name ("GPT-4", "Llama2-70B") is part of the name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from qa.lexical import stems
from qa.text import STOP_WORDS

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS: Final = {word: float(value) for value, word in enumerate(_SMALL) if word != "one"} | {
    word: 10.0 * value for value, word in enumerate(_TENS, 2)
}
_TIMES: Final = {
    "twice": 2.0, "thrice": 3.0, "double": 2.0, "doubles": 2.0, "doubled": 2.0, "doubling": 2.0,
    "triple": 3.0, "triples": 3.0, "tripled": 3.0, "tripling": 3.0, "quadruple": 4.0, "quadruples": 4.0,
    "quadrupled": 4.0, "twofold": 2.0, "threefold": 3.0, "fourfold": 4.0, "fivefold": 5.0, "tenfold": 10.0,
    "half": 0.5, "halves": 0.5, "halved": 0.5, "halving": 0.5,
}  # fmt: skip
_SCALES: Final = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "K": 1e3, "million": 1e6, "M": 1e6, "mio": 1e6,
    "billion": 1e9, "B": 1e9, "bn": 1e9, "trillion": 1e12, "T": 1e12,
}  # fmt: skip
# Each unit under one name. Symbols as they are written, words in small letters.
_UNITS: Final = {
    spelling: name
    for name, spellings in {
        "%": "% percent",
        "points": "points point pp pts",
        "x": "x X × times fold -fold",
        "ns": "ns nanosecond nanoseconds",
        "us": "µs μs us microsecond microseconds",
        "ms": "ms msec millisecond milliseconds",
        "s": "s sec secs second seconds",
        "min": "min mins minute minutes",
        "h": "h hr hrs hour hours",
        "d": "day days",
        "w": "week weeks",
        "mo": "month months",
        "a": "yr yrs year years",
        "bit": "bit bits",
        "byte": "byte bytes",
        "KB": "KB kB KiB kilobyte kilobytes",
        "MB": "MB MiB megabyte megabytes",
        "GB": "GB GiB gigabyte gigabytes",
        "TB": "TB TiB terabyte terabytes",
        "Hz": "Hz hertz",
        "kHz": "kHz",
        "MHz": "MHz",
        "GHz": "GHz",
        "THz": "THz",
        "dB": "dB decibel decibels",
        "W": "W watt watts",
        "kW": "kW",
        "mW": "mW",
        "eV": "eV",
        "keV": "keV",
        "MeV": "MeV",
        "GeV": "GeV",
        "TeV": "TeV",
        "nm": "nm nanometer nanometers nanometre nanometres",
        "um": "µm μm um micrometer micrometers micron microns",
        "mm": "mm millimeter millimeters millimetre millimetres",
        "cm": "cm centimeter centimeters centimetre centimetres",
        "m": "m meter meters metre metres",
        "km": "km kilometer kilometers kilometre kilometres",
        "pc": "pc parsec parsecs",
        "kpc": "kpc",
        "Mpc": "Mpc",
        "Gyr": "Gyr",
        "Myr": "Myr",
        "g": "g gram grams",
        "mg": "mg milligram milligrams",
        "kg": "kg kilogram kilograms",
        "C": "°C C",
        "deg": "degree degrees",
        "FPS": "FPS fps",
        "GFLOPs": "GFLOPs GFLOPS",
        "TFLOPs": "TFLOPs TFLOPS",
    }.items()
    for spelling in spellings.split()
}
_LATEX: Final = (
    (re.compile(r"\{,\}"), ""),
    (re.compile(r"(?<=\d)\s*(?:\\times|\\cdot|×|x|\*)\s*10\s*\^\s*(?:\{([-−]?\d+)\}|([-−]?\d+))"), r"e\1\2"),
    (re.compile(r"\{?\\div\}?"), "-"),
    (re.compile(r"\^?\{?\\circ\}?|\{?\\deg(?:ree)?\}?(?![a-zA-Z])|°(?! ?C\b)"), " degrees "),
    (re.compile(r"\$?\{?\\mu\}?\$?\s?(?=[a-z]\b)"), "µ"),
    (re.compile(r"\\(?:times|cdot)(?![a-zA-Z])|×"), "x "),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\\(?:approx|sim|geq?|leq?|pm|math(?:bf|rm)|text(?:bf)?|emph|rm|bf|it)(?![a-zA-Z])|~"), " "),
    (re.compile(r"\\[,;! ]"), " "),
    (re.compile(r"[${}]"), ""),
    (re.compile(r"[−‐‑‒–—]"), "-"),
    (re.compile(r"\b(\d+)-(,? (?:and|or|to) )(\d+)-([a-z]+)"), r"\1-\4\2\3-\4"),  # "5- and 10-shot"
    (re.compile(r"\bper ?cent\b"), "percent"),
    (re.compile(r"\b(?:percentage|percent|%)[ -]points?\b|\babsolute points?\b"), "points"),
)
_DIGITS: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_NUMBER: Final = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<digits>{_DIGITS})(?P<power>\^-?\d+|e-?\d+)?"
    rf"(?:(?P<scale>[kKMBT](?![A-Za-z\d])|\s?(?:hundred|thousand|million|billion|trillion|bn)\b)|(?![\d]))"
    r"(?P<glued>[A-Za-z%µμ°][A-Za-zµμ°]*)?"
)
_WORD_NUMBER: Final = re.compile(
    rf"\b(?P<tens>{'|'.join(_TENS)})-(?P<ones>{'|'.join(_SMALL[1:10])})\b"
    rf"|\b(?P<word>{'|'.join([*_WORDS, *_TIMES])}|hundred|thousand|million|billion)\b"
    r"(?:\s(?P<scale>hundred|thousand|million|billion|trillion)\b)?(?P<fold>[ -]?fold\b)?",
    re.IGNORECASE,
)
_NAME_BEFORE: Final = re.compile(r"(?<![\w.])[A-Za-z][\w.]*-$")
_NEXT: Final = re.compile(r"[\s-]*([A-Za-z%µμ°×]+)")
_RANGE: Final = re.compile(r"\s*(?:-|to|and|or)\s*")
_BOUND: Final = re.compile(
    r"\b(?:(?P<less>(?:less|lower|fewer|smaller) than|below|under|at most|up to)"
    r"|(?:more|higher|greater|larger) than|above|over|at least|exceed(?:s|ing)?)\s+$",
    re.IGNORECASE,
)
_TIME: Final = {
    unit: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for unit, words in {
        "min": "minutes",
        "h": "hours?|hourly",
        "d": "days?|daily",
        "w": "weeks?|weekly",
        "mo": "months?|monthly",
        "a": "years?|yearly|annual(?:ly)?|per annum",
    }.items()
}
_NEARBY: Final = 8  # words on each side of a number that may say what it counts


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, "" where it has none that is known.

    With its unit it stands at `start` to `end` of the text as `plain` shows it. `bound` is "<" or ">" after
    "less than", "above" and the like. `about` are the stems of the words right after it, or where there are
    none of those before it; `nearby` those further around it too.
    """

    value: float
    unit: str
    bound: str
    about: frozenset[str]
    nearby: frozenset[str]
    start: int
    end: int


def plain(text: str) -> str:
    """`text` with the LaTeX and the typography around numbers taken off."""
    for pattern, instead in _LATEX:
        text = pattern.sub(instead, text)
    return text


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text, in order: digits first, then those in words."""
    shown = plain(text)
    return [*_in_digits(shown), *_in_words(shown)]


def spans_of_time(text: str) -> set[str]:
    """The units of time that a text names, with a number or without one: "per hour", "daily", "3 h"."""
    shown = plain(text)
    words = {unit for unit, pattern in _TIME.items() if pattern.search(shown)}
    return words | {one.unit for one in quantities(text) if one.unit in _TIME}


def same(one: Quantity, other: Quantity) -> bool:
    """Whether two are of the same value and unit."""
    return one.unit == other.unit and math.isclose(one.value, other.value, rel_tol=1e-9)


def held(quantity: Quantity, others: list[Quantity]) -> bool:
    """Whether one of `others` says the same: the same value, unit and, without a unit, counted thing."""
    return any(
        same(other, quantity)
        and {other.bound, quantity.bound} != {"<", ">"}
        and (bool(quantity.unit) or not quantity.about or bool(quantity.about & other.nearby))
        for other in others
    )


def _in_digits(text: str) -> Iterator[Quantity]:
    found = [match for match in _NUMBER.finditer(text) if not _is_name(text, match)]
    units = [_unit(text, match) for match in found]
    for i in range(len(found) - 2, -1, -1):  # "80-90%": both are shares
        between = text[found[i].end() : found[i + 1].start()]
        if not units[i] and not found[i]["glued"] and _RANGE.fullmatch(between):
            units[i] = units[i + 1]
    for match, unit in zip(found, units, strict=True):
        value = _powered(match["digits"].replace(",", ""), match["power"] or "")
        value *= _SCALES.get((match["scale"] or "").strip(), 1.0)
        yield _quantity(text, match.start(), match.end(), value, unit)


def _powered(digits: str, power: str) -> float:
    """ "10^3" or "1e3" as one number, infinite where it is too large for one."""
    if not power.startswith("^"):
        return float(digits + power)
    try:
        return float(float(digits) ** int(power[1:]))
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether the number is part of a name: "3D", and the second one of "Llama2-70B"."""
    glued_on = bool(match["glued"]) and match["glued"] not in _UNITS and not match["power"]
    return glued_on or bool(_NAME_BEFORE.search(text[max(0, match.start() - 40) : match.start()]))


def _unit(text: str, match: re.Match[str]) -> str:
    if match["glued"]:
        return _UNITS.get(match["glued"], "")
    word = _NEXT.match(text, match.end())
    if not word:
        return ""
    if word[1] in _UNITS and (len(word[1]) > 1 or word[1] in "%x×hms"):
        return _UNITS[word[1]]
    return _UNITS.get(word[1].lower(), "") if len(word[1]) > 2 else ""


def _in_words(text: str) -> Iterator[Quantity]:
    for match in _WORD_NUMBER.finditer(text):
        word, unit = (match["word"] or "").lower(), ""
        if match["tens"]:
            value = 10.0 * (_TENS.index(match["tens"].lower()) + 2) + _SMALL.index(match["ones"].lower())
        elif word in _TIMES:
            value, unit = _TIMES[word], "x"
        elif word in _SCALES:
            before = text[: match.start()].rstrip()
            if before[-1:].isdigit():
                continue  # "7 billion" was read with its digits
            value = _SCALES[word]
        else:
            value = _WORDS[word] * _SCALES.get((match["scale"] or "").lower(), 1.0)
        following = _NEXT.match(text, match.end())
        unit = unit or ("x" if match["fold"] else _UNITS.get(following[1].lower(), "") if following else "")
        yield _quantity(text, match.start(), match.end(), value, unit)


def _quantity(text: str, start: int, end: int, value: float, unit: str) -> Quantity:
    bound = _BOUND.search(text[max(0, start - 40) : start])
    sign = "" if bound is None else "<" if bound["less"] else ">"
    before = re.findall(r"[^\W\d_]+", text[max(0, start - 80) : start])[-_NEARBY:]
    after = re.findall(r"[^\W\d_]+", text[end : end + 80])[:_NEARBY]
    about = _counted(text[end : end + 60]) or [word for word in before if word.lower() not in STOP_WORDS][-3:]
    return Quantity(
        value,
        unit,
        sign,
        frozenset(stems(" ".join(about))),
        frozenset(stems(" ".join(before + after))),
        start,
        _end_of_unit(text, end) if unit else end,
    )


def _end_of_unit(text: str, end: int) -> int:
    word = _NEXT.match(text, end)
    return word.end() if word and {word[1], word[1].lower()} & _UNITS.keys() else end


def _counted(following: str) -> list[str]:
    """The words right after a number, up to one that says nothing."""
    counted: list[str] = []
    for word in re.findall(r"[^\W\d_]+|[.,;:()]", following)[:3]:
        if word.lower() in STOP_WORDS or not word.isalpha():
            break
        counted.append(word)
    return counted
