from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.dataset.near import BANDS, SIMILAR, band_keys, estimate, signature
from notewright.errors import NotewrightError

_QUESTION = "What does parse_log return?"
_ANSWER = (
    "It returns a tuple of commits, one for each record that git printed, in the order of the log. "
    "A record that cannot be read raises ValueError, with its number and the reason."
)


def test_a_signature_is_the_same_on_every_platform_and_in_every_version() -> None:
    """Signatures are stored: another library or another way to cut words would compare them with strangers."""
    made = signature(_QUESTION, _ANSWER)
    assert len(made) == 256
    assert made.hex() == (
        "b987f993cda84ac01f9f3bc23aa4dc0b644ac1c1ab5c2c404f96237d88cbd9c0cf408a3b42a6f8a224e8ea68e4c189c97a489612e3000516b0335214a7c7aca6"
        "33696cc1b4543b05875b6b2240016708181164b34c8c9c36617202aeca2b4fc3e180b332be316ec3a6ca0f0cf1896dc3403ba931600ee5c045d885145fb4e2bc"
        "e842bbc235dae47dcc70c7119c98e4576248abb52d9a411e1dea508ee674f70618648e6dd5244a3f2f5709c199d142b86d687323d6093f2a02f5b4308c402516"
        "95fa33c08517791a328ace0f875589432aee3127403899c19bc8cc387546d7647da15363d57df597994904591fd5b89c1145b36d78cea1802582b61adc7b5d53"
    )


@pytest.mark.parametrize(
    ("question", "answer", "near"),
    [
        pytest.param(_QUESTION, _ANSWER, True, id="the same"),
        pytest.param(_QUESTION.upper(), _ANSWER.replace(".", "!"), True, id="other case and other marks"),
        pytest.param("What does parse_log give back?", _ANSWER, True, id="a word of the question"),
        pytest.param(
            _QUESTION, "It returns nothing: it prints each commit and goes on to the next record of the log.", False, id="another answer"
        ),
        pytest.param("How are tags sorted?", "By version, the newest first, and those that are no version last.", False, id="another pair"),
    ],
)
def test_pairs_that_say_the_same_in_nearly_the_same_words_are_near(question: str, answer: str, *, near: bool) -> None:
    assert (estimate(signature(_QUESTION, _ANSWER), signature(question, answer)) >= SIMILAR) is near


def test_near_pairs_share_a_band() -> None:
    one, other = signature(_QUESTION, _ANSWER), signature("What does parse_log give back?", _ANSWER)
    assert set(band_keys(one)) & set(band_keys(other))
    assert len(set(band_keys(one))) == BANDS


@given(st.text(), st.text())
def test_any_text_has_a_signature_and_equals_itself(question: str, answer: str) -> None:
    made = signature(question, answer)
    assert estimate(made, signature(question, answer)) == 1.0
    assert len(band_keys(made)) == BANDS


def test_without_rensa_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from notewright.dataset import near

    near._minhash.cache_clear()
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(NotewrightError) as failed:
        signature(_QUESTION, _ANSWER)
    assert failed.value.hint == "pip install 'notewright[dataset]'"
    near._minhash.cache_clear()
