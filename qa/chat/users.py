"""Who may use a page that others can reach: a file of names with hashed passwords, one a line.

    ada:scrypt:SALT:HASH

SALT and HASH are hexadecimal; the hash is scrypt's (RFC 7914) with N = 2**14, r = 8, p = 1.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from qa.errors import InvalidInput

_SHORTEST = 8  # characters of a password


def hashed(name: str, password: str, salt: bytes | None = None) -> str:
    """The line of a user. Raises InvalidInput for a name that no line can hold, or a short password."""
    if not name.strip() or ":" in name or not name.isprintable():
        raise InvalidInput(f"{name!r} is no user's name: give one without colons")
    if len(password) < _SHORTEST:
        raise InvalidInput(f"the password has {len(password)} characters: give at least {_SHORTEST}")
    salt = salt or secrets.token_bytes(16)
    return f"{name}:scrypt:{salt.hex()}:{_scrypt(password, salt).hex()}"


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def add_user(file: Path, name: str, password: str) -> None:
    """Put a user into the file, which is made if need be, in the place of one of the same name."""
    line = hashed(name, password)
    try:
        known = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        kept = [other for other in known if other.partition(":")[0] != name]
        file.touch(mode=0o600)
        file.write_text("\n".join([*kept, line, ""]), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written ({error.strerror}): give another file") from None


def signing_in(file: Path) -> Callable[[str, str], Awaitable[bool]]:
    """What tells whether a name and a password are a user's. Raises InvalidInput for a file that is none."""
    try:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        users = {name: (bytes.fromhex(salt), bytes.fromhex(key)) for name, salt, key in map(_parts, lines)}
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{file} is no file of users ({error}): make it with `qa user NAME`") from None
    if not users:
        raise InvalidInput(f"{file} names no user: add one with `qa user NAME --auth-file {file}`")
    nobody = secrets.token_bytes(16), b""

    async def check(name: str, password: str) -> bool:
        salt, key = users.get(name, nobody)  # as slow for a name that nobody has
        return hmac.compare_digest(await asyncio.to_thread(_scrypt, password, salt), key)

    return check


def _parts(line: str) -> tuple[str, str, str]:
    name, kind, salt, key = line.split(":")
    if kind != "scrypt":
        raise ValueError(f"{kind!r} where scrypt should be")
    return name, salt, key


def check_guard(host: str, auth_file: Path | None, unguarded: bool) -> None:
    """Raise InvalidInput where others could reach a page without signing in, unless that is wished for."""
    if auth_file is None and not unguarded and not is_loopback(host):
        raise InvalidInput(
            f"{host!r} can be reached from other machines: give --auth-file FILE, made with `qa user NAME`,"
            " or --unguarded to let everybody ask, add and remove papers"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen at."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name, which may lead anywhere
