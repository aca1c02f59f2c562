"""A library as a LangChain retriever, to stand in other people's chains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from qa.paper import Hit

if TYPE_CHECKING:
    from qa.library import Library


class PaperRetriever(BaseRetriever):
    """Finds papers for a query, best first, one document for each.

    A document's text is the passage that fits best (the title of a paper without an abstract), its id
    the paper's. Its metadata are the paper's fields, and the passage's `start`, `end` and `score`.
    """

    library: Any
    k: int = 10
    filters: dict[str, Any]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        library: Library = self.library
        return [_document(hit) for hit in library.search(query, self.k, **self.filters)]


def _document(hit: Hit) -> Document:
    place = {"start": hit.passage.start, "end": hit.passage.end, "score": hit.score}
    return Document(
        id=hit.paper.id,
        page_content=hit.passage.text or hit.paper.title,
        metadata=hit.paper.to_dict() | place,
    )
