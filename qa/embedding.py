"""Texts to vectors: what any embedding model must offer, and the choice of one.

The default is the bundled MiniLM (qa/minilm.py), which reads title and abstract once, pools all
passages from that one pass, and gives a vector for each word besides. Any other sentence-transformers
model embeds each passage by itself, and gives no words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelUnavailable
from qa.resources import sha256
from qa.text import Span

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
WordVectors = NDArray[np.int8]


@dataclass(frozen=True)
class QuestionVectors:
    """A question, embedded: as a whole, and word by word where the model gives words.

    `whole` has shape (dimension,), `words` (number of words, word dimension); `terms` are the words,
    lower case, stop words left out.
    """

    whole: Vectors
    words: Vectors
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class PaperVectors:
    """A paper, embedded: passages of shape (1 + spans, dimension), first the whole abstract with its title.

    `terms` are its words, lower case: those of the title, `title` many, then those of the abstract, stop
    words left out. `words` are their vectors, whose dot products with those of a question's words are
    cosines; shape (0, 1) where the model gives no words.
    """

    passages: Vectors
    words: WordVectors
    terms: tuple[str, ...] = ()
    title: int = 0


EXACT: Final = "float32"  # what asks for the bundled model without quantisation
NO_WORDS: Final = np.empty((0, 1), np.int8)


class Embedder(Protocol):
    """Turns texts into unit vectors of `dimension` numbers; a dot product is their cosine."""

    @property
    def name(self) -> str:
        """What a library's fingerprint records: two embedders of one name give like vectors."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def embed_query(self, text: str) -> QuestionVectors:
        """The vectors of a question."""

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[Span]]
    ) -> list[PaperVectors]:
        """The vectors of each (title, abstract): of the whole, of each of its spans, of its words."""


def load_embedder(name: str | None = None) -> Embedder:
    """The bundled model, "float32" for it without quantisation, or a sentence-transformers model.

    The latter by name or folder. Raises ModelUnavailable when it is not on this machine, or the bundled one
    was altered.
    """
    if name in (None, EXACT):
        from qa.minilm import MiniLM

        return MiniLM(exact=name == EXACT)
    assert name is not None
    return SentenceTransformerEmbedder(name)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by name or folder. Loads torch."""

    def __init__(self, name: str) -> None:
        self.name = model_version(name)
        self._model = _load_sentence_transformer(name)
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def embed_query(self, text: str) -> QuestionVectors:
        """The vector of a question, with the model's own query prompt if it has one."""
        vector = np.asarray(self._model.encode_query(text, normalize_embeddings=True), dtype=np.float32)
        return QuestionVectors(vector, NO_WORDS.astype(np.float32))

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[Span]]
    ) -> list[PaperVectors]:
        """Each passage is embedded with its paper's title before it."""
        flat = [
            f"{title}. {piece}" if piece else title
            for (title, abstract), cuts in zip(texts, spans, strict=True)
            for piece in (abstract, *(abstract[start:end] for start, end in cuts))
        ]
        vectors = np.asarray(
            self._model.encode_document(flat, normalize_embeddings=True, show_progress_bar=False), np.float32
        )
        ends = np.cumsum([1 + len(cuts) for cuts in spans])
        return [PaperVectors(passages, NO_WORDS) for passages in np.split(vectors, ends[:-1])]


def model_version(name: str) -> str:
    """A model's name; for a folder its last part and a hash of its weights, wherever it lies."""
    folder = Path(name)
    if not folder.is_dir():
        return name
    hashes = "".join(sha256(path) for path in sorted(folder.rglob("*.safetensors")))
    return f"{folder.resolve().name} {hashlib.sha256(hashes.encode()).hexdigest()[:8]}"


def _load_sentence_transformer(name: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, device=None)
    except (OSError, ValueError, ImportError) as error:
        raise ModelUnavailable(
            f"embedding model {name!r} is not on this machine: give the folder of a sentence-transformers"
            " model, or set HF_HUB_OFFLINE=0 to let it be downloaded"
        ) from error
