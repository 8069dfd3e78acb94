"""Tagging: the tag of a merged release on the server, made once."""

from __future__ import annotations

from notewright.adapters.remote import Remote
from notewright.adapters.tag_object import build_tag, read_message
from notewright.errors import CheckFailed, GitHubError
from notewright.flows.merged import Merged
from notewright.review.audit import ApprovalsRecord, ProposalRecord, link, read_anchor, tag_message
from notewright.system.git import Git


def find_tag(remote: Remote, merged: Merged) -> str | None:
    """Return the object of the release's tag on the server; None where it is not there. Raises `CheckFailed` for one that is elsewhere."""
    sha, commit = remote.read_tag(merged.tag) or (None, merged.commit)
    if commit != merged.commit:
        raise CheckFailed(
            f"the tag {merged.tag} is at {commit}, and {merged.proposal.name} was merged as {merged.commit}",
            hint=f"if the tag is wrong, delete it (`git push origin :refs/tags/{merged.tag}`, and in this clone) and run this again",
        )
    return sha


def ensure_tag(git: Git, remote: Remote, merged: Merged, proposal: ProposalRecord, approvals: ApprovalsRecord, *, found: str | None) -> str:
    """Return the object of the release's tag on the server, pushed unless it was `found`. A tag that somebody else put on the same commit
    is as good. Raises `CheckFailed` for one of ours that binds other approvals."""
    wanted = build_tag(git, name=merged.tag, commit=merged.commit, message=tag_message(merged.tag, proposal, approvals))
    sha = found or _push(remote, wanted, merged)
    if sha not in (wanted, merged.commit):
        remote.fetch(f"refs/tags/{merged.tag}")
        if read_anchor(read_message(git, sha)) not in (None, link(approvals)):
            raise CheckFailed(
                f"the tag {merged.tag} was made with other approvals than those that GitHub tells of now",
                hint="run this as it was run then, with `--without-gate` or without; what was approved then stands in the tag's message",
            )
    return sha


def _push(remote: Remote, wanted: str, merged: Merged) -> str:
    """Push the tag; return the object that it has now, by this run or by a faster one."""
    try:
        remote.push(wanted, f"refs/tags/{merged.tag}", expected=None)
    except GitHubError:  # another run was faster, or the answer to our own push was lost
        if (found := find_tag(remote, merged)) is None:
            raise
        return found
    return wanted
