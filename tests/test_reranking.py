"""The second stage: a tiny cross-encoder with random weights, made here and loaded as any other."""

from __future__ import annotations

import json
import socket
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa import Hit, Library, ModelUnavailable, minilm
from qa.cli import main

QUESTION = "How can the KV cache of a language model be made smaller?"
BEST = 20  # papers that are put in order


def cross_encoder(folder: Path, scores: int = 1) -> Path:
    """A BERT of one layer that reads texts letter by letter, and gives so many scores to a pair."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    letters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    BertTokenizer(vocab=vocabulary, model_max_length=128).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
        initializer_range=0.5,  # so that the scores differ widely
    )
    config.num_labels = scores
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("reranker") / "tiny")


@pytest.fixture
def reranking(seed_library: Library, model: Path) -> Iterator[Library]:
    """The library of the seed papers, with the tiny model as its second stage."""
    with Library(seed_library.path, reranker=str(model)) as library:
        yield library


def ids(hits: list[Hit]) -> list[str]:
    return [hit.paper.id for hit in hits]


def by_the_model(model: Path, question: str, hits: list[Hit]) -> list[str]:
    """The ids of the papers, ordered by what the model gives when it is asked directly."""
    from sentence_transformers import CrossEncoder

    pairs = [(question, f"{hit.paper.title}. {hit.paper.abstract}") for hit in hits]
    scores = CrossEncoder(str(model)).predict(pairs, show_progress_bar=False).tolist()
    assert len(set(scores)) == len(hits)
    return [paper for _, paper in sorted(zip(scores, ids(hits), strict=True), reverse=True)]


def test_the_best_follow_the_scores_of_the_cross_encoder(
    seed_library: Library, reranking: Library, model: Path
) -> None:
    before, after = seed_library.search(QUESTION, 40), reranking.search(QUESTION, 40)
    assert ids(after)[:BEST] == by_the_model(model, QUESTION, before[:BEST]) != ids(before)[:BEST]
    assert after[BEST:] == before[BEST:]


def test_the_best_exchange_their_scores(seed_library: Library, reranking: Library) -> None:
    before, after = seed_library.search(QUESTION, BEST), reranking.search(QUESTION, BEST)
    assert [hit.score for hit in after] == [hit.score for hit in before]
    assert [hit.score for hit in after] == sorted((hit.score for hit in before), reverse=True)


def test_few_are_taken_from_the_best_in_their_new_order(reranking: Library) -> None:
    assert ids(reranking.search(QUESTION, 3)) == ids(reranking.search(QUESTION, BEST))[:3]
    assert reranking.search(QUESTION, author="Nobody Of This Name") == []


def test_answers_and_the_retriever_go_by_the_new_order(reranking: Library) -> None:
    found = ids(reranking.search(QUESTION))
    assert ids(list(reranking.answer(QUESTION).hits)) == found
    assert [document.id for document in reranking.as_retriever().invoke(QUESTION)] == found


def test_an_answer_names_the_model(reranking: Library, model: Path) -> None:
    for question in (QUESTION, "How do I bake bread?", "What is the newest paper about Mamba?"):
        name, weights = reranking.answer(question).versions["reranker"].split()
        assert (name, len(weights)) == (model.name, 8)


def test_without_one_nothing_changes(seed_library: Library) -> None:
    with Library(seed_library.path, reranker=None) as library:
        assert library.search(QUESTION) == seed_library.search(QUESTION)
        assert "reranker" not in library.answer(QUESTION).versions


@pytest.mark.parametrize("name", ["no-such-model", "no-such/model", "/no/such/folder"])
def test_a_model_that_is_not_here_is_said_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelUnavailable, match=rf"^reranker '{name}' is not on this machine: [^\n]+$"):
        Library(tmp_path, reranker=name)


def test_a_folder_without_a_cross_encoder_of_one_score_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    damaged = cross_encoder(tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"\0" * 100)
    several = cross_encoder(tmp_path / "several", scores=3)
    for folder in (tmp_path / "empty", damaged, several, minilm.model_folder()):
        with pytest.raises(ModelUnavailable, match=rf"^reranker '{folder}' is no cross-encoder [^\n]+$"):
            Library(tmp_path / "library", reranker=str(folder))


# On the command line -------------------------------------------------------------------------------


def test_search_and_ask_take_it(seed_library: Library, reranking: Library, model: Path) -> None:
    options = ["--json", "--library", str(seed_library.path), "--reranker", str(model)]
    found = json.loads(CliRunner().invoke(main, ["search", QUESTION, *options]).stdout)
    assert [hit["paper"]["id"] for hit in found["hits"]] == ids(reranking.search(QUESTION))
    answer = json.loads(CliRunner().invoke(main, ["ask", QUESTION, *options]).stdout)
    assert answer["versions"] == reranking.answer(QUESTION).versions


def test_a_run_of_eval_names_it(
    seed_library: Library, reranking: Library, model: Path, tmp_path: Path
) -> None:
    first = reranking.search(QUESTION, 1)[0].paper.title
    question = {"id": "1", "kind": "single", "question": QUESTION, "relevant": [first]}
    (tmp_path / "q.jsonl").write_text(json.dumps(question), encoding="utf-8")
    options = ["--json", "--library", str(seed_library.path), "--reranker", str(model)]
    result = json.loads(CliRunner().invoke(main, ["eval", str(tmp_path / "q.jsonl"), *options]).stdout)
    assert result["kinds"]["single"]["success@1"]["value"] == 1.0
    assert result["versions"]["reranker"].startswith(f"{model.name} ")


@pytest.mark.parametrize("command", [["search", "x"], ["ask", "x"], ["chat", "--port"], ["eval", __file__]])
def test_a_missing_one_is_one_line_before_any_work(command: list[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = [str(server.getsockname()[1])] if command[0] == "chat" else []
    done = CliRunner().invoke(main, [*command, *free, "--reranker", str(tmp_path / "none")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"qa: reranker '{tmp_path / 'none'}' is not on this machine: give")
    assert done.stderr.count("\n") == 1


def test_a_collection_wants_a_library_of_its_own(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["eval", str(tmp_path), "--reranker", "any"])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("qa: --reranker on a collection needs --library FOLDER")
