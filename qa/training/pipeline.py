"""The training from a folder of data to the weights, their checksum, and the figures."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from qa.minilm import MiniLM, model_folder
from qa.paper import Paper
from qa.reader import Reader, Tokens
from qa.training.corpus import Corpus, Shelf, read_corpus
from qa.training.export import export, export_float32
from qa.training.fitting import OnStep, fit
from qa.training.judging import figures, judge
from qa.training.made import Maker, neighbours
from qa.training.network import ReaderNetwork, from_folder
from qa.training.recipe import Recipe
from qa.training.samples import epoch

log = logging.getLogger("qa")

NAME = "reader.int8.onnx"
USUAL = 40  # questions from which the export learns what inputs look like
Weights = dict[str, torch.Tensor]


def train(
    folder: Path,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path | None = None,
    on_step: OnStep | None = None,
) -> dict[str, Any]:
    """Make the reader's weights in `out` from the data in `folder`, and say how well they do.

    `encoder` is a folder with another small BERT to start from, the bundled model if None. Returns, and
    writes to report.json, the recipe and the figures on the papers that were kept out, in float32 and
    int8. Raises ReadError when `folder` lacks what `qa.training.corpus` names.

    The weights after each stretch of optimisation are kept in `out`; one whose file lies there is not run
    again, so that what was interrupted goes on, and runs can be made on several machines.
    """
    corpus = read_corpus(folder, recipe.held_out, recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    network = from_folder(encoder or model_folder(), published=encoder is None)
    for number in range(recipe.made.rounds):
        practised = practise(network, corpus, recipe, number, out, on_step)
    runs = []
    for number in range(recipe.asked.runs):
        network.load_state_dict(practised)
        runs.append(fit_run(network, corpus, recipe, number, out, on_step))
    network.load_state_dict(average(runs))
    return report(network, corpus, recipe, out)


def practise(
    network: ReaderNetwork,
    corpus: Corpus,
    recipe: Recipe,
    number: int,
    out: Path,
    on_step: OnStep | None = None,
) -> Weights:
    """One round on made questions; `number` makes the chances differ."""

    def fit_it() -> None:
        rng = random.Random(recipe.seed + number)
        maker, papers = _maker(corpus, recipe.made.papers, rng)
        log.info("practice %d: making %d pairs from %d abstracts", number, recipe.made.pairs, len(papers))
        fit(network, [list(maker.samples(papers, recipe.made.pairs))], recipe.made, rng, on_step)

    return _once(out / f"practised-{number}.pt", network, fit_it)


def fit_run(
    network: ReaderNetwork,
    corpus: Corpus,
    recipe: Recipe,
    number: int,
    out: Path,
    on_step: OnStep | None = None,
) -> Weights:
    """One run on the written questions; `number` makes the chances differ."""

    def fit_it() -> None:
        log.info("run %d: fitting to %d written questions", number, len(corpus.fitted))
        rng = random.Random(recipe.seed + number)
        maker, papers = _maker(corpus, recipe.made.papers, rng)
        epochs = [
            [*epoch(corpus.fitted, recipe.asked, rng), *maker.lists(papers, recipe.asked.lists)]
            for _ in range(recipe.asked.epochs)
        ]
        fit(network, epochs, recipe.asked, rng, on_step)

    return _once(out / f"run-{number}.pt", network, fit_it)


def _maker(corpus: Corpus, count: int, rng: random.Random) -> tuple[Maker, list[Paper]]:
    """A maker of questions, and the papers drawn for it."""
    papers = rng.sample(corpus.open_papers, min(count, len(corpus.open_papers)))
    tokens = Tokens()
    return Maker(Shelf(papers, tokens), tokens, neighbours(papers, MiniLM()), rng), papers


def average(runs: Sequence[Weights]) -> Weights:
    """The mean of each weight over runs that began alike ("model soup", Wortsman et al., 2022,
    arXiv:2203.05482)."""
    return {name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}  # type: ignore[misc]


def _once(kept: Path, network: ReaderNetwork, fit_it: Callable[[], None]) -> Weights:
    """Do `fit_it` and keep the network's weights; or take those that were kept."""
    if kept.is_file():
        log.info("%s is there: not run again", kept)
        network.load_state_dict(torch.load(kept, weights_only=True))
    else:
        fit_it()
        torch.save(network.state_dict(), kept)
    return {name: weight.clone() for name, weight in network.state_dict().items()}


def report(network: ReaderNetwork, corpus: Corpus, recipe: Recipe, out: Path) -> dict[str, Any]:
    """Export the network and judge it, before and after its weights became int8."""
    export_float32(network, out / "float32.onnx")
    usual = [one.block for one in epoch(corpus.fitted[:USUAL], recipe.asked, random.Random(recipe.seed))]
    export(network, out / NAME, usual)
    judged = {"float32": out / "float32.onnx", "int8": out / NAME}
    result = {
        "recipe": asdict(recipe),
        "questions": {"fitted": len(corpus.fitted), "held_out": len(corpus.held_out)},
        "held_out": {kind: figures(judge(Reader(path), corpus.held_out)) for kind, path in judged.items()},
    }
    (out / "report.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result
