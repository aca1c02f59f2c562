"""What could be asked: examples at first, then questions about the papers that were found."""

from __future__ import annotations

from collections.abc import Iterable

from qa.citations import shown_title
from qa.paper import Answer, Paper

MOST = 3

# Questions about the seeds, each with the title of the paper that answers it. A library without that
# paper does not offer the question.
EXAMPLES = (
    (
        "What does MuDreamer predict instead of pixels?",
        "MuDreamer: Learning Predictive World Models without Reconstruction",
    ),
    (
        "How much faster is SeerAttention than FlashAttention-2?",
        "SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs",
    ),
    (
        "Does watermarking harm the alignment of language models?",
        "Watermarking Degrades Alignment in Language Models: Analysis and Mitigation",
    ),
    (
        "Which papers deal with backdoor attacks?",
        "An Embarrassingly Simple Backdoor Attack on Self-supervised Learning",
    ),
)


def examples(papers: Iterable[Paper]) -> list[str]:
    """The example questions that these papers answer."""
    titles = {paper.title for paper in papers}
    return [question for question, title in EXAMPLES if title in titles]


def suggestions(answer: Answer) -> list[str]:
    """Questions that the found papers answer; after a refusal about those that were nearest.

    A greeting found nothing and has none.
    """
    cited = list({citation.paper.id: citation.paper for citation in answer.citations}.values())
    known = {paper.id for paper in cited}
    others = [hit.paper for hit in answer.hits if hit.paper.id not in known]
    if cited:
        asked = [
            *_each("What results does “{}” report?", cited[:1]),
            *_each("What does “{}” propose?", others),
        ]
    else:
        asked = _each("What is “{}” about?", answer.nearest)
    return [question for question in asked if question != answer.question][:MOST]


def _each(question: str, papers: list[Paper] | tuple[Paper, ...]) -> list[str]:
    return [question.format(shown_title(paper)) for paper in papers if paper.abstract and paper.title.strip()]
