"""What is looked for only where a quick look says that it may be is what is found by looking everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import detect_secrets
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from notewright.screening.assignments import CONFIGURATION, HINTS, assigned
from notewright.screening.finding import Finding, in_order
from notewright.screening.personal import _emails, _ipv4, _ipv6, find_personal
from notewright.screening.secrets import _BEFORE, _RUN, _has_runs, _places, _private_keys, _shaped, _windows, find_secrets, lower_ascii
from notewright.screening.shapes import shapes
from tests.house.architecture import ROOT

_FOLDERS = [
    ROOT / "src/notewright/dataset",
    ROOT / "tests/screening",
    ROOT / "docs",
    *(Path(package.__path__[0]) for package in (detect_secrets, tokenizers)),
]
# What hints, what comes between a name and its value, and values.
_PIECES = [
    *"password passwd API_KEY key Token secret auth pwd credentials sig sig= str define export".split(),
    *"= =' =\" \" ' ` => -> ( [0] ] < > </ ? & $ { - . _ # : @ ::".split(),
    *"hunter2! x9$Tq7!z Zx81kPq0Vb72mNcL4tYw ſ K İ — joe@corp.io 8.8.8.8 .1.2.3 2001:4860:4860::8888 https:// u:p4ss@".split(),
    *"ghp_ sk- AKIA xoxb-12- eyJ aws_key AKC 8Q~ -us1 cloudant glpat-".split(),
    *("\n", "\n", " ", "\t", ": ", " = ", " --password ", "bearer hvs.", "Basic ", "-----BEGIN PRIVATE KEY-----\n"),
    *("a1" * 15, "x" * 30, "1" * 25, "QUJD" * 10, "é" * 22),
]
_TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8)), max_size=60).map("".join)


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)
def test_files_are_screened_as_by_looking_everywhere(folder: Path) -> None:
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in {".py", ".md", ".yaml"}:
            text = path.read_text(encoding="utf-8")
            for piece in (text[start : start + 6_000] for start in range(0, len(text), 6_000)):
                assert find_secrets(piece) == _secrets_everywhere(piece, configuration=False), path
                assert find_personal(piece) == _personal_everywhere(piece), path


@given(_TEXTS, st.sampled_from(["", *sorted(CONFIGURATION)[:2]]))
def test_texts_are_screened_as_by_looking_everywhere(text: str, language: str) -> None:
    assert find_secrets(text, language=language) == _secrets_everywhere(text, configuration=bool(language))
    assert find_personal(text) == _personal_everywhere(text)


def _secrets_everywhere(text: str, *, configuration: bool) -> tuple[Finding, ...]:
    lowered = lower_ascii(text)
    findings = list(_private_keys(text))
    for shape in shapes(run=False):
        places = _places(lowered if shape.any_case else text, shape.hints)
        findings += _shaped(text, lowered, _windows(text, places), (shape,))
    if _has_runs(text):
        findings += _shaped(text, lowered, _windows(text, _runs(text)), shapes(run=True))
    for start, end in _windows(text, _places(lowered, HINTS)):
        spans = assigned(text[start:end], configuration=configuration)
        findings += [Finding("assigned-secret", start + first, start + last) for first, last in spans]
    return in_order(findings)


def _runs(text: str) -> Iterator[int]:
    for match in _RUN.finditer(text):
        yield from range(match.start(), match.end(), _BEFORE)


def _personal_everywhere(text: str) -> tuple[Finding, ...]:
    return in_order((*_emails(text), *_ipv4(text), *_ipv6(text)))
