"""Questions to GitHub about commits, pull requests and people, in GraphQL, and their answers as values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notewright.adapters.graphql import GraphQL, literal
from notewright.history.merges import MergedPull

_PULL = "number title state mergeCommit{oid} author{__typename login} labels(first:100){nodes{name}}"
_COMMIT = f"authors(first:10){{nodes{{name user{{id login}}}}}} associatedPullRequests(first:5){{nodes{{{_PULL}}}}}"
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
_MOST_TITLE = 1_000  # GitHub takes 256 characters
_MOST_LABEL = 200  # and 50
_MOST_ID = 200
_MOST_NUMBER = 10**9


@dataclass(frozen=True, slots=True)
class Author:
    """An author or co-author: the name in the commit, the login that GitHub knows behind it and the account's node id, both "" for a
    stranger."""

    name: str
    login: str
    account: str


@dataclass(frozen=True, slots=True)
class KnownCommit:
    """A commit that GitHub knows: its author and then its co-authors, and the merged pull requests that hold it."""

    sha: str
    authors: tuple[Author, ...]
    pulls: tuple[MergedPull, ...]


def read_commits(graph: GraphQL, shas: Sequence[str], *, advance: Callable[[int], None]) -> tuple[KnownCommit, ...]:
    """Return what GitHub knows of commits, in their order; those that it doesn't know, such as unpushed ones, are left out."""
    found: list[KnownCommit] = []

    def compose(batch: Sequence[str]) -> str:
        return _fields(f'object(oid:"{sha}"){{...on Commit{{{_COMMIT}}}}}' for sha in batch)

    def take(sha: str, answer: Any) -> None:  # noqa: ANN401  # JSON of a stranger
        if answer:
            found.append(_read_commit(sha, answer))

    graph.ask_all([sha for sha in shas if _SHA.fullmatch(sha)], compose, take, advance=advance)
    return tuple(found)


def read_pulls(graph: GraphQL, numbers: Sequence[int]) -> tuple[MergedPull, ...]:
    """Return the merged pull requests with these numbers, in their order; other numbers are left out."""
    found: list[MergedPull] = []

    def compose(batch: Sequence[int]) -> str:
        return _fields(f"pullRequest(number:{number}){{{_PULL}}}" for number in batch)

    def take(_: int, answer: Any) -> None:  # noqa: ANN401  # JSON of a stranger
        if answer and (pull := _read_pull(answer)):
            found.append(pull)

    graph.ask_all(numbers, compose, take, advance=lambda _: None)
    return tuple(found)


def find_accounts(graph: GraphQL, accounts: Iterable[str], tips: Iterable[str]) -> frozenset[str]:
    """Return which of the accounts, given by node id, wrote a commit that one of the commits `tips` reaches, under whatever name."""
    found: set[str] = set()
    tips = [tip for tip in tips if _SHA.fullmatch(tip)]

    def compose(batch: Sequence[tuple[str, str]]) -> str:
        history = "...on Commit{{history(first:1,author:{{id:{}}}){{nodes{{oid}}}}}}"
        return _fields(f'object(oid:"{tip}"){{{history.format(literal(account))}}}' for account, tip in batch)

    def take(question: tuple[str, str], answer: Any) -> None:  # noqa: ANN401  # JSON of a stranger
        if answer and answer["history"]["nodes"]:
            found.add(question[0])

    graph.ask_all([(account, tip) for account in accounts for tip in tips], compose, take, advance=lambda _: None)
    return frozenset(found)


def clean_text(value: object, most: int | None = None) -> str:
    """Return text that can be written as UTF-8. Raises `TypeError` for what is no text, and `ValueError` for far too much of it."""
    if not isinstance(value, str):
        raise TypeError(f"not text: {type(value).__name__}")
    if most is not None and len(value) > most:
        raise ValueError(f"{len(value)} characters where GitHub takes {most} at most")
    return value.encode("utf-8", "replace").decode()  # JSON can hold half a character


def clean_labels(names: Iterable[object]) -> tuple[str, ...]:
    """Return labels in order, each once."""
    return tuple(sorted({clean_text(name, _MOST_LABEL) for name in names}))


def clean_title(title: object) -> str:
    """Return a title."""
    return clean_text(title, _MOST_TITLE)


def clean_login(login: object) -> str:
    """Return a login, "" for what can be none: GitHub has nobody where an account was deleted."""
    return login if isinstance(login, str) and _LOGIN.fullmatch(login) else ""


def _fields(questions: Iterable[str]) -> str:
    return " ".join(f"q{place}:{question}" for place, question in enumerate(questions))


def _read_commit(sha: str, answer: Mapping[str, Any]) -> KnownCommit:
    authors = tuple(_read_author(one) for one in _nodes(answer["authors"]))
    pulls = (_read_pull(one) for one in _nodes(answer["associatedPullRequests"]))
    return KnownCommit(sha, authors, tuple(one for one in pulls if one))


def _read_author(actor: Mapping[str, Any]) -> Author:
    user, name = actor["user"], clean_text(actor["name"] or "")
    login = clean_login(user["login"]) if user is not None else ""
    return Author(name, login, clean_text(user["id"], _MOST_ID) if login else "")


def _read_pull(pull: Mapping[str, Any]) -> MergedPull | None:
    number = pull["number"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= _MOST_NUMBER:
        raise TypeError("a pull request without a number")
    if pull["state"] != "MERGED":
        return None
    return MergedPull(
        number=number,
        title=clean_title(pull["title"]),
        author=_read_actor(pull["author"]),
        labels=clean_labels(label["name"] for label in _nodes(pull["labels"])),
        merge_commit=clean_text(pull["mergeCommit"]["oid"], _MOST_ID) if pull["mergeCommit"] else "",
    )


def _read_actor(actor: Mapping[str, Any] | None) -> str:
    """Return the login as the REST API and commits write it, where a bot's has a mark."""
    if actor is None:
        return ""
    login = clean_login(actor["login"])
    return f"{login}[bot]" if login and actor["__typename"] == "Bot" and not login.endswith("[bot]") else login


def _nodes(connection: Mapping[str, Any] | None) -> list[Any]:
    """Return the nodes of a connection, without those that are hidden from us."""
    return [node for node in (connection["nodes"] or ()) if node is not None] if connection is not None else []
