"""`notewright models check` on real engines with the tiny model, and on a script that does everything wrong."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tests.parts.command import Ended, run_command
from tests.parts.llama import serve_model
from tests.parts.ollama import ABSENT, PROGRAM, serve_ollama
from tests.parts.tiny_model import write_folder, write_gguf
from tests.parts.whole_characters import write_whole_characters

_NAMES = ["load", "generate", "schema", "determinism", "tokens", "prefix", "cancel", "control"]
_LIBRARIES = {"llama_server": "xllamacpp", "llama_cpp": "llama_cpp", "mlx": "mlx_lm"}


def _run(folder: Path, *arguments: str, **env: str) -> Ended:
    variables = {"STATE_DIR": str(folder / "state"), **env}
    return run_command("models", "check", *arguments, cwd=folder, env={f"NOTEWRIGHT_{name}": value for name, value in variables.items()})


def _states(folder: Path, engine: str, **env: str) -> dict[str, str]:
    done = _run(folder, "--engine", engine, "--format", "json", **env)
    value = json.loads(done.out)
    assert (done.code, value["failed"]) == (0, 0), value
    assert value["engine"]["engine"] == engine.partition(":")[0]
    return {one["name"]: one["state"] for one in value["checks"]}


@pytest.mark.parametrize("engine", list(_LIBRARIES))
def test_an_engine_of_this_machine_passes_every_check(engine: str, tmp_path: Path, tiny_gguf: Path) -> None:
    if importlib.util.find_spec(_LIBRARIES[engine]) is None:
        pytest.skip(f"{_LIBRARIES[engine]} is not installed")
    place = write_folder(tmp_path / "tiny") if engine == "mlx" else tiny_gguf
    assert _states(tmp_path, f"{engine}:{place}") == dict.fromkeys(_NAMES, "pass")


def test_a_server_of_llama_cpp_passes_by_both_of_its_apis(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    with serve_model(write_whole_characters(write_gguf(tmp_path / "tiny.gguf"))) as url:
        assert _states(tmp_path, f"llama_server:{url}") == dict.fromkeys(_NAMES, "pass")
        assert _states(tmp_path, f"openai:{url}") == dict.fromkeys(_NAMES, "pass")


@pytest.mark.skipif(PROGRAM is None, reason=ABSENT)
def test_ollama_passes_and_what_it_reads_again_nobody_can_say(tmp_path: Path, tiny_gguf: Path) -> None:
    with serve_ollama(tmp_path) as server:
        server.create("tiny", tiny_gguf)
        states = _states(tmp_path, "ollama:tiny", LLM_OLLAMA_URL=server.url)
    assert states == dict.fromkeys(_NAMES, "pass") | {"prefix": "cannot say"}


def test_each_check_is_a_line_that_people_read_as_it_comes(tmp_path: Path, tiny_gguf: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    done = _run(tmp_path, "--engine", f"llama_server:{tiny_gguf}")
    lines = done.out.decode().splitlines()
    assert (done.code, [line.split()[0] for line in lines if not line.startswith(" ")]) == (0, _NAMES)
    assert "determinism  pass        the same bytes 3 times of 3" in lines
    assert [line for line in lines if len(line) > 80] == []
    assert done.err == f"engine: llama_server:{tiny_gguf} was asked for\n"


def test_kept_replies_are_not_what_is_checked(tmp_path: Path) -> None:
    """A script that answers differently each time is found out twice, though replies of other engines would be kept."""
    script = tmp_path / "script.jsonl"
    answers = [{"match": "sentence about tests", "reply": {"text": "x"}}]
    script.write_text("".join(f"{json.dumps(one)}\n" for one in ({"match": "Are you", "reply": {"ok": "yes"}}, *answers)))
    for _ in range(2):
        assert _run(tmp_path, "--engine", f"scripted:{script}").code == 1


def test_a_failing_check_is_named_with_its_reason_and_ends_with_1(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    lines: list[dict[str, object]] = [
        {"match": "Are you", "reply": {"ok": "yes"}},
        {"match": "about files", "reply": "no JSON at all"},
        {"match": "form", "reply": {"kind": "feature"}},
        {"reply": {"text": "one"}},
        {"reply": {"text": "two"}},
        {"reply": {"text": "one"}},
    ]
    script.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    done = _run(tmp_path, "--engine", f"scripted:{script}")
    text = " ".join(done.out.decode().split())
    assert done.code == 1
    assert "generate FAIL the reply is no JSON" in text
    assert "schema FAIL form 1 of 5: the reply breaks its schema: $ has a missing or unknown property: 'rank'" in text
    assert "determinism FAIL only 2 replies of 3 are the same" in text
    assert "error: 7 of 8 checks failed" in done.err


def test_an_engine_that_does_not_load_fails_once_and_says_nothing_of_the_rest(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text('{"match": "", "error": "the disk is on fire"}\n')
    done = _run(tmp_path, "--engine", f"scripted:{script}", "--format", "json")
    checks = json.loads(done.out)["checks"]
    assert done.code == 1
    assert [one["state"] for one in checks] == ["fail", *["cannot say"] * 7]
    assert "the disk is on fire" in checks[0]["detail"]


@pytest.mark.parametrize(
    ("engine", "code", "said"),
    [
        pytest.param("none", 5, "there is no engine to check", id="none"),
        pytest.param("llama_server:absent.gguf", 5, "there is no model file absent.gguf", id="absent"),
        pytest.param("lama_server:x", 2, "did you mean llama_server", id="unknown"),
        pytest.param("openai:http://127.0.0.1:9#x", 5, "127.0.0.1:9", id="server-down"),
    ],
)
def test_an_engine_that_is_not_there_is_told_before_any_check(engine: str, code: int, said: str, tmp_path: Path) -> None:
    done = _run(tmp_path, "--engine", engine)
    assert (done.code, done.out) == (code, b"")
    assert said in done.err
