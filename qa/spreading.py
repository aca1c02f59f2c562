"""Embedding of large piles on many machines, by Ray Data (the extra `ray`).

A library finds vectors by text, and embeds no text whose vectors it has. So a pile is embedded ahead, in
any order and on any machine, and its vectors are put where the library looks for them; then it is added
as ever, and nothing is left to embed. Whatever was embedded before an interruption stays.

Each worker has one core and the whole model, and embeds as a single process does: the vectors are the
same. Machines of the cluster need this package, in this version, and the same model.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.catalogue import Catalogue
from qa.embedding import EXACT, Embedder, PaperVectors, load_embedder
from qa.errors import ModelUnavailable
from qa.known import unusable
from qa.paper import Paper
from qa.passages import cut
from qa.readers import read_papers
from qa.vectors import text_key

log = logging.getLogger("qa")
_SOON: Final = 2.0  # seconds in which a cluster that is there takes a call
_PILE: Final = 20_000  # papers handed over together; their texts are in this process's memory
_BATCH: Final = 32  # papers that a worker gets at a time
_BACK: Final = 256  # papers whose vectors are put into the library at a time

Batch = dict[str, NDArray[Any]]
Source = str | os.PathLike[str] | Iterable[Paper]


def spread(
    catalogue: Catalogue,
    embedder: Embedder,
    model: str | Embedder | None,
    fingerprint: str,
    source: Source,
    address: str,
) -> Source:
    """Put the vectors of the papers in `source` into the library, made on the Ray cluster at `address`.

    Returns the source, or what an iterator gave. `address` is "local" for a Ray of this machine's own, "auto"
    for one that runs here, or an address such as "ray://head:10001". `model` is what `embedder` was loaded
    from, on each machine again. Raises ModelUnavailable without Ray, without a cluster, or where a worker's
    model is another one.
    """
    again: Source
    papers: Iterable[Paper]
    if isinstance(source, (str, os.PathLike)):
        again, papers = source, read_papers(source)
    else:
        papers = again = list(source)
    with _cluster(address) as data:
        with catalogue.writing(fingerprint) as snapshot:
            known = snapshot.vectors
        usable = (paper for paper in papers if isinstance(paper, Paper) and not unusable(paper))
        rest = iter({text_key(paper): paper for paper in usable if text_key(paper) not in known}.items())
        while pile := dict(islice(rest, _PILE)):
            for batch in _embedded(data, pile, model):
                if {*batch["model"]} != {embedder.name}:
                    raise ModelUnavailable(
                        f"a worker of Ray has the model {batch['model'][0]!r}, not {embedder.name!r}: install"
                        " the same version on all machines"
                    )
                with catalogue.completing(fingerprint) as snapshot:
                    snapshot.vectors.append(dict(map(_unpacked, _rows(batch))))
    return again


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    """Ray Data, with a cluster behind it."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it tells its makers of each cluster otherwise
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # or it prints
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ModelUnavailable("Ray is not installed: run `pip install 'qa-papers[ray]'`") from error
    started = not ray.is_initialized()
    if started:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        where = {"include_dashboard": False} if address == "local" else {}
        try:
            _knock(address)
            ray.init(address=address, **quiet, **where)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelUnavailable(
                f"no Ray at {address!r}: start one with `ray start --head`, or give local"
            ) from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # it tells of each step of its plans
    try:
        yield ray.data
    finally:
        if started:
            ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError when nobody listens at an address, which Ray would try for a minute and more."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=_SOON).close()


def _embedded(data: Any, pile: dict[str, Paper], model: str | Embedder | None) -> Iterator[Batch]:
    """The vectors of a pile as they come, packed."""
    import ray

    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    log.info(f"embedding {len(pile):,} papers on the {cores} cores of Ray")
    items = [{"key": key, "title": paper.title, "abstract": paper.abstract} for key, paper in pile.items()]
    blocks = min(4 * cores, -(-len(items) // _BATCH))
    packed = data.from_items(items, override_num_blocks=blocks).map_batches(
        _Worker,
        batch_size=_BATCH,
        compute=data.ActorPoolStrategy(min_size=1, max_size=cores),
        num_cpus=1,
        fn_constructor_args=(model,),
    )
    yield from packed.iter_batches(batch_size=_BACK, batch_format="numpy")


class _Worker:
    """One process of the cluster, with its model."""

    def __init__(self, model: str | Embedder | None) -> None:
        named = model is None or isinstance(model, str)
        self._embedder: Embedder = load_embedder(model) if named else model  # type: ignore[arg-type, assignment]
        # The bundled model reads several texts in as many threads as the machine has cores, and those are
        # for other workers.
        self._at_once = 1 if model in (None, EXACT) else _BATCH

    def __call__(self, batch: Batch) -> Batch:
        """The vectors of texts, as bytes."""
        texts = list(zip(map(str, batch["title"]), map(str, batch["abstract"]), strict=True))
        cuts = [cut(abstract) for _, abstract in texts]
        spans = [one.windows + one.sentences for one in cuts]
        found = [
            vectors
            for i in range(0, len(texts), self._at_once)
            for vectors in self._embedder.embed_abstracts(
                texts[i : i + self._at_once], spans[i : i + self._at_once]
            )
        ]
        columns: dict[str, list[Any]] = {
            "key": list(batch["key"]),
            "model": [self._embedder.name] * len(texts),
            "windows": [len(one.windows) for one in cuts],
            "title": [vectors.title for vectors in found],
            "terms": ["\n".join(vectors.terms) for vectors in found],
            "passages": [vectors.passages.astype(np.float32).tobytes() for vectors in found],
            "width": [vectors.passages.shape[1] for vectors in found],
            "words": [vectors.words.tobytes() for vectors in found],
            "word width": [vectors.words.shape[1] for vectors in found],
        }
        return {name: np.array(values, object) for name, values in columns.items()}


def _rows(batch: Batch) -> Iterator[dict[str, Any]]:
    for values in zip(*batch.values(), strict=True):
        yield dict(zip(batch, values, strict=True))


def _unpacked(row: dict[str, Any]) -> tuple[str, tuple[PaperVectors, int]]:
    """The key of a text, its vectors, and how many of its passages are windows."""
    terms = tuple(str(row["terms"]).split("\n")) if row["terms"] else ()
    vectors = PaperVectors(
        passages=np.frombuffer(row["passages"], np.float32).reshape(-1, int(row["width"])),
        words=np.frombuffer(row["words"], np.int8).reshape(-1, int(row["word width"])),
        terms=terms,
        title=int(row["title"]),
    )
    return str(row["key"]), (vectors, int(row["windows"]))
