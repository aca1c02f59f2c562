"""The command that serves other programs."""

from __future__ import annotations

import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from qa.errors import QAError
from qa.options import given_store, library_option, model_options


@click.command()
@model_options
@library_option
def mcp(models: dict[str, Any], folder: Path | None) -> None:
    """Serve the tools ask, search and paper over standard input and output.

    For programs that speak the Model Context Protocol; they start this command themselves.
    """
    if find_spec("mcp") is None:
        raise QAError("qa mcp needs the package mcp: install it with `pip install 'qa-papers[mcp]'`")
    from qa.library import Library
    from qa.tools import serve

    # An orderly end would wait for the next line of the input, which a thread is reading.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with Library(folder, store=given_store(), **models) as library:
        serve(library)
