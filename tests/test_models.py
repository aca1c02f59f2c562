"""Chat models by name: what is missing is told, what is there is loaded and heard through its own client."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa import Library, ModelUnavailable
from qa.answering.models import TOKENS, load_chat_model
from qa.answering.streaming import Interrupted, pieces
from tests.serving import serving
from tests.tiny import build

QUESTION = "How much faster is SeerAttention than FlashAttention-2?"
REPLY = "SeerAttention offers a 5.67x speedup over FlashAttention-2 [1]. It won prizes [1]."
PASSED = "SeerAttention offers a 5.67x speedup over FlashAttention-2. [1]"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that whoever runs the tests has set up."""
    for name in list(os.environ):
        if (
            name.endswith("_API_KEY")
            or name.startswith(("OPENAI_", "OLLAMA_"))
            or name.lower().endswith("_proxy")
        ):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("otter", "no answerer is called 'otter': use 'extractive'"),
        ("ollama:", "no answerer is called 'ollama:'"),
        (
            "otter:small",
            "LangChain's package for 'otter' is not installed: install it, or use one of huggingface,",
        ),
        ("huggingface:nobody/nothing", "is not on this machine: give the folder of a chat model"),
        ("huggingface:/no/such/folder", "is not on this machine: give the folder of a chat model"),
    ],
)
def test_what_is_missing_is_told_in_one_line(name: str, said: str) -> None:
    with pytest.raises(ModelUnavailable, match=said) as raised:
        load_chat_model(name)
    assert "\n" not in str(raised.value)


def test_a_missing_key_is_told() -> None:
    pytest.importorskip("langchain_openai")
    with pytest.raises(ModelUnavailable, match="needs a key: set OPENAI_API_KEY, or"):
        load_chat_model("openai:gpt")


def test_a_server_that_does_not_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    with pytest.raises(ModelUnavailable, match=r"refused.*: start it, or set OPENAI_BASE_URL to where it is"):
        load_chat_model("openai:llama")


def test_ollama_not_running_or_without_the_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_ollama")
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    with pytest.raises(ModelUnavailable, match="start it with `ollama serve`"):
        load_chat_model("ollama:llama3.2")
    with serving("otter", "") as served:
        monkeypatch.setenv("OLLAMA_HOST", served.address)
        with pytest.raises(
            ModelUnavailable, match=r"has no model 'llama3.2': get it with `ollama pull llama3.2`"
        ):
            load_chat_model("ollama:llama3.2")


def test_a_server_that_is_busy_with_an_answer_is_no_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}/v1")
        assert load_chat_model("openai:llama")


def test_a_server_that_answers_without_a_word_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    with serving("otter", "") as served:  # as llama.cpp's does where the context is too small
        monkeypatch.setenv("OPENAI_BASE_URL", f"{served.address}/v1")
        said = pieces(load_chat_model("openai:otter"), QUESTION, 60)
        with pytest.raises(Interrupted, match="the model said nothing: perhaps its context is too small"):
            next(said)


def test_a_model_that_a_server_lacks_is_told_with_those_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    with serving("otter", "") as served:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{served.address}/v1")
        with pytest.raises(ModelUnavailable, match="has no such model, but otter"):
            load_chat_model("openai:llama")


SERVERS = pytest.mark.parametrize(
    ("provider", "variable", "path", "limit"),
    [
        ("openai", "OPENAI_BASE_URL", "/v1", "max_tokens"),
        ("ollama", "OLLAMA_HOST", "", "num_predict"),
    ],
)


@SERVERS
def test_a_server_is_heard_through_its_real_client(
    provider: str,
    variable: str,
    path: str,
    limit: str,
    seed_library: Library,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip(f"langchain_{provider}")
    with serving("otter", REPLY, 503) as served:  # and asked once more, after "unavailable"
        monkeypatch.setenv(variable, served.address + path)
        monkeypatch.setenv("QA_ANSWERER", f"{provider}:otter")
        with Library(seed_library.path) as library:
            answer = library.answer(QUESTION)
    assert (answer.text, answer.answerer) == (PASSED, f"{provider}:otter")
    assert answer.notes == ("1 sentence without support left out",)
    asked = served.seen[1]
    assert (len(served.seen), {**asked, **asked.get("options", {})}[limit]) == (2, TOKENS)


@SERVERS
def test_a_server_that_never_stops_or_never_begins_is_left(
    provider: str, variable: str, path: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(f"langchain_{provider}")
    with serving("otter", "On and on. ∞") as served:
        monkeypatch.setenv(variable, served.address + path)
        said = pieces(load_chat_model(f"{provider}:otter"), QUESTION, 60)
        assert next(filter(None, said))
        said.close()  # type: ignore[attr-defined]
        assert served.left.wait(10)
    with serving("otter", "…") as served:
        monkeypatch.setenv(variable, served.address + path)
        with pytest.raises(Interrupted, match=r"not done after 0.2 s"):
            list(pieces(load_chat_model(f"{provider}:otter"), QUESTION, 0.2))


def test_a_folder_of_hugging_face_is_loaded_and_streams(tiny: Path, seed_library: Library) -> None:
    pytest.importorskip("langchain_huggingface")
    with Library(seed_library.path, answerer=f"huggingface:{tiny}") as library:
        answer = library.answer(QUESTION)
    assert answer.notes[-1] == "the answer is given in quotes"
    assert "“" in answer.text


@pytest.mark.parametrize("left", [False, True])
def test_a_pipeline_of_hugging_face_ends_at_its_limit_or_when_it_is_left(tiny: Path, left: bool) -> None:
    pytest.importorskip("langchain_huggingface")
    model: Any = load_chat_model(f"huggingface:{tiny}")
    steps: list[int] = []
    model.llm.pipeline.model.register_forward_hook(lambda *_: steps.append(1))
    before = set(threading.enumerate())
    said = pieces(model, "What does the gate learn?", 60)
    assert next(filter(None, said))
    said.close() if left else list(said)  # type: ignore[attr-defined]
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
    assert len(steps) < TOKENS if left else len(steps) == TOKENS


def test_a_model_without_a_chat_template_is_told(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("langchain_huggingface")
    folder = tmp_path / "bare"
    folder.mkdir()
    for path in tiny.iterdir():
        if path.name != "chat_template.jinja":
            (folder / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ModelUnavailable, match="has no chat template"):
        load_chat_model(f"huggingface:{folder}")


@pytest.fixture
def served(tiny: Path, tmp_path: Path) -> Iterator[str]:
    """The address of transformers' own OpenAI-compatible server, in another process."""
    pytest.importorskip("openai")
    pytest.importorskip("accelerate")
    (tmp_path / "hub").mkdir()
    port = free_port()
    code = "import sys; from transformers.cli.transformers import main; main()"
    command = [sys.executable, "-c", code, "serve", str(tiny), "--port", str(port), "--device", "cpu"]
    environment = {**os.environ, "HF_HOME": str(tmp_path)}
    with open(tmp_path / "log", "w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/v1"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/models", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        assert process.poll() is None, (tmp_path / "log").read_text()
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.mark.long
def test_a_server_of_a_package_is_heard(served: str, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    monkeypatch.setenv("OPENAI_BASE_URL", served)
    said = "".join(pieces(load_chat_model(f"openai:{tiny}"), "What does the gate learn?", 120))
    assert said
    with pytest.raises(Interrupted, match=r"not done after 0.01 s"):
        "".join(pieces(load_chat_model(f"openai:{tiny}"), "What does the gate learn?", 0.01))
