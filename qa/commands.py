"""What all commands share: how they end, whatever is raised in them, and the library that they open."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from qa.errors import InvalidInput, QAError
from qa.options import given_store
from qa.terminal import Progress, one_line

if TYPE_CHECKING:
    from qa.library import Library

INTERRUPTED = 130


class Commands(click.Group):
    """A group whose commands end with one line and the right exit status, whatever is raised in them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            with _told_to_user():
                result = super().invoke(ctx)
                sys.stdout.flush()
            return result
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:  # whoever reads has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt:
            _fail(ctx, "interrupted", INTERRUPTED)
        except QAError as error:
            _fail(ctx, str(error), 2 if isinstance(error, InvalidInput) else 1)
        except Exception as error:
            if os.environ.get("QA_DEBUG"):
                raise
            _fail(ctx, f"{type(error).__name__}: {error} (set QA_DEBUG=1 to see where)", 1)


def _fail(ctx: click.Context, reason: str, status: int) -> NoReturn:
    tell(reason)
    ctx.exit(status)


def tell(message: str) -> None:
    """One line on standard error."""
    click.echo(f"qa: {one_line(message)}", err=True)


@contextmanager
def _told_to_user() -> Iterator[None]:
    """What the library logs goes to standard error; what a terminal's encoding lacks is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    log, handler = logging.getLogger("qa"), _Told()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Told(logging.Handler):
    """Tells the user what the library logs: a warning, or why something takes its time."""

    def emit(self, record: logging.LogRecord) -> None:
        tell(record.getMessage())


@contextmanager
def opened(folder: Path | None, **models: Any) -> Iterator[Library]:
    """The library that the options name, or the default one, made on first use.

    `models` are arguments of `Library`.
    """
    from qa.library import Library
    from qa.opening import default_library

    progress = Progress("Indexing the papers")
    store = given_store()
    named = folder or store
    library = Library(folder, store=store, **models) if named else default_library(progress, **models)
    with library:
        yield library
