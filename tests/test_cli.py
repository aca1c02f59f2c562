"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner, Result

from qa import Library, Paper
from qa.cli import main
from qa.resources import resource_folder

QUESTION = "What does SeerAttention learn?"
ODD = Paper(
    id="odd",
    title="Red \x1b[31mpandas\x07 \u202eeat bamboo\u202c",
    abstract=r"We show that pandas <b>love</b> *bamboo* by $\alpha_1 \leq 3$ a day.",
    authors=("Ana Ö. Núñez", "B. C", "D. E", "F. G"),
    published="2024-05",
    doi="10.1000/panda",
)
Run = Callable[..., Result]


@pytest.fixture
def run(seed_library: Library) -> Run:
    """Runs a command in this process, over the seed papers unless it names another library."""

    def runs(*args: str, stdin: str | None = None, library: Path = seed_library.path) -> Result:
        return CliRunner().invoke(main, [*args, "--library", str(library)], input=stdin)

    return runs


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a paper whose text a terminal would act upon."""
    with Library(tmp_path_factory.mktemp("odd") / "library") as library:
        library.add([ODD])
        return library.path


@pytest.fixture
def small() -> Path:
    """A file of ten papers."""
    return min(resource_folder("seeds").iterdir())


@contextmanager
def started(*args: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The installed command, in a process of its own."""
    qa = shutil.which("qa", path=str(Path(sys.executable).parent))
    pipe = subprocess.PIPE
    command = [str(qa), *args]
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=os.environ | variables
    ) as process:
        yield process


def first_line(stream: IO[str] | None) -> str:
    assert stream
    return stream.readline()


# ask and search ------------------------------------------------------------------------------------


def test_an_answer_for_people(run: Run) -> None:
    done = run("ask", QUESTION)
    assert (done.exit_code, done.stderr) == (0, "")
    answer, sources = done.stdout.split("\n\nSources\n\n")
    assert answer.startswith("According to SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs")
    assert "[1]" in answer
    assert sources.startswith("[1]")
    assert "\nConfidence: " in sources
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_an_answer_for_programs(run: Run, seed_library: Library) -> None:
    done = run("ask", QUESTION, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    printed, answer = json.loads(done.stdout), seed_library.answer(QUESTION).to_dict()
    assert list(printed) == list(answer)
    assert printed["citations"] == answer["citations"]
    assert [hit["paper"] for hit in printed["hits"]] == [hit["paper"] for hit in answer["hits"]]


def test_a_question_from_standard_input(run: Run) -> None:
    assert json.loads(run("ask", "-", "--json", stdin=f"{QUESTION}\n").stdout)["question"] == QUESTION


def test_what_was_understood_is_told_and_can_be_switched_off(run: Run) -> None:
    question = "what is the newest paper about Mamba?"
    assert run("ask", question).stdout.startswith(
        "Understood: about Mamba, newest (--no-parse takes this off)\n"
    )
    assert "Understood" not in run("ask", question, "--no-parse").stdout
    filters = {"order": "newest", "wanted": "1", "topic": "Mamba"}
    assert json.loads(run("ask", question, "--json").stdout)["filters"] == filters


def test_a_refusal_is_no_failure_and_names_the_nearest_papers(run: Run) -> None:
    done = run("ask", "How do I bake a sourdough bread?")
    assert done.exit_code == 0
    assert done.stdout.count("\n- ") == 3
    assert "Nearest papers" in done.stdout
    assert "Sources" not in done.stdout
    assert "Confidence" not in done.stdout


def test_hits_for_people(run: Run) -> None:
    done = run("search", "oscillation in low-bit training", "-k", "2")
    title, known, *passage = done.stdout.split("\n\n")[0].splitlines()
    assert title == "1. Oscillation-free Quantization for Low-bit Vision Transformers"
    assert known.startswith("    3 authors · 2023-02-04 · 001_f9a8251c15542958.txt, 004_")
    assert "oscillation" in " ".join(passage)
    assert done.stdout.count("\n\n") == 1


def test_hits_for_programs(run: Run, seed_library: Library) -> None:
    given = {"since": "2023-06", "until": "2024", "source": "002_"}
    options = [f"--{name}={value}" for name, value in given.items()]
    found = json.loads(run("search", "diffusion models", "-k", "3", "--json", *options).stdout)
    hits = seed_library.search("diffusion models", 3, since="2023-06", until="2024", source="002_")
    assert list(found) == ["query", "filters", "hits"]
    assert (found["query"], found["filters"]) == ("diffusion models", given)
    assert [hit["passage"] for hit in found["hits"]] == [hit.passage.to_dict() for hit in hits]
    assert all("2023-06" <= hit["paper"]["published"] < "2025" for hit in found["hits"])


def test_nothing_found_is_no_failure(run: Run) -> None:
    done = run("search", "diffusion", "--author", "Nobody At All")
    assert (done.exit_code, done.stdout) == (0, "No paper found.\n")
    assert done.stderr == "qa: 326 papers without named authors left out\n"
    done = run("ask", "What is diffusion?", "--author", "Nobody At All")
    assert done.exit_code == 0
    assert "\nNote: 326 papers without named authors left out\n" in done.stdout


def test_quotes_show_what_the_abstract_shows(run: Run, odd: Path) -> None:
    done = run("ask", "How much bamboo do pandas love?", library=odd)
    shown = " ".join(done.stdout.split())
    assert shown.count(r"“We show that pandas <b>love</b> *bamboo* by $\alpha_1 \leq 3$ a day.”") == 1
    assert "Ana Ö. Núñez, B. C, D. E and 1 more · 2024-05 · https://doi.org/10.1000/panda" in shown


@pytest.mark.parametrize("command", [("ask", "pandas bamboo?"), ("search", "pandas"), ("papers",)])
def test_a_paper_cannot_steer_the_terminal(run: Run, odd: Path, command: tuple[str, ...]) -> None:
    done = run(*command, library=odd)
    assert "Red ␛[31mpandas␇ <U+202E>eat bamboo<U+202C>" in " ".join(done.stdout.split())
    assert not set(done.stdout) & set("\x1b\x07\u202e\u202c")


def test_programs_get_the_text_as_it_is(run: Run, odd: Path) -> None:
    done = run("search", "pandas", "--json", library=odd)
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["hits"][0]["paper"]["title"] == ODD.title


def test_a_terminal_without_these_letters_gets_escapes(odd: Path) -> None:
    with started("papers", "--library", str(odd), PYTHONIOENCODING="latin-1") as process:
        out, err = process.communicate()
    assert out == "odd  2024-05     Red \\u241b[31mpandas\\u2407 <U+202E>eat bamboo<U+202C>\n"
    assert err == ""


# Papers in and out ---------------------------------------------------------------------------------


def test_add_reports_and_repeats_nothing(run: Run, small: Path, tmp_path: Path) -> None:
    done = run("add", str(small), library=tmp_path / "library")
    assert (done.exit_code, done.stdout) == (0, "10 added, 0 updated, 0 unchanged, 0 merged\n")
    assert "Indexing the papers: 10 of 10\n" in done.stderr
    done = run("add", str(small), str(small), library=tmp_path / "library")
    assert done.stdout == "0 added, 0 updated, 20 unchanged, 0 merged\n"


def test_papers_without_an_abstract_are_kept_and_counted(run: Run, tmp_path: Path) -> None:
    bib = tmp_path / "titles.bib"
    bib.write_text("@misc{a, title = {Of Widgets}}\n@misc{b, title = {Gadgets}, abstract = {They work.}}\n")
    done = run("add", str(bib), library=tmp_path / "library")
    assert done.stdout == "2 added, 0 updated, 0 unchanged, 0 merged\n"
    assert "qa: 1 of the library's papers have no abstract: they are found, and never quoted\n" in done.stderr


def test_export_to_the_terminal_and_to_a_file(run: Run, small: Path, tmp_path: Path) -> None:
    library, file = tmp_path / "library", tmp_path / "out.bib"
    run("add", str(small), library=library)
    lines = run("export", library=library).stdout.splitlines()
    papers = json.loads(run("papers", "--json", library=library).stdout)["papers"]
    assert [json.loads(line) for line in lines] == papers
    done = run("export", "-o", str(file), library=library)
    assert (done.exit_code, done.stdout, file.read_text(encoding="utf-8")[0]) == (0, "", "@")
    assert run("export", "--format", "ris", library=library).stdout.startswith("TY  - GEN\nTI  - ")
    done = run("export", "-o", str(tmp_path / "none" / "out.bib"), library=library)
    assert (done.exit_code, "cannot be written" in done.stderr) == (2, True)


def test_what_cannot_be_read_is_told_beside_the_rest(run: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "pile").mkdir()
    shutil.copy(small, tmp_path / "pile")
    (tmp_path / "pile" / "empty.txt").touch()
    done = run("add", str(tmp_path / "pile"), str(tmp_path / "none"), library=tmp_path / "library")
    assert (done.exit_code, done.stdout) == (0, "10 added, 0 updated, 0 unchanged, 0 merged, 2 failed\n")
    failures = [line for line in done.stderr.splitlines() if line.startswith("qa: ")]
    assert ["empty.txt" in line for line in failures] == [True, False]
    assert str(tmp_path / "none") in failures[1]


def test_nothing_that_could_be_read_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    done = run("add", str(tmp_path / "empty.txt"), library=tmp_path / "library")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("qa: ")
    assert done.stderr.count("\n") == 1


def test_papers_status_remove_and_rebuild(run: Run, small: Path, tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.add(small)
        before = library.papers()
    kept = {"library": tmp_path / "library"}
    lines = run("papers", **kept).stdout.splitlines()
    assert lines == [f"{paper.id}  {'-':<10}  {paper.title}" for paper in before]
    assert run("remove", before[0].id, **kept).stdout == f"removed {before[0].id}\n"
    assert run("papers", **kept).stdout.splitlines() == lines[1:]
    assert run("rebuild", **kept).stdout == "rebuilt 9 papers\n"
    table = dict(line.split(maxsplit=1) for line in run("status", **kept).stdout.splitlines())
    assert table["path"] == str(tmp_path / "library")
    assert table["papers"] == "9"
    assert table["embedder"].startswith("all-MiniLM-L6-v2")


def test_the_library_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, seed_library: Library
) -> None:
    monkeypatch.setenv("QA_LIBRARY", str(seed_library.path))
    done = CliRunner().invoke(main, ["status"])
    assert done.stdout.startswith(f"path        {seed_library.path}\npapers      335\n")


# eval and chat -------------------------------------------------------------------------------------


@pytest.fixture
def questions_file(tmp_path: Path) -> Path:
    file = tmp_path / "q.jsonl"
    relevant = ["SeerAttention: Learning Intrinsic Sparse Attention in Your LLMs"]
    file.write_text(json.dumps({"id": "1", "kind": "single", "question": QUESTION, "relevant": relevant}))
    return file


def test_eval_for_people(run: Run, questions_file: Path) -> None:
    done = run("eval", str(questions_file))
    assert done.exit_code == 0
    heading, first, *_ = done.stdout.splitlines()
    assert heading == "Papers found"
    assert first.split() == ["single", "nDCG@10", "1", "1.000", "(1.00-1.00)"]
    assert "  all           citations exact          1   1.000 (1.00-1.00)\n" in done.stdout
    assert "  decision      answered                 1   1.000 (1.00-1.00)\n" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == "Asking the questions: 1 of 1\n"


def test_eval_for_programs(run: Run, questions_file: Path) -> None:
    result = json.loads(run("eval", str(questions_file), "--json").stdout)
    assert list(result) == ["kinds", "answers", "versions"]
    assert result["kinds"]["single"]["MRR"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    assert result["answers"]["all"]["citations exact"]["value"] == 1.0
    assert result["versions"]["qa"]


def test_chat_serves_until_it_is_interrupted(seed_library: Library) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with started("chat", "--port", str(port), "--library", str(seed_library.path)) as process:
        assert first_line(process.stdout) == f"Chat at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
        socket.create_connection(("127.0.0.1", port)).close()
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
    assert process.returncode == 0


def test_a_taken_port_is_told_before_anything_is_indexed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = CliRunner().invoke(main, ["chat", "--port", str(port)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"qa: port {port} is taken: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# How it ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "status", "line"),
    [
        (["ask", ""], 2, "the question is empty: ask something about the papers"),
        (["ask", "a" * 100_000], 2, "the question has 100,000 characters: ask in 10,000 or fewer"),
        (["search", "x", "-k", "0"], 2, "k is 0: give a whole number of papers, at least one"),
        (["search", "x", "--since", "\x1b"], 2, "since '\\x1b' is no date: give 2025, 2025-03 or 2025-03-18"),
        (["ask", "x", "--library", "/no\nwhere"], 1, "no library at /no where: make one with `qa add PATH"),
        (["ask", "x", "--library", __file__], 1, f"{__file__} is a file: a library is a folder"),
        (["remove", "nothing"], 2, "no paper has the id 'nothing': `qa papers` lists the ids"),
        (["eval", "/nowhere"], 1, "/nowhere cannot be read: No such file or directory"),
    ],
)
def test_one_line_for_what_went_wrong(
    args: list[str], status: int, line: str, monkeypatch: pytest.MonkeyPatch, seed_library: Library
) -> None:
    monkeypatch.setenv("QA_LIBRARY", str(seed_library.path))
    done = CliRunner().invoke(main, args)
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith(f"qa: {line}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "args", [["nothing"], ["search", "x", "-k", "few"], ["ask"], ["ask", "x", "--nothing"]]
)
def test_wrong_usage(args: list[str]) -> None:
    done = CliRunner().invoke(main, args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: ")


def test_what_nobody_foresaw_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unforeseen(library: Library) -> list[Paper]:
        raise TypeError("nobody\nforesaw this")

    monkeypatch.setattr(Library, "papers", unforeseen)
    done = run("papers")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.endswith("(set QA_DEBUG=1 to see where)\n")
    monkeypatch.setenv("QA_DEBUG", "1")
    assert isinstance(run("papers").exception, TypeError)


def test_a_reader_that_has_read_enough(seed_library: Library) -> None:
    with started("papers", "--library", str(seed_library.path)) as process:
        assert process.stdout
        process.stdout.close()
        assert first_line(process.stderr) == ""
    assert process.returncode == 0


def test_an_interruption_ends_with_130(tmp_path: Path) -> None:
    with started("add", str(resource_folder("seeds")), "--library", str(tmp_path / "library")) as process:
        assert first_line(process.stderr).startswith("Indexing the papers: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "qa: interrupted"


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom qa.cli import main\n"
        "try: main(['{}'])\nexcept SystemExit: pass\n"
        "print(sorted({{'torch', 'gradio', 'chromadb', 'onnxruntime', 'transformers'}} & set(sys.modules)))"
    )
    for option in ("--help", "--version"):
        command = [sys.executable, "-c", code.format(option)]
        assert subprocess.check_output(command, text=True).endswith("\n[]\n")


def test_an_answer_needs_neither_torch_nor_gradio(seed_library: Library) -> None:
    args = ["ask", QUESTION, "--library", str(seed_library.path)]
    code = (
        f"import sys\nfrom qa.cli import main\ntry: main({args})\nexcept SystemExit: pass\n"
        "print(sorted({'torch', 'gradio', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).endswith("\n[]\n")


def test_papers_status_and_add_for_programs(run: Run, seed_library: Library, tmp_path: Path) -> None:
    listed = json.loads(run("papers", "--json").stdout)["papers"]
    assert listed == [json.loads(json.dumps(paper.to_dict())) for paper in seed_library.papers()]
    assert json.loads(run("status", "--json").stdout) == seed_library.status().to_dict()
    source = resource_folder("seeds") / "000_1cd89828ee3aa77d.txt"
    added = json.loads(run("add", str(source), "--json", library=tmp_path / "new").stdout)
    assert added == {"added": 10, "updated": 0, "unchanged": 0, "merged": 0} | {
        name: [] for name in ("failed", "vanished", "removed")
    }
