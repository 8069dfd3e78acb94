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
from notewright.llm.memory.shape import Layer

Values = dict[str, int | str | list[int] | list[bool]]
# one number, of 2^30 layers of no architecture, and one tensor of no size
_LAYERS = (
    b"GGUF"
    + struct.pack("<IQQQ", 3, 1, 1, 12)
    + b".block_count"
    + struct.pack("<II", 4, 1 << 30)
    + struct.pack("<QIQIQ", 0, 1, 0, 0, 0)
    + bytes(32)
)


def test_the_header_gives_name_architecture_context_and_size(tiny_gguf: Path) -> None:
    header = read_header(tiny_gguf)
    assert (header.name, header.architecture, header.context_length) == ("tiny-random-llama", "llama", 8192)
    assert header.size_bytes == tiny_gguf.stat().st_size


def test_the_header_gives_the_shape_that_memory_depends_on(tiny_gguf: Path) -> None:
    header = read_header(tiny_gguf)
    shape = header.shape
    assert (header.quantization, header.license) == ("F32", "")
    assert shape.layers == (Layer(2, windowed=False),) * 2
    assert (shape.heads, shape.key_length, shape.value_length, shape.embedding_length, shape.feed_forward_length) == (4, 16, 16, 64, 128)
    assert (shape.window, shape.experts, shape.experts_used, shape.state_bytes, shape.repackable_bytes) == (0, 0, 0, 0, 0)
    # two matrices of the vocabulary beside the layers, and the last norm
    assert shape.weights_bytes == shape.layer_bytes + 2 * shape.input_bytes + 64 * 4
    assert shape.input_bytes == shape.vocabulary * 64 * 4


def _write(path: Path, architecture: str, values: Values, tensors: dict[str, tuple[int, ...]]) -> Path:
    """Write a model of these values and of half-precision tensors."""
    out = gguf.GGUFWriter(path, architecture)
    for key, value in values.items():
        if isinstance(value, list):
            out.add_array(key, value)
        elif isinstance(value, str):
            out.add_string(key, value)
        else:
            out.add_uint32(key, value)
    for name, shape in tensors.items():
        out.add_tensor(name, np.zeros(shape, np.float16))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path


def test_a_hybrid_keeps_keys_only_in_its_layers_with_attention(tmp_path: Path) -> None:
    values: Values = {
        "general.license": "apache-2.0",
        "general.file_type": 15,
        "falcon-h1.block_count": 4,
        "falcon-h1.embedding_length": 32,
        "falcon-h1.attention.head_count": 4,
        "falcon-h1.attention.head_count_kv": [0, 2, 0, 1],
        "falcon-h1.ssm.conv_kernel": 4,
        "falcon-h1.ssm.inner_size": 64,
        "falcon-h1.ssm.state_size": 16,
        "falcon-h1.ssm.group_count": 1,
    }
    header = read_header(_write(tmp_path / "hybrid.gguf", "falcon-h1", values, {"token_embd.weight": (100, 32)}))
    assert (header.license, header.quantization, header.shape.vocabulary) == ("apache-2.0", "Q4_K_M", 100)
    assert [layer.kv_heads for layer in header.shape.layers] == [0, 2, 0, 1]
    assert header.shape.state_bytes == 4 * (3 * (64 + 2 * 16) + 16 * 64)


def test_every_fourth_layer_of_qwen3_next_has_attention(tmp_path: Path) -> None:
    values: Values = {
        "qwen3next.block_count": 8,
        "qwen3next.attention.head_count": 16,
        "qwen3next.attention.head_count_kv": 2,
        "qwen3next.full_attention_interval": 4,
    }
    header = read_header(_write(tmp_path / "next.gguf", "qwen3next", values, {"token_embd.weight": (100, 32)}))
    assert [layer.kv_heads for layer in header.shape.layers] == [0, 0, 0, 2, 0, 0, 0, 2]


@pytest.mark.parametrize(
    ("architecture", "pattern", "windowed"),
    [
        pytest.param("gemma3", None, [True] * 5 + [False, True], id="as-llama.cpp-knows-gemma3"),
        pytest.param("gemma3", 2, [True, False, True, False, True, False, True], id="a-period-of-its-own"),
        pytest.param("gemma4", [True, True, False, True, True, False, False], [True, True, False, True, True, False, False], id="a-list"),
        pytest.param("unheard", None, [False] * 7, id="an-unknown-one-keeps-all"),
    ],
)
def test_layers_with_a_window_are_known(tmp_path: Path, architecture: str, pattern: int | list[bool] | None, windowed: list[bool]) -> None:
    values: Values = {
        f"{architecture}.block_count": 7,
        f"{architecture}.attention.sliding_window": 512,
        **({} if pattern is None else {f"{architecture}.attention.sliding_window_pattern": pattern}),
    }
    header = read_header(_write(tmp_path / "windowed.gguf", architecture, values, {"token_embd.weight": (100, 32)}))
    assert header.shape.window == 512
    assert [layer.windowed for layer in header.shape.layers] == windowed


def test_a_token_is_widened_by_all_experts_that_it_asks(tmp_path: Path) -> None:
    values: Values = {"qwen3moe.block_count": 1, "qwen3moe.expert_count": 8, "qwen3moe.expert_used_count": 3}
    tensors = {"token_embd.weight": (100, 32), "blk.0.ffn_down_exps.weight": (8, 32, 16)}
    shape = read_header(_write(tmp_path / "experts.gguf", "qwen3moe", values, tensors)).shape
    assert (shape.experts, shape.experts_used, shape.feed_forward_length) == (8, 3, 48)


def test_a_model_in_parts_is_read_as_one_and_named_by_its_first(tmp_path: Path) -> None:
    parts = [tmp_path / f"model-0000{number}-of-00002.gguf" for number in (1, 2)]
    _write(parts[0], "llama", {"split.count": 2, "llama.block_count": 1}, {"token_embd.weight": (100, 32)})
    with pytest.raises(ModelError, match=r"there is no model file .*00002-of-00002"):
        read_header(parts[0])
    _write(parts[1], "llama", {"split.count": 2}, {"blk.0.ffn_down.weight": (32, 64)})
    header = read_header(parts[0])
    assert header.size_bytes == sum(part.stat().st_size for part in parts)
    assert (header.shape.weights_bytes, header.shape.layer_bytes) == (100 * 32 * 2 + 32 * 64 * 2, 32 * 64 * 2)
    with pytest.raises(ModelError, match="part 2 of 2") as failure:
        read_header(parts[1])
    assert failure.value.hint == "name its first part, model-00001-of-00002.gguf"
    with pytest.raises(ModelError, match="one of 2 parts"):
        read_header(parts[0].rename(tmp_path / "renamed.gguf"))


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
        pytest.param(_LAYERS, "announces 1073741824 layers", id="endless-layers"),
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
