"""Failures of GitHub, told to a person: what could not be done, what GitHub says, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from notewright.adapters.graphql import Strained
from notewright.adapters.limits import is_limit, say_until
from notewright.errors import GitHubError

if TYPE_CHECKING:
    from github import GithubException

_AGAIN = "run the same command again: what was done stays, nothing is done twice"
_PERMISSIONS = "give the token what it needs; in a workflow:\npermissions:\n  contents: write\n  pull-requests: write\n  statuses: write"
_SETTING = (
    "switch on Settings → Actions → General → Workflow permissions → "
    "“Allow GitHub Actions to create and approve pull requests”, or use the token of a GitHub App"
)
_NO_GITHUB = "check that GITHUB_API_URL names GitHub's API"


@contextmanager
def explaining(what: str, api_url: str, timeout_s: int) -> Iterator[None]:
    """Turn what goes wrong inside, which only asks GitHub by PyGithub, into a `GitHubError` that says what could not be done."""
    from github import BadAttributeException, GithubException
    from requests.exceptions import RequestException, Timeout

    try:
        yield
    except GithubException as error:
        reason = _reason(error)
        raise GitHubError(f"cannot {what}: GitHub answers {error.status}{reason and f': {reason}'}", hint=_hint(error, reason)) from error
    except Strained as error:
        raise GitHubError(f"cannot {what}: GitHub gives up halfway: {error}", hint=f"wait a few minutes; {_AGAIN}") from error
    except RequestException as error:
        # a time limit met at the last try comes wrapped, as a connection error
        late = isinstance(error, Timeout) or "timed out" in str(error)
        told = f"GitHub did not answer within {timeout_s} s" if late else f"{api_url} cannot be reached"
        raise GitHubError(f"cannot {what}: {told}", hint=f"check the network; {_AGAIN}") from error
    except RecursionError as error:
        raise GitHubError(f"cannot {what}: {api_url} answers without end", hint=_NO_GITHUB) from error
    except RuntimeError as error:  # PyGithub's word for a redirect to another host, where no token may go (security case 38)
        raise GitHubError(f"cannot {what}: GitHub sends us to another address", hint="check GITHUB_API_URL and the name") from error
    except (BadAttributeException, AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
        # only PyGithub's reading of the answer happens in here: this is its way of meeting one of an unknown shape
        raise GitHubError(f"cannot {what}: {api_url} answers something that GitHub's API does not", hint=_NO_GITHUB) from error


def _reason(error: GithubException) -> str:
    """Return GitHub's own words on one line."""
    data = error.data if isinstance(error.data, dict) else {}
    details = data.get("errors")
    parts = [data.get("message"), *(details if isinstance(details, list) else [])]
    texts = [part.get("message") if isinstance(part, dict) else part for part in parts]
    return " ".join("; ".join(text for text in texts if isinstance(text, str)).split())[:300]


def _hint(error: GithubException, reason: str) -> str:
    if is_limit(error):
        return f"wait {say_until(error)} and {_AGAIN}"
    if "not permitted to create or approve pull requests" in reason.lower():
        return _SETTING
    return _HINTS.get(error.status) or _AGAIN


_HINTS = {
    401: "set GITHUB_TOKEN to a token that is valid; in a workflow `GITHUB_TOKEN: ${{ github.token }}`",
    403: _PERMISSIONS,
    404: f"check the name of the repository, and that the token may see it; {_PERMISSIONS}",
    422: "GitHub says above what it does not take; correct that in notewright.yaml or in the repository's settings",
}
