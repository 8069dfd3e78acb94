"""GitHub's GraphQL, as far as releases ask it: a strict little schema, with GitHub's limits and its ways to say no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.parts.hub.bare import Commit
from tests.parts.hub.commits import find_pulls
from tests.parts.hub.document import Document, Field, SyntaxProblem, Variable, read_document
from tests.parts.hub.state import Hub, Pull

Json = Any  # what json.dumps takes
Resolver = Callable[[Mapping[str, Any]], Any]
MOST_NODES = 500_000
_CO_AUTHOR = re.compile(r"^co-authored-by: *([^<\n]*?) *<([^>\n]*)>\s*$", re.MULTILINE | re.IGNORECASE)
# type → field → its type and its arguments; "+" marks a connection, which wants `first`
_SCHEMA: dict[str, dict[str, tuple[str, dict[str, type]]]] = {
    "Query": {"repository": ("Repository", {"owner": str, "name": str}), "viewer": ("User", {})},
    "Repository": {
        "object": ("GitObject", {"oid": str}), "pullRequest": ("PullRequest", {"number": int}), "defaultBranchRef": ("Ref", {}),
    },
    "Ref": {"name": ("", {})},
    "GitObject": {"oid": ("", {})},
    "Commit": {
        "oid": ("", {}), "authors": ("+GitActor", {}), "associatedPullRequests": ("+PullRequest", {}),
        "history": ("+Commit", {"author": dict}),
    },
    "GitActor": {"name": ("", {}), "email": ("", {}), "user": ("User", {})},
    "User": {"id": ("", {}), "login": ("", {})},
    "Actor": {"login": ("", {})},
    "PullRequest": {
        "number": ("", {}), "title": ("", {}), "state": ("", {}), "baseRefName": ("", {}), "mergeCommit": ("Commit", {}),
        "author": ("Actor", {}), "labels": ("+Label", {}),
    },
    "Label": {"name": ("", {})},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A part of the next answer that GitHub does not give: the field at `path`, or everything where that is empty."""

    path: tuple[str, ...]
    kind: str | None
    message: str


class _Invalid(Exception):
    """The query asks for something that the schema does not have."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.error = {"message": message, "path": ["query"], "extensions": {"code": code}}


@dataclass(frozen=True, slots=True)
class _Object:
    """A value with fields, each worked out when it is asked for."""

    kind: str
    fields: Mapping[str, Resolver]


def answer_query(hub: Hub, body: Json, spoilt: Spoilt | None, *, login: str) -> tuple[Json, int]:
    """Answer a query of the account `login`, and return what it costs in points."""
    try:
        document = read_document(body["query"])
        requests = _count_requests(document)
        variables = _check_variables(document, body.get("variables") or {})
    except SyntaxProblem as problem:
        return {"errors": [{"message": str(problem), "extensions": {"code": "parseError"}}]}, 1
    except _Invalid as problem:
        return {"errors": [problem.error]}, 1
    errors: list[Json] = []
    data = _Execution(variables, errors).resolve(_query(hub, login), document.fields, [])
    if spoilt is not None:
        data = _spoil(data, spoilt, errors)
    answer = {"data": data, "errors": errors} if errors else {"data": data}
    return answer, max(1, round(requests / 100))


def _count_requests(document: Document) -> int:
    requests, nodes = _measure(document.fields, "Query", 1)
    if nodes > MOST_NODES:
        raise _Invalid("nodeLimit", f"This query requests up to {nodes:,} possible nodes which exceeds the limit of {MOST_NODES:,}")
    return requests


def _measure(fields: list[Field], kind: str, times: int) -> tuple[int, int]:
    """Return how many requests and nodes a selection may need (docs.github.com/graphql/overview/rate-limits-and-query-limits)."""
    requests = nodes = 0
    for one in fields:
        if one.name == "__typename":
            continue
        owner = one.on or kind
        if one.name not in _SCHEMA.get(owner, {}):
            raise _Invalid("undefinedField", f"Field '{one.name}' doesn't exist on type '{owner}'")
        target, args = _SCHEMA[owner][one.name]
        connection, target = target.startswith("+"), target.removeprefix("+")
        if bool(target) == (one.inner is None):
            raise _Invalid(
                "selectionMismatch", f"Field must have selections, or must not (field '{one.name}' returns {target or 'a scalar'})"
            )
        _check_args(one, {**args, "first": int} if connection else args)
        if not target:
            continue
        inner = one.inner or []
        if connection:
            first = one.args.get("first")
            if not isinstance(first, int) or not 1 <= first <= 100:
                raise _Invalid("pagination", f"You must provide a `first` of 1 to 100 to paginate the `{one.name}` connection.")
            if [node.name for node in inner] != ["nodes"]:
                raise _Invalid("undefinedField", "the fake's connections have `nodes` and nothing else")
            requests, nodes, many, inner = requests + times, nodes + times * first, times * first, inner[0].inner or []
        else:
            many = times
        deeper = _measure(inner, target, many)
        requests, nodes = requests + deeper[0], nodes + deeper[1]
    return requests, nodes


def _check_args(one: Field, args: Mapping[str, type]) -> None:
    for name, value in one.args.items():
        if name not in args:
            raise _Invalid("argumentNotAccepted", f"Field '{one.name}' doesn't accept argument '{name}'")
        if not isinstance(value, (args[name], Variable)):
            raise _Invalid("argumentLiteralsIncompatible", f"Argument '{name}' on Field '{one.name}' has an invalid value ({value})")
    required = {name for name, kind in args.items() if kind is not dict and name != "first"}
    if missing := required - one.args.keys():
        raise _Invalid("missingRequiredArguments", f"Field '{one.name}' is missing required arguments: {', '.join(sorted(missing))}")


def _check_variables(document: Document, given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, kind in document.variables.items():
        if kind != "String!" or not isinstance(given.get(name), str):
            raise _Invalid("variableMismatch", f"Variable ${name} of type {kind} was provided invalid value")
    return given


class _Execution:
    def __init__(self, variables: Mapping[str, Any], errors: list[Json]) -> None:
        self._variables = variables
        self._errors = errors

    def resolve(self, owner: _Object, fields: list[Field], path: list[str]) -> Json:
        shown: dict[str, Json] = {}
        for one in fields:
            if one.on not in (None, owner.kind):
                continue
            if one.name == "__typename":
                shown[one.alias] = owner.kind
                continue
            args = {name: self._variables[value.name] if isinstance(value, Variable) else value for name, value in one.args.items()}
            shown[one.alias] = self._complete(owner.fields[one.name](args), one, [*path, one.alias])
        return shown

    def _complete(self, value: Any, one: Field, path: list[str]) -> Json:  # noqa: ANN401  # whatever a field gives
        if isinstance(value, LookupError):
            self._errors.append({"type": "NOT_FOUND", "path": path, "locations": [], "message": value.args[0]})
            return None
        if isinstance(value, _Object):
            return self.resolve(value, one.inner or [], path)
        if isinstance(value, list):
            inner = (one.inner or [])[0]
            nodes = [self.resolve(node, inner.inner or [], [*path, inner.alias]) for node in value[: one.args["first"]]]
            return {inner.alias: nodes}
        return value


def _spoil(data: Json, spoilt: Spoilt, errors: list[Json]) -> Json:
    error: Json = {"message": spoilt.message, "locations": [], **({"type": spoilt.kind} if spoilt.kind else {})}
    errors.append({**error, "path": list(spoilt.path)} if spoilt.path else error)
    if not spoilt.path:
        return None
    owner = data
    for step in spoilt.path[:-1]:
        owner = owner[step]
    owner[spoilt.path[-1]] = None
    return data


def _query(hub: Hub, login: str) -> _Object:
    def repository(args: Mapping[str, Any]) -> _Object | LookupError:
        name = f"{args['owner']}/{args['name']}"
        if name.lower() != hub.name.lower():
            return LookupError(f"Could not resolve to a Repository with the name '{name}'.")
        return _repository(hub)

    # an app's token is shown as a user, whose login keeps its mark
    viewer = _Object("User", {"login": lambda _: login, "id": lambda _: f"U_{hub.people[login].number}"})
    return _Object("Query", {"repository": repository, "viewer": lambda _: viewer})


def _repository(hub: Hub) -> _Object:
    commits = {commit.sha: commit for commit in hub.bare.read_log("--all")}  # one process for all that a query asks
    default = set(hub.bare.git("rev-list", hub.default_branch).splitlines())

    def find(args: Mapping[str, Any]) -> _Object | None:
        found = commits.get(args["oid"])
        return _commit(hub, found, default) if found else None

    def pull(args: Mapping[str, Any]) -> _Object | LookupError:
        found = hub.pulls.get(args["number"])
        return _pull(hub, found) if found else LookupError(f"Could not resolve to a PullRequest with the number of {args['number']}.")

    branch = _Object("Ref", {"name": lambda _: hub.default_branch})
    return _Object("Repository", {"object": find, "pullRequest": pull, "defaultBranchRef": lambda _: branch})


def _commit(hub: Hub, commit: Commit, default: set[str]) -> _Object:
    def history(args: Mapping[str, Any]) -> list[_Object]:
        account = args.get("author", {}).get("id")
        return [_commit(hub, one, default) for one in hub.bare.read_log(commit.sha) if account in (None, _account(hub, one.author.email))]

    people = [(commit.author.name, commit.author.email), *_CO_AUTHOR.findall(commit.message)]
    return _Object(
        "Commit",
        {
            "oid": lambda _: commit.sha,
            "authors": lambda _: [_git_actor(hub, name, email) for name, email in people],
            "associatedPullRequests": lambda _: [_pull(hub, one) for one in find_pulls(hub, commit.sha, in_default=commit.sha in default)],
            "history": history,
        },
    )


def _git_actor(hub: Hub, name: str, email: str) -> _Object:
    login = hub.find_login(email)
    account = _account(hub, email)  # a bot is no user
    user = _Object("User", {"login": lambda _: login, "id": lambda _: account}) if account else None
    return _Object("GitActor", {"name": lambda _: name, "email": lambda _: email, "user": lambda _: user})


def _account(hub: Hub, email: str) -> str | None:
    person = hub.people.get(hub.find_login(email) or "")
    return f"U_{person.number}" if person and person.kind == "User" else None


def _pull(hub: Hub, pull: Pull) -> _Object:
    merge = _Object("Commit", {"oid": lambda _: pull.merge_sha}) if pull.merge_sha else None
    return _Object(
        "PullRequest",
        {
            "number": lambda _: pull.number,
            "title": lambda _: pull.title,
            "state": lambda _: "MERGED" if pull.merged_at else pull.state.upper(),
            "baseRefName": lambda _: pull.base_ref,
            "mergeCommit": lambda _: merge,
            "author": lambda _: _actor(hub, pull.author),
            "labels": lambda _: [_Object("Label", {"name": lambda _, name=name: name}) for name in pull.labels],  # type: ignore[misc]  # bound now
        },
    )


def _actor(hub: Hub, login: str) -> _Object | None:
    person = hub.people.get(login)
    return _Object(person.kind, {"login": lambda _: login.removesuffix("[bot]")}) if person else None
