"""txtai's hybrid index: dense vectors and BM25, each with half of the weight, as it comes."""

from __future__ import annotations

from collections.abc import Sequence

from txtai import Embeddings

from tests.benchmarks.rivals.protocol import FOUND, Document, Search, Setting, main


def index(documents: Sequence[Document], setting: Setting) -> None:
    embeddings = Embeddings(path=setting.model, hybrid=True)
    embeddings.index((document.id, document.text, None) for document in documents)
    embeddings.save(setting.store)


def open_store(setting: Setting) -> Search:
    embeddings = Embeddings()
    embeddings.load(setting.store)
    return lambda question: [found for found, _ in embeddings.search(question, FOUND)]


if __name__ == "__main__":
    main(index, open_store)
