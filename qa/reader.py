"""The small model that reads a question and an abstract together: what answers, sentence by sentence.

One pass over `[CLS] question [SEP] title. abstract [SEP]` gives a logit for each sentence ("answers the
question") and one for the whole ("this abstract answers it"). An abstract that is longer than the
model's 512 positions is read in blocks of whole sentences, each after the question and the title.

The weights travel with the package, int8 for ONNX Runtime; `qa.training` makes them, and the card beside
them (qa/model/reader.md) says from what and how well they do. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelUnavailable
from qa.minilm import CORES, POSITIONS, model_folder, verify
from qa.resources import sha256
from qa.runtime import session
from qa.text import Span

Floats = NDArray[np.float32]
Ids = Sequence[int]

WEIGHTS: Final = Path(__file__).resolve().parent / "model" / "reader.int8.onnx"
QUESTION_TOKENS: Final = 96  # more of a question is not read
TITLE_TOKENS: Final = 64
NOTHING: Final = -20.0  # the logit of a paper without an abstract: it answers nothing


@dataclass(frozen=True)
class Reading:
    """What the model says of one abstract, as logits: above 0 is more likely than not.

    `sentences` has one for each sentence, in order; `answers` says whether the abstract answers at all.
    """

    sentences: Floats
    answers: float


class Reader:
    """The model in `weights`, ready to read. Calls share nothing and may overlap.

    Raises ModelUnavailable unless the file is the one that the checksum beside it was made for.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        check(weights)
        self.name: Final = f"reader {sha256(weights)[:8]}"
        self._words = Tokens()
        self._session = _loaded(weights)

    def read(
        self, question: str, texts: Sequence[tuple[str, str]], spans: Sequence[Sequence[Span]]
    ) -> list[Reading]:
        """One reading for each (title, abstract), whose sentences stand at `spans`.

        What is said of an abstract does not depend on the others. Empty spans are sentences of no words.
        """
        asked = self._words.question(question)
        titles = self._words.titles([title for title, _ in texts])
        papers = [
            [*blocks(asked, title, self._words.sentences([abstract[start:end] for start, end in cuts]))]
            for (_, abstract), title, cuts in zip(texts, titles, spans, strict=True)
        ]
        with ThreadPoolExecutor(CORES) as pool:  # one by one, each on one core: nothing is padded
            passes = pool.map(self._pass, [block for paper in papers for block in paper])
            return [_reading([next(passes) for _ in paper]) for paper in papers]

    def _pass(self, block: Block) -> tuple[Floats, float]:
        sentences, answers = self._session.run(None, arrays([block]))
        return sentences[0], float(answers[0])


def _reading(passes: Sequence[tuple[Floats, float]]) -> Reading:
    logits = [sentences for sentences, _ in passes]
    return Reading(
        sentences=np.concatenate([np.empty(0, np.float32), *logits]),
        answers=max((whole for _, whole in passes), default=NOTHING),
    )


def check(weights: Path) -> None:
    """Raise ModelUnavailable unless the file of the same name, ending in .sha256, holds its checksum."""
    seal = weights.with_suffix(".sha256")
    for path in (weights, seal):
        if not path.is_file():
            raise ModelUnavailable(f"the reader's file {path} is missing: install qa again")
    if sha256(weights) != seal.read_text(encoding="ascii").strip():
        raise ModelUnavailable(f"{weights} is not the file that {seal.name} names: install qa again")


# What the model is given ---------------------------------------------------------------------------


class Tokens:
    """Texts to token ids, by the vocabulary of the bundled model."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        folder = model_folder()
        verify(folder, "tokenizer.json")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def question(self, text: str) -> list[int]:
        """The ids of a question, its beginning if it is long."""
        return self.sentences([text])[0][:QUESTION_TOKENS]

    def titles(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of titles, each with a full stop and cut if it is long."""
        return [ids[:TITLE_TOKENS] for ids in self.sentences([f"{text}." for text in texts])]

    def sentences(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without the marks of beginning and end."""
        return [encoded.ids for encoded in self._tokenizer.encode_batch(texts, add_special_tokens=False)]


START, END = 101, 102  # [CLS] and [SEP] of the vocabulary


@dataclass(frozen=True)
class Block:
    """What one pass reads: token ids of the question, of the title, and of some sentences in order."""

    question: Ids
    title: Ids
    sentences: tuple[Ids, ...]

    def __len__(self) -> int:
        return 3 + len(self.question) + len(self.title) + sum(map(len, self.sentences))


def blocks(question: Ids, title: Ids, sentences: Sequence[Ids]) -> Iterator[Block]:
    """As many whole sentences a block as the model has positions for; a longer one loses its end."""
    room = POSITIONS - len(Block(question, title, ()))
    waiting: list[Ids] = []
    for sentence in sentences:
        if waiting and sum(map(len, waiting)) + len(sentence) > room:
            yield Block(question, title, tuple(waiting))
            waiting = []
        waiting.append(sentence[:room])
    if waiting:
        yield Block(question, title, tuple(waiting))


def arrays(batch: Sequence[Block]) -> dict[str, NDArray[Any]]:
    """The inputs of the model for a batch, padded to its longest block.

    `ids`, `types`, `mask` (batch, tokens) as BERT has them; `asked` (batch, question tokens), 1 where a
    question has a token; `members` (batch, 1 + sentences, tokens), 1 where a token belongs to the
    question (row 0) or to a sentence.
    """
    tokens = max(map(len, batch))
    rows = 1 + max(len(block.sentences) for block in batch)
    ids = np.zeros((len(batch), tokens), np.int64)
    types, mask = np.zeros_like(ids), np.zeros_like(ids)
    asked = np.zeros((len(batch), max(len(block.question) for block in batch)), np.float32)
    members = np.zeros((len(batch), rows, tokens), np.float32)
    for i, block in enumerate(batch):
        body = [token for sentence in block.sentences for token in sentence]
        whole = [START, *block.question, END, *block.title, *body, END]
        ids[i, : len(whole)] = whole
        mask[i, : len(whole)] = 1
        at = 1 + len(block.question)
        types[i, at + 1 : len(whole)] = 1
        members[i, 0, 1:at] = 1
        asked[i, : len(block.question)] = 1
        at += 1 + len(block.title)
        for row, sentence in enumerate(block.sentences, 1):
            members[i, row, at : at + len(sentence)] = 1
            at += len(sentence)
    return {"ids": ids, "types": types, "mask": mask, "asked": asked, "members": members}


def _loaded(path: Path) -> Any:
    try:
        return session(path)
    except Exception as error:  # the runtime's own errors share no base
        raise ModelUnavailable(f"{path} cannot be loaded ({error}): install qa again") from error
