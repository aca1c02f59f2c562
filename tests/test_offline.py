"""Nothing reaches for the network: the guard that all tests run under, and a first answer without a net."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import netguard
import pytest


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the guard notes what this test provokes, apart from what would fail it."""
    monkeypatch.setenv(netguard.NOTES, str(tmp_path / "notes"))
    return tmp_path / "notes"


def test_a_look_up_is_refused_and_noted(notes: Path) -> None:
    with pytest.raises(netguard.NetworkBlocked, match=r"socket.getaddrinfo example\.org: outside"):
        socket.getaddrinfo("example.org", 443)
    assert notes.read_text() == "socket.getaddrinfo example.org\n"


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")]
)
def test_a_connection_is_refused(notes: Path, family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as plug, pytest.raises(netguard.NetworkBlocked):
        plug.connect_ex((address, 443))
    with socket.socket(family, socket.SOCK_DGRAM) as plug, pytest.raises(netguard.NetworkBlocked):
        plug.sendto(b"ping", (address, 53))
    assert notes.read_text() == f"socket.connect {address}\nsocket.sendto {address}\n"


def test_a_child_process_is_guarded_too(notes: Path) -> None:
    code = "import urllib.request as r; r.urlopen('http://192.0.2.1')"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "NetworkBlocked: socket.getaddrinfo 192.0.2.1" in child.stderr
    assert notes.read_text() == "socket.getaddrinfo 192.0.2.1\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost"])
def test_loopback_is_allowed(host: str) -> None:
    with socket.create_server(("127.0.0.1" if host == "localhost" else host, 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()


def ask(question: str, *, prefix: tuple[str, ...] = ()) -> dict[str, object]:
    """What `qa ask --json` says over the default library, which is made from the seeds for it."""
    qa = shutil.which("qa", path=Path(sys.executable).parent)
    command = [*prefix, str(qa), "ask", question, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_fresh_library_is_made_and_asked_under_the_guard() -> None:
    answer = ask("What does SeerAttention learn?")
    assert answer["answered"]
    assert "SeerAttention" in json.dumps(answer["citations"])


def namespace() -> tuple[str, ...] | None:
    """The command that runs another one in a network of its own with nothing but a loopback."""
    for flags in ("-n", "-rn"):
        prefix = ("unshare", flags, "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
        if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    return None


def test_a_fresh_library_is_made_and_asked_where_there_is_no_network() -> None:
    prefix = namespace()
    if prefix is None:
        pytest.skip("network namespaces are not allowed here")
    answer = ask("What does SeerAttention learn?", prefix=prefix)
    assert answer["answered"]


def test_onnx_runtime_leaves_no_device_identifier(tmp_path: Path) -> None:
    code = "import qa.environment, onnxruntime; onnxruntime.get_available_providers()"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.rglob("*onnxruntime*")) == []
