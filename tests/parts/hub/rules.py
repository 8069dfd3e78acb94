"""How GitHub says no."""

from __future__ import annotations

from typing import Any

MAX_BODY = 65_536
MAX_RELEASE_BODY = 125_000
MAX_TITLE = 256
MAX_STATUS_DESCRIPTION = 140
DOCUMENTATION = "https://docs.github.com/rest"
Json = Any  # what json.dumps takes


class Refused(Exception):
    """A request that GitHub answers with an error."""

    def __init__(self, status: int, message: str, errors: list[Json] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Json] = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        if errors:
            self.body["errors"] = errors


def not_found() -> Refused:
    """Return the answer to everything that is not there, or not for you."""
    return Refused(404, "Not Found")


def no_commit(name: str) -> Refused:
    """Return the answer to a revision that names no commit."""
    return Refused(422, f"No commit found for SHA: {name}")


def invalid(resource: str, field: str, code: str = "invalid") -> Refused:
    """Return the answer to a value that is wrong by itself: `code` is invalid, missing_field or already_exists."""
    return Refused(422, "Validation Failed", [{"resource": resource, "field": field, "code": code}])


def broken_rule(resource: str, message: str, field: str | None = None) -> Refused:
    """Return the answer to a request that breaks a rule which needs words."""
    named = {"field": field} if field else {}
    return Refused(422, "Validation Failed", [{"resource": resource, "code": "custom", **named, "message": message}])


def check_length(resource: str, field: str, text: str | None, limit: int) -> None:
    """Raise `Refused` when a text is longer than GitHub stores; it counts characters."""
    if text is not None and len(text) > limit:
        raise broken_rule(resource, f"{field} is too long (maximum is {limit} characters)", field)
