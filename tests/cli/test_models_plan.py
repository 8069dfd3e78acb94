"""`notewright models plan`, as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parts.command import Ended, run_command
from tests.parts.synthetic_models import MEDIUM, write_synthetic


def _run(folder: Path, *arguments: str) -> Ended:
    return run_command("models", "plan", *arguments, cwd=folder, env={"NOTEWRIGHT_LLM_MODELS_DIR": str(folder / "models")})


@pytest.mark.parametrize("form", [["--engine", "llama_server:{}"], ["{}"]], ids=["an engine", "a path"])
def test_a_file_is_planned_from_its_header(tmp_path: Path, tiny_gguf: Path, form: list[str]) -> None:
    done = _run(tmp_path, *(word.format(tiny_gguf) for word in form))
    assert (done.code, done.err) == (0, "")
    labels = [line.split()[0] for line in done.out.decode().splitlines() if not line.startswith(" ")]
    assert labels == ["model", "engine", "context", "weights", "cache", "compute", "runtime", "total", "limit"]
    assert "context  8,192 tokens\n" in done.out.decode()


def test_the_parts_of_the_plan_add_up_and_follow_the_context(tmp_path: Path, tiny_gguf: Path) -> None:
    def plan(*arguments: str) -> dict[str, int]:
        done = _run(tmp_path, "--engine", f"llama_server:{tiny_gguf}", "--format", "json", *arguments)
        assert done.code == 0, done.err
        value: dict[str, int] = json.loads(done.out)
        return value

    whole, half = plan(), plan("--context", "4096")
    parts = ("weights_bytes", "cache_bytes", "compute_bytes", "runtime_bytes")
    assert whole["total_bytes"] == sum(whole[part] for part in parts)
    assert half["cache_bytes"] * 2 == whole["cache_bytes"]
    assert plan("--context", "100000")["context"] == 8192, "a model's own window is the most that it can have"


def test_without_a_name_the_best_file_that_is_here_is_planned(tmp_path: Path, tiny_gguf: Path) -> None:
    done = _run(tmp_path)
    assert (done.code, "no GGUF model" in done.err or "no model file" in done.err) == (5, True)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.gguf").write_bytes(tiny_gguf.read_bytes())
    assert f"engine   llama_server:{tmp_path}/models/mine.gguf" in _run(tmp_path).out.decode().replace("\n         ", "")


def test_a_model_of_the_table_that_is_not_here_is_an_estimate(tmp_path: Path) -> None:
    (tmp_path / "notewright.yaml").write_text("resources: {max_ram_gb: 5}\n")
    value = json.loads(_run(tmp_path, "qwen3-1.7b", "--format", "json").out)
    assert (value["exact"], value["engine"]) == (False, "MaziyarPanahi/Qwen3-1.7B-GGUF/Qwen3-1.7B.Q4_K_M.gguf")
    assert 0.9e9 < value["weights_bytes"] < 1.3e9
    assert "total    about 2.3 GB of " in _run(tmp_path, "qwen3-1.7b").out.decode()


def test_a_model_that_does_not_fit_is_refused_with_the_figures(tmp_path: Path, tiny_gguf: Path) -> None:
    (tmp_path / "notewright.yaml").write_text("resources: {max_ram_gb: 3}\n")
    done = _run(tmp_path, "qwen3-14b")
    assert (done.code, done.out) == (5, b"")
    assert done.err.startswith("error: qwen3-14b needs about 10.9 GB of memory, and 3.0 GB may be taken (")


def test_what_would_be_less_than_asked_for_is_said(tmp_path: Path) -> None:
    """150 MB of weights and 42 MB of cache at 8,192 tokens, where 0.25 GB may be taken together with the buffers."""
    model = write_synthetic(tmp_path / "medium.gguf", MEDIUM)
    whole = json.loads(_run(tmp_path, "--engine", f"llama_server:{model}", "--format", "json").out)
    (tmp_path / "notewright.yaml").write_text(f"resources: {{max_ram_gb: {(whole['total_bytes'] - 20_000_000) / 1e9:.3f}}}\n")
    value = json.loads(_run(tmp_path, "--engine", f"llama_server:{model}", "--format", "json").out)
    assert 2048 <= value["context"] < 8192
    assert value["shrunk"] == [f"a context of {value['context']} tokens instead of 8192"]
    assert f"shrunk   a context of {value['context']} tokens instead of 8192\n" in _run(
        tmp_path, "--engine", f"llama_server:{model}"
    ).out.decode()  # fmt: skip
    (tmp_path / "notewright.yaml").write_text("resources: {max_ram_gb: 0.1}\n")
    done = _run(tmp_path, "--engine", f"llama_server:{model}")
    assert (done.code, done.out) == (5, b"")
    assert "of memory at least, and 100 MB may be taken" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["qwen3-5b"], 3, "the table of models has no qwen3-5b", id="unknown-model"),
        pytest.param(["--engine", "ollama:tiny"], 2, "ollama:tiny plans its memory by itself", id="server"),
        pytest.param(["--engine", "none"], 2, "none needs no memory", id="none"),
        pytest.param(["--engine", "llama_server:absent.gguf"], 5, "there is no model file absent.gguf", id="absent"),
        pytest.param(["--engine", "llama_server:cut.gguf"], 5, "cut short", id="cut"),
        pytest.param(["qwen3-4b", "--engine", "auto"], 2, "exclude each other", id="both"),
        pytest.param(["--context", "1"], 2, "--context", id="context"),
    ],
)
def test_what_cannot_be_planned_is_refused(arguments: list[str], code: int, said: str, tmp_path: Path, tiny_gguf: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(tiny_gguf.read_bytes()[:200_000])
    done = _run(tmp_path, *arguments)
    assert (done.code, done.out) == (code, b"")
    assert said in done.err
