"""`python -m qa.training FOLDER --out FOLDER`: make the reader's weights again."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click

from qa.errors import QAError
from qa.terminal import Progress
from qa.training.pipeline import train
from qa.training.recipe import DEFAULT, read_recipe


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="For the weights."
)
@click.option(
    "--recipe", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT, help="A TOML file."
)
def main(folder: Path, out: Path, recipe: Path) -> None:
    """Train the reader on the data in FOLDER and print its figures on the papers that were kept out."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    progress = Progress("Steps")
    try:
        result = train(folder, out, read_recipe(recipe), on_step=lambda done, total, _: progress(done, total))
    except QAError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(result["held_out"], indent=1))


if __name__ == "__main__":
    main()
