"""XML: answers of the arXiv API (Atom) and of PubMed.

Each record is cut out and parsed by itself. So a broken one leaves its neighbours alone, and the parser
never sees a document type: no entity is defined, expanded or fetched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qa.paper import Failure, Paper
from qa.readers import tex
from qa.readers.fields import date_in, made, one_line, readable
from qa.readers.names import People, people

EXPECTED = "XML of arXiv or PubMed"

_ROOT = re.compile(r"<(?:\w+:)?(feed|PubmedArticleSet|PubmedArticle)(?=[\s>])([^<>]*)>")
_RECORD = re.compile(r"<((?:\w+:)?(?:entry|PubmedArticle|PubmedBookArticle))(?=[\s>])")
_ROOT_WITHIN = 100_000  # characters
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w{0,30};")


def recognises(text: str) -> bool:
    """Whether it starts as XML with a root that is known."""
    return text.lstrip().startswith("<") and _root(text) is not None


def read(text: str, source: str) -> Iterator[Paper | Failure]:
    """The papers of the document, in their order, and records that cannot be read."""
    root = _root(text)
    assert root is not None
    starts = list(_RECORD.finditer(text, root.start()))
    line = 1 + text.count("\n", 0, root.start())
    counted = root.start()
    for start, after in zip(starts, [*(match.start() for match in starts), len(text)][1:], strict=True):
        line += text.count("\n", counted, start.start())
        counted = start.start()
        end = text.find(f"</{start[1]}>", counted, after)
        place = f"line {line}"
        if end < 0:
            yield Failure(source, place, "this record does not end")
            continue
        element = _parsed(text[counted:end] + f"</{start[1]}>", root[2].removesuffix("/"))
        if isinstance(element, str):
            yield Failure(source, place, f"this record is no well-formed XML ({element})")
        else:
            yield (_atom if _local(element) == "entry" else _pubmed)(element, source, place)


def _root(text: str) -> re.Match[str] | None:
    """The start tag of the document's root; all that may name spaces for the records in it."""
    return _ROOT.search(text[:_ROOT_WITHIN])


def _parsed(record: str, spaces: str) -> Element | str:
    """The element of a record, or what is wrong with it."""
    record = _ENTITY.sub(lambda match: html.unescape(match.group()), record)  # &eacute; of HTML
    try:
        return ElementTree.fromstring(f"<record{spaces}>{record}</record>")[0]
    except ElementTree.ParseError as error:
        return str(error).partition(":")[0]


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _under(element: Element, *path: str) -> list[Element]:
    """The elements at that path of local names below `element`."""
    found = [element]
    for name in path:
        found = [child for parent in found for child in parent if _local(child) == name]
    return found


def _text(element: Element, *path: str) -> str:
    """All text of the first element at that path."""
    return "".join(next((found.itertext() for found in _under(element, *path)), ""))


# arXiv ---------------------------------------------------------------------------------------------


def _atom(entry: Element, source: str, place: str) -> Paper | Failure:
    address = _text(entry, "id").strip()
    if "/api/errors" in address:
        return Failure(source, place, f"arXiv answered with an error: {one_line(_text(entry, 'summary'))}")
    links = {link.get("rel"): link.get("href") for link in _under(entry, "link")}
    return made(
        source,
        place,
        title=one_line(tex.plain(_text(entry, "title"))),
        abstract=readable(tex.plain(_text(entry, "summary"))),
        people=people(tex.plain(_text(author, "name")) for author in _under(entry, "author")),
        published=date_in(_text(entry, "published")),
        url=links.get("alternate") or address,
        doi=_text(entry, "doi"),
        arxiv=(address,),
        venue=one_line(tex.plain(_text(entry, "journal_ref"))),
    )


# PubMed --------------------------------------------------------------------------------------------


def _pubmed(record: Element, source: str, place: str) -> Paper | Failure:
    citation = next(iter(_under(record, "MedlineCitation") + _under(record, "BookDocument")), record)
    article = next(iter(_under(citation, "Article")), citation)
    known = _text(citation, "PMID").strip()
    titles = ("ArticleTitle",), ("VernacularTitle",), ("Book", "BookTitle")
    return made(
        source,
        place,
        title=next(filter(None, (one_line(_text(article, *path)) for path in titles)), ""),
        abstract=readable(_pubmed_abstract(article)),
        people=_pubmed_people(article),
        published=_pubmed_date(article),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{known}/" if known.isdigit() else None,
        doi=_pubmed_doi(record, article),
        venue=one_line(_text(article, "Journal", "Title") or _text(article, "Book", "BookTitle")),
    )


def _pubmed_abstract(article: Element) -> str:
    """The parts of the abstract, each behind its label: "METHODS: ..."."""
    parts = []
    for part in _under(article, "Abstract", "AbstractText"):
        label = (part.get("Label") or "").strip()
        text = "".join(part.itertext()).strip()
        parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return " ".join(filter(None, parts))


def _pubmed_people(article: Element) -> People:
    listed = [part for part in _under(article, "AuthorList") if part.get("Type") in (None, "authors")]
    names = []
    for author in (author for part in listed for author in _under(part, "Author")):
        parts = (_text(author, "ForeName") or _text(author, "Initials"), _text(author, "LastName"))
        person = " ".join(filter(None, (*parts, _text(author, "Suffix"))))
        names.append(person or _text(author, "CollectiveName").replace(",", ""))
    found = people(names)
    return People(found.names, found.complete and all(part.get("CompleteYN") != "N" for part in listed))


def _pubmed_date(article: Element) -> str | None:
    """The day of the issue; the day on the web where that says nothing."""
    places = ("Journal", "JournalIssue", "PubDate"), ("ArticleDate",), ("Book", "PubDate")
    for place in places:
        parts = [_text(article, *place, part).strip() for part in ("Year", "Month", "Day")]
        if parts[1].isdigit():
            parts = ["-".join(filter(None, parts))]
        if found := date_in(*reversed(parts)) or date_in(_text(article, *place, "MedlineDate")):
            return found
    return None


def _pubmed_doi(record: Element, article: Element) -> str | None:
    listed = _under(record, "PubmedData", "ArticleIdList", "ArticleId") + _under(article, "ELocationID")
    dois = (_text(item) for item in listed if "doi" in (item.get("IdType"), item.get("EIdType")))
    return next(dois, None)
