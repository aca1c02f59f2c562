"""The embedding room: one pass, its passages and words, the verified files, the fallback."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from qa import Library, ModelUnavailable, Paper, minilm
from qa.embedding import load_embedder
from qa.minilm import MiniLM

TITLE = "Tool use in sea otters"
TEXT = "Sea otters open shells with stones. They carry a favourite stone for years."
SPANS = ((0, 35), (36, 75))


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


def test_vectors_are_of_unit_length_one_for_the_whole_and_one_for_each_span(model: MiniLM) -> None:
    (paper,) = model.embed_abstracts([(TITLE, TEXT)], [SPANS])
    assert paper.passages.shape == (3, 384)
    assert np.allclose(np.linalg.norm(paper.passages, axis=1), 1, atol=1e-5)


def test_a_question_is_nearest_to_the_sentence_that_answers_it(model: MiniLM) -> None:
    (paper,) = model.embed_abstracts([(TITLE, TEXT)], [SPANS])
    first, second = paper.passages[1:] @ model.embed_query("How long does an animal keep its stone?").whole
    assert second > first


def test_words_of_title_and_abstract_have_vectors_and_stop_words_have_none(model: MiniLM) -> None:
    (paper,) = model.embed_abstracts([(TITLE, TEXT)], [SPANS])
    assert paper.terms[: paper.title] == ("tool", "use", "sea", "otters")
    assert (paper.words.shape, paper.words.dtype.name) == ((len(paper.terms), 192), "int8")
    assert model.embed_query("How do sea-otters use the stones?").terms == ("sea", "otters", "use", "stones")


def test_a_word_is_nearest_to_itself_and_then_to_its_like(model: MiniLM) -> None:
    (paper,) = model.embed_abstracts([("Stones", "Otters carry rocks and sleep in groups.")], [()])
    cosines = paper.words @ model.embed_query("stones").words[0]
    assert np.argsort(-cosines)[:2].tolist() == [0, 3]  # stones, rocks
    assert 0.5 < cosines[0] < 1.05


def test_the_int8_export_agrees_with_the_published_model(model: MiniLM) -> None:
    from sentence_transformers import SentenceTransformer

    published = SentenceTransformer(str(minilm.model_folder()), device="cpu")
    assert float(published.encode(TEXT, normalize_embeddings=True) @ model.embed_query(TEXT).whole) > 0.985


def test_an_abstract_longer_than_the_model_reads_is_read_to_its_end(model: MiniLM) -> None:
    filler = "The weather was recorded on every day of the study. " * 80
    text = f"{filler}{TEXT}"
    spans = ((0, 51), (len(filler), len(filler) + 35))
    (paper,) = model.embed_abstracts([(TITLE, text)], [spans])
    weather, shells = paper.passages[1:] @ model.embed_query("otters that open shells with stones").whole
    assert shells > weather + 0.2
    assert len(paper.words) == 4 + 80 * 5 + 9


def test_a_paper_without_an_abstract_has_the_vector_of_its_title(model: MiniLM) -> None:
    (paper,) = model.embed_abstracts([(TITLE, "")], [()])
    assert (paper.passages.shape, paper.title, len(paper.words)) == ((1, 384), 4, 4)
    assert float(paper.passages[0] @ model.embed_query(TITLE).whole) > 0.95


def test_a_question_of_any_length_is_embedded(model: MiniLM) -> None:
    long = model.embed_query("otter " * 5000)
    assert (long.whole.shape, len(long.words)) == ((384,), len(long.terms))
    assert model.embed_query("what is it?").words.shape == (0, 192)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(minilm.model_folder(), tmp_path / "model")
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1\2\3")
    with pytest.raises(ModelUnavailable, match="is not the published file"):
        minilm.verify(folder, "model.safetensors")


def test_a_damaged_export_is_made_again(model: MiniLM) -> None:
    path = minilm.exported(minilm.model_folder())
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert minilm.exported(minilm.model_folder()) == path
    assert path.stat().st_size == len(whole)


def test_torch_embeds_where_the_export_cannot_be_made(
    model: MiniLM, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(folder: Path) -> Path:
        raise RuntimeError("no exporter here")

    monkeypatch.setattr(minilm, "exported", broken)
    fallback = MiniLM()
    assert "embedding with torch, several times slower" in caplog.text
    assert float(fallback.embed_query(TEXT).whole @ model.embed_query(TEXT).whole) > 0.985


def test_a_library_is_indexed_in_float32_and_asked_in_int8(tmp_path: Path, model: MiniLM) -> None:
    with Library(tmp_path / "library", embedder="float32") as exact:
        exact.add([Paper("otters", TITLE, TEXT)])
        (vector,) = exact.embeddings().values()
    (paper,) = model.embed_abstracts([(TITLE, TEXT)], [SPANS])
    assert 0.985 < float(paper.passages[0] @ vector) < 0.9999
    with Library(tmp_path / "library") as library:
        assert library.search("Which animals open shells?")[0].paper.id == "otters"


def test_any_sentence_transformers_folder_will_do() -> None:
    other = load_embedder(str(minilm.model_folder()))
    (paper,) = other.embed_abstracts([(TITLE, TEXT)], [SPANS])
    assert paper.passages.shape == (3, other.dimension) == (3, 384)
    assert len(paper.words) == 0
    assert float(paper.passages[1] @ other.embed_query("Which animals open shells?").whole) > 0.5
