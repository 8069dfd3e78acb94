"""The one door: which engine opens, why, and what lies between it and the caller."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError, UsageError
from notewright.llm.door import Opened, open_engine
from notewright.llm.engine import Engine
from notewright.llm.layers.breaker import Breaking
from notewright.llm.layers.budget import Budgeted
from notewright.llm.layers.cache import Cached
from notewright.llm.layers.ladder import Ladder
from notewright.llm.layers.layer import Layer
from notewright.llm.layers.rate import RateLimited
from notewright.llm.layers.retry import Retrying
from notewright.llm.layers.tasks import Tasked
from notewright.llm.layers.timing import Timed
from notewright.llm.layers.usage import Recorded
from notewright.llm.layers.validation import Validated
from notewright.llm.memory.guard import Guarded
from notewright.llm.settings import EngineSettings, TaskSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply, read_reply
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import boolean, list_of, object_of, reply_tokens, text_of
from tests.parts.impostor import Impostor, end, http, prompt_length, stream, token

_NOWHERE = "http://127.0.0.1:9"
_SETTINGS = EngineSettings(request_timeout_s=30, server_url=_NOWHERE)
_SCHEMA = object_of({"ok": boolean()})
_REQUEST = Request("notes", (Message("system", "You answer."), Message("user", "hello")), _SCHEMA, 4096)


@contextmanager
def _open(spec: str, settings: EngineSettings = _SETTINGS) -> Iterator[tuple[Engine, Opened]]:
    opened = open_engine(spec, settings=settings)
    assert opened.engine, opened.reason
    with closing(opened.engine) as engine:
        yield engine, opened


def unwrapped(engine: Engine) -> Iterator[Engine]:
    """The layers from outside to inside, and the engine behind them."""
    while isinstance(engine, Layer):
        yield engine
        engine = engine.inner
    yield engine


def bare(engine: Engine) -> Engine:
    """The engine behind its layers."""
    return list(unwrapped(engine))[-1]


def _script(tmp_path: Path, *lines: object) -> str:
    path = tmp_path / "script.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return f"scripted:{path}"


def test_none_opens_nothing_and_says_so() -> None:
    opened = open_engine("none", settings=_SETTINGS)
    assert (opened.engine, opened.reason) == (None, "no model was asked for")
    assert opened.usage.totals().calls == 0


def test_calls_that_somebody_else_records_are_not_kept(tmp_path: Path) -> None:
    spec = _script(tmp_path, {"match": "hello", "reply": {"ok": True}})
    for recorded, kept in ((True, 2), (False, 0)):
        opened = open_engine(spec, settings=_SETTINGS, recorded=recorded)
        assert opened.engine
        with closing(opened.engine) as engine:
            assert [engine.chat(_REQUEST, Cancel()).text for _ in range(2)] == ['{"ok":true}'] * 2
        assert len(opened.usage.calls) == kept


@pytest.mark.parametrize("spec", ["", "none:x", "auto:x", "gpt", "model.gguf", "LLAMA_SERVER:x"])
def test_what_is_no_engine_is_a_usage_error(spec: str) -> None:
    with pytest.raises(UsageError, match="there is no engine"):
        open_engine(spec, settings=_SETTINGS)


@pytest.mark.parametrize("spec", ["scripted", "scripted:"])
def test_a_script_needs_a_file(spec: str) -> None:
    with pytest.raises(UsageError, match="the engine scripted needs a file"):
        open_engine(spec, settings=_SETTINGS)


def test_a_server_that_was_asked_for_and_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(ModelError, match=f"cannot reach a model server at {_NOWHERE}"):
        open_engine(f"llama_server:{_NOWHERE}", settings=_SETTINGS)


def test_a_server_without_an_address_is_looked_for_at_the_usual_one() -> None:
    with Impostor() as server, _open("llama_server", replace(_SETTINGS, server_url=server.url)) as (engine, opened):
        assert engine.slots == 1
        assert opened.reason == "llama_server was asked for"


def test_a_remote_server_is_refused_at_once() -> None:
    with pytest.raises(ModelError, match="private network") as failure:
        open_engine("llama_server:http://93.184.216.34:8080", settings=_SETTINGS)
    assert "llm.allow_remote" in str(failure.value.hint)


def test_a_model_that_was_asked_for_and_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model file"):
        open_engine(f"llama_server:{tmp_path}/missing.gguf", settings=_SETTINGS)


def test_auto_takes_the_running_server_first(llama_url: str, tiny_gguf: Path) -> None:
    settings = replace(_SETTINGS, server_url=llama_url, models_dir=tiny_gguf.parent)
    with _open("auto", settings) as (engine, opened):
        assert opened.reason == f"a llama.cpp server runs at {llama_url}"
        assert read_reply(engine.chat(_REQUEST, Cancel()), _SCHEMA)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("qwen3:8b", "cannot reach", id="of Ollama"),
        pytest.param("missing.gguf", "there is no model file missing.gguf", id="a file"),
        pytest.param("http://127.0.0.1:9/v1#x", "http://127.0.0.1:9", id="a server"),
        pytest.param("gopher://127.0.0.1#x", "gopher://127.0.0.1", id="no address"),
    ],
)
def test_auto_says_why_it_does_not_take_the_model_that_was_named(name: str, told: str, llama_url: str) -> None:
    with _open("auto", replace(_SETTINGS, server_url=llama_url)) as (_, opened):
        assert opened.reason == f"a llama.cpp server runs at {llama_url}"
    opened = open_engine("auto", settings=replace(_SETTINGS, ollama_url=_NOWHERE, model_name=name))
    assert opened.engine is None
    assert told in opened.reason.split(";")[0]


def test_auto_takes_the_model_that_was_named_before_a_running_server(llama_url: str, tiny_gguf: Path) -> None:
    with _open("auto", replace(_SETTINGS, server_url=llama_url, model_name=str(tiny_gguf))) as (engine, opened):
        assert opened.reason == f"llm.model_name is {tiny_gguf}"
        assert engine.identity().model == tiny_gguf.name


def test_auto_then_takes_the_largest_model_of_the_folder_that_fits(llama_url: str, tiny_gguf: Path, tmp_path: Path) -> None:
    assert llama_url, "xllamacpp is here"
    (tmp_path / "a-broken.gguf").write_text("oops")
    (tmp_path / "b-tiny.gguf").write_bytes(tiny_gguf.read_bytes() + bytes(4096))
    (tmp_path / "c-tiny.gguf").write_bytes(tiny_gguf.read_bytes())
    with _open("auto", replace(_SETTINGS, models_dir=tmp_path)) as (engine, opened):
        assert opened.reason == f"b-tiny.gguf is the largest model in {tmp_path} that fits"
        assert engine.identity().model == "b-tiny.gguf"


def test_auto_without_any_model_opens_nothing_and_says_why(tmp_path: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_engine("auto", settings=replace(_SETTINGS, models_dir=tmp_path))
    assert opened.engine is None
    assert opened.reason.startswith(f"cannot reach a model server at {_NOWHERE}: ")
    assert opened.reason.endswith(f"; no GGUF model in {tmp_path}")
    for library in ("xllamacpp", "llama_cpp"):
        monkeypatch.setitem(sys.modules, library, None)
    opened = open_engine("auto", settings=replace(_SETTINGS, models_dir=tiny_gguf.parent))
    assert opened.engine is None
    assert "is not installed (pip install 'notewright[llama]')" in opened.reason


def test_auto_passes_over_another_program_that_listens_there() -> None:
    with Impostor({"/props": http(b"<html>Jenkins</html>")}) as server:
        opened = open_engine("auto", settings=replace(_SETTINGS, server_url=server.url))
    assert opened.engine is None
    assert "Jenkins" in opened.reason


def test_a_hit_needs_no_engine_to_start(tiny_gguf: Path, tmp_path: Path, llama_url: str) -> None:
    assert llama_url, "xllamacpp is here"
    settings = replace(_SETTINGS, cache_path=tmp_path / "cache.db", context_window=2048)
    with _open(f"llama_server:{tiny_gguf}", settings) as (engine, opened):
        first = engine.chat(_REQUEST, Cancel())
        assert [call.outcome for call in opened.usage.calls] == ["ok"]
    with _open(f"llama_server:{tiny_gguf}", settings) as (engine, opened):
        again = engine.chat(_REQUEST, Cancel())
        assert (again.text, again.replayed) == (first.text, True)
        assert bare(engine)._resident.loads == 0  # type: ignore[attr-defined]  # the embedded engine, behind its layers
        assert opened.usage.totals().outcomes == (("replayed", 1),)


@pytest.mark.parametrize(("cache_mb", "place"), [pytest.param(0, "cache.db", id="no-room"), pytest.param(256, None, id="no-place")])
def test_without_room_or_place_nothing_is_cached(llama_url: str, tmp_path: Path, cache_mb: int, place: str | None) -> None:
    settings = replace(_SETTINGS, cache_mb=cache_mb, cache_path=tmp_path / place if place else None)
    with _open(f"llama_server:{llama_url}", settings) as (engine, opened):
        for _ in range(2):
            engine.chat(_REQUEST, Cancel())
        assert opened.usage.totals().outcomes == (("ok", 2),)


def test_a_prompt_that_does_not_fit_is_refused_before_it_is_sent() -> None:
    with Impostor() as server, _open(f"llama_server:{server.url}", replace(_SETTINGS, context_window=100)) as (engine, opened):
        with pytest.raises(PromptTooLong, match="of 100"):
            engine.chat(replace(_REQUEST, messages=(Message("user", "x" * 90),)), Cancel())
        assert "/completion" not in server.asked
        assert [call.outcome for call in opened.usage.calls] == ["refused"]


def test_the_window_is_the_smaller_of_the_users_and_the_servers() -> None:
    settings = replace(_SETTINGS, context_window=100_000)
    long = replace(_REQUEST, messages=(Message("user", "x" * 5_000),))
    with Impostor() as server, _open(f"llama_server:{server.url}", settings) as (engine, _), pytest.raises(PromptTooLong, match="of 4096"):
        engine.chat(long, Cancel())


def test_a_schema_outside_the_subset_is_never_sent() -> None:
    with Impostor() as server, _open(f"llama_server:{server.url}") as (engine, _):
        with pytest.raises(ValueError, match="outside the subset"):
            engine.chat(replace(_REQUEST, schema={"not": {}}), Cancel())
        assert "/completion" not in server.asked


def test_the_users_settings_and_limits_reach_the_engine() -> None:
    seen: list[dict[str, object]] = []

    def answer(exchange):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # an Answer
        seen.append(exchange.body)
        text = "[]" if exchange.body["json_schema"]["type"] == "array" else '{"ok":true}'
        exchange.send(stream(token(text), end(prompt_length(exchange))))

    long = list_of(text_of(at_most=500), at_most=20)
    with Impostor({"/completion": answer}) as server:
        for settings in (_SETTINGS, replace(_SETTINGS, temperature=0.7, seed=7, default_max_tokens=3500)):
            with _open(f"llama_server:{server.url}", settings) as (engine, _):
                engine.chat(replace(_REQUEST, temperature=0.2), Cancel())
                engine.chat(replace(_REQUEST, schema=long, max_tokens=100_000), Cancel())
    assert [(body["temperature"], body["seed"]) for body in seen] == [(0.2, 42), (0.0, 42), (0.7, 7), (0.7, 7)]
    room = 4096 - len(str(seen[1]["prompt"]).split(","))
    assert [body["n_predict"] for body in seen] == [reply_tokens(_SCHEMA), room, reply_tokens(_SCHEMA), 3500]


def test_every_call_is_recorded_whatever_becomes_of_it(tmp_path: Path) -> None:
    spec = _script(
        tmp_path,
        {"reply": {"ok": True}},
        {"reply": "nonsense"},
        {"reply": {"ok": True}, "finish": "length"},
        {"error": "out of memory"},
        {"reply": {"ok": True}, "delay_s": 9},
    )
    cancel = Cancel()
    with _open(spec) as (engine, opened):
        engine.chat(_REQUEST, cancel)
        for failure in (InvalidReply, TruncatedReply, ModelError):
            with pytest.raises(failure):
                engine.chat(_REQUEST, cancel)
        cancel.request()
        with pytest.raises(Cancelled):
            engine.chat(_REQUEST, cancel)
    assert [call.outcome for call in opened.usage.calls] == ["ok", "invalid", "truncated", "failed", "cancelled"]
    assert opened.usage.calls[3].failure == "out of memory"
    assert {(call.task, call.engine, call.model) for call in opened.usage.calls} == {("notes", "scripted", "script.jsonl")}
    value = json.loads(json.dumps(opened.usage.as_json()))
    assert value["schema"] == 1
    assert value["totals"]["outcomes"] == {"ok": 1, "invalid": 1, "truncated": 1, "failed": 1, "cancelled": 1}
    assert len(value["calls"]) == value["totals"]["calls"] == 5


_ORDER = (Tasked, Recorded, Timed, Ladder, Cached, Guarded, Budgeted, Retrying, Breaking, RateLimited, Validated)


def test_the_layers_stand_in_their_order(tiny_gguf: Path, tmp_path: Path, llama_url: str) -> None:
    assert llama_url, "xllamacpp is here"
    with _open(f"llama_server:{tiny_gguf}", replace(_SETTINGS, cache_path=tmp_path / "cache.db")) as (engine, _):
        assert tuple(map(type, unwrapped(engine)))[:-1] == _ORDER


def test_simple_requests_go_to_the_small_model_and_the_rest_to_the_large_one(llama_url: str, tmp_path: Path) -> None:
    script = _script(tmp_path, *({"reply": {"ok": True}} for _ in range(2)))
    settings = replace(_SETTINGS, tasks={"notes": TaskSettings(model="small")}, small_items=1, cache_path=tmp_path / "cache.db")
    opened = open_engine(f"llama_server:{llama_url}", small=script, settings=settings)
    assert opened.reason == f"llama_server:{llama_url} was asked for, and {script} for what is simple"
    assert opened.engine
    with closing(opened.engine) as engine:
        simple = engine.chat(_REQUEST, Cancel())
        hard = engine.chat(replace(_REQUEST, items=2), Cancel())
    assert [reply.choice for reply in (simple, hard)] == ["small: simple enough", "large: 2 items, more than 1"]
    assert [call.engine for call in opened.usage.calls] == ["scripted", "llama_server"]


def test_one_model_for_both_is_opened_once(llama_url: str) -> None:
    spec = f"llama_server:{llama_url}"
    opened = open_engine(spec, small=spec, settings=_SETTINGS)
    assert opened.reason == f"{spec} was asked for"
    assert opened.engine
    with closing(opened.engine) as engine:
        assert engine.chat(_REQUEST, Cancel()).choice == ""


def test_a_small_model_that_is_not_there_is_an_error_at_once(llama_url: str) -> None:
    with pytest.raises(ModelError, match="there is no model file"):
        open_engine(f"llama_server:{llama_url}", small="llama_server:nowhere.gguf", settings=_SETTINGS)


def test_a_kept_reply_of_the_small_model_needs_no_engine_to_start_either(tiny_gguf: Path, tmp_path: Path, llama_url: str) -> None:
    settings = replace(_SETTINGS, tasks={"notes": TaskSettings(model="small")}, cache_path=tmp_path / "cache.db", context_window=2048)
    starts = []
    for _ in range(2):
        opened = open_engine(f"llama_server:{llama_url}", small=f"llama_server:{tiny_gguf}", settings=settings)
        assert opened.engine
        with closing(opened.engine) as engine:
            engine.chat(_REQUEST, Cancel())
            ladder = next(layer for layer in unwrapped(engine) if isinstance(layer, Ladder))
            assert ladder._small
            starts.append(bare(ladder._small)._resident.loads)  # type: ignore[attr-defined]
    assert starts == [1, 0]


def test_the_totals_are_the_sums_of_the_calls(llama_url: str) -> None:
    with _open(f"llama_server:{llama_url}") as (engine, opened):
        replies = [engine.chat(replace(_REQUEST, messages=(Message("user", f"hello {number}"),)), Cancel()) for number in range(3)]
    totals = opened.usage.totals()
    assert totals.prompt_tokens == sum(reply.prompt_tokens for reply in replies)
    assert totals.cached_tokens == sum(reply.cached_tokens for reply in replies) > 0
    assert totals.generated_tokens == sum(reply.generated_tokens for reply in replies) > 0


def test_the_door_loads_no_http_client_and_no_engine() -> None:
    program = (
        "import sys\n"
        "import notewright.llm.door\n"
        "from notewright.llm.settings import EngineSettings\n"
        "notewright.llm.door.open_engine('none', settings=EngineSettings())\n"
        "heavy = {'httpx', 'httpcore', 'xllamacpp', 'pydantic', 'jsonschema', 'rich', 'asyncio', 'ssl',"
        " 'notewright.llm.engines.llama.server', 'notewright.llm.engines.llama.embedded'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_our_process_never_loads_the_engines_native_code(tiny_gguf: Path, llama_url: str) -> None:
    assert llama_url, "xllamacpp is here"
    program = (
        "import sys\n"
        "from notewright.llm.door import open_engine\n"
        "from notewright.llm.settings import EngineSettings\n"
        "from notewright.prompting.request import Message\n"
        "engine = open_engine('llama_server:' + sys.argv[1], settings=EngineSettings(context_window=512)).engine\n"
        "print(engine.count((Message('user', 'hello'),)) > 0, 'xllamacpp' in sys.modules)\n"
        "engine.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tiny_gguf)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
