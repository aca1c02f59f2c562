"""The network as a file for ONNX Runtime, with int8 weights, and the checksum that is verified with it.

At run time the inputs of each product of matrices become int8 too, with one scale for all channels, and a
few channels are far larger than the rest. So each channel is divided by its usual size beforehand, and
the weights that meet it are multiplied by that (SmoothQuant, Xiao et al., 2022, arXiv:2211.10438): the
same function in float32, and half the error in int8.
"""

from __future__ import annotations

import copy
import logging
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from qa.reader import Block, arrays
from qa.resources import sha256
from qa.training.network import ReaderNetwork

OPSET = 17
SMOOTHNESS = 0.85  # 0 leaves the sizes of channels alone, 1 makes them all alike
LEAST = 1e-3  # size of a channel
_AXES = {
    "ids": {0: "batch", 1: "tokens"},
    "types": {0: "batch", 1: "tokens"},
    "mask": {0: "batch", 1: "tokens"},
    "asked": {0: "batch", 1: "asked"},
    "members": {0: "batch", 1: "rows", 2: "tokens"},
    "sentences": {0: "batch", 1: "sentences"},
    "answers": {0: "batch"},
}


def export(network: ReaderNetwork, target: Path, usual: Sequence[Block]) -> None:
    """Write `target`, and beside it a file ending in .sha256 with its checksum.

    `usual` are some blocks as they will be read; from them the sizes of the channels are taken.
    """
    from onnxruntime.quantization import quantize_dynamic

    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "float32.onnx"
        export_float32(_smoothed(network, usual), plain)
        logging.disable(logging.WARNING)  # the quantiser's advice goes to the root logger
        try:
            quantize_dynamic(str(plain), str(target), per_channel=True)
        finally:
            logging.disable(logging.NOTSET)
    seal(target)


def export_float32(network: ReaderNetwork, target: Path) -> None:
    """Write `target` with the weights as they are, to compare with; and its checksum."""
    inputs = _tensors([Block([7] * 5, [8] * 4, ([9] * 6, [10] * 7)), Block([7] * 3, [8] * 2, ([9] * 3,))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own advice to its developers
        torch.onnx.export(
            network.eval(),
            tuple(inputs.values()),
            str(target),
            input_names=list(inputs),
            output_names=["sentences", "answers"],
            dynamic_axes=_AXES,
            opset_version=OPSET,
            dynamo=False,
        )
    seal(target)


def seal(weights: Path) -> None:
    """Write the checksum that `qa.reader.check` wants."""
    weights.with_suffix(".sha256").write_text(f"{sha256(weights)}\n", encoding="ascii")


def _tensors(batch: Sequence[Block]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(value) for name, value in arrays(batch).items()}


class _Smoothed(nn.Module):
    """The same as `linear`, whose inputs are divided by `sizes` on the way."""

    def __init__(self, linear: nn.Linear, sizes: Tensor) -> None:
        super().__init__()
        self.linear = copy.deepcopy(linear)
        self.linear.weight.data *= sizes
        self.inverse = nn.Parameter(1 / sizes)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.linear(inputs * self.inverse)  # type: ignore[no-any-return]


def _smoothed(network: ReaderNetwork, usual: Sequence[Block]) -> ReaderNetwork:
    """A copy of the network that computes the same from channels of like size."""
    result = copy.deepcopy(network).eval()
    for name, largest in _largest(result, usual).items():
        linear = result.encoder.get_submodule(name)
        assert isinstance(linear, nn.Linear)
        weights = linear.weight.data.abs().amax(0).clamp(min=LEAST)
        sizes = largest.clamp(min=LEAST) ** SMOOTHNESS / weights ** (1 - SMOOTHNESS)
        result.encoder.set_submodule(name, _Smoothed(linear, sizes / sizes.mean()))
    return result


def _largest(network: ReaderNetwork, usual: Sequence[Block]) -> dict[str, Tensor]:
    """The largest input of each channel of every linear layer in the encoder, by the layer's name."""
    largest: dict[str, Tensor] = {}

    def watch(name: str, linear: nn.Linear) -> torch.utils.hooks.RemovableHandle:
        def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            seen = inputs[0].abs().amax((0, 1))
            largest[name] = torch.maximum(largest[name], seen) if name in largest else seen

        return linear.register_forward_pre_hook(note)

    layers = dict(network.encoder.named_modules()).items()
    hooks = [watch(name, layer) for name, layer in layers if isinstance(layer, nn.Linear)]
    with torch.inference_mode():
        for block in usual:
            network(**_tensors([block]))
    for hook in hooks:
        hook.remove()
    return {name: sizes.clone() for name, sizes in largest.items()}
