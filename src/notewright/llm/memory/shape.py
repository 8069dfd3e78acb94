"""The shape of a model: what of it takes memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from notewright.llm.memory.metadata import Malformed, Tensor

# Of so many layers in a row the last sees the whole context and the others a window, unless the file says which
# (llama.cpp, src/models/*.cpp, load_swa_pattern). In a model not listed every layer is counted with the whole context.
_WINDOW_PERIODS = {"gemma2": 2, "gemma3": 6, "gpt-oss": 2, "cohere2": 4, "olmo2": 4}
# Types that llama.cpp may rearrange for the processor when it loads them (ggml-cpu/repack.cpp): q4_0, q8_0, q2_K, q4_K, q5_K, q6_K,
# iq4_nl, mxfp4.
_REPACKED = {2, 8, 10, 12, 13, 14, 20, 39}
_MOST_LAYERS = 4096


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer keeps of each token: heads of keys and values (0 in a layer without attention), and whether only of the last
    tokens, within the window."""

    kv_heads: int
    windowed: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model. A window of 0 is none; `state_bytes` is what a layer without attention keeps of a whole sequence.

    `feed_forward_length` is what a token is widened to, by all experts that it asks together, in the widest layer.
    `weights_bytes` are all tensors, `layer_bytes` those of the layers, which can lie on a graphics card, and `input_bytes` the embedding of
    tokens, which stays in main memory. `repackable_bytes` are of types that llama.cpp may rearrange in memory of its own.
    """

    layers: tuple[Layer, ...]
    heads: int
    key_length: int
    value_length: int
    embedding_length: int
    feed_forward_length: int
    vocabulary: int
    window: int
    experts: int
    experts_used: int
    state_bytes: int
    weights_bytes: int
    layer_bytes: int
    input_bytes: int
    repackable_bytes: int


def read_shape(architecture: str, numbers: Mapping[str, tuple[int, ...]], tensors: Iterable[Tensor]) -> Shape:
    """Return the shape that the values of a header and its tensors describe; a size that is not given is 0."""
    values = {key.removeprefix(f"{architecture}."): value for key, value in numbers.items() if key.startswith(f"{architecture}.")}

    def most(name: str, default: int = 0) -> int:
        return max(0, *(values.get(name) or (default,)))

    heads, embedding = most("attention.head_count"), most("embedding_length")
    head_length = embedding // heads if heads > 0 else 0
    experts_used = most("expert_used_count")
    tensors = tuple(tensors)
    sizes = {tensor.name: tensor for tensor in tensors}
    embedded = sizes.get("token_embd.weight")
    return Shape(
        layers=_read_layers(architecture, values, heads),
        heads=heads,
        key_length=most("attention.key_length", head_length),
        value_length=most("attention.value_length", head_length),
        embedding_length=embedding,
        feed_forward_length=_widest(tensors, experts_used),
        vocabulary=embedded.shape[-1] if embedded and embedded.shape else most("vocab_size"),
        window=most("attention.sliding_window"),
        experts=most("expert_count"),
        experts_used=experts_used,
        state_bytes=_state_bytes(most),
        weights_bytes=sum(tensor.size_bytes for tensor in tensors),
        layer_bytes=sum(tensor.size_bytes for tensor in tensors if tensor.name.startswith("blk.")),
        input_bytes=embedded.size_bytes if embedded else 0,
        repackable_bytes=sum(tensor.size_bytes for tensor in tensors if tensor.kind in _REPACKED and tensor is not embedded),
    )


def _widest(tensors: Iterable[Tensor], experts_used: int) -> int:
    """Return the longest row that a feed-forward network narrows down again: a layer of experts may be another size than one without."""
    asked = {"ffn_down": 1, "ffn_down_exps": experts_used}
    matrices = ((tensor.name.split(".")[-2:-1], tensor.shape) for tensor in tensors)
    return max((shape[0] * asked[name[0]] for name, shape in matrices if shape and name and name[0] in asked), default=0)


def _read_layers(architecture: str, values: Mapping[str, tuple[int, ...]], heads: int) -> tuple[Layer, ...]:
    count = max(values.get("block_count") or (0,))
    if not 0 <= count <= _MOST_LAYERS:
        raise Malformed(f"it announces {count} layers")
    kv_heads = _one_a_layer(values.get("attention.head_count_kv") or (heads,), count)
    interval = max(values.get("full_attention_interval") or (1,))
    windowed = _read_windowed(architecture, values, count)
    return tuple(Layer(max(kv_heads[at], 0) if interval < 2 or (at + 1) % interval == 0 else 0, windowed[at]) for at in range(count))


def _read_windowed(architecture: str, values: Mapping[str, tuple[int, ...]], count: int) -> tuple[bool, ...]:
    """Return for each layer whether it sees a window only: as the file says it, else as llama.cpp knows the architecture."""
    pattern = values.get("attention.sliding_window_pattern") or ()
    if len(pattern) > 1:
        return tuple(bool(value) for value in _one_a_layer(pattern, count))
    period = pattern[0] if pattern else _WINDOW_PERIODS.get(architecture, 1)
    return tuple(period > 1 and at % period < period - 1 for at in range(count))


def _one_a_layer(values: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Spread one value over all layers; a list that is too short ends with zeros."""
    return values * count if len(values) == 1 else (values + (0,) * count)[:count]


def _state_bytes(most: Callable[[str], int]) -> int:
    """Return what a recurrent layer keeps of a sequence, in 32-bit numbers: the last columns of its convolution and its state."""
    columns, inner, state, groups = most("ssm.conv_kernel"), most("ssm.inner_size"), most("ssm.state_size"), most("ssm.group_count")
    return 4 * (max(columns - 1, 0) * (inner + 2 * groups * state) + inner * state)
