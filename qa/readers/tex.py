r"""LaTeX as text for reading: accents, symbols and formatting resolved, mathematics as it stands.

What is not known is left alone: "\cite{a}" or "100% of" stay what they are, so nothing gets lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

MATH = re.compile(
    r"(?<!\\)\$\$.+?\$\$|(?<!\\)\$(?:\\.|[^$\\])+\$|\\\(.+?\\\)|\\\[.+?\\\]"
    r"|\\begin\{(equation|align|math|displaymath|eqnarray)(\*?)\}.{0,2000}?\\end\{\1\2\}",
    re.DOTALL,
)
_COMBINING = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a", "k": "\u0328", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
_BASE = r"(?:\{\s*(?P<inner>\\[ij](?![A-Za-z])|[A-Za-z])\s*\}|(?P<bare>\\[ij](?![A-Za-z])\s*|[A-Za-z]))"
_SIGN_ACCENT = re.compile(rf"""\\(?P<accent>['`^"~=.])\s*{_BASE}""")
_LETTER_ACCENT = re.compile(rf"\\(?P<accent>[cvuHrkdb])(?:\s+|(?=\{{)){_BASE}")
_SYMBOLS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ",
    "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ",
    "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ", "textendash": "–", "textemdash": "—", "textquoteleft": "‘",
    "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'",
    "textquotedbl": '"', "guillemotleft": "«", "guillemotright": "»", "textbackslash": "\ufdd8",
    "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "`", "textless": "<",
    "textgreater": ">", "textbar": "|", "textunderscore": "_", "textdollar": "\ufdd2",
    "textbraceleft": "\ufdd0", "textbraceright": "\ufdd1", "textdegree": "°", "textmu": "µ",
    "textperiodcentered": "·", "textbullet": "•", "textellipsis": "…", "dots": "…", "ldots": "…",
    "textregistered": "®", "texttrademark": "™", "copyright": "©", "textcopyright": "©", "pounds": "£",
    "textsterling": "£", "texteuro": "€", "euro": "€", "textyen": "¥", "S": "§", "P": "¶",
    "textsection": "§", "textpm": "±", "textpmwithinmath": "±", "texttimes": "×", "textdiv": "÷",
    "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾", "textexclamdown": "¡",
    "textquestiondown": "¿", "textordfeminine": "ª", "textordmasculine": "º", "textnumero": "№",
    "textinvs": "", "TeX": "TeX", "LaTeX": "LaTeX", "slash": "/", "par": "\n\n", "newline": " ",
    "noopsort": "", "relax": "", "nobreakdash": "",
}  # fmt: skip
_SYMBOL = re.compile(rf"\\({'|'.join(sorted(_SYMBOLS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|\s+|)")
_FONTS = (
    "textit|textbf|textsc|textrm|textsf|texttt|textsl|textup|textmd|textnormal|text|emph|mbox|hbox|url|"
    "textsuperscript|textsubscript|mkbibemph|mkbibitalic|underline|uppercase|lowercase|MakeUppercase|"
    "MakeLowercase|nocase|path"
)
_FONT = re.compile(rf"\\(?:{_FONTS})\s*\{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}")
_SWITCH = re.compile(
    r"\{\s*\\(?:it|em|bf|sl|sc|rm|tt|sf|itshape|bfseries|scshape|slshape|rmfamily|ttfamily|small|normalfont)"
    r"(?![A-Za-z])\s*((?:[^{}]|\{[^{}]*\})*)\}"
)
_QUOTED = re.compile(r"\\(?:enquote|mkbibquote)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_LINK = re.compile(r"\\href\s*\{[^{}]*\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_TEX_QUOTES = re.compile(r"``((?:(?!``|'').)*)''", re.DOTALL)
_ESCAPED = re.compile(r"\\([&%#_])")
_ENTITY = re.compile(r"\{\\&\}(?=#?\w{1,30};)")  # Mendeley writes "&lt;" so
_SPECIAL = re.compile(r"[\\{}$~]|--|``")
_SPACES = re.compile(r"\\\\(?:\[[^\]]*\])?|\\[ ,;:](?=\S)|\\(?=\s)")
_NOTHING = re.compile(r"""\\[-/@!]|\\['`"=.]\{\}""")
_ACCENT_ALONE = re.compile(r"\\([\^~])\{\}")
_UNKNOWN = re.compile(r"\\[A-Za-z]+\{[^{}]*\}")


# Stand-ins, which no text contains, for what must outlast the removal of braces.
_FORMULA = "\ufdd3"
_STAND_INS = {0xFDD0: "{", 0xFDD1: "}", 0xFDD2: "$", 0xFDD4: "--", 0xFDD5: "``", 0xFDD8: "\\"}
_KEPT_BRACES = {ord("{"): "\ufdd0", ord("}"): "\ufdd1"}
_RESERVED = dict.fromkeys((*_STAND_INS, ord(_FORMULA)))


def plain(text: str) -> str:
    r"""Text in which LaTeX may stand, as on arXiv. Braces that nothing needs stay: they may be meant.

    >>> plain(r"Schr\"odinger's {\it cat} by C. Bal\'{a}zs, 5\% of $\alpha_\mathrm{s}$")
    "Schrödinger's cat by C. Balázs, 5% of $\\alpha_\\mathrm{s}$"
    """
    return _outside_math(text, _resolved)


def bibtex(text: str) -> str:
    r"""The value of a BibTeX field: braces, ties and dashes are LaTeX too.

    >>> bibtex(r"Core--Shell {{GaN}} and~{CuInS}{$_2$} by {\'E}mile {\O}stby \& {Associates}")
    'Core–Shell GaN and CuInS$_2$ by Émile Østby & Associates'
    """
    return _outside_math(_ENTITY.sub("&", text), _unbraced)


def _outside_math(text: str, change: Callable[[str], str]) -> str:
    if not _SPECIAL.search(text):
        return text
    text = re.sub(r"\\ensuremath\s*\{((?:[^{}]|\{[^{}]*\})*)\}", r"$\1$", text.translate(_RESERVED))
    formulas = iter([match.group() for match in MATH.finditer(text)])
    changed = change(MATH.sub(_FORMULA, text)).translate(_STAND_INS)
    return re.sub(_FORMULA, lambda _: next(formulas), changed)


def _resolved(text: str) -> str:
    text = text.replace("\\{", "\ufdd0").replace("\\}", "\ufdd1").replace("\\$", "\ufdd2")
    text = _ACCENT_ALONE.sub(r"\1", _NOTHING.sub("", text))
    for pattern in (_SIGN_ACCENT, _LETTER_ACCENT):
        text = pattern.sub(_accented, text)
    text = _SYMBOL.sub(lambda match: _SYMBOLS[match[1]], text)
    text = re.sub(r"\{([^\W\x00-\x7f])\}", r"\1", text)  # {é}, of {\'e}
    for pattern in (_SWITCH, _FONT, _LINK):
        text = pattern.sub(r"\1", text)
    text = _TEX_QUOTES.sub(r"“\1”", _QUOTED.sub(r"“\1”", text))
    return _SPACES.sub(" ", _ESCAPED.sub(r"\1", text))


def _unbraced(text: str) -> str:
    text = re.sub(r"(?<!\\)~", " ", text).replace("-{}-", "\ufdd4").replace("`{}`", "\ufdd5")
    text = _UNKNOWN.sub(lambda match: match.group().translate(_KEPT_BRACES), _resolved(text))
    return text.replace("---", "—").replace("--", "–").replace("{", "").replace("}", "")


def _accented(match: re.Match[str]) -> str:
    """The letter with its accent, or what stood there where no such letter exists."""
    base = (match["inner"] or match["bare"]).strip().removeprefix("\\")
    letter = unicodedata.normalize("NFC", base + _COMBINING[match["accent"]])
    return letter if len(letter) == 1 else match.group()
