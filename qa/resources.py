"""Where the files that travel with the program lie: the prompts and the seed papers; and checksums.

In a checkout they are folders beside `qa/`; a wheel carries them inside it, because an editable install
ignores the rule that puts them there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: Literal["prompts", "seeds"]) -> Path:
    """The folder of that name in the installed wheel, or else in the checkout.

    Raises `FileNotFoundError` where it is in neither.
    """
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"The folder {name}/ of qa is missing under {_PACKAGE}: install qa again.")


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
