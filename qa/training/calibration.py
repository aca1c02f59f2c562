"""The weights of `qa.scoring`, fitted to questions and papers that the reader was not fitted to.

    python -m qa.training.calibration FOLDER [--out FILE]

reads FOLDER as `qa.training.corpus` says and writes FILE, or else qa/model/calibration.json. The papers that
the recipe keeps out become a library of their own, with the open abstract beside them that is nearest to each
question.
Every question is asked of it as it is and in other words, since people share fewer words with the papers
than who writes questions with an abstract at hand; and again with its own paper out of sight: a subject that
the papers lack. Questions about everyday life are in off_topic.txt.

What is printed, and the logits that thresholds are set by, come from ten-fold cross-validation by question.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from qa.confidence import UNANSWERABLE
from qa.features import FEATURES, Floats
from qa.library import Library
from qa.minilm import MiniLM
from qa.reader import Reader
from qa.retrieval import rank
from qa.scoring import (
    ANSWER_VALUES,
    CALIBRATION,
    OF_READER,
    READ,
    SENTENCE_VALUES,
    Logistic,
    Read,
    answer_values,
    read,
    sentence_values,
)
from qa.text import STOP_WORDS
from qa.training.corpus import Asked, read_corpus
from qa.training.judging import FIRST, REFUSED, auc
from qa.training.made import Neighbours, neighbours
from qa.training.recipe import DEFAULT, read_recipe

REASONS: Final = {"near-miss": "not-stated", "absent-topic": "nothing-near", "off-topic": "not-about-papers"}
BETWEEN: Final = "absent-topic"  # what is near to the papers in some respects only
# Scores of retrieval alone tell why not: with all values, four of five subjects that are absent from another
# library were told to be none of papers.
OF_REASONS: Final = [ANSWER_VALUES.index("score"), ANSWER_VALUES.index("cosine")]
OFF_TOPIC_COUNTS: Final = 0.1  # it is worse to call a subject of science none than the other way round
ANSWERABLE: Final = "answerable"
FOLDS: Final = 10
STEPS: Final = 12  # of Newton's method, which needs fewer
STRENGTH: Final = 0.3  # of a regression, the inverse of how much large weights are held back
# Of a question's words. With 0.35 scores of retrieval and of the reader fell as far as they do from these
# questions to ones that were written for other papers and with fewer words in common.
EXCHANGED: Final = 0.35
PAPERS: Final = 20_000  # whose words have neighbours
OFF_TOPIC: Final = Path(__file__).with_name("off_topic.txt")


@dataclass(frozen=True)
class Case:
    """A question as it was asked of the library: the papers read for it, and which sentences answer.

    `group` is the same for all cases of one question; `evidence` has for each paper a flag for each
    sentence.
    """

    group: int
    sort: str
    papers: list[Read]
    evidence: list[Floats]


@dataclass(frozen=True)
class Fitted:
    """Regressions for sentences, answers and reasons."""

    sentences: Logistic
    answers: Logistic
    reasons: dict[str, Logistic]


def cases(
    asked: Sequence[Asked], off_topic: Sequence[str], words: Neighbours, folder: Path, reader: Reader
) -> Iterator[Case]:
    """Every question asked of a library in `folder` of these papers, also in other `words`."""
    rng = random.Random(0)
    papers = {one.text.paper.id: one.text.paper for one in asked}
    papers |= {text.paper.id: text.paper for one in asked for text in one.near[1][:1]}
    with Library(folder) as library:
        library.add(papers.values())
        find = partial(_papers, library, reader)
        for group, one in enumerate(asked):
            own = one.text.paper.id
            sort = ANSWERABLE if one.answerable else "near-miss"
            for question in (one.question, in_other_words(one.question, words, rng)):
                found = find(question, READ + 1)
                yield _case(group, sort, found[:READ], {own: one.evidence})
                yield _case(group, "absent-topic", [p for p in found if p.item.paper.id != own][:READ], {})
        for group, question in enumerate(off_topic, len(asked)):
            yield _case(group, "off-topic", find(question, READ), {})


def in_other_words(question: str, words: Neighbours, rng: random.Random) -> str:
    """The question with some of its words exchanged for words near to them in meaning."""

    def exchanged(match: re.Match[str]) -> str:
        alike, _ = words.get(match[0].lower(), ((), ()))
        stays = match[0].lower() in STOP_WORDS or rng.random() >= EXCHANGED
        return match[0] if stays or not alike else rng.choice(alike)

    return re.sub(r"[^\W\d_]+", exchanged, question)


def _papers(library: Library, reader: Reader, question: str, count: int) -> list[Read]:
    with library._reading() as snapshot:
        vectors = library._embedder().embed_query(question)
        ranked = [item for item in rank(snapshot, question, vectors) if len(item.sentences)]
        return read(snapshot, question, vectors, ranked[:count], reader)


def _case(group: int, sort: str, papers: list[Read], evidence: dict[str, frozenset[int]]) -> Case:
    flags = [
        np.array([place in evidence.get(paper.item.paper.id, ()) for place in range(len(paper.spans))], float)
        for paper in papers
    ]
    return Case(group, sort, papers, flags)


# Fitting -------------------------------------------------------------------------------------------


def fit(chosen: Sequence[Case], sentence_columns: Sequence[int], answer_columns: Sequence[int]) -> Fitted:
    """Fit everything, using only those columns of the values; the weights of others are 0."""
    answered = [case for case in chosen if case.sort == ANSWERABLE]
    rows = np.vstack([values for case in answered for values in sentence_values(case.papers)])
    flags = np.concatenate([flags for case in answered for flags in case.evidence])
    sentences = logistic(rows, flags, sentence_columns)
    values = np.array([answer_values(case.papers, sentences) for case in chosen])
    sorts = np.array([case.sort for case in chosen])
    weights = _mixed(sorts)
    answers = logistic(values, sorts == ANSWERABLE, answer_columns, weights)
    return Fitted(sentences, answers, _reasons(values, sorts, weights))


def _reasons(values: Floats, sorts: Any, weights: Floats) -> dict[str, Logistic]:
    """Each reason against the one between the others, whose own logit is 0 (Begg and Gray, 1984).

    Against all others at once, the reason in the middle would seldom be the likeliest.
    """
    reasons = {REASONS[BETWEEN]: Logistic((0.0,) * values.shape[1], 0.0)}
    counts = np.where(sorts == "off-topic", OFF_TOPIC_COUNTS, 1.0) * weights
    for sort in REASONS.keys() - {BETWEEN}:
        pair = (sorts == sort) | (sorts == BETWEEN)
        reasons[REASONS[sort]] = logistic(values[pair], sorts[pair] == sort, OF_REASONS, counts[pair])
    return {reason: reasons[reason] for reason in REASONS.values()}


def _mixed(sorts: Any) -> Floats:
    """A weight for each question, such that the sorts come to their shares."""
    shares = {ANSWERABLE: 1 - UNANSWERABLE} | dict.fromkeys(REASONS, UNANSWERABLE / len(REASONS))
    return np.array([shares[sort] * len(sorts) / np.sum(sorts == sort) for sort in sorts])


def logistic(rows: Floats, wanted: Any, columns: Sequence[int], weights: Any = None) -> Logistic:
    """A ridge regression over standardised columns, by Newton's method, told in the columns' own units."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    chosen = list(columns)
    inputs = np.column_stack([((rows - mean) / spread)[:, chosen], np.ones(len(rows))])
    penalty = np.append(np.full(len(chosen), 1 / STRENGTH), 0.0)
    counts = np.ones(len(rows)) if weights is None else np.asarray(weights)
    slopes = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-inputs @ slopes))
        gradient = inputs.T @ (counts * (chances - wanted)) + penalty * slopes
        curvature = (inputs.T * (counts * chances * (1 - chances))) @ inputs + np.diag(penalty)
        slopes = slopes - np.linalg.solve(curvature, gradient)
    own = np.zeros(rows.shape[1])
    own[chosen] = slopes[:-1] / spread[chosen]
    constant = float(slopes[-1] - own @ mean)
    return Logistic(tuple(round(float(slope), 6) for slope in own), round(constant, 6))


@dataclass(frozen=True)
class Held:
    """What a case got from regressions that were not fitted to it."""

    sort: str
    logit: float  # of the answer
    found: tuple[bool, bool]  # evidence first, and among the best three


def held_out(every: Sequence[Case], sentences: Sequence[int], answers: Sequence[int]) -> list[Held]:
    """Cross-validation: each case judged by a fit to the other folds."""
    folds = np.random.default_rng(0).permutation(1 + max(case.group for case in every)) % FOLDS
    held: list[Held] = []
    for fold in range(FOLDS):
        fitted = fit([case for case in every if folds[case.group] != fold], sentences, answers)
        held += [_held(case, fitted) for case in every if folds[case.group] == fold]
    return held


def _held(case: Case, fitted: Fitted) -> Held:
    logits = np.concatenate([fitted.sentences.logits(rows) for rows in sentence_values(case.papers)])
    flags = np.concatenate(case.evidence)[np.argsort(-logits, kind="stable")]
    answer = float(fitted.answers.logits(answer_values(case.papers, fitted.sentences)))
    return Held(case.sort, answer, (bool(flags[0]), bool(flags[:FIRST].any())))


def figures(held: Sequence[Held]) -> dict[str, float]:
    """Shares by name: evidence, and for each sort of unanswerable question AUC and how many are refused
    where 6 % of the answerable are."""
    by_sort = {sort: [one.logit for one in held if one.sort == sort] for sort in (ANSWERABLE, *REASONS)}
    right = by_sort[ANSWERABLE]
    least = float(np.quantile(right, REFUSED))
    found = np.array([one.found for one in held if one.sort == ANSWERABLE])
    values = {"evidence first": found[:, 0].mean(), "evidence in three": found[:, 1].mean()}
    for sort in REASONS:
        values[f"auc {sort}"] = auc(right, by_sort[sort])
        values[f"refused {sort}"] = np.mean(np.array(by_sort[sort]) < least)
    return {name: round(float(value), 3) for name, value in values.items()}


# What each part adds -------------------------------------------------------------------------------


def ablations() -> dict[str, tuple[list[int], list[int]]]:
    """By name, the columns of SENTENCE_VALUES and of ANSWER_VALUES that a part of the method uses."""
    words = [FEATURES.index("nearest words"), FEATURES.index("words")]
    matches = [ANSWER_VALUES.index("match"), ANSWER_VALUES.index("worst match")]
    plain, whole = len(SENTENCE_VALUES) - OF_READER[0], len(SENTENCE_VALUES)
    answer, answers = len(ANSWER_VALUES) - OF_READER[1], len(ANSWER_VALUES)
    bare = [i for i in range(plain) if i not in words]
    return {
        "retrieval and plain features": (bare, [i for i in range(answer) if i not in matches]),
        "with late interaction": (list(range(plain)), list(range(answer))),
        "reader alone": (list(range(plain, whole)), list(range(answer, answers))),
        "reader and retrieval": (
            [*range(len(FEATURES), whole)],
            [i for i in range(answers) if i not in matches],
        ),
        "everything": (list(range(whole)), list(range(answers))),
    }


def calibrate(every: Sequence[Case]) -> dict[str, Any]:
    """What calibration.json holds."""
    columns = ablations()
    parts = {"reader": columns["everything"], "plain": columns["with late interaction"]}
    result: dict[str, Any] = {}
    for name, (sentences, answers) in parts.items():
        fitted, held = fit(every, sentences, answers), held_out(every, sentences, answers)
        cut = slice(None) if name == "reader" else slice(-OF_READER[0])
        short = slice(None) if name == "reader" else slice(-OF_READER[1])
        result[name] = {
            "sentences": _json(fitted.sentences, cut),
            "answers": _json(fitted.answers, short),
            "reasons": {reason: _json(weights, short) for reason, weights in fitted.reasons.items()},
            "answerable": _logits(held, ANSWERABLE),
            "unanswerable": {sort: _logits(held, sort) for sort in REASONS},
        }
    version = hashlib.sha256(json.dumps(result).encode()).hexdigest()[:8]
    return {"version": version, **result}


def _json(weights: Logistic, columns: slice) -> dict[str, Any]:
    return {"weights": list(weights.weights[columns]), "constant": weights.constant}


def _logits(held: Sequence[Held], sort: str) -> list[float]:
    return sorted(round(one.logit, 3) for one in held if one.sort == sort)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=CALIBRATION, help="For the weights."
)
def main(folder: Path, out: Path) -> None:
    """Fit the weights of evidence and refusals to the data in FOLDER, and print what each part adds."""
    recipe = read_recipe(DEFAULT)
    corpus = read_corpus(folder, recipe.held_out, recipe.seed)
    papers = random.Random(recipe.seed).sample(corpus.open_papers, min(PAPERS, len(corpus.open_papers)))
    words, off_topic = neighbours(papers, MiniLM()), OFF_TOPIC.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as scratch:
        every = list(cases(corpus.held_out, off_topic, words, Path(scratch) / "library", Reader()))
    for name, (sentences, answers) in ablations().items():
        click.echo(f"{name}: {json.dumps(figures(held_out(every, sentences, answers)))}")
    out.write_text(json.dumps(calibrate(every), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
