"""What the server answers beside the page itself: files to take away, a word on an answer, its own health."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qa.chat.archive import Archive
from qa.chat.conversation import Answering
from qa.chat.feedback import write_questions
from qa.chat.takeaway import FORMATS
from qa.chat.visitors import owner_of
from qa.errors import QAError

RATED = "questions.jsonl"  # beside the archive: what `qa eval` reads
LONGEST_WHY = 2_000  # characters
LONGEST_BODY = 20_000  # bytes
_NAME = re.compile(r"(?P<turn>all|[1-9]\d{0,8})\.(?P<ending>\w+)")


def routes(library: Answering, archive: Archive) -> list[Route]:
    """The routes.

    `take/CONVERSATION/3.md` is turn 3 as Markdown, `all.bib` what the conversation cites;
    `rate/CONVERSATION/3` takes {"good": true or false, "why": "..."}; `health`.
    """
    return [
        Route("/take/{conversation}/{name}", _taking(archive)),
        Route("/rate/{conversation}/{turn:int}", _rating(archive), methods=["POST"]),
        Route("/health", _health(library)),
    ]


def _taking(archive: Archive) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        named = _NAME.fullmatch(request.path_params["name"])
        if not named or named["ending"] not in FORMATS:
            return Response("no such file\n", 404)
        turns = archive.load(owner_of(request), request.path_params["conversation"])
        if named["turn"] != "all":
            turns = turns[int(named["turn"]) - 1 : int(named["turn"])]
        if not turns:
            return Response("no such conversation\n", 404)
        _, media, write = FORMATS[named["ending"]]
        name = quote(f"{_file_name(turns[0].question)}.{named['ending']}")
        return Response(
            write(turns),
            media_type=f"{media}; charset=utf-8",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
                "Cache-Control": "no-store",
            },
        )

    return take


def _rating(archive: Archive) -> Callable[[Request], Awaitable[Response]]:
    async def rate(request: Request) -> Response:
        if int(request.headers.get("content-length", LONGEST_BODY + 1)) > LONGEST_BODY:
            return Response("too long\n", 413)
        try:
            said = await request.json()
            good, why = said["good"], str(said["why"])[:LONGEST_WHY]
        except (ValueError, KeyError, TypeError):
            return Response("no rating\n", 400)
        place = request.path_params["conversation"], request.path_params["turn"]
        if not isinstance(good, bool) or not archive.rate(owner_of(request), *place, good, why):
            return Response("no such answer\n", 404)
        write_questions(archive, archive.path.with_name(RATED))
        return Response(status_code=204)

    return rate


def _file_name(question: str) -> str:
    return "-".join(re.findall(r"\w+", question.lower()))[:60] or "answer"


def _health(library: Answering) -> Callable[[Request], Response]:
    def health(request: Request) -> Response:
        try:
            return JSONResponse({"status": "ok", "papers": len(library.papers())})
        except QAError as error:
            return JSONResponse({"status": "failing", "reason": str(error)}, 503)

    return health
