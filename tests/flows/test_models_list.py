"""The memory class of a machine, and what the table says of each."""

from __future__ import annotations

import pytest

from notewright.adapters.catalog import read_catalog
from notewright.adapters.prompts.places import prompt_places
from notewright.flows.models_list import choose_class
from notewright.llm.memory.estimate import estimate_memory, estimate_weights
from notewright.system.cgroup import Memory
from notewright.system.memory import Limits

_CATALOG = read_catalog(prompt_places(None))
_GIB = 1 << 30


def _limits(ram: float, vram: float | None = None) -> Limits:
    return Limits(Memory(int(ram * _GIB), 0, "a test"), None if vram is None else Memory(int(vram * _GIB), 0, "a card"))


@pytest.mark.parametrize(
    ("limits", "apple", "expected"),
    [
        pytest.param(_limits(64), False, "cpu", id="no-card"),
        pytest.param(_limits(2), False, "cpu", id="little-memory"),
        pytest.param(_limits(64, 4), False, "cpu", id="a-card-smaller-than-any-class"),
        pytest.param(_limits(64, 7.99), False, "8", id="8"),
        pytest.param(_limits(64, 12), False, "12", id="12"),
        pytest.param(_limits(64, 16), False, "12", id="16"),
        pytest.param(_limits(64, 23.7), False, "24", id="24"),
        pytest.param(_limits(8, 80), False, "48", id="80"),
        pytest.param(_limits(6), True, "cpu", id="apple-8"),
        pytest.param(_limits(12), True, "apple", id="apple-16"),
        pytest.param(_limits(24), True, "12", id="apple-32"),
        pytest.param(_limits(72), True, "48", id="apple-96"),
    ],
)
def test_a_machine_is_in_the_largest_class_that_its_memory_holds(limits: Limits, apple: bool, expected: str) -> None:
    assert choose_class(_CATALOG.classes, limits, apple=apple) == expected


def test_the_models_that_a_class_names_fit_into_it() -> None:
    for name, one in _CATALOG.classes.items():
        for model in (_CATALOG.find(one.large), _CATALOG.find(one.small)):
            assert estimate_memory(model.parameters, model.quantization, context=8192) <= one.memory * _GIB, (name, model.name)


# bytes of the published file, as models of these sizes have been offered for years
@pytest.mark.parametrize(
    ("parameters", "quantization", "size_bytes"),
    [
        pytest.param(8.03, "Q4_K_M", 4_920_739_232, id="llama-3.1-8b"),
        pytest.param(7.25, "Q4_K_M", 4_372_812_000, id="mistral-7b-v0.3"),
        pytest.param(7.24, "Q8_0", 7_695_857_000, id="mistral-7b-q8"),
        pytest.param(3.21, "Q4_K_M", 2_019_377_000, id="llama-3.2-3b"),
    ],
)
def test_the_estimate_of_a_file_is_within_a_tenth(parameters: float, quantization: str, size_bytes: int) -> None:
    assert estimate_weights(parameters, quantization) == pytest.approx(size_bytes, rel=0.1)


def test_the_table_is_of_four_bits_with_a_licence_and_a_digest_for_each_and_has_llama_3_of_8_billion() -> None:
    assert all(one.quantization.startswith(("Q4", "MXFP4")) for one in _CATALOG.models)
    assert all(one.license and len(one.sha256) == 64 for one in _CATALOG.models)
    assert len({one.sha256 for one in _CATALOG.models}) == len(_CATALOG.models)
    llama = _CATALOG.find("llama-3.1-8b")
    assert (llama.parameters, llama.license, llama.ollama) == (8.0, "Llama-3.1", "llama3.1:8b")
