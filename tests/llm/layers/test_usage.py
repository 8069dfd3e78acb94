"""What is noted of a call, and how it is summed and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.ladder import Ladder
from notewright.llm.layers.layer import Layer
from notewright.llm.layers.usage import Call, Outcome, Recorded, Usage
from notewright.llm.layers.validation import Validated
from notewright.llm.settings import EngineSettings, TaskSettings
from notewright.llm.usage_table import usage_table
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.prompting.request import Identity, Message, Reply, Request
from notewright.prompting.schema import boolean, object_of, text_of
from notewright.review.usage import read_usage
from tests.parts.said import Said, Says, reply

_REQUEST = Request("notes", (Message("user", "hello"),), boolean(), 64, prompt="sha256:prompt")
_CUT = replace(reply("tr", prompt_tokens=40), finish="length", retries=1)


def _note(said: Said) -> Call:
    usage = Usage()
    recorded = Recorded(Says(said), usage)
    with suppress(ModelError, Cancelled):
        recorded.chat(_REQUEST, Cancel())
    (call,) = usage.calls
    return call


@pytest.mark.parametrize(
    ("said", "outcome", "tokens", "retries"),
    [
        pytest.param(replace(reply("true", cached_tokens=7), retries=2), "ok", (10, 7, 5), 2, id="ok"),
        pytest.param(Reply("true", "stop", 0, 0, 0, 0.0, replayed=True), "replayed", (0, 0, 0), 0, id="replayed"),
        pytest.param(InvalidReply("no JSON", reply=reply("oops")), "invalid", (10, 0, 5), 0, id="invalid"),
        pytest.param(TruncatedReply("cut off", reply=_CUT), "truncated", (40, 0, 5), 1, id="truncated"),
        pytest.param(InvalidReply("no JSON"), "invalid", (0, 0, 0), 0, id="invalid-and-nobody-knows-what-it-cost"),
        pytest.param(EngineFailed("down", kind="connection", retries=3), "failed", (0, 0, 0), 3, id="failed"),
        pytest.param(ModelError("gone"), "failed", (0, 0, 0), 0, id="failed-otherwise"),
        pytest.param(EngineFailed("left alone", kind="refused"), "refused", (0, 0, 0), 0, id="refused-by-the-engine"),
        pytest.param(PromptTooLong("too long"), "refused", (0, 0, 0), 0, id="refused-before-it-was-sent"),
        pytest.param(Cancelled("cancelled"), "cancelled", (0, 0, 0), 0, id="cancelled"),
    ],
)
def test_every_call_is_noted_with_what_it_cost_whatever_became_of_it(
    said: Said, outcome: str, tokens: tuple[int, int, int], retries: int
) -> None:
    call = _note(said)
    assert (call.outcome, call.retries) == (outcome, retries)
    assert (call.prompt_tokens, call.cached_tokens, call.generated_tokens) == tokens
    assert (call.task, call.engine, call.model, call.digest, call.prompt) == ("notes", "said", "model", "sha256:model", "sha256:prompt")
    if isinstance(said, ModelError):
        assert call.failure == said.message


def test_the_kind_of_a_failure_is_noted() -> None:
    assert _note(EngineFailed("down", kind="connection")).kind == "connection"


def test_an_engine_that_does_not_even_say_who_it_is_is_noted() -> None:
    class _Unknown(Layer):
        def identity(self) -> Identity:
            raise EngineFailed("nobody there", kind="connection")

    usage = Usage()
    with pytest.raises(EngineFailed):
        Recorded(_Unknown(Says(reply("true"))), usage).chat(_REQUEST, Cancel())
    assert [(call.model, call.failure) for call in usage.calls] == [("", "nobody there")]


def test_a_reply_that_was_not_taken_has_a_line_of_its_own_before_the_one_that_was() -> None:
    settings = EngineSettings(small_confidence=0.5, tasks={"notes": TaskSettings(model="small")})
    small = Says(reply("true", confidence=0.2, prompt_tokens=3), InvalidReply("no", reply=reply("no", prompt_tokens=4)), name="small")
    usage = Usage()
    recorded = Recorded(Ladder(small, Says(reply("false"), name="large"), settings), usage)
    for _ in range(2):
        recorded.chat(_REQUEST, Cancel())
    assert [(call.model, call.outcome, call.prompt_tokens) for call in usage.calls] == [
        ("small", "unsure", 3),
        ("large", "ok", 10),
        ("small", "invalid", 4),
        ("large", "ok", 10),
    ]
    assert usage.totals().prompt_tokens == 27


def test_seconds_hold_all_waiting_and_are_counted_once() -> None:
    def dawdle(_request: Request, cancel: Cancel) -> Reply:
        cancel.wait(0.05)
        return replace(reply("false"), discarded=(replace(reply("true"), seconds=0.02),))

    usage = Usage()
    Recorded(Says(dawdle), usage).chat(_REQUEST, Cancel())
    earlier, last = usage.calls
    assert earlier.seconds == 0.02
    assert last.seconds >= 0.03


def _call(task: str, model: str = "m", *, outcome: Outcome = "ok", tokens: tuple[int, int, int] = (100, 40, 10), retries: int = 0) -> Call:
    return Call(task, "llama_server", model, f"sha256:{model}", *tokens, 1.5, outcome, retries=retries)


@pytest.fixture
def usage() -> Usage:
    noted = Usage()
    noted.add(_call("notes", "large"), _call("commit", "small", outcome="unsure"), _call("commit", "large", retries=2))
    noted.add(_call("notes", "large", outcome="failed", tokens=(0, 0, 0), retries=1))
    return noted


def test_calls_are_summed_for_the_run_and_for_each_task(usage: Usage) -> None:
    value = json.loads(json.dumps(usage.as_json()))
    assert value["totals"] == {
        "calls": 4, "prompt_tokens": 300, "cached_tokens": 120, "generated_tokens": 30, "seconds": 6.0, "retries": 3,
        "outcomes": {"failed": 1, "ok": 2, "unsure": 1}, "cached_share": 0.4,
    }  # fmt: skip
    assert list(value["tasks"]) == ["commit", "notes"]
    assert value["tasks"]["notes"]["calls"] == 2
    assert value["tasks"]["notes"]["outcomes"] == {"failed": 1, "ok": 1}
    assert [call["task"] for call in value["calls"]] == ["notes", "commit", "commit", "notes"]


def test_the_review_reads_the_totals_of_usage_json(usage: Usage) -> None:
    totals = read_usage(json.dumps(usage.as_json()).encode())
    assert (totals.calls, totals.prompt_tokens, totals.cached_tokens, totals.generated_tokens, totals.seconds) == (4, 300, 120, 30, 6.0)


def test_a_run_without_calls_has_no_share_and_no_table() -> None:
    totals = Usage().as_json()["totals"]
    assert isinstance(totals, dict)
    assert totals["cached_share"] is None
    assert usage_table(Usage()) == []


def test_the_table_has_a_line_for_each_task_and_model_the_sums_and_what_became_of_the_calls(usage: Usage) -> None:
    assert usage_table(usage) == [
        "task      model                    calls     prompt cached    written      time",
        "commit    large                        1        100   40 %         10     1.5 s",
        "commit    small                        1        100   40 %         10     1.5 s",
        "notes     large                        2        100   40 %         10     3.0 s",
        "total                                  4        300   40 %         30     6.0 s",
        "2 ok, 1 failed, 1 unsure; 3 retries",
    ]


def test_one_row_needs_no_total() -> None:
    usage = Usage()
    usage.add(_call("notes", retries=1))
    assert [line.split()[0] for line in usage_table(usage)] == ["task", "notes", "1"]
    assert usage_table(usage)[-1] == "1 ok; 1 retry"


def test_no_line_of_the_table_is_wider_than_a_terminal() -> None:
    usage = Usage()
    for number in range(3):
        name = f"Qwen3.5-{number}-Coder-Instruct-Q4_K_M-00001-of-00009.gguf"
        usage.add(replace(_call("a-task-of-a-long-name", name, tokens=(10**9, 10**9, 10**7)), seconds=99_999.0))
    usage.add(_call("notes", "", outcome="failed", tokens=(0, 0, 0)))
    assert max(map(len, usage_table(usage))) < 80
    assert usage_table(usage)[1] == "a-ta…name Qwen3.5-0-…00009.gguf        1    1,000 M  100 %       10 M  99,999 s"


def test_the_share_is_a_hundred_per_cent_of_all_only() -> None:
    usage = Usage()
    usage.add(_call("notes", tokens=(1000, 999, 1)))
    assert " 99 % " in usage_table(usage)[1]


@pytest.fixture
def asked(llama: LlamaServer) -> Iterator[tuple[Recorded, Usage]]:
    """A real engine whose calls are noted."""
    usage = Usage()
    with closing(Recorded(Validated(llama), usage)) as recorded:
        yield recorded, usage


def test_a_real_reply_that_is_cut_off_is_paid_for(asked: tuple[Recorded, Usage]) -> None:
    recorded, usage = asked
    with pytest.raises(TruncatedReply):
        recorded.chat(replace(_REQUEST, schema=object_of({"text": text_of(at_most=400)}), max_tokens=3), Cancel())
    (call,) = usage.calls
    assert (call.outcome, call.generated_tokens) == ("truncated", 3)
    assert call.prompt_tokens > 0
    assert call.digest.startswith("sha256:")


def test_the_share_from_the_cache_is_what_the_engine_did_not_evaluate(asked: tuple[Recorded, Usage]) -> None:
    recorded, usage = asked
    for question in ("first", "other"):
        recorded.chat(replace(_REQUEST, messages=(Message("user", f"{'context ' * 100}{question}"),)), Cancel())
    first, second = usage.calls
    assert second.cached_tokens > 0.9 * second.prompt_tokens
    share = usage.totals().cached_share
    assert share == (first.cached_tokens + second.cached_tokens) / (first.prompt_tokens + second.prompt_tokens)


def test_usage_json_is_a_file_of_plain_values(asked: tuple[Recorded, Usage], tmp_path: Path) -> None:
    recorded, usage = asked
    recorded.chat(_REQUEST, Cancel())
    file = tmp_path / "usage.json"
    file.write_text(json.dumps(usage.as_json(), allow_nan=False), "utf-8")
    (call,) = json.loads(file.read_text("utf-8"))["calls"]
    assert call["model"] == "tiny.gguf"
    assert call["outcome"] == "ok"
