"""Events that may not release, and checkouts that can't."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notewright.action.inputs import Inputs
from notewright.errors import RepositoryError, UsageError
from notewright.system.git import Git, GitFailed

# What the payload calls the two sides of an event that a fork can cause.
_SIDES = (
    (("pull_request", "head", "repo"), ("pull_request", "base", "repo")),
    (("workflow_run", "head_repository"), ("repository",)),
)
# Anybody may cause these at a public repository: the first name nobody's standing, the others that of who wrote the words.
_ANYBODY = ("fork", "watch", "gollum")
_WORDS = {
    "issue_comment": "comment", "commit_comment": "comment", "discussion_comment": "comment", "pull_request_review_comment": "comment",
    "pull_request_review": "review", "issues": "issue", "discussion": "discussion",
}  # fmt: skip
_MEMBERS = ("OWNER", "MEMBER", "COLLABORATOR")
_OWN_EVENTS = "start it by push, schedule or workflow_dispatch; a pull request can be shown what would be released with dry-run: true"
_CHECKOUT = "check out the whole history:\n  - uses: actions/checkout@v7\n    with:\n      fetch-depth: 0\n      persist-credentials: false"


def check_event(environment: Mapping[str, str], inputs: Inputs) -> None:
    """Refuse pull_request_target, and to write for any other event that a stranger can cause: a fork's pull request, or words of somebody
    who is no member, whatever the account is called (security cases 23-25). Raises `UsageError`."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name == "pull_request_target":  # whatever is asked for: a token and a stranger's files are together there
        raise UsageError("pull_request_target runs with a write token on a stranger's behalf: nothing is released", hint=_OWN_EVENTS)
    if not inputs.writes:
        return
    if name.startswith(("pull_request", "workflow_run")) and _is_foreign(_read_payload(environment)):
        raise UsageError("this event comes from a fork: nothing is released", hint=_OWN_EVENTS)
    if name in _ANYBODY or (name in _WORDS and not _is_member(_read_payload(environment), _WORDS[name])):
        raise UsageError(f"anybody may cause the event {name}: nothing is released", hint=_OWN_EVENTS)


def check_history(inputs: Inputs) -> None:
    """Stop at a checkout without its history, unless none is needed. Raises `RepositoryError` with the lines that mend it."""
    if inputs.command == "dataset":  # made of clones of its own: the checkout only says of which
        return
    try:
        shallow = Git(inputs.directory).line("rev-parse", "--is-shallow-repository")
    except GitFailed as error:
        raise RepositoryError("there is no repository in the workspace", hint=_CHECKOUT) from error
    if shallow == "true":
        raise RepositoryError("the checkout is shallow: it lacks the history that a changelog is made of", hint=_CHECKOUT)


def _read_payload(environment: Mapping[str, str]) -> Any:  # noqa: ANN401  # whatever JSON holds
    try:
        return json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_bytes())
    except (OSError, ValueError):
        return None


def _is_foreign(payload: Any) -> bool:  # noqa: ANN401  # whatever JSON holds
    """Whether a payload does not show that both sides are one repository; a deleted fork has no name left."""
    pairs = [(_find(payload, head), _find(payload, base)) for head, base in _SIDES]
    return not any(isinstance(head, dict) and isinstance(base, dict) and _is_same(head, base) for head, base in pairs)


def _is_member(payload: Any, kind: str) -> bool:  # noqa: ANN401  # whatever JSON holds
    """Whether who wrote a comment, a review or an issue belongs to the repository, as GitHub says; a login proves nothing."""
    return _find(payload, (kind, "author_association")) in _MEMBERS


def _is_same(head: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    return isinstance(head.get("full_name"), str) and head["full_name"] == base.get("full_name")


def _find(payload: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401  # whatever JSON holds
    for key in path:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload
