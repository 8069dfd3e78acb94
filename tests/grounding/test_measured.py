"""How much the checks catch, measured on sentences with decided labels."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notewright.grounding.checks import Claim, Said, Style, check_claim, verdict
from notewright.grounding.facts import Fact
from tests.parts.histories import shared_folder

_STYLE = Style(most_words=40, most_words_breaking=60, plain_words=False)
_HARD = ("number", "version", "identifier", "reference", "date", "injection")
_MEANING = ("polarity", "invented-performance", "invented-security", "invented-compat", "deprecation")
_OWN = Path(__file__).with_name("hard_tokens.jsonl")
_DEVELOPMENT = Path(__file__).resolve().parents[2] / "bench" / "claims" / "development.jsonl"


def fact(values: dict[str, Any]) -> Fact:
    return Fact(
        id=values.get("id", "c-1"),
        type=values["type"],
        scope=values["scope"],
        summary=values["summary"],
        breaking=values.get("breaking", values["breaking_text"] is not None),
        breaking_text=values["breaking_text"],
        security=values["security"],
        references=tuple(values["references"]),
        commits=tuple(values.get("commits", ())),
    )


def decided() -> Iterator[tuple[str, str, bool]]:
    """Yield (kind, text, blocked) of the project's own sentences; the kind of a true one is "faithful"."""
    for line in _OWN.read_text("utf-8").splitlines():
        row = json.loads(line)
        known = {"c-1": fact(row["entry"])}
        labelled = [("faithful", text) for text in row["faithful"]] + [(wrong["kind"], wrong["text"]) for wrong in row["corrupt"]]
        for kind, text in labelled:
            yield kind, text, verdict(check_claim(Claim(text, ("c-1",)), known, style=_STYLE, said=Said())) == "block"


def shared() -> Iterator[tuple[str, str, bool]]:
    path = shared_folder() / "cases" / "claims.jsonl"
    if not path.is_file():
        pytest.skip(f"no decided sentences: {path} is missing")
    yield from labelled(path)


def development() -> Iterator[tuple[str, str, bool]]:
    yield from labelled(_DEVELOPMENT)


def labelled(path: Path) -> Iterator[tuple[str, str, bool]]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        known = {entry["id"]: fact(entry) for group in row["section"]["groups"] for entry in group["entries"]}
        for sentence in () if "coverage" in row else row["sentences"]:
            claim = Claim(sentence["text"], tuple(sentence["cites"]))
            kind = "faithful" if sentence["label"] == "faithful" else sentence["kind"]
            yield kind, claim.text, verdict(check_claim(claim, known, style=_STYLE, said=Said())) == "block"


@pytest.mark.parametrize("rows", [shared, development], ids=["shared", "development"])
def test_sentences_that_mean_something_else_are_caught(rows: Callable[[], Iterator[tuple[str, str, bool]]]) -> None:
    judged = [block for kind, _, block in rows() if kind in _MEANING]
    assert sum(judged) >= 0.9 * len(judged)


@pytest.mark.parametrize("rows", [decided, shared, development], ids=["own", "shared", "development"])
def test_hard_tokens_are_caught_and_true_sentences_are_not(rows: Callable[[], Iterator[tuple[str, str, bool]]]) -> None:
    total, blocked = Counter[str](), Counter[str]()
    wrong = []
    for kind, text, block in rows():
        total[kind] += 1
        blocked[kind] += block
        if (kind == "faithful") == block and (kind in _HARD or kind == "faithful"):
            wrong.append(f"{kind}: {text}")
    caught, hard = sum(blocked[kind] for kind in _HARD), sum(total[kind] for kind in _HARD)
    told = [f"hard tokens caught {caught} of {hard}; true sentences blocked {blocked['faithful']} of {total['faithful']}", *wrong]
    told.append(", ".join(f"{kind} {blocked[kind]}/{total[kind]}" for kind in sorted(total)))
    print(*told, sep="\n")  # noqa: T201  # the figures, for pytest -s and failures
    assert caught >= 0.97 * hard
    assert blocked["faithful"] <= 0.03 * total["faithful"]
