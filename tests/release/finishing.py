"""A release pull request approved, merged and finished on a site."""

from __future__ import annotations

from dataclasses import replace

from notewright.control import Cancel
from notewright.flows.finish import Publication, finish_release
from tests.parts import approving
from tests.parts.tokens import TOKEN_WRITE
from tests.release.site import Site

WAYS = ("merge", "squash", "rebase")


def approve(site: Site, *, token: str = TOKEN_WRITE, number: int = 1, digest: str | None = None) -> str:
    """Approve a pull request, as if the gate of `token` had said so; return its newest commit."""
    return approving.approve(site.github, site.git_server, number, token=token, digest=digest)


def merged(site: Site, way: str = "merge") -> str:
    """Propose, approve and merge the release 0.2.0, and bring the clone to it; return the last commit on the base."""
    site.run()
    approve(site)
    return merge(site, way)


def merge(site: Site, way: str = "merge", *, number: int = 1) -> str:
    """Merge a pull request, and bring the clone to it."""
    sha = site.github.merge(number, method=way)
    site.pull()
    return sha


def finish(site: Site, *, version: str | None = None, without_gate: bool = False, token: str = TOKEN_WRITE) -> Publication:
    """Finish what was merged."""
    return finish_release(
        site.repository, site.config, access=site.access(token), github=site.connect(token), prompts=site.prompts(), version=version,
        without_gate=without_gate, report=site.report, cancel=Cancel(),
    )  # fmt: skip


def told_to(site: Site, *audiences: str) -> None:
    """Let notes be written for these audiences."""
    site.config = replace(site.config, notes=replace(site.config.notes, audiences=audiences))
