"""A model is made to fit before it is loaded, or refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from notewright.control import Cancel, Event, Warned
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.fit import Budget, Fit, budget_of, fit_model, gigabytes
from notewright.llm.memory.gguf import Header, read_header
from notewright.llm.memory.job_queue import read_queue
from notewright.llm.memory.loading import Loading
from notewright.llm.memory.plan import plan_memory
from notewright.llm.settings import EngineSettings
from notewright.system.cgroup import Memory
from notewright.system.memory import Limits
from tests.parts.synthetic_models import LARGE, MEDIUM, write_synthetic

_MB = 1_000_000


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Header]:
    """That of a model of 440 MB, which keeps 31 kB a token."""
    path = write_synthetic(tmp_path_factory.mktemp("fit") / "large.gguf", LARGE)
    yield read_header(path)
    path.unlink()


def _limits(ram_mb: float, vram_mb: float | None = None) -> Limits:
    """What leaves so much to be taken."""
    card = None if vram_mb is None else Memory(int(vram_mb * _MB / 0.9), int(vram_mb * _MB / 0.9), "the graphics card 0")
    return Limits(Memory(int(ram_mb * _MB / 0.9), int(ram_mb * _MB / 0.9), "the machine"), card)


def _fit(header: Header, limits: Limits, *, slots: int = 1, gpu_layers: int = 0, settings: EngineSettings | None = None) -> Fit:
    return fit_model(header, limits, settings or EngineSettings(), context=8192, slots=slots, gpu_layers=gpu_layers)


def test_a_model_that_fits_is_loaded_as_asked(header: Header) -> None:
    fit = _fit(header, _limits(4000), slots=4)
    assert (fit.context, fit.slots, fit.steps) == (8192, 4, ())
    assert fit.plan == plan_memory(header, context=8192, slots=4)


def test_slots_are_given_up_first_and_then_context(header: Header) -> None:
    fewer = _fit(header, _limits(1100), slots=4)
    assert (fewer.context, fewer.slots, fewer.steps) == (8192, 2, ("2 slots instead of 4",))
    smaller = _fit(header, _limits(700), slots=4)
    assert smaller.slots == 1
    assert 2048 < smaller.context < 8192
    assert smaller.steps == ("1 slot instead of 4", f"a context of {smaller.context} tokens instead of 8192")
    assert smaller.plan.total_bytes <= 700 * _MB
    # nothing is given up that would fit
    assert plan_memory(header, context=smaller.context + 256, slots=1).total_bytes > 700 * _MB


def test_where_not_even_the_least_fits_the_refusal_names_the_figures_and_what_to_do(header: Header) -> None:
    least = plan_memory(header, context=2048, slots=1).total_bytes
    with pytest.raises(EngineFailed) as failure:
        _fit(header, _limits(450), slots=2)
    assert failure.value.kind == "out_of_memory"
    assert str(failure.value) == (
        f"synthetic-llama needs {gigabytes(least)} of memory at least, and 450 MB may be taken (500 MB are free of 500 MB: the machine)"
    )
    assert "smaller model" in str(failure.value.hint)


def test_a_context_below_the_floor_is_not_made_smaller(header: Header) -> None:
    with pytest.raises(EngineFailed):
        fit_model(header, _limits(450), EngineSettings(), context=512, slots=1)
    assert fit_model(header, _limits(2000), EngineSettings(), context=512, slots=1).context == 512


def test_layers_that_the_graphics_card_cannot_hold_stay_in_main_memory(header: Header) -> None:
    everything = _fit(header, _limits(400, 4000), gpu_layers=99)
    assert (everything.gpu_layers, everything.context, everything.steps) == (13, 8192, ())
    some = _fit(header, _limits(4000, 300), gpu_layers=99)
    assert 0 < some.gpu_layers < 12
    assert some.plan.vram_bytes <= 300 * _MB
    assert some.steps == ("a context of 2048 tokens instead of 8192", f"{some.gpu_layers} layers on the graphics card instead of 13")


def test_a_card_that_shares_main_memory_gets_its_layers_and_main_memory_counts_them(header: Header) -> None:
    fit = _fit(header, _limits(4000), gpu_layers=99)
    assert (fit.gpu_layers, fit.plan.vram_bytes) == (13, 0)


def test_what_the_user_allows_is_for_all_models_together(header: Header) -> None:
    settings = EngineSettings(max_ram_gb=1.0, max_vram_gb=0.5)
    assert budget_of(_limits(8000, 8000), settings, taken=Budget(0, 0)) == Budget(1_000_000_000, 500_000_000)
    assert budget_of(_limits(8000, 8000), settings, taken=Budget(700_000_000, 0)) == Budget(300_000_000, 500_000_000)
    assert budget_of(_limits(8000), settings, taken=Budget(2_000_000_000, 0)) == Budget(0, 0)
    assert _fit(header, _limits(8000), settings=EngineSettings(max_ram_gb=0.7)).context < 8192


def test_loading_takes_the_lock_says_what_is_less_and_counts_what_is_loaded(header: Header, tmp_path: Path) -> None:
    events: list[Event] = []
    lock = tmp_path / "models.lock"
    loading = Loading(
        header, EngineSettings(lock_path=lock, max_ram_gb=1.2), context=8192, report=events.append, limits=lambda: _limits(8000)
    )
    with loading(Cancel()) as first:
        assert first.context == 8192
        holder = read_queue(lock).holder
        assert holder
        assert holder.label == "synthetic-llama"
        with pytest.raises(EngineFailed), loading(Cancel()):
            pass
    assert read_queue(lock).holder is None
    small = EngineSettings(max_ram_gb=0.7)
    less = Loading(header, small, context=8192, report=events.append, limits=lambda: _limits(8000))
    with less(Cancel()) as second:
        assert [event.message for event in events if isinstance(event, Warned)] == [
            f"synthetic-llama is loaded with a context of {second.context} tokens instead of 8192"
        ]


_ASK = """
import sys
from contextlib import closing
from pathlib import Path
from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.opening import EngineName, Opening, open_bare
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Request
schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
opening = Opening(EngineSettings(), Digests(None), lambda event: print("event:", event.message), 60)
with closing(open_bare(EngineName("llama_server", sys.argv[1]), opening)) as engine:
    try:
        print("reply:", engine.chat(Request("fit", (Message("user", "hello"),), schema, max_tokens=40), Cancel()).finish)
    except ModelError as error:
        print(error.kind, ":", error.message)
"""


def _ask_under(limit_mb: int, model: Path) -> str:
    command = ["bash", "-c", f'ulimit -d {limit_mb * 1000}; exec "$0" -c "$1" "$2"', sys.executable, _ASK, str(model)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not enforce ulimit -d")
def test_under_a_real_limit_a_model_is_loaded_as_asked_with_less_or_not_at_all(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    model = write_synthetic(tmp_path / "medium.gguf", MEDIUM)
    assert _ask_under(1000, model) == "reply: stop\n"
    less, reply = _ask_under(450, model).splitlines()
    assert less.startswith("event: synthetic-llama is loaded with a context of ")
    assert reply == "reply: stop"
    assert _ask_under(380, model).startswith("out_of_memory : synthetic-llama needs 2")
    model.unlink()
