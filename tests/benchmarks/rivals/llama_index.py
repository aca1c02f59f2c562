"""llama-index. Variants: "vectors" is its vector index; "fusion" joins it with its BM25 retriever by rank.

Both as its documentation makes them, with its own splitter and numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core import Document as Text
from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever

from tests.benchmarks.rivals.protocol import PIECES, Document, Search, Setting, main


def index(documents: Sequence[Document], setting: Setting) -> None:
    Settings.embed_model = HuggingFaceEmbedding(model_name=setting.model)
    texts = [Text(text=document.text, doc_id=document.id) for document in documents]
    VectorStoreIndex.from_documents(texts).storage_context.persist(setting.store)


def open_store(setting: Setting) -> Search:
    retriever = open_retriever(setting)
    return lambda question: [found.node.ref_doc_id for found in retriever.retrieve(question)]


def open_retriever(setting: Setting) -> BaseRetriever:
    Settings.embed_model = HuggingFaceEmbedding(model_name=setting.model)
    stored = load_index_from_storage(StorageContext.from_defaults(persist_dir=setting.store))
    vectors = stored.as_retriever(similarity_top_k=PIECES)
    if setting.variant == "vectors":
        return vectors
    words = BM25Retriever.from_defaults(docstore=stored.docstore, similarity_top_k=PIECES)
    return QueryFusionRetriever(
        [vectors, words],
        llm=MockLLM(),  # asked for even where no questions are to be invented
        num_queries=1,
        mode="reciprocal_rerank",
        similarity_top_k=PIECES,
        use_async=False,
    )


if __name__ == "__main__":
    main(index, open_store)
