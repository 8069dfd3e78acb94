"""GGUF files of a real model's size and shape with nothing in them: what loading takes is measured, what they say is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from tokenizers import Tokenizer

from tests.parts.tiny_model import _SPECIAL, CHATML, _train_tokenizer


@dataclass(frozen=True, slots=True)
class SyntheticShape:
    """A llama of this shape, its matrices stored as `kind`; `tied` without an output matrix of its own."""

    layers: int
    embedding: int
    feed_forward: int
    heads: int
    kv_heads: int
    vocabulary: int
    context: int
    kind: Kind
    tied: bool = False


# 150, 440 and 230 MB: keys and values are shared by three heads, by two, and by all
MEDIUM = SyntheticShape(9, 768, 2048, 12, 4, 32_000, 8192, Kind.F16, tied=True)
LARGE = SyntheticShape(12, 1280, 4096, 16, 8, 64_000, 16_384, Kind.Q8_0)
REARRANGED = SyntheticShape(12, 1280, 4096, 16, 1, 64_000, 16_384, Kind.Q4_0)


def write_synthetic(path: Path, shape: SyntheticShape) -> Path:
    """Write a model of this shape to `path` and return it. All weights are zero, and take no place on the disk."""
    out = gguf.GGUFWriter(path, "llama")
    _add_shape(out, shape)
    _add_tokenizer(out, _train_tokenizer(), size=shape.vocabulary)
    size_bytes = 0
    for name, rows, columns in _matrices(shape):
        kind = shape.kind if rows > 1 else Kind.F32
        elements, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        tensor_bytes = rows * columns // elements * block_bytes
        lengths = (rows, columns) if rows > 1 else (columns,)
        out.add_tensor_info(f"{name}.weight", lengths, np.dtype(np.float32), tensor_bytes, raw_dtype=kind)
        size_bytes += gguf.GGUFWriter.ggml_pad(tensor_bytes, out.data_alignment)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_ti_data_to_file()
    out.close()
    with path.open("r+b") as file:
        file.truncate(gguf.GGUFWriter.ggml_pad(path.stat().st_size, out.data_alignment) + size_bytes)
    return path


def _add_shape(out: gguf.GGUFWriter, shape: SyntheticShape) -> None:
    out.add_name("synthetic-llama")
    out.add_context_length(shape.context)
    out.add_embedding_length(shape.embedding)
    out.add_block_count(shape.layers)
    out.add_feed_forward_length(shape.feed_forward)
    out.add_head_count(shape.heads)
    out.add_head_count_kv(shape.kv_heads)
    out.add_rope_dimension_count(shape.embedding // shape.heads)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_vocab_size(shape.vocabulary)


def _add_tokenizer(out: gguf.GGUFWriter, tokenizer: Tokenizer, *, size: int) -> None:
    """Add the tiny model's vocabulary, filled up to this size with tokens that no text has."""
    numbers = tokenizer.get_vocab()
    tokens = sorted(numbers, key=numbers.__getitem__)
    unused = size - len(tokens)
    kinds = [gguf.TokenType.CONTROL if token in _SPECIAL else gguf.TokenType.NORMAL for token in tokens]
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("qwen2")
    out.add_token_list([*tokens, *(f"<unused-{number}>" for number in range(unused))])
    out.add_token_types([*kinds, *[gguf.TokenType.UNUSED] * unused])
    out.add_token_merges([" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]])
    out.add_bos_token_id(numbers["<|endoftext|>"])
    out.add_eos_token_id(numbers["<|im_end|>"])
    out.add_add_bos_token(value=False)
    out.add_chat_template(CHATML)


def _matrices(shape: SyntheticShape) -> Iterator[tuple[str, int, int]]:
    """Give the name, rows and columns of each tensor."""
    kept = shape.embedding // shape.heads * shape.kv_heads
    yield "token_embd", shape.vocabulary, shape.embedding
    yield "output_norm", 1, shape.embedding
    if not shape.tied:
        yield "output", shape.vocabulary, shape.embedding
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield block + "attn_norm", 1, shape.embedding
        yield block + "attn_q", shape.embedding, shape.embedding
        yield block + "attn_k", kept, shape.embedding
        yield block + "attn_v", kept, shape.embedding
        yield block + "attn_output", shape.embedding, shape.embedding
        yield block + "ffn_norm", 1, shape.embedding
        yield block + "ffn_gate", shape.feed_forward, shape.embedding
        yield block + "ffn_up", shape.feed_forward, shape.embedding
        yield block + "ffn_down", shape.embedding, shape.feed_forward
