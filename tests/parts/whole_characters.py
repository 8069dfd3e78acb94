"""A tiny model that writes whole characters, as trained ones do."""

from __future__ import annotations

from pathlib import Path

import gguf
from tokenizers.decoders import ByteLevel


def write_whole_characters(model: Path) -> Path:
    """Change a GGUF file so that a token which is a part of a character is written only where nothing else may stand.

    llama.cpp's grammar lets through bytes that are no character (F5 to FF begin none), and a random model writes them: its /v1 then
    shows four characters in place of one, or fails with "does not match the expected peg-native format". Through /completion they
    are not seen, because llguidance, with which the wheel is built, enforces the schema there.
    """
    reader = gguf.GGUFReader(model, "r+")
    tokens = reader.fields["tokenizer.ggml.tokens"]
    (output,) = (tensor for tensor in reader.tensors if tensor.name == "output.weight")
    for row, part in enumerate(tokens.data):
        if "\ufffd" in ByteLevel().decode([bytes(tokens.parts[part]).decode()]):
            output.data[row] = 0  # among hundreds of others one is always likelier than that
    return model
