"""The reader's training: a tiny run from files to weights, and the parts that make the questions."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qa import InvalidInput, Paper, ReadError
from qa.reader import Reader, Reading, Tokens
from qa.training.__main__ import main
from qa.training.corpus import Asked, Corpus, Shelf, in_tokens, read_corpus
from qa.training.judging import Judged, figures
from qa.training.made import Maker
from qa.training.pipeline import average, train
from qa.training.recipe import AskedRounds, MadeRounds, Recipe, read_recipe
from qa.training.samples import epoch

ANIMALS = ("otter", "heron", "badger", "lynx", "marten", "crane", "vole", "newt", "adder", "raven")
TINY = Recipe(
    seed=1,
    held_out=0.3,
    made=MadeRounds(4, 1e-3, 1e-3, 0.9, 0, rounds=1, pairs=8, papers=9),
    asked=AskedRounds(
        4, 1e-3, 1e-3, 0.9, 0, runs=2, epochs=1, thinned=0.5, deleted=0.5, foreign=0.5, lists=4
    ),
)


def abstract(animal: str) -> str:
    return (
        f"The {animal} lives near rivers and is rarely seen by people. "
        f"We followed each {animal} for nine months with small radio transmitters. "
        f"The results show that every {animal} sleeps because the nights are long. "
        f"We propose a new way of counting the {animal} from photographs."
    )


def paper(animal: str) -> Paper:
    return Paper(id=animal, title=f"On the sleep of the {animal}", abstract=abstract(animal))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training data of the documented shape, two questions for each animal."""
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
        for i, animal in enumerate(ANIMALS):
            title = f"A survey of the {animal} and its food" if i else paper(animal).title
            file.write(json.dumps({"id": f"a{i}", "title": title, "abstract": abstract(animal)}) + "\n")
    return folder


@pytest.fixture(scope="module")
def corpus(folder: Path) -> Corpus:
    return read_corpus(folder, held_out=0.3, seed=1)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with chance weights."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    sizes = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertModel(sizes, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    train(folder, out, TINY, encoder=encoder)
    return out


def test_a_run_leaves_weights_that_the_reader_takes(trained: Path) -> None:
    (reading,) = Reader(trained / "reader.int8.onnx").read("Why?", [("Otters", "They sleep.")], [[(0, 11)]])
    assert reading.sentences.shape == (1,)


def test_a_run_reports_its_recipe_and_the_figures_of_what_was_kept_out(trained: Path) -> None:
    report = json.loads((trained / "report.json").read_text())
    assert report["recipe"]["made"]["pairs"] == 8
    assert report["questions"] == {"fitted": 14, "held_out": 6}
    assert report["held_out"]["int8"].keys() == report["held_out"]["float32"].keys()
    assert 0 <= report["held_out"]["int8"]["evidence in three"] <= 1


def test_int8_weights_say_nearly_what_float32_ones_say(trained: Path) -> None:
    texts, spans = [("Otters", abstract("otter"))], [[(0, 59), (60, 128)]]
    (exact,) = Reader(trained / "float32.onnx").read("Where do they live?", texts, spans)
    (small,) = Reader(trained / "reader.int8.onnx").read("Where do they live?", texts, spans)
    assert np.allclose(exact.sentences, small.sentences, atol=0.05)


def test_what_was_interrupted_goes_on(trained: Path, folder: Path, encoder: Path, tmp_path: Path) -> None:
    for name in ("practised-0.pt", "run-0.pt"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    steps: list[int] = []
    train(folder, tmp_path, TINY, encoder=encoder, on_step=lambda done, total, loss: steps.append(done))
    assert steps.count(1) == 1  # the second run alone
    assert seal_of(tmp_path) == seal_of(trained)


def seal_of(out: Path) -> str:
    return (out / "reader.int8.sha256").read_text()


def test_runs_are_averaged_weight_by_weight() -> None:
    import torch

    mean = average([{"w": torch.tensor([1.0, 2.0])}, {"w": torch.tensor([3.0, 6.0])}])
    assert mean["w"].tolist() == [2.0, 4.0]


def test_no_data_is_told_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "training/questions.jsonl cannot be read" in result.output
    with pytest.raises(ReadError, match="give a folder with training questions"):
        read_corpus(tmp_path, 0.2, 1)


def test_the_recipe_that_travels_is_read_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    assert read_recipe().held_out == 0.2
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("seed = 1\n")
    with pytest.raises(InvalidInput, match=r"wrong\.toml is no recipe"):
        read_recipe(wrong)


# The questions -------------------------------------------------------------------------------------


def test_papers_are_kept_out_whole(corpus: Corpus) -> None:
    fitted, held_out = ({one.text.paper.id for one in asked} for asked in (corpus.fitted, corpus.held_out))
    assert (len(fitted), len(held_out)) == (7, 3)
    assert not fitted & held_out


def test_open_papers_that_have_questions_are_left_out(corpus: Corpus) -> None:
    assert len(corpus.open_papers) == len(ANIMALS) - 1


def test_near_papers_are_of_the_same_side_and_not_the_questions_own(corpus: Corpus) -> None:
    held_out = {one.text.paper.id for one in corpus.held_out}
    for one in corpus.held_out:
        assert {text.paper.id for text in one.near[0]} <= held_out - {one.text.paper.id}


def test_the_evidence_is_the_sentence_that_holds_the_quote(corpus: Corpus) -> None:
    assert {one.evidence for one in corpus.fitted} == {frozenset({2}), frozenset()}


def asked() -> Asked:
    text = in_tokens(paper("otter"), Tokens())
    return Asked("1", "Why?", [7], text, frozenset({2}))


def guises(thinned: float, deleted: float) -> list[tuple[int, frozenset[int] | None, bool]]:
    rounds = AskedRounds(
        4, 0.1, 0.1, 1.0, 0, runs=1, epochs=1, thinned=thinned, deleted=deleted, foreign=0.0, lists=0
    )
    return [
        (len(s.block.sentences), s.evidence, s.answers) for s in epoch([asked()], rounds, random.Random(2))
    ]


def test_a_question_is_asked_of_its_abstract() -> None:
    assert guises(thinned=0.0, deleted=0.0) == [(4, frozenset({2}), True)]


def test_without_the_evidence_it_cannot_be_answered() -> None:
    assert guises(thinned=0.0, deleted=1.0)[1] == (3, frozenset(), False)


def test_a_thinned_abstract_keeps_its_evidence() -> None:
    ((count, evidence, answers),) = guises(thinned=1.0, deleted=0.0)
    assert count < 4
    assert evidence is not None
    assert len(evidence) == 1
    assert answers


def maker(words: dict[str, tuple[list[str], list[str]]] | None = None) -> Maker:
    tokens = Tokens()
    return Maker(Shelf([*map(paper, ANIMALS)], tokens), tokens, words or {}, random.Random(3))


def test_made_questions_have_evidence_where_they_can_be_answered() -> None:
    made = list(maker().samples([*map(paper, ANIMALS)], 200))
    assert len(made) == 200
    assert all(one.answers for one in made if one.evidence)
    assert {one.answers for one in made if one.evidence == frozenset()} == {False}
    assert 0.3 < sum(one.answers for one in made) / 200 < 0.7


def test_made_questions_are_the_same_for_the_same_seed() -> None:
    first, second = (list(maker().samples([*map(paper, ANIMALS)], 20)) for _ in range(2))
    assert first == second


def test_questions_for_lists_are_asked_of_a_paper_that_belongs_and_of_one_that_does_not() -> None:
    made = list(maker().lists([*map(paper, ANIMALS)], 40))
    assert sum(one.answers for one in made) == 20
    assert {one.evidence for one in made if not one.answers} == {frozenset()}
    assert any(one.evidence is None for one in made)


def test_abstracts_that_are_too_short_make_none() -> None:
    tokens, short = Tokens(), Paper(id="1", title="A title", abstract="One sentence.")
    assert list(Maker(Shelf([short], tokens), tokens, {}, random.Random(3)).samples([short], 5)) == []


# The figures ---------------------------------------------------------------------------------------


def reading(answers: float, *sentences: float) -> Reading:
    return Reading(np.array(sentences, np.float32), answers)


def test_figures_of_three_questions() -> None:
    one = asked()
    no = Asked("2", "What?", [8], one.text, frozenset())
    judged = [
        Judged(one, (reading(2, 0, 1, 5, 2), reading(-3, 1, 1))),
        Judged(one, (reading(1, 4, 3, 0, 2), reading(-1, 1, 1))),
        Judged(no, (reading(1.5, 0, 0, 0, 0), reading(-2, 1, 1))),
    ]
    assert figures(judged) == {
        "evidence first": 0.5,
        "evidence in three": 0.5,
        "evidence in three of four papers": 0.5,
        "auc near miss": 0.5,
        "auc absent": 1.0,
        "refused near misses": 0.0,
        "refused absent": 1.0,
    }
