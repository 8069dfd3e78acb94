"""Where a repository lives on GitHub, and the token that may be used to reach it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from notewright.errors import ConfigError, GitHubError

_SLUG = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_SCP_LIKE = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:@]+):(?!/)(?P<path>.+)")
_TOKENS = ("NOTEWRIGHT_TOKEN", "GITHUB_TOKEN")


@dataclass(frozen=True, slots=True)
class Access:
    """One repository (`owner/name`), its web and API addresses without a final slash, and a token, if there is one."""

    repository: str
    server_url: str
    api_url: str
    token: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address of the repository for people; git's is the same with `.git`."""
        return f"{self.server_url}/{self.repository}"

    @property
    def owner(self) -> str:
        """The account that the repository belongs to."""
        return self.repository.partition("/")[0]

    def require_token(self) -> str:
        """Return the token. Raises `GitHubError` where there is none."""
        if self.token is None:
            raise GitHubError(
                f"no token for {self.repository}",
                hint="set GITHUB_TOKEN (in a workflow `GITHUB_TOKEN: ${{ github.token }}`), or see it without: `release run --dry-run`",
            )
        return self.token


def read_access(environment: Mapping[str, str], *, origin: str | None) -> Access | None:
    """Read GITHUB_REPOSITORY, GITHUB_SERVER_URL, GITHUB_API_URL and the token; the `origin` address fills what is not set.

    None where neither names a repository. Only https addresses are taken, and http ones of this machine (security case
    39). Raises `ConfigError`.
    """
    server, slug = _read_origin(origin or "")
    slug = environment.get("GITHUB_REPOSITORY") or slug
    if not slug:
        return None
    if not _SLUG.fullmatch(slug):
        raise ConfigError(f"{slug!r} is not the name of a repository", hint="GITHUB_REPOSITORY is written owner/name")
    server = _read_url(environment.get("GITHUB_SERVER_URL") or server or "https://github.com", "GITHUB_SERVER_URL")
    api = _read_url(environment.get("GITHUB_API_URL") or _api_of(server), "GITHUB_API_URL")
    return Access(slug, server, api, _read_token(environment))


def read_login(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the address of the server that the token is for, as GITHUB_SERVER_URL names it, and the token; None without a token.
    Raises `ConfigError`."""
    token = _read_token(environment)
    return (_read_url(environment.get("GITHUB_SERVER_URL") or "https://github.com", "GITHUB_SERVER_URL"), token) if token else None


def authorize(url: str, token: str) -> tuple[tuple[str, str], ...]:
    """Return the settings that let git show a token to one address and to no other.

    The empty value first: a header that actions/checkout left in .git/config would make two, which GitHub refuses. The whole address
    is the key, so that an `insteadOf` in .git/config gets no token.
    """
    login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return (f"http.{url}.extraheader", ""), (f"http.{url}.extraheader", f"Authorization: Basic {login}")


def is_loopback(url: str) -> bool:
    """Return whether an address means this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _read_token(environment: Mapping[str, str]) -> str | None:
    return next((value.strip() for name in _TOKENS if (value := environment.get(name, "")).strip()), None)


def _read_origin(origin: str) -> tuple[str | None, str | None]:
    """Return server and owner/name of an https, ssh or scp-like address; a user or token in it is left out (case 40)."""
    if match := _SCP_LIKE.fullmatch(origin) if "://" not in origin else None:
        server, path = f"https://{match['host']}", match["path"]
    else:
        try:
            parts = urlsplit(origin)
            port = f":{parts.port}" if parts.port and parts.scheme != "ssh" else ""
        except ValueError:
            return None, None
        if parts.scheme not in ("https", "http", "ssh") or not parts.hostname:
            return None, None
        server, path = f"{'http' if parts.scheme == 'http' else 'https'}://{parts.hostname}{port}", parts.path
    slug = path.strip("/").removesuffix(".git")
    return (server, slug) if _SLUG.fullmatch(slug) else (None, None)


def _read_url(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        plain = parts.hostname is not None and not (parts.username or parts.password or parts.query or parts.fragment)
        allowed = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        _ = parts.port  # raises where it is no number
    except ValueError:
        plain = allowed = False
    if not (plain and allowed):
        raise ConfigError(f"{name} is not an address that a token may be sent to", hint="use https://; http:// only reaches this machine")
    return url.rstrip("/")


def _api_of(server: str) -> str:
    return "https://api.github.com" if server == "https://github.com" else f"{server}/api/v3"
