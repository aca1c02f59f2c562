"""The projection of word vectors, fitted: `python -m qa.training.projection FOLDER`.

The principal components, about the origin, of the vectors of words in open abstracts. About the origin,
because it is dot products that must survive. FOLDER holds `arxiv/*.jsonl.gz`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray

from qa.minilm import CORES, PROJECTION, MiniLM, words_of
from qa.training.corpus import open_papers

ABSTRACTS: Final = 3000  # evenly from the whole file
COMPONENTS: Final = 192  # half: the ranking loses nothing that could be measured; a third loses a little


def fit(texts: list[tuple[str, str]], components: int = COMPONENTS) -> NDArray[np.float16]:
    """The projection for (title, abstract) pairs, shape (dimension of the model, components)."""
    model = MiniLM()
    products = np.zeros((model.dimension, model.dimension))
    with ThreadPoolExecutor(CORES) as pool:
        for reading in pool.map(lambda text: model.read(text, ()), texts):
            for part in reading.parts:
                _, words = words_of(*part)
                products += words.T.astype(np.float64) @ words
    _, vectors = np.linalg.eigh(products)
    return vectors[:, ::-1][:, :components].astype(np.float16)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=PROJECTION)
def main(folder: Path, out: Path) -> None:
    """Fit the projection on the abstracts in FOLDER and write it."""
    papers = list(open_papers(folder))
    step = max(1, len(papers) // ABSTRACTS)
    np.save(out, fit([(paper.title, paper.abstract) for paper in papers[::step][:ABSTRACTS]]))


if __name__ == "__main__":
    main()
