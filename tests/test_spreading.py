"""Embedding spread over Ray; skipped where it is not installed: `pip install 'qa-papers[ray]'`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from qa import Library, ModelUnavailable
from tests.generated import limit

ROOT = Path(__file__).resolve().parent.parent

# A process of its own: Ray's processes talk over the machine's own address, and outlive an error of theirs.
SPREAD = """
import sys
from qa import Library
from tests.generated import limit
with Library(sys.argv[1]) as library:
    print(library.add(limit().papers, ray="local").added)
"""


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
def test_a_local_ray_gives_the_vectors_of_one_process(tmp_path: Path) -> None:
    paths = [str(ROOT), *(path for path in sys.path if (Path(path) / "ray").is_dir())]
    spread = subprocess.run(
        [sys.executable, "-c", SPREAD, str(tmp_path / "ray")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert spread.stdout == "46\n"
    with Library(tmp_path / "alone") as alone, Library(tmp_path / "ray") as library:
        alone.add(limit().papers)
        expected, found = alone.embeddings(), library.embeddings()
        assert alone.search("Who likes Zydeco?")[0].passage == library.search("Who likes Zydeco?")[0].passage
    assert min(float(found[paper] @ vector) for paper, vector in expected.items()) >= 0.99


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
def test_a_cluster_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no Ray at '127\.0\.0\.1:9': start one"):
        Library(tmp_path / "library").add(limit().papers, ray="127.0.0.1:9")
    assert not (tmp_path / "library").exists()


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_one_line_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"pip install 'qa-papers\[ray\]'"):
        Library(tmp_path / "library").add(limit().papers, ray="local")
