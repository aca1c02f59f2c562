"""The textbook pipeline: LangChain, HuggingFaceEmbeddings, Chroma, cosine.

Variants: "whole" embeds each paper whole; "split" cuts it first, as LangChain's own tutorial on semantic
search does.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_chroma import Chroma
from langchain_core.documents import Document as Piece
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from tests.benchmarks.rivals.protocol import PIECES, Document, Search, Setting, main

BATCH = 5000  # Chroma takes no more than 5,461 at once, and LangChain hands on what it is given


def index(documents: Sequence[Document], setting: Setting) -> None:
    pieces = [Piece(document.text, metadata={"id": document.id}) for document in documents]
    if setting.variant == "split":
        pieces = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pieces)
    store = chroma(setting)
    for start in range(0, len(pieces), BATCH):
        store.add_documents(pieces[start : start + BATCH])


def open_store(setting: Setting) -> Search:
    store = chroma(setting)
    return lambda question: [piece.metadata["id"] for piece in store.similarity_search(question, k=PIECES)]


def chroma(setting: Setting) -> Chroma:
    """The store as the tutorials make it."""
    return Chroma(
        "papers",
        HuggingFaceEmbeddings(model_name=setting.model),
        persist_directory=setting.store,
        collection_configuration={"hnsw": {"space": "cosine"}},
    )


if __name__ == "__main__":
    main(index, open_store)
