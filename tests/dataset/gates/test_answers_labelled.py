"""Answers that a person has judged, held against their passages: what is true is kept, what is invented is caught."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from notewright.dataset.gates.answers import answer_faults
from notewright.dataset.gates.source import source_of
from notewright.dataset.passage import PassageText

_FILES = ("answers.yaml", "more_answers.yaml")
_CASES = [case for name in _FILES for case in yaml.safe_load((Path(__file__).parent / name).read_text("utf-8"))]


def labelled(truth: bool) -> Iterator[object]:
    for case in _CASES:
        passage = PassageText("", case["passage"]["text"], case["passage"]["header"], case["passage"]["language"], case["passage"]["path"])
        for question, answer, *reason in case[truth]:
            yield pytest.param(passage, question, answer, *reason, id=f"{passage.language}: {answer[:60]}")


@pytest.mark.parametrize(("passage", "question", "answer"), list(labelled(truth=True)))
def test_a_true_answer_is_kept(passage: PassageText, question: str, answer: str) -> None:
    assert answer_faults(question, answer, source_of(passage), most_characters=1_600) == ()


@pytest.mark.parametrize(("passage", "question", "answer", "reason"), list(labelled(truth=False)))
def test_an_invented_one_is_caught(passage: PassageText, question: str, answer: str, reason: str) -> None:
    faults = answer_faults(question, answer, source_of(passage), most_characters=1_600)
    assert reason in [fault.reason for fault in faults]


def test_there_are_enough_of_both_to_mean_something() -> None:
    assert len(list(labelled(truth=True))) >= 120
    assert len(list(labelled(truth=False))) >= 80
