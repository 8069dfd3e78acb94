"""Memory of a model whose file is not here yet, told from its size alone."""

from __future__ import annotations

import re

# Bits of a parameter in a file, all tensors together, by the first digits of its quantization: 4-bit files keep some tensors in more.
_BITS = {"2": 3.2, "3": 3.9, "4": 4.85, "5": 5.7, "6": 6.6, "8": 8.5, "16": 16.0, "32": 32.0}
# Bytes of cache that a token takes: 110 kB in Qwen3 1.7B, 147 in 8B, 164 in 14B, 262 in a model of 27 billion.
_TOKEN_BYTES, _TOKEN_BYTES_PER_BILLION = 100_000, 6_000
_COMPUTE_BYTES = 400_000_000  # with the runtime


def estimate_weights(parameters: float, quantization: str) -> int:
    """Return about how large a file of so many billion parameters is, within a tenth of what publishers offer."""
    digits = re.search(r"\d+", quantization)
    return int(parameters * 1e9 * _BITS.get(digits[0] if digits else "", 16.0) / 8)


def estimate_memory(parameters: float, quantization: str, *, context: int) -> int:
    """Return about what such a model takes with a context of so many tokens."""
    cache = context * (_TOKEN_BYTES + _TOKEN_BYTES_PER_BILLION * parameters)
    return int(estimate_weights(parameters, quantization) + cache + _COMPUTE_BYTES)
