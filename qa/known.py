"""The papers that a library knows, looked up by all that identifies a paper; and what it cannot know."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable

from qa.identity import identifiers, same_paper, title_key
from qa.paper import Paper


class Known:
    """An index of papers by id, DOI, arXiv id and title."""

    def __init__(self, papers: Iterable[Paper] = ()) -> None:
        self._papers: dict[str, Paper] = {}
        self._ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for paper in papers:
            self.put(paper)

    def get(self, paper_id: str) -> Paper | None:
        """The paper of that id."""
        return self._papers.get(paper_id)

    def find(self, paper: Paper, *, by_id: bool) -> Paper | None:
        """The known paper that `paper` repeats, the first of `find_all`."""
        return next(iter(self.find_all(paper, by_id=by_id)), None)

    def find_all(self, paper: Paper, *, by_id: bool) -> list[Paper]:
        """The known papers that `paper` repeats, by the rule of `same_paper` or, if so wished, by its id.

        More than one where `paper` ties together what was known apart: one by its DOI, another by its
        arXiv id. Those that share an identifier with it stand first.
        """
        same = self._papers.get(paper.id)
        if same and (by_id or _says_no_more(paper, same)):
            return [same]
        *exact, title = [sorted(self._ids.get(key, ())) for key in _keys(paper)]
        candidates = dict.fromkeys([*sorted(itertools.chain.from_iterable(exact)), *title])
        return [known for known in map(self._papers.__getitem__, candidates) if same_paper(known, paper)]

    def put(self, paper: Paper) -> None:
        """Know `paper`, in the place of one of the same id."""
        self.drop(paper.id)
        self._papers[paper.id] = paper
        for key in _keys(paper):
            self._ids[key].add(paper.id)

    def drop(self, paper_id: str) -> None:
        """Forget a paper, if it is known."""
        paper = self._papers.pop(paper_id, None)
        for key in _keys(paper) if paper else ():
            self._ids[key].discard(paper_id)


def _says_no_more(paper: Paper, known: Paper) -> bool:
    """Whether a paper of a known id has the same text and authors, and no identifier that is new."""
    same = (paper.abstract, paper.authors) == (known.abstract, known.authors)
    return same and identifiers(paper) <= identifiers(known)


def _keys(paper: Paper) -> list[tuple[str, str]]:
    """What a paper is looked up by: its identifiers, and last its title, which may be empty."""
    return [*sorted(identifiers(paper)), ("title", title_key(paper.title))]


def unusable(paper: Paper) -> str | None:
    """Why a paper from a caller cannot be stored; None when it can."""
    texts = [paper.id, paper.title, paper.abstract, *(getattr(paper, name) for name in _OPTIONAL_TEXTS)]
    for name in _LISTS:
        if not isinstance(getattr(paper, name), tuple):
            return f"{name} must be a tuple of names"
        texts += getattr(paper, name)
    if not all(isinstance(text, str) for text in texts[:3]):
        return "id, title and abstract must be text"
    if not all(text is None or isinstance(text, str) for text in texts):
        return f"{', '.join((*_LISTS, *_OPTIONAL_TEXTS))} must be text"
    if not (paper.title.strip() or paper.abstract.strip()):
        return "neither a title nor an abstract"
    if any("\0" in text or not _encodable(text) for text in filter(None, texts)):
        return "text with a NUL or half of a surrogate pair, which cannot be stored"
    if paper.published is not None and not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", paper.published, re.ASCII):
        return f"published must be a date such as 2025-03-18, not {paper.published!r}"
    counts = (paper.author_count, paper.comments)
    if not all(count is None or (type(count) is int and 0 <= count < 2**53) for count in counts):
        return "author_count and comments must be whole numbers"
    return None


_LISTS = ("authors", "source")
_OPTIONAL_TEXTS = ("organisation", "published", "url", "doi", "arxiv_id", "venue")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
