"""Chat models by name, as LangChain's `init_chat_model` names them: "ollama:llama3.2", "huggingface:FOLDER".

What is missing is told before anything heavy is imported and before a client begins to retry: a package, a
key, a server that does not run, a model that the server or this machine does not have.
"""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from qa.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

TOKENS: Final = 700  # of an answer, at most; it is a few sentences
SECONDS: Final = 120.0  # for a whole answer
PATIENCE: Final = 1.5  # seconds in which a server must say that it is there
LONGEST_REASON: Final = 300  # characters of what a library says


@dataclass(frozen=True)
class _Provider:
    """What a provider needs besides `langchain`: its package, and the variable that holds its key."""

    package: str
    key: str | None = None


_PROVIDERS: Final = {
    "huggingface": _Provider("langchain_huggingface"),
    "ollama": _Provider("langchain_ollama"),
    "openai": _Provider("langchain_openai", "OPENAI_API_KEY"),
    "anthropic": _Provider("langchain_anthropic", "ANTHROPIC_API_KEY"),
    "google_genai": _Provider("langchain_google_genai", "GOOGLE_API_KEY"),
    "groq": _Provider("langchain_groq", "GROQ_API_KEY"),
    "mistralai": _Provider("langchain_mistralai", "MISTRAL_API_KEY"),
}
EXTRAS: Final = ("huggingface", "ollama", "openai")  # of this package, each with its provider's package


def load_chat_model(name: str) -> BaseChatModel:
    """The chat model called `name`, "PROVIDER:MODEL". A local one is loaded at once.

    Raises ModelUnavailable, within two seconds, for a package, key, server or model that is missing.
    """
    provider, _, model = name.partition(":")
    provider = provider.replace("-", "_").lower()
    if not model:
        raise ModelUnavailable(
            f"no answerer is called {name!r}: use 'extractive', or a model such as 'ollama:llama3.2',"
            " 'huggingface:FOLDER' or 'openai:NAME'"
        )
    _check_packages(name, provider)
    options = _OPTIONS.get(provider, _of_hosted)(name, model)
    from langchain.chat_models import init_chat_model

    try:
        loaded: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except Exception as error:  # providers raise whatever their libraries raise
        raise ModelUnavailable(f"answerer {name!r} cannot be loaded: {reason(error)}") from error
    _check_template(name, loaded)
    return loaded


def stopping(model: BaseChatModel, stopped: threading.Event) -> dict[str, Any]:
    """What a model is to be called with so that it ends when `stopped` is set.

    A server sees that its client is gone. A pipeline of Hugging Face works in a thread of its own, which
    would go on: it is made to say that the text ends.
    """
    pipeline = getattr(getattr(model, "llm", None), "pipeline", None)
    ends = getattr(getattr(getattr(pipeline, "model", None), "generation_config", None), "eos_token_id", None)
    if ends is None:
        return {}
    import torch

    def end(tokens: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if not stopped.is_set():
            return scores
        forced = torch.full_like(scores, -torch.inf)
        forced[:, ends] = 0.0
        return forced

    return {"pipeline_kwargs": {"logits_processor": [end]}}


def reason(error: Exception) -> str:
    """What an error says, on one line, cut where it is long."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]} …"


def _check_packages(name: str, provider: str) -> None:
    known = _PROVIDERS.get(provider)
    if known is None and find_spec(f"langchain_{provider}") is None:
        raise ModelUnavailable(
            f"answerer {name!r}: LangChain's package for {provider!r} is not installed: install it,"
            f" or use one of {', '.join(_PROVIDERS)}"
        )
    needed = ("langchain", known.package) if known else ("langchain",)
    missing = [package.replace("_", "-") for package in needed if find_spec(package) is None]
    if missing:
        what = f"'qa-papers[{provider}]'" if provider in EXTRAS else " ".join(missing)
        raise ModelUnavailable(
            f"answerer {name!r} needs the package {missing[-1]}: install it with `pip install {what}`"
        )
    if known and known.key and not os.environ.get(known.key) and not _own_server(provider):
        own = ", or OPENAI_BASE_URL to the address of a server of your own" if provider == "openai" else ""
        raise ModelUnavailable(f"answerer {name!r} needs a key: set {known.key}{own}")


def _own_server(provider: str) -> str | None:
    """The address of an OpenAI-compatible server that the user named."""
    named = os.environ.get("OPENAI_API_BASE") or os.environ.get("OPENAI_BASE_URL")
    return named if provider == "openai" else None


# What each provider is asked beforehand, and its arguments ------------------------------------------


def _of_hosted(name: str, model: str) -> dict[str, Any]:
    return {"max_tokens": TOKENS, "temperature": 0, "max_retries": 0}


def _of_openai(name: str, model: str) -> dict[str, Any]:
    if not (address := _own_server("openai")):
        # Some hosted models take no temperature but their own.
        return {"max_tokens": TOKENS, "timeout": SECONDS, "max_retries": 0}
    key = os.environ.get("OPENAI_API_KEY") or "none"  # servers of one's own seldom want one
    remedy = "start it, or set OPENAI_BASE_URL to where it is"
    served = _asked(name, f"{address.rstrip('/')}/models", remedy, key)
    names = [one.get("id") for one in served.get("data") or [] if isinstance(one, dict)]
    if names and model not in names:
        known = ", ".join(map(str, names[:5]))
        raise ModelUnavailable(f"answerer {name!r}: the server at {address} has no such model, but {known}")
    # The client says `max_completion_tokens`, which llama.cpp's server and others of the kind do not know.
    limits = {"max_tokens": TOKENS, "extra_body": {"max_tokens": TOKENS}, "timeout": SECONDS}
    return {**limits, "temperature": 0, "max_retries": 0, "base_url": address, "api_key": key}


def _of_ollama(name: str, model: str) -> dict[str, Any]:
    host = os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
    address = host if "://" in host else f"http://{host}"
    served = _asked(name, f"{address.rstrip('/')}/api/tags", "start it with `ollama serve`")
    names = [one.get("name") for one in served.get("models") or [] if isinstance(one, dict)]
    if not {model, f"{model}:latest"} & set(names):
        raise ModelUnavailable(
            f"answerer {name!r}: the server at {address} has no model {model!r}:"
            f" get it with `ollama pull {model}`"
        )
    options = {"num_predict": TOKENS, "temperature": 0, "client_kwargs": {"timeout": SECONDS}}
    return {**options, "base_url": address}


def _of_huggingface(name: str, model: str) -> dict[str, Any]:
    from huggingface_hub import constants

    folder = Path(model).expanduser()
    cached = Path(constants.HF_HUB_CACHE) / f"models--{model.replace('/', '--')}" / "snapshots"
    here = (folder / "config.json").is_file() or any(cached.glob("*/config.json"))
    if not here and (constants.HF_HUB_OFFLINE or not _is_name(model)):
        raise ModelUnavailable(
            f"answerer {name!r} is not on this machine: give the folder of a chat model,"
            " or set HF_HUB_OFFLINE=0 to let it be downloaded"
        )
    if not here:
        _asked(name, f"{constants.ENDPOINT}/api/models/{model}", "check its name and the network")
    return {"pipeline_kwargs": {"max_new_tokens": TOKENS, "do_sample": False, "return_full_text": False}}


def _is_name(model: str) -> bool:
    """Whether it could be a model's name on the hub, and is no path."""
    return model.count("/") <= 1 and not model.startswith((".", "/", "~")) and not Path(model).is_dir()


def _check_template(name: str, model: BaseChatModel) -> None:
    tokenizer = getattr(model, "tokenizer", None)
    if tokenizer is not None and not getattr(tokenizer, "chat_template", None):
        raise ModelUnavailable(
            f"answerer {name!r} has no chat template: take a model that was trained to follow instructions"
        )


_OPTIONS: Final[dict[str, Callable[[str, str], dict[str, Any]]]] = {
    "huggingface": _of_huggingface,
    "ollama": _of_ollama,
    "openai": _of_openai,
}


def _asked(name: str, url: str, remedy: str, key: str = "") -> dict[str, Any]:
    """What a server says at an address, asked once; nothing where it has something else to say, or is busy.

    Raises ModelUnavailable where there is no server, or it wants another key or knows no such address.
    """
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            said = json.load(reply)
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            return {}
        raise ModelUnavailable(
            f"answerer {name!r}: {url} says {error.code} {error.reason}: {remedy}"
        ) from None
    except TimeoutError:  # connected, so it is there; one that writes an answer may be deaf meanwhile
        return {}
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"answerer {name!r}: no answer from {url} ({reason(error)}): {remedy}"
        ) from error
    return said if isinstance(said, dict) else {}
