from __future__ import annotations

import time

import pytest

from notewright.grounding.tokens import scan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Safari 17 and Python 3.8", [("version", "17"), ("version", "3.8")], id="numbers-after-names-are-versions"),
        pytest.param("v1.2.3-rc.1, 1.0.0a0, 3.x.", [("version", "v1.2.3-rc.1"), ("version", "1.0.0a0"), ("version", "3.x")], id="versions"),
        pytest.param("bump to 0.2.0-beta.", [("version", "0.2.0-beta")], id="a-full-stop-ends-a-version"),
        pytest.param("212kB to 38 kB", [("quantity", "212kB"), ("quantity", "38 kB")], id="units-with-and-without-a-blank"),
        pytest.param("five attempts per minute", [("number", "five"), ("rate", "per minute")], id="rate"),
        pytest.param(
            "half an hour, twice, 3x", [("quantity", "half an hour"), ("quantity", "twice"), ("quantity", "3x")], id="words-for-amounts"
        ),
        pytest.param("one of them is the only one", [], id="one-is-a-pronoun"),
        pytest.param("1 024 rows, 10,000 rows", [("number", "1 024"), ("number", "10,000")], id="thousands-separators"),
        pytest.param(
            "CVE-2026-38841 and GHSA-8x4m-2f7p-qq9w", [("advisory", "CVE-2026-38841"), ("advisory", "GHSA-8x4m-2f7p-qq9w")], id="advisories"
        ),
        pytest.param(
            "#12, GH-7, o/r#3, PR 9, 3fa9c1d2",
            [("reference", "#12"), ("reference", "GH-7"), ("reference", "o/r#3"), ("reference", "PR 9"), ("reference", "3fa9c1d2")],
            id="references",
        ),
        pytest.param(
            "on 1 June 2027, in May, next spring", [("date", "1 June 2027"), ("date", "in May"), ("date", "next spring")], id="dates"
        ),
        pytest.param("It may march on; the fall of the year", [], id="verbs-are-no-months"),
        pytest.param("see https://x.example/a?b=1.", [("url", "https://x.example/a?b=1")], id="url-without-its-full-stop"),
        pytest.param("`Grid columns={12}` in ``a`b``", [("code", "Grid columns={12}"), ("code", "a`b")], id="code-spans-are-one-token"),
        pytest.param(
            "max_distance readFile MAX_SIZE app.config.ts --dry-run $HOME src/auth/x.py render()",
            [
                ("identifier", name)
                for name in ("max_distance", "readFile", "MAX_SIZE", "app.config.ts", "--dry-run", "$HOME", "src/auth/x.py", "render()")
            ],
            id="identifiers",
        ),
        pytest.param(
            "UTF-8, 2FA, base64, STRtree, EXIF",
            [("identifier", name) for name in ("UTF-8", "2FA", "base64", "STRtree", "EXIF")],
            id="names",
        ),
        pytest.param("e.g. read/write and/or the API, i.e. tree-shake it", [], id="ordinary-words-are-no-identifiers"),
    ],
)
def test_the_grammar_finds_what_a_sentence_must_not_invent(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(token.kind, token.text) for token in scan(text)] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8 s", "8s"),
        ("90 seconds", "1.5 min"),
        ("half an hour", "30 minutes"),
        ("two weeks", "14 days"),
        ("10M", "ten million"),
        ("1,000,000", "1 000 000"),
        ("50%", "fifty per cent"),
        ("three times", "3x"),
        ("v1.4.0", "1.4.0"),
        ("GH-7", "#7"),
        ("hourly", "per hour"),
        ("2026-06-01", "1 June 2026"),
        ("June 1st, 2026", "1 June 2026"),
        ("1.2 GB", "1200 MB"),
        ("twenty-five", "25"),
    ],
    ids=lambda text: text.replace(" ", "-"),
)
def test_two_spellings_of_one_thing_are_equal(one: str, other: str) -> None:
    first, second = scan(one), scan(other)
    assert len(first) == len(second) == 1
    assert first[0].keys & second[0].keys


@pytest.mark.parametrize(
    ("one", "other"),
    [("8 s", "8 ms"), ("3.1", "3.10"), ("1.2 GB", "1.2 MB"), ("per hour", "per minute"), ("#12", "o/r#12"), ("five", "fifty")],
    ids=lambda text: text.replace(" ", "-"),
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert not scan(one)[0].keys & scan(other)[0].keys


@pytest.mark.parametrize(
    "text",
    [
        "a" * 4000,
        "_a" * 2000,
        "a/" * 2000,
        "a." * 2000,
        "9" * 4000,
        "1,000" * 800,
        "`a" * 2000,
        "`" * 4000,
        "@a" * 2000,
        "two " * 1000,
        "a, " * 1300,
    ],
    ids=lambda text: text[:5],
)
def test_a_hostile_line_costs_no_time(text: str) -> None:
    started = time.process_time()
    scan(text)
    assert time.process_time() - started < 2  # some milliseconds; a regular expression that backtracks takes hours
