"""GGUF headers, whole and damaged."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.memory.gguf import read_header
from notewright.llm.memory.metadata import BLOCKS


def test_the_header_gives_name_architecture_context_and_size(tiny_gguf: Path) -> None:
    header = read_header(tiny_gguf)
    assert (header.name, header.architecture, header.context_length) == ("tiny-random-llama", "llama", 8192)
    assert header.size_bytes == tiny_gguf.stat().st_size


def test_the_sizes_of_tensor_types_are_those_of_the_gguf_package() -> None:
    theirs = {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {kind: BLOCKS.get(kind) for kind in theirs} == theirs


def test_values_of_every_type_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "full.gguf"
    out = gguf.GGUFWriter(path, "llama")
    out.add_bool("a.bool", val=True)
    out.add_float64("a.double", 1.5)
    out.add_int8("a.small", -1)
    out.add_uint64("a.large", 1 << 60)
    out.add_array("a.words", ["one", "two"])
    out.add_array("a.numbers", [1, 2, 3])
    out.add_custom_alignment(64)
    out.add_context_length(77)
    out.add_tensor("t", np.zeros((3, 5), np.float16))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    header = read_header(path)
    assert (header.name, header.context_length) == ("full", 77)
    _damage(path, slice(0, path.stat().st_size - 64))
    with pytest.raises(ModelError, match="cut short"):
        read_header(path)


def _damage(path: Path, keep: slice) -> None:
    path.write_bytes(path.read_bytes()[keep])


@pytest.mark.parametrize("share", [0.999, 0.5, 0.05, 0.001])
def test_a_download_that_was_cut_short_is_recognised(tiny_gguf: Path, tmp_path: Path, share: float) -> None:
    path = tmp_path / "cut.gguf"
    content = tiny_gguf.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match=r"cut short|ends at .* inside its header") as failure:
        read_header(path)
    assert "download the model again" in str(failure.value.hint)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is no GGUF file", id="empty"),
        pytest.param(b"GGU", "is no GGUF file", id="three-bytes"),
        pytest.param(b"PK\x03\x04 a zip file", "is no GGUF file", id="zip"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS pointer", id="lfs-pointer"),
        pytest.param(b"GGUF" + struct.pack("<I", 1) + bytes(16), "version 1", id="version-1"),
        pytest.param(b"GGUF" + struct.pack(">I", 3) + bytes(16), "version 50331648", id="big-endian"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "holds no weights", id="vocabulary-only"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 3, 1 << 62, 0), "announces 4611686018427387904 values", id="endless-tensors"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 62), "announces 4611686018427387904 values", id="endless-values"),
        pytest.param(b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1 << 63), "inside its header", id="endless-key"),
        pytest.param(b"GGUF" + struct.pack("<IQQQI", 3, 1, 1, 0, 99), "unknown type 99", id="unknown-type"),
        pytest.param(b"GGUF" + struct.pack("<IQQQIIQ", 3, 1, 1, 0, 9, 9, 1), "array of unknown type 9", id="array-of-arrays"),
        pytest.param(b"GGUF" + struct.pack("<IQQQI", 3, 1, 0, 0, 1 << 30), "announces 1073741824", id="endless-dimensions"),
    ],
)
def test_a_file_that_is_no_whole_model_says_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=message) as failure:
        read_header(path)
    assert failure.value.hint


def test_a_missing_file_a_folder_and_a_pipe_are_no_model(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    for path in (tmp_path / "missing.gguf", tmp_path, tmp_path / "pipe.gguf"):
        with pytest.raises(ModelError, match="there is no model file"):
            read_header(path)
        assert Digests(None).of(path) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_header_with_any_byte_changed_is_read_or_refused_but_never_crashes(tiny_gguf: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(tiny_gguf.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(4, 12_000))] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed.gguf"
    path.write_bytes(content)
    try:
        assert read_header(path).size_bytes == len(content)
    except ModelError as error:
        assert error.hint  # noqa: PT017  # either outcome is right, and both are looked at
