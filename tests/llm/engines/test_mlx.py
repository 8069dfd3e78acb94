"""MLX in this process: folders that are no model, templates, and nothing of theirs that is run or fetched."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from notewright.control import Cancel, ignore
from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.in_process.engine import InProcess
from notewright.llm.engines.in_process.mlx import open_engine
from notewright.llm.engines.in_process.mlx_folder import read_folder
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import text_of
from tests.parts.tiny_model import write_folder

pytest.importorskip("mlx_lm", reason="mlx-lm is not installed: pip install 'notewright[mlx]'")

_HELLO = (Message("system", "You write notes."), Message("user", "hello"))


def _open(folder: Path) -> InProcess:
    engine = open_engine(str(folder), Opening(EngineSettings(context_window=2048), Digests(None), ignore, 30))
    assert isinstance(engine, InProcess)
    return engine


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model, to be changed."""
    return shutil.copytree(tiny_folder, tmp_path / "model")


def _configure(folder: Path, name: str, **values: object) -> None:
    file = folder / name
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_the_folder_says_what_a_memory_plan_needs(tiny_folder: Path) -> None:
    header = read_folder(tiny_folder)
    assert (header.name, header.architecture, header.context_length) == (tiny_folder.name, "llama", 8192)
    assert header.size_bytes == (tiny_folder / "model.safetensors").stat().st_size
    assert [layer.kv_heads for layer in header.shape.layers] == [2, 2]
    assert (header.shape.key_length, header.shape.embedding_length, header.shape.feed_forward_length) == (16, 64, 128)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused_when_it_is_opened(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match="is no model for MLX: it has no ") as failure:
        _open(folder)
    assert failure.value.hint


def _cut(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def _empty(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def _garble(folder: Path) -> None:
    (folder / "config.json").write_text("[1, 2")


def _list(folder: Path) -> None:
    (folder / "config.json").write_text("[1, 2]")


@pytest.mark.parametrize(("damage", "reason"), [(_cut, "cut short at"), (_empty, "damaged"), (_garble, "damaged"), (_list, "damaged")])
def test_a_damaged_model_is_refused_when_it_is_opened(folder: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=reason):
        _open(folder)


def test_a_folder_that_is_not_there_is_refused_and_looked_for_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="there is no model folder"):
        _open(Path("mlx-community/Some-Model-4bit"))


def test_nothing_is_fetched(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a model is loaded without any network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with closing(_open(tiny_folder)) as engine:
        assert engine.chat(Request("notes", _HELLO, text_of(at_most=9), 100), Cancel()).finish == "stop"


def test_code_that_a_folder_brings_is_not_run(folder: Path, tmp_path: Path) -> None:
    (folder / "model.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    _configure(folder, "config.json", model_file="model.py", auto_map={"AutoModel": "model.Model", "AutoTokenizer": ["model.T", None]})
    _configure(folder, "tokenizer_config.json", auto_map={"AutoTokenizer": ["model.T", None]})
    with closing(_open(folder)) as engine, pytest.raises(ModelError, match="mlx-lm cannot load"):
        engine.count(_HELLO)
    assert not (tmp_path / "ran").exists()


def test_an_architecture_that_mlx_does_not_know_is_an_error_with_its_name(folder: Path) -> None:
    _configure(folder, "config.json", model_type="yeti")
    with closing(_open(folder)) as engine, pytest.raises(ModelError, match=r"cannot load .*yeti"):
        engine.count(_HELLO)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        pytest.param("<|im_start|>{{ messages[0]['content'] }}<|im_end|>", "leaves out a message", id="drops-a-message"),
        pytest.param("{{ raise_exception('no system role') }}", "fails: no system role", id="refuses"),
        pytest.param("{% for m in messages %}", "fails: ", id="broken"),
        pytest.param("{{ ''.__class__.__mro__ }}{{ messages[0].content }}", "fails: ", id="reaches-for-python"),
        pytest.param(None, "has no chat template", id="none"),
    ],
)
def test_a_template_that_cannot_be_used_is_an_error_with_its_reason(tmp_path: Path, template: str | None, reason: str) -> None:
    with closing(_open(write_folder(tmp_path / "model", template=template))) as engine, pytest.raises(ModelError, match=reason):
        engine.count(_HELLO)


def test_a_template_that_thinks_is_told_not_to_and_the_date_stays_the_same(tmp_path: Path) -> None:
    template = (
        "Today is {{ date_string }}.{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
        "{% if enable_thinking is defined and not enable_thinking %}<think></think>{% else %}<think>{% endif %}"
    )
    with closing(_open(write_folder(tmp_path / "model", template=template))) as engine:
        engine.count(_HELLO)
        assert engine._resident.model
        prompt = engine._resident.model.guidance.text(engine._resident.model.skeleton.tokens(_HELLO))
    assert prompt.startswith("Today is 26 Jul 2024.")
    assert prompt.endswith("<think></think>")


def test_the_digest_changes_with_the_weights_and_with_the_template(folder: Path, tiny_folder: Path, tmp_path: Path) -> None:
    same = _open(folder).identity().digest
    assert same == _open(tiny_folder).identity().digest
    _configure(folder, "tokenizer_config.json", chat_template="other")
    assert same != _open(folder).identity().digest != _open(write_folder(tmp_path / "other", seed=1)).identity().digest


def test_without_the_library_the_error_says_what_to_install(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlx_lm", None)
    with pytest.raises(ModelError, match="mlx_lm is not installed") as failure:
        _open(tiny_folder)
    assert failure.value.hint == "pip install 'notewright[mlx]'"
