"""Every number that was chosen for the training; recipe.toml holds those of the weights that travel."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from qa.errors import InvalidInput

DEFAULT: Final = Path(__file__).with_name("recipe.toml")


@dataclass(frozen=True)
class Rounds:
    """One stretch of optimisation.

    `rate` is AdamW's highest learning rate for the last encoder layer; each layer below has `layer_decay`
    times that of the one above, the lowest `frozen_layers` and the embeddings have none. `head_rate` is
    the heads'.
    """

    batch: int
    rate: float
    head_rate: float
    layer_decay: float
    frozen_layers: int


@dataclass(frozen=True)
class MadeRounds(Rounds):
    """`rounds` of practice on `pairs` of made questions and abstracts, from `papers` open abstracts."""

    rounds: int
    pairs: int
    papers: int


@dataclass(frozen=True)
class AskedRounds(Rounds):
    """`runs` of `epochs` over the written questions; the weights of the runs are averaged.

    Each question comes with its abstract and, anew in each epoch, by chance:
    `thinned` of the abstracts without some sentences that are no evidence; `deleted` of the answerable
    questions a second time, with the evidence taken out of the abstract; and, with a chance of `foreign`
    each, a near paper that has questions too and a near one that has none. `lists` made questions for
    papers on a subject are mixed in.
    """

    runs: int
    epochs: int
    thinned: float
    deleted: float
    foreign: float
    lists: int


@dataclass(frozen=True)
class Recipe:
    """The whole training. `held_out` is the share of the papers that nothing is fitted to."""

    seed: int
    held_out: float
    made: MadeRounds
    asked: AskedRounds


def read_recipe(path: Path = DEFAULT) -> Recipe:
    """The recipe in a TOML file. Raises InvalidInput for a missing or unknown number."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        made, asked = MadeRounds(**table.pop("made")), AskedRounds(**table.pop("asked"))
        return Recipe(made=made, asked=asked, **table)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path} is no recipe ({error}): compare it with {DEFAULT}") from error
