"""llama.cpp in this process: files that are no model, templates of all kinds, and what its library says."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

from notewright.control import Cancel, ignore
from notewright.errors import Cancelled, ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.in_process.engine import InProcess
from notewright.llm.engines.in_process.llama_cpp import open_engine
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Messages, Request
from notewright.prompting.schema import list_of, text_of
from tests.parts.tiny_model import write_gguf

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed: pip install 'notewright[llama-cpp]'")

_HELLO = (Message("system", "You write notes."), Message("user", "hello"))


def _open(model: Path, *, context: int = 2048) -> InProcess:
    engine = open_engine(str(model), Opening(EngineSettings(context_window=context), Digests(None), ignore, 30))
    assert isinstance(engine, InProcess)
    return engine


def _prompt(model: Path, messages: Messages = _HELLO) -> str:
    """Return what the model reads, control tokens left out."""
    with closing(_open(model)) as engine:
        engine.count(messages)
        assert engine._resident.model
        return engine._resident.model.guidance.text(engine._resident.model.skeleton.tokens(messages))


def test_a_file_that_is_no_model_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("not a model")
    with pytest.raises(ModelError, match="is no GGUF file"):
        _open(tmp_path / "notes.gguf")
    with pytest.raises(ModelError, match="there is no model file"):
        _open(tmp_path / "absent.gguf")


def test_a_truncated_file_is_refused_when_it_is_opened(tiny_gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(tiny_gguf.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cut short"):
        _open(tmp_path / "cut.gguf")


def test_a_model_that_llama_cpp_refuses_is_an_error_with_what_it_said(
    tiny_gguf: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    strange = tmp_path / "strange.gguf"
    strange.write_bytes(tiny_gguf.read_bytes().replace(b"output_norm.weight", b"output_nrom.weight"))
    with closing(_open(strange)) as engine, pytest.raises(ModelError, match=r"cannot load .*strange\.gguf: .*output_norm") as failure:
        engine.count(_HELLO)
    assert failure.value.hint
    assert capfd.readouterr() == ("", ""), "and it is said once"


def test_a_model_that_was_refused_is_no_end_of_others(tiny_gguf: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.gguf"
    strange.write_bytes(tiny_gguf.read_bytes().replace(b"output_norm.weight", b"output_nrom.weight"))
    with closing(_open(strange)) as refused, closing(_open(tiny_gguf)) as engine:
        for _ in range(2):
            with pytest.raises(ModelError, match="cannot load"):
                refused.count(_HELLO)
        assert engine.count(_HELLO)


def test_cancelling_while_it_loads_loads_nothing(tiny_gguf: Path) -> None:
    with closing(_open(tiny_gguf)) as engine:
        cancel = Cancel()
        cancel.request()
        with pytest.raises(Cancelled), engine._resident.use(cancel):
            pass
        assert engine._resident.model is None


def test_a_long_prompt_is_left_in_the_middle_when_somebody_cancels(tiny_gguf: Path) -> None:
    with closing(_open(tiny_gguf, context=8192)) as engine:
        engine.count(_HELLO)
        long = (Message("system", "word " * 3_000), Message("user", "go"))
        cancel = Cancel()
        model = engine._resident.model
        assert model
        tokens = model.skeleton.tokens(long)
        assert len(tokens) > 3_000
        pulse = _StopsAfter(3, cancel)
        with pytest.raises(Cancelled):
            model.read(tokens, pulse)  # type: ignore[arg-type]  # a pulse that counts
        assert len(model._known) < len(tokens)  # type: ignore[attr-defined]
        assert engine.chat(Request("notes", _HELLO, list_of(text_of(at_most=9), at_most=2), 100), Cancel()).finish == "stop"


class _StopsAfter:
    """Wants to stop after it was asked so often whether it is time to."""

    def __init__(self, asked: int, cancel: Cancel) -> None:
        self._left = asked
        self._cancel = cancel

    @property
    def stopped(self) -> bool:
        self._left -= 1
        if self._left < 0:
            self._cancel.request()
        return self._left < 0

    def beat(self) -> None:
        self.check()

    def check(self) -> None:
        self._cancel.check()


def test_a_template_that_prints_the_date_gets_the_same_day_every_day(tmp_path: Path) -> None:
    dated = (
        "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}"
        "Today is {{ date_string }}.{% for m in messages %}<|im_start|>{{ m['content'] | trim }}<|im_end|>{% endfor %}"
    )
    assert "Today is 26 Jul 2024." in _prompt(write_gguf(tmp_path / "dated.gguf", template=dated))


def test_a_template_that_thinks_is_told_not_to(tmp_path: Path) -> None:
    thinking = (
        "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
        "{% if enable_thinking is defined and not enable_thinking %}<think></think>{% else %}<think>{% endif %}"
    )
    assert _prompt(write_gguf(tmp_path / "thinking.gguf", template=thinking)).endswith("<think></think>")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        pytest.param("<|im_start|>{{ messages[0]['content'] }}<|im_end|>", "leaves out a message", id="drops-a-message"),
        pytest.param("{{ raise_exception('no system role') }}", "fails: no system role", id="refuses"),
        pytest.param("{% for m in messages %}", "fails: ", id="broken"),
        pytest.param("{{ ''.__class__.__mro__ }}{{ messages[0].content }}", "fails: ", id="reaches-for-python"),
    ],
)
def test_a_template_that_cannot_be_used_is_an_error_with_its_reason(tmp_path: Path, template: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        _prompt(write_gguf(tmp_path / "other.gguf", template=template))


def test_a_model_without_a_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no chat template"):
        _prompt(write_gguf(tmp_path / "mute.gguf", template=None))


def test_a_model_that_wants_a_token_before_every_prompt_gets_one_of_them(tmp_path: Path) -> None:
    template = "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
    with closing(_open(write_gguf(tmp_path / "begins.gguf", template=template, begins=True))) as engine:
        engine.count(_HELLO)
        assert engine._resident.model
        tokens = engine._resident.model.skeleton.tokens(_HELLO)
    assert tokens[0] == 0
    assert tokens.count(0) == 1


def test_without_the_library_the_error_says_what_to_install(tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(ModelError, match="llama_cpp is not installed") as failure:
        _open(tiny_gguf)
    assert failure.value.hint == "pip install 'notewright[llama-cpp]'"
