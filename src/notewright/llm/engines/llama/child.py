"""The child process that holds an embedded llama.cpp server: it lives as long as its standard input."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from typing import Any


def main() -> None:
    """Read one JSON line (model, context, threads, key), serve on a free port of this machine, and print "key port"."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = _serve(order)
    port = server.listening_address.rpartition(":")[2]
    # one write, begun on a new line: llama.cpp logs to the same pipe
    os.write(1, f"\n{order['key']} {port}\n".encode())
    threading.Event().wait()


def _serve(order: dict[str, Any]) -> Any:  # noqa: ANN401  # xllamacpp has no types
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = order["model"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # the system chooses a free one, so none is ever lost in a race
    params.api_keys = [order["key"]]
    params.n_ctx = order["context"]
    # slots share no cache: 8 of them evaluated 11,000 prompt tokens where one evaluated 177
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order["threads"]
    params.use_jinja = True
    params.fit_params = False  # what runs is what was asked for, whatever memory is free today
    # read and not mapped: llama.cpp rearranges q4 weights in memory of its own, and the mapped file would stay beside them
    params.load_mode = 0
    params.cache_ram_mib = 0  # no copies of old prompts in memory, which nobody planned for
    params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = params.ui = False
    params.verbosity = 2  # warnings and errors
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        sys.exit(f"{error}")


def _end_with_parent() -> None:
    """End this process at once when its standard input ends: its parent is gone, however it went."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
