"""A server on the loopback address that says one thing, in the protocols of OpenAI and of Ollama.

A reply that ends in "∞" never ends, and one that is "…" never begins.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, cycle
from typing import Any, ClassVar


class _Handler(BaseHTTPRequestHandler):
    model: ClassVar[str]
    reply: ClassVar[str]
    failures: ClassVar[list[int]]
    seen: ClassVar[list[dict[str, Any]]]
    left: ClassVar[threading.Event]

    def do_GET(self) -> None:
        listed = {"data": [{"id": self.model}], "models": [{"name": self.model}]}
        self._send("application/json", [json.dumps(listed)])

    def do_POST(self) -> None:
        self.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.failures:
            self.send_error(self.failures.pop())
            return
        if self.reply == "…":
            self.left.wait(30)
            return
        if self.path == "/api/chat":
            pieces = (self._ollama(piece) for piece in chain(self._pieces(), [""]))
            self._send("application/x-ndjson", pieces)
        else:
            pieces = (self._openai(piece) for piece in self._pieces())
            self._send("text/event-stream", chain(pieces, ["data: [DONE]\n\n"]))

    def _pieces(self) -> Iterator[str]:
        text = self.reply.removesuffix("∞")
        pieces = [text[i : i + 7] for i in range(0, len(text), 7)]
        return cycle(pieces) if self.reply.endswith("∞") else iter(pieces)

    def _openai(self, piece: str) -> str:
        delta = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": self.model}
        return f"data: {json.dumps({**chunk, 'choices': [delta]})}\n\n"

    def _ollama(self, piece: str) -> str:
        message = {"role": "assistant", "content": piece}
        chunk = {"model": self.model, "created_at": "2025-01-01T00:00:00Z", "message": message}
        return json.dumps({**chunk, "done": not piece, "done_reason": None if piece else "stop"}) + "\n"

    def _send(self, kind: str, parts: Iterable[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        try:
            for part in parts:
                self.wfile.write(part.encode())
        except OSError:
            self.left.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Served:
    """Where it is, what it was asked, and whether somebody went before it had said all."""

    address: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(model: str, reply: str, *failures: int) -> Iterator[Served]:
    """A server of `model`, which answers with each status of `failures` before it works."""
    seen: list[dict[str, Any]] = []
    left = threading.Event()
    facts = {"model": model, "reply": reply, "failures": list(failures), "seen": seen, "left": left}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), facts))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_address[1]}", seen, left)
    finally:
        left.set()
        server.shutdown()
        server.server_close()
        thread.join()
