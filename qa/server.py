"""A Chroma server, reached over HTTP: one database for each library, and one line for whatever goes wrong.

No call hangs. Whether the server is there is known within two seconds; no connection is kept between
calls, so that a server that was started again is found again by the next one.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from qa.errors import InvalidInput, QAError, StoreUnavailable

if TYPE_CHECKING:
    from chromadb.api.fastapi import FastAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")
P = ParamSpec("P")
_SOON: Final = 1.5  # seconds in which a server that is there says so
_AT_WORK: Final = 30.0  # seconds that one request may take: a thousand rows in, or the first search
_SPOKEN: Final = "1."  # of the server's API


class Gone(StoreUnavailable):
    """A database or a collection that is not there, or no more."""


class Database:
    """The database of the library `name` at the Chroma server at `url`. Nothing is asked before it is used.

    Every method raises StoreUnavailable when the server is not there, or says that it cannot.
    """

    def __init__(self, url: str, name: str) -> None:
        self.url, self._address = url, _address(url)
        self.name = database_name(name)
        self._apis: dict[float, FastAPI] = {}
        self._connecting = threading.Lock()
        self._greeted = False

    def make(self) -> None:
        """Create the database unless it is there."""
        from chromadb.errors import ChromaError

        with self._told():
            api = self._greet()
            try:
                api.create_database(self.name)
            except ChromaError:
                api.get_database(self.name)  # it was there, or else this says what is wrong

    def collections(self, *, at_once: bool = False) -> list[Collection]:
        """All collections, asked for now; none when there is no such database.

        `at_once`: a server that lets nobody know within two seconds counts as one that is not there.
        """
        with suppress(Gone), self._told():
            ask = functools.partial(self._greet(at_once).list_collections, database=self.name)
            models = self._within(ask) if at_once else ask()
            return [self._collection(model) for model in models]
        return []

    def new(self, name: str, metadata: Mapping[str, Any], configuration: Any = None) -> Collection | None:
        """Create a collection; None when there is one of that name. Of several callers one gets it."""
        from chromadb.errors import ChromaError

        api = self._api(_AT_WORK)
        with self._told():
            try:
                model = api.create_collection(
                    name,
                    metadata=dict(metadata),
                    configuration=configuration,
                    database=self.name,
                )
            except ChromaError:
                api.get_collection(name, database=self.name)  # it was there, or else this says what is wrong
                return None
            return self._collection(model)

    def drop(self, name: str) -> bool:
        """Delete a collection. False when there was none; of several callers one deletes it."""
        try:
            self.call(self._api(_AT_WORK).delete_collection, name, database=self.name)
        except Gone:
            return False
        return True

    def call(self, method: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What a collection's method returns. Raises Gone when the collection is no more."""
        with self._told():
            return method(*args, **named)

    # Inside ---------------------------------------------------------------------------------------

    def _collection(self, model: Any) -> Collection:
        from chromadb.api.models.Collection import Collection

        return Collection(client=self._api(_AT_WORK), model=model, embedding_function=None)

    def _greet(self, at_once: bool = False) -> FastAPI:
        """A client of a server that has shown, once, that it is a Chroma server."""
        api = self._api(_SOON)
        if not self._greeted:
            try:
                version = str(self._within(api.get_version))
            except Exception as error:
                if _unreached(error):
                    raise
                version = ""
            if not version.startswith(_SPOKEN):
                raise StoreUnavailable(
                    f"{self.url} does not answer as a Chroma server of version 1 does: check the address"
                )
            self._greeted = True
        return api if at_once else self._api(_AT_WORK)

    def _api(self, patience: float) -> FastAPI:
        """A client each of whose requests waits so long, in seconds."""
        from chromadb.api.fastapi import FastAPI
        from chromadb.config import Settings, System

        with self._connecting:
            if patience not in self._apis:
                # `chromadb.HttpClient` asks the server as soon as it is made, and waits for ever.
                settings = Settings(
                    chroma_api_impl="chromadb.api.fastapi.FastAPI",
                    chroma_http_max_keepalive_connections=0,
                    anonymized_telemetry=False,
                    **self._address,
                )
                api = System(settings).instance(FastAPI)
                api._session.timeout = (_SOON, patience, patience, patience)
                self._apis[patience] = api
            return self._apis[patience]

    def _within(self, ask: Callable[[], T]) -> T:
        """What `ask` returns, or TimeoutError: a look-up of a name cannot be limited in another way."""
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return answer.result(timeout=_SOON)

    @contextmanager
    def _told(self) -> Iterator[None]:
        from chromadb.errors import NotFoundError

        try:
            yield
        except QAError:
            raise
        except NotFoundError as error:
            raise Gone(f"{error}, at {self.url}") from error
        except Exception as error:  # chromadb raises httpx's errors, its own, and plain ones
            reason = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
            if _unreached(error):
                raise StoreUnavailable(
                    f"no Chroma server answers at {self.url} ({reason}): start it with `chroma run`, or check"
                    " the address"
                ) from error
            raise StoreUnavailable(f"the Chroma server at {self.url} says: {reason}") from error


def database_name(name: str) -> str:
    """The database of a library: its name, with what a database's name cannot hold written as hex digits.

    >>> database_name("my papers")
    'qa-my_20papers'
    """
    kept = re.sub(r"[^A-Za-z0-9.-]|[.-]\Z", lambda found: _in_hex(found[0]), name)
    if not name or len(kept) > 500:
        raise InvalidInput(f"{name!r:.80} is no name for a library on a server: give it one of a few letters")
    return f"qa-{kept}"


def _in_hex(letter: str) -> str:
    return "".join(f"_{byte:02x}" for byte in letter.encode())


def _address(url: str) -> dict[str, Any]:
    """The parts of a server's address as chromadb's settings."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise InvalidInput(f"{url!r:.200} is no server's address: give one such as http://127.0.0.1:8000")
    secure = parts.scheme == "https"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return {
        "chroma_server_host": host,
        "chroma_server_http_port": port or (443 if secure else 8000),
        "chroma_server_ssl_enabled": secure,
    }


def _unreached(error: Exception) -> bool:
    """Whether nobody answered."""
    return isinstance(error, (OSError, TimeoutError)) or type(error).__module__.startswith("httpx")
