"""Which sentences of the papers found answer the question, in which form, and whether any does.

The first few papers are read (`qa.scoring`), which gives each of their sentences a probability to answer.
An answer about one paper quotes the likeliest until it is likely enough that one of them answers; a list has
from each paper the sentence that is on the subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from qa.aspects import MAIN, aspects_of, side_by_side
from qa.confidence import Decision, decide, word
from qa.embedding import QuestionVectors
from qa.features import FEATURES
from qa.forms import COMPARED, asks_for_several, form_of, is_bare_subject, without_titles
from qa.query import StandAlone
from qa.quoting import with_antecedent, without_echoes
from qa.reader import Reader
from qa.reading import Evidence, Form, Sentence, Weighed
from qa.retrieval import Scored, closed_list
from qa.roles import about, main
from qa.scoring import READ, Calibration, Logistic, Read, answer_values, calibration, read, weigh
from qa.snapshot import Snapshot

SENTENCES: Final = 4  # of an answer to a question about one paper, at most
OF_A_PAPER: Final = 3
SURE: Final = 0.9  # chance that one of the sentences chosen answers, from which only likely ones follow
# Papers read before the others. Those are read only if the reader finds an answer in none of these, and if
# their scores are so near to the first. On held-out questions evidence and order came out as if all were
# read, and a few more questions that no paper answers were refused; so with distances from 10 to 30.
AT_FIRST: Final = 2
NEAR: Final = 20.0
LIKELY, LEAST = 0.5, 0.12  # probabilities of a sentence that is quoted: then, and before
# Of the reader's logit for a paper, beside its score of retrieval. On held-out questions the right paper came
# first for 0.854 without it, 0.870 with 1, 0.893 with 2, 0.903 with 4 and 0.899 with 8.
READER: Final = 4.0
NAMED: Final = 2  # a paper named in the question is what it asks of, where it is one of the first so many
ASKED_OF: Final = 125.0  # what the right paper scores on average in the calibration
OFFERED: Final = 12  # sentences that a writer is offered, the evidence among them
OF_OFFERED: Final = 5  # of one paper, where there are several
OFFERED_CHARACTERS: Final = 5_000  # of them all; beside the prompt and the answer they fit into 2,048 tokens
PAPERS_FOR_SEVERAL: Final = 25  # at most, of an answer to a question for papers
# How much some of FEATURES count in a list of papers. It wants from each the sentence that is on the subject,
# wherever it stands, and best the one that says what the paper contributes: "proposes" is not fitted.
_ON_SUBJECT = {"cosine": 4.62, "window": -2.32, "stems": 3.47, "number": 1.34, "reason": 1.46}
_ON_SUBJECT |= {"compares": 1.11, "proposes": 1.5, "code": -100.0}
ON_SUBJECT: Final = Logistic(tuple(_ON_SUBJECT.get(name, 0.0) for name in FEATURES), 0.0)
KNOWN: Final = 0.8  # least probability that a paper named in the question says what it is about


@dataclass(frozen=True)
class Judged:
    """What an answer may say, whether it should, and the papers found, in the order after reading."""

    evidence: Evidence
    decision: Decision
    ranked: list[Scored]


def judge(
    snapshot: Snapshot,
    asked: StandAlone,
    vectors: QuestionVectors,
    ranked: Sequence[Scored],
    reader: Reader | None,
    risk: float,
) -> Judged:
    """The evidence in `ranked` papers for a question, embedded as `vectors`, and whether it is enough.

    Papers without an abstract say nothing.
    """
    readable = [item for item in ranked if len(item.sentences)]
    if not readable:
        return Judged(Evidence((), "one"), Decision(0.0, "none", "nothing-near"), list(ranked))
    weights = calibration(reader is not None)
    leant_on = [item for paper_id in asked.papers for item in readable if item.paper.id == paper_id]
    wanted = [*readable[:READ], *(item for item in leant_on if item not in readable[:READ])]
    form = form_of(asked.asked, [item.paper.title for item in leant_on])
    at_first = AT_FIRST if reader and form in ("one", "decided") and not leant_on else len(wanted)
    if form in ("one", "decided") and len(leant_on) == 1 and leant_on[0] in readable[:NAMED]:
        # What another paper says is no answer; and that it is the right one says nothing of what it says.
        wanted = [replace(leant_on[0], score=min(leant_on[0].score, ASKED_OF))]
    papers = read(snapshot, asked.text, vectors, wanted[:at_first], reader)
    if rest := _to_read_too(papers, wanted):
        papers += read(snapshot, asked.text, vectors, rest, reader)
    evidence = _choose(snapshot, asked, vectors, ranked, papers, weights, form)
    if evidence.form in ("one", "decided"):
        unread = read(snapshot, asked.text, vectors, wanted[len(papers) :], None)
        evidence = replace(evidence, more=more(evidence.sentences, _with_unread(papers, unread, weights)))
    order = _reordered(ranked, papers)
    if evidence.form == "several" and asks_for_several(asked.asked):
        # The reader looks for one answer, and a list has many.
        papers, weights = [replace(paper, reading=None) for paper in papers], calibration(False)
    decision = decide(answer_values(papers, weights.sentences), weights, risk)
    if asked.papers and evidence.sentences and (evidence.form == "about" or {*evidence.aspects} - {MAIN}):
        # Known papers, and what they say of themselves: how near the words are says nothing.
        score = max(decision.score, KNOWN)
        decision = Decision(score, word(score))
    if decision.reason and leant_on:
        decision = replace(decision, reason="not-stated")  # the paper is here, whatever it says
    return Judged(evidence, decision, order)


def _to_read_too(papers: Sequence[Read], wanted: Sequence[Scored]) -> list[Scored]:
    """What else of `wanted` is to be read, now that `papers` are: what is near, if none of them answers."""
    if any(paper.reading and paper.reading.answers > 0 for paper in papers):
        return []
    return [item for item in wanted[len(papers) :] if item.score > wanted[0].score - NEAR]


def _reordered(ranked: Sequence[Scored], papers: Sequence[Read]) -> list[Scored]:
    """`ranked` with those of its first papers that were read in the order in which they seem to answer.

    They exchange their scores, so that whatever compares scores finds them on the scale that it knows.
    """
    answers = {paper.item.paper.id: paper.reading.answers for paper in papers if paper.reading}
    places = [place for place, item in enumerate(ranked[:READ]) if item.paper.id in answers]
    say = {place: ranked[place].score + READER * answers[ranked[place].paper.id] for place in places}
    order = sorted(places, key=lambda place: -say[place])
    result = list(ranked)
    for place, source in zip(places, order, strict=True):
        result[place] = replace(ranked[source], score=ranked[place].score)
    return result


def _choose(
    snapshot: Snapshot,
    asked: StandAlone,
    vectors: QuestionVectors,
    ranked: Sequence[Scored],
    papers: Sequence[Read],
    weights: Calibration,
    form: Form,
) -> Evidence:
    """The sentences that answer, in the form that the question wants."""
    weighed = weigh(papers, weights.sentences)
    by_id = {one.paper.id: one for one in weighed}
    leant_on = [by_id[paper_id] for paper_id in asked.papers if paper_id in by_id]
    titles = [one.paper.title for one in leant_on]
    listed = [item for item in closed_list(ranked) if len(item.sentences)]
    if form == "one" and len(listed) > 1 and is_bare_subject(asked.asked):
        form = "several"
    if form == "several" and 1 < len(leant_on) <= COMPARED:
        listed = [paper.item for paper in papers if paper.item.paper.id in asked.papers]
    if form == "comparison":
        sentences, aspects = side_by_side(leant_on, aspects_of(without_titles(asked.asked, titles)))
        return Evidence(sentences, form, aspects, more(sentences, leant_on))
    if form == "about":
        many = leant_on or weighed[:1]
        return Evidence(
            about(many[0].sentences) if len(many) == 1 else tuple(main(one.sentences) for one in many), form
        )
    if form == "several":
        return Evidence(tuple(_one_each(snapshot, asked, vectors, listed)), form)
    return Evidence(best_few(weighed), form)


def _with_unread(papers: Sequence[Read], unread: Sequence[Read], weights: Calibration) -> list[Weighed]:
    """The papers weighed, and those that the reader has not read weighed as if there were none."""
    plain = [*(replace(paper, reading=None) for paper in papers), *unread]
    others = weigh(plain, calibration(False).sentences)[len(papers) :] if unread else []
    return [*weigh(papers, weights.sentences), *others]


def more(chosen: Sequence[Sentence], papers: Sequence[Weighed]) -> tuple[Sentence, ...]:
    """What else a writer is offered beside the evidence: the next likeliest sentences."""
    found: list[Sentence] = []
    room = OFFERED_CHARACTERS - sum(len(one.text) for one in chosen)
    most = OF_OFFERED if len(papers) > 1 else OFFERED
    for sentence in sorted((s for paper in papers for s in paper.sentences), key=_score, reverse=True):
        if len(chosen) + len(found) == OFFERED or sentence in chosen or len(sentence.text) > room:
            continue
        if _count([*chosen, *found], sentence) < most:
            found.append(sentence)
            room -= len(sentence.text)
    return tuple(found)


def _one_each(
    snapshot: Snapshot, asked: StandAlone, vectors: QuestionVectors, items: Sequence[Scored]
) -> Iterator[Sentence]:
    """From each paper the sentence that is on the subject."""
    papers = read(snapshot, asked.asked, vectors, items[:PAPERS_FOR_SEVERAL], None)
    for paper in papers:
        place = int(ON_SUBJECT.logits(paper.features).argmax())
        yield Sentence(paper.item.paper, *paper.spans[place], 1.0)


def best_few(papers: Sequence[Weighed]) -> tuple[Sentence, ...]:
    """The likeliest sentences, those of one paper together: as many as make an answer likely.

    A sentence that leans brings the one before it; where there is no room for both, it stays away.
    """
    by_id = {paper.paper.id: paper.sentences for paper in papers}
    likeliest = sorted((s for paper in papers for s in paper.sentences), key=_score, reverse=True)
    chosen: tuple[Sentence, ...] = ()
    for sentence in _enough(without_echoes(likeliest)):
        longer = with_antecedent(by_id[sentence.paper.id], (*chosen, sentence))
        if len(longer) <= SENTENCES and _count(longer, sentence) <= OF_A_PAPER:
            chosen = longer
    order = list(dict.fromkeys(sentence.paper.id for sentence in chosen))
    return tuple(sorted(chosen, key=lambda sentence: order.index(sentence.paper.id)))


def _enough(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The first of `sentences`, likeliest first, until one of them answers for all that is known."""
    chosen: list[Sentence] = []
    wrong = 1.0  # the chance that none of them answers
    for sentence in sentences:
        enough = LIKELY if 1 - wrong >= SURE else LEAST
        if len(chosen) == SENTENCES or (chosen and sentence.score < enough):
            break
        if _count(chosen, sentence) < OF_A_PAPER:
            chosen.append(sentence)
            wrong *= 1 - sentence.score
    return tuple(chosen)


def _count(sentences: Sequence[Sentence], of: Sentence) -> int:
    """How many are of the same paper as one of them."""
    return sum(one.paper.id == of.paper.id for one in sentences)


def _score(sentence: Sentence) -> float:
    return sentence.score
