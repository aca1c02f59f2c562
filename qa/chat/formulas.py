r"""Formulas in titles and abstracts as MathML, which browsers draw by themselves.

Read are `$...$`, `\(...\)` and the displayed `$$...$$`, `\[...\]`, in the LaTeX that abstracts use. A formula
with anything else in it stays as it stands: text is never lost, and never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import pairwise
from typing import NamedTuple

from qa.readers.tex import MATH

_LONGEST = 400  # characters of a formula
_DEEPEST = 20  # groups inside one another
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)

_SYMBOLS = dict(
    pair.split("=", 1)
    for pair in (
        "alpha=α beta=β gamma=γ delta=δ epsilon=ϵ varepsilon=ε zeta=ζ eta=η theta=θ vartheta=ϑ iota=ι "
        "kappa=κ lambda=λ mu=μ nu=ν xi=ξ pi=π varpi=ϖ rho=ρ varrho=ϱ sigma=σ varsigma=ς tau=τ upsilon=υ "
        "phi=ϕ varphi=φ chi=χ psi=ψ omega=ω Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ "
        "Phi=Φ Psi=Ψ Omega=Ω ell=ℓ hbar=ℏ partial=∂ nabla=∇ infty=∞ emptyset=∅ varnothing=∅ imath=ı jmath=ȷ "
        "Re=ℜ Im=ℑ aleph=ℵ top=⊤ bot=⊥ dots=… ldots=… cdots=⋯ vdots=⋮ ddots=⋱"
    ).split()
)
_OPERATORS = dict(
    pair.split("=", 1)
    for pair in (
        "times=× cdot=⋅ div=÷ pm=± mp=∓ ast=∗ star=⋆ circ=∘ bullet=∙ oplus=⊕ ominus=⊖ otimes=⊗ odot=⊙ "
        "cup=∪ cap=∩ setminus=∖ vee=∨ lor=∨ wedge=∧ land=∧ neg=¬ lnot=¬ leq=≤ le=≤ geq=≥ ge=≥ neq=≠ ne=≠ "
        "ll=≪ gg=≫ approx=≈ sim=∼ simeq=≃ cong=≅ equiv=≡ propto=∝ prec=≺ succ=≻ preceq=⪯ succeq=⪰ "
        "lesssim=≲ gtrsim=≳ leqslant=⩽ geqslant=⩾ in=∈ notin=∉ ni=∋ subset=⊂ supset=⊃ subseteq=⊆ "
        "supseteq=⊇ forall=∀ exists=∃ mid=∣ nmid=∤ parallel=∥ perp=⟂ to=→ rightarrow=→ leftarrow=← "
        "leftrightarrow=↔ Rightarrow=⇒ Leftarrow=⇐ Leftrightarrow=⇔ longrightarrow=⟶ mapsto=↦ implies=⟹ "
        "iff=⟺ uparrow=↑ downarrow=↓ sum=∑ prod=∏ coprod=∐ int=∫ iint=∬ oint=∮ bigcup=⋃ bigcap=⋂ "
        "bigoplus=⨁ bigotimes=⨂ langle=⟨ rangle=⟩ lceil=⌈ rceil=⌉ lfloor=⌊ rfloor=⌋ lVert=‖ rVert=‖ "
        "Vert=‖ lvert=| rvert=| vert=| colon=: prime=′ dagger=† triangleq=≜ coloneqq=≔ models=⊨ vdash=⊢"
    ).split()
)
_NAMES = frozenset(
    "log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh min max inf sup lim limsup "
    "liminf arg argmin argmax det dim ker deg gcd hom Pr".split()
)
_CHARACTERS = {"|": "‖", "{": "{", "}": "}", "%": "%", "$": "$", "#": "#", "&": "&", "_": "_", "!": ""}
_SPACES = {
    ",": "0.17em",
    ":": "0.22em",
    ";": "0.28em",
    "!": "0em",
    " ": "0.25em",
    "quad": "1em",
    "qquad": "2em",
}
_ACCENTS = dict(
    pair.split("=")
    for pair in "hat=^ widehat=^ tilde=~ widetilde=~ bar=¯ overline=¯ vec=→ dot=˙ ddot=¨ check=ˇ".split()
)
_SIZES = frozenset("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr".split())
_WORDS = frozenset(
    "text textrm textit textbf textsf texttt mathrm mathit mathsf mathtt operatorname mbox".split()
)
# Where the letters of an alphabet stand in Unicode, from A and from a.
_ALPHABETS = {
    "mathbb": (0x1D538, 0x1D552),
    "mathcal": (0x1D49C, 0x1D4B6),
    "mathscr": (0x1D49C, 0x1D4B6),
    "mathfrak": (0x1D504, 0x1D51E),
    "mathbf": (0x1D400, 0x1D41A),
    "boldsymbol": (0x1D468, 0x1D482),
    "bm": (0x1D468, 0x1D482),
}
# Letters that Unicode had before the others, whose places are empty.
_EARLIER = {
    chr(start + ord(letter)): earlier
    for start, letters, known in (
        (0x1D538 - ord("A"), "CHNPQRZ", "ℂℍℕℙℚℝℤ"),
        (0x1D49C - ord("A"), "BEFHILMR", "ℬℰℱℋℐℒℳℛ"),
        (0x1D4B6 - ord("a"), "ego", "ℯℊℴ"),
        (0x1D504 - ord("A"), "CHIRZ", "ℭℌℑℜℨ"),
    )
    for letter, earlier in zip(letters, known, strict=True)
}


class Formula(NamedTuple):
    """Where a formula stands in a text, delimiters included, and its MathML."""

    start: int
    end: int
    html: str


def formulas(text: str) -> list[Formula]:
    """The formulas of a text that can be drawn."""
    found, at = [], 0
    while match := MATH.search(text, at):
        if not _is_formula(text, match):  # its closing dollar may open one
            at = match.start() + 1
            continue
        at = match.end()
        if html := _mathml(match.group()):
            found.append(Formula(*match.span(), html))
    return found


def shown(text: str, escaped: Callable[[str], str]) -> str:
    """A text as HTML with its formulas drawn; all else of it passes through `escaped`."""
    return between(text, 0, len(text), formulas(text), escaped)


def between(text: str, start: int, end: int, found: list[Formula], escaped: Callable[[str], str]) -> str:
    """The stretch of a text as HTML; of its formulas `found` those that lie wholly inside are drawn."""
    inside = [formula for formula in found if start <= formula.start and formula.end <= end]
    edges = [start, *(place for formula in inside for place in (formula.start, formula.end)), end]
    words = [escaped(text[a:b]) for a, b in list(pairwise(edges))[::2]]
    drawn = [formula.html for formula in inside] + [""]
    return "".join(piece for pair in zip(words, drawn, strict=True) for piece in pair)


def _is_formula(text: str, match: re.Match[str]) -> bool:
    r"""Whether dollars enclose a formula and no sum of money: Pandoc's rule."""
    whole = match.group()
    if len(whole) > _LONGEST or match[1]:
        return False
    if whole.startswith("$$") or not whole.startswith("$"):
        return True
    after = text[match.end() : match.end() + 1]
    return not (whole[1].isspace() or whole[-2].isspace() or after.isdigit())


def _mathml(formula: str) -> str:
    """A formula between its delimiters as MathML; nothing when something in it is not known."""
    wide = 1 if formula.startswith("$") and not formula.startswith("$$") else 2
    shape = ' display="block"' if formula.startswith(("$$", r"\[")) else ""
    try:
        return f"<math{shape}>{_Reading(formula[wide:-wide]).whole()}</math>"
    except _UnknownError:
        return ""


class _UnknownError(Exception):
    """Something that this module does not know how to draw."""


class _Reading:
    """Reads one formula, token by token."""

    def __init__(self, formula: str) -> None:
        self._tokens = _TOKEN.findall(formula)
        self._at = 0
        self._depth = 0

    def whole(self) -> str:
        row = self._row()
        if self._peek() or not row:
            raise _UnknownError
        return f"<mrow>{row}</mrow>"

    def _row(self) -> str:
        row = ""
        while self._peek() not in ("", "}"):
            row += self._scripted()
        return row

    def _peek(self) -> str:
        """The next token that is no white space; nothing at the end."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _scripted(self) -> str:
        """An atom with what stands below and above it."""
        base = "<mrow></mrow>" if self._peek() in ("^", "_") else self._atom()
        below = above = ""
        while (mark := self._peek()) in ("^", "_", "'"):
            self._at += 1
            if mark == "_" and not below:
                below = self._atom()
            elif mark == "'":
                above += "<mo>′</mo>"
            elif mark == "^" and not above:
                above = self._atom()
            else:
                raise _UnknownError
        above = f"<mrow>{above}</mrow>" if above else ""
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def _atom(self) -> str:
        token = self._next()
        if token == "{":
            return self._group()
        if token.startswith("\\"):
            return self._command(token[1:])
        if token in "}^_&~":  # the end among them
            raise _UnknownError
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        return f"<mi>{token}</mi>" if token.isalpha() else f"<mo>{escape(token.replace('-', '−'))}</mo>"

    def _group(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _UnknownError
        row = self._row()
        if self._next() != "}":
            raise _UnknownError
        self._depth -= 1
        return f"<mrow>{row}</mrow>"

    def _command(self, name: str) -> str:
        if name in _SYMBOLS:
            return f"<mi>{_SYMBOLS[name]}</mi>"
        if name in _OPERATORS:
            return f"<mo>{escape(_OPERATORS[name])}</mo>"
        if name in _CHARACTERS:
            return f"<mo>{escape(_CHARACTERS[name])}</mo>"
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name in _NAMES:
            return f"<mi>{name}</mi>"
        if name in _SIZES:
            return "<mrow></mrow>" if self._peek() == "." and self._next() else self._atom()
        return self._taking(name)

    def _taking(self, name: str) -> str:
        """A command that takes what follows it."""
        if name in ("frac", "dfrac", "tfrac"):
            return f"<mfrac>{self._atom()}{self._atom()}</mfrac>"
        if name == "sqrt" and self._peek() != "[":
            return f"<msqrt>{self._atom()}</msqrt>"
        if name in _ACCENTS:
            return f'<mover accent="true">{self._atom()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name == "underline":
            return f"<munder>{self._atom()}<mo>_</mo></munder>"
        if name in _WORDS:
            return f"<mtext>{escape(self._letters())}</mtext>"
        if name in _ALPHABETS:
            return f"<mi>{''.join(_styled(letter, *_ALPHABETS[name]) for letter in self._letters())}</mi>"
        raise _UnknownError

    def _letters(self) -> str:
        """The characters of a group, spaces among them, or the one that follows."""
        if self._peek() != "{":
            letters, self._at = self._peek(), self._at + 1
        else:
            end = self._tokens.index("}", self._at) if "}" in self._tokens[self._at :] else self._at
            letters, self._at = "".join(self._tokens[self._at + 1 : end]), end + 1
        if not letters or set(letters) & set("\\{}$^_"):
            raise _UnknownError
        return letters


def _styled(letter: str, upper: int, lower: int) -> str:
    """A letter of a mathematical alphabet; what has no place in it stays as it is."""
    if "A" <= letter <= "Z":
        letter = chr(upper + ord(letter) - ord("A"))
    elif "a" <= letter <= "z":
        letter = chr(lower + ord(letter) - ord("a"))
    return _EARLIER.get(letter, letter)
