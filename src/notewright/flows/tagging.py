"""Tagging: the tag of a merged release on the server, made once."""

from __future__ import annotations

from notewright.adapters.remote import Remote
from notewright.adapters.tag_object import build_tag, read_message
from notewright.errors import CheckFailed, GitHubError
from notewright.flows.merged import Merged
from notewright.review.audit import ApprovalsRecord, ProposalRecord, link, read_anchor, tag_message
from notewright.system.git import Git


def ensure_tag(git: Git, remote: Remote, merged: Merged, proposal: ProposalRecord, approvals: ApprovalsRecord) -> str:
    """Return the object of the release's tag on the server, which is made unless it is there. A tag that somebody else put on the same
    commit is as good. Raises `CheckFailed` for one on another commit, and for one of ours that binds other approvals."""
    tag = merged.tag
    wanted = build_tag(git, name=tag, commit=merged.commit, message=tag_message(tag, proposal, approvals))
    found = remote.read_tag(tag) or _push(remote, wanted, merged)
    if found is None:
        return wanted
    sha, commit = found
    if commit != merged.commit:
        raise CheckFailed(
            f"the tag {tag} is at {commit}, and {merged.proposal.name} was merged as {merged.commit}",
            hint=f"if the tag is wrong, delete it (`git push origin :refs/tags/{tag}`) and run this again",
        )
    if sha not in (wanted, commit):
        remote.fetch(f"refs/tags/{tag}")
        if read_anchor(read_message(git, sha)) not in (None, link(approvals)):
            raise CheckFailed(
                f"the tag {tag} was made with other approvals than those that GitHub tells of now",
                hint="run this as it was run then, with `--without-gate` or without; what was approved then stands in the tag's message",
            )
    return sha


def _push(remote: Remote, wanted: str, merged: Merged) -> tuple[str, str] | None:
    """Push the tag; return what another run pushed first."""
    try:
        remote.push(wanted, f"refs/tags/{merged.tag}", expected=None)
    except GitHubError:  # another run was faster, or the answer to our own push was lost
        if (found := remote.read_tag(merged.tag)) is None:
            raise
        return found
    return None
