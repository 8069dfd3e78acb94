"""The tiny model is a real one."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.tiny_model import write_gguf

# A process of its own: a crash in native code then fails one test, not the run.
_SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_parallel = 1
params.n_ctx = 2048
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.fit_params = False
params.use_jinja = True
server = xllamacpp.Server(params)
print("listening on", server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def model_url(tiny_gguf: Path) -> Iterator[str]:
    command = [sys.executable, "-c", _SERVE, str(tiny_gguf)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        yield next(line.split()[-1] for line in server.stdout if line.startswith("listening on"))
        server.kill()


def _post(url: str, body: object) -> dict[str, object]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        answer: dict[str, object] = json.load(reply)
    return answer


def test_the_same_seed_gives_the_same_bytes(tiny_gguf: Path, tmp_path: Path) -> None:
    assert write_gguf(tmp_path / "again.gguf").read_bytes() == tiny_gguf.read_bytes()
    assert tiny_gguf.stat().st_size < 600_000


def test_llama_server_speaks_with_it_in_json(model_url: str) -> None:
    prompt = _post(f"{model_url}/apply-template", {"messages": [{"role": "user", "content": "hi"}]})["prompt"]
    assert prompt == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
    body = {"prompt": prompt, "json_schema": schema, "temperature": 0, "n_predict": 64}
    replies = [str(_post(f"{model_url}/completion", body)["content"]) for _ in range(2)]
    assert isinstance(json.loads(replies[0])["ok"], bool)
    assert replies[0] == replies[1]
