"""Evaluations beside earlier ones: what is a regression, and what is chance."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notewright.errors import UsageError
from notewright.flows.models_baseline import Regression, compare, evaluation_json, read_baseline
from notewright.flows.models_eval import Evaluation, Scores
from notewright.prompting.request import Identity

_NOW = Evaluation(
    engine=Identity("llama_server", "tiny.gguf", "sha256:1", 8192, "llama.cpp"),
    set_digest="sha256:2",
    prompt_digest="sha256:3",
    machine="a machine",
    scores=Scores(calls=100, valid=98, sentences=80, grounded=76, entries=80, covered=72, required=20, required_covered=19,
                  passages=10, answered=8, right=7),
    read_per_second=1000.0,
    written_per_second=50.0,
    memory_bytes=4_000_000_000,
    seconds=60.0,
    projects=(("a project", Scores(1, 1, 8, 8, 8, 8, 2, 2, 0, 0, 0)),),
)  # fmt: skip


def _compare(tmp_path: Path, *, machine: str = "a machine", **before: Any) -> list[str]:  # noqa: ANN401  # figures
    value = json.loads(evaluation_json(_NOW))
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(value | {"machine": machine, "figures": value["figures"] | before}))
    return [one.figure for one in compare(_NOW, read_baseline(path))]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param({}, [], id="the-same"),
        pytest.param({"valid": 1.0}, [], id="valid-within"),
        pytest.param(
            {"valid": 1.0, "grounded": 0.97, "covered": 0.94, "required": 0.97, "answered": 0.9, "right": 0.8}, [], id="all-within"
        ),
        pytest.param({"grounded": 0.981}, ["grounded"], id="grounded"),
        pytest.param({"covered": 0.96, "required": 1.0, "right": 0.81}, ["covered", "required", "right"], id="several-in-order"),
        pytest.param({"grounded": 0.5, "read_per_second": 1.0, "memory_bytes": 10**12}, [], id="better"),
        pytest.param({"read_per_second": 1400.0}, [], id="a-little-slower"),
        pytest.param({"read_per_second": 1500.0, "written_per_second": 80.0}, ["read_per_second", "written_per_second"], id="slower"),
        pytest.param({"memory_bytes": 3_600_000_000}, [], id="a-little-more-memory"),
        pytest.param({"memory_bytes": 3_000_000_000}, ["memory_bytes"], id="more-memory"),
        pytest.param({"answered": None, "memory_bytes": None, "read_per_second": None}, [], id="nothing-to-compare-with"),
    ],
)
def test_a_figure_is_a_regression_where_it_is_worse_than_tolerated(before: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert _compare(tmp_path, **before) == expected


def test_speed_and_memory_of_another_machine_are_not_compared(tmp_path: Path) -> None:
    assert _compare(tmp_path, machine="another", read_per_second=1e9, memory_bytes=1, grounded=1.0) == ["grounded"]


def test_a_regression_says_what_it_was_what_it_is_and_what_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    value = json.loads(evaluation_json(_NOW))
    path.write_text(json.dumps(value | {"figures": value["figures"] | {"written_per_second": 100.0}}))
    assert compare(_NOW, read_baseline(path)) == (Regression("written_per_second", 100.0, 50.0, "30% less"),)


def test_what_was_measured_with_another_set_is_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(evaluation_json(replace(_NOW, set_digest="sha256:other")))
    with pytest.raises(UsageError, match="other sections or passages"):
        compare(_NOW, read_baseline(path))
