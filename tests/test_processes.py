"""Two real processes on one library."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Library, LibraryBusy, Paper

OTTERS = Paper("otters", "Tool use in sea otters", "Sea otters open shells with stones. Each used one stone.")
PAGE = """list
Fatigue of steel bridges
Steel bridges fail by fatigue. A network of sensors finds cracks early, before an inspection would. \
It costs a tenth of an inspection, and it has found every crack in the three bridges that we watched \
for years.
"""

HOLD = """
import sys
from pathlib import Path
from qa import locks
with locks.exclusive(Path(sys.argv[1]) / "lock"):
    print("held", flush=True)
    sys.stdin.read()
"""

DIE_WHILE_WRITING = """
import os, signal, sys
from qa import Library, Paper
from qa.lexical import Lexical
# Stops between the store and the full-text index, where a reader could see half a write.
Lexical.write = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
Library(sys.argv[1]).add([Paper("new", "Glaciers of the Alps", "Glaciers melt. Moulins drain them.")])
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as library:
        library.add([OTTERS])
        yield library


def qa(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "qa", *map(str, arguments)], capture_output=True, text=True)


def test_an_open_library_sees_what_another_process_adds_and_removes(library: Library, tmp_path: Path) -> None:
    assert library.search("steel bridges")[0].paper == OTTERS
    (tmp_path / "page.txt").write_text(PAGE)
    assert qa("add", tmp_path / "page.txt", "--library", library.path).returncode == 0
    found = library.search("steel bridges")[0].paper
    assert found.title == "Fatigue of steel bridges"
    assert library.answer("Who finds cracks early?").answered
    assert qa("remove", found.id, "--library", library.path).returncode == 0
    assert library.papers() == [OTTERS]


def test_two_processes_adding_at_once_lose_nothing(library: Library, tmp_path: Path) -> None:
    script = (
        "import sys; from qa import Library, Paper; n = sys.argv[2]\n"
        "papers = [Paper(f'{n}-{i}', f'Paper {n} {i}', f'Text {n} {i}. More.') for i in range(40)]\n"
        "Library(sys.argv[1]).add(papers)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(library.path), n]) for n in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(library.papers()) == 81
    assert library.search("Paper b 39", k=1)[0].paper.id == "b-39"


def test_a_reader_that_waits_in_vain_names_the_holder(library: Library) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(library.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LibraryBusy, match=f"held by process {holder.pid}"):
        library.search("otters")
    holder.communicate()
    assert library.search("otters")[0].paper == OTTERS


def test_a_writer_killed_in_the_middle_leaves_a_library_that_answers(library: Library) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_WRITING, str(library.path)])
    assert killed.returncode == -signal.SIGKILL
    assert library.search("moulins in glaciers")[0].paper.id == "new"
    assert library.add([Paper("last", "Deserts", "Dunes move.")]).added == 1
    assert {library.search(word)[0].paper.id for word in ("moulins", "dunes", "stones")} == {
        "new",
        "last",
        "otters",
    }


DIE_WHILE_UPDATING = """
import os, signal, sys
from qa import Library, Paper
from chromadb.api.models.Collection import Collection
Collection.upsert = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
Library(sys.argv[1]).add([Paper("otters", "Tool use in sea otters", "Otters now juggle.")])
"""


def test_a_writer_killed_while_it_updates_a_paper_loses_nothing(library: Library) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_UPDATING, str(library.path)])
    assert killed.returncode == -signal.SIGKILL
    assert library.papers() == [OTTERS]
    library.add([Paper("new", "Glaciers", "Moulins drain them.")])
    assert library.search("moulins", 1)[0].passage.text == "Moulins drain them."


def test_vectors_that_were_lost_are_made_again(library: Library) -> None:
    library.close()
    for path in (library.path / "vectors").rglob("*.*"):
        os.unlink(path)
    assert library.search("stones")[0].passage.text == OTTERS.abstract


# Asks as a user who may read but not write: root may write anything, so it becomes nobody first. By then
# every module is loaded, because nobody may not read them either where Python lies in root's home.
ASK_READ_ONLY = """
import os, sys
from qa import Library, Paper, QAError
with Library(sys.argv[1] + "-warm") as warm:
    warm.add([Paper("w", "Warm", "Up.")])
    warm.search("up")
library = Library(sys.argv[1])
library.add([])
if os.geteuid() == 0:
    os.setuid(65534)
for act in (lambda: library.search("stones"), lambda: library.add([Paper("n", "New", "Text.")])):
    try:
        act()
    except QAError as error:
        print(type(error).__name__, error)
"""


def test_a_read_only_library_is_said_in_one_line_and_stays_whole(library: Library) -> None:
    library.close()
    paths = [library.path, *library.path.rglob("*")]
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    for parent in library.path.parents[:4]:  # pytest's folders are its owner's alone
        parent.chmod(parent.stat().st_mode | 0o055)
    asked = subprocess.run(
        [sys.executable, "-c", ASK_READ_ONLY, str(library.path)], capture_output=True, text=True
    )
    for path in paths:
        path.chmod(path.stat().st_mode | 0o200)
    lines = asked.stdout.splitlines()
    assert len(lines) == 2, asked.stderr
    assert all(line.startswith("StoreUnavailable") and "read-only" in line for line in lines), lines
    assert library.papers() == [OTTERS]
