"""section.json and ledger.json are read back as they were written, and nothing else is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewright.changelog.codec import (
    MOST_BYTES,
    ledger_json,
    ledger_values,
    read_releases,
    read_section,
    releases_line,
    section_json,
    section_values,
)
from notewright.changelog.layout.links import links_to
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.layout.presets import PRESETS
from notewright.changelog.rules import Tracker
from notewright.changelog.section import Contributor, Entry, Group, LedgerLine, Section, Totals
from notewright.errors import RepositoryError
from notewright.rendering.canonical import canonical_line
from tests.parts.sections import sections

_LINKS = links_to("https://github.com/acme/app", trackers=[Tracker("[A-Z]+-[0-9]+", "https://jira.example.org/browse/{0}")])
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
_MAYBE = st.none() | _TEXT
_TEXTS = st.lists(_TEXT, max_size=3).map(tuple)
_ENTRIES = st.builds(
    Entry,
    id=st.uuids().map(str),
    type=_MAYBE,
    scope=_MAYBE,
    summary=_TEXT,
    breaking=st.booleans(),
    breaking_text=_MAYBE,
    security=st.booleans(),
    references=_TEXTS,
    commits=st.lists(_TEXT, min_size=1, max_size=3).map(tuple),
    authors=_TEXTS,
)
_OUTCOMES = st.sampled_from(["shown", "folded", "hidden"])
_SECTIONS = st.builds(
    Section,
    version=_MAYBE,
    tag=_MAYBE,
    previous=_MAYBE,
    date=_MAYBE,
    totals=st.builds(Totals, *[st.integers(0, 9)] * 4),
    contributors=st.lists(st.builds(Contributor, _TEXT, st.integers(0, 9), st.booleans()), max_size=3).map(tuple),
    groups=st.lists(st.builds(Group, _TEXT, st.lists(_ENTRIES, max_size=3).map(tuple)), max_size=3).map(tuple),
    ledger=st.lists(st.builds(LedgerLine, _TEXT, _TEXT, _OUTCOMES, _TEXTS, _TEXT), max_size=3).map(tuple),
)


def plain(section: Section) -> dict[str, Any]:
    """A section with its ledger, as one release of `changelog --format json`."""
    return {"schema": 1, **section_values(section), "ledger": ledger_values(section)}


@given(_SECTIONS)
def test_a_section_is_read_back_as_it_was_written(section: Section) -> None:
    content = section_json(section)
    assert read_section(content) == replace(section, ledger=())
    assert section_json(read_section(content)) == content
    assert read_section(json.dumps(plain(section)).encode()) == section


@given(_SECTIONS)
def test_a_ledger_has_one_line_a_commit_in_its_order(section: Section) -> None:
    values = json.loads(ledger_json(section))
    assert (values["schema"], values["version"], len(values["ledger"])) == (1, section.version, len(section.ledger))
    assert [tuple(line[name] for name in ("sha", "subject", "outcome", "rule")) for line in values["ledger"]] == [
        (line.sha, line.subject, line.outcome, line.rule) for line in section.ledger
    ]


ENTRY = Entry("c-1", "feat", None, "a", breaking=False, breaking_text=None, security=False, references=(), commits=("x",), authors=("Ada",))
SECTION = Section("1.0.0", "v1.0.0", None, "2026-01-01", Totals(1, 1, 0, 0), (), (Group("Features", (ENTRY,)),), ())


def test_only_groups_are_needed_of_a_section() -> None:
    bare = {"schema": 1, "groups": []}
    assert read_section(json.dumps(bare).encode()) == Section(None, None, None, None, Totals(0, 0, 0, 0), (), (), ())


def test_keys_are_those_of_the_contract() -> None:
    values = json.loads(section_json(SECTION))
    assert sorted(values) == ["contributors", "date", "groups", "previous", "schema", "tag", "totals", "version"]
    assert sorted(values["groups"][0]["entries"][0]) == sorted(
        ["id", "type", "scope", "summary", "breaking", "breaking_text", "security", "references", "commits", "authors"]
    )


def spoil(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def apply(values: Any) -> None:  # noqa: ANN401  # walks plain values
        for part in path[:-1]:
            values = values[part]
        values[path[-1]] = value

    return apply


_FIRST = ("groups", 0, "entries", 0)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(spoil("schema", value=2), id="another schema"),
        pytest.param(spoil("schema", value=None), id="no schema"),
        pytest.param(spoil("groups", value=None), id="no groups"),
        pytest.param(spoil("groups", value={"a": 1}), id="groups that are a mapping"),
        pytest.param(spoil("version", value=1.4), id="a number as version"),
        pytest.param(spoil("date", value=20260101), id="a number as date"),
        pytest.param(spoil("totals", "shown", value="1"), id="a text as total"),
        pytest.param(spoil("totals", "shown", value=True), id="a switch as total"),
        pytest.param(spoil("totals", "shown", value=1.5), id="half a commit"),
        pytest.param(spoil("contributors", value=[{"name": "A"}]), id="a contributor without commits"),
        pytest.param(spoil(*_FIRST, "summary", value=None), id="no summary"),
        pytest.param(spoil(*_FIRST, "references", value=[1]), id="a number as reference"),
        pytest.param(spoil(*_FIRST, "commits", value=None), id="commits that are none"),
        pytest.param(spoil("ledger", value=[{"sha": "x", "outcome": "lost", "entries": [], "rule": ""}]), id="an unknown outcome"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(change: Callable[[dict[str, Any]], None]) -> None:
    values = json.loads(json.dumps(plain(SECTION)))
    assert read_section(json.dumps(values).encode()) == SECTION
    change(values)
    with pytest.raises(RepositoryError) as caught:
        read_section(json.dumps(values).encode())
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\xff", b"null", b"[]", b"1", b'"x"', b"[" * 100_000, b'{"schema": 1'])
def test_what_is_no_section_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(RepositoryError):
        read_section(content)


@given(st.lists(_SECTIONS | sections(), max_size=3))
def test_a_changelog_in_json_is_canonical_and_read_back_as_it_was_written(releases: list[Section]) -> None:
    line = b"".join(releases_line(releases))
    values = [{**section_values(section), "ledger": ledger_values(section)} for section in releases]
    assert line == canonical_line({"schema": 1, "releases": values})
    assert read_releases(line) == tuple(releases)


@pytest.mark.parametrize("preset", PRESETS)
@settings(max_examples=40)
@given(shown=_SECTIONS | sections())
def test_markdown_from_json_is_markdown_from_history(preset: str, shown: Section) -> None:
    (again,) = read_releases(b"".join(releases_line([shown])))
    direct, later = (render_section(section, links=_LINKS, first_release_limit=2, preset=preset) for section in (shown, again))
    assert later == direct


def test_a_changelog_is_written_a_section_at_a_time() -> None:
    pieces = releases_line(SECTION for _ in range(3))
    assert next(pieces) == b'{"releases":['
    assert json.loads(next(pieces))["version"] == "1.0.0"
    assert next(pieces).startswith(b",{")


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\xff", b"null", b"[]", b'{"schema": 1}', b'{"schema": 1, "releases": {}}', b'{"schema": 1, "releases": "ab"}'),
        *(b'{"schema": 2, "releases": []}', b'{"schema": 1, "releases": [[]]}', b'{"schema": 1, "releases": ' + b"[" * 100_000),
        *(b'{"schema": 1, "releases": [{"groups": []}, {"groups": 1}]}', b'{"schema": 1, "releases": [], "a": ' + b"9" * 5000 + b"}"),
        b'{"schema": ' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_what_is_no_changelog_is_refused_in_few_words(content: bytes) -> None:
    with pytest.raises(RepositoryError) as caught:
        read_releases(content)
    assert caught.value.hint
    assert len(str(caught.value)) < 300


def test_a_changelog_without_end_is_not_even_parsed() -> None:
    with pytest.raises(RepositoryError, match="the most that is read"):
        read_releases(b" " * (MOST_BYTES + 1))


def test_a_text_is_no_list_of_letters() -> None:
    values = json.loads(json.dumps(plain(SECTION)))
    values["groups"][0]["entries"][0]["references"] = "ab"
    with pytest.raises(RepositoryError, match="'ab' is not a list"):
        read_section(json.dumps(values).encode())


_KEYS = st.sampled_from(
    [*section_values(SECTION), *section_values(SECTION)["groups"][0]["entries"][0], "title", "entries", "ledger", "sha"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=12,
)


@given(_VALUES)
def test_no_json_value_breaks_the_reader(value: object) -> None:
    values = {"schema": 1, **value} if isinstance(value, dict) else value
    with suppress(RepositoryError):
        assert section_json(read_section(json.dumps(values).encode()))
    with suppress(RepositoryError):
        again = read_releases(json.dumps({"schema": 1, "releases": [value]}).encode())
        assert all(render_section(one, links=_LINKS, preset=preset) for one in again for preset in PRESETS)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b'{"schema": 1', "it is not JSON: line 1, column 13", id="cut off"),
        pytest.param(b'{"schema": 1}', 'it lacks "releases"', id="no releases"),
        pytest.param(b'{"schema": 1, "releases": [1]}', "a value in it is of another kind than its key asks for", id="a number"),
    ],
)
def test_what_is_wrong_with_a_changelog_is_said_in_words(content: bytes, told: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        read_releases(content)
    assert caught.value.message == f"the changelog cannot be read: {told}"
