"""The default library: where it is, and how it follows the seed papers."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

from qa.adding import Adding, OnProgress
from qa.catalogue import Catalogue
from qa.embedding import Embedder
from qa.folders import InStep
from qa.rebuilding import rebuild
from qa.resources import resource_folder, sha256

log = logging.getLogger("qa")


def default_path() -> Path:
    """The folder that QA_LIBRARY names, else `default` in the user's data folder."""
    from platformdirs import user_data_path

    named = os.environ.get("QA_LIBRARY", "").strip()
    return Path(named) if named else user_data_path("qa", appauthor=False) / "default"


def catalogue(path: str | os.PathLike[str] | None, store: str | None) -> Catalogue:
    """The files of a library, the default one without a path; with a `store`, those that follow a server."""
    if store is None:
        return Catalogue((Path(path) if path is not None else default_path()).absolute())
    from qa.shared import SharedCatalogue

    if path is None:
        return SharedCatalogue(store, "default", local_folder(store))
    folder = Path(path).absolute()
    return SharedCatalogue(store, folder.name, folder)


def local_folder(store: str) -> Path:
    """Where this machine keeps what it derives from the default library at a server."""
    from platformdirs import user_cache_path

    place = re.sub(r"[^A-Za-z0-9.]+", "-", store.partition("//")[2]).strip("-")
    return user_cache_path("qa", appauthor=False) / "stores" / place


def make_ready(
    catalogue: Catalogue, embedder: Embedder, fingerprint: str, on_progress: OnProgress | None = None
) -> None:
    """Make the library from the seeds, or bring it up to changed seeds or another fingerprint."""
    seeds = resource_folder("seeds")
    now = {path.name: sha256(path)[:16] for path in sorted(seeds.iterdir()) if path.is_file()}
    if not catalogue.exists():
        with catalogue.writing(fingerprint) as snapshot:
            catalogue.mark_seeds(snapshot, {})  # begun: from now on a library of the seeds
    with catalogue.reading() as snapshot:
        then, made_with = snapshot.manifest.seeds, snapshot.store.fingerprint
        somebodys_own = then is None and bool(snapshot.papers)  # a library that QA_LIBRARY names
    if somebodys_own:
        return
    if made_with != fingerprint:
        log.warning("remaking the default library: it was made with another embedding model or other rules")
        rebuild(catalogue, embedder, fingerprint, on_progress)
    if then != now:
        if then:
            log.warning("remaking the default library: the seed papers have changed")
            _remove_changed(catalogue, fingerprint, then, now)
        _add(catalogue, embedder, fingerprint, now, on_progress)


def _add(
    catalogue: Catalogue,
    embedder: Embedder,
    fingerprint: str,
    seeds: dict[str, str],
    on_progress: OnProgress | None,
) -> None:
    with InStep(catalogue, lambda: Adding(catalogue, embedder, fingerprint)) as step:
        step.add_path(resource_folder("seeds"), on_progress, prune=False)
    with catalogue.writing(fingerprint) as snapshot:
        catalogue.mark_seeds(snapshot, seeds)


def _remove_changed(
    catalogue: Catalogue, fingerprint: str, then: dict[str, str], now: dict[str, str]
) -> None:
    """Take out what only changed or vanished seed files held; papers from elsewhere stay."""
    stale = {name for name, digest in then.items() if now.get(name) != digest}
    with catalogue.writing(fingerprint) as snapshot:
        gone = [
            paper.id for paper in snapshot.papers.values() if paper.source and stale.issuperset(paper.source)
        ]
        catalogue.write(snapshot, [], gone)
