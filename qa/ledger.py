"""What the records of a library know, looked up fast: names of authors, organisations and files."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable

from qa.filters import Filters
from qa.paper import Paper
from qa.text import fold, words

_WORD = re.compile(r"\w+")


class Ledger:
    """The names in the records of some papers. Made once for each state of a library."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.papers = tuple(papers)

    def authors_named(self, name: str) -> tuple[str, ...]:
        """The authors whose names hold all words of `name`, in any order; an initial stands for its word.

        >>> Ledger([Paper("1", "T", "", authors=("Yun Fu", "Hao Fu"))]).authors_named("Y. Fu")
        ('Yun Fu',)
        """
        said = words(name)
        full = [word for word in said if len(word) > 1]
        if not full:
            return ()
        holders = set.intersection(*(self._authors.get(word, set()) for word in full))
        return tuple(sorted(author for author in holders if _fits(said, words(author))))

    def authors_holding(self, part: str) -> tuple[str, ...]:
        """The authors whose names contain `part`, without case or accents: what `author=` filters by."""
        wanted = fold(part.strip())
        return tuple(sorted(name for name, folded in self._folded.items() if wanted in folded))

    def organisations_named(self, name: str) -> tuple[str, ...]:
        """The organisations whose names hold all words of `name`."""
        said = set(words(name))
        return tuple(sorted(known for known in self._organisations if said and said <= set(words(known))))

    def sources_named(self, name: str) -> tuple[str, ...]:
        """The files whose names begin with `name` or hold it between other characters than letters."""
        pattern = re.compile(rf"(?<![^\W_]){re.escape(name)}", re.IGNORECASE)
        return tuple(sorted(known for known in self._sources if pattern.search(known)))

    def admitted(self, filters: Filters) -> set[str]:
        """The ids of the papers that filters admit. See `Filters.admits`."""
        found = self.dated(filters)
        if filters.author is not None:
            found &= {paper for name in self.authors_holding(filters.author) for paper in self._written[name]}
        if filters.source is not None:
            wanted = fold(filters.source.strip())
            files = frozenset(name for name in self._sources if wanted in fold(name))
            found &= {paper.id for paper in self.papers if not files.isdisjoint(paper.source)}
        return found

    def dated(self, bounds: Filters) -> set[str]:
        """The ids of the papers whose dates are within bounds."""
        return set().union(*(ids for date, ids in self._dates.items() if bounds.admits_date(date)))

    @functools.cached_property
    def undated(self) -> int:
        """How many papers have no date."""
        return len(self._dates.get(None, ()))

    @functools.cached_property
    def unnamed(self) -> int:
        """How many papers name no author."""
        return sum(not paper.authors for paper in self.papers)

    @functools.cached_property
    def _dates(self) -> dict[str | None, list[str]]:
        """The ids of papers by date; many share one."""
        by_date: defaultdict[str | None, list[str]] = defaultdict(list)
        for paper in self.papers:
            by_date[paper.published].append(paper.id)
        return dict(by_date)

    @functools.cached_property
    def _authors(self) -> dict[str, set[str]]:
        """The names of authors by each of their words."""
        by_word: defaultdict[str, set[str]] = defaultdict(set)
        for name in self._folded:
            # Most names need no folding, and there may be half a million.
            for word in _WORD.findall(name.lower()) if name.isascii() else words(name):
                by_word[word].add(name)
        return by_word

    @functools.cached_property
    def _folded(self) -> dict[str, str]:
        """The names of authors, and each without case and accents."""
        return {name: fold(name) for name in self._written}

    @functools.cached_property
    def _written(self) -> dict[str, list[str]]:
        """The ids of the papers of each author."""
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for paper in self.papers:
            for name in paper.authors:
                by_name[name].append(paper.id)
        return dict(by_name)

    @functools.cached_property
    def _organisations(self) -> frozenset[str]:
        return frozenset(paper.organisation for paper in self.papers if paper.organisation)

    @functools.cached_property
    def _sources(self) -> frozenset[str]:
        return frozenset(name for paper in self.papers for name in paper.source)


def _fits(said: list[str], known: list[str]) -> bool:
    """Whether each word said is one of a name's, or the first letter of one that is not said in full."""
    left = [word for word in known if word not in said]
    return all(word in known or (len(word) == 1 and any(w[0] == word for w in left)) for word in said)
