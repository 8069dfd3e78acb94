"""What is set for a task counts first, then what is set for all, then what the request says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notewright.control import Cancel
from notewright.llm.engines.scripted import Scripted
from notewright.llm.layers.layer import Layer
from notewright.llm.layers.tasks import Tasked
from notewright.llm.settings import EngineSettings, TaskSettings
from notewright.prompting.request import Message, Reply, Request
from notewright.prompting.schema import boolean

_REQUEST = Request("notes", (Message("user", "hello"),), boolean(), max_tokens=100_000, temperature=0.2)


class _Seen(Layer):
    """Keeps the requests that come by."""

    seen: Request

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        self.seen = request
        return super().chat(request, cancel)


@pytest.fixture
def bare(tmp_path: Path) -> _Seen:
    script = tmp_path / "script.jsonl"
    script.write_text('{"match": "", "reply": true}\n')
    return _Seen(Scripted(script))


@pytest.mark.parametrize(
    ("general", "task", "expected"),
    [
        pytest.param({}, {}, (4096, 300.0, 0.2, 42), id="nothing"),
        pytest.param({"temperature": 0.7, "seed": 7}, {}, (4096, 300.0, 0.7, 7), id="all"),
        pytest.param({"temperature": 0.7, "seed": 7}, {"temperature": 0.0, "seed": 0}, (4096, 300.0, 0.0, 0), id="task-before-all"),
        pytest.param({"request_timeout_s": 9.0}, {"request_timeout_s": 5.0}, (4096, 5.0, 0.2, 42), id="timeout"),
        pytest.param({"request_timeout_s": 9.0}, {}, (4096, 9.0, 0.2, 42), id="timeout-of-all"),
        pytest.param({"default_max_tokens": 200}, {}, (200, 300.0, 0.2, 42), id="ceiling"),
        pytest.param({"default_max_tokens": 200}, {"max_tokens": 50}, (50, 300.0, 0.2, 42), id="lower-ceiling-of-the-task"),
        pytest.param({"default_max_tokens": 200}, {"max_tokens": 900}, (900, 300.0, 0.2, 42), id="higher-ceiling-of-the-task"),
    ],
)
def test_the_users_settings_reach_the_engine(
    general: dict[str, Any], task: dict[str, Any], expected: tuple[object, ...], bare: _Seen
) -> None:
    settings = EngineSettings(**general, tasks={"notes": TaskSettings(**task)})
    Tasked(bare, settings, lambda: None).chat(_REQUEST, Cancel())
    seen = bare.seen
    assert (seen.max_tokens, seen.timeout_s, seen.temperature, seen.seed) == expected


def test_a_ceiling_raises_no_limit_that_a_request_has(bare: _Seen) -> None:
    Tasked(bare, EngineSettings(), lambda: None).chat(replace(_REQUEST, max_tokens=8), Cancel())
    assert bare.seen.max_tokens == 8


def test_what_is_set_for_another_task_changes_nothing(bare: _Seen) -> None:
    Tasked(bare, EngineSettings(tasks={"commit": TaskSettings(temperature=1.5)}), lambda: None).chat(_REQUEST, Cancel())
    assert bare.seen.temperature == _REQUEST.temperature


def test_what_was_opened_is_closed_even_if_the_engine_does_not_close(bare: _Seen) -> None:
    class _Stuck(Layer):
        def close(self) -> None:
            raise OSError("busy")

    closed: list[str] = []
    with pytest.raises(OSError, match="busy"):
        Tasked(_Stuck(bare), EngineSettings(), lambda: closed.append("cache")).close()
    assert closed == ["cache"]
