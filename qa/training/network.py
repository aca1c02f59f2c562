"""The reader as a network: the bundled MiniLM encoder, and two small heads on its token vectors.

A sentence is judged by the mean of its token vectors, that mean times the question's, the vector of
`[CLS]`, and how well each word of the question finds a match in it (late interaction, Khattab and
Zaharia, 2020, arXiv:2004.12832, with learned weights for the words). The abstract as a whole is judged
by `[CLS]`, the sentences that seem to answer, and how well the worst and the average word are matched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from qa.minilm import CHECKSUMS, verify

HIDDEN = 256  # of the heads
FAR = -1e4  # a logit for what is only padding
SHARPNESS = 20.0  # of the share of a question's word that each sentence gets
MATCH = 0.7  # the cosine under which a question's word counts as not found


class ReaderNetwork(nn.Module):
    """Inputs as `qa.reader.arrays` gives them, as tensors; logits (batch, sentences) and (batch,)."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder
        width = int(encoder.config.hidden_size)
        self.weigh = nn.Linear(width, 2)  # of the question's words: for sentences, for the whole
        self.sentence_head = _head(3 * width + 3)
        self.abstract_head = _head(3 * width + 5)

    def forward(
        self, ids: Tensor, types: Tensor, mask: Tensor, asked: Tensor, members: Tensor
    ) -> tuple[Tensor, Tensor]:
        output = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types)
        tokens = output.last_hidden_state.float()
        means = (members / members.sum(-1, keepdim=True).clamp(min=1)) @ tokens
        question, sentences = means[:, :1], means[:, 1:]
        present = members[:, 1:].sum(-1) > 0
        first = tokens[:, :1]
        padding = (1 - asked[..., None]) * FAR
        weights = torch.softmax(self.weigh(tokens[:, 1 : 1 + asked.shape[1]]) + padding, 1)
        matches = self._matches(tokens, asked, members, present)
        per_sentence = [
            sentences,
            question * sentences,
            first.expand_as(sentences),
            4 * matches @ weights,
            _shares(matches, present) @ weights[..., :1],
        ]
        logits = self.sentence_head(torch.cat(per_sentence, -1))[..., 0]
        attention = torch.softmax(torch.where(present, logits, FAR), 1)
        answering = (attention[..., None] * sentences).sum(1)
        whole = [first[:, 0], question[:, 0], *_coverage(matches, asked, weights), answering]
        return logits, self.abstract_head(torch.cat(whole, -1))[..., 0]

    def _matches(self, tokens: Tensor, asked: Tensor, members: Tensor, present: Tensor) -> Tensor:
        """(batch, sentences, question tokens): the best cosine of each word of the question."""
        unit = functional.normalize(tokens, dim=-1)
        cosines = unit[:, 1 : 1 + asked.shape[1]] @ unit.transpose(1, 2)
        best = (cosines[:, None] + 4 * (members[:, 1:, None] - 1)).amax(-1)
        return torch.where(present[..., None], best, -1.0)


def _shares(matches: Tensor, present: Tensor) -> Tensor:
    """How much of each word of the question every sentence gets: the better the match, the more."""
    return torch.softmax(SHARPNESS * matches + torch.where(present[..., None], 0.0, FAR), 1)


def _coverage(matches: Tensor, asked: Tensor, weights: Tensor) -> list[Tensor]:
    """How well the abstract matches the words of the question: on average, at worst, how much is missed."""
    best = matches.amax(1)
    missed = functional.relu(MATCH - best) * asked
    return [
        4 * (best[..., None] * weights).sum(1),
        2 * (best + 2 * (1 - asked)).amin(1, keepdim=True),
        8 * (missed[..., None] * weights).sum(1),
    ]


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, 1))


def from_folder(folder: Path, *, published: bool = True) -> ReaderNetwork:
    """A network with the encoder in `folder` and new heads. `published`: verify the bundled model's files."""
    from sentence_transformers.base.modules import Transformer

    for name in CHECKSUMS if published else ():
        verify(folder, name)
    # The exporter follows the plain attention only, and without dropout it is as fast as the fused one.
    encoder = Transformer(
        str(folder),
        model_kwargs={"attn_implementation": "eager", "add_pooling_layer": False},
        config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    )
    return ReaderNetwork(encoder.auto_model)
