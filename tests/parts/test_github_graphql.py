"""The fake GitHub's GraphQL is strict, as GitHub's is."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.parts.github import FakeGitHub
from tests.parts.tokens import TOKEN_READ


def ask(github: FakeGitHub, fields: str, *, token: str | None = TOKEN_READ, name: str = "app", head: str | None = None) -> Any:  # noqa: ANN401  # JSON
    query = f"{head or 'query($owner:String!,$name:String!)'}{{repository(owner:$owner,name:$name){{{fields}}}}}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: Any = {"query": query, "variables": {"owner": "acme", "name": name}}
    return requests.post(f"{github.url}/graphql", json=body, headers=headers, timeout=10).json()


def message(answer: Any) -> str:  # noqa: ANN401  # JSON
    assert "data" not in answer
    return str(answer["errors"][0]["message"])


def test_aliases_arguments_and_fragments_are_understood(github: FakeGitHub) -> None:
    sha = github.hub.bare.git("rev-parse", "main")
    people = "...on Commit{authors(first:1){nodes{name user{login}}}}"
    answer = ask(github, f'd: defaultBranchRef {{ name }} a:object(oid:"{sha}"){{__typename oid {people}}} b:object(oid:"00"){{oid}}')
    authors = {"nodes": [{"name": "Ada Lovelace", "user": {"login": "ada"}}]}
    commit = {"__typename": "Commit", "oid": sha, "authors": authors}
    assert answer == {"data": {"repository": {"d": {"name": "main"}, "a": commit, "b": None}}}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param("colour", "Field 'colour' doesn't exist on type 'Repository'", id="unknown field"),
        pytest.param('object(oid:"x"){title}', "Field 'title' doesn't exist on type 'GitObject'", id="unknown field inside"),
        pytest.param("defaultBranchRef", "must have selections", id="no selection"),
        pytest.param("defaultBranchRef{name{x}}", "must have selections", id="selection of a scalar"),
        pytest.param("object{oid}", "missing required arguments: oid", id="no argument"),
        pytest.param('object(oid:"x",path:"y"){oid}', "doesn't accept argument 'path'", id="unknown argument"),
        pytest.param('pullRequest(number:"7"){title}', "has an invalid value", id="argument of another type"),
        pytest.param("pullRequest(number:7){labels{nodes{name}}}", "must provide a `first`", id="no bound"),
        pytest.param("pullRequest(number:7){labels(first:101){nodes{name}}}", "must provide a `first`", id="more than a page"),
        pytest.param("pullRequest(number:7){title", "Expected", id="cut off"),
        pytest.param("pullRequest(number:7){}", "Expected a field", id="empty selection"),
        pytest.param("pullRequest(number:%){title}", "Expected", id="no token"),
        pytest.param('object(oid:"x\n"){oid}', "Expected", id="a line feed in a string"),
        pytest.param(
            " ".join(f"p{n}:pullRequest(number:{n}){{labels(first:100){{nodes{{name}}}}}}" for n in range(5_001)), "exceeds", id="many"
        ),
    ],
)
def test_a_query_that_github_would_refuse_is_refused(github: FakeGitHub, fields: str, words: str) -> None:
    assert words in message(ask(github, fields))


def test_a_variable_needs_its_type_and_its_value(github: FakeGitHub) -> None:
    assert "$owner of type Int" in message(ask(github, "defaultBranchRef{name}", head="query($owner:Int,$name:String!)"))


def test_what_is_not_there_is_null_with_an_error_that_says_where(github: FakeGitHub) -> None:
    answer = ask(github, "p:pullRequest(number:7){title}")
    assert answer["data"] == {"repository": {"p": None}}
    assert (answer["errors"][0]["type"], answer["errors"][0]["path"]) == ("NOT_FOUND", ["repository", "p"])
    assert ask(github, "defaultBranchRef{name}", name="other")["data"] == {"repository": None}


def test_nobody_may_ask_without_a_token(github: FakeGitHub) -> None:
    assert ask(github, "defaultBranchRef{name}", token=None)["status"] == "401"
    assert ask(github, "defaultBranchRef{name}", token="wrong")["message"] == "Bad credentials"


def test_a_query_costs_a_point_for_a_hundred_connections(github: FakeGitHub) -> None:
    ask(github, "defaultBranchRef{name}")
    assert github.points == 1
    ask(
        github,
        " ".join(f'c{n}:object(oid:"{n}"){{...on Commit{{associatedPullRequests(first:5){{nodes{{number}}}}}}}}' for n in range(300)),
    )
    assert github.points == 4


def test_a_spoilt_answer_lacks_a_part_and_says_why(github: FakeGitHub) -> None:
    github.spoil("repository", "d", kind="FORBIDDEN", message="no")
    github.spoil(message="nothing at all")
    assert ask(github, "d:defaultBranchRef{name}") == {
        "data": {"repository": {"d": None}},
        "errors": [{"message": "no", "locations": [], "type": "FORBIDDEN", "path": ["repository", "d"]}],
    }
    assert ask(github, "d:defaultBranchRef{name}") == {"data": None, "errors": [{"message": "nothing at all", "locations": []}]}
    assert ask(github, "d:defaultBranchRef{name}")["data"] == {"repository": {"d": {"name": "main"}}}
