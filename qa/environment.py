"""Switches off every look-up and report that the libraries make on their own.

They read these variables when they are imported, so `qa` imports this module before anything else. A
value that the user has set stays: `HF_HUB_OFFLINE=0` lets a model be fetched by name from the hub.
"""

from __future__ import annotations

import os

SETTINGS = {
    # ONNX Runtime's published builds send usage to Microsoft and keep a device identifier in the cache.
    "ORT_DISABLE_TELEMETRY": "1",
    # The hub: models load from folders, without asking for a newer revision or retrying for 46 seconds.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    # The hub's client counts uses, and gradio reports through it; others honour DO_NOT_TRACK.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    # Once online, transformers asks a service on the hub to convert weights that are not safetensors.
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    # gradio looks up its newest version and reports each start.
    "GRADIO_ANALYTICS_ENABLED": "False",
    # Chroma counts calls for its makers.
    "ANONYMIZED_TELEMETRY": "False",
    # LangChain sends each run to LangSmith when the shell has tracing on, be it for another program.
    # This name is read before the three older ones.
    "LANGSMITH_TRACING_V2": "false",
    # Not the network: a bar for weights that load from this machine's disk in a moment.
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    # tokenizers warn and deadlock after a fork, and threads that spin while they wait
    # make a query fifty times slower on shared cores.
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",
    # numpy's products are small here; a second thread gains nothing, and on a busy core all wait for it.
    "OPENBLAS_NUM_THREADS": "1",
}


def quiet() -> None:
    """Set each of `SETTINGS` that is not set yet. Child processes inherit them."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)


quiet()
