"""The answerer that needs no language model: it quotes the sentences that answer, and says whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from qa.citations import Block, Claim, shown_title
from qa.evidence import Evidence, Sentence
from qa.paper import Paper
from qa.prompts import prompt


class Extractive:
    """One paper: "According to X (2025):" and its sentences. Several: a line for each paper."""

    name = "extractive"

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions of the wordings used."""
        return {name: prompt(name).version for name in ("one-paper", "several-papers")}

    def compose(self, question: str, evidence: Evidence) -> Iterator[Block]:
        """The evidence in its own order, under the name of the paper that it is from."""
        groups = [(paper, list(group)) for paper, group in groupby(evidence.sentences, key=lambda s: s.paper)]
        if evidence.several:
            yield Block(prompt("several-papers").fill())
        for number, (paper, sentences) in enumerate(groups):
            claims = tuple(_claim(sentence) for sentence in sentences)
            if evidence.several:
                yield Block(f"\n- {name_of(paper)}:", claims)
            else:
                lead = prompt("one-paper").fill(paper=name_of(paper))
                yield Block(f"\n\n{lead}" if number else lead, claims)


def name_of(paper: Paper) -> str:
    """A paper's title, with its year if it is known."""
    title = shown_title(paper)
    return f"{title} ({paper.published[:4]})" if paper.published else title


def _claim(sentence: Sentence) -> Claim:
    return Claim(sentence.paper.id, sentence.text, sentence.start, sentence.end)
