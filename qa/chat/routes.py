"""What the server answers beside the page itself: files to take away, a word on an answer, its own health.

take/CONVERSATION/3.md   turn 3 as Markdown; all.bib: what the whole conversation cites
rate/CONVERSATION/3      takes {"good": true or false, "why": "..."}
health                   whether it can answer, and from how many papers
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from qa.chat.archive import Archive
from qa.chat.conversation import Answering
from qa.chat.feedback import rated_file, write_questions
from qa.chat.takeaway import FORMATS
from qa.chat.web import Asked, Reply
from qa.errors import QAError

LONGEST_WHY = 2_000  # characters
LONGEST_BODY = 20_000  # bytes
_TAKE = re.compile(r"/take/(?P<id>[\w-]+)/(?P<turn>all|[1-9]\d{0,8})\.(?P<ending>\w+)")
_RATE = re.compile(r"/rate/(?P<id>[\w-]+)/(?P<turn>\d{1,9})")


def answering(library: Answering, archive: Archive) -> Callable[[Asked], Awaitable[Reply | None]]:
    """What replies to a request; None for one that is Gradio's."""

    async def answer(asked: Asked) -> Reply | None:
        try:
            if asked.path == "/health":
                return await asyncio.to_thread(_health, library)
            if asked.method == "GET" and asked.path.startswith("/take/"):
                return _taken(archive, asked)
            if asked.method == "POST" and (named := _RATE.fullmatch(asked.path)):
                return await _rated(archive, asked, named["id"], int(named["turn"]))
        except QAError as error:
            return Reply(503, f"{error}\n".encode())
        return None

    return answer


def _taken(archive: Archive, asked: Asked) -> Reply:
    named = _TAKE.fullmatch(asked.path)
    if not named or named["ending"] not in FORMATS:
        return Reply(404, b"no such file\n")
    turns = archive.load(asked.owner, named["id"])
    if named["turn"] != "all":
        turns = turns[int(named["turn"]) - 1 : int(named["turn"])]
    if not turns:
        return Reply(404, b"no such conversation\n")
    _, media, write = FORMATS[named["ending"]]
    name = quote(f"{_file_name(turns[0].question)}.{named['ending']}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Reply(200, write(turns).encode(), f"{media}; charset=utf-8", headers)


def _file_name(question: str) -> str:
    return "-".join(re.findall(r"\w+", question.lower()))[:60] or "answer"


async def _rated(archive: Archive, asked: Asked, id: str, turn: int) -> Reply:
    body = await asked.body(LONGEST_BODY)
    if body is None:
        return Reply(413, b"too long\n")
    try:
        said = json.loads(body)
        good, why = said["good"], str(said["why"])[:LONGEST_WHY]
    except (ValueError, KeyError, TypeError):
        return Reply(400, b"no rating\n")
    if not isinstance(good, bool) or not archive.rate(asked.owner, id, turn, good, why):
        return Reply(404, b"no such answer\n")
    write_questions(archive, rated_file(archive))
    return Reply(204)


def _health(library: Answering) -> Reply:
    try:
        found, status = {"status": "ok", "papers": len(library.papers())}, 200
    except QAError as error:
        found, status = {"status": "failing", "reason": str(error)}, 503
    return Reply(status, json.dumps(found).encode(), "application/json")
