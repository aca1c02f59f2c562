"""A second stage for who wants it: a cross-encoder reads the question with each of the best papers.

Any sentence-transformers cross-encoder with a single score will do. It decides the order of the best
papers only. These exchange among themselves the scores that they have from the first stage, so that
whatever compares scores later finds them on the scale that it was made for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qa.embedding import model_version
from qa.errors import ModelUnavailable
from qa.paper import Paper
from qa.retrieval import Scored

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BEST: Final = 20  # papers that are read; the others stay behind them
_HEAD: Final = "ForSequenceClassification"


class Reranker:
    """A sentence-transformers cross-encoder, by name or folder. Loads torch.

    Raises ModelUnavailable when it is not on this machine, or gives anything but one score for a pair.
    """

    def __init__(self, name: str) -> None:
        self._model = _load_cross_encoder(name)
        self.name: Final = model_version(name)

    def scores(self, question: str, papers: Sequence[Paper]) -> NDArray[np.float32]:
        """How well each paper, as "title. abstract", answers the question; higher is better."""
        texts = [f"{paper.title}. {paper.abstract}" if paper.abstract else paper.title for paper in papers]
        scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return np.asarray(scores, np.float32)

    def rerank(self, question: str, ranked: Sequence[Scored]) -> list[Scored]:
        """`ranked`, best first, with the best of them in the order of the cross-encoder's scores."""
        best, others = ranked[:BEST], ranked[BEST:]
        order = np.argsort(-self.scores(question, [item.paper for item in best]), kind="stable")
        return [*(replace(best[i], score=to.score) for i, to in zip(order, best, strict=True)), *others]


def _load_cross_encoder(name: str) -> CrossEncoder:
    from sentence_transformers import CrossEncoder

    try:
        model: CrossEncoder = CrossEncoder(name)
    except Exception as error:  # a damaged file raises whatever its reader raises
        if Path(name).is_dir():
            raise _unfit(name) from error
        raise ModelUnavailable(
            f"reranker {name!r} is not on this machine: give the folder of a sentence-transformers"
            " cross-encoder, or set HF_HUB_OFFLINE=0 to let it be downloaded"
        ) from error
    if model.num_labels != 1 or not _is_trained(model):
        raise _unfit(name)
    return model


def _is_trained(model: CrossEncoder) -> bool:
    """Whether the part that scores came with the weights: an embedding model would get a random one."""
    inner = model.transformers_model
    if inner is None or not type(inner).__name__.endswith(_HEAD):
        return True
    return any(kind.endswith(_HEAD) for kind in inner.config.architectures or ())


def _unfit(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"reranker {name!r} is no cross-encoder that gives a single score: give one, such as"
        " sentence-transformers' CrossEncoder saves with num_labels=1"
    )
