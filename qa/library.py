"""The facade that joins the rooms: add papers, search them, ask them."""

from __future__ import annotations

import json
import operator
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from qa import defaults, disk
from qa.adding import Adding, OnProgress, embed_missing
from qa.answering import Answerer
from qa.answering.choice import choose
from qa.asking import Asking
from qa.confidence import RISK, check_risk
from qa.embedding import Embedder, load_embedder
from qa.errors import InvalidInput, LibraryBusy, LibraryEmpty, StoreUnavailable
from qa.exporting import export
from qa.filters import Date, make_filters
from qa.folders import IndexedFile, InStep, StaleFile
from qa.ledger import Ledger
from qa.paper import AddReport, Answer, Event, Failure, Hit, Paper, Record
from qa.passages import RULES
from qa.query import Message
from qa.reader import Reader
from qa.rebuilding import rebuild
from qa.reranking import Reranker
from qa.snapshot import Snapshot, model_in
from qa.understanding import Understood
from qa.vectors import as_units

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.language_models import BaseChatModel
    from numpy.typing import NDArray

    from qa.retriever import PaperRetriever
    from qa.runnable import AnswerRunnable


@dataclass(frozen=True)
class LibraryStatus(Record):
    """What a library is: its folder, how many papers and passages it holds, what made its vectors.

    And how it stands to the files that its papers came from: those that were read, what in them failed,
    and those that have changed or gone since. `store` is the Chroma server that holds it, if one does; then
    the folder is this machine's own, which follows it.
    """

    path: str
    papers: int
    passages: int
    embedder: str
    fingerprint: str
    indexed: tuple[IndexedFile, ...] = ()
    failed: tuple[Failure, ...] = ()
    stale: tuple[StaleFile, ...] = ()
    store: str | None = None


class Library:
    """A pile of papers that can be asked questions.

    `path` is the library's folder, made by the first `add`. Without one it is the default library,
    which makes itself from the seed papers. `embedder` is a sentence-transformers model by name or
    folder, or any `Embedder`; the bundled model if None, and if "float32" the same unquantised, on torch
    and a GPU where there is one. `answerer` is "extractive", which quotes; or a LangChain chat model or its
    name, such as "ollama:llama3.2", which writes and is checked sentence by sentence; or any `Answerer`.
    If None, what QA_ANSWERER names, else "extractive".
    `risk` is the share of questions that may be answered though no paper answers them: the lower, the more
    often an answer is a no (see `qa.confidence`). `reader` False leaves out the small model that reads the
    best papers with the question: six times faster, with weaker evidence and refusals.
    `reranker` is a sentence-transformers cross-encoder by name or folder, loaded at once, which then puts
    the best papers of each search in order; none by default.
    `store` is the address of a Chroma server, such as "http://127.0.0.1:8000": then the server holds the
    papers, under the last part of `path` as the library's name ("default" without one), for all machines
    that name the same, and `path` is a folder of this machine's own that follows it (see `qa.shared`).
    May be shared among threads; other processes may use the same folder.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        embedder: str | Embedder | None = None,
        answerer: str | BaseChatModel | Answerer | None = None,
        risk: float = RISK,
        reranker: str | None = None,
        reader: bool = True,
        store: str | None = None,
    ) -> None:
        self._catalogue = defaults.catalogue(path, store)
        self.path, self._store = self._catalogue.folder, store
        self._given = embedder
        self._loaded: Embedder | None = None
        self._loading = threading.Lock()
        self._answerer = choose(answerer)
        self.risk = check_risk(risk)
        self._reads = reader
        self._reader_loaded: Reader | None = None
        self._reranker = Reranker(reranker) if reranker is not None else None
        self._known = ("", Ledger(()))  # of which state, and its names
        self._preparing = threading.Lock()
        self._prepared = path is not None or store is not None

    # Papers in and out ----------------------------------------------------------------------------

    def add(
        self,
        source: str | os.PathLike[str] | Iterable[Paper],
        *,
        on_progress: OnProgress | None = None,
        prune: bool = False,
        follow: bool = True,
        ray: str | None = None,
    ) -> AddReport:
        """Add papers: a file, a folder of files, or an iterable of Paper.

        A paper that the library has is completed, not repeated, and nothing is embedded twice. Of a path
        that was added before, only files are read whose content is new, or in which something failed.
        Papers that came from there and are in no file any more are in the report, and are removed if
        `prune` is True. With `follow` False nothing is remembered of the files, as suits a passing copy:
        their papers stay. `on_progress(done, total)` is told of papers when they are written: they survive
        whatever happens then. Raises ReadError when the path cannot be read; what cannot be read inside
        it is in the report. `ray` names a Ray cluster ("local", "auto" or an address) that embeds the texts
        before they are added (see `qa.spreading`).
        """
        self._prepare(on_progress)
        if ray is not None:
            from qa.spreading import spread

            source = spread(self._catalogue, self._embedder(), self._given, self._fingerprint(), source, ray)
        with disk.written(self.path), self._in_step() as step:
            if not isinstance(source, (str, os.PathLike)):
                return step.add_papers(source, on_progress)
            if not follow:
                return step.add_once(source, on_progress)
            return step.add_path(source, on_progress, prune)

    def papers(self) -> list[Paper]:
        """All papers, ordered by title."""
        self._prepare()
        with self._catalogue.reading() as snapshot:
            return sorted(snapshot.papers.values(), key=lambda paper: (paper.title.casefold(), paper.id))

    def embeddings(self) -> dict[str, NDArray[np.float32]]:
        """The unit vector of each paper's title and abstract as a whole by its id, shape (dimension,)."""
        with self._reading() as snapshot:
            rows = snapshot.vectors.passages
            papers = snapshot.papers.values()
            return {paper.id: as_units(rows.rows(snapshot.key(paper))[:1])[0] for paper in papers}

    def export(self, format: str = "jsonl") -> Iterator[str]:
        """All papers, ordered by title, as pieces of a text in "jsonl", "bibtex", "ris" or "csv".

        `add` reads JSON Lines back equal. Raises InvalidInput for another format.
        """
        return export(self.papers(), format)

    def remove(self, paper_id: str) -> None:
        """Take a paper out. Raises InvalidInput when the library has none of that id."""
        self._prepare()
        self._catalogue.require()
        with disk.written(self.path), self._catalogue.writing(self._fingerprint()) as snapshot:
            if not isinstance(paper_id, str) or paper_id not in snapshot.papers:
                raise InvalidInput(f"no paper has the id {paper_id!r}: `qa papers` lists the ids")
            self._catalogue.write(snapshot, [], [paper_id])

    def rebuild(self, *, on_progress: OnProgress | None = None) -> None:
        """Embed all papers again, with this library's embedder. The papers themselves do not change.

        Meanwhile the library is used as it is, and may be added to.
        """
        with disk.written(self.path):
            rebuild(self._catalogue, self._embedder(), self._fingerprint(), on_progress)

    # Questions ------------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        since: Date | None = None,
        until: Date | None = None,
        author: str | None = None,
        source: str | None = None,
    ) -> list[Hit]:
        """The `k` papers that fit the query best, best first, each with its best passage."""
        filters = make_filters(since, until, author, source)
        return self._asking().search(query, check_count(k), filters)

    def answer(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        since: Date | None = None,
        until: Date | None = None,
        author: str | None = None,
        source: str | None = None,
        parse: bool = True,
    ) -> Answer:
        """Answer a question, in the light of the conversation so far, with citations that were checked.

        Dates, authors and the like are understood from its words too, unless `parse` is False; what is
        given as an argument stands before what was understood.
        """
        events = self.stream(
            question, history, since=since, until=until, author=author, source=source, parse=parse
        )
        return [event.answer for event in events if event.answer is not None][-1]

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        since: Date | None = None,
        until: Date | None = None,
        author: str | None = None,
        source: str | None = None,
        parse: bool = True,
        answerer: Answerer | None = None,
    ) -> Iterator[Event]:
        """The same answer as it comes about: statuses, pieces of text, and last the whole `Answer`.

        `answerer` answers this question instead of the library's own.
        """
        filters = make_filters(since, until, author, source)
        return self._asking(answerer).stream(question, history, filters, parse)

    def understand(self, question: str, history: Sequence[Message] = ()) -> Understood:
        """What `answer` takes from the words of a question: dates, authors, an order, a count, the topic."""
        return self._asking().understand(question, history)

    def as_retriever(
        self,
        k: int = 10,
        *,
        since: Date | None = None,
        until: Date | None = None,
        author: str | None = None,
        source: str | None = None,
    ) -> PaperRetriever:
        """This library as a LangChain `BaseRetriever`: `search` with these arguments."""
        from qa.retriever import PaperRetriever

        filters = make_filters(since, until, author, source).to_dict()
        return PaperRetriever(library=self, k=check_count(k), filters=filters)

    def as_runnable(
        self,
        *,
        since: Date | None = None,
        until: Date | None = None,
        author: str | None = None,
        source: str | None = None,
        parse: bool = True,
    ) -> AnswerRunnable:
        """This library as a LangChain `Runnable`: `answer` with these arguments.

        It takes a question, or a dict with "question" and, as wanted, "history" and other such arguments,
        and gives an `Answer`; streamed, answers that add up to it.
        """
        from qa.runnable import AnswerRunnable

        filters = make_filters(since, until, author, source).to_dict()
        return AnswerRunnable(self, {**filters, "parse": parse})

    # The library itself ---------------------------------------------------------------------------

    def status(self) -> LibraryStatus:
        """Counts, what made the vectors, and the files, which are all read to see whether they changed."""
        self._prepare()
        self._catalogue.require()
        with self._in_step() as step:
            stale, indexed, failed = step.stale(), step.indexed(), step.failures()
        with self._catalogue.reading() as snapshot:
            fingerprint = snapshot.store.fingerprint
            return LibraryStatus(
                path=str(self.path),
                papers=len(snapshot.papers),
                passages=snapshot.store.count() - len(snapshot.papers),
                embedder=model_in(fingerprint),
                fingerprint=fingerprint,
                indexed=indexed,
                failed=failed,
                stale=stale,
                store=self._store,
            )

    @property
    def answerer(self) -> str:
        """The name of what answers: "extractive", or a model's."""
        return self._answerer.name

    def close(self) -> None:
        """Let go of the folder. Using the library again opens it again."""
        self._catalogue.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Inside ---------------------------------------------------------------------------------------

    def _in_step(self) -> InStep:
        return InStep(self._catalogue, lambda: Adding(self._catalogue, self._embedder(), self._fingerprint()))

    def _embedder(self) -> Embedder:
        with self._loading:
            if self._loaded is None:
                named = self._given is None or isinstance(self._given, str)
                self._loaded = load_embedder(self._given) if named else self._given  # type: ignore[arg-type, assignment]
            assert self._loaded is not None
            return self._loaded

    def _asking(self, answerer: Answerer | None = None) -> Asking:
        return Asking(
            self._reading,
            self._embedder,
            answerer or self._answerer,
            self._ledger,
            self._reader,
            self.risk,
            self._reranker,
        )

    def _reader(self) -> Reader | None:
        with self._loading:
            if self._reads and self._reader_loaded is None:
                self._reader_loaded = Reader()
            return self._reader_loaded

    def _ledger(self, snapshot: Snapshot) -> Ledger:
        """The names in the records, read once for each state of the library."""
        state, ledger = self._known
        if state != snapshot.manifest.state:
            ledger = Ledger(snapshot.papers.values())
            self._known = (snapshot.manifest.state, ledger)
        return ledger

    def _fingerprint(self) -> str:
        embedder = self._embedder()
        return json.dumps({"model": embedder.name, "dimension": embedder.dimension, "passages": RULES})

    def _prepare(self, on_progress: OnProgress | None = None) -> None:
        """Make the default library from the seeds, or bring it up to them, before its first use."""
        with self._preparing:
            if not self._prepared:
                defaults.make_ready(self._catalogue, self._embedder(), self._fingerprint(), on_progress)
                self._prepared = True

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        """The library as it is now, fit for questions."""
        self._prepare()
        with self._catalogue.reading() as snapshot:
            self._catalogue.check(snapshot, self._fingerprint())
            if not snapshot.papers:
                raise LibraryEmpty(
                    f"{self._catalogue.place} holds no papers: add some with"
                    f" `qa add PATH {self._catalogue.options}`"
                )
            complete, lags = not snapshot.missing(), snapshot.lags
            if complete:
                yield snapshot
        if complete and lags:
            with suppress(StoreUnavailable, LibraryBusy):  # a folder that is read-only, or somebody writes
                self._catalogue.mend(self._fingerprint())
        if not complete:
            embed_missing(self._catalogue, self._embedder(), self._fingerprint())
            with self._catalogue.reading() as snapshot:
                yield snapshot


def check_count(k: int) -> int:
    """`k`, if it is a number of papers to ask for. Raises InvalidInput otherwise."""
    try:
        count = operator.index(k)
    except TypeError:
        count = 0
    if isinstance(k, bool) or count < 1:
        raise InvalidInput(f"k is {k!r}: give a whole number of papers, at least one")
    return count
