"""Approval on the page of a published release: who ticked which audit, when, what that binds, and what became of it."""

from __future__ import annotations

from notewright.rendering.neutral import neutral_html
from notewright.rendering.page import Row, facts, prose, table
from notewright.rendering.page import link as anchor
from notewright.review.approval import Approval
from notewright.review.audit import Audit, link

_HEADS = ("Audit", "Ticked by", "Proposal")  # three columns, which a phone shows whole


def render_approval(audit: Audit, repository: str | None) -> str:
    """Return as HTML what the records of audit.json say of the approval; `repository` is its page on the server."""
    rows = (_approval(approval, repository) for approval in audit.approvals.approvals)
    given = table("Who ticked which audit", _HEADS, rows)
    none = '<p class="warn">Finished without the gate: nobody\'s approval is recorded.</p>'
    return f"{none if audit.approvals.gate == 'none' else given}\n{_facts(audit)}"


def _approval(approval: Approval, repository: str | None) -> Row:
    run = anchor(f"run {approval.event_id}", f"{repository}/actions/runs/{approval.event_id}" if repository else None)
    return Row((neutral_html(approval.audit), f"{neutral_html(f'{approval.login}, {approval.at}')}, {run}", prose(f"`{approval.digest}`")))


def _facts(audit: Audit) -> str:
    proposed, published = audit.proposal, audit.publication
    asked = f"{proposed.pull_request}, at its commit `{proposed.head}`" if proposed.pull_request else "none: nobody was asked"
    merged = f"as `{published.commit}`, {published.merged_at}" + (f", by {published.merged_by}" if published.merged_by else "")
    return facts(
        ("Pull request", asked),
        ("Proposal", f"`{proposed.proposal}`"),
        ("All files, by their tree", f"`{proposed.tree}`"),
        ("Merged", merged),
        ("Tag", f"{published.tag}, the object `{published.tag_object}`"),
        ("Digest of this record", f"`{link(audit.approvals)}`"),
    )
