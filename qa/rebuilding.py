"""All papers of a library embedded anew, batch by batch into a collection beside the one in use.

Readers and writers go on meanwhile. What they changed is caught up with, for the last time under the
lock, and then the new collection takes the place of the old one.
"""

from __future__ import annotations

from collections.abc import Mapping

from qa import locks
from qa.adding import BATCH, OnProgress, batches, embed
from qa.catalogue import Beside, Catalogue
from qa.embedding import Embedder
from qa.paper import Paper
from qa.passages import cut
from qa.snapshot import stored
from qa.vectors import text_key


class Rebuilding:
    """Follows the papers of a library with a collection `beside` it."""

    def __init__(self, beside: Beside, embedder: Embedder) -> None:
        self._beside, self._embedder = beside, embedder
        self._written: dict[str, Paper] = {}

    def follow(self, papers: Mapping[str, Paper], on_progress: OnProgress | None) -> int:
        """Bring the collection to hold these papers, by id; how many it had to write or take out."""
        changed = [paper for paper in papers.values() if self._written.get(paper.id) != paper]
        gone = [paper for paper in self._written if paper not in papers]
        if gone:
            self._beside.write([], gone)
            for paper_id in gone:
                del self._written[paper_id]
        done = 0
        for part in batches(changed, BATCH):
            self._write(part)
            done += len(part)
            if on_progress:
                on_progress(done, len(changed))
        return len(changed) + len(gone)

    def _write(self, papers: list[Paper]) -> None:
        vectors = self._beside.vectors
        made = embed(self._embedder, [paper for paper in papers if text_key(paper) not in vectors])
        cuts = {paper.id: cut(paper.abstract) for paper in papers}
        windows = {text_key(paper): len(cuts[paper.id].windows) for paper in papers}
        vectors.append({key: (paper, windows[key]) for key, paper in made.items()})
        self._beside.write([stored(paper, vectors, cuts[paper.id]) for paper in papers])
        self._written |= {paper.id: paper for paper in papers}


def rebuild(
    catalogue: Catalogue, embedder: Embedder, fingerprint: str, on_progress: OnProgress | None
) -> None:
    """Embed all papers anew into a new collection, and put it in the place of the old one."""
    catalogue.require()
    with catalogue.beside(fingerprint) as beside:
        rebuilding = Rebuilding(beside, embedder)
        behind, tell = BATCH + 1, on_progress
        while behind > BATCH:  # until the rest is quickly done
            with catalogue.reading(locks.WRITER_WAIT) as snapshot:
                papers = dict(snapshot.papers)
            behind, tell = rebuilding.follow(papers, tell), None
        with catalogue.writing(fingerprint, anew=True) as snapshot:
            rebuilding.follow(snapshot.papers, None)
            catalogue.switch(snapshot, beside)
