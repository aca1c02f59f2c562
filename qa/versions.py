"""Who may write to a library at a server, and which of its versions counts: decided by names alone.

A Chroma server has no lock and no transaction, but a name can be given to one collection only, and be
taken away or changed by one caller only. So each write is a version with a number, and has a small
collection without rows:

    claim-0000000017    somebody writes version 17: which process, and a count that it raises while it lives
    done-0000000017-G   version 17 is written, into the collections rows-G and extras-G: the claim, renamed
    failed-0000000017   version 17 came to nothing; rows that bear its number do not count, now or ever
    building            somebody builds the collections of a new generation beside those in use

The head of a library is its highest version that is done. A claim whose process is dead, or has not
raised its count for a while, is taken over: a higher one is made, then the dead one deleted. Deleting by
name and renaming exclude one another, so that a writer that was only slow either has its version done
before, or learns that it failed. No clock of another machine is relied upon.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from qa import locks
from qa.errors import LibraryBusy, StoreUnavailable
from qa.server import Database, Gone

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

_POLL: Final = 0.05  # seconds
_BEAT: Final = 2.0  # seconds between two signs of life
_DEAD: Final = 10.0  # seconds without one
_NOBODY: Final = {"host": "?", "pid": -1, "token": "", "count": 0}
_BUILDING: Final = "building"
_LATER: Final = "try again when that is done"
_ours: set[str] = set()  # claims that this process holds


@dataclass(frozen=True)
class Head:
    """A library at one version: the generation of its collections, and the versions that failed."""

    version: int
    generation: str
    rows: Collection
    extras: Collection
    failed: frozenset[int]


@dataclass
class Claim:
    """The right to write one version. `head` is what it builds on, None in an empty database.

    Whoever is about to write rows of the version sets `begun` before.
    """

    number: int
    head: Head | None
    mark: Collection
    begun: bool = False
    done: bool = False


class Versions:
    """The versions of one library. `host` names this machine, `patience` is how long a dead claim stands."""

    def __init__(self, database: Database, host: str | None = None, patience: float = _DEAD) -> None:
        self._database, self._patience = database, patience
        self._host = host or f"{platform.node()} {uuid.getnode():x}"

    def head(self) -> Head | None:
        """The library as it is now; None when there is none."""
        return _Listed(self._database.collections(at_once=True)).head

    @contextmanager
    def claimed(self, wait: float = locks.WRITER_WAIT) -> Iterator[Claim]:
        """The next version, alone; given up at the end unless `commit` was called. Raises LibraryBusy."""
        token = uuid.uuid4().hex
        _ours.add(token)
        try:
            claim = self._claim(token, wait)
            try:
                with self._alive(claim.mark, token):
                    yield claim
            finally:
                if not claim.done:
                    self._give_up(claim)
        finally:
            _ours.discard(token)

    def commit(self, claim: Claim, generation: str) -> None:
        """Make the claimed version the head. Raises StoreUnavailable when it was taken over."""
        done = f"{_name('done', claim.number)}-{generation}"
        try:
            self._database.call(claim.mark.modify, name=done)
        except Gone as error:
            raise StoreUnavailable(
                "the write took so long that another process went on without it: do it again"
            ) from error
        claim.done = True

    def sweep(self, version: int, *, anew: bool = False) -> None:
        """Delete the marks of versions before `version`.

        `anew`: the rows are of a new generation, so that no row of a failed version is left either.
        """
        for kind, marks in self._listed().marks.items():
            for number, mark in marks.items():
                if number < version and (kind != "failed" or anew):
                    self._database.drop(mark.name)

    def drop_generations(self, kept: str) -> None:
        """Delete the rows of all generations but one. Inside `building`, with a claim held."""
        for name in self._listed().others:
            if not name.endswith(f"-{kept}"):
                self._database.drop(name)

    def has(self, generation: str) -> bool:
        """Whether the collections of a generation are there."""
        return {f"rows-{generation}", f"extras-{generation}"} <= set(self._listed().others)

    @contextmanager
    def building(self) -> Iterator[None]:
        """The right to build a new generation, beside the one in use. Raises LibraryBusy at once."""
        token = uuid.uuid4().hex
        _ours.add(token)
        seen: dict[str, tuple[Any, float]] = {}
        try:
            while (mark := self._database.new(_BUILDING, self._life(token, 0))) is None:
                held = self._listed().building
                if held is None:
                    continue
                life = {**_NOBODY, **(held.metadata or {})}
                if not self._is_dead(life, seen):
                    raise LibraryBusy(f"{_who(life)} rebuilds the library at {self._database.url}: {_LATER}")
                self._discard(held, token)
            try:
                with self._alive(mark, token):
                    yield
            finally:
                with suppress(StoreUnavailable):
                    self._discard(mark, token)
        finally:
            _ours.discard(token)

    def _discard(self, mark: Collection, token: str) -> None:
        """Delete this very mark, and not one that has come in its place: only renaming goes by identity."""
        with suppress(Gone):
            self._database.call(mark.modify, name=f"dead-{token}")
            self._database.drop(f"dead-{token}")

    # Inside ---------------------------------------------------------------------------------------

    def _listed(self) -> _Listed:
        return _Listed(self._database.collections())

    def _claim(self, token: str, wait: float) -> Claim:
        deadline = time.monotonic() + wait
        seen: dict[str, tuple[Any, float]] = {}  # by token: a claim's count, and since when it has stood
        while True:
            listed = self._listed()
            holder = listed.holder()
            if holder is None or self._is_dead(holder, seen):
                claim = self._make(listed.next_number(), token)
                if claim:
                    return claim
            elif time.monotonic() >= deadline:
                raise LibraryBusy(f"{_who(holder)} writes to the library at {self._database.url}: {_LATER}")
            else:
                time.sleep(_POLL)

    def _give_up(self, claim: Claim) -> None:
        """End a claim that was not committed; or was, and the server died before it could say so."""
        with suppress(StoreUnavailable):
            if claim.begun:  # the next writer decides, as it does of one that died
                self._database.call(claim.mark.modify, metadata={**_NOBODY, "pid": 0})
            else:
                self._database.drop(claim.mark.name)

    def _make(self, number: int, token: str) -> Claim | None:
        """A claim to that number, once all before it are decided; None when somebody else was first."""
        made = self._database.new(_name("claim", number), self._life(token, 0))
        if made is None:
            return None
        while True:
            listed = self._listed()
            if (listed.life(number) or _NOBODY)["token"] != token:
                return None  # this process was so slow that another has taken over
            if number in listed.marks["failed"] or listed.version >= number:
                self._database.drop(_name("claim", number))  # the list that the number came from was old
                return None
            undecided = listed.undecided(number)
            if not undecided:
                return Claim(number, listed.head, made)
            self._fail(undecided[0], undecided[0] in listed.marks["claim"])

    def _fail(self, number: int, claimed: bool) -> None:
        if not claimed or self._database.drop(_name("claim", number)):
            self._database.new(_name("failed", number), {"by": "who took over"})

    def _is_dead(self, holder: Mapping[str, Any], seen: dict[str, tuple[Any, float]]) -> bool:
        if not holder["pid"]:
            return True  # given up
        token, now = str(holder["token"]), time.monotonic()
        if holder["host"] == self._host:
            pid = int(holder["pid"])
            if not _runs(pid) or (pid == os.getpid() and token not in _ours):
                return True
        count, since = seen.setdefault(token, (holder["count"], now))
        if count != holder["count"]:
            seen[token] = (holder["count"], now)
            return False
        return now - since >= self._patience

    def _life(self, token: str, count: int) -> dict[str, Any]:
        return {"host": self._host, "pid": os.getpid(), "token": token, "count": count}

    @contextmanager
    def _alive(self, mark: Collection, token: str) -> Iterator[None]:
        """Shows that the holder of a mark lives, in a thread, until the block ends."""
        ended = threading.Event()

        def beat() -> None:
            count = 0
            while not ended.wait(_BEAT):
                count += 1
                life = self._life(token, count)
                with suppress(StoreUnavailable):
                    self._database.call(mark.modify, metadata=life)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(_BEAT)


class _Listed:
    """The collections of a database, told apart by their names."""

    def __init__(self, collections: list[Collection]) -> None:
        self.marks: dict[str, dict[int, Collection]] = {"claim": {}, "done": {}, "failed": {}}
        self.others: dict[str, Collection] = {}
        self.building: Collection | None = None
        for collection in collections:
            kind, _, rest = collection.name.partition("-")
            if collection.name == _BUILDING:
                self.building = collection
            elif kind in self.marks:
                self.marks[kind][int(rest.partition("-")[0])] = collection
            else:
                self.others[collection.name] = collection
        self.version = max(self.marks["done"], default=0)

    @property
    def head(self) -> Head | None:
        """The highest version that is done."""
        if not self.version:
            return None
        generation = self.marks["done"][self.version].name.rpartition("-")[2]
        try:
            rows, extras = (self.others[f"{kind}-{generation}"] for kind in ("rows", "extras"))
        except KeyError as error:
            raise StoreUnavailable(f"the server has lost {error}, which holds a library's papers") from error
        return Head(self.version, generation, rows, extras, frozenset(self.marks["failed"]))

    def holder(self) -> Mapping[str, Any] | None:
        """What the newest claim that is not decided says of itself."""
        open_ = [n for n in self.marks["claim"] if n > self.version and n not in self.marks["failed"]]
        return self.life(max(open_)) if open_ else None

    def life(self, number: int) -> Mapping[str, Any] | None:
        """What the claim to a version says of itself."""
        mark = self.marks["claim"].get(number)
        return {**_NOBODY, **(mark.metadata or {})} if mark else None

    def next_number(self) -> int:
        """A number above all that are here."""
        return 1 + max((number for marks in self.marks.values() for number in marks), default=0)

    def undecided(self, number: int) -> list[int]:
        """The versions between the head and `number` that have not failed yet."""
        return [n for n in range(self.version + 1, number) if n not in self.marks["failed"]]


def _name(kind: str, number: int) -> str:
    return f"{kind}-{number:010}"


def _who(life: Mapping[str, Any]) -> str:
    return f"process {life['pid']} on {str(life['host']).split()[0]}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
