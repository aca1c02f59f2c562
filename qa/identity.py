"""When two records are the same paper, and what is known once they are put together.

The same DOI or arXiv id (whatever its version, and also where a DOI says it) makes two records one paper.
So does the same title, where the abstracts are nearly the same or one is missing, unless both records know
their authors and share none of them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace

from qa.paper import Paper
from qa.text import fold, words

_SHARED_WORDS = 0.8  # of each abstract's different words
_ID_START = 200  # characters of the abstract that an id depends on
_DOI_PREFIX = re.compile(r"^(?:https?://)?(?:dx\.|www\.)?doi\.org/|^doi:\s*", re.IGNORECASE)
_ARXIV_PREFIX = re.compile(r"^(?:https?://)?(?:\w+\.)?arxiv\.org/(?:abs|pdf)/|^arxiv:\s*", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."  # what arXiv registers for each of its papers
# Commands of LaTeX that only change how letters look.
_LOOK = re.compile(
    r"\\(?:math|text|oper)?(?:rm|bf|it|cal|bb|sf|tt|frak|scr|normal|atorname|boldsymbol|mbox|ensuremath)\b"
)
_ASCII_WORD = re.compile("[a-z0-9]+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def paper_id(title: str, abstract: str, doi: str | None = None, arxiv_id: str | None = None) -> str:
    """The id of a record that came without one: its DOI, else its arXiv id, else a hash of its text.

    DOI and arXiv id are taken in their plain form, without address, case or version. The hash is 16
    hexadecimal digits and depends on the normalised title and on the start of the abstract.

    >>> paper_id("Zoology", "Recurrences.", arxiv_id="arXiv:2312.04927v1")
    '2312.04927'
    """
    plain_doi = normalise_doi(doi)
    own_doi = "" if plain_doi.startswith(_ARXIV_DOI) else plain_doi
    if identifier := own_doi or normalise_arxiv_id(arxiv_id) or _arxiv_id_of(plain_doi):
        return identifier
    # A text of signs alone has an empty normal form; as it stands, it still tells papers apart.
    start = normalise_title(abstract)[:_ID_START] or abstract[:_ID_START]
    text = f"{normalise_title(title) or title}\n{start}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def normalise_title(title: str) -> str:
    """The title's letters and digits without case, in Unicode's compatible forms, one space between words.

    >>> normalise_title("Self-Degraded  Defense: ﬁne‑tuning?")
    'self degraded defense fine tuning'
    """
    if title.isascii():
        return " ".join(_ASCII_WORD.findall(title.lower()))
    compatible = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title).casefold())
    return " ".join("".join(map(_kept, compatible)).split())


def title_key(title: str) -> str:
    r"""What titles have in common that differ in accents, spacing, case or the way of writing formulas.

    >>> title_key(r"$\beta$-decay in H$_2$O") == title_key("β decay in H₂O") == "betadecayinh2o"
    True
    """
    text = fold(_LOOK.sub("", title)).replace("ß", "ss")
    if text.isascii():
        return "".join(filter(str.isalnum, text))
    return "".join(_spelled(char) for char in text if char.isalnum())


def _spelled(char: str) -> str:
    """A Greek letter by its name, as commands of LaTeX have it."""
    name = unicodedata.name(char, "")
    return name.rpartition(" ")[2].lower() if name.startswith("GREEK SMALL LETTER ") else char


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # soft hyphens and their like stand within words
        return ""
    return char if category[0] in "LMN" else " "


def normalise_doi(doi: str | None) -> str:
    """A DOI without address or case; empty for none."""
    return _DOI_PREFIX.sub("", (doi or "").strip()).casefold()


def normalise_arxiv_id(arxiv_id: str | None) -> str:
    """An arXiv id without address or version; empty for none.

    >>> normalise_arxiv_id("https://arxiv.org/abs/2312.04927v2")
    '2312.04927'
    """
    plain = _ARXIV_PREFIX.sub("", (arxiv_id or "").strip()).casefold().removesuffix(".pdf")
    return re.sub(r"v\d+$", "", plain)


def identifiers(paper: Paper) -> set[tuple[str, str]]:
    """The DOI and the arXiv id of a paper in their plain forms, an arXiv id also from its DOI."""
    doi = normalise_doi(paper.doi)
    found = {("doi", doi), ("arxiv", normalise_arxiv_id(paper.arxiv_id)), ("arxiv", _arxiv_id_of(doi))}
    return {(kind, value) for kind, value in found if value}


def _arxiv_id_of(doi: str) -> str:
    return normalise_arxiv_id(doi.removeprefix(_ARXIV_DOI)) if doi.startswith(_ARXIV_DOI) else ""


def same_paper(a: Paper, b: Paper) -> bool:
    """Whether two records describe one paper, by the rule at the top of this module."""
    if identifiers(a) & identifiers(b):
        return True
    if not _equal(title_key(a.title), title_key(b.title)):
        return False
    if not _abstracts_agree(a.abstract, b.abstract):
        return False
    return not a.authors or not b.authors or any(_same_person(x, y) for x in a.authors for y in b.authors)


def merge(known: Paper, other: Paper) -> Paper:
    """`known`, with what only `other` knows filled in.

    Named authors replace a bare count, and a more exact date one that agrees with it. `source` names
    the files of both. Where both know something, `known` stays as it is, its id and abstract too.
    """
    return replace(
        known,
        title=known.title or other.title,
        abstract=known.abstract or other.abstract,
        authors=known.authors or other.authors,
        author_count=_author_count(known, other),
        organisation=known.organisation or other.organisation,
        published=_more_exact(known.published, other.published),
        comments=other.comments if known.comments is None else known.comments,
        url=known.url or other.url,
        doi=known.doi or other.doi,
        arxiv_id=known.arxiv_id or other.arxiv_id,
        venue=known.venue or other.venue,
        source=tuple(dict.fromkeys((*known.source, *other.source))),
    )


def _author_count(known: Paper, other: Paper) -> int | None:
    for paper in (known, other):
        if paper.authors:
            return paper.author_count
    return other.author_count if known.author_count is None else known.author_count


def _more_exact(known: str | None, other: str | None) -> str | None:
    if known and other and not other.startswith(known):
        return known
    return other or known


def _equal(a: str, b: str) -> bool:
    return a != "" and a == b


def _abstracts_agree(a: str, b: str) -> bool:
    first, second = set(words(a)), set(words(b))
    if not first or not second:
        return True
    return len(first & second) >= _SHARED_WORDS * max(len(first), len(second))


def _same_person(a: str, b: str) -> bool:
    """Whether two names can be one person's: a family name in common, and no two given names at odds."""
    first, second = _name_words(a), _name_words(b)
    if not first or not second:
        return False
    for family in (first[-1], second[-1]):  # either may be written family name first
        if family in first and family in second:
            givens = [{word[0] for word in name if word != family} for name in (first, second)]
            if not givens[0] or not givens[1] or givens[0] & givens[1]:
                return True
    return False


def _name_words(name: str) -> list[str]:
    return [word for word in words(name) if word not in _SUFFIXES]
