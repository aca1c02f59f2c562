"""Wording kept as files in prompts/: the program's own sentences, and what language models are told.

A file of the same name in the folder that QA_PROMPTS names stands before the program's own.

A file has a head with its name, version and variables, and a body with a place for each variable:

    ---
    name: one-paper
    version: 1
    variables: title, year
    ---
    According to {title} ({year}):

Checked when loaded, so that a slip in a file is told at once and by its name.
"""

from __future__ import annotations

import functools
import os
import string
from dataclasses import dataclass, replace
from pathlib import Path

from qa.errors import QAError
from qa.resources import resource_folder


@dataclass(frozen=True)
class Prompt:
    """One file: `fill` puts values in the places of its variables."""

    name: str
    version: str
    variables: frozenset[str]
    body: str

    def fill(self, **values: str) -> str:
        """The body with all its variables filled in. Braces in values are kept as they are."""
        if values.keys() != self.variables:
            raise QAError(f"prompt {self.name!r} takes {sorted(self.variables)}, not {sorted(values)}")
        return self.body.format(**values)

    def line(self, key: str, **values: str) -> str:
        """Of a body that holds one wording a line, each after its key and a colon, the one of `key`."""
        start = f"{key}: "
        wording = next((line for line in self.body.splitlines() if line.startswith(start)), None)
        if wording is None:
            raise QAError(f"prompt {self.name!r} has no line {key!r}")
        return wording.removeprefix(start).format(**values)


def prompt(name: str) -> Prompt:
    """The prompt of that name, the user's or the program's, read once.

    Raises QAError for a user's file that is not sound or has other variables than the program's.
    """
    return _prompt(name, os.environ.get("QA_PROMPTS", ""))


@functools.cache
def _prompt(name: str, folder: str) -> Prompt:
    own = read_prompt(resource_folder("prompts") / f"{name}.md")
    path = Path(folder) / f"{name}.md"
    if not folder or not path.is_file():
        return own
    theirs = read_prompt(path)
    if theirs.variables != own.variables:
        raise QAError(f"{path}: its variables must be {', '.join(sorted(own.variables)) or 'none'}")
    return replace(theirs, version=f"{theirs.version} of {path.name} in {folder}")


def read_prompt(path: Path) -> Prompt:
    """Read and check one file. Raises QAError naming the file and what is wrong with it."""
    try:
        start, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    except (OSError, UnicodeDecodeError, ValueError):
        raise QAError(f"{path} is no prompt: it must begin with a head between two lines of ---") from None
    values = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in values.items()}
    variables = frozenset(filter(None, (name.strip() for name in fields.get("variables", "").split(","))))
    if start or fields.get("name") != path.stem or not fields.get("version"):
        raise QAError(f"{path}: the head must give the name {path.stem!r} and a version")
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(body) if name is not None}
    except ValueError as error:
        raise QAError(f"{path}: {error} (write a literal brace twice)") from None
    if used != variables:
        raise QAError(f"{path}: the head lists {sorted(variables)}, the text uses {sorted(used)}")
    return Prompt(path.stem, fields["version"], variables, body.strip("\n"))
