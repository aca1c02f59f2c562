"""BM25 alone: bm25s with stemming and without stop words, as its front page shows it. No model."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import Stemmer

from tests.benchmarks.rivals.protocol import FOUND, Document, Search, Setting, main


def index(documents: Sequence[Document], setting: Setting) -> None:
    engine = bm25s.BM25()
    engine.index(words([document.text for document in documents]), show_progress=False)
    engine.save(setting.store, corpus=[document.id for document in documents])


def open_store(setting: Setting) -> Search:
    engine = bm25s.BM25.load(setting.store, load_corpus=True)

    def search(question: str) -> list[str]:
        found = engine.retrieve(words([question]), k=FOUND, show_progress=False)
        return [document["text"] for document in found.documents[0]]

    return search


def words(texts: Sequence[str]) -> bm25s.tokenization.Tokenized:
    stemmer = Stemmer.Stemmer("english")
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)


if __name__ == "__main__":
    main(index, open_store)
