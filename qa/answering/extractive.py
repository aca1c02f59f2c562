"""The answerer that needs no language model: it quotes the sentences that answer, and says whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from qa.citations import Block, Claim, shown_title
from qa.paper import Paper
from qa.prompts import prompt
from qa.reading import Evidence, Form, Sentence

_Papers = list[tuple[Paper, list[Sentence]]]
_WORDINGS: dict[Form, str] = {"one": "one-paper", "about": "about", "decided": "decided"}


class Extractive:
    """Quotes in the form that the question wants.

    "one", "about" and "decided": a paper's name and its sentences. "several": a line for each paper.
    "comparison": a line for each paper and under it one for each of its quotes, begun by what it is compared
    in; `qa.tables` reads these lines again.
    """

    name = "extractive"

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions of the wordings used."""
        names = (*_WORDINGS.values(), "several-papers", "about-several", "comparison")
        return {name: prompt(name).version for name in names}

    def compose(self, question: str, evidence: Evidence) -> Iterator[Block]:
        """The evidence in its own order, under the name of the paper that it is from."""
        papers = _by_paper(evidence)
        if evidence.form == "comparison":
            return _side_by_side(papers, evidence.aspects)
        if evidence.form == "several":
            return _list(papers, "several-papers")
        if evidence.form == "about" and len(papers) > 1:
            return _list(papers, "about-several")
        return _papers(papers, _WORDINGS[evidence.form])


def _papers(papers: _Papers, wording: str) -> Iterator[Block]:
    for number, (paper, sentences) in enumerate(papers):
        lead = prompt("one-paper" if number else wording).fill(paper=name_of(paper))
        yield Block(f"\n\n{lead}" if number else lead, tuple(map(claim_of, sentences)))


def _list(papers: _Papers, wording: str) -> Iterator[Block]:
    yield Block(prompt(wording).fill())
    for paper, sentences in papers:
        yield Block(f"\n- {entry_of(paper)}:", tuple(map(claim_of, sentences)))


def _side_by_side(papers: _Papers, aspects: Sequence[str]) -> Iterator[Block]:
    yield Block(prompt("comparison").fill())
    named = iter(aspects)
    for paper, sentences in papers:
        yield Block(f"\n- {name_of(paper)}:")
        for sentence in sentences:
            yield Block(f"\n  {next(named)}:", (claim_of(sentence),))


def _by_paper(evidence: Evidence) -> _Papers:
    return [(paper, list(group)) for paper, group in groupby(evidence.sentences, key=lambda s: s.paper)]


def name_of(paper: Paper) -> str:
    """A paper's title, with its year if it is known."""
    title = shown_title(paper)
    return f"{title} ({paper.published[:4]})" if paper.published else title


def entry_of(paper: Paper) -> str:
    """A paper as a list names it: its title, and in brackets its authors and its year, as far as known."""
    known = ", ".join(filter(None, (_authors(paper), (paper.published or "")[:4])))
    return f"{shown_title(paper)} ({known})" if known else shown_title(paper)


def _authors(paper: Paper) -> str:
    """The first author and "et al.", or both of two; nothing for a name that would not read as one here."""
    names = paper.authors if len(paper.authors) < 3 else paper.authors[:1]
    if any(char in name for name in names for char in "()[]“”\n"):
        return ""
    return " and ".join(names) + (" et al." if len(paper.authors) > 2 else "")


def claim_of(sentence: Sentence) -> Claim:
    """A sentence of the evidence as what is to be quoted or cited."""
    return Claim(sentence.paper.id, sentence.text, sentence.start, sentence.end)
