"""The folder of a library on disk: what is in it, who may touch it, and how readers keep up with writers.

    library.json   the state stamp, the Chroma collection in use, and hashes of the seed files it holds
    lock           held shared by readers, alone by a writer
    chroma/        the store, the only source of truth; after a rebuild under another name
    papers.db      the records of the papers, derived
    vectors/       vectors of passages and words by text, derived; one folder per collection
    text/          the full-text index, derived
    files.db       which files gave which papers, see `qa.files`
    rebuild.lock   held by who rebuilds

A writer appends vectors, which nothing names yet, and changes the stamp before it changes anything
else. A reader that finds another stamp than its own reads what came later. Records or a full-text index
with another stamp than the library's have missed a write: what is in the store stands in for them, until
they are made again.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from qa import locks
from qa.errors import FingerprintMismatch, LibraryNotFound, StoreUnavailable
from qa.lexical import Lexical
from qa.paper import Paper
from qa.register import Register
from qa.snapshot import FORMAT, Manifest, Snapshot, model_in
from qa.store import Store, StoredPaper, row_ids
from qa.vectors import VectorFiles

_READABLE = (1, 2)


class Beside(Protocol):
    """A new collection beside the one in use, with its vectors in a folder of its own."""

    vectors: VectorFiles

    def write(self, papers: Sequence[StoredPaper], removed: Sequence[str] = ()) -> None:
        """Put papers in, or in the place of those of the same id; take `removed` out."""


class FolderBeside:
    """See `Beside`. The collection too is in that folder, which nobody else uses."""

    def __init__(self, folder: Path, collection: str, fingerprint: str) -> None:
        self.folder, self.collection = folder, collection
        self.vectors_folder = folder / "vectors"
        self.vectors = VectorFiles(self.vectors_folder)
        self._store = Store(folder, collection, create=fingerprint)
        self._rows: dict[str, list[str]] = {}

    def write(self, papers: Sequence[StoredPaper], removed: Sequence[str] = ()) -> None:
        """Put papers in, or in the place of those of the same id; take `removed` out."""
        before = [row for p in papers for row in self._rows.get(p.paper.id, ())]
        before += [row for paper_id in removed for row in self._rows.pop(paper_id)]
        self._rows |= {p.paper.id: row_ids(p.paper.id, len(p.windows)) for p in papers}
        after = {row for p in papers for row in self._rows[p.paper.id]}
        self._store.write(papers, gone=[row for row in before if row not in after])

    def close(self) -> None:
        """Let go of the folder."""
        self._store.close()


class Catalogue:
    """The files of one library, shared safely among threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = folder / "lock"
        self._manifest = folder / "library.json"
        self._register = Register(folder)
        self._snapshot: Snapshot | None = None
        self._opening = threading.Lock()
        self._users = 0  # blocks that use the snapshot now
        self._closing = False

    def exists(self) -> bool:
        """Whether a library is there. Raises StoreUnavailable when something else is."""
        try:
            if self.folder.exists() and not self.folder.is_dir():
                raise StoreUnavailable(f"{self.folder} is a file: a library is a folder, give another name")
            return self._manifest.is_file()
        except (OSError, ValueError) as error:  # too long, or with a NUL
            raise StoreUnavailable(f"{str(self.folder)!r:.200} is no folder's name: {error}") from error

    @property
    def place(self) -> str:
        """Where the library is, in words."""
        return str(self.folder)

    @property
    def options(self) -> str:
        """The options by which a command names this library."""
        return f"--library {self.folder}"

    def require(self) -> None:
        """Raise LibraryNotFound when no library is there."""
        if not self.exists():
            raise LibraryNotFound(f"no library at {self.place}: make one with `qa add PATH {self.options}`")

    def state(self) -> str:
        """The stamp of now, without opening the store."""
        return self._load().state

    @contextmanager
    def reading(self, wait: float = locks.READER_WAIT) -> Iterator[Snapshot]:
        """The library as it is now, kept so until the block ends. LibraryNotFound, LibraryBusy."""
        self.require()
        with locks.shared(self._lock, wait), self._used() as snapshot:
            yield snapshot

    @contextmanager
    def writing(
        self, fingerprint: str, *, anew: bool = False, wait: float = locks.WRITER_WAIT
    ) -> Iterator[Snapshot]:
        """The library, alone; made with `fingerprint` when there is none. Changes go through `write`.

        Raises FingerprintMismatch when it was made with another one, unless it is about to be made `anew`.
        """
        if not self.exists():
            self._make_folder()
        with locks.exclusive(self._lock, wait):
            if not self._manifest.is_file():
                self._create(fingerprint)
            try:
                with self._used() as snapshot:
                    if not anew:
                        self.check(snapshot, fingerprint)
                    yield snapshot
            except BaseException:
                self.close()  # what is in memory may be ahead of what was written
                raise

    @contextmanager
    def completing(self, fingerprint: str) -> Iterator[Snapshot]:
        """The library, alone, in order to add vectors that it has lost; its papers do not change."""
        with self.writing(fingerprint) as snapshot:
            yield snapshot

    def check(self, snapshot: Snapshot, fingerprint: str) -> None:
        """Raise FingerprintMismatch unless the library was made with `fingerprint`."""
        made = snapshot.store.fingerprint
        if made != fingerprint:
            raise FingerprintMismatch(
                f"{self.place} was made with {model_in(made)!r}, not as {model_in(fingerprint)!r} makes it:"
                f" run `qa rebuild {self.options}`, or name the embedder that it was made with"
            )

    def write(self, snapshot: Snapshot, papers: Sequence[StoredPaper], removed: Sequence[str] = ()) -> None:
        """Put papers in, or in the place of those of the same id; take `removed` out. Inside `writing`."""
        store = snapshot.store
        assert isinstance(store, Store)
        state = self._stamp(snapshot)
        same = [stored.paper for stored in papers if snapshot.has_text(stored.paper)]
        store.describe(same)
        snapshot.papers |= {paper.id: paper for paper in same}
        new = [stored for stored in papers if not snapshot.has_text(stored.paper)]
        known = [stored.paper.id for stored in new if stored.paper.id in snapshot.papers]
        before = [row for paper_id in (*known, *removed) for row in snapshot.rows(paper_id)]
        after = {row for stored in new for row in row_ids(stored.paper.id, len(stored.windows))}
        store.write(new, gone=[row for row in before if row not in after])
        for paper_id in (*known, *removed):
            snapshot.forget(paper_id)
            snapshot.papers.pop(paper_id, None)
        snapshot.papers |= {stored.paper.id: stored.paper for stored in new}
        self._derive(snapshot, state, [stored.paper for stored in new], same, removed)

    def mend(self, fingerprint: str) -> None:
        """Make again what is derived and lags behind, so that the next to open the library need not.

        At once or never: LibraryBusy while anybody else uses it, StoreUnavailable if it cannot be written.
        """
        with self.writing(fingerprint, wait=0) as snapshot:
            self._catch_up(snapshot)

    def mark_seeds(self, snapshot: Snapshot, seeds: dict[str, str]) -> None:
        """Note which seed files the library holds, with a hash of each. Inside `writing`."""
        snapshot.manifest = replace(snapshot.manifest, seeds=seeds)
        self._save(snapshot.manifest)

    @contextmanager
    def beside(self, fingerprint: str) -> Iterator[Beside]:
        """A new collection beside the one in use, to be filled and given to `switch`; else it is deleted.

        One at a time: for a second one LibraryBusy. What a process that died has left is deleted.
        """
        with locks.exclusive(self.folder / "rebuild.lock"):
            used = self._load()
            folders = (*self.folder.glob("rebuilt-*"), self.folder / "chroma", *self._vectors("").glob("*"))
            for left in folders:
                if left.name not in (used.chroma, used.collection):
                    shutil.rmtree(left, ignore_errors=True)
            collection = _new_collection()
            beside = FolderBeside(self.folder / f"rebuilt-{collection}", collection, fingerprint)
            try:
                yield beside
            finally:
                beside.close()
                if self._load().chroma != beside.folder.name:
                    shutil.rmtree(beside.folder, ignore_errors=True)

    def switch(self, snapshot: Snapshot, beside: Beside) -> None:
        """Put a collection and its vectors in the place of those in use. Inside `writing`."""
        assert isinstance(beside, FolderBeside)
        old = snapshot.manifest
        new = replace(
            old,
            state=_new_state(),
            collection=beside.collection,
            chroma=beside.folder.name,
            format=FORMAT,
        )
        beside.close()
        if beside.vectors_folder.is_dir():
            self._vectors(new.collection).parent.mkdir(exist_ok=True)
            os.replace(beside.vectors_folder, self._vectors(new.collection))
        self._save(new)
        self._derive(snapshot, new.state)  # the same papers, under the new stamp
        shutil.rmtree(self._vectors(old.collection), ignore_errors=True)
        shutil.rmtree(self.folder / old.chroma, ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder, as soon as nobody reads it. The next use opens it again."""
        with self._opening:
            self._closing = True
            self._close_if_unused()

    @contextmanager
    def _used(self) -> Iterator[Snapshot]:
        """The snapshot of now, counted as in use until the block ends."""
        with self._opening:
            snapshot = self._current()
            self._users += 1
            self._closing = False
        try:
            yield snapshot
        finally:
            with self._opening:
                self._users -= 1
                self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._closing and not self._users and self._snapshot:
            self._snapshot.store.close()
            self._snapshot = None

    # What is on disk -------------------------------------------------------------------------------

    def _vectors(self, collection: str) -> Path:
        return self.folder / "vectors" / collection

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.touch()
        except OSError as error:
            raise StoreUnavailable(f"{self.folder} cannot be written: {error.strerror}") from error

    def _create(self, fingerprint: str) -> None:
        manifest = Manifest(state=_new_state(), collection=_new_collection())
        Store(self.folder / manifest.chroma, manifest.collection, create=fingerprint).close()
        self._save(manifest)

    def _current(self) -> Snapshot:
        """The snapshot of the present stamp. The caller holds a lock, so nobody uses one of another."""
        manifest = self._load()
        if self._snapshot is not None and self._snapshot.manifest.state == manifest.state:
            self._snapshot.manifest = manifest
            return self._snapshot
        before, self._snapshot = self._snapshot, None
        if before:
            before.store.close()
        with _no_collecting():
            self._snapshot = self._open(manifest, before)
        return self._snapshot

    def _open(self, manifest: Manifest, before: Snapshot | None) -> Snapshot:
        """The library at this stamp; what was known of it before is kept."""
        store = Store(self.folder / manifest.chroma, manifest.collection)
        store.read_ahead()
        same = before is not None and before.manifest.collection == manifest.collection
        if before and same and before.write is not None:
            snapshot = replace(before, manifest=manifest, store=store)
            snapshot.vectors.reload()
        else:
            vectors = VectorFiles(self._vectors(manifest.collection))
            snapshot = Snapshot(manifest, store, {}, vectors, Lexical(None), 0)
        if self._register.state == manifest.state:
            snapshot.take(self._register.read(snapshot.write or 0))
        else:
            papers = {paper.id: paper for paper in store.papers()}
            snapshot = Snapshot(manifest, store, papers, snapshot.vectors, snapshot.lexical)
        snapshot.lexical = self._open_lexical(manifest, snapshot.papers)
        return snapshot

    def _open_lexical(self, manifest: Manifest, papers: dict[str, Paper]) -> Lexical:
        """The full-text index on disk, or one in memory when that has missed a write."""
        lexical = Lexical.open(self.folder / "text")
        if lexical is None or lexical.state != manifest.state:
            lexical = Lexical(None)
            lexical.write(manifest.state, papers.values())
        return lexical

    def _stamp(self, snapshot: Snapshot) -> str:
        """Change the stamp, once all that is derived has the present one."""
        self._catch_up(snapshot)
        snapshot.manifest = replace(snapshot.manifest, state=_new_state(), format=FORMAT)
        self._save(snapshot.manifest)
        return snapshot.manifest.state

    def _catch_up(self, snapshot: Snapshot) -> None:
        state, papers = snapshot.manifest.state, snapshot.papers.values()
        if not snapshot.lexical.on_disk:
            shutil.rmtree(self.folder / "text", ignore_errors=True)
            snapshot.lexical = Lexical(self.folder / "text")
            snapshot.lexical.write(state, papers, anew=True)
        if snapshot.write is None:
            snapshot.write = self._register.write(state, papers, anew=True)

    def _derive(
        self,
        snapshot: Snapshot,
        state: str,
        new: Sequence[Paper] = (),
        same: Sequence[Paper] = (),
        removed: Sequence[str] = (),
    ) -> None:
        """Bring what is derived to the store's new state: new texts, records of known texts, papers gone."""
        if new or removed:
            snapshot.lexical.write(state, new, removed)
        else:
            snapshot.lexical.follow(state)
        snapshot.write = self._register.write(state, [*new, *same], removed)

    def _load(self) -> Manifest:
        try:
            values = json.loads(self._manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StoreUnavailable(f"{self._manifest} cannot be read: {error}") from error
        try:
            manifest = Manifest(**values)
        except TypeError as error:
            raise StoreUnavailable(f"{self._manifest} is not what qa writes there: {error}") from error
        if manifest.format not in _READABLE:
            raise StoreUnavailable(
                f"{self.folder} was made by another version of qa: use that one, or add the papers elsewhere"
            )
        return manifest

    def _save(self, manifest: Manifest) -> None:
        scratch = self._manifest.with_suffix(".new")
        try:
            with scratch.open("w", encoding="utf-8") as file:
                json.dump(asdict(manifest), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(scratch, self._manifest)
        except OSError as error:
            raise StoreUnavailable(f"{self._manifest} cannot be written: {error.strerror}") from error


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Without the collector of cycles, which otherwise looks again and again at what makes no cycles.

    For a library of 100,000 papers that is a third of the time of opening it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _new_state() -> str:
    return uuid.uuid4().hex[:16]


def _new_collection() -> str:
    return f"papers-{uuid.uuid4().hex[:8]}"
