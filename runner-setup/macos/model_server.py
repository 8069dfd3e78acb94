"""llama.cpp's server for one model, on a port of this machine alone: model_server.py MODEL.gguf PORT."""  # noqa: INP001  # a program, and in no package

from __future__ import annotations

import sys
import threading

import xllamacpp  # type: ignore[import-untyped]  # it comes without types


def main(model: str, port: str) -> None:
    """Serve the model until this process is ended. Exits with the server's words when it can't be."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.n_ctx = 8192  # notewright's own llm.context_window
    params.n_parallel = 1  # slots share no cache: each would read the same prompt again
    params.n_gpu_layers = -1  # all of it, where there is a graphics card
    params.use_jinja = True
    params.cache_ram_mib = 0
    params.endpoint_props = True  # how the engine learns which model it is
    params.ui = False
    params.verbosity = 2  # warnings and errors
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        sys.exit(f"{model} cannot be served on port {port}: {error}")
    print(f"{model} is served at {server.listening_address}", flush=True)  # noqa: T201  # the log of a service
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
