"""The wheel: what is in it, and a question asked of it where there is no checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment: the wheel without dependencies, beside the test environment's.

    A path named in a `.pth` file is searched, but its own `.pth` files, such as the one that leads to this
    checkout, are not read.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    )
    (site / "test-environment.pth").write_text(sysconfig.get_path("purelib"))
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--ignore-installed",
        wheel,
        cwd=folder,
    )
    return folder / "bin"


def test_it_carries_the_code_the_prompts_and_the_seeds_in_one_folder(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {
        f"qa/{path.relative_to(base)}"
        for base, folder in ((ROOT / "qa", "."), (ROOT, "prompts"), (ROOT, "seeds"))
        for path in (base / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == inside


def test_it_answers_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    output = run(installed / "qa", "ask", "What does SeerAttention learn?", "--json", cwd=tmp_path)
    assert "SeerAttention" in json.loads(output)["citations"][0]["paper"]["title"]
    assert {path.name for path in tmp_path.iterdir()} == {"default-library"}


def test_code_and_data_are_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    code = "import qa, qa.resources as r; print(qa.__file__, *map(r.resource_folder, ['prompts', 'seeds']))"
    for place in run(installed / "python", "-c", code, cwd=tmp_path).split():
        assert Path(place).is_relative_to(installed.parent)
    assert run(installed / "qa", "--version", cwd=tmp_path).split()[-1] == "0.1.0"
