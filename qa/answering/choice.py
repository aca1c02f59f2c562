"""Which answerer a name, a model or the environment stands for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from qa.answering import Answerer
from qa.answering.extractive import Extractive
from qa.answering.writer import Writer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def choose(given: str | BaseChatModel | Answerer | None) -> Answerer:
    """The answerer that is given, else the one that QA_ANSWERER names, else the one that quotes.

    Raises ModelUnavailable when a model that is named cannot be had.
    """
    if given is None:
        given = os.environ.get("QA_ANSWERER", "").strip() or "extractive"
    if given == "extractive":
        return Extractive()
    if isinstance(given, str):
        return Writer(given)
    return cast(Answerer, given) if hasattr(given, "compose") else Writer(given)
