"""`notewright models pull` from a hub of our own, from a real Ollama and from a file that somebody brought."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.command import PROGRAM, Ended, run_command
from tests.parts.model_hub import ModelHub, serve_hub
from tests.parts.ollama import ABSENT, serve_ollama
from tests.parts.ollama import PROGRAM as OLLAMA

_PLACE = "acme/tiny-gguf/tiny.gguf"


@pytest.fixture
def hub(tiny_gguf: Path) -> Iterator[ModelHub]:
    """A hub with the tiny model."""
    if importlib.util.find_spec("huggingface_hub") is None:
        pytest.skip("huggingface-hub is not installed: pip install 'notewright[models]'")
    with serve_hub() as served:
        served.files[_PLACE] = tiny_gguf.read_bytes()
        yield served


def _env(folder: Path, hub: ModelHub | None, **env: str) -> dict[str, str]:
    where = {"HF_ENDPOINT": hub.url} if hub else {}
    return {"NOTEWRIGHT_LLM_MODELS_DIR": str(folder / "models"), "HF_HUB_DOWNLOAD_TIMEOUT": "2", **where, **env}


def _run(folder: Path, *arguments: str | Path, hub: ModelHub | None = None, **env: str) -> Ended:
    return run_command("models", "pull", *arguments, cwd=folder, env=_env(folder, hub, **env))


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "models").glob("*")) if (folder / "models").is_dir() else []


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_of_the_hub_is_fetched_compared_and_named_for_engine(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    done = _run(tmp_path, _PLACE, hub=hub)
    assert done.code == 0, done.err
    target = tmp_path / "models" / "tiny.gguf"
    assert target.read_bytes() == tiny_gguf.read_bytes()
    assert f"digest   sha256:{_digest(tiny_gguf)}" in " ".join(done.out.decode().split("\n")).replace("digest\n", "digest ")
    assert "\r" not in done.err, "no bar where there is no terminal"
    assert _left(tmp_path) == ["tiny.gguf"]


def test_a_digest_that_nobody_told_before_is_said_to_be_compared_with_nothing(hub: ModelHub, tmp_path: Path) -> None:
    hub.announces_digest = False
    done = _run(tmp_path, _PLACE, hub=hub)
    assert (done.code, "with which nothing was compared" in " ".join(done.out.decode().split())) == (0, True)


def test_a_model_that_is_here_is_not_fetched_again(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    assert _run(tmp_path, _PLACE, hub=hub).code == 0
    hub.ranges.clear()
    value = json.loads(_run(tmp_path, _PLACE, "--format", "json", hub=hub).out)
    assert (value["fresh"], hub.ranges) == (False, [])
    done = _run(tmp_path, _PLACE, "--sha256", _digest(tiny_gguf), HF_HUB_OFFLINE="1")
    assert done.code == 0, "with its digest nobody has to be asked"
    assert value["engine"] == f"llama_server:{tmp_path}/models/tiny.gguf"


def test_a_transfer_that_is_cut_goes_on_where_it_stopped(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    hub.files[_PLACE] = tiny_gguf.read_bytes() + bytes(30 << 20)
    hub.cuts += [15 << 20, 12 << 20]
    done = _run(tmp_path, _PLACE, hub=hub)
    assert done.code == 0, done.err
    assert hub.ranges == ["", f"bytes={10 << 20}-", f"bytes={20 << 20}-"], "the client writes pieces of 10 MiB"
    assert _digest(tmp_path / "models" / "tiny.gguf") == hashlib.sha256(hub.files[_PLACE]).hexdigest()


def test_a_run_that_was_killed_goes_on_the_next_time(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    hub.files[_PLACE] = tiny_gguf.read_bytes() + bytes(30 << 20)
    hub.cuts += [20 << 20]
    command = [*PROGRAM, "models", "pull", _PLACE]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **_env(tmp_path, hub)}, stderr=subprocess.DEVNULL) as job:
        while not any(path.stat().st_size >= 10 << 20 for path in (tmp_path / "models").glob(".*.part")):
            assert job.poll() is None
        job.send_signal(signal.SIGKILL)
    assert _left(tmp_path) != ["tiny.gguf"]
    hub.cuts.clear()
    hub.ranges.clear()
    assert _run(tmp_path, _PLACE, hub=hub).code == 0
    assert len(hub.ranges) == 1
    assert int(hub.ranges[0].removeprefix("bytes=").removesuffix("-")) >= 10 << 20
    assert _digest(tmp_path / "models" / "tiny.gguf") == hashlib.sha256(hub.files[_PLACE]).hexdigest()


def test_a_garbled_transfer_is_found_out_by_its_digest_and_nothing_of_it_is_left(hub: ModelHub, tmp_path: Path) -> None:
    hub.garbled[_PLACE] = bytes(len(hub.files[_PLACE]))
    done = _run(tmp_path, _PLACE, hub=hub)
    assert (done.code, done.out) == (5, b"")
    assert "error: tiny.gguf is not the file that was asked for: its SHA-256 is " in done.err
    assert _left(tmp_path) == []


@pytest.mark.case(36)
def test_another_digest_than_the_user_gives_is_refused(hub: ModelHub, tmp_path: Path) -> None:
    done = _run(tmp_path, _PLACE, "--sha256", "ab" * 32, hub=hub)
    assert (done.code, f"not {'ab' * 32}" in done.err, _left(tmp_path)) == (5, True, [])


def test_a_model_of_the_table_is_compared_with_the_tables_digest(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    place = "MaziyarPanahi/Qwen3-1.7B-GGUF/Qwen3-1.7B.Q4_K_M.gguf"
    hub.files[place] = tiny_gguf.read_bytes()
    done = _run(tmp_path, "qwen3-1.7b", hub=hub)
    assert (done.code, _left(tmp_path)) == (5, [])
    assert "not ea2aa5f1cce3c8df81ae5fd292a6ed265b8393cc89534dc21fc5327cc974116a" in done.err


def test_what_is_no_whole_gguf_file_is_not_let_in(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    for content, said in ((b"<html>not found</html>" * 100, "is no GGUF file"), (tiny_gguf.read_bytes()[:200_000], "cut short")):
        hub.files[_PLACE] = content
        done = _run(tmp_path, _PLACE, hub=hub)
        assert (done.code, said in done.err, _left(tmp_path)) == (5, True, []), done.err


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        pytest.param((404, "EntryNotFound"), "the hub has no file acme/tiny-gguf/tiny.gguf", id="no-file"),
        pytest.param((404, "RepoNotFound"), "the hub has no file acme/tiny-gguf/tiny.gguf", id="no-repository"),
        pytest.param((403, "GatedRepo"), "to those only who accepted its licence", id="gated"),
        pytest.param((400, ""), "the hub answers 400", id="refused"),
    ],
)
def test_what_the_hub_refuses_is_said_in_words(refusal: tuple[int, str], said: str, hub: ModelHub, tmp_path: Path) -> None:
    hub.refusals[_PLACE] = refusal
    done = _run(tmp_path, _PLACE, hub=hub)
    assert (done.code, said in done.err, _left(tmp_path)) == (5, True, []), done.err


@pytest.mark.parametrize("env", [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}])
def test_without_a_network_it_says_how_to_bring_the_file(env: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="huggingface-hub is not installed: pip install 'notewright[models]'")
    done = run_command("models", "pull", "qwen3-1.7b", cwd=tmp_path, env=_env(tmp_path, None) | env)
    assert (done.code, done.out) == (5, b"")
    assert done.err.endswith("hint: download the file on another machine and give it: notewright models pull --from FILE --sha256 DIGEST\n")


def test_without_the_hubs_client_it_names_the_extra_and_the_way_without(tmp_path: Path, tiny_gguf: Path) -> None:
    absent = "import sys; sys.modules['huggingface_hub'] = None; from notewright.cli.main import main; main()"
    command = [sys.executable, "-c", absent, "models", "pull"]
    env = {**os.environ, **_env(tmp_path, None)}
    done = subprocess.run([*command, "qwen3-1.7b"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (5, "")
    assert "error: huggingface-hub is not installed" in done.stderr
    assert "pip install 'notewright[models]', or download the file on another machine" in done.stderr
    brought = [*command, "--from", str(tiny_gguf), "--sha256", _digest(tiny_gguf)]
    assert subprocess.run(brought, cwd=tmp_path, env=env, capture_output=True, timeout=60, check=False).returncode == 0


def test_a_file_that_was_brought_is_copied_compared_and_let_in(tmp_path: Path, tiny_gguf: Path) -> None:
    brought = tmp_path / "stick" / "mine.gguf"
    brought.parent.mkdir()
    brought.write_bytes(tiny_gguf.read_bytes())
    done = _run(tmp_path, "--from", brought, "--sha256", f"SHA256:{_digest(tiny_gguf).upper()}")
    assert (done.code, _left(tmp_path)) == (0, ["mine.gguf"]), done.err
    assert brought.exists()
    target = tmp_path / "models" / "mine.gguf"
    assert json.loads(_run(tmp_path, "--from", target, "--sha256", _digest(target), "--format", "json").out)["fresh"] is False


def test_a_file_that_was_brought_for_a_model_of_the_table_needs_no_digest_and_must_be_that_model(tmp_path: Path, tiny_gguf: Path) -> None:
    done = _run(tmp_path, "qwen3-1.7b", "--from", tiny_gguf)
    assert (done.code, _left(tmp_path)) == (5, [])
    assert "Qwen3-1.7B.Q4_K_M.gguf is not the file that was asked for" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["--from", "tiny.gguf"], 2, "no digest is given for tiny.gguf", id="no-digest"),
        pytest.param(["--from", "tiny.gguf", "--sha256", "ab" * 32], 5, "its SHA-256 is ", id="another-digest"),
        pytest.param(["--from", "tiny.gguf", "--sha256", "abc"], 2, "'abc' is no SHA-256", id="no-sha256"),
        pytest.param(["--from", "absent.gguf", "--sha256", "ab" * 32], 2, "there is no file absent.gguf", id="absent"),
        pytest.param(["--from", "notes.txt", "--sha256", "ab" * 32], 2, "notes.txt is no name of a GGUF file", id="no-gguf-name"),
        pytest.param([], 2, "nothing is named to be pulled", id="nothing"),
        pytest.param(["qwen3-5b"], 3, "the table of models has no qwen3-5b", id="unknown"),
        pytest.param(["acme/../../x.gguf"], 2, "is no file on the hub", id="path-out"),
        pytest.param(["acme/tiny"], 2, "GGUF file", id="no-file"),
        pytest.param(["ollama:x", "--sha256", "ab" * 32], 2, "Ollama compares digests by itself", id="ollama-digest"),
    ],
)
def test_what_cannot_be_pulled_is_refused(arguments: list[str], code: int, said: str, tmp_path: Path, tiny_gguf: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(tiny_gguf.read_bytes())
    (tmp_path / "notes.txt").write_text("x")
    done = _run(tmp_path, *arguments, HF_HUB_OFFLINE="1")
    assert (done.code, said in done.err, _left(tmp_path)) == (code, True, []), done.err


def test_a_model_folder_that_cannot_be_made_is_named(tmp_path: Path, tiny_gguf: Path) -> None:
    (tmp_path / "models").write_text("a file")
    done = _run(tmp_path, "--from", tiny_gguf, "--sha256", _digest(tiny_gguf))
    assert done.code == 7
    assert "cannot make the model folder" in done.err


def test_a_model_larger_than_the_disk_is_refused_before_anything_is_fetched(hub: ModelHub, tmp_path: Path) -> None:
    hub.files[_PLACE] = _Huge()
    done = _run(tmp_path, _PLACE, hub=hub)
    assert (done.code, hub.ranges) == (7, []), done.err
    assert "the model takes 1000000.0 GB, and " in done.err


class _Huge(bytes):
    """A file of a petabyte, as far as anybody asks for its length."""

    def __len__(self) -> int:
        return 10**15


def test_two_processes_do_not_fetch_into_one_file(hub: ModelHub, tmp_path: Path, tiny_gguf: Path) -> None:
    hub.files[_PLACE] = tiny_gguf.read_bytes() + bytes(5 << 20)
    ended: list[Ended] = []
    threads = [threading.Thread(target=lambda: ended.append(_run(tmp_path, _PLACE, hub=hub))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.code for one in ended} <= {0, 5}
    assert all("another process is fetching" in one.err for one in ended if one.code)
    assert _digest(tmp_path / "models" / "tiny.gguf") == hashlib.sha256(hub.files[_PLACE]).hexdigest()


def test_on_a_terminal_there_is_a_bar(hub: ModelHub, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*PROGRAM, "models", "pull", _PLACE]
    env = {**os.environ, **_env(tmp_path, hub), "TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.run(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0, shown
    assert "━" in shown
    assert done.stdout.startswith(b"engine   llama_server:")


@pytest.mark.skipif(OLLAMA is None, reason=ABSENT)
def test_ollama_without_a_network_says_so_and_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "ollama"
    home.mkdir()
    with serve_ollama(home, HTTPS_PROXY="http://127.0.0.1:9") as server:
        done = _run(tmp_path, "ollama:tiny", NOTEWRIGHT_LLM_OLLAMA_URL=server.url)
    assert done.code == 5
    assert "its registry is out of reach" in done.err
