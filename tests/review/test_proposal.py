from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from notewright.errors import CheckFailed
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.proposal import FileDigest, Ref, list_digests, proposal_json, read_proposal, verify_digests
from tests.review.sample import proposal, sha


def test_what_is_written_is_read_back() -> None:
    for one in (proposal(), proposal(model=None, metadata=None, repository=None, start=None, version=None, tag=None, date=None, tags=())):
        assert read_proposal(proposal_json(one)) == one


def test_the_digest_is_that_of_the_file_on_the_branch() -> None:
    shown = proposal(views=(FileDigest("body.md", digest(b"body")),))
    assert shown.digest == proposal().digest == digest(proposal_json(shown.bound))
    assert proposal_json(shown) != proposal_json(proposal())


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1.4.1"}, {"base": Ref("main", sha("later"))}, {"files": ()}, {"tool": "0.2.0"}, {"model": None}, {"metadata": None},
        {"branch": "other"}, {"tags": ()}, {"requested_version": "1.4.0"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_changes_changes_the_digest(change: dict[str, object]) -> None:
    assert proposal(**change).digest != proposal().digest


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(proposal_json(proposal()))
    change(value)
    return canonical_json(value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "the file", id="empty"),
        pytest.param(b"\xff", "the file", id="no text"),
        pytest.param(b"[]", "the file", id="a list"),
        pytest.param(b" " * (9 << 20), "larger than", id="huge"),
        pytest.param(edited(lambda value: value.update(schema=2)), "schema", id="another schema"),
        pytest.param(edited(lambda value: value.update(kind="spec")), "kind", id="another kind"),
        pytest.param(edited(lambda value: value.pop("base")), "base", id="a missing key"),
        pytest.param(edited(lambda value: value.update(extra=1)), "extra", id="an unknown key"),
        pytest.param(edited(lambda value: value["base"].update(commit="HEAD")), "base.commit", id="a revision that is no commit"),
        pytest.param(
            edited(lambda value: value["base"].update(commit="--output=x" + "0" * 30)), "base.commit", id="an option for a commit"
        ),
        pytest.param(edited(lambda value: value.update(version="1\n2")), "version", id="a version on two lines"),
        pytest.param(
            edited(lambda value: value["files"][0].update(name="../../etc/passwd")), "files.0.name", id="a path out of the folder"
        ),
        pytest.param(edited(lambda value: value["files"][0].update(name="/etc/passwd")), "files.0.name", id="an absolute path"),
        pytest.param(edited(lambda value: value["files"][0].update(name=".git/config")), "files.0.name", id="a hidden file"),
        pytest.param(edited(lambda value: value["files"][0].update(digest="sha256:0")), "files.0.digest", id="half a digest"),
        pytest.param(edited(lambda value: value["rules"].update(extra=1)), "rules.extra", id="an unknown rule"),
        pytest.param(edited(lambda value: value["model"].update(digest=1)), "model.digest", id="a digest that is a number"),
        pytest.param(proposal_json(proposal()) + b"\n", "canonical", id="another spelling"),
        pytest.param(proposal_json(proposal()).replace(b'"kind"', b'"kind": "release",\n  "kind"'), "canonical", id="a key twice"),
        pytest.param(b'{"a":' * 100_000, "the file", id="very deep"),
    ],
)
def test_a_manifest_that_was_not_written_by_us_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        read_proposal(content)
    assert told in caught.value.message
    assert "prepare" in (caught.value.hint or "")


def test_digests_are_listed_by_name_and_hold_for_the_files() -> None:
    files = {"b.md": b"2", "a/b.md": b"1"}
    listed = list_digests(files)
    assert [file.name for file in listed] == ["a/b.md", "b.md"]
    verify_digests(proposal(files=listed), files)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({"a.md": b"1"}, "b.md is missing", id="missing"),
        pytest.param({"a.md": b"1", "b.md": b"x"}, "b.md is not the file", id="different"),
    ],
)
def test_a_file_that_differs_is_named(files: dict[str, bytes], told: str) -> None:
    manifest = proposal(files=list_digests({"a.md": b"1"}), views=list_digests({"b.md": b"2"}))
    with pytest.raises(CheckFailed, match=told):
        verify_digests(manifest, files)
