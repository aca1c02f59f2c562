"""The command line: parse, one call, print. Answers go to standard output, everything else to standard error.

Exit status: 0 done, 1 failed with one line that says why, 2 wrong usage, 130 interrupted. Heavy
modules are imported inside the commands, so that `qa --help` is quick.
"""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from qa.commands import Commands, opened, tell
from qa.errors import InvalidInput, ReadError
from qa.filters import in_words, make_filters
from qa.ledger import Ledger
from qa.options import (
    filter_options,
    given_store,
    json_option,
    library_option,
    model_options,
    reranker_option,
)
from qa.serving import mcp
from qa.terminal import (
    Progress,
    answer_text,
    evaluation_text,
    hits_text,
    one_line,
    paper_line,
    report_line,
    status_text,
)


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2))


# Commands ------------------------------------------------------------------------------------------


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qa-papers", prog_name="qa", message="%(prog)s %(version)s")
def main() -> None:
    """Ask questions about a pile of papers. Every sentence of an answer is quoted from an abstract.

    The first command indexes the papers that come along, within a minute; `qa add` adds your own.
    """


@main.command()
@click.argument("question")
@click.option("--no-parse", is_flag=True, help="Take no dates, authors or orders from the question's words.")
@filter_options
@json_option
@model_options
@library_option
def ask(
    question: str,
    no_parse: bool,
    filters: dict[str, Any],
    as_json: bool,
    models: dict[str, Any],
    folder: Path | None,
) -> None:
    """Answer QUESTION, with its sources. `-` reads the question from standard input."""
    text = sys.stdin.read() if question == "-" else question
    with opened(folder, **models) as library:
        answer = library.answer(text, **filters, parse=not no_parse)
    if as_json:
        _print_json(answer.to_dict())
        return
    understood = {name: value for name, value in answer.filters.items() if name not in filters}
    if understood:
        click.echo(f"Understood: {one_line(', '.join(in_words(understood)))} (--no-parse takes this off)\n")
    click.echo(answer_text(answer))


@main.command()
@click.argument("query")
@click.option("-k", "count", default=10, show_default=True, metavar="N", help="How many papers at most.")
@filter_options
@json_option
@reranker_option
@library_option
def search(
    query: str,
    count: int,
    filters: dict[str, Any],
    as_json: bool,
    reranker: str | None,
    folder: Path | None,
) -> None:
    """List the papers that fit QUERY best."""
    with opened(folder, reranker=reranker) as library:
        hits = library.search(query, count, **filters)
        known = Ledger(library.papers())
        for note in make_filters(**filters).notes(known.undated, known.unnamed):
            tell(note)
    if as_json:
        _print_json({"query": query, "filters": filters, "hits": [hit.to_dict() for hit in hits]})
    else:
        click.echo(hits_text(hits))


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Remove papers that came from PATH and are in no file any more.")
@click.option("--watch", is_flag=True, help="Follow PATH, and add what changes there, until Ctrl-C.")
@click.option("--ray", metavar="ADDRESS", help="Embed on a Ray cluster: an address, auto, or local.")
@json_option
@library_option
def add(
    paths: tuple[Path, ...],
    prune: bool,
    watch: bool,
    ray: str | None,
    as_json: bool,
    folder: Path | None,
) -> None:
    """Add the papers in files or folders; of those added before, only what changed is read.

    Papers that are known already are completed, not repeated.
    """
    from qa.adds import add_all, follow, found_something

    if watch and as_json:
        raise click.UsageError("--watch tells of each change on a line, not in one JSON object")
    with opened(folder) as library:
        if watch:
            follow(library, paths, prune, ray, tell, click.echo)
            return
        report = add_all(library, paths, prune, ray, tell)
    if found_something(report):
        _print_json(report.to_dict()) if as_json else click.echo(report_line(report))
    elif report.failed:
        click.get_current_context().exit(1)
    else:
        raise ReadError(f"no papers in {', '.join(map(str, paths))}: give files or folders that hold some")


@main.command()
@click.argument("paper_id", metavar="ID")
@library_option
def remove(paper_id: str, folder: Path | None) -> None:
    """Take the paper with that ID out of the library; `qa papers` lists the ids."""
    with opened(folder) as library:
        library.remove(paper_id)
    click.echo(f"removed {one_line(paper_id)}")


@main.command()
@library_option
def rebuild(folder: Path | None) -> None:
    """Embed all papers again, as after a change of the embedding model."""
    with opened(folder) as library:
        library.rebuild(on_progress=Progress("Embedding the papers"))
        click.echo(f"rebuilt {library.status().papers} papers")


@main.command()
@click.option("--port", default=7860, show_default=True, help="The port to listen at.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--auth-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Who may sign in, made with `qa user`; needed where other machines reach the page.",
)
@click.option("--unguarded", is_flag=True, help="Let everybody who reaches the page use it.")
@model_options
@library_option
def chat(
    port: int,
    host: str,
    auth_file: Path | None,
    unguarded: bool,
    models: dict[str, Any],
    folder: Path | None,
) -> None:
    """Serve the chat page until Ctrl-C."""
    from qa.chat import check_address, check_guard, serve

    check_guard(host, auth_file, unguarded)
    check_address(host, port)  # before the library is made, which takes its time
    guard: dict[str, Any] = {"auth_file": auth_file, "unguarded": unguarded}
    with opened(folder, **models) as library:
        serve(library, host=host, port=port, on_ready=_say_where, **guard)


@main.command()
@click.argument("name")
@click.option(
    "--auth-file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The file to put the user into.",
)
@click.password_option()
def user(name: str, auth_file: Path, password: str) -> None:
    """Let NAME sign in to the page of `qa chat --auth-file FILE`, by a password."""
    from qa.chat import add_user

    add_user(auth_file, name, password)
    click.echo(f"{one_line(name)} may sign in with {auth_file}")


main.add_command(mcp)


def _say_where(url: str) -> None:
    click.echo(f"Chat at {url} (Ctrl-C ends it)")


@main.command()
@json_option
@library_option
def papers(as_json: bool, folder: Path | None) -> None:
    """List all papers: id, date and title, one a line."""
    with opened(folder) as library:
        found = library.papers()
    if as_json:
        _print_json({"papers": [paper.to_dict() for paper in found]})
        return
    for paper in found:
        click.echo(paper_line(paper))


@main.command()
@click.option(
    "--format",
    type=click.Choice(["jsonl", "bibtex", "ris", "csv"]),
    help="What to write; without it what the ending of FILE says, or else jsonl.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to FILE."
)
@library_option
def export(format: str | None, output: Path | None, folder: Path | None) -> None:
    """Write all papers as JSON Lines, which `qa add` reads back, or as BibTeX, RIS or CSV."""
    from qa.exporting import ending, write

    with opened(folder) as library:
        pieces = library.export(format or ending(output))
        if output is None:
            for piece in pieces:
                click.echo(piece.encode(), nl=False)
        else:
            write(pieces, output)


@main.command()
@json_option
@library_option
def status(as_json: bool, folder: Path | None) -> None:
    """Say where the library is, what it holds and which model embedded it."""
    with opened(folder) as library:
        found = library.status()
    if as_json:
        _print_json(found.to_dict())
    else:
        click.echo(status_text(found))


@main.command("eval")
@click.argument("path", metavar="FILE-OR-FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write report.html, a page with plots and every miss, and report.json into FOLDER.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="REPORT",
    help="Compare with an earlier run: the folder of its report, or its report.json.",
)
@json_option
@model_options
@library_option
def evaluate(
    path: Path,
    report: Path | None,
    against: Path | None,
    as_json: bool,
    models: dict[str, Any],
    folder: Path | None,
) -> None:
    """Measure how well papers are found and questions answered.

    A file holds one question a line, as JSON: id, kind, question, relevant, and if there are any history,
    evidence, must_include and the sort of an unanswerable one. A folder in the BEIR layout is indexed for
    the purpose, into --library if that is given.
    """
    from qa import evaluation
    from qa.comparison import compare, read_report
    from qa.library import Library
    from qa.report import check_folder, write_report

    earlier = read_report(against) if against else None  # what is wrong is told before the work
    target = check_folder(report) if report else None
    indexing, asking = Progress("Indexing the papers"), Progress("Asking the questions")
    if "reranker" in models and not (folder or given_store()) and path.is_dir():
        raise InvalidInput("--reranker on a collection needs --library FOLDER, where its papers are indexed")
    store = given_store()
    given = folder is not None or store is not None or (models and not path.is_dir())
    with Library(folder, store=store, **models) if given else nullcontext() as library:
        result = evaluation.evaluate(library, path, on_index=indexing, on_question=asking)
    if earlier:
        comparison = compare(result, earlier)
        result = replace(result, comparison=comparison)
        for note in comparison.notes:
            tell(note)
    _print_json(result.to_dict()) if as_json else click.echo(evaluation_text(result))
    if target:
        tell(f"the report is in {write_report(result, target)}")
