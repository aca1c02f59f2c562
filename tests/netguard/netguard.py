"""No test reaches further than this machine: an audit hook over Python's sockets.

A look-up or a connection outside the loopback addresses raises, and is noted in a file, because a library
may swallow the exception and go on. Compiled code (Chroma's core, chromium) passes no audit hook; the test
in a network namespace is for that.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any

NOTES = "QA_NETGUARD_NOTES"  # the environment variable that names the file; unset: nothing is noted

_HOST_IS_FIRST = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_ADDRESS_IS_SECOND = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class NetworkBlocked(RuntimeError):
    """Something reached for the network. Not an OSError, which callers would answer with a retry."""


def _host(event: str, args: tuple[Any, ...]) -> str | None:
    """The host that the event is about, or None where it is about none (a local socket, any address)."""
    if event in _HOST_IS_FIRST:
        return _text(args[0])
    if event == "socket.getnameinfo":
        return _text(args[0][0])
    if event in _ADDRESS_IS_SECOND and args[0].family in (socket.AF_INET, socket.AF_INET6) and args[1]:
        return _text(args[1][0])
    return None


def _text(host: Any) -> str | None:
    text = host.decode() if isinstance(host, bytes) else host
    return text or None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    host = _host(event, args)
    if host is None or _is_loopback(host):
        return
    note = f"{event} {host}"
    if path := os.environ.get(NOTES):
        with open(path, "a", encoding="utf-8") as notes:
            notes.write(note + "\n")
    raise NetworkBlocked(f"{note}: outside the loopback addresses")


def install() -> None:
    """Watch this process from now on. A hook can be set once and never taken away."""
    if not getattr(sys, "_qa_netguard", False):
        sys._qa_netguard = True  # type: ignore[attr-defined]
        sys.addaudithook(_watch)
