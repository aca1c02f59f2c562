"""The doors of the server beside Gradio's, as ASGI: who asks, and what is answered without Gradio."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

from qa.chat.visitors import COOKIE, KEPT_FOR, Visitors

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """A request: its method, its path, whose conversations it may see, and what reads its body."""

    method: str
    path: str
    owner: str
    body: Callable[[int], Awaitable[bytes | None]]


@dataclass(frozen=True)
class Reply:
    """An answer to a request."""

    status: int
    body: bytes = b""
    media: str = "text/plain; charset=utf-8"
    headers: MutableMapping[str, str] = field(default_factory=dict)


class Doors:
    """ASGI middleware: names the visitor in `request.state.visitor`, gives new ones a cookie, and lets
    `answer` reply before Gradio does; where that gives None, Gradio replies.
    """

    def __init__(
        self, app: App, visitors: Visitors, answer: Callable[[Asked], Awaitable[Reply | None]]
    ) -> None:
        self._app, self._visitors, self._answer = app, visitors, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; only one for the page itself sets the cookie."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cookies = _cookies(scope)
        known = self._visitors.visitor_in(cookies.get(COOKIE, ""))
        visitor = known or secrets.token_urlsafe(16)
        scope.setdefault("state", {})["visitor"] = visitor
        user = _signed_in(scope.get("app"), cookies)
        owner = owner_named(user, visitor)
        if reply := await self._answer(Asked(scope["method"], scope["path"], owner, _reader(receive))):
            await _send(reply, send)
            return
        cookie = f"{COOKIE}={self._visitors.cookie_for(visitor)}; Max-Age={KEPT_FOR}; Path=/; HttpOnly"
        cookie += "; SameSite=Lax" + ("; Secure" if scope["scheme"] == "https" else "")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not known and scope["path"] == "/":
                message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie.encode())]
            await send(message)

        await self._app(scope, receive, sending)


def owner_named(user: str | None, visitor: str) -> str:
    """Whose conversations may be seen: those of the signed-in user, else of the visitor."""
    return f"user {user}" if user else f"visitor {visitor}"


def owner_of(request: Any) -> str:
    """The same of a `gradio.Request`."""
    return owner_named(request.username, request.state.visitor)


def client_of(request: Any) -> str:
    """The address that a `gradio.Request` came from; "" where it is not known."""
    return str(request.client.host) if request.client else ""


def _signed_in(app: Any, cookies: MutableMapping[str, str]) -> str | None:
    """The user whom Gradio's own cookie names."""
    for name in (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"):
        if cookies.get(name) in app.tokens:
            return str(app.tokens[cookies[name]])
    return None


def _cookies(scope: Scope) -> dict[str, str]:
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    try:
        return {name: morsel.value for line in lines for name, morsel in SimpleCookie(line).items()}
    except CookieError:
        return {}


def _reader(receive: Receive) -> Callable[[int], Awaitable[bytes | None]]:
    async def body(most: int) -> bytes | None:
        """The body of the request; None when it has more than `most` bytes."""
        read = b""
        while True:
            message = await receive()
            read += bytes(message.get("body", b""))
            if len(read) > most:
                return None
            if not message.get("more_body"):
                return read

    return body


async def _send(reply: Reply, send: Send) -> None:
    headers = {"Content-Type": reply.media, "Content-Length": str(len(reply.body)), **reply.headers}
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": reply.body})
