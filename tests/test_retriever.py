from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda

from qa import InvalidInput, Library

QUERY = "oscillation in low-bit training"


def test_documents_are_the_hits(seed_library: Library) -> None:
    documents = seed_library.as_retriever(k=4).invoke(QUERY)
    hits = seed_library.search(QUERY, 4)
    assert [document.page_content for document in documents] == [hit.passage.text for hit in hits]
    first, hit = documents[0], hits[0]
    assert (first.id, first.metadata["title"]) == (hit.paper.id, hit.paper.title)
    assert hit.paper.abstract[first.metadata["start"] : first.metadata["end"]] == first.page_content


def test_filters_hold(seed_library: Library) -> None:
    documents = seed_library.as_retriever(since="2025", source="002_").invoke("diffusion")
    assert len(documents) == 10
    assert all(document.metadata["published"] >= "2025" for document in documents)


def test_async_batch_and_a_chain_give_the_same(seed_library: Library) -> None:
    retriever = seed_library.as_retriever(k=2)

    def titles(documents: list[Document]) -> list[str]:
        return [document.metadata["title"] for document in documents]

    expected = titles(retriever.invoke(QUERY))
    # In a thread of its own, because the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(lambda: asyncio.run(retriever.ainvoke(QUERY))).result()
    assert titles(found) == expected
    assert [titles(found) for found in retriever.batch([QUERY, QUERY])] == [expected, expected]
    assert (retriever | RunnableLambda(titles)).invoke(QUERY) == expected


def test_what_search_refuses_is_refused_at_once(seed_library: Library) -> None:
    with pytest.raises(InvalidInput, match="k is 0"):
        seed_library.as_retriever(k=0)
    with pytest.raises(InvalidInput, match="is no date"):
        seed_library.as_retriever(since="soon")
