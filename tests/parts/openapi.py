"""GitHub's own description of its REST interface: finds operations, checks requests and replies, fills in what is required."""

from __future__ import annotations

import copy
import functools
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

import jsonschema

Json = Any  # what json.loads gives
_SOURCE = Path(__file__).resolve().parents[1] / "data" / "github-openapi.json.gz"
_SPANNING = frozenset({"ref", "branch", "tag", "basehead"})  # parameters that may hold slashes
_SAMPLES = {"string": "sample", "integer": 1, "number": 1, "boolean": False, "array": []}
_FORMATS = {"date-time": "2026-01-01T00:00:00Z", "uri": "https://github.invalid/sample", "email": "sample@example.org"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `identity` is GitHub's name for it, such as pulls/create."""

    identity: str
    method: str
    pattern: re.Pattern[str]
    query: Mapping[str, Json]
    body: Json | None
    replies: Mapping[str, Json]
    statuses: frozenset[str]


class Description:
    """What GitHub says that requests and replies look like."""

    def __init__(self, source: Json) -> None:
        self._schemas: dict[str, Json] = source["components"]["schemas"]
        self._checks: dict[tuple[str, str], jsonschema.Draft202012Validator] = {}
        longest_first = sorted(source["paths"].items(), key=lambda item: (-item[0].count("/"), item[0]))
        self.operations = [_read_operation(path, method, raw) for path, item in longest_first for method, raw in item.items()]

    @classmethod
    @functools.cache
    def load(cls) -> Self:
        """Return the description kept as test data."""
        return cls(json.loads(gzip.decompress(_SOURCE.read_bytes())))

    def find_operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return what a request asks for and the decoded values in its path; None when it is not described."""
        for operation in self.operations:
            if operation.method == method and (match := operation.pattern.fullmatch(path)):
                return operation, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def find_request_errors(self, operation: Operation, query: Mapping[str, str], body: Json) -> list[str]:
        """Return what is wrong with a request, nothing when it is right. Unknown parameters are ignored, as GitHub does."""
        found = []
        for name, schema in operation.query.items():
            if name in query:
                value = int(query[name]) if schema.get("type") == "integer" and query[name].isdecimal() else query[name]
                found += self._errors((operation.identity, f"query {name}"), schema, value)
        if operation.body is not None:
            found += self._errors((operation.identity, "body"), operation.body, body)
        return found

    def find_reply_errors(self, operation: Operation, status: int, body: Json) -> list[str]:
        """Return what is wrong with a reply, nothing when it is right."""
        schema = operation.replies.get(str(status))
        if schema is not None:
            return self._errors((operation.identity, str(status)), schema, body)
        known = str(status) in operation.statuses or status >= 400
        return [] if known and (status >= 400) == isinstance(body, dict) else [f"status {status} is not described"]

    def sample(self, schema_name: str) -> Json:
        """Return a smallest value that fits a named schema: what is required, null where it may be."""
        return copy.deepcopy(self._named_sample(schema_name))

    def _errors(self, key: tuple[str, str], schema: Json, value: Json) -> list[str]:
        if key not in self._checks:
            self._checks[key] = jsonschema.Draft202012Validator({**schema, "components": {"schemas": self._schemas}})
        return [f"{error.json_path}: {error.message:.300}" for error in self._checks[key].iter_errors(value)]

    @functools.lru_cache  # noqa: B019  # there is one description, and it lives as long as the tests
    def _named_sample(self, name: str) -> Json:
        return self._sample(self._schemas[name])

    def _sample(self, schema: Json) -> Json:
        if "$ref" in schema:
            return self.sample(schema["$ref"].rsplit("/", 1)[1])
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return None if {"type": "null"} in schema[choice] else self._sample(schema[choice][0])
        if "enum" in schema:
            return schema["enum"][0]
        if "allOf" in schema:
            return {name: value for part in schema["allOf"] for name, value in self._sample(part).items()}
        if schema.get("type") == "object" or "properties" in schema:
            required = schema.get("required", ())
            return {name: self._sample(part) for name, part in schema.get("properties", {}).items() if name in required}
        return _FORMATS.get(schema.get("format", "")) or copy.copy(_SAMPLES[schema.get("type", "string")])


def _read_operation(path: str, method: str, raw: Json) -> Operation:
    pieces = re.split(r"\{(\w+)\}", path)  # literals and names take turns
    pattern = "".join(
        re.escape(piece) if place % 2 == 0 else f"(?P<{piece}>{'.+' if piece in _SPANNING else '[^/]+'})"
        for place, piece in enumerate(pieces)
    )
    query = {parameter["name"]: parameter["schema"] for parameter in raw["query"]}
    statuses = frozenset(raw["statuses"])
    return Operation(raw["id"], method.upper(), re.compile(pattern), query, raw.get("body"), raw["replies"], statuses)
