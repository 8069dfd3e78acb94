"""The bytes of one log become commits, however they are cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.history.commits import LOG_FORMAT, Commit, parse_log
from tests.parts.plumbing import run_git
from tests.parts.repository import Repo

_NAME = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_COMMITS = st.lists(
    st.builds(
        Commit,
        sha=st.from_regex(r"[0-9a-f]{40}", fullmatch=True),
        parents=st.lists(st.from_regex(r"[0-9a-f]{40}", fullmatch=True), max_size=3).map(tuple),
        author=_NAME,
        email=_NAME,
        committed_at=st.integers(0, 2**40),
        message=_NAME,
    ),
    max_size=6,
)


def log_of(commits: list[Commit]) -> bytes:
    rows = [(one.sha, " ".join(one.parents), one.author, one.email, str(one.committed_at), one.message) for one in commits]
    return "".join(field + "\0" for row in rows for field in row).encode()


@given(_COMMITS, st.data())
def test_chunks_cut_anywhere_give_the_same_commits(commits: list[Commit], data: st.DataObject) -> None:
    log = log_of(commits)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=12)))
    chunks = [log[start:end] for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True)]
    assert list(parse_log(chunks)) == commits
    assert list(parse_log(log[place : place + 1] for place in range(len(log)))) == commits


@given(_COMMITS.filter(bool), st.data())
def test_a_log_that_ends_inside_a_record_is_no_log(commits: list[Commit], data: st.DataObject) -> None:
    log = log_of(commits)
    ends = {0} | {len(log_of(commits[:number])) for number in range(len(commits) + 1)}
    end = data.draw(st.integers(0, len(log)).filter(lambda place: place not in ends))
    with pytest.raises(ValueError, match="ends inside a record"):
        list(parse_log([log[:end]]))


def test_a_log_of_nothing_holds_no_commits() -> None:
    assert list(parse_log([])) == list(parse_log([b"", b""])) == []


def test_bytes_that_are_no_text_stay_in_their_field() -> None:
    fields = [b"a" * 40, b"", b"Zo\xeb", b"z@example.org", b"7", b"fix: \xff\xc3"]
    (commit,) = parse_log([b"".join(field + b"\0" for field in fields)])
    assert (commit.author, commit.message) == ("Zo\ufffd", "fix: \ufffd\ufffd")


def test_commits_come_first_while_the_log_still_runs() -> None:
    log = log_of([Commit("a" * 40, (), "A", "a", 1, "one"), Commit("b" * 40, (), "B", "b", 2, "two")])
    seen = []

    def chunks() -> Iterator[bytes]:
        yield log[: len(log) // 2 + 2]
        seen.append("second chunk")
        yield log[len(log) // 2 + 2 :]

    first = next(parse_log(chunks()))
    assert (first.message, seen) == ("one", [])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param(b"\n\n", "\n\n", id="only line ends"),
        pytest.param("fix: Grüße 🎉\n".encode(), "fix: Grüße 🎉\n", id="UTF-8"),
        pytest.param(b"fix: \xff\xfe\n", "fix: \ufffd\ufffd\n", id="no UTF-8"),
        pytest.param(b"a\x1eb\x1fc\x0b\r\nd\n", "a\x1eb\x1fc\x0b\r\nd\n", id="separators of other tools"),
    ],
)
def test_a_message_arrives_as_it_was_committed(repo: Repo, raw: bytes, message: str) -> None:
    first = repo.commit(raw, author="Zoë\u2028Ø <zoe@example.org>")
    repo.commit("last")
    log = run_git(repo.path, "log", "-z", f"--format={LOG_FORMAT}")
    commit = list(parse_log([log]))[1]
    assert commit == Commit(first, (), "Zoë\u2028Ø", "zoe@example.org", commit.committed_at, message)
