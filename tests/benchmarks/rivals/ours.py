"""This project, by the rules of the others."""

from __future__ import annotations

from collections.abc import Sequence

from qa import Library, Paper
from tests.benchmarks.rivals.protocol import FOUND, Document, Search, Setting, main


def index(documents: Sequence[Document], setting: Setting) -> None:
    with Library(setting.store) as library:
        library.add(Paper(id=item.id, title=item.title, abstract=item.abstract) for item in documents)


def open_store(setting: Setting) -> Search:
    library = Library(setting.store)
    return lambda question: [hit.paper.id for hit in library.search(question, FOUND)]


if __name__ == "__main__":
    main(index, open_store)
