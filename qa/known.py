"""The papers that a library knows, looked up by everything that identifies a paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qa.identity import normalise_arxiv_id, normalise_doi, normalise_title, same_paper
from qa.paper import Paper


class Known:
    """An index of papers by id, DOI, arXiv id and normalised title."""

    def __init__(self, papers: Iterable[Paper] = ()) -> None:
        self._papers: dict[str, Paper] = {}
        self._ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for paper in papers:
            self.put(paper)

    def get(self, paper_id: str) -> Paper | None:
        """The paper of that id."""
        return self._papers.get(paper_id)

    def find(self, paper: Paper) -> Paper | None:
        """The known paper that `paper` repeats, by its id or by the rule of `same_paper`."""
        if paper.id in self._papers:
            return self._papers[paper.id]
        candidates = sorted({paper_id for key in _keys(paper) for paper_id in self._ids.get(key, ())})
        return next(
            (known for known in map(self._papers.__getitem__, candidates) if same_paper(known, paper)), None
        )

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


def _keys(paper: Paper) -> list[tuple[str, str]]:
    keys = (
        ("doi", normalise_doi(paper.doi)),
        ("arxiv", normalise_arxiv_id(paper.arxiv_id)),
        ("title", normalise_title(paper.title)),
    )
    return [(kind, value) for kind, value in keys if value]
