"""What could be asked next: questions about the papers that were found, each by its title."""

from __future__ import annotations

from qa.citations import shown_title
from qa.paper import Answer, Paper

MOST = 3


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
