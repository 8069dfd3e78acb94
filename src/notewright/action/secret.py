"""Secrets of a job: variables that hold a token, which no model, package installer or other child may see."""

from __future__ import annotations

from collections.abc import Mapping

from notewright.errors import UsageError

# action.yml takes these from the step that asks a model; a test holds the two lists against each other.
TOKENS = (
    "GITHUB_TOKEN", "GH_TOKEN", "NOTEWRIGHT_TOKEN", "INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RESULTS_URL", "ACTIONS_RUNTIME_URL", "ACTIONS_CACHE_URL",
)  # fmt: skip

# Settings in .git/config by which actions/checkout keeps its token for later steps, in each of its versions
CREDENTIALS = r"^(http\..*\.extraheader|includeif\..*\.path)$"


def scrub(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without tokens."""
    return {name: value for name, value in environment.items() if name not in TOKENS}


def check_tokenless(environment: Mapping[str, str]) -> None:
    """Refuse to go on where a token is within reach. Raises `UsageError` naming the variable, never its value (security case 20)."""
    for name in TOKENS:
        if environment.get(name):
            raise UsageError(f"prepare must run without a token, and {name} is set", hint="call the action as action.yml does")
