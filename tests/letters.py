"""A real, tiny embedder, for tests that are not about how well papers are found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qa.embedding import NO_WORDS, PaperVectors, QuestionVectors


class Letters:
    """A real, tiny embedder: how often each letter occurs."""

    name = "letters"
    dimension = 27

    def embed_query(self, text: str) -> QuestionVectors:
        counts = np.array([text.lower().count(chr(97 + i)) for i in range(26)] + [1], np.float32)
        return QuestionVectors(counts / np.linalg.norm(counts), NO_WORDS.astype(np.float32))

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[PaperVectors]:
        pieces = [
            (f"{title} {text}", *(text[a:b] for a, b in cuts))
            for (title, text), cuts in zip(texts, spans, strict=True)
        ]
        return [PaperVectors(np.stack([self.embed_query(p).whole for p in of]), NO_WORDS) for of in pieces]
