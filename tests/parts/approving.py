"""A release pull request approved as the gate does it: three statuses on its newest commit."""

from __future__ import annotations

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.review.approval import CONTEXT, Mark, context_of, describe_mark, short
from notewright.review.checklist import AUDITS
from notewright.review.proposal import read_proposal
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.plumbing import read_git
from tests.parts.tokens import TOKEN_WRITE

AT = "2026-06-01T08:00:00Z"


def approve(github: FakeGitHub, git_server: GitServer, number: int = 1, *, token: str = TOKEN_WRITE, digest: str | None = None) -> str:
    """Say that grace ticked the changelog and ada the notes; return the commit that this is said of."""
    head, bare = github.pull(number).head_sha, git_server.path_of("acme/app")
    changed = read_git(bare, "diff", "--name-only", f"main...{head}").splitlines()
    (manifest,) = [path for path in changed if path.endswith("/proposal.json")]
    proposal = read_proposal(read_git(bare, "show", f"{head}:{manifest}").encode() + b"\n")
    api = GitHub(Access("acme/app", git_server.url, github.url, token), timeout_s=2)
    for audit, login in zip(AUDITS, ("grace", "ada"), strict=True):
        mark = Mark(audit, on=True, login=login, event_id="4711", at=AT, digest=digest or short(proposal.digest), view="0" * 16)
        api.set_status(head, context_of(audit), "success", describe_mark(mark))
    api.set_status(head, CONTEXT, "success", "both audits are approved")
    return head
