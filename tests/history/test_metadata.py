"""What GitHub knows is written once, and then an input like any other."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.errors import RepositoryError
from notewright.history.metadata import Metadata, PullRequest, metadata_json, read_metadata

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_PULLS = st.builds(
    PullRequest,
    number=st.integers(1, 50),
    title=_TEXT,
    author=_TEXT,
    labels=st.lists(_TEXT, max_size=3).map(sorted).map(tuple),
    commits=st.lists(_TEXT, max_size=3).map(sorted).map(tuple),
)
_METADATA = st.builds(
    Metadata,
    repository=_TEXT,
    url=_TEXT,
    base=_TEXT,
    pull_requests=st.lists(_PULLS, max_size=4, unique_by=lambda pull: pull.number).map(
        lambda pulls: tuple(sorted(pulls, key=lambda pull: pull.number))
    ),
    logins=st.dictionaries(_TEXT, _TEXT, max_size=3).map(lambda logins: tuple(sorted(logins.items()))),
    newcomers=st.frozensets(_TEXT, max_size=3),
)
EMPTY = {
    "schema": 1,
    "repository": "o/r",
    "url": "https://github.com/o/r",
    "base": "main",
    "pull_requests": [],
    "logins": {},
    "newcomers": [],
}
PULL = {"number": 1, "title": "t", "author": "a", "labels": [], "commits": []}


@given(_METADATA)
def test_what_was_written_is_read_back(metadata: Metadata) -> None:
    content = metadata_json(metadata)
    assert read_metadata(content) == metadata
    assert metadata_json(read_metadata(content)) == content


def test_the_order_in_which_github_answered_is_not_written() -> None:
    one, two = PullRequest(1, "a", "x", ("l", "k"), ("f", "e")), PullRequest(2, "b", "y")
    first = Metadata("o/r", "u", "main", (one, two), (("B", "b"), ("A", "a")), frozenset({"A", "B"}))
    again = Metadata(
        "o/r", "u", "main", (two, PullRequest(1, "a", "x", ("k", "l"), ("e", "f"))), (("A", "a"), ("B", "b")), frozenset({"B", "A"})
    )
    assert metadata_json(first) == metadata_json(again)


def test_a_commit_finds_its_pull_request() -> None:
    metadata = Metadata("o/r", "u", "main", (PullRequest(7, "t", "a", (), ("c1", "c2")), PullRequest(8, "t", "a")))
    assert metadata.numbers_by_commit() == {"c1": 7, "c2": 7}


def test_a_commit_finds_the_title_and_the_labels_of_its_pull_request() -> None:
    pulls = (
        PullRequest(7, "Parse faster", "a", ("Perf", "area: CLI", "PERF", "Überprüft"), ("c1", "c2")),
        PullRequest(8, "t", "a", (), ("c3",)),
    )
    metadata = Metadata("o/r", "u", "main", pulls)
    assert metadata.titles_by_commit() == {"c1": "Parse faster", "c2": "Parse faster", "c3": "t"}
    labels = ("area: cli", "perf", "überprüft")
    assert metadata.labels_by_commit() == {"c1": labels, "c2": labels, "c3": ()}
    assert Metadata("o/r", "u", "main").labels_by_commit() == {}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"schema": 1', id="cut off"),
        pytest.param(b"[" * 100_000, id="too deep"),
        *(
            pytest.param(json.dumps(values).encode(), id=label)
            for label, values in {
                "no keys": {"schema": 1},
                "another schema": {**EMPTY, "schema": 2},
                "a number as name": {**EMPTY, "repository": 7},
                "a list of logins": {**EMPTY, "logins": []},
                "a number as login": {**EMPTY, "logins": {"a": 7}},
                "a number as newcomer": {**EMPTY, "newcomers": [7]},
                "a text as pull requests": {**EMPTY, "pull_requests": "x"},
                "a pull request without number": {**EMPTY, "pull_requests": [{**PULL, "number": None}]},
                "a pull request with a text as number": {**EMPTY, "pull_requests": [{**PULL, "number": "1"}]},
                "a pull request with a switch as number": {**EMPTY, "pull_requests": [{**PULL, "number": True}]},
                "a number as label": {**EMPTY, "pull_requests": [{**PULL, "labels": [7]}]},
            }.items()
        ),
    ],
)
def test_anything_else_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(RepositoryError) as caught:
        read_metadata(content)
    assert caught.value.hint == "write it anew with `notewright release collect`"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b'{"schema": 1,\n "base": }', "it is not JSON: line 2, column 10", id="broken"),
        pytest.param(b'"\xff"', "it is not UTF-8: byte 2", id="no text"),
        pytest.param(b"[1]", "it is no JSON object", id="a list"),
        pytest.param(b"{}", 'it lacks "schema"', id="no schema"),
        pytest.param(b"[" * 100_000, "its lists or objects are nested too deeply", id="too deep"),
        pytest.param(json.dumps({**EMPTY, "base": 7}).encode(), "7 is not text", id="a number"),
        pytest.param(
            json.dumps({**EMPTY, "logins": []}).encode(), "a value in it is of another kind than its key asks for", id="a list of logins"
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(content: bytes, told: str) -> None:
    """Names of Python's own were shown: `JSONDecodeError Expecting value`, `KeyError 'schema'`."""
    with pytest.raises(RepositoryError) as caught:
        read_metadata(content)
    assert caught.value.message == f"the metadata cannot be read: {told}"


_KEYS = st.sampled_from([*EMPTY, *PULL])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=12,
)


@given(_VALUES.map(json.dumps).map(str.encode))
def test_no_json_value_breaks_the_reader(content: bytes) -> None:
    with suppress(RepositoryError):
        assert metadata_json(read_metadata(content))
