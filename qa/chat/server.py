"""Serving the page: a free port or one clear line, and a clean end on Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.chat.users import check_guard, is_loopback, signing_in
from qa.errors import InvalidInput, QAError

if TYPE_CHECKING:
    import gradio as gr

    from qa.chat.conversation import Answering


def serve(
    library: Answering,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth_file: Path | None = None,
    unguarded: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until Ctrl-C or SIGTERM; only from the main thread, where signals arrive.

    `auth_file` names who may use it (see `qa.chat.users`); without one, an address that other machines
    reach is refused unless it is to be `unguarded`. `on_ready` gets the address of the page once it
    answers. Nothing is printed here. Raises QAError when the port is taken or cannot be opened.
    """
    check_guard(host, auth_file, unguarded)
    with _ended_by_signals() as ended:
        page = start(library, host=host, port=port, auth_file=auth_file, unguarded=unguarded)
        try:
            if on_ready:
                on_ready(str(page.local_url))
            ended.wait()
        finally:
            page.close(verbose=False)


def start(
    library: Answering,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth_file: Path | None = None,
    unguarded: bool = False,
) -> gr.Blocks:
    """The page, being served by a thread of its own until its `close()`. Raises as `serve` does."""
    check_address(host, port)
    auth = signing_in(auth_file) if auth_file else None
    _settle_gradio(host)
    # Gradio makes an event loop for each of its locks and never closes it, unless one is running.
    with ThreadPoolExecutor(1) as thread:
        alone = is_loopback(host) and auth_file is None and not unguarded
        return thread.submit(asyncio.run, _launched(library, host, port, auth, alone)).result()


async def _launched(library: Answering, host: str, port: int, auth: Any, alone: bool) -> gr.Blocks:
    from qa.chat import page
    from qa.chat.answerers import Answerers
    from qa.chat.archive import Archive
    from qa.chat.routes import answering
    from qa.chat.visitors import Visitors
    from qa.chat.web import Doors

    archive = Archive(kept_folder() / "conversations.sqlite3", str(library.path))
    visitors = Visitors(kept_folder() / "cookie-secret")
    blocks = page.build(library, archive, Answerers(library.answerer, any_name=alone))

    @asynccontextmanager
    async def closing_at_end(app: Any) -> AsyncIterator[None]:
        yield
        archive.close()

    inside: dict[str, Any] = {
        "middleware": [(Doors, (visitors, answering(library, archive)), {})],
        "lifespan": closing_at_end,
    }
    try:
        blocks.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            auth=auth,
            app_kwargs=inside,
            **page.launch_options(),
        )
    except OSError as error:  # taken between the check and now
        archive.close()
        raise _unusable(host, port, error) from error
    return blocks


def kept_folder() -> Path:
    """Where conversations are kept: `chat` in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("qa", appauthor=False) / "chat"


def check_address(host: str, port: int) -> None:
    """Raise a QAError that says what to do, unless a server can listen at this host and port."""
    if not 1 <= port <= 65535:
        raise InvalidInput(f"{port} is no port: choose one from 1 to 65535, such as 7860")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _unusable(host, port, error) from error


def _unusable(host: str, port: int, error: OSError) -> QAError:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return InvalidInput(f"{host!r} is no address of this machine: try 127.0.0.1")
    if error.errno == errno.EACCES:
        return QAError(f"port {port} may not be opened by this user; try make chat PORT=7860")
    other = port + 1 if port < 65535 else port - 1
    return QAError(
        f"port {port} is taken: another program listens there, perhaps another chat;"
        f" try make chat PORT={other}, or qa chat --port {other}"
    )


def _settle_gradio(host: str) -> None:
    """What Gradio takes from the environment only, when a page is built and launched."""
    # It asks its own server whether it is up, and would do so through the user's proxy.
    for name in ("no_proxy", "NO_PROXY"):
        known = os.environ.get(name, "")
        if host not in known.split(","):
            os.environ[name] = f"{known},{host}" if known else host
    # It sums up all past calls after each one, for a monitoring page that is switched off here.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))


@contextmanager
def _ended_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of what they did before."""
    ended = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: ended.set()) for number in signals]
    try:
        yield ended
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
