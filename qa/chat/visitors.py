"""Who asks: the signed-in user, else the visitor whom a signed cookie names.

The cookie holds a random name and its HMAC. The secret is kept in a file, so that a visitor is known
again after a restart; nothing else about a visitor is kept.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.errors import QAError

COOKIE = "qa_visitor"
KEPT_FOR = 400 * 24 * 3600  # seconds: the longest that browsers keep a cookie


class Visitors:
    """Makes and reads the cookie. The secret is the content of `file`, which is made on first use."""

    def __init__(self, file: Path) -> None:
        self._secret = _kept(file)

    def cookie_for(self, visitor: str) -> str:
        """The value of the cookie that names this visitor."""
        return f"{visitor}.{hmac.digest(self._secret, visitor.encode(), 'sha256').hex()}"

    def visitor_in(self, cookie: str) -> str | None:
        """The visitor whom a cookie names; None unless it was made here."""
        visitor = cookie.partition(".")[0]
        known = hmac.compare_digest(cookie.encode(), self.cookie_for(visitor).encode())
        return visitor if visitor and known else None


def _kept(file: Path) -> bytes:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_bytes()
        with os.fdopen(handle, "wb") as out:
            secret = secrets.token_bytes(32)
            out.write(secret)
        return secret
    except OSError as error:
        raise QAError(f"{file}, which signs cookies, cannot be used ({error.strerror}): free it") from error


class Recognising:
    """ASGI middleware: puts the visitor's name into `request.state.visitor`, and gives new ones a cookie."""

    def __init__(self, app: ASGIApp, visitors: Visitors) -> None:
        self._app, self._visitors = app, visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; only one for a page itself sets the cookie."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = self._visitors.visitor_in(_cookie(HTTPConnection(scope)))
        visitor = known or secrets.token_urlsafe(16)
        scope.setdefault("state", {})["visitor"] = visitor

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not known and scope["path"] == "/":
                secure = "; Secure" if scope["scheme"] == "https" else ""
                value = f"{COOKIE}={self._visitors.cookie_for(visitor)}; Max-Age={KEPT_FOR}"
                MutableHeaders(scope=message).append(
                    "Set-Cookie", f"{value}; Path=/; HttpOnly; SameSite=Lax{secure}"
                )
            await send(message)

        await self._app(scope, receive, sending)


def _cookie(connection: HTTPConnection) -> str:
    return connection.cookies.get(COOKIE, "")


def owner_of(request: Any) -> str:
    """Whose conversations a request may see: those of its signed-in user, else of its visitor."""
    user = getattr(request, "username", None) or _signed_in(request)
    return f"user {user}" if user else f"visitor {request.state.visitor}"


def _signed_in(request: Any) -> str | None:
    """The user whom Gradio's own cookie names, where a request did not come through Gradio."""
    app = request.scope.get("app") if isinstance(request, HTTPConnection) else None
    if app is None:
        return None
    for name in (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"):
        if request.cookies.get(name) in app.tokens:
            return str(app.tokens[request.cookies[name]])
    return None
