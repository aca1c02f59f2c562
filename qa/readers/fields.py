"""Loose fields to a paper: what every format must do with titles, dates, identifiers and the like."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import date

from qa.identity import normalise_arxiv_id, paper_id
from qa.known import unusable
from qa.paper import Failure, Paper
from qa.readers.names import People

_INLINE = (
    "i|b|em|strong|sub|sup|u|span|sc|scp|small|tt|italic|bold|font|a|jats:[a-z-]+|mml:[a-z]+|inline-formula"
)
_BLOCK = "p|br|div|sec|title|li|ul|ol|h[1-6]|jats:(?:p|title|sec|list|list-item)"
_ATTRIBUTES = r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?"""
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK}){_ATTRIBUTES}>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-\s*\n\s*(?=[a-z])(?!and\b|or\b|to\b|und\b)")
_NO_ABSTRACT = re.compile(
    r"\W*(?:(?:no |the )?(?:abstract )?(?:is )?(?:not )?(?:available|provided|present)"
    r"|n/a|none|null|nan|abstract)\W*",
    re.IGNORECASE,
)
_DOI = re.compile(r"\b10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{}|\\^`]+", re.IGNORECASE)
_DOI_IN_URL = re.compile(r"doi(?:\.org/|=|:|%3A)(10\.\d{4,9}(?:/|%2F)[^&?#\s]+)", re.IGNORECASE)
_SHORT_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/)?(10/[a-z0-9]+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
_BARE_ARXIV = re.compile(_ARXIV_ID, re.IGNORECASE)
_ARXIV = re.compile(
    rf"(?:arxiv(?:\.org/(?:abs|pdf|html)/|\s*:\s*|\s+preprint\s+arxiv:\s*|\.)|\babs/)({_ARXIV_ID})(?!\d)",
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_ISO = re.compile(r"(1[5-9]\d\d|20\d\d)[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:/*$|[T ~?%]|/\d{4}|/\.\.)")
_NAMED_MONTH = re.compile(rf"(?<![a-z])({'|'.join(_MONTHS)})[a-z]*", re.IGNORECASE)
_DAY = re.compile(r"(?<![\d:])(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d:])")


def readable(text: str) -> str:
    r"""`text` without markup and hard line breaks; a blank line still parts two paragraphs.

    >>> readable("Effect of CO<sub>2</sub> on a three-\ndimensional  model &amp; more.\n")
    'Effect of CO2 on a three-dimensional model & more.'
    """
    text = _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", text)) if "<" in text else text
    text = _ENTITY.sub(lambda match: html.unescape(match.group()) or match.group(), text)
    paragraphs = re.split(r"\n[^\S\n]*\n", _BROKEN_WORD.sub("-", text))
    return "\n\n".join(filter(None, (" ".join(paragraph.split()) for paragraph in paragraphs)))


def one_line(text: str) -> str:
    """`readable` on one line."""
    return " ".join(readable(text).split())


def made(
    source: str,
    place: str,
    *,
    title: str,
    abstract: str = "",
    people: People | None = None,
    published: str | None = None,
    url: str | None = None,
    doi: str | None = None,
    arxiv: Iterable[str | None] = (),
    venue: str | None = None,
    organisation: str | None = None,
) -> Paper | Failure:
    """The paper that these fields of a record describe, or why they describe none.

    Title and abstract are taken as `readable` or one of its like left them. `arxiv`: all texts that may
    name an arXiv id. Without a title there is no paper; without an abstract there is.
    """
    abstract = "" if _NO_ABSTRACT.fullmatch(abstract) else abstract
    in_url = _DOI_IN_URL.search(url or "")
    doi = plain_doi(doi) or plain_doi(in_url[1] if in_url else None)
    arxiv_id = next(filter(None, (arxiv_id_in(text) for text in (*arxiv, doi, url))), None)
    people = people or People(())
    if not title.strip():
        return Failure(source, place, "it has no title")
    paper = Paper(
        id=paper_id(title, abstract, doi, arxiv_id),
        title=title,
        abstract=abstract,
        authors=people.names,
        author_count=people.count,
        organisation=organisation or None,
        published=published,
        url=web_address(url),
        doi=doi,
        arxiv_id=arxiv_id,
        venue=venue or None,
        source=(source,),
    )
    reason = unusable(paper)
    return Failure(source, place, reason) if reason else paper


def plain_doi(text: str | None) -> str | None:
    """The first DOI in `text`, without address.

    >>> plain_doi("https://doi.org/10.1145/3292500.3330701.")
    '10.1145/3292500.3330701'
    """
    if found := _DOI.search((text or "").replace("%2F", "/").replace("%2f", "/")):
        doi = found.group().rstrip(".,;:'")
        return doi.removesuffix(")") if doi.count("(") < doi.count(")") else doi
    short = _SHORT_DOI.fullmatch((text or "").strip())
    return short[1] if short else None


def arxiv_id_in(text: str | None) -> str | None:
    """The arXiv id that `text` names, without version; bare ids only where nothing else stands.

    >>> arxiv_id_in("arXiv preprint arXiv:2312.04927v2"), arxiv_id_in("10.48550/arXiv.2312.04927")
    ('2312.04927', '2312.04927')
    """
    text = (text or "").strip()
    if _BARE_ARXIV.fullmatch(text):
        return normalise_arxiv_id(text)
    found = _ARXIV_DOI.fullmatch(text) or _ARXIV.search(text)
    return normalise_arxiv_id(str(found[1])) if found else None


def web_address(text: str | None) -> str | None:
    """The first address of the web in `text`."""
    found = re.search(r"https?://[^\s<>\"]+|ftp://[^\s<>\"]+", text or "")
    return found.group().rstrip(";,") if found else None


def date_in(*texts: str | None) -> str | None:
    """The ISO date that `texts` give together, as exact as they are; None where they leave the year open.

    >>> date_in("2020/05/03/"), date_in("2001 Jan-Feb"), date_in("SEP 12", "2018"), date_in("in press")
    ('2020-05-03', '2001', '2018-09-12', None)
    """
    text = " ".join(filter(None, (part.strip() for part in texts if part)))
    if found := _ISO.match(text):
        return _date(found[1], found[2], found[3])
    years: list[str] = list(dict.fromkeys(_YEAR.findall(text)))
    if not years:
        return None
    months = _NAMED_MONTH.findall(text)
    if len(years) > 1 or len(months) != 1:
        return years[0]
    days = _DAY.findall(_YEAR.sub(" ", text))
    month = _MONTHS.index(months[0].lower()) + 1
    return _date(years[0], str(month), days[0] if len(days) == 1 else None)


def _date(year: str, month: str, day: str | None) -> str:
    """The date as exact as its parts make sense: month 22 is a season, day 0 nothing at all."""
    if not 1 <= int(month) <= 12:
        return year
    try:
        return date(int(year), int(month), int(day or "")).isoformat()
    except ValueError:
        return f"{year}-{int(month):02}"
