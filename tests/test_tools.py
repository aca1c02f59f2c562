"""`qa mcp`: the tools, called by the protocol's own client from a process of `qa mcp`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from qa import Library, Paper
from tests.pages import QUESTION

WIND = Paper(
    "w", "Dunes", "Wind moves dunes. Dunes are made of sand.", published="2024-05", doi="10.1000/182"
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tools") / "library"
    with Library(folder) as library:
        library.add([WIND, Paper("s", "Avalanches", "Snow falls.", published="2023")])
    return folder


def called(folder: Path, calling: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
    """What `calling` gets from `qa mcp`."""

    async def connected() -> Any:
        arguments = ["-m", "qa", "mcp", "--library", str(folder)]
        server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
        async with Client(server) as client:
            return await calling(client)

    with ThreadPoolExecutor(1) as thread:  # the browser's session holds a loop in this one
        return thread.submit(asyncio.run, connected()).result(timeout=120)


def test_the_tools_are_described_with_what_they_take_and_give(own: Path) -> None:
    listed = called(own, lambda client: client.list_tools())
    ask, search, paper = listed.tools
    assert [tool.name for tool in listed.tools] == ["ask", "search", "paper"]
    assert ask.description.startswith("Answer a question from the papers of this library")
    assert ask.input_schema["required"] == ["question"]
    assert all("description" in field for field in ask.input_schema["properties"].values())
    assert search.input_schema["properties"]["k"]["default"] == 10
    assert "citations" in ask.output_schema["required"]
    assert paper.annotations.read_only_hint


def test_a_program_asks_searches_and_reads(own: Path) -> None:
    async def all_three(client: Client) -> list[dict[str, Any]]:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("ask", {"question": "What moves dunes?", "since": "2024"}),
            ("search", {"query": "snow", "k": 1}),
            ("paper", {"id": "w"}),
        ]
        return [(await client.call_tool(*call)).structured_content or {} for call in calls]

    reply, found, paper = called(own, all_three)
    assert reply["answered"]
    [quote] = [quote for quote in reply["citations"] if quote["quote"] == "Wind moves dunes."]
    assert WIND.abstract[quote["start"] : quote["end"]] == quote["quote"]
    assert f"[{quote['number']}]" in reply["text"]
    assert quote["paper"]["url"] == "https://doi.org/10.1000/182"
    assert [hit["paper"]["title"] for hit in found["hits"]] == ["Avalanches"]
    assert paper == WIND.to_dict()


def test_what_goes_wrong_is_told_in_a_line(own: Path) -> None:
    async def wrongs(client: Client) -> list[Any]:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("ask", {"question": " "}),
            ("search", {"query": "x", "k": 0}),
            ("paper", {"id": "z"}),
        ]
        return [await client.call_tool(*call) for call in calls]

    replies = called(own, wrongs)
    assert all(reply.is_error for reply in replies)
    blank, none, unknown = (reply.content[0].text for reply in replies)
    assert "the question is empty" in blank
    assert "k is 0" in none
    assert "no paper has the id 'z'" in unknown


def test_a_library_that_is_missing_is_told_and_the_server_goes_on(tmp_path: Path) -> None:
    async def twice(client: Client) -> list[Any]:
        return [await client.call_tool("ask", {"question": QUESTION}) for _ in range(2)]

    for reply in called(tmp_path / "none", twice):
        assert reply.is_error
        assert "no library at" in reply.content[0].text


def test_ctrl_c_ends_it_while_it_waits_for_input(own: Path) -> None:
    command = [sys.executable, "-m", "qa", "mcp", "--library", str(own)]
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        print(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
            file=server.stdin,
        )
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["result"]["serverInfo"]["name"] == "qa"
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == -signal.SIGINT


def test_a_missing_package_is_named() -> None:
    code = "import sys; sys.modules['mcp'] = None; from qa.cli import main; main(['mcp'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "qa: qa mcp needs the package mcp: install it with `pip install 'qa-papers[mcp]'`\n"
    )
