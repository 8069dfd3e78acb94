"""The plan of a model's memory, beside what llama.cpp really takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from notewright.control import Cancel, ignore
from notewright.llm.digest import Digests
from notewright.llm.memory.gguf import Header, read_header
from notewright.llm.memory.plan import plan_memory
from notewright.llm.memory.shape import Layer
from notewright.llm.opening import EngineName, Opening, open_bare
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Request
from tests.parts.synthetic_models import LARGE, MEDIUM, REARRANGED, write_synthetic

_ANSWER = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 4}},
    "required": ["text"],
    "additionalProperties": False,
}
# A child that has Python, our modules and llama.cpp's library in memory, and no model.
_RUNTIME = "import sys, xllamacpp, notewright.llm.engines.llama.child; print('here', flush=True); sys.stdin.read()"


@pytest.fixture(scope="module")
def models(tiny_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The tiny model, and some of real size."""
    folder = tmp_path_factory.mktemp("synthetic")
    shapes = {"medium": MEDIUM, "large": LARGE, "rearranged": REARRANGED}
    paths = {name: write_synthetic(folder / f"{name}.gguf", shape) for name, shape in shapes.items()}
    yield {"tiny": tiny_gguf, **paths}
    for path in paths.values():
        path.unlink()


def _child_rss() -> int:
    """Return what the embedded engine's child process has in memory."""
    children = [child for child in psutil.Process().children() if "notewright.llm.engines.llama.child" in child.cmdline()]
    return sum(int(child.memory_info().rss) for child in children)


@pytest.fixture(scope="module")
def runtime_bytes() -> int:
    """What a child takes before it loads a model."""
    with psutil.Popen([sys.executable, "-c", _RUNTIME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "here\n"
        taken = int(child.memory_info().rss)
        child.kill()
    return taken


def _ask(path: Path, settings: EngineSettings, tokens: int) -> int:
    """Load the model and let it read so many tokens; return what the child has in memory then."""
    request = Request("plan", (Message("user", "many words " * (tokens // 9)),), _ANSWER, max_tokens=60)
    before = _child_rss()
    with closing(open_bare(EngineName("llama_server", str(path)), Opening(settings, Digests(None), ignore, 60))) as engine:
        assert engine.chat(request, Cancel()).prompt_tokens > tokens
        return _child_rss() - before


@pytest.mark.parametrize(
    ("name", "context", "tokens"),
    [
        # of the tiny model the buffers are most, and only a full context fills them; of the others one batch is enough
        pytest.param("tiny", 8192, 7900, id="tiny"),
        pytest.param("medium", 8192, 600, id="medium-f16"),
        pytest.param("large", 4096, 600, id="large-q8"),
        pytest.param("rearranged", 2048, 600, id="rearranged-q4"),
    ],
)
def test_the_plan_is_within_15_percent_of_what_loading_takes(
    name: str, context: int, tokens: int, models: dict[str, Path], runtime_bytes: int
) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    path = models[name]
    taken = _ask(path, EngineSettings(context_window=context), tokens) - runtime_bytes
    planned = plan_memory(read_header(path), context=context, slots=1).total_bytes
    assert planned == pytest.approx(taken, rel=0.15), f"planned {planned / 1e6:.1f} MB, taken {taken / 1e6:.1f} MB"


def _header(tiny_gguf: Path, **changed: object) -> Header:
    header = read_header(tiny_gguf)
    return replace(header, shape=replace(header.shape, **changed))  # type: ignore[arg-type]  # fields of a Shape


def test_a_window_bounds_what_its_layers_keep(tiny_gguf: Path) -> None:
    # llama.cpp's log for this shape: 8192 cells, and 1024 + 512 in the layer with a window
    header = _header(tiny_gguf, window=1024, layers=(Layer(2, windowed=True), Layer(2, windowed=False)))
    assert plan_memory(header, context=8192, slots=1).kv_bytes == (8192 + 1536) * 2 * (16 + 16) * 2
    assert plan_memory(header, context=512, slots=1).kv_bytes == 2 * 512 * 2 * (16 + 16) * 2


def test_a_layer_without_attention_keeps_a_state_of_each_sequence_instead(tiny_gguf: Path) -> None:
    header = _header(tiny_gguf, state_bytes=1000, layers=(Layer(0, windowed=False), Layer(2, windowed=False)))
    assert plan_memory(header, context=256, slots=3).kv_bytes == 3 * (256 * 2 * (16 + 16) * 2 + 1000)


def test_slots_each_keep_a_context_and_a_smaller_number_takes_less(tiny_gguf: Path) -> None:
    header = read_header(tiny_gguf)
    one = plan_memory(header, context=8192, slots=1)
    assert plan_memory(header, context=8192, slots=4).kv_bytes == 4 * one.kv_bytes
    assert plan_memory(header, context=8192, slots=1, kv_bytes=34 / 32).kv_bytes == one.kv_bytes * 34 // 64
    assert one.total_bytes == one.ram_bytes == one.weights_bytes + one.kv_bytes + one.compute_bytes + one.runtime_bytes


def test_layers_on_a_graphics_card_take_their_share_with_them(tiny_gguf: Path) -> None:
    header = read_header(tiny_gguf)
    none, half, layers, everything = (plan_memory(header, context=8192, slots=1, gpu_layers=count) for count in range(4))
    assert none.vram_bytes == 0
    assert half.vram_bytes == (header.shape.layer_bytes + half.kv_bytes) // 2 + half.compute_bytes
    assert layers.vram_bytes == header.shape.layer_bytes + layers.kv_bytes + layers.compute_bytes
    # the embedding of tokens stays in main memory
    assert everything.ram_bytes == everything.runtime_bytes + header.shape.input_bytes
    assert {plan.total_bytes for plan in (none, half, layers, everything)} == {none.total_bytes}
