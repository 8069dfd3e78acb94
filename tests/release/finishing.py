"""A release pull request approved, merged and finished on a site."""

from __future__ import annotations

from dataclasses import replace

from notewright.control import Cancel
from notewright.flows.finish import Publication, finish_release
from notewright.review.approval import CONTEXT, Mark, context_of, describe_mark, short
from notewright.review.checklist import AUDITS
from notewright.review.proposal import read_proposal
from tests.parts.tokens import TOKEN_WRITE
from tests.release.site import BRANCH, Site

WAYS = ("merge", "squash", "rebase")
AT = "2026-06-01T08:00:00Z"


def approve(site: Site, *, token: str = TOKEN_WRITE, number: int = 1, digest: str | None = None) -> str:
    """Say of the pull request's head what the gate says once grace ticked the changelog and ada the notes; return the head."""
    head = site.github.pull(number).head_sha
    proposal = read_proposal(site.show(f"{head}:.notewright/releases/{released(site)}/proposal.json").encode() + b"\n")
    github = site.connect(token)
    for audit, login in zip(AUDITS, ("grace", "ada"), strict=True):
        mark = Mark(audit, on=True, login=login, event_id="4711", at=AT, digest=digest or short(proposal.digest), view="0" * 16)
        github.set_status(head, context_of(audit), "success", describe_mark(mark))
    github.set_status(head, CONTEXT, "success", "both audits are approved")
    return head


def released(site: Site) -> str:
    """Return the version that the release branch is about."""
    return site.show(f"{BRANCH}:.notewright/releases").splitlines()[-1].rstrip("/")


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
        site.repository, site.config, access=site.access(token), github=site.connect(token), version=version, without_gate=without_gate,
        report=site.report, cancel=Cancel(),
    )  # fmt: skip


def told_to(site: Site, *audiences: str) -> None:
    """Let notes be written for these audiences."""
    site.config = replace(site.config, notes=replace(site.config.notes, audiences=audiences))
