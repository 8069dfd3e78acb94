"""`notewright models list`, as people run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.parts.command import Ended, run_command
from tests.parts.llama import serve_model
from tests.parts.ollama import ABSENT, PROGRAM, serve_ollama

_HOLD = """
import sys
from pathlib import Path
from notewright.control import Cancel, ignore
from notewright.llm.memory.lock import MachineLock
MachineLock(Path(sys.argv[1]), wait_s=60, report=ignore).take(sys.argv[2], Cancel())
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, tiny_gguf: Path) -> Path:
    """A model folder with one model, one that is cut short and what is no model."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "tiny.gguf").write_bytes(tiny_gguf.read_bytes())
    (models / "cut.gguf").write_bytes(tiny_gguf.read_bytes()[:200_000])
    (models / "notes.txt").write_text("no model")
    return models


def _run(folder: Path, *arguments: str, **env: str) -> Ended:
    closed = "http://127.0.0.1:9"
    variables = {"MODELS_DIR": str(folder), "SERVER_URL": closed, "OLLAMA_URL": closed, **env}
    return run_command(
        "models", "list", *arguments, cwd=folder.parent, env={f"NOTEWRIGHT_LLM_{name}": value for name, value in variables.items()}
    )


def _value(folder: Path, **env: str) -> Any:  # noqa: ANN401  # JSON, looked at by the test
    done = _run(folder, "--format", "json", **env)
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


@contextmanager
def _holding(lock: Path, label: str) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(lock), label], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as job:
        assert job.stdout
        try:
            assert job.stdout.readline() == b"held\n"
            yield
        finally:
            job.kill()


def test_it_says_what_is_here_what_fits_and_what_auto_takes_in_80_columns(folder: Path) -> None:
    done = _run(folder)
    text = done.out.decode()
    assert (done.code, done.err) == (0, "")
    assert "best     tiny.gguf\n" in text
    assert f"auto     tiny.gguf is the largest model in {folder} that fits" in " ".join(text.split()).replace("auto ", "auto     ", 1)
    assert "  tiny.gguf: llama F32 1 MB, takes 2" in text
    assert "  cut.gguf: the model file" in text
    assert "lock     nobody holds it\n" in text
    assert "qwen3-1.7b            Q4_K_M  Apache-2.0" in text
    assert [line for line in text.splitlines() if len(line) > 80 and str(folder) not in line] == []


def test_it_is_data_too(folder: Path) -> None:
    value = _value(folder)
    tiny = next(one for one in value["files"] if one["file"] == "tiny.gguf")
    assert (tiny["architecture"], tiny["context_length"], tiny["fits"], tiny["shrunk"]) == ("llama", 8192, True, [])
    assert 20e6 < tiny["needed_bytes"] < 60e6
    cut = next(one for one in value["files"] if one["file"] == "cut.gguf")
    assert (cut["fits"], "cut short" in cut["problem"]) == (False, True)
    assert (value["best"], value["auto"]["found"]) == ("tiny.gguf", True)
    assert value["memory"]["ram"]["may_take_bytes"] < value["memory"]["ram"]["free_bytes"] <= value["memory"]["ram"]["total_bytes"]
    assert "Connection refused" in value["ollama"]["problem"]
    assert {one["name"] for one in value["models"]} >= {value["class"]["small"], value["class"]["large"], "llama-3.1-8b"}


def test_what_the_user_allows_decides_what_fits_and_the_figures_say_why(folder: Path) -> None:
    settings = folder.parent / "notewright.yaml"
    settings.write_text("resources: {max_ram_gb: 5}\n")
    models = {one["name"]: one for one in _value(folder)["models"]}
    assert models["qwen3-1.7b"]["fits"]
    assert not models["qwen3-14b"]["fits"]
    assert models["qwen3-14b"]["reason"] == "too large: about 10.9 GB of 5.0 GB"
    settings.write_text("resources: {max_ram_gb: 0.1}\n")
    assert _value(folder)["best"] == "tiny.gguf"


def test_an_empty_place_says_so_and_that_auto_takes_nothing(tmp_path: Path) -> None:
    done = _run(tmp_path / "absent")
    assert done.code == 0
    assert "best     no model file is here that fits\n" in done.out.decode()
    assert "takes none: " in done.out.decode()


def test_who_holds_the_lock_and_who_waits_is_shown(folder: Path) -> None:
    lock = Path(os.environ["XDG_CACHE_HOME"]) / "notewright" / "models.lock"
    with _holding(lock, "a large model"):
        value = _value(folder)
    assert value["lock"]["holder"]["label"] == "a large model"
    assert value["lock"]["waiting"] == []


def test_a_table_of_the_repository_replaces_ours_and_a_wrong_key_is_named(folder: Path) -> None:
    own = folder.parent / ".notewright" / "prompts" / "models.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(
        "version: 1\nclasses: {cpu: {memory: 1, large: mine, small: mine}}\nmodels:\n"
        f"- {{name: mine, parameters: 0.001, quantization: F32, license: MIT, file: me/mine/tiny.gguf, sha256: {'ab' * 32}}}\n"
    )
    models = _value(folder)["models"]
    assert [(one["name"], one["here"]) for one in models] == [("mine", ["gguf"])]
    own.write_text("version: 1\nclasses: {}\nmodel: []\n")
    done = _run(folder)
    assert done.code == 3
    assert "models.yaml: " in done.err


def test_a_running_llama_server_is_shown_and_taken(folder: Path, tiny_gguf: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    with serve_model(tiny_gguf) as url:
        value = _value(folder, SERVER_URL=url)
    assert value["llama_server"] == {"model": str(tiny_gguf), "context_length": 8192, "slots": 1}
    assert value["auto"] == {"found": True, "reason": f"a llama.cpp server runs at {url}"}


@pytest.mark.skipif(PROGRAM is None, reason=ABSENT)
def test_the_models_of_a_running_ollama_are_shown(folder: Path, tmp_path: Path, tiny_gguf: Path) -> None:
    home = tmp_path / "ollama"
    home.mkdir()
    with serve_ollama(home) as server:
        server.create("tiny", tiny_gguf)
        value = _value(folder, OLLAMA_URL=server.url)
        text = _run(folder, OLLAMA_URL=server.url).out.decode()
    (model,) = value["ollama"]["models"]
    assert (model["name"], model["loaded_bytes"], model["remote"]) == ("tiny:latest", 0, False)
    assert value["auto"]["reason"] == f"Ollama runs at {server.url}"
    assert "  tiny:latest: " in text
