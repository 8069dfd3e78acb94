"""GGUF model files, read by their header alone."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from notewright.errors import ModelError
from notewright.llm.memory.metadata import MAGIC, Malformed, Metadata, read_metadata, read_values
from notewright.llm.memory.shape import Shape, read_shape

_VERSIONS = (2, 3)
_HINT = "download the model again and compare its size and SHA-256 with the publisher's"
_PART = re.compile(r"\A(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf\Z")
_MOST_PARTS = 1000
T = TypeVar("T")
# Names of general.file_type (llama.h, llama_ftype); a number not listed is shown as it is.
_QUANTIZATIONS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L",
    14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16",
    36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a model file says of itself. `context_length` is in tokens, 0 if it is not given; `size_bytes` is that of all its parts, and
    `quantization` as llama.cpp names it ("Q4_K_M"). A license that is not given is ""."""

    name: str
    architecture: str
    context_length: int
    size_bytes: int
    quantization: str
    license: str
    shape: Shape


def read_header(path: Path) -> Header:
    """Read the header of a GGUF file without its weights, and check that the file is as long as the header says. Of a model in parts
    ("-00001-of-00003.gguf") name the first: the others are read as well.

    Raises `ModelError` for a file that is missing, no GGUF, of an unknown version, malformed or cut short, and for another part.
    """
    parts = _find_parts(path)
    try:
        return _describe(path, parts, [_read_file(part) for part in parts])
    except Malformed as error:
        raise ModelError(f"the model file {path} is damaged: {error}", hint=_HINT) from error


def read_vocabulary(path: Path) -> dict[str, object]:
    """Read what a GGUF file says of its tokenizer, `tokenizer.…`, arrays whole; of a model in parts name the first. Raises as `read_header`
    does, but does not look at what follows."""
    try:
        return _open_file(path, lambda content: read_values(content, "tokenizer."))
    except Malformed as error:
        raise ModelError(f"the model file {path} is damaged: {error}", hint=_HINT) from error


def _describe(path: Path, parts: list[Path], found: list[Metadata]) -> Header:
    first = found[0]
    if (told := first.numbers.get("split.count", (1,))[0]) not in (0, 1, len(parts)):  # llama.cpp would not find the others
        raise ModelError(f"{path} is one of {told} parts of a model", hint=f"give it back its name, …-00001-of-{told:05}.gguf")
    architecture = first.texts.get("general.architecture", "")
    return Header(
        name=first.texts.get("general.name") or path.stem,
        architecture=architecture,
        context_length=first.numbers.get(f"{architecture}.context_length", (0,))[0],
        size_bytes=sum(part.stat().st_size for part in parts),
        quantization=_name_quantization(first),
        license=first.texts.get("general.license", ""),
        shape=read_shape(architecture, first.numbers, [tensor for part in found for tensor in part.tensors]),
    )


def _find_parts(path: Path) -> list[Path]:
    """Return the files of the model, the one named first."""
    match = _PART.match(path.name)
    if match is None or match["count"] == "00001":
        return [path]
    stem, number, count = match["stem"], int(match["number"]), int(match["count"])
    if number != 1:
        raise ModelError(f"{path} is part {number} of {count} of a model", hint=f"name its first part, {stem}-00001-of-{count:05}.gguf")
    if count > _MOST_PARTS:
        raise ModelError(f"{path} says that it is one of {count} parts", hint="no model has so many: rename the file")
    return [path.with_name(f"{stem}-{part:05}-of-{count:05}.gguf") for part in range(1, count + 1)]


def _read_file(path: Path) -> Metadata:
    return _open_file(path, lambda content: read_metadata(content, _is_wanted))


def _open_file(path: Path, read: Callable[[mmap.mmap], T]) -> T:
    if not path.is_file():  # a pipe would wait for ever
        raise ModelError(f"there is no model file {path}", hint="check the path, or choose --engine none")
    try:
        with path.open("rb") as file:
            _check_magic(path, file.read(len(MAGIC) + 4))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return read(content)
    except OSError as error:
        raise ModelError(f"cannot read the model file {path}: {error.strerror}", hint="name a readable GGUF file") from error


def _check_magic(path: Path, head: bytes) -> None:
    if head.startswith(b"version "):
        raise ModelError(f"{path} is a Git LFS pointer, not the model itself", hint="fetch it with git lfs pull")
    if not head.startswith(MAGIC) or len(head) < len(MAGIC) + 4:
        raise ModelError(f"{path} is no GGUF file", hint="llama.cpp reads GGUF only: choose a file that ends in .gguf")
    version = int.from_bytes(head[4:], "little")
    if version not in _VERSIONS:
        raise ModelError(f"{path} is a GGUF file of version {version}; known are 2 and 3", hint="convert it with llama.cpp's current tools")


def _is_wanted(key: str) -> bool:
    """Return whether a text or a list is of use: what describes the model, and no vocabulary."""
    return not key.startswith("tokenizer.")


def _name_quantization(metadata: Metadata) -> str:
    # the bit 1024 says that the type was guessed (llama.h, LLAMA_FTYPE_GUESSED)
    kind = metadata.numbers.get("general.file_type", (-1,))[0] & ~1024
    return "" if "general.file_type" not in metadata.numbers else _QUANTIZATIONS.get(kind, f"type {kind}")
