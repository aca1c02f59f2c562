"""The reader: its file is verified, its inputs are right to the token, and it finds what answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from qa import ModelUnavailable
from qa.reader import NOTHING, WEIGHTS, Block, Reader, Reading, arrays, blocks
from qa.text import sentence_spans

TITLE = "Tool use in sea otters"
TEXT = (
    "Sea otters live along cold coasts. They open shells with stones, which they carry for years. "
    "We watched 41 animals from two boats. Females used tools more often than males."
)
QUESTION = "How many animals were watched?"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def read(reader: Reader, question: str, *abstracts: str) -> list[Reading]:
    return reader.read(question, [(TITLE, text) for text in abstracts], [*map(sentence_spans, abstracts)])


def test_each_sentence_has_a_logit(reader: Reader) -> None:
    (reading,) = read(reader, QUESTION, TEXT)
    assert reading.sentences.shape == (4,)
    assert reading.sentences.dtype == np.float32


@pytest.mark.parametrize(
    ("question", "place"),
    [
        (QUESTION, 2),
        ("Do females or males use tools more often?", 3),
        ("What do sea otters open shells with?", 1),
        ("Where do sea otters live?", 0),
    ],
)
def test_the_sentence_that_answers_is_first(reader: Reader, question: str, place: int) -> None:
    (reading,) = read(reader, question, TEXT)
    assert int(reading.sentences.argmax()) == place


def test_an_abstract_without_the_sentence_that_answers_answers_less(reader: Reader) -> None:
    without = TEXT.replace("We watched 41 animals from two boats. ", "")
    other = "Prime numbers thin out along the line. We prove a theorem on their gaps. The proof is short."
    whole, less, none = read(reader, QUESTION, TEXT, without, other)
    assert whole.answers > 0 > max(less.answers, none.answers)


def test_a_reading_depends_on_nothing_read_beside_it(reader: Reader) -> None:
    alone, again = read(reader, QUESTION, TEXT), read(reader, QUESTION, "Another one. " * 30, TEXT)
    assert alone[0].answers == again[1].answers
    assert alone[0].sentences.tolist() == again[1].sentences.tolist()


def test_an_abstract_longer_than_the_model_reads_is_read_to_its_end(reader: Reader) -> None:
    filler = "The weather was recorded on every day of the study. " * 80
    reading, without = read(reader, QUESTION, filler + TEXT, filler)
    assert reading.sentences.shape == (84,)
    assert int(reading.sentences.argmax()) == 82
    assert reading.answers > without.answers


def test_one_sentence_without_end_is_read_from_its_beginning(reader: Reader) -> None:
    (reading,) = read(reader, QUESTION, "otters and " * 2000)
    assert reading.sentences.shape == (1,)


def test_a_paper_without_an_abstract_answers_nothing(reader: Reader) -> None:
    (reading,) = read(reader, QUESTION, "")
    assert reading.sentences.shape == (0,)
    assert reading.answers == NOTHING


def test_no_paper_no_reading(reader: Reader) -> None:
    assert read(reader, QUESTION) == []


@pytest.mark.parametrize("question", ["?", "otter " * 5000, "Где живут каланы? 🦦"])
def test_a_question_of_any_kind_is_read(reader: Reader, question: str) -> None:
    (reading,) = read(reader, question, TEXT)
    assert np.isfinite([reading.answers, *reading.sentences]).all()


# The file ------------------------------------------------------------------------------------------


def test_the_file_that_travels_is_small_and_says_which_it_is(reader: Reader) -> None:
    assert WEIGHTS.stat().st_size <= 30 * 2**20
    assert reader.name == f"reader {WEIGHTS.with_suffix('.sha256').read_text()[:8]}"


def copied(folder: Path) -> Path:
    for path in (WEIGHTS, WEIGHTS.with_suffix(".sha256")):
        shutil.copy(path, folder)
    return folder / WEIGHTS.name


def test_altered_weights_are_refused_in_one_line(tmp_path: Path) -> None:
    weights = copied(tmp_path)
    with weights.open("r+b") as file:
        file.seek(100_000)
        file.write(b"\0\1\2\3")
    with pytest.raises(ModelUnavailable) as refusal:
        Reader(weights)
    assert str(refusal.value) == (
        f"{weights} is not the file that reader.int8.sha256 names: install qa again"
    )


@pytest.mark.parametrize("suffix", [".onnx", ".sha256"])
def test_a_missing_file_is_named(tmp_path: Path, suffix: str) -> None:
    weights = copied(tmp_path)
    missing = weights.with_suffix(suffix)
    missing.unlink()
    with pytest.raises(ModelUnavailable, match=f"the reader's file .*{missing.name} is missing"):
        Reader(weights)


def test_a_sealed_file_that_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    from qa.training.export import seal

    weights = tmp_path / "reader.int8.onnx"
    weights.write_bytes(b"no model")
    seal(weights)
    with pytest.raises(ModelUnavailable, match=r"cannot be loaded .*: install qa again$"):
        Reader(weights)


# What the model is given ---------------------------------------------------------------------------


def test_a_block_in_numbers() -> None:
    given = arrays([Block([7, 8], [9], ([10, 11], [12])), Block([7], [], ([10],))])
    assert given["ids"].tolist() == [[101, 7, 8, 102, 9, 10, 11, 12, 102], [101, 7, 102, 10, 102, 0, 0, 0, 0]]
    assert given["types"].tolist() == [[0, 0, 0, 0, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0, 0, 0]]
    assert given["mask"].sum(axis=1).tolist() == [9, 5]
    assert given["asked"].tolist() == [[1, 1], [1, 0]]
    assert given["members"][0].tolist() == [
        [0, 1, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 1, 0],
    ]
    assert given["members"][1, :, :5].tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0]]


def test_blocks_hold_whole_sentences_and_never_more_than_fits() -> None:
    made = list(blocks([1] * 20, [2] * 9, [[3] * 200, [4] * 200, [5] * 200, [6] * 900]))
    assert [[len(sentence) for sentence in block.sentences] for block in made] == [[200, 200], [200], [480]]
    assert [len(block) for block in made] == [432, 232, 512]


def test_nothing_to_read_is_no_block() -> None:
    assert list(blocks([1], [2], [])) == []
