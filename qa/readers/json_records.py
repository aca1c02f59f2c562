"""One JSON object to a paper: which of the known kinds it is, and where that kind keeps what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from qa.known import unusable
from qa.paper import Failure, Paper
from qa.readers import tex
from qa.readers.fields import date_in, made, one_line, readable
from qa.readers.names import People, people, people_in
from qa.readers.table import columns_of

_OWN = frozenset(field.name for field in fields(Paper))
_LISTS = ("authors", "source")
_ARXIV = frozenset(("submitter", "authors_parsed", "versions", "update_date", "categories"))
_CSL = frozenset(("issued", "container-title", "citation-key", "author"))


def is_record(value: Mapping[str, Any]) -> bool:
    """Whether it has a title at all."""
    return bool(value.get("title") or value.get("Title") or "title" in columns_of(list(value)))


def paper_of(value: Mapping[str, Any], source: str, place: str) -> Paper | Failure:
    """The paper that a JSON object describes, or why it describes none."""
    keys = set(value)
    if {"id", "title", "abstract"} <= keys <= _OWN and _are_texts(value.get("authors", [])):
        return _own(value, source, place)
    if "id" in keys and keys & _ARXIV:
        return _arxiv(value, source, place)
    csl = keys & _CSL and not isinstance(value.get("author"), str)
    return (_csl if csl else _usual)(value, source, place)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _own(value: Mapping[str, Any], source: str, place: str) -> Paper | Failure:
    """A paper as `Paper.to_dict` gives it, to the letter."""
    lists = {name: tuple(value[name]) for name in _LISTS if isinstance(value.get(name), list)}
    paper = Paper(**{"source": (source,), **value, **lists})
    reason = unusable(paper)
    return Failure(source, place, reason) if reason else paper


def _arxiv(value: Mapping[str, Any], source: str, place: str) -> Paper | Failure:
    """A line of arXiv's metadata snapshot, or of an extract of it."""
    versions = value.get("versions")
    first = versions[0].get("created") if versions and isinstance(versions[0], dict) else None
    return made(
        source,
        place,
        title=one_line(tex.plain(_text(value.get("title")))),
        abstract=readable(tex.plain(_text(value.get("abstract")))),
        people=_arxiv_people(value),
        published=date_in(first) or date_in(_text(value.get("update_date"))),
        doi=_text(value.get("doi")),
        arxiv=(_text(value.get("id")),),
        venue=one_line(tex.plain(_text(value.get("journal-ref")))),
    )


def _arxiv_people(value: Mapping[str, Any]) -> People:
    parsed = value.get("authors_parsed")
    if isinstance(parsed, list) and all(isinstance(parts, list) and parts for parts in parsed):
        names = [[_text(part) for part in (*parts, "", "")] for parts in parsed]
        return people(
            tex.plain(" ".join(filter(None, (given, family, after)))) for family, given, after, *_ in names
        )
    authors = value.get("authors")
    return people_in(tex.plain(authors)) if isinstance(authors, str) else _people(authors)


def _csl(value: Mapping[str, Any], source: str, place: str) -> Paper | Failure:
    """An item of CSL-JSON, as reference managers and Crossref write it."""
    issued = value.get("issued") or value.get("published") or {}
    return made(
        source,
        place,
        title=_titled(value.get("title"), value.get("subtitle")),
        abstract=readable(_text(value.get("abstract"))),
        people=_people(value.get("author") or value.get("authors")),
        published=_csl_date(issued),
        url=_text(value.get("URL") or value.get("url")),
        doi=_text(value.get("DOI") or value.get("doi")),
        arxiv=[
            _text(value.get(name))
            for name in ("number", "note", "archive_location", "archive", "container-title")
        ],
        venue=one_line(_text(value.get("container-title") or value.get("journal"))),
    )


def _titled(title: Any, subtitle: Any) -> str:
    return ": ".join(filter(None, (one_line(_text(title)), one_line(_text(subtitle)))))


def _csl_date(issued: Any) -> str | None:
    if not isinstance(issued, dict):
        return date_in(_text(issued))
    parts = issued.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        return date_in("-".join(str(part) for part in parts[0][:3] if part))
    return date_in(_text(issued.get("raw") or issued.get("literal") or issued.get("year")))


def _usual(value: Mapping[str, Any], source: str, place: str) -> Paper | Failure:
    """A record with the usual names for things, Semantic Scholar's among them."""
    names = list(value)
    columns = columns_of(names)

    def found(kind: str) -> Any:
        """The first value of a kind that says something."""
        return next(filter(None, (value[names[at]] for at in columns.get(kind, ()))), None)

    outside = value.get("externalIds") or value.get("externalids") or {}
    outside = (
        {str(name).lower(): _text(known) for name, known in outside.items()}
        if isinstance(outside, dict)
        else {}
    )
    abstract = found("abstract") or value.get("text")
    dates = [date_in(_text(value[names[at]])) for at in columns.get("published", ())]
    return made(
        source,
        place,
        title=one_line(_text(found("title"))),
        abstract=readable(_text(abstract)),
        people=_people(found("authors")),
        published=next(filter(None, dates), None),
        url=_text(found("url")),
        doi=_text(found("doi")) or outside.get("doi"),
        arxiv=(outside.get("arxiv"), _text(found("arxiv"))),
        venue=one_line(_text(found("venue"))),
        organisation=one_line(_text(found("organisation"))),
    )


def _people(value: Any) -> People:
    """Authors as text, as a list of texts, or as a list of objects with the parts of each name."""
    if isinstance(value, str):
        return people_in(value)
    return people(filter(None, map(_name, value))) if isinstance(value, list) else People(())


def _name(author: Any) -> str:
    if not isinstance(author, dict):
        return _text(author)
    if isinstance(author.get("author"), dict):
        return _name(author["author"])
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    person = " ".join(filter(None, (_text(author.get(part)) for part in parts)))
    whole = next(
        filter(None, (author.get(name) for name in ("literal", "name", "display_name", "fullName"))), ""
    )
    return person or _text(whole)


def _text(value: Any) -> str:
    """The text in a JSON value: itself, a number, the first of a list, or the name of an object."""
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("text") or value.get("value"))
    return value if isinstance(value, str) else "" if value is None or isinstance(value, bool) else str(value)
