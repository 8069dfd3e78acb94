"""Cut GitHub's OpenAPI description to the operations of a release client: python tests/parts/cut_openapi.py api.github.com.json"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "data" / "github-openapi.json.gz"
_REPO = "/repos/{owner}/{repo}"
_KEPT = {
    "/rate_limit": ("get",),
    "/user": ("get",),
    "/users/{username}": ("get",),
    _REPO: ("get",),
    f"{_REPO}/branches/{{branch}}": ("get",),
    f"{_REPO}/collaborators/{{username}}/permission": ("get",),
    f"{_REPO}/commits": ("get",),
    f"{_REPO}/commits/{{commit_sha}}/pulls": ("get",),
    f"{_REPO}/commits/{{ref}}": ("get",),
    f"{_REPO}/commits/{{ref}}/status": ("get",),
    f"{_REPO}/commits/{{ref}}/statuses": ("get",),
    f"{_REPO}/compare/{{basehead}}": ("get",),
    f"{_REPO}/git/matching-refs/{{ref}}": ("get",),
    f"{_REPO}/git/ref/{{ref}}": ("get",),
    f"{_REPO}/git/refs": ("post",),
    f"{_REPO}/git/refs/{{ref}}": ("patch", "delete"),
    f"{_REPO}/git/tags": ("post",),
    f"{_REPO}/issues/comments/{{comment_id}}": ("get", "patch", "delete"),
    f"{_REPO}/issues/{{issue_number}}": ("get",),
    f"{_REPO}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{_REPO}/issues/{{issue_number}}/labels": ("get", "post", "put"),
    f"{_REPO}/issues/{{issue_number}}/labels/{{name}}": ("delete",),
    f"{_REPO}/pulls": ("get", "post"),
    f"{_REPO}/pulls/{{pull_number}}": ("get", "patch"),
    f"{_REPO}/pulls/{{pull_number}}/commits": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/files": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/requested_reviewers": ("get", "post"),
    f"{_REPO}/pulls/{{pull_number}}/reviews": ("get",),
    f"{_REPO}/releases": ("get", "post"),
    f"{_REPO}/releases/latest": ("get",),
    f"{_REPO}/releases/tags/{{tag}}": ("get",),
    f"{_REPO}/releases/assets/{{asset_id}}": ("delete",),
    f"{_REPO}/releases/{{release_id}}": ("get", "patch", "delete"),
    f"{_REPO}/releases/{{release_id}}/assets": ("get", "post"),
    f"{_REPO}/statuses/{{sha}}": ("post",),
    f"{_REPO}/tags": ("get",),
}
_TALK = frozenset({"description", "summary", "title", "example", "examples", "externalDocs", "tags", "deprecated", "default"})
Json = Any  # what json.load gives


def cut(source: Json) -> Json:
    """Return the operations kept and what they refer to: no words for people, `nullable` written as JSON Schema."""
    paths = {}
    for path, methods in _KEPT.items():
        item = source["paths"][path]
        paths[path] = {method: _keep_operation(_resolve_parameters(source, item[method])) for method in methods}
    return {"version": source["info"]["version"], "paths": _clean(paths), "components": {"schemas": _collect_schemas(source, paths)}}


def _resolve_parameters(source: Json, operation: Json) -> Json:
    """Return the operation with its parameters and replies in place; only schemas stay references."""

    def follow(node: Json) -> Json:
        _, _, kind, name = node["$ref"].split("/") if "$ref" in node else ("", "", "", "")
        return source["components"][kind][name] if name else node

    replies = {status: follow(reply) for status, reply in operation["responses"].items()}
    return {**operation, "parameters": [follow(parameter) for parameter in operation.get("parameters", [])], "responses": replies}


def _keep_operation(operation: Json) -> Json:
    bodies = {
        status: content["application/json"]["schema"]
        for status, reply in operation["responses"].items()
        if "application/json" in (content := reply.get("content", {}))
    }
    parameters = [{"name": p["name"], "schema": p["schema"]} for p in operation["parameters"] if p["in"] == "query"]
    kept = {"id": operation["operationId"], "query": parameters, "statuses": sorted(operation["responses"]), "replies": bodies}
    if schema := operation.get("requestBody", {}).get("content", {}).get("application/json"):  # a file is sent as it is
        kept["body"] = schema["schema"]
    return kept


def _collect_schemas(source: Json, start: Json) -> Json:
    found: dict[str, Json] = {}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and (name := reference.rsplit("/", 1)[1]) not in found:
                found[name] = _clean(source["components"]["schemas"][name])
                waiting.append(found[name])
            waiting += node.values()
    return found


def _clean(node: Json, *, names: bool = False) -> Json:
    """Return a copy without words for people; with `names`, the keys are names of properties and all stay."""
    if isinstance(node, list):
        return [_clean(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _clean(value, names=key == "properties" and not names)
        for key, value in node.items()
        if names or not (key in _TALK or key.startswith("x-"))
    }
    if names or kept.pop("nullable", False) is not True:
        return kept
    return {"anyOf": [kept, {"type": "null"}]}


def main() -> None:
    """Write the test data; the same source gives the same bytes."""
    source = json.loads(Path(sys.argv[1]).read_bytes())
    text = json.dumps(cut(source), sort_keys=True, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
