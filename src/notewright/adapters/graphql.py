"""GitHub's GraphQL: many small questions in one call, asked again in smaller calls where they were too many."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from notewright.adapters.limits import Patience, is_limit

if TYPE_CHECKING:
    from github import GithubException
    from github.Requester import Requester

MOST_QUESTIONS = 100  # 100 commits with their pull requests cost 7 of 5,000 points an hour, and GitHub a second or two of its ten
_FEWEST_QUESTIONS = 10
_TRIES = 3
_PAUSE_S = 0.5
_REFUSALS = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
_BUSY = (500, 502, 503, 504)  # 502 and 504 are what a query gets that takes longer than ten seconds
_T = TypeVar("_T")


class Unserved(Exception):
    """GraphQL isn't there, or not for this token: the REST API has to do. The text is GitHub's reason."""


class Strained(Exception):
    """GitHub answered a part of a query at most, and gave up on the rest. The text is its reason."""


class GraphQL:
    """The GraphQL endpoint for one repository. A query is read-only, so what fails is asked again: three times, in smaller calls."""

    def __init__(self, requester: Requester, repository: str, patience: Patience) -> None:
        self._requester = requester
        self._owner, _, self._name = repository.partition("/")
        self._patience = patience

    def ask_all(
        self,
        questions: Sequence[_T],
        compose: Callable[[Sequence[_T]], str],
        take: Callable[[_T, Any], None],
        *,
        advance: Callable[[int], None],
    ) -> None:
        """Ask the repository each question, as fields that `compose` writes and calls q0, q1 and so on; hand each answer to `take`, None
        where GitHub knows of no such thing; tell `advance` how many are done.

        Raises `Unserved`, `Strained`, `Cancelled`, what PyGithub and requests raise, and `TypeError` or its like for an answer of another
        shape.
        """
        from github import GithubException
        from requests.exceptions import RequestException

        done, size, failures = 0, MOST_QUESTIONS, 0
        while done < len(questions):
            batch = questions[done : done + size]
            try:
                answers = self._ask(compose(batch))
            except (Strained, GithubException, RequestException) as error:
                failures += 1
                if failures == _TRIES or (isinstance(error, GithubException) and error.status not in _BUSY):
                    raise
                size = max(size // 2, _FEWEST_QUESTIONS)
                self._patience.pause(_PAUSE_S * failures)
                continue
            for place, question in enumerate(batch):
                take(question, answers.get(f"q{place}"))
            done, failures = done + len(batch), 0
            advance(done)

    def ask_login(self) -> str:
        """Return the account that the token speaks for. Raises as `ask_all`."""
        from github import GithubException
        from requests.exceptions import RequestException

        for left in range(_TRIES - 1, -1, -1):
            try:
                data = self._patience.ask(lambda: self._post({"query": "query{viewer{login}}"}))
            except (GithubException, RequestException) as error:
                if not left or (isinstance(error, GithubException) and error.status not in _BUSY):
                    raise
                self._patience.pause(_PAUSE_S)
                continue
            _judge(data.get("errors") or [], known=False)
            login = data["data"]["viewer"]["login"]
            if not isinstance(login, str):
                raise TypeError("an account without a login")
            return login
        raise AssertionError("the last try returns or raises")

    def _ask(self, fields: str) -> Mapping[str, Any]:
        """Return the repository's fields."""
        text = f"query($owner:String!,$name:String!){{repository(owner:$owner,name:$name){{{fields}}}}}"
        body = {"query": text, "variables": {"owner": self._owner, "name": self._name}}
        data = self._patience.ask(lambda: self._post(body))
        repository = (data.get("data") or {}).get("repository")
        _judge(data.get("errors") or [], known=isinstance(repository, dict))
        if not isinstance(repository, dict):
            raise TypeError("an answer without a repository and without an error")
        return repository

    def _post(self, body: Mapping[str, object]) -> dict[str, Any]:
        """Return the whole answer, errors among it; as exceptions come those of the status, and limits."""
        from github import GithubException

        try:
            headers, data = self._requester.requestJsonAndCheck("POST", self._requester.graphql_url, input=body)
        except GithubException as error:
            if 400 <= error.status < 500 and error.status != 401 and not is_limit(error):
                raise Unserved(_describe(error)) from error
            raise
        if not isinstance(data, dict):
            raise TypeError(f"not an object: {type(data).__name__}")
        if is_limit(limit := GithubException(200, data, headers)):
            raise limit
        return data


def literal(text: str) -> str:
    """Write text as a GraphQL string; JSON's escapes are GraphQL's (specification October 2021, 2.9.4)."""
    return json.dumps(text)


def _judge(errors: Sequence[Any], *, known: bool) -> None:
    """Raise for errors that make the answer worth less than none; that something isn't there is an answer."""
    for error in errors:
        kind, path, message = _kind(error), error.get("path"), str(error.get("message", ""))[:300]
        if kind == "NOT_FOUND" and known and isinstance(path, list) and len(path) == 2:
            continue
        if kind in _REFUSALS or kind == "NOT_FOUND" or (not known and "code" in (error.get("extensions") or {})):
            raise Unserved(message)  # the last are fields that an older server doesn't have
        raise Strained(message)


def _kind(error: Mapping[str, Any]) -> str:
    return str(error.get("type", ""))


def _describe(error: GithubException) -> str:
    message = error.data.get("message") if isinstance(error.data, dict) else None
    return f"{error.status} {message}" if isinstance(message, str) else str(error.status)
