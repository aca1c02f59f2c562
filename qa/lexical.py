"""Full-text search over titles and abstracts, by tantivy. Derived from the store, and rebuilt when it lags.

Words are folded (case, accents) and stemmed; the score is BM25 over title and abstract together. The
same text is indexed a second time in overlapping pieces of four characters, which a word shares with
its misspelling and with its relatives that have another stem.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import tantivy

from qa.paper import Paper
from qa.text import STOP_WORDS, words

_ANALYSER = "english"
_PIECES = "pieces"
_PIECE = 4  # characters; of three to five, the best on four collections
_HEAP = 50_000_000  # bytes for the writer's buffer; tantivy wants at least 15 MB a thread


class Lexical:
    """The full-text index in `folder`; in memory when `folder` is None.

    `state` is the library's state that it was derived from; empty for a new one.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._stamp = folder / _STAMP if folder else None
        self._index = tantivy.Index(_schema(), path=str(folder) if folder else None)
        self._index.register_tokenizer(_ANALYSER, _analyser())
        self._index.register_tokenizer(_PIECES, _piece_analyser())
        self._index.reload()
        self.state = self._stamp.read_text() if self._stamp and self._stamp.is_file() else ""

    @property
    def on_disk(self) -> bool:
        """Whether it is kept in a folder."""
        return self._stamp is not None

    @classmethod
    def open(cls, folder: Path) -> Lexical | None:
        """The index in `folder`, or None when there is none that can be read."""
        try:
            return cls(folder) if tantivy.Index.exists(str(folder)) else None
        except (OSError, ValueError):
            return None

    def write(
        self, state: str, papers: Iterable[Paper], removed: Sequence[str] = (), *, anew: bool = False
    ) -> None:
        """Add or replace `papers` and drop `removed`; with `anew`, forget everything else first."""
        writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        if anew:
            writer.delete_all_documents()
        for paper_id in removed:
            writer.delete_documents_by_term("id", paper_id)
        for paper in papers:
            writer.delete_documents_by_term("id", paper.id)
            text = f"{paper.title}\n{paper.abstract}"
            writer.add_document(tantivy.Document(id=paper.id, text=text, pieces=_plain(text)))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self.follow(state)

    def follow(self, state: str) -> None:
        """Take the stamp of a library in which no text has changed."""
        self.state = state
        if self._stamp:
            self._stamp.write_text(state)

    def rarity(self, stem: str) -> float:
        """The inverse document frequency of a stem: the fewer papers hold it, the higher; never below 0."""
        searcher = self._index.searcher()
        return _rarity(searcher.num_docs, searcher.doc_freq("text", stem))

    def weight(self, query: str) -> float:
        """The rarity of all words of a query together; BM25 gives a paper up to 2.2 times that."""
        return sum(self.rarity(stem) for stem in dict.fromkeys(stems(" ".join(search_words(query)))))

    def search(self, query: str, limit: int, among: Collection[str] | None = None) -> dict[str, float]:
        """BM25 scores of the best `limit` papers by id, best first; empty when no word is found.

        Only of the papers `among`, if they are given; with more than some 10,000 that gets slow.
        """
        parsed, _ = self._index.parse_query_lenient(" ".join(search_words(query)), ["text"])
        return self._best(parsed, limit, among)

    def search_pieces(self, query: str, limit: int, among: Collection[str] | None = None) -> dict[str, float]:
        """BM25 of the best `limit` papers by id, as a share of the rarity of the query's pieces."""
        pieces = _pieces(query)
        if not pieces:
            return {}
        searcher = self._index.searcher()
        most = sum(_rarity(searcher.num_docs, searcher.doc_freq(_PIECES, piece)) for piece in pieces)
        terms = [tantivy.Query.term_query(self._index.schema, _PIECES, piece, "freq") for piece in pieces]
        parsed = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        return {paper: score / most for paper, score in self._best(parsed, limit, among).items()}

    def _best(self, query: tantivy.Query, limit: int, among: Collection[str] | None) -> dict[str, float]:
        if among is not None:
            these = tantivy.Query.term_set_query(self._index.schema, "id", list(among))
            parts = [query, tantivy.Query.const_score_query(these, 0.0)]
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])
        searcher = self._index.searcher()
        hits = searcher.search(query, limit).hits
        return {searcher.doc(address)["id"][0]: float(score) for score, address in hits}


_STAMP = "library-state"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name=_ANALYSER)
    builder.add_text_field(_PIECES, tokenizer_name=_PIECES, index_option="freq")
    return builder.build()


def _rarity(papers: int, holding: int) -> float:
    return math.log(1 + (papers - holding + 0.5) / (holding + 0.5))


def _piece_analyser() -> tantivy.TextAnalyzer:
    tokenizer = tantivy.Tokenizer.ngram(min_gram=_PIECE, max_gram=_PIECE, prefix_only=False)
    return tantivy.TextAnalyzerBuilder(tokenizer).build()


def _plain(text: str) -> str:
    """The words of `text` that are no stop words, folded, with a space around each."""
    return f" {' '.join(word for word in words(text) if word not in STOP_WORDS)} "


def _pieces(query: str) -> list[str]:
    """The pieces of a query, each once, as the index cuts them."""
    text = _plain(query)
    return list(dict.fromkeys(text[i : i + _PIECE] for i in range(len(text) - _PIECE + 1)))


@functools.cache
def _shared_analyser() -> tantivy.TextAnalyzer:
    return _analyser()


def _analyser() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(100))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def stems(text: str) -> list[str]:
    """The words of `text` as the index holds them: folded and stemmed, stop words included.

    >>> stems("Müller's networks generalise")
    ['muller', 's', 'network', 'generalis']
    """
    return list(_shared_analyser().analyze(text))


def search_words(query: str) -> list[str]:
    """The words of `query` that are searched for, lower case, each once, in order.

    >>> search_words("How is the KV cache made smaller?")
    ['kv', 'cache', 'made', 'smaller']
    """
    return [word for word in dict.fromkeys(re.findall(r"\w+", query.lower())) if word not in STOP_WORDS]
