"""A paper as a line of references: what is known of it, and nothing else."""

from __future__ import annotations

from urllib.parse import quote as url_quote
from urllib.parse import urlsplit

from qa.citations import shown_title
from qa.paper import Paper

MOST_AUTHORS_SHOWN = 6


def authors(paper: Paper) -> str:
    """The authors as far as they are known: names, else an organisation, else their number."""
    if paper.authors:
        names = ", ".join(paper.authors[:MOST_AUTHORS_SHOWN])
        more = len(paper.authors) - MOST_AUTHORS_SHOWN
        return f"{names} and {more} more" if more > 0 else names
    if paper.organisation:
        return paper.organisation
    if paper.author_count:
        return f"{paper.author_count} author{'s' if paper.author_count > 1 else ''}"
    return ""


def address(paper: Paper) -> str:
    """Where the paper itself is on the web: its address, else by its DOI or arXiv id; else nothing."""
    found = paper.url
    if not found and paper.doi:
        found = "https://doi.org/" + url_quote(paper.doi)
    if not found and paper.arxiv_id:
        found = "https://arxiv.org/abs/" + url_quote(paper.arxiv_id)
    return found if found and _is_web(found) else ""


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return False


def reference(paper: Paper) -> str:
    """Authors, title, venue, date and address, on one line."""
    named = ", ".join(paper.authors) or paper.organisation or ""
    parts = (named, shown_title(paper), paper.venue or "", paper.published or "", address(paper))
    return ". ".join(" ".join(part.split()).rstrip(".") for part in parts if part)
