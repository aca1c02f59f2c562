"""A server on the loopback address that says one thing, in the protocols of OpenAI and of Ollama."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class _Handler(BaseHTTPRequestHandler):
    model: ClassVar[str]
    reply: ClassVar[str]
    failures: ClassVar[list[int]]

    def do_GET(self) -> None:
        listed = {"data": [{"id": self.model}], "models": [{"name": self.model}]}
        self._send("application/json", [json.dumps(listed)])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.failures:
            self.send_error(self.failures.pop())
            return
        pieces = [self.reply[i : i + 7] for i in range(0, len(self.reply), 7)]
        if self.path == "/api/chat":
            self._send("application/x-ndjson", [self._ollama(piece) for piece in [*pieces, ""]])
        else:
            self._send("text/event-stream", [*(self._openai(piece) for piece in pieces), "data: [DONE]\n\n"])

    def _openai(self, piece: str) -> str:
        delta = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": self.model}
        return f"data: {json.dumps({**chunk, 'choices': [delta]})}\n\n"

    def _ollama(self, piece: str) -> str:
        message = {"role": "assistant", "content": piece}
        chunk = {"model": self.model, "created_at": "2025-01-01T00:00:00Z", "message": message}
        return json.dumps({**chunk, "done": not piece, "done_reason": None if piece else "stop"}) + "\n"

    def _send(self, kind: str, parts: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        for part in parts:
            self.wfile.write(part.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(model: str, reply: str, *failures: int) -> Iterator[str]:
    """The address of a server of `model`, which answers with each status of `failures` before it works."""
    facts = {"model": model, "reply": reply, "failures": list(failures)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), facts))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
