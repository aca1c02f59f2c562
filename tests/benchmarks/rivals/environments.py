"""An environment for each side, made on first use from its list of pinned packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent.parent.parent / ".cache" / "rivals"
# uv reads none of pip's settings. Where one names a place of wheels, torch is taken from there too.
HANDED_ON = {
    "UV_FIND_LINKS": "PIP_FIND_LINKS",
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
}


class Failed(Exception):
    """A side that could not be installed or run; the message is its own last line."""


def python(side: str, requirements: Path = HERE, environments: Path = ENVIRONMENTS) -> Path:
    """The Python of a side that has all its packages. Installs them if they are not those listed.

    A side without a list runs in this environment. uv links what several environments share.
    """
    wanted = requirements / f"{side}.txt"
    if not wanted.exists():
        return Path(sys.executable)
    folder = environments / side
    stamp, found, listed = folder / wanted.name, folder / "bin" / "python", wanted.read_text("utf-8")
    if not (found.exists() and stamp.exists() and stamp.read_text("utf-8") == listed):
        print(f"{side}: installing", file=sys.stderr)
        uv("venv", "--clear", "--python", sys.executable, str(folder))
        uv("pip", "install", "--python", str(found), "--requirements", str(wanted))
        stamp.write_text(listed, "utf-8")
    return found


def uv(*arguments: str) -> None:
    settings = {ours: os.environ[pips] for ours, pips in HANDED_ON.items() if pips in os.environ}
    environment = {"UV_INDEX_STRATEGY": "unsafe-best-match", **settings, **os.environ}
    command = [str(Path(sys.executable).with_name("uv")), *arguments, "--quiet"]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"uv {' '.join(arguments[:2])}: {' '.join(done.stderr.split())}")
