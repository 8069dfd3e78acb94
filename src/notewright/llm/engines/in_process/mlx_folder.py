"""A model's folder as mlx-lm reads it, looked at without loading anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.memory.gguf import Header
from notewright.llm.memory.shape import Layer, Shape
from notewright.rendering.canonical import canonical_line, digest

_HINT = "name a folder as mlx-lm writes it, with config.json, tokenizer.json and model*.safetensors"
_MOST_HEADER_BYTES = 100 << 20


def read_folder(folder: Path) -> Header:
    """Check that a folder holds a whole model, and return what its configuration says in the words of a GGUF header, so that its memory can
    be planned. Raises `ModelError`."""
    if not folder.is_dir():
        raise ModelError(f"there is no model folder {folder}", hint=_HINT)
    for pattern in ("config.json", "tokenizer.json", "model*.safetensors"):
        if not any(folder.glob(pattern)):
            raise ModelError(f"{folder} is no model for MLX: it has no {pattern}", hint=_HINT)
    try:
        config = json.loads((folder / "config.json").read_bytes())
        weights = sum(_read_weights(file) for file in sorted(folder.glob("model*.safetensors")))
        return _header(folder, config | config.get("text_config", {}), weights)
    except OSError as error:
        raise ModelError(f"cannot read the model {folder}: {error.strerror}", hint="name a readable folder") from error
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ModelError(f"the model {folder} is damaged: {error}", hint="download the model again") from error


def digest_folder(folder: Path, digests: Digests) -> str:
    """Return a digest of the weights and of all that decides how they are asked."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".safetensors", ".json", ".jinja"))
    return digest(canonical_line([[path.name, digests.of_file(path)] for path in files]))


def _read_weights(file: Path) -> int:
    """Return a file's size, compared with where its last tensor ends. Raises `ValueError` if it is cut short."""
    size = file.stat().st_size
    with file.open("rb") as content:
        header_bytes = int.from_bytes(content.read(8), "little")
        header = json.loads(content.read(min(header_bytes, _MOST_HEADER_BYTES)))
    ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
    if size < (least := 8 + header_bytes + max(ends, default=0)):
        raise ValueError(f"{file.name} is cut short at {size} bytes of {least}")
    return size


def _header(folder: Path, config: Mapping[str, object], weights_bytes: int) -> Header:
    def number(name: str, default: int = 0) -> int:
        value = config.get(name)
        return value if type(value) is int and value > 0 else default

    heads, embedding = number("num_attention_heads", 1), number("hidden_size")
    head = number("head_dim", embedding // heads)
    shape = Shape(
        layers=(Layer(number("num_key_value_heads", heads), windowed=False),) * number("num_hidden_layers"),
        heads=heads,
        key_length=head,
        value_length=head,
        embedding_length=embedding,
        feed_forward_length=number("intermediate_size"),
        vocabulary=number("vocab_size"),
        window=0,
        experts=0,
        experts_used=0,
        state_bytes=0,
        weights_bytes=weights_bytes,
        layer_bytes=0,
        input_bytes=0,
        repackable_bytes=0,
    )
    architecture, name = str(config.get("model_type", "")), folder.resolve().name
    return Header(name, architecture, number("max_position_embeddings"), weights_bytes, "", "", shape)
