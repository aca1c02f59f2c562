"""The fit of the weights behind evidence and refusals: from tiny data on the spot to a file that is read."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qa import Paper
from qa.features import FEATURES
from qa.paper import Reason
from qa.reader import Reader, Reading
from qa.retrieval import Scored
from qa.scoring import ANSWER_VALUES, CALIBRATION, READ, SENTENCE_VALUES, Read, answer_values, calibration
from qa.training.calibration import (
    ANSWERABLE,
    REASONS,
    Case,
    Held,
    ablations,
    calibrate,
    cases,
    figures,
    fit,
    held_out,
    in_other_words,
    logistic,
    main,
)
from qa.training.corpus import read_corpus
from qa.training.made import Neighbours
from tests.test_training import abstract, paper

ANIMALS = (
    "otter heron badger lynx marten crane vole newt adder raven stork mole shrew toad perch pike carp eel "
    "swift finch robin owl kite hare stoat beaver bison moose ibex viper"
).split()
OFF_TOPIC = ["How do I boil an egg?", "Who won the cup in 1990?", "Is it going to rain?"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training data of the documented shape: of each animal a question with an answer and one without."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "training").mkdir()
    (folder / "arxiv").mkdir()
    lines = []
    for animal in ANIMALS:
        shared = {"paper": animal, "title": paper(animal).title, "abstract": abstract(animal)}
        quote = f"every {animal} sleeps because the nights are long"
        why = {"question": f"Why does the {animal} sleep?", "answerable": True, "evidence": [quote]}
        weigh = {"question": f"What does a {animal} weigh?", "answerable": False, "evidence": []}
        lines += [{"id": f"{animal}-{i}", **shared, **asked} for i, asked in enumerate((why, weigh))]
    (folder / "training" / "questions.jsonl").write_text("".join(f"{json.dumps(x)}\n" for x in lines))
    with gzip.open(folder / "arxiv" / "some.jsonl.gz", "wt") as file:
        for animal in ANIMALS:
            title = f"A survey of the {animal} and its food"
            file.write(
                json.dumps({"id": f"of {animal}", "title": title, "abstract": abstract(animal)}) + "\n"
            )
    return folder


# The regression --------------------------------------------------------------------------------------


def test_without_columns_the_constant_is_the_log_odds() -> None:
    fitted = logistic(np.zeros((4, 2)), np.array([1, 1, 1, 0]), [])
    assert fitted.weights == (0.0, 0.0)
    assert fitted.constant == pytest.approx(np.log(3), abs=1e-5)
    weighed = logistic(np.zeros((4, 1)), np.array([1, 1, 1, 0]), [], np.array([1, 1, 1, 3]))
    assert weighed.constant == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("unit", [1.0, 10.0])
def test_a_slope_is_held_back_by_its_penalty_and_told_in_the_columns_own_unit(unit: float) -> None:
    # Three of four right above the mean, one of four below: 8 (sigma(s) - 3/4) + s / 0.3 = 0 at s = 0.3766.
    rows = np.array([[-unit, 7.0]] * 4 + [[unit, 7.0]] * 4)
    fitted = logistic(rows + 2, np.array([1, 0, 0, 0, 1, 1, 1, 0]), [0])
    assert fitted.weights == pytest.approx((0.3766 / unit, 0.0), abs=1e-4)
    assert fitted.logits(np.array([2.0, 9.0])) == pytest.approx(0.0, abs=1e-5)


def test_the_slopes_of_several_columns_leave_no_gradient() -> None:
    rng = np.random.default_rng(5)
    rows, flags = rng.normal(size=(60, 3)), rng.random(60) < 0.4
    fitted = logistic(rows, flags, [0, 1, 2])
    missed = 1 / (1 + np.exp(-fitted.logits(rows))) - flags
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    slopes = np.array(fitted.weights) * rows.std(axis=0)
    assert np.allclose(standard.T @ missed + slopes / 0.3, 0, atol=1e-3)
    assert missed.sum() == pytest.approx(0, abs=1e-3)


# Cross-validation --------------------------------------------------------------------------------------


def case(group: int, sort: str, rng: np.random.Generator) -> Case:
    """A question to which two papers of three sentences were read; those that answer are near to it."""
    height = {ANSWERABLE: 4.0, "near-miss": 3.0, "absent-topic": 0.0, "off-topic": -6.0}[sort]
    papers, evidence = [], []
    for place in range(2):
        flags = np.array([0.0, float(sort == ANSWERABLE and not place), 0.0])
        values = rng.normal(size=(3, len(FEATURES))) + flags[:, None]
        cosines = (0.1 * (rng.normal(size=3) + height)).astype(np.float32)
        item = Scored(Paper(f"{group}", "T", "A. B. C."), 50 + 9 * height - place, 0.2, cosines, cosines, 0.1)
        reading = Reading((rng.normal(size=3) + 3 * flags).astype(np.float32), float(rng.normal() + height))
        papers.append(Read(item, ((0, 2), (3, 5), (6, 8)), values, 0.3, 0.4, 0.2, reading))
        evidence.append(flags)
    return Case(group, sort, papers, evidence)


@pytest.fixture(scope="module")
def made() -> list[Case]:
    """Four sorts of questions, each asked twice in the very same way."""
    rng = np.random.default_rng(2)
    once = [case(group, sort, rng) for group, sort in enumerate([ANSWERABLE, *REASONS] * 15)]
    return [one for one in once for _ in range(2)]


def everything() -> tuple[Sequence[int], Sequence[int]]:
    return ablations()["everything"]


def test_cases_of_one_question_are_judged_by_the_same_fit_which_none_of_them_is_in(made: list[Case]) -> None:
    held = held_out(made, *everything())
    assert Counter(one.sort for one in held) == dict.fromkeys([ANSWERABLE, *REASONS], 30)
    assert Counter(Counter(one.logit for one in held).values()) == {2: 60}
    # The same question under another number may come into another fold, and is then judged otherwise.
    apart = [Case(place, one.sort, one.papers, one.evidence) for place, one in enumerate(made)]
    assert len({one.logit for one in held_out(apart, *everything())}) > 100


def test_a_fit_tells_the_sorts_apart_and_leaves_out_what_it_must_not_use(made: list[Case]) -> None:
    fitted = fit(made, *everything())
    values = {one.sort: answer_values(one.papers, fitted.sentences) for one in made}
    logits = {sort: float(fitted.answers.logits(value)) for sort, value in values.items()}
    assert max(logits, key=lambda sort: logits[sort]) == ANSWERABLE
    for sort in ("near-miss", "off-topic"):
        reason = fitted.reasons[REASONS[sort]]
        likely = {other: float(reason.logits(values[other])) for other in REASONS}
        assert max(likely, key=lambda other: likely[other]) == sort
        assert likely["absent-topic"] < 0  # where the reason in the middle stays the likeliest
    assert fitted.reasons["nothing-near"].logits(values["absent-topic"]) == 0
    plain = fit(made, *ablations()["with late interaction"])
    assert plain.sentences.weights[-3:] == (0.0, 0.0, 0.0)
    assert plain.answers.weights[-2:] == (0.0, 0.0)


def test_parts_of_the_method_use_the_columns_that_they_are_named_for() -> None:
    named: Mapping[str, tuple[list[str], list[str]]] = {
        name: ([SENTENCE_VALUES[i] for i in sentences], [ANSWER_VALUES[i] for i in answers])
        for name, (sentences, answers) in ablations().items()
    }
    assert named["everything"] == ([*SENTENCE_VALUES], [*ANSWER_VALUES])
    assert named["reader alone"] == (
        ["reader", "below its best", "reader of paper"],
        ["reader's best", "reader's first"],
    )
    assert not {"words", "nearest words", "reader"} & {*named["retrieval and plain features"][0]}


def test_figures_of_six_questions() -> None:
    held = [Held(ANSWERABLE, 3.0, (True, True)), Held(ANSWERABLE, 2.0, (False, True))]
    held += [Held("near-miss", 2.5, (False, False)), Held("near-miss", 1.0, (False, False))]
    held += [Held("absent-topic", 0.0, (False, False)), Held("off-topic", -1.0, (False, False))]
    assert figures(held) == {
        "evidence first": 0.5,
        "evidence in three": 1.0,
        "auc near-miss": 0.75,
        "refused near-miss": 0.5,
        "auc absent-topic": 1.0,
        "refused absent-topic": 1.0,
        "auc off-topic": 1.0,
        "refused off-topic": 1.0,
    }


# The questions -----------------------------------------------------------------------------------------


def test_words_are_exchanged_for_near_ones_and_those_of_asking_stay() -> None:
    words: Neighbours = {word: ([f"{word}ish"], []) for word in ("why", "does", "the", "otter", "sleep")}
    asked = [in_other_words("Why does the otter sleep, if ever?", words, random.Random(i)) for i in range(30)]
    assert {*asked} == {
        f"Why does the {a} {b}, if ever?" for a in ("otter", "otterish") for b in ("sleep", "sleepish")
    }
    assert in_other_words("Why?", {}, random.Random(0)) == "Why?"


def test_every_question_is_asked_with_its_paper_without_it_and_in_other_words(
    folder: Path, tmp_path: Path
) -> None:
    asked = read_corpus(folder, held_out=0.1, seed=1).held_out
    found = list(cases(asked, OFF_TOPIC, {}, tmp_path / "library", Reader()))
    assert Counter(one.sort for one in found) == {
        ANSWERABLE: 6,
        "near-miss": 6,
        "absent-topic": 12,
        "off-topic": 3,
    }
    assert [one.group for one in found[-3:]] == [6, 7, 8]
    for one in found[:-3]:
        own = asked[one.group].text.paper.id
        assert len(one.papers) <= READ
        assert any(read.item.paper.id == own for read in one.papers) == (one.sort != "absent-topic")
        assert sum(flags.sum() for flags in one.evidence) == (one.sort == ANSWERABLE)
        assert [len(flags) for flags in one.evidence] == [len(read.spans) for read in one.papers]


# The file ------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again(made: list[Case], tmp_path: Path) -> None:
    (tmp_path / "made.json").write_text(json.dumps(calibrate(made)), encoding="utf-8")
    whole, plain = (calibration(with_reader, tmp_path / "made.json") for with_reader in (True, False))
    assert len(whole.sentences.weights) == len(SENTENCE_VALUES) == len(plain.sentences.weights) + 3
    assert len(whole.answers.weights) == len(ANSWER_VALUES) == len(plain.answers.weights) + 2
    assert {*whole.reasons} == {*plain.reasons} == {*Reason.__args__}  # type: ignore[attr-defined]
    assert (len(whole.answerable), {*map(len, whole.unanswerable.values())}) == (30, {30})
    assert whole.answerable == tuple(sorted(whole.answerable))
    assert calibrate(made)["version"] == whole.version == plain.version


def test_the_command_writes_where_it_is_told_and_prints_what_each_part_adds(
    folder: Path, tmp_path: Path
) -> None:
    before = CALIBRATION.read_bytes()
    done = CliRunner().invoke(main, [str(folder), "--out", str(tmp_path / "made.json")])
    assert (done.exit_code, done.exception) == (0, None)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert lines.keys() == ablations().keys()
    assert all(0 <= share <= 1 for line in lines.values() for share in json.loads(line).values())
    assert len(calibration(True, tmp_path / "made.json").answerable) == 12
    assert CALIBRATION.read_bytes() == before
