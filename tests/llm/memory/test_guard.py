"""A loaded model gives way when memory runs short."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from notewright.control import Cancel, Event, Finished, Warned, ignore
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.fit import reserve_of
from notewright.llm.memory.guard import Guarded, Level, MemoryGuard, Unloadable, next_level
from notewright.llm.opening import EngineName, Opening, open_bare
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Request
from notewright.system.cgroup import Memory

_SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
_REQUEST = Request("guard", (Message("user", "hello"),), _SCHEMA, max_tokens=40)


class Machine:
    """Memory that others take and give back."""

    def __init__(self) -> None:
        self.used = 0.5

    def read(self) -> Memory:
        return Memory(10_000_000_000, round(10_000_000_000 * (1 - self.used)), "the machine")


@pytest.mark.parametrize(
    ("level", "left", "after"),
    [
        pytest.param("normal", 1.01, "normal", id="more-than-the-reserve"),
        pytest.param("normal", 0.99, "soft", id="rises-to-soft"),
        pytest.param("normal", 0.39, "hard", id="rises-to-hard-at-once"),
        pytest.param("soft", 0.39, "hard", id="soft-rises"),
        pytest.param("soft", 1.39, "soft", id="stays-soft-until-well-above"),
        pytest.param("soft", 1.41, "normal", id="falls"),
        pytest.param("hard", 0.79, "hard", id="stays-hard-until-well-above"),
        pytest.param("hard", 0.81, "soft", id="falls-to-soft"),
        pytest.param("hard", 1.39, "soft", id="falls-no-further-than-soft-holds"),
        pytest.param("hard", 5.0, "normal", id="falls-to-normal"),
    ],
)
def test_a_level_rises_at_once_and_falls_only_well_above(level: Level, left: float, after: Level) -> None:
    assert next_level(level, left) == after


def test_models_leave_a_tenth_of_memory_to_others_and_no_more_than_a_gigabyte() -> None:
    assert reserve_of(Memory(4_000_000_000, 0, "")) == 400_000_000
    assert reserve_of(Memory(64_000_000_000, 0, "")) == 1 << 30


def test_each_change_of_level_is_told_once_with_the_figures() -> None:
    events: list[Event] = []
    machine = Machine()
    guard = MemoryGuard(events.append, machine.read)
    looks = []
    for machine.used in (0.5, 0.91, 0.89, 0.91, 0.97, 0.94, 0.5):
        looks.append(guard.look())
    assert looks == [
        ("normal", False),
        ("soft", True),
        ("soft", False),
        ("soft", False),
        ("hard", True),
        ("hard", False),
        ("normal", False),
    ]
    assert [event.message if isinstance(event, Warned) else event.summary for event in events if isinstance(event, Warned | Finished)] == [
        "memory runs short: 900 MB of 10.0 GB are free (the machine); the model is loaded anew with less",
        "memory runs short: 300 MB of 10.0 GB are free (the machine); the model gives way to a smaller one",
        "there is enough memory again: 5.0 GB of 10.0 GB are free (the machine)",
    ]


def _open(place: str, script: Path | None = None) -> Engine:
    name = EngineName("scripted", str(script)) if script else EngineName("llama_server", place)
    return open_bare(name, Opening(EngineSettings(), Digests(None), ignore, 30))


def test_a_real_engine_is_loaded_anew_at_soft_and_refuses_at_hard(tiny_gguf: Path) -> None:
    psutil = pytest.importorskip("psutil")
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")

    def children() -> set[int]:
        living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
        return {child.pid for child in living if "notewright.llm.engines.llama.child" in child.cmdline()} - before

    before: set[int] = set()
    before = children()
    machine = Machine()
    inner = _open(str(tiny_gguf))
    assert isinstance(inner, Unloadable)
    with closing(Guarded(inner, MemoryGuard(ignore, machine.read), inner.unload)) as engine:
        answer = engine.chat(_REQUEST, Cancel()).text
        first = children()
        assert len(first) == 1
        machine.used = 0.92
        assert engine.chat(_REQUEST, Cancel()).text == answer
        second = children()
        assert len(second) == 1
        assert second != first
        assert engine.chat(_REQUEST, Cancel()).text == answer
        assert children() == second
        machine.used = 0.98
        with pytest.raises(EngineFailed, match=r"only 200 MB of 10\.0 GB memory are free \(the machine\)") as failure:
            engine.chat(_REQUEST, Cancel())
        assert failure.value.kind == "out_of_memory"
        assert children() == set()
        machine.used = 0.5
        assert engine.chat(_REQUEST, Cancel()).text == answer


def test_an_engine_asks_one_call_at_a_time_while_memory_is_short(tiny_gguf: Path) -> None:
    machine = Machine()

    class Wide:
        slots = 4

    guard = MemoryGuard(ignore, machine.read)
    engine = Guarded(Wide(), guard, lambda: None)  # type: ignore[arg-type]  # only its slots are asked
    assert engine.slots == 4
    machine.used = 0.92
    guard.look()
    assert engine.slots == 1


def test_an_engine_without_a_model_in_this_machines_memory_is_none_to_unload(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text('{"reply": {}}\n')
    assert not isinstance(_open("", script), Unloadable)
