"""Links: addresses of commits, references and comparisons, built by code and never by commits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~-]+)+/?")
# "..", as owner or name, would lead to another page of the host
_REFERENCE = re.compile(r"(?:((?!\.)[\w.-]+/(?!\.{1,2}\#)[\w.-]+)?\#|GH-)([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below one repository's page ("https://github.com/owner/name"), in GitHub's form."""

    repository_url: str

    def commit(self, sha: str) -> str:
        """The page of a commit."""
        return f"{self.repository_url}/commit/{quote(sha)}"

    def compare(self, previous: str, tag: str) -> str:
        """The page that compares two tags or revisions."""
        return f"{self.repository_url}/compare/{quote(previous, safe='')}...{quote(tag, safe='')}"

    def release(self, tag: str) -> str:
        """The page of a release."""
        return f"{self.repository_url}/releases/tag/{quote(tag, safe='')}"

    def reference(self, reference: str) -> str | None:
        """The page of "#12", "GH-12" or "owner/name#12"; None for anything else."""
        match = _REFERENCE.fullmatch(reference)
        if not match:
            return None
        owner = self.repository_url.rsplit("/", 2)[0]
        base = f"{owner}/{match[1]}" if match[1] else self.repository_url
        return f"{base}/issues/{match[2]}"


def links_to(repository_url: str | None) -> Links | None:
    """Return links below a repository's page; None without one. Raises `ValueError` if it is not a plain web address."""
    if not repository_url:
        return None
    if not _WEB.fullmatch(repository_url):
        raise ValueError(f"{repository_url!r} is not the address of a repository's page")
    return Links(repository_url.removesuffix("/").removesuffix(".git"))
