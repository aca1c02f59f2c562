"""A library at a Chroma server, shared by many processes and machines; and how each of them follows it.

The server holds the papers and their passages. Each machine keeps what is derived from them in a folder:

    papers.db   the records, and the state of the server that all this was derived from
    lock        held shared by readers of this machine, alone by whoever brings the folder up to date
    vectors/    vectors of sentences and words, from the server, or made again
    text/       the full-text index

A question asks the server once which state is the newest, follows it if need be, and is then answered
from the folder as it is at that state; only the nearest passages are the server's to find. A writer
claims the next version (see `qa.versions`), follows, writes rows that count once the version is done,
and last of all brings its own folder up to date.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from qa import locks
from qa.catalogue import Beside, Catalogue
from qa.errors import InvalidInput, LibraryBusy, StoreUnavailable
from qa.lexical import Lexical
from qa.paper import Paper
from qa.register import Later
from qa.remote import RemoteBeside, RemoteStore, new_generation
from qa.server import Database
from qa.snapshot import Manifest, Snapshot
from qa.store import StoredPaper
from qa.vectors import VectorFiles, text_key
from qa.versions import Claim, Head, Versions

log = logging.getLogger("qa")
_MANY: Final = 1000  # papers to read, of which the user is told


@dataclass(frozen=True)
class Stamp:
    """A state of a library at a server, as text the same on every machine."""

    generation: str
    version: int

    def __str__(self) -> str:
        return f"{self.generation}@{self.version}"

    @classmethod
    def read(cls, text: str) -> Stamp | None:
        """What `str` has made."""
        generation, _, version = text.partition("@")
        return cls(generation, int(version)) if version else None


class Write:
    """What one claim has written so far; `head` is where it writes."""

    def __init__(self, claim: Claim) -> None:
        assert claim.head is not None
        self.claim, self.head = claim, claim.head
        self.papers: dict[str, Paper] = {}
        self.removed: dict[str, None] = {}
        self.old: set[str] = set()  # papers with rows of older versions
        self.old_texts: set[str] = set()

    @property
    def stamp(self) -> Stamp:
        """The state that the library will have."""
        return Stamp(self.head.generation, self.claim.number)


class SharedCatalogue(Catalogue):
    """The library `name` at the server `url`, followed in `folder`."""

    def __init__(self, url: str, name: str, folder: Path) -> None:
        super().__init__(folder)
        self._database = Database(url, name)
        self._versions = Versions(self._database)
        self._name = name
        self._following = threading.Lock()
        self._write: Write | None = None
        self._head: Head | None = None  # the newest that this process knows of

    @property
    def place(self) -> str:
        """Where the library is, in words."""
        return f"{self._database.url.rstrip('/')}/{self._name}"

    @property
    def options(self) -> str:
        """The options by which a command names this library."""
        return f"--library {self._name} --store {self._database.url}"

    def state(self) -> str:
        """The stamp of now."""
        head = self._newest()
        return str(Stamp(head.generation, head.version))

    def exists(self) -> bool:
        """Whether the server has the library. Raises StoreUnavailable when there is no server."""
        return self._versions.head() is not None

    @contextmanager
    def reading(self, wait: float = locks.READER_WAIT) -> Iterator[Snapshot]:
        """The library as it is now, kept so until the block ends. LibraryNotFound, LibraryBusy."""
        try:
            self._follow(self._newest(), wait / 2)
        except LibraryBusy:  # what is here is older, and whole
            if self._here is None:
                raise
        with locks.shared(self._lock, wait / 2), self._used() as snapshot:
            yield snapshot

    @contextmanager
    def writing(
        self, fingerprint: str, *, anew: bool = False, wait: float = locks.WRITER_WAIT
    ) -> Iterator[Snapshot]:
        """The library, alone; made with `fingerprint` when there is none. See `Catalogue.writing`."""
        if not self.exists():
            self._create(fingerprint)
        self._follow(self._newest(), wait)  # the most of it before anybody has to wait
        with self._versions.claimed(wait) as claim:
            write = Write(claim)
            self._follow(write.head, wait)
            with locks.exclusive(self._lock, wait):
                try:
                    with self._used() as snapshot:
                        if not anew:
                            self.check(snapshot, fingerprint)
                        self._catch_up(snapshot)
                        self._write = write
                        yield snapshot
                        self._finish(write, snapshot)
                except BaseException:
                    self.close()  # what is in memory may be ahead of what was written
                    raise

    @contextmanager
    def completing(self, fingerprint: str) -> Iterator[Snapshot]:
        """The library's folder, alone, in order to add vectors that it has lost."""
        with locks.exclusive(self._lock), self._used() as snapshot:
            yield snapshot

    def mend(self, fingerprint: str) -> None:
        """Make the full-text index again where it has missed a write. See `Catalogue.mend`."""
        with locks.exclusive(self._lock, 0), self._used() as snapshot:
            self._catch_up(snapshot)

    def write(self, snapshot: Snapshot, papers: Sequence[StoredPaper], removed: Sequence[str] = ()) -> None:
        """Put papers in, or in the place of those of the same id; take `removed` out. Inside `writing`.

        Nobody sees it before `writing` ends.
        """
        write, store = self._begun()
        before = [snapshot.papers[stored.paper.id] for stored in papers if stored.paper.id in snapshot.papers]
        before += [snapshot.papers[paper_id] for paper_id in removed]
        old_texts, new_texts = set(map(snapshot.key, before)), {text_key(stored.paper) for stored in papers}
        for paper in before:
            write.old.add(paper.id)
            snapshot.forget(paper.id)
            del snapshot.papers[paper.id]
        write.old_texts = (write.old_texts | old_texts) - new_texts
        store.write(write.claim.number, papers, sorted(new_texts - old_texts), snapshot.vectors)
        store.remove(write.claim.number, removed)
        new = {stored.paper.id: stored.paper for stored in papers}
        snapshot.papers |= new
        write.papers = {i: p for i, p in write.papers.items() if i not in removed} | new
        write.removed = {i: None for i in write.removed if i not in new} | dict.fromkeys(removed)
        snapshot.manifest = _manifest(write.stamp)

    @contextmanager
    def beside(self, fingerprint: str) -> Iterator[Beside]:
        """New collections beside those in use, to be filled and given to `switch`; else they are deleted.

        One at a time on all machines: for a second one LibraryBusy.
        """
        with self._versions.building():
            with self._versions.claimed() as claim:  # so that nobody switches to what is deleted
                if claim.head:
                    self._versions.drop_generations(claim.head.generation)
            beside = RemoteBeside(self._database, fingerprint, self.folder)
            try:
                yield beside
            finally:
                shutil.rmtree(beside.folder, ignore_errors=True)
                with suppress(StoreUnavailable), self._versions.claimed() as claim:
                    if claim.head:
                        self._versions.drop_generations(claim.head.generation)

    def switch(self, snapshot: Snapshot, beside: Beside) -> None:
        """Put collections and their vectors in the place of those in use. Inside `writing`."""
        assert isinstance(beside, RemoteBeside)
        if not self._versions.has(beside.head.generation):
            raise StoreUnavailable("the rebuild took so long that another process deleted it: do it again")
        write, _ = self._begun()
        write.head = beside.head
        if beside.folder.is_dir():
            self._vectors(write.head.generation).parent.mkdir(exist_ok=True)
            os.replace(beside.folder, self._vectors(write.head.generation))

    # At the server ---------------------------------------------------------------------------------

    def _newest(self) -> Head:
        self._head = self._versions.head()
        if self._head is None:
            self.require()
            raise LibraryBusy(f"{self.place} was made this moment: try again")
        return self._head

    def _create(self, fingerprint: str) -> None:
        """Make an empty library, unless somebody else was first."""
        self._database.make()
        with self._versions.claimed() as claim:
            if claim.head is None:
                claim.begun = True
                head = new_generation(self._database, fingerprint)
                self._versions.commit(claim, head.generation)

    def _begun(self) -> tuple[Write, RemoteStore]:
        """The write that is under way, from now on with rows at the server."""
        assert self._write is not None
        self._write.claim.begun = True
        return self._write, RemoteStore(self._database, self._write.head)

    def _finish(self, write: Write, snapshot: Snapshot) -> None:
        """Make what was written count, then clean up behind it."""
        self._write = None
        if not write.claim.begun:
            return
        self._versions.commit(write.claim, write.head.generation)
        anew = write.head is not write.claim.head
        if anew:
            self.close()  # and follow, as everybody else
        else:
            self._derive(snapshot, str(write.stamp), list(write.papers.values()), (), list(write.removed))
        with suppress(StoreUnavailable):  # what is left over does not count
            if not anew:
                self._forget(write, snapshot)
            self._versions.sweep(write.claim.number, anew=anew)

    def _forget(self, write: Write, snapshot: Snapshot) -> None:
        """Delete the rows in whose place others have come."""
        texts = write.old_texts
        if texts:
            texts = texts - {snapshot.key(paper) for paper in snapshot.papers.values()}
        assert write.claim.head is not None
        failed = [n for n in write.head.failed if n > write.claim.head.version]
        store = RemoteStore(self._database, write.head)
        store.supersede(write.claim.number, sorted(write.old), sorted(texts), failed)

    # On this machine -------------------------------------------------------------------------------

    def _follow(self, head: Head, wait: float) -> None:
        """Bring the folder to a state of the server. LibraryBusy when others use it for so long."""
        stamp = Stamp(head.generation, head.version)
        if self._here == stamp:
            return
        if self._manifest.exists():
            raise InvalidInput(
                f"{self.folder} holds a library of its own: give another --library, or leave out --store"
            )
        self._make_folder()
        with self._following, locks.exclusive(self._lock, wait):
            here = self._here
            if here is None or here.generation != head.generation or here.version != head.version:
                self._read_new(head, here)

    def _read_new(self, head: Head, here: Stamp | None) -> None:
        """Read what is new at the server since `here`. The caller holds the lock alone."""
        known: dict[str, tuple[Paper, int]] = {}
        while True:
            anew = here is None or here.generation != head.generation or here.version > head.version
            store = RemoteStore(self._database, head)
            changes = store.changes(-1 if anew or here is None else here.version)
            wanted = {p: v for p, v in changes.written.items() if p not in known or known[p][1] != v}
            if len(wanted) > _MANY:
                log.info(f"reading {len(wanted):,} papers from {self.place}, which this machine has not yet")
            known |= {paper.id: (paper, wanted[paper.id]) for paper in store.papers(wanted)}
            complete = all(p in known and known[p][1] == v for p, v in changes.written.items())
            newest = self._newest()
            if complete and newest.version == head.version:
                break
            head = newest  # somebody has written meanwhile, and may have deleted what was to be read
        vectors = VectorFiles(self._vectors(head.generation))
        papers = [known[paper_id][0] for paper_id in changes.written]
        keys = dict.fromkeys(map(text_key, papers))
        store.fetch((key for key in keys if key not in vectors), vectors)
        self._bring(Stamp(head.generation, head.version), papers, changes.removed, anew)

    def _bring(self, stamp: Stamp, papers: Sequence[Paper], removed: Sequence[str], anew: bool) -> None:
        """Bring records and full-text index to a state; what is in the folder may be older, or damaged."""
        before = self._register.state
        lexical = None if anew else Lexical.open(self.folder / "text")
        self._register.write(str(stamp), papers, removed, anew=anew)
        if lexical is None or lexical.state != before:
            shutil.rmtree(self.folder / "text", ignore_errors=True)
            lexical, papers, removed = Lexical(self.folder / "text"), self._all(), ()
        lexical.write(str(stamp), papers, removed)
        for folder in self._vectors("").glob("*"):
            if folder.name != stamp.generation:
                shutil.rmtree(folder, ignore_errors=True)

    def _all(self) -> list[Paper]:
        return [paper for paper, _ in self._register.read().papers]

    @property
    def _here(self) -> Stamp | None:
        """The state that the folder is at."""
        return Stamp.read(self._register.state)

    def _current(self) -> Snapshot:
        """The snapshot of the state that the folder is at. The caller holds a lock."""
        here = self._here
        if here is None:
            raise StoreUnavailable(f"{self.folder} has lost what it knew of {self.place}: try again")
        head = self._head
        if head is None or head.generation != here.generation:
            head = self._newest()
        if head.generation != here.generation:
            raise LibraryBusy(f"{self.place} was rebuilt this moment: try again")
        if self._snapshot is None or self._snapshot.manifest != _manifest(here):
            self._snapshot = self._opened(here, RemoteStore(self._database, head), self._snapshot)
        return self._snapshot

    def _opened(self, here: Stamp, store: RemoteStore, old: Snapshot | None) -> Snapshot:
        """A snapshot of the folder; made from the one before it where that is of the same generation."""
        manifest = _manifest(here)
        if old and old.manifest.collection == manifest.collection:
            later = self._register.read(old.write or 0)
            if later.write >= (old.write or 0):  # else the records were made anew
                snapshot = replace(old, manifest=manifest, store=store)
                snapshot.vectors.reload()
                return self._complete(snapshot, later)
        vectors = VectorFiles(self._vectors(here.generation))
        return self._complete(Snapshot(manifest, store, {}, vectors, Lexical(None)), self._register.read())

    def _complete(self, snapshot: Snapshot, later: Later) -> Snapshot:
        snapshot.take(later)
        snapshot.lexical = self._open_lexical(snapshot.manifest, snapshot.papers)
        return snapshot


def _manifest(stamp: Stamp) -> Manifest:
    return Manifest(state=str(stamp), collection=stamp.generation)
