"""The embedded engine: a child process that lives and dies as it should."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.embedded import EmbeddedLlama
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.gguf import read_header
from notewright.llm.memory.plan import plan_memory
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import list_of, object_of, text_of
from tests.parts.llama import ask_llama

pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")

_SCHEMA = object_of({"text": text_of(at_most=40)})
_HELLO = (Message("system", "You write notes."), Message("user", "hello"))


def _open(model: Path, *, context: int = 2048, **settings: Any) -> EmbeddedLlama:  # noqa: ANN401  # as EngineSettings takes them
    return EmbeddedLlama(model, settings=EngineSettings(context_window=context, request_timeout_s=30, **settings), digests=Digests(None))


@pytest.fixture
def engine(tiny_gguf: Path) -> Iterator[EmbeddedLlama]:
    with closing(_open(tiny_gguf)) as engine:
        yield engine


def _pid(engine: EmbeddedLlama) -> int:
    assert engine._resident.model
    return engine._resident.model.child._process.pid


def test_it_answers_under_the_schema_and_the_same_each_time(engine: EmbeddedLlama) -> None:
    replies = [engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel()) for _ in range(2)]
    assert read_reply(replies[0], _SCHEMA)
    assert replies[0].text == replies[1].text
    assert replies[1].cached_tokens > replies[0].cached_tokens
    assert engine.count(_HELLO) == replies[0].prompt_tokens


def test_it_says_who_it_is_without_starting_anything(engine: EmbeddedLlama) -> None:
    identity = engine.identity()
    assert (identity.engine, identity.model, identity.context_length) == ("llama_server", "tiny.gguf", 2048)
    assert identity.digest.startswith("sha256:")
    assert "xllamacpp" in identity.runtime
    assert engine._resident.model is None


def test_the_context_is_at_most_what_the_model_was_trained_on(tiny_gguf: Path) -> None:
    with closing(_open(tiny_gguf, context=100_000)) as engine:
        assert engine.identity().context_length == 8192


@pytest.mark.case(20)
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_the_child_sees_no_token_of_ours(tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "NOTEWRIGHT_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "canary-4711")
    with closing(_open(tiny_gguf)) as engine:
        engine.count(_HELLO)
        folder = Path(f"/proc/{_pid(engine)}")
        assert b"canary" not in (folder / "environ").read_bytes()
        assert b"TOKEN" not in (folder / "environ").read_bytes()
        assert engine._resident.model
        assert engine._resident.model.child.key.encode() not in (folder / "cmdline").read_bytes(), "the key is in no process list"


def test_only_we_can_ask_it(engine: EmbeddedLlama) -> None:
    engine.count(_HELLO)
    assert engine._resident.model
    url = engine._resident.model.server._connection.url
    assert url.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask_llama(url, "/completion", {"prompt": "hello", "n_predict": 1})


def test_closing_ends_the_child_and_may_be_done_twice(engine: EmbeddedLlama) -> None:
    engine.count(_HELLO)
    pid = _pid(engine)
    engine.close()
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_that_nobody_asks_ends_and_another_one_gives_the_same_reply(tiny_gguf: Path) -> None:
    with closing(_open(tiny_gguf, unload_after_s=0.01)) as engine:
        first = engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel())
        waiting = threading.Event()
        while engine._resident.model is not None:
            waiting.wait(0.01)
        second = engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel())
        assert (second.text, second.cached_tokens) == (first.text, 0)
        assert engine._resident.loads == 2


def test_several_threads_start_one_child(tiny_gguf: Path) -> None:
    with closing(_open(tiny_gguf)) as engine, ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _number: engine.count(_HELLO), range(4)))) == 1
        assert engine._resident.loads == 1


def test_a_model_that_does_not_fit_is_refused_before_a_child_starts(tiny_gguf: Path) -> None:
    with closing(_open(tiny_gguf, max_ram_gb=0.001)) as engine:
        with pytest.raises(EngineFailed, match="of memory at least") as failure:
            engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel())
        assert failure.value.kind == "out_of_memory"
        assert engine._resident.loads == 0


def test_a_prompt_that_fits_the_window_but_not_the_memory_is_refused(tiny_gguf: Path) -> None:
    least = plan_memory(read_header(tiny_gguf), context=2048, slots=1).ram_bytes
    with closing(_open(tiny_gguf, context=8192, max_ram_gb=(least + 10_000) / 1e9)) as engine:
        assert engine.identity().context_length == 8192
        long = (Message("system", "word " * 2_500), Message("user", "too long"))
        with pytest.raises(PromptTooLong, match=r"does not fit the model server's context of 2\d\d\d"):
            engine.chat(Request("notes", long, _SCHEMA, 600), Cancel())
        assert engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel()).finish == "stop"


_PARENT = """
import os, sys, time
from pathlib import Path
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.embedded import EmbeddedLlama
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.gguf import read_header
from notewright.llm.memory.plan import plan_memory
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message
engine = EmbeddedLlama(Path(sys.argv[1]), settings=EngineSettings(context_window=512), digests=Digests(None))
engine.count((Message("user", "hello"),))
print(engine._resident.model.child._process.pid, flush=True)
if sys.argv[2] == "wait":
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["wait", "exit"])
def test_the_child_ends_with_its_parent_even_when_that_is_killed(tiny_gguf: Path, end: str) -> None:
    command = [sys.executable, "-c", _PARENT, str(tiny_gguf), end]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        if end == "wait":
            parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=10)
    ends_at = time.monotonic() + 5
    while _lives(child):
        assert time.monotonic() < ends_at, "the child outlived its parent"
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Return whether a process runs: one that ended may still wait to be collected by whoever adopted it."""
    stat = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(stat.strip()) and not stat.startswith("Z")


@pytest.mark.parametrize(
    ("death", "kind"),
    [
        pytest.param(signal.SIGKILL, "out_of_memory", id="killed"),  # nobody else kills a child of ours
        pytest.param(signal.SIGSEGV, "connection", id="crashed"),
    ],
)
def test_a_child_that_dies_is_an_error_that_says_how_it_ended_and_the_next_question_starts_another(
    engine: EmbeddedLlama, death: signal.Signals, kind: str
) -> None:
    engine.count(_HELLO)
    dead = _pid(engine)
    os.kill(dead, death)
    with pytest.raises(EngineFailed, match=rf"tiny\.gguf ended \({death.name}\)") as failure:
        engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel())
    assert failure.value.hint
    assert failure.value.kind == kind
    assert engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel()).finish == "stop"
    assert (engine._resident.loads, _pid(engine) == dead) == (2, False)


def test_cancelling_leaves_the_child_ready_for_the_next_question(engine: EmbeddedLlama) -> None:
    engine.count(_HELLO)
    cancel = Cancel()
    cancel.request()
    endless = list_of(text_of(at_most=200), at_least=900, at_most=900)
    with pytest.raises(Cancelled):
        engine.chat(Request("notes", _HELLO, endless, 1_900), cancel)
    assert engine.chat(Request("notes", _HELLO, _SCHEMA, 600), Cancel()).finish == "stop"


def test_a_model_that_llama_cpp_refuses_is_an_error_with_what_it_said(tiny_gguf: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.gguf"
    strange.write_bytes(tiny_gguf.read_bytes().replace(b"output_norm.weight", b"output_nrom.weight"))
    with (
        closing(_open(strange)) as engine,
        pytest.raises(ModelError, match=r"strange\.gguf ended \(exit 1\): llama_model_load: .*output_norm") as failure,
    ):
        engine.count(_HELLO)
    assert len(failure.value.message) < 300
    assert isinstance(failure.value, EngineFailed)
    assert failure.value.kind == "refused"


_CRAMPED = """
import resource, sys
from pathlib import Path
from notewright.control import Cancel
from notewright.llm.engines.llama.process import LlamaProcess
from notewright.llm.failure import EngineFailed
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
child = LlamaProcess(Path(sys.argv[1]), context=20_000_000)
try:
    child.wait_for_port(60, Cancel())
except EngineFailed as error:
    print(error.kind, error.message)
child.end()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize(
    ("megabytes", "said"),
    [
        # at which of them the libraries still fit and the cells no more differs with what threads reserve
        pytest.param((1200, 1300, 1400, 1500), "std::bad_alloc", id="cells"),
        pytest.param((3000,), "insufficient memory", id="buffer"),
    ],
)
def test_a_child_that_gets_no_memory_is_told_from_one_that_refuses_its_file(tiny_gguf: Path, megabytes: tuple[int, ...], said: str) -> None:
    def tell(limit: int) -> str:
        command = [sys.executable, "-c", _CRAMPED, str(tiny_gguf), str(limit * 1_000_000)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=90).stdout

    told = next((told for told in map(tell, megabytes) if said in told), "")
    assert told.startswith("out_of_memory ")


def test_a_file_that_is_no_model_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("not a model")
    with pytest.raises(ModelError, match="is no GGUF file"):
        _open(tmp_path / "notes.gguf")


def test_without_the_wheel_the_error_says_what_to_install(tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match="not installed") as failure:
        _open(tiny_gguf)
    assert failure.value.hint == "pip install 'notewright[llama]'"
