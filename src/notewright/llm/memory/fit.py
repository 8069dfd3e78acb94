"""Making a model fit the memory that is there, before it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from notewright.llm.failure import EngineFailed
from notewright.llm.memory.gguf import Header
from notewright.llm.memory.plan import MemoryPlan, plan_memory
from notewright.llm.settings import EngineSettings
from notewright.system.cgroup import Memory
from notewright.system.memory import Limits

# What is left to others, of all memory and at most: planned models stay below the level from which a loaded one is asked to shrink.
_RESERVE_SHARE, _RESERVE_BYTES = 0.1, 1 << 30
_FLOOR_TOKENS = 2048  # a smaller context holds no task's prompt with its reply
_STEP_TOKENS = 256
_HINT = "free some memory, choose a smaller model or a smaller quantization, or raise resources.max_ram_gb if it is set"


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model is to be loaded: tokens of context for each of the slots, and layers on the graphics card. `steps` say, for people,
    what is less than was asked for."""

    context: int
    slots: int
    gpu_layers: int
    plan: MemoryPlan
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes that a model may take, of main memory and of the graphics card's."""

    ram_bytes: int
    vram_bytes: int


NOTHING = Budget(0, 0)


def reserve_of(memory: Memory) -> int:
    """Return the bytes that models leave to others."""
    return min(int(memory.total_bytes * _RESERVE_SHARE), _RESERVE_BYTES)


def budget_of(limits: Limits, settings: EngineSettings, *, taken: Budget) -> Budget:
    """Return what may be taken: what is free less a reserve, and within what the user allows to all models, of which some is `taken`."""
    ram = _share(limits.ram, settings.max_ram_gb, taken.ram_bytes)
    return Budget(ram, _share(limits.vram, settings.max_vram_gb, taken.vram_bytes) if limits.vram else 0)


def fit_model(
    header: Header,
    limits: Limits,
    settings: EngineSettings,
    *,
    context: int,
    slots: int,
    gpu_layers: int = 0,
    taken: Budget = NOTHING,
) -> Fit:
    """Return the most of what is asked for that fits: fewer slots first, then a smaller context, then fewer layers on the graphics card.
    Where no card has memory of its own, all of it counts as main memory, and the layers stay as asked.

    Raises `EngineFailed` of the kind "out_of_memory", with the figures, where not even the least fits. Loads nothing.
    """
    budget = budget_of(limits, settings, taken=taken)
    asked = (slots, context, min(gpu_layers, len(header.shape.layers) + 1))
    plan = plan_memory(header, context=context, slots=slots)
    for few_slots, tokens, layers in _ladder(*asked, least_layers=0 if limits.vram else asked[2]):
        plan = plan_memory(header, context=tokens, slots=few_slots, gpu_layers=layers if limits.vram else 0)
        if plan.ram_bytes <= budget.ram_bytes and plan.vram_bytes <= budget.vram_bytes:
            return Fit(tokens, few_slots, layers, plan, tuple(_describe_steps(asked, (few_slots, tokens, layers))))
    raise EngineFailed(
        f"{header.name} needs {gigabytes(plan.ram_bytes)} of memory at least, and {gigabytes(budget.ram_bytes)} may be taken"
        f" ({gigabytes(limits.ram.free_bytes)} are free of {gigabytes(limits.ram.total_bytes)}: {limits.ram.source})",
        kind="out_of_memory",
        hint=_HINT,
    )


def gigabytes(size_bytes: int) -> str:
    """Write a size for people: "1.2 GB", "85 MB"."""
    return f"{size_bytes / 1e9:.1f} GB" if abs(size_bytes) >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def _share(memory: Memory, most_gb: float | None, taken_bytes: int) -> int:
    free = memory.free_bytes - reserve_of(memory)
    return max(free if most_gb is None else min(free, int(most_gb * 1e9) - taken_bytes), 0)


def _ladder(slots: int, context: int, layers: int, *, least_layers: int) -> Iterator[tuple[int, int, int]]:
    """Give what may be tried, from all to the least."""
    floor = min(context, _FLOOR_TOKENS)
    yield from ((few, context, layers) for few in range(slots, 0, -1))
    below = (context - 1) // _STEP_TOKENS * _STEP_TOKENS
    yield from ((1, tokens, layers) for tokens in range(below, floor, -_STEP_TOKENS))
    yield from ((1, floor, few) for few in range(layers, least_layers - 1, -1))


def _describe_steps(asked: tuple[int, int, int], got: tuple[int, int, int]) -> Iterator[str]:
    for words, wanted, given in zip(("{} slots", "a context of {} tokens", "{} layers on the graphics card"), asked, got, strict=True):
        if given < wanted:
            yield f"{words.format(given)} instead of {wanted}".replace("1 slots", "1 slot")
