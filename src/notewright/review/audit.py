"""The audit of a release: what was made, written, proposed, approved and published, each record holding the digest of the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter

from notewright.prompting.request import Identity
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.approval import Approval, short
from notewright.review.checklist import AUDITS
from notewright.review.proposal import Digest, FileDigest, FileName, Line, Ref, Sha
from notewright.review.written import read_written

NAME = "audit.json"
_TRAILER = "Notewright-Audit"
_STRICT = ConfigDict(extra="forbid", strict=True)
_HINT = "take the file audit.json that `release finish` published with the release"

Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


@dataclass(frozen=True, slots=True)
class ChangelogRecord:
    """Stage 2: the range, and the files that follow from it. `date` is that of its last commit."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    repository: Line | None
    component: Line | None
    version: Line
    base: Ref
    start: Sha | None
    end: Sha
    date: Line | None
    overrides: Digest | None
    template: Digest | None
    files: tuple[FileDigest, ...]


@dataclass(frozen=True, slots=True)
class AudienceRecord:
    """The notes for one audience: what they were written with, their sentences by how they came to be, and the file that was published.
    `edited` says that a person changed that file after it was proposed; the sentences are counted as they were proposed."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    audience: FileName
    prompt_version: int
    prompt: Digest
    model: int
    repaired: int
    fallback: int
    human: int
    sentences: Digest
    text: Digest
    edited: bool


@dataclass(frozen=True, slots=True)
class NotesRecord:
    """Stage 3. `model` is None where every sentence was written by rule."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    previous: Digest
    model: Identity | None
    audiences: tuple[AudienceRecord, ...]


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """What was put before people: the proposal, by its digest, and all files as they stood on the head of the pull request, by their tree.
    Without a pull request nobody was asked."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    previous: Digest
    proposal: Digest
    tool: Line
    pull_request: int | None
    head: Sha | None
    tree: Sha


@dataclass(frozen=True, slots=True)
class ApprovalsRecord:
    """Who ticked which audit, in which event and when. `gate` is "none" where a person published without them."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    previous: Digest
    gate: Literal["success", "none"]
    approvals: tuple[Approval, ...]


@dataclass(frozen=True, slots=True)
class PublicationRecord:
    """What went out: the commit on the base, the tag object on it (for a tag without one, the commit), text and files of the release."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    previous: Digest
    commit: Sha
    merged_at: Moment
    merged_by: Line
    tag: Line
    tag_object: Sha
    text: Digest
    files: tuple[FileDigest, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """audit.json: a chain of five records, in this order."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    schema: Literal[1]
    changelog: ChangelogRecord
    notes: NotesRecord
    proposal: ProposalRecord
    approvals: ApprovalsRecord
    publication: PublicationRecord


Record = ChangelogRecord | NotesRecord | ProposalRecord | ApprovalsRecord | PublicationRecord
_ADAPTER = TypeAdapter(Audit)


def link(record: Record) -> str:
    """Return what the next record holds of this one."""
    return digest(canonical_json(asdict(record)))


def audit_json(audit: Audit) -> bytes:
    """Encode as canonical bytes."""
    return canonical_json(asdict(audit))


def read_audit(content: bytes) -> Audit:
    """Read audit.json, which anybody may have written. Raises `CheckFailed` for everything that `audit_json` does not write; whether the
    chain holds is for `find_breaks` to say."""
    return read_written(content, _ADAPTER, audit_json, name=NAME, writer="finish", hint=_HINT)


def find_breaks(audit: Audit) -> Iterator[str]:
    """Yield where the chain does not hold: a record that was changed after the next one was written, and approvals of something else."""
    records: tuple[tuple[str, Record, str], ...] = (
        ("notes", audit.changelog, audit.notes.previous),
        ("proposal", audit.notes, audit.proposal.previous),
        ("approvals", audit.proposal, audit.approvals.previous),
        ("publication", audit.approvals, audit.publication.previous),
    )
    for name, before, held in records:
        if link(before) != held:
            yield f"the chain breaks before {name}: it holds {held}, the record before it is {link(before)}"
    yield from find_gaps(audit.approvals, audit.proposal.proposal)


def find_gaps(approved: ApprovalsRecord, proposal_digest: str) -> Iterator[str]:
    """Yield what approvals lack of passing the gate for a proposal."""
    if approved.gate == "none":
        return
    given = [approval.audit for approval in approved.approvals]
    yield from (f"nobody approved the {audit}" for audit in AUDITS if audit not in given)
    for approval in approved.approvals:
        if approval.digest != short(proposal_digest):
            yield f"{approval.login} approved the {approval.audit} of another proposal: {approval.digest}, not {short(proposal_digest)}"


def tag_message(tag: str, proposal: ProposalRecord, approved: ApprovalsRecord) -> str:
    """Return the message of the tag object. Its last line binds the chain up to the approvals, so that the tag vouches for the audit."""
    people = ", ".join(f"{approval.login} ({approval.audit})" for approval in approved.approvals)
    told = f"Approved by {people}." if people else "Finished without the gate: nobody's approval is recorded."
    return f"{tag}\n\n{told}\n\nNotewright-Proposal: {proposal.proposal}\n{_TRAILER}: {link(approved)}\n"


def read_anchor(message: str) -> str | None:
    """Return the digest that a tag's message binds; None for a tag that somebody else made."""
    found = re.search(rf"^{_TRAILER}: (sha256:[0-9a-f]{{64}})$", message.rstrip("\n").rpartition("\n")[2])
    return found[1] if found else None
