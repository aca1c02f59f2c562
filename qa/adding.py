"""Papers into a library: merged with what is known, embedded once, written batch by batch.

The embedding, which is what takes time, goes on in a thread of its own while the batch before is written,
and needs no lock; inside the library's lock the batch is merged again with what other processes may have
written meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TypeVar

from qa import locks
from qa.catalogue import Catalogue
from qa.embedding import Embedder, PaperVectors
from qa.errors import LibraryNotFound
from qa.feeds import Feed
from qa.identity import merge, paper_id, same_paper
from qa.known import Known
from qa.paper import AddReport, Failure, Paper
from qa.passages import Cuts, cut
from qa.snapshot import Snapshot, stored
from qa.vectors import text_key

OnProgress = Callable[[int, int], None]
Item = TypeVar("Item")

BATCH = 128  # papers written under one lock: under the two seconds that a reader waits


@dataclass
class Tally:
    """Ids of the papers of one call to `add`, by what became of them."""

    added: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)
    merged: int = 0

    def count(self, paper: str, known: bool, changed: bool) -> None:
        """Note one record, by the id of the paper that it became or repeats."""
        if not known:
            self.added.add(paper)
        elif paper in self.added:
            self.merged += 1
        elif changed:
            self.updated.add(paper)
            self.unchanged.discard(paper)
        elif paper not in self.updated:
            self.unchanged.add(paper)

    def fuse(self, paper: str) -> None:
        """Note that a paper is now known to be another one."""
        self.merged += paper in self.added
        for papers in (self.added, self.updated, self.unchanged):
            papers.discard(paper)

    def report(self, failed: Sequence[Failure]) -> AddReport:
        """The tally as numbers."""
        return AddReport(len(self.added), len(self.updated), len(self.unchanged), self.merged, tuple(failed))


@dataclass
class Changes:
    """What records do to a library: papers by id as they will be stored, ids that are no more, counts."""

    changed: dict[str, Paper] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    events: list[Callable[[Tally], None]] = field(default_factory=list)  # what is to be counted
    became: list[str] = field(default_factory=list)  # the paper that each record is now, in order
    fused: dict[str, str] = field(default_factory=dict)  # ids that are another's now

    def note(self, paper: str, others: Sequence[str]) -> None:
        """Note what one more record became, and which other papers it showed to be the same."""
        self.became.append(paper)
        if others:
            self.fused |= dict.fromkeys(others, paper)
            self.became = [paper if known in others else known for known in self.became]


class Adding:
    """One call to `add`: `catalogue` is written with vectors of `embedder`."""

    def __init__(self, catalogue: Catalogue, embedder: Embedder, fingerprint: str) -> None:
        self._catalogue, self._embedder, self._fingerprint = catalogue, embedder, fingerprint
        self._known = Known()
        self._state = ""  # the library's stamp that `_known` was made at
        self._tally = Tally()

    def add(self, feed: Feed, on_progress: OnProgress | None) -> AddReport:
        """Add everything that `feed` holds; progress is told of what is written. See `Library.add`."""
        for paper in feed.unchanged:
            self._tally.count(paper, known=True, changed=False)
        done = 0
        model = ThreadPoolExecutor(1)
        try:
            for batch, vectors in self._embedded(model, feed):
                if on_progress:
                    on_progress(done, feed.total)
                while late := self._write(batch, feed, vectors):
                    vectors |= model.submit(embed, self._embedder, late).result()
                done += len(batch)
        finally:
            model.shutdown(cancel_futures=True)
        if on_progress and done:
            on_progress(done, done)
        return self._tally.report(feed.failed)

    def change(self, papers: Iterable[str], changed: Callable[[Paper], Paper]) -> None:
        """Put `changed(paper)`, whose text is the same, in the place of papers, by their ids."""
        for part in batches(papers, BATCH):
            with self._catalogue.writing(self._fingerprint) as snapshot:
                self._refresh(snapshot)
                before = [snapshot.papers[paper] for paper in part if paper in snapshot.papers]
                if after := [new for old in before if (new := changed(old)) != old]:
                    lost = [paper for paper in after if text_key(paper) not in snapshot.vectors]
                    self._put(snapshot, after, [], embed(self._embedder, lost))

    def remove(self, papers: Iterable[str]) -> None:
        """Take the papers of these ids out."""
        for part in batches(papers, BATCH):
            with self._catalogue.writing(self._fingerprint) as snapshot:
                self._refresh(snapshot)
                if gone := [paper for paper in part if paper in snapshot.papers]:
                    self._put(snapshot, [], gone, {})

    def _embedded(
        self, model: ThreadPoolExecutor, feed: Feed
    ) -> Iterator[tuple[list[Paper], dict[str, PaperVectors]]]:
        """Each batch with the vectors that it needs; those of the next are made meanwhile."""
        before: tuple[list[Paper], Future[dict[str, PaperVectors]]] | None = None
        for batch in batches(feed.records(), BATCH):
            made = model.submit(embed, self._embedder, self._plan(batch, feed))
            if before:
                yield before[0], before[1].result()
            before = batch, made
        if before:
            yield before[0], before[1].result()

    def _plan(self, batch: list[Paper], feed: Feed) -> list[Paper]:
        """What would be written now, without the lock: the papers whose text is to be embedded."""
        try:
            with self._catalogue.reading(locks.WRITER_WAIT) as snapshot:
                self._catalogue.check(snapshot, self._fingerprint)
                self._refresh(snapshot)
                changed = _merged(batch, self._known, feed).changed
                return [paper for paper in changed.values() if text_key(paper) not in snapshot.vectors]
        except LibraryNotFound:
            return list(_merged(batch, self._known, feed).changed.values())

    def _write(self, batch: list[Paper], feed: Feed, vectors: dict[str, PaperVectors]) -> list[Paper]:
        """Write a batch; or nothing, and return the papers whose vectors are missing.

        That happens where somebody else has changed the library since the batch was planned.
        """
        with self._catalogue.writing(self._fingerprint) as snapshot:
            self._refresh(snapshot)
            changes = _merged(batch, self._known, feed)
            changed = list(changes.changed.values())
            late = [paper for paper in changed if text_key(paper) not in vectors]
            if late := [paper for paper in late if text_key(paper) not in snapshot.vectors]:
                return late
            feed.becoming(changes.became, changes.fused)
            if changed or changes.gone:
                self._put(snapshot, changed, sorted(changes.gone), vectors)
            for event in changes.events:
                event(self._tally)
        return []

    def _put(
        self, snapshot: Snapshot, changed: list[Paper], gone: list[str], vectors: dict[str, PaperVectors]
    ) -> None:
        put(self._catalogue, snapshot, changed, vectors, gone)
        for old in gone:
            self._known.drop(old)
        for paper in changed:
            self._known.put(paper)
        self._state = snapshot.manifest.state

    def _refresh(self, snapshot: Snapshot) -> None:
        if self._state != snapshot.manifest.state:
            self._known = Known(snapshot.papers.values())
            self._state = snapshot.manifest.state


def _merged(batch: Iterable[Paper], known: Known, feed: Feed) -> Changes:
    """What `batch` makes new, changes, or shows to be one."""
    changes, fresh = Changes(), Known()
    for record in batch:
        own = feed.own(record)
        found = _found(record, known, fresh, changes, feed.given and not _made(record))
        if not found and (fresh.get(record.id) or known.get(record.id)):
            record = _told_apart(record)
            again = fresh.get(record.id) or known.get(record.id)
            found = [again] if again else []
        before = found[0] if found else None
        renewed = before is not None and before.id in own and before.id not in changes.became
        after = _joined(record, before, feed.given, renewed) if before else record
        fused = []
        for other in found[1:]:
            if same_paper(after, other):
                after = merge(after, other)
                _fuse(other, known, fresh, changes)
                fused.append(other.id)
        changes.note(after.id, fused)
        if after != before:
            changes.changed[after.id] = after
            fresh.put(after)
        changes.events.append(
            partial(Tally.count, paper=after.id, known=before is not None, changed=after != before)
        )
    return changes


def _found(record: Paper, known: Known, fresh: Known, changes: Changes, by_id: bool) -> list[Paper]:
    """The papers that a record repeats, as they are by now; those of the library first, to keep their ids."""
    now = fresh.find_all(record, by_id=by_id)
    old = known.find_all(record, by_id=by_id)
    now += [paper for paper in old if not fresh.get(paper.id) and paper.id not in changes.gone]
    return sorted(now, key=lambda paper: known.get(paper.id) is None)


def _fuse(other: Paper, known: Known, fresh: Known, changes: Changes) -> None:
    """Take out a paper that has been merged into another."""
    fresh.drop(other.id)
    changes.changed.pop(other.id, None)
    if known.get(other.id):
        changes.gone.add(other.id)
    changes.events.append(partial(Tally.fuse, paper=other.id))


def _made(record: Paper) -> bool:
    """Whether a paper's id was made from its text, and says no more than the text."""
    return record.id == paper_id(record.title, record.abstract, record.doi, record.arxiv_id)


def _told_apart(record: Paper) -> Paper:
    """A paper that shares its made id with another, under an id of its whole text and its authors."""
    whole = repr((record.id, record.abstract, record.authors, record.doi, record.arxiv_id)).encode()
    return replace(record, id=hashlib.blake2b(whole, digest_size=12).hexdigest())


def _joined(record: Paper, before: Paper, given: bool, renewed: bool) -> Paper:
    """A known paper, completed by what repeats it; or told anew, by a caller under its id, or by the file
    that alone gave it.
    """
    if given and before.id == record.id and not _made(record):
        return merge(record, before)
    if renewed:
        source = tuple(dict.fromkeys((*before.source, *record.source)))
        return merge(replace(record, id=before.id, source=source), before)
    return merge(before, record)


def put(
    catalogue: Catalogue,
    snapshot: Snapshot,
    papers: list[Paper],
    vectors: dict[str, PaperVectors],
    gone: Sequence[str] = (),
) -> None:
    """Write papers, whose vectors are in `vectors` or in the library already; take `gone` out.

    Inside `writing`.
    """
    cuts = {paper.id: cut(paper.abstract) for paper in papers}
    rows = {
        text_key(p): (vectors[text_key(p)], len(cuts[p.id].windows)) for p in papers if text_key(p) in vectors
    }
    snapshot.vectors.append(rows)
    catalogue.write(snapshot, [stored(p, snapshot.vectors, cuts[p.id]) for p in papers], gone)


def embed(embedder: Embedder, papers: Sequence[Paper]) -> dict[str, PaperVectors]:
    """The vectors of papers by text key; their passages are the windows, then the sentences."""
    spans = [_spans(cut(paper.abstract)) for paper in papers]
    found = embedder.embed_abstracts([(p.title, p.abstract) for p in papers], spans) if papers else []
    return {text_key(paper): vectors for paper, vectors in zip(papers, found, strict=True)}


def _spans(cuts: Cuts) -> tuple[tuple[int, int], ...]:
    return cuts.windows + cuts.sentences


def embed_missing(catalogue: Catalogue, embedder: Embedder, fingerprint: str) -> None:
    """Make again the vectors that the store's papers have lost."""
    with catalogue.completing(fingerprint) as snapshot:
        for part in batches(snapshot.missing(), BATCH):
            made = embed(embedder, part)
            snapshot.vectors.append(
                {text_key(p): (made[text_key(p)], len(cut(p.abstract).windows)) for p in part}
            )


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items one after another, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
