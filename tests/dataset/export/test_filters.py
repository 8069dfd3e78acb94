"""Files and pairs that may not be exported, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from notewright.config.config import Config
from notewright.config.dataset import DatasetConfig
from notewright.dataset.export.decontamination import Benchmarks
from notewright.dataset.export.filters import Admission, Filters, Rules, Screen
from notewright.dataset.export.reasons import REASONS, top_reasons
from notewright.dataset.export.takedown import Takedown
from notewright.dataset.pairs import StoredPair
from notewright.flows.dataset.settings import export_rules
from tests.parts.stored_pairs import stored_pair

URL = "https://example.org/team/one"
KEY = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hL3nR6"
MAIL = "jane.doe@northwind-traders.com"
WORDS = " ".join(f"word{number}" for number in range(13))


def screen_of(personal: Literal["redact", "drop", "keep"]) -> Screen | None:
    """Return what a configuration screens with."""
    return export_rules(Config(dataset=DatasetConfig(personal_data=personal)), Path(), Filters()).screen


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(), ""),
        (Rules(takedown=Takedown(repositories=frozenset({"team/one"}))), "takedown"),
        (Rules(license_allowed=lambda name: name == "Apache-2.0"), "licence"),
        (Rules(license_allowed=lambda name: name == "MIT"), ""),
        (Rules(filters=Filters(repositories=frozenset({"https://example.org/team/two"}))), "filtered"),
        (Rules(filters=Filters(repositories=frozenset({URL}))), ""),
        (Rules(filters=Filters(languages=frozenset({"Go"}))), "filtered"),
        (Rules(filters=Filters(licenses=frozenset({"ISC"}))), "filtered"),
        (Rules(filters=Filters(languages=frozenset({"Python"}), licenses=frozenset({"MIT"}))), ""),
    ],
)
def test_a_file_is_refused_for_a_reason(rules: Rules, reason: str) -> None:
    admission = Admission(rules)
    assert admission.accepts(stored_pair()) is not bool(reason)
    assert admission.refused == ({reason: 1} if reason else {})
    assert reason in ("", *REASONS)


@pytest.mark.parametrize(
    ("stored", "rules", "reason"),
    [
        (stored_pair(), Rules(), ""),
        (stored_pair(reason="echo"), Rules(), "echo"),
        (stored_pair(kind="why"), Rules(filters=Filters(kinds=frozenset({"what"}))), "filtered"),
        (stored_pair(kind="what"), Rules(filters=Filters(kinds=frozenset({"what"}))), ""),
        (stored_pair(verdict="poor"), Rules(filters=Filters(verdicts=frozenset({"good"}))), "filtered"),
        (stored_pair(question=f"Why {WORDS}?"), Rules(benchmarks=Benchmarks([WORDS])), "contaminated"),
        (stored_pair(answer=WORDS), Rules(benchmarks=Benchmarks([WORDS])), "contaminated"),
        (stored_pair(text=f"# {WORDS}"), Rules(benchmarks=Benchmarks([WORDS])), "contaminated"),
        (stored_pair(question=KEY), Rules(screen=screen_of("keep")), "secret"),
        (stored_pair(answer=KEY), Rules(screen=screen_of("keep")), "secret"),
        (stored_pair(text=f"token = '{KEY}'"), Rules(screen=screen_of("keep")), "secret"),
        (stored_pair(answer=MAIL), Rules(screen=screen_of("redact")), "personal"),
        (stored_pair(text=f"# {MAIL}"), Rules(screen=screen_of("drop")), "personal"),
        (stored_pair(text=f"# {MAIL}"), Rules(screen=screen_of("keep")), ""),
    ],
)
def test_a_pair_is_dropped_for_a_reason(stored: StoredPair, rules: Rules, reason: str) -> None:
    assert Admission(rules).reason(stored) == reason


def test_a_passage_is_screened_once_for_all_its_pairs() -> None:
    screened: list[str] = []

    def screen(text: str, language: str) -> str:
        screened.append(text)
        return "secret" if text == "bad" else ""

    admission = Admission(Rules(screen=screen))
    texts = ["good", "good", "good", "bad", "bad", "good"]
    reasons = [admission.reason(stored_pair(number, question="q", answer="a", text=text)) for number, text in enumerate(texts)]
    assert reasons == ["", "", "", "secret", "secret", ""]
    assert [text for text in screened if text in ("good", "bad")] == ["good", "bad", "good"]


def test_the_top_reasons_are_told_in_words() -> None:
    assert top_reasons({"echo": 2, "number": 1_000, "duplicate": 0}, {}) == "number 1,000, echo 2"
    assert top_reasons({}, {"licence": 3}) == "no pair; whole files: licence 3"
    assert top_reasons({}, {}) == "no pair"
