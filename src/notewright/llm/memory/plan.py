"""What a model takes of memory, computed from its header before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.llm.memory.gguf import Header
from notewright.llm.memory.shape import Shape

UBATCH = 512  # tokens that llama.cpp reads at once (n_ubatch)
_PAD = 256  # llama.cpp's caches are of a multiple of this many tokens
_F32, _F16 = 4, 2
# Measured with xllamacpp 2026.10 (tests/llm/memory/test_plan.py): llama.cpp's code, threads and server, and what each entry of a vocabulary
# takes in the maps that text is cut by. A child process has Python as well.
_RUNTIME_BYTES = 16 << 20
_ENTRY_BYTES = 400


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Bytes that a loaded model takes when its context is full; `vram_bytes` of them on the graphics card, the rest in main memory.

    `kv_bytes` is the cache of keys and values with the state of recurrent layers, `compute_bytes` what a batch is computed in, and
    `runtime_bytes` llama.cpp itself with the vocabulary.
    """

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    runtime_bytes: int
    vram_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes + self.runtime_bytes

    @property
    def ram_bytes(self) -> int:
        """What of it is in main memory."""
        return self.total_bytes - self.vram_bytes


def plan_memory(header: Header, *, context: int, slots: int, kv_bytes: float = _F16, gpu_layers: int = 0) -> MemoryPlan:
    """Return what llama.cpp takes for `slots` sequences of `context` tokens each. `kv_bytes` is the size of one number in the cache,
    `gpu_layers` how many layers lie on a graphics card (one more than there are: the output too).

    Weights and cache are exact. The buffer that a batch is computed in is that of a graph with flash attention, by its largest step.
    """
    shape = header.shape
    kv = _kv_bytes(shape, context, slots, kv_bytes)
    compute = _compute_bytes(shape, context)
    share = min(gpu_layers, len(shape.layers)) / len(shape.layers) if shape.layers else 0.0
    on_card = share * (shape.layer_bytes + kv) + (compute if gpu_layers else 0)
    if gpu_layers > len(shape.layers):
        on_card += shape.weights_bytes - shape.layer_bytes - shape.input_bytes
    return MemoryPlan(shape.weights_bytes, kv, compute, _RUNTIME_BYTES + _ENTRY_BYTES * shape.vocabulary, int(on_card))


def _kv_bytes(shape: Shape, context: int, slots: int, number_bytes: float) -> int:
    """Return the caches of all sequences: every layer with attention keeps a key and a value a token, within its window if it has one."""
    heads = sum(layer.kv_heads * (_windowed(shape, context) if layer.windowed else _pad(context)) for layer in shape.layers)
    recurrent = sum(not layer.kv_heads for layer in shape.layers)
    return slots * (int(heads * (shape.key_length + shape.value_length) * number_bytes) + recurrent * shape.state_bytes)


def _compute_bytes(shape: Shape, context: int) -> int:
    """Return the buffer for one batch: a mask for attention, another for layers with a window, and what is alive in the largest step.

    That is the feed-forward network: gate, up and their product, beside five rows of the embedding's length (the input as tokens and
    as vectors, the residual, its norm and the result); or where each token asks experts, what all of them answer, plain and weighted.
    llama.cpp logs these sizes when it loads. Without flash attention each head's scores would come on top.
    """
    tokens = min(UBATCH, context)
    mask = _pad(context) + (_windowed(shape, context) if any(layer.windowed for layer in shape.layers) else 0)
    network = 5 * shape.embedding_length + 3 * shape.feed_forward_length
    experts = (2 * shape.experts_used + 2) * shape.embedding_length if shape.experts_used else 0
    # logits are computed behind the last token only
    return tokens * (mask * _F16 + max(network, experts) * _F32) + shape.vocabulary * _F32


def _windowed(shape: Shape, context: int) -> int:
    """Return the tokens that a layer with a window keeps: one batch more, whose oldest token still sees the window before it."""
    return min(_pad(context), _pad(shape.window + UBATCH)) if shape.window else _pad(context)


def _pad(tokens: int) -> int:
    return -(-tokens // _PAD) * _PAD
