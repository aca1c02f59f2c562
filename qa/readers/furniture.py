"""What stands on a saved page besides papers: headings, menus, counters."""

from __future__ import annotations

import re

from qa.readers.lines import Unit

_SIGN = re.compile(
    r"get trending papers in your email inbox!?|(?:daily|trending) papers|by ?ak and the research community",
    re.IGNORECASE,
)
_MENU = re.compile(
    r"new|subscribe|papers?|previous|next|load more|log in|sign up|company|tos|terms|privacy|about|careers"
    r"|website|models|datasets|spaces|pricing|docs|upvotes?|\d{1,5}|\W{1,3}",
    re.IGNORECASE,
)


def is_sign(unit: Unit) -> bool:
    """Whether it is one of the lines by which a page of papers is known."""
    return bool(_SIGN.fullmatch(unit.text))


def is_menu(unit: Unit) -> bool:
    """Whether it is a word of a page's menus, or a bare number."""
    return bool(_MENU.fullmatch(unit.text))
