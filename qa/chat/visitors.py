"""The signed cookie by which a visitor is known again.

The cookie holds a random name and its HMAC. The secret is kept in a file, so that a visitor is known
again after a restart; nothing else about a visitor is kept.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

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
