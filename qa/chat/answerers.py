"""Who may answer on the page: the names that a visitor may choose, and the answerer that each stands for.

Where only the person at this machine reaches the page, any name will do. Where others do, only those that
whoever serves the page has named: a visitor must not make the server load a folder or call an address.
"""

from __future__ import annotations

import ipaddress
import os
import threading

from qa.answering import Answerer
from qa.answering.choice import choose
from qa.errors import InvalidInput

EXTRACTIVE = "extractive"
MOST_LOADED = 2  # models besides the library's own


class Answerers:
    """Answerers by name: `own` is the library's; with `any_name` others may be chosen than those on offer."""

    def __init__(self, own: str, *, any_name: bool) -> None:
        named = os.environ.get("QA_ANSWERER", "").strip()
        self.own = own
        self.any_name = any_name
        self.offered = tuple(dict.fromkeys(name for name in (own, named, EXTRACTIVE) if name))
        self._loaded: dict[str, Answerer] = {}
        self._loading = threading.Lock()

    def may(self, name: str, client: str) -> bool:
        """Whether a visitor at the address `client` may choose that name."""
        return name in self.offered or (self.any_name and _is_here(client))

    def get(self, name: str, client: str) -> Answerer | None:
        """The answerer of that name for a visitor at the address `client`; None is the library's own.

        A model is loaded at its first use. Raises InvalidInput for a name that this visitor may not choose,
        and ModelUnavailable for a model that cannot be had.
        """
        if name in ("", self.own):
            return None
        if not self.may(name, client):
            raise InvalidInput(f"{name!r} may not be chosen here: choose {' or '.join(self.offered)}")
        if name == EXTRACTIVE:  # which waits for no model
            return choose(name)
        with self._loading:
            if name not in self._loaded:
                found = choose(name)
                while len(self._loaded) >= MOST_LOADED:  # the one that was loaded first makes room
                    del self._loaded[next(iter(self._loaded))]
                self._loaded[name] = found
            return self._loaded[name]


def _is_here(client: str) -> bool:
    """Whether an address is this machine's own. A proxy passes on the address of its visitor."""
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False
