"""A real llama.cpp server in a process of its own, as a user would run one."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SERVE = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, template = sys.argv[1:3]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_parallel, params.n_ctx = int(sys.argv[3]), int(sys.argv[4])
params.kv_unified = False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.fit_params = False
params.use_jinja = True
params.endpoint_slots = True
params.verbosity = 1
if template:
    params.chat_template = template
server = xllamacpp.Server(params)
print("listening on", server.listening_address, flush=True)
sys.stdin.read()
"""


@contextmanager
def serve_model(model: Path, *, template: str = "", slots: int = 1, context: int = 8192) -> Iterator[str]:
    """Serve `model`, with another chat template than its own if one is given, and give the server's URL. `context` is for all slots."""
    command = [sys.executable, "-c", _SERVE, str(model), template, str(slots), str(context)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        try:
            yield next(line.split()[-1] for line in server.stdout if line.startswith("listening on"))
        finally:
            server.kill()


def ask_llama(url: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON, looked at by the test
    """Ask the server directly, past our engine."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data), timeout=30) as reply:
        return json.load(reply)
