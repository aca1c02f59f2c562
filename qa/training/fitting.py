"""The losses and the optimiser's loop.

A pass is judged three ways: each sentence by itself (binary cross-entropy, evidence counted double), the
sentences of an abstract against each other (cross-entropy over them, where one is evidence), and whether
the abstract answers (binary cross-entropy). AdamW with warm-up, linear decay, and a smaller rate the
lower the layer; bfloat16 where torch has it, with weights kept in float32.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from qa.reader import arrays
from qa.training.network import FAR, ReaderNetwork
from qa.training.recipe import Rounds
from qa.training.samples import Sample

OnStep = Callable[[int, int, float], None]  # steps done, of how many, running loss

EVIDENCE_WEIGHT = 2.0
LISTWISE_WEIGHT = 0.5
WARM_UP = 0.06  # of the steps
WEIGHT_DECAY = 0.01
LONGEST_STEP = 1.0  # the norm that gradients are clipped to
SORTED_TOGETHER = 40  # batches whose samples are sorted by length, against padding


def fit(
    network: ReaderNetwork,
    epochs: Sequence[Sequence[Sample]],
    rounds: Rounds,
    rng: random.Random,
    on_step: OnStep | None = None,
) -> None:
    """Fit the network, in place, to each epoch's samples in turn."""
    batches = [batch for samples in epochs for batch in _batches(samples, rounds.batch, rng)]
    groups = _groups(network, rounds)
    optimiser = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)
    warm = max(1, round(WARM_UP * len(batches)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (len(batches) - step) / max(1, len(batches) - warm))
    )
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    network.train()
    running = 0.0
    for step, batch in enumerate(batches, 1):
        loss = _loss(network, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, LONGEST_STEP)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        running = loss.item() if step == 1 else 0.98 * running + 0.02 * loss.item()
        if on_step:
            on_step(step, len(batches), running)
    network.eval()


def _groups(network: ReaderNetwork, rounds: Rounds) -> list[dict[str, object]]:
    """Weights with their learning rates; what is frozen is marked so, and left out."""
    layers: list[torch.nn.Module] = list(network.encoder.encoder.layer)
    network.encoder.requires_grad_(False)
    groups: list[dict[str, object]] = []
    for height, layer in enumerate(layers):
        if height >= rounds.frozen_layers:
            layer.requires_grad_(True)
            rate = rounds.rate * rounds.layer_decay ** (len(layers) - 1 - height)
            groups.append({"params": list(layer.parameters()), "lr": rate})
    inside = set(network.encoder.parameters())
    heads = [weight for weight in network.parameters() if weight not in inside]
    return [*groups, {"params": heads, "lr": rounds.head_rate}]


def _batches(samples: Sequence[Sample], size: int, rng: random.Random) -> list[Sequence[Sample]]:
    """In random order, with samples of like length together."""
    mixed = list(samples)
    rng.shuffle(mixed)
    stretch = size * SORTED_TOGETHER
    result: list[Sequence[Sample]] = []
    for first in range(0, len(mixed), stretch):
        near = sorted(mixed[first : first + stretch], key=lambda one: len(one.block))
        result += [near[i : i + size] for i in range(0, len(near), size)]
    rng.shuffle(result)
    return result


def _loss(network: ReaderNetwork, batch: Sequence[Sample]) -> Tensor:
    inputs = {name: torch.from_numpy(value) for name, value in arrays([s.block for s in batch]).items()}
    with torch.autocast("cpu", dtype=torch.bfloat16):
        sentences, answers = network(**inputs)
    judged, wanted = torch.zeros(sentences.shape), torch.zeros(sentences.shape)
    for row, one in enumerate(batch):
        if one.evidence is not None:
            judged[row, : len(one.block.sentences)] = 1
            wanted[row, sorted(one.evidence)] = 1
    whether = torch.tensor([float(one.answers) for one in batch])
    return _sentence_loss(sentences.float(), judged, wanted) + functional.binary_cross_entropy_with_logits(
        answers.float(), whether
    )


def _sentence_loss(logits: Tensor, judged: Tensor, wanted: Tensor) -> Tensor:
    each = functional.binary_cross_entropy_with_logits(
        logits, wanted, reduction="none", pos_weight=torch.tensor(EVIDENCE_WEIGHT)
    )
    alone = (each * judged).sum(1) / judged.sum(1).clamp(min=1)
    shares = torch.log_softmax(torch.where(judged > 0, logits, FAR), 1)
    among = -(shares * wanted).sum(1) / wanted.sum(1).clamp(min=1)
    answered = (wanted.sum(1) > 0).sum().clamp(min=1)
    return alone.mean() + LISTWISE_WEIGHT * among.sum() / answered
