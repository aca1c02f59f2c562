"""Options that several commands take, those that belong together gathered into one argument."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]
_STORE = "qa.store"

_library: Callable[[Command], Command] = click.option(
    "--library",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The library's folder; without it QA_LIBRARY, or else the default library.",
)
_store: Callable[[Command], Command] = click.option(
    "--store",
    metavar="URL",
    expose_value=False,
    callback=lambda context, _, url: context.meta.update({_STORE: url}),
    help="A Chroma server, such as http://127.0.0.1:8000, that holds the library for many machines, under"
    " the last part of FOLDER as its name; FOLDER follows it. Without --library its name is default.",
)
reranker_option: Callable[[Command], Command] = click.option(
    "--reranker",
    metavar="NAME-OR-FOLDER",
    help="A sentence-transformers cross-encoder that puts the best papers in order.",
)
_risk: Callable[[Command], Command] = click.option(
    "--risk",
    type=float,
    metavar="SHARE",
    help="Wrong answers that may pass, of all questions: 0.1 unless given; less means more refusals.",
)
_no_reader: Callable[[Command], Command] = click.option(
    "--no-reader",
    is_flag=True,
    help="Leave out the small model that reads the best papers: faster, weaker evidence and refusals.",
)
_answerer: Callable[[Command], Command] = click.option(
    "--answerer",
    metavar="MODEL",
    help="A language model that writes, as PROVIDER:NAME, such as ollama:llama3.2; its sentences are checked"
    " against the abstracts. Without it QA_ANSWERER, or else the papers' own sentences (extractive).",
)
json_option: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)


def library_option(command: Command) -> Command:
    """The options that name a library: its folder as an argument `folder`, its server by `given_store`."""
    return _library(_store(command))


def given_store() -> str | None:
    """The Chroma server that the command of now was given."""
    store: str | None = click.get_current_context().meta.get(_STORE)
    return store


def filter_options(command: Command) -> Command:
    """The options that narrow down which papers are found, gathered into one argument `filters`."""

    @click.option("--since", metavar="DATE", help="Papers from DATE on: 2025, 2025-03 or 2025-03-18.")
    @click.option("--until", metavar="DATE", help="Papers up to and including DATE.")
    @click.option("--author", metavar="NAME", help="Papers by an author whose name contains NAME.")
    @click.option("--source", metavar="FILE", help="Papers from a file whose name contains FILE.")
    @functools.wraps(command)
    def gathering(
        since: str | None, until: str | None, author: str | None, source: str | None, **others: Any
    ) -> None:
        given = {"since": since, "until": until, "author": author, "source": source}
        command(filters={name: value for name, value in given.items() if value is not None}, **others)

    return gathering


def model_options(command: Command) -> Command:
    """The options for what answers a question, gathered into one argument `models`."""

    @_answerer
    @reranker_option
    @_risk
    @_no_reader
    @functools.wraps(command)
    def gathering(
        answerer: str | None, reranker: str | None, risk: float | None, no_reader: bool, **others: Any
    ) -> None:
        given = {"answerer": answerer, "reranker": reranker, "risk": risk}
        given |= {"reader": False if no_reader else None}
        command(models={name: value for name, value in given.items() if value is not None}, **others)

    return gathering
