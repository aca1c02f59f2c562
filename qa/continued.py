"""What a question says about records in its conversation: of the papers just listed, or as asked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa import reference
from qa.filters import Filters
from qa.ledger import Ledger
from qa.orders import compared
from qa.query import Message, StandAlone, content
from qa.understanding import Understood, bounds_numbers, understand
from qa.vocabulary import PLURAL, either

_BEFORE = 4  # questions of a conversation that one may go on from
_ON_ANOTHER = either(
    r"^\W*(?:(?:and|ok|so|now|what about|how about|those|papers|the ones)\W+)+(?:on|about)\s"
)
_PAPERS_LAST = either(rf"\b{PLURAL}\W*$")
# What a question that goes on takes from the one before it, where it says nothing of it itself.
_INHERITED = (
    ("topic",),
    ("since", "until"),
    ("author", "names"),
    ("organisation",),
    ("source",),
    ("stated",),
    ("unstated",),
)


def understood(
    question: str, asked: StandAlone, history: Sequence[Message] | None, ledger: Ledger, filters: Filters
) -> tuple[StandAlone, Understood]:
    """What a question says about records, and how it then stands alone.

    With no history at all (None), nothing is read from its words. `filters`, which were given, stand
    before what was understood. "And the oldest?" is taken with what was asked before it.
    """
    if history is None:
        return asked, Understood().under(filters, ledger)
    # Where all that was done is to put an earlier question beside it, the new one alone says what it asks.
    beside = asked.asked.endswith(f" {question}") or asked.asked.startswith(f"{question} (")
    found = understand(question if beside else asked.asked, ledger)
    by = compared(asked.asked) if len(asked.papers) > 1 and not (found.since or found.until) else None
    if by:
        return asked, Understood(intent="compare", order=by).under(filters, ledger)
    if asked.leans:
        asked, found = _continued(asked, found, history, ledger)
    return asked, replace(found, of_last=found.of_last and asked.leans).under(filters, ledger)


def _continued(
    asked: StandAlone, found: Understood, history: Sequence[Message], ledger: Ledger
) -> tuple[StandAlone, Understood]:
    """What a follow-up says about records: of the papers just spoken of, or with what was asked before."""
    told, before = _asked_before(history, ledger)
    completed = StandAlone(f"{asked.asked} ({told})", asked.asked)
    if found.intent == "content":
        again = before.topic and (before.order or before.intent == "count")
        if again and found.topic and not found.filters() and _ON_ANOTHER.match(asked.asked):
            return completed, replace(before, topic=found.topic)
        return asked, replace(found, of_last=False)
    if found.intent == "count" and len(asked.papers) == 1 and not found.filters():
        return asked, Understood()  # "how many papers did they look at?": told in the paper, if anywhere
    if found.intent not in ("list", "count"):
        return asked, replace(found, of_last=bool(asked.papers and (asked.among or found.of_last)))
    bounds = bool(found.filters()) and not (found.order or reference.chooses(asked.asked))
    sought = _sought(told, before)  # and now again with other bounds: "and from 2020?"
    if asked.papers and (found.of_last or (asked.among and not (bounds and sought))):
        return asked, replace(found, of_last=True)
    if bounds and not sought and not found.topic:
        return completed, replace(found, intent="content", of_last=False)
    whole = inherited(found, before) if sought and not found.topic else found
    alone = StandAlone(asked.asked, asked.asked)
    return alone if whole == found else completed, replace(whole, of_last=False)


def _sought(told: str, before: Understood) -> bool:
    """Whether papers were asked for."""
    papers = _PAPERS_LAST.search(told) or reference.asks_for_papers(told)
    return before.intent in ("list", "count") or bool(papers)


def _asked_before(history: Sequence[Message], ledger: Ledger) -> tuple[str, Understood]:
    """What was asked for last, each question that only went on taken with the one before it."""
    told, before = "", Understood()
    for message in [message for message in history if message.get("role") == "user"][-_BEFORE:]:
        text = content(message)
        found = understand(text, ledger)
        goes_on = reference.continues(text) or reference.is_fragment(text)
        if told and goes_on and found.intent in ("list", "count") and not found.topic:
            told, before = f"{told}; {text}", inherited(found, before)
        else:
            told, before = text, found
    return told, before


def inherited(found: Understood, earlier: Understood) -> Understood:
    """`found`, with the topic and the bounds of an earlier question where it has none of its own.

    One that only bounds ("and from 2019?") asks for the same as the earlier one.
    """
    taken = {
        name: getattr(earlier, name)
        for names in _INHERITED
        if not any(getattr(found, name) for name in names)
        for name in names
    }
    for name in ("least_authors", "most_authors", "least_comments", "most_comments"):
        taken[name] = getattr(found, name) if bounds_numbers(found) else getattr(earlier, name)
    if not found.order and found.intent == "list" and earlier.intent in ("list", "count"):
        taken |= {name: getattr(earlier, name) for name in ("intent", "order", "wanted", "place")}
    return replace(found, **taken)
