"""The questions and abstracts that the reader is trained on, in tokens, and which are kept out.

`training/questions.jsonl`: one object a line with `id`, `paper`, `title`, `abstract`, `question`,
`answerable`, and `evidence`, a list of verbatim stretches of the abstract. `arxiv/*.jsonl.gz`: one record
a line with `id`, `title` and `abstract`.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import ReadError
from qa.identity import normalise_title
from qa.lexical import Lexical
from qa.paper import Paper
from qa.passages import cut
from qa.reader import Tokens
from qa.text import Span

SHARED = 0.5  # of a sentence or of an evidence quote, from which the sentence counts as evidence
NEAR = 12  # papers that a negative example is drawn from


@dataclass(frozen=True)
class Text:
    """A paper as the reader sees it: token ids of the title and of each sentence."""

    paper: Paper
    spans: tuple[Span, ...]
    title: list[int]
    sentences: list[list[int]]


@dataclass(frozen=True)
class Asked:
    """A written question about one paper.

    `evidence` holds the places of the sentences that answer, none if the abstract does not. `near` are
    other papers that a search by words finds: first those with questions of their own, then open ones.
    """

    id: str
    question: str
    tokens: list[int]
    text: Text
    evidence: frozenset[int]
    near: tuple[tuple[Text, ...], tuple[Text, ...]] = ((), ())

    @property
    def answerable(self) -> bool:
        """Whether the abstract answers it."""
        return bool(self.evidence)


@dataclass(frozen=True)
class Corpus:
    """Questions to fit to, questions of other papers to judge by, and open papers without questions."""

    fitted: list[Asked]
    held_out: list[Asked]
    open_papers: list[Paper]


class Shelf:
    """Papers that can be searched by words; each is cut and tokenised when first taken."""

    def __init__(self, papers: Sequence[Paper], tokens: Tokens) -> None:
        self._papers = {paper.id: paper for paper in papers}
        self._tokens, self._taken = tokens, dict[str, Text]()
        self._lexical = Lexical(None)
        self._lexical.write("", papers)

    def take(self, paper_id: str) -> Text:
        """The paper of that id, in tokens."""
        if paper_id not in self._taken:
            self._taken[paper_id] = in_tokens(self._papers[paper_id], self._tokens)
        return self._taken[paper_id]

    def near(self, query: str, without: str, limit: int = NEAR) -> tuple[Text, ...]:
        """Papers that share rare words with `query`, best first, except the paper `without`."""
        found = self._lexical.search(query, limit + 1)
        return tuple(self.take(paper_id) for paper_id in found if paper_id != without)[:limit]


def in_tokens(paper: Paper, tokens: Tokens) -> Text:
    """A paper cut into sentences and tokens."""
    spans = cut(paper.abstract).sentences
    sentences = tokens.sentences([paper.abstract[start:end] for start, end in spans])
    return Text(paper, spans, tokens.titles([paper.title])[0], sentences)


def read_corpus(folder: Path, held_out: float, seed: int) -> Corpus:
    """The corpus in `folder`; a share of `held_out` of the papers with questions is set apart.

    Raises ReadError when a file is missing or not of that shape.
    """
    lines = list(_lines(folder / "training" / "questions.jsonl"))
    papers = {line["paper"]: _paper(line, line["paper"]) for line in lines}
    order = sorted(papers)
    random.Random(seed).shuffle(order)
    apart = set(order[: round(len(order) * held_out)])
    known = {normalise_title(paper.title) for paper in papers.values()}
    others = [paper for paper in open_papers(folder) if normalise_title(paper.title) not in known]
    tokens = Tokens()
    free = Shelf(others, tokens)
    groups = []
    for chosen in (set(order) - apart, apart):
        shelf = Shelf([papers[paper_id] for paper_id in order if paper_id in chosen], tokens)
        groups.append([_asked(line, shelf, free, tokens) for line in lines if line["paper"] in chosen])
    return Corpus(groups[0], groups[1], others)


def _asked(line: dict[str, Any], shelf: Shelf, free: Shelf, tokens: Tokens) -> Asked:
    text, question = shelf.take(line["paper"]), str(line["question"])
    return Asked(
        id=str(line["id"]),
        question=question,
        tokens=tokens.question(question),
        text=text,
        evidence=frozenset(place for quote in line["evidence"] for place in _places(text, quote)),
        near=(shelf.near(question, line["paper"]), free.near(question, line["paper"])),
    )


def _places(text: Text, quote: str) -> Iterator[int]:
    """The sentences that a quote stands in, or that stand in it, for the most part."""
    start = text.paper.abstract.find(quote)
    end = start + len(quote)
    for place, (first, last) in enumerate(text.spans):
        shared = min(last, end) - max(first, start)
        if start >= 0 and shared > 0 and shared >= SHARED * min(last - first, len(quote)):
            yield place


def open_papers(folder: Path) -> Iterator[Paper]:
    """The open abstracts under a folder, in the order of their files."""
    for path in sorted((folder / "arxiv").glob("*.jsonl.gz")):
        for line in _lines(path):
            yield _paper(line, line["id"])


def _paper(line: dict[str, Any], paper_id: str) -> Paper:
    return Paper(id=paper_id, title=" ".join(line["title"].split()), abstract=str(line["abstract"]))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise ReadError(f"{path} cannot be read ({error}): give a folder with training questions") from error
