"""Records of an audit, made from what a merged release holds and from what GitHub says of its approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notewright.notes.document import read_notes
from notewright.rendering.canonical import digest
from notewright.review import folder
from notewright.review.approval import CONTEXT, Status, read_approvals
from notewright.review.audit import (
    ApprovalsRecord,
    AudienceRecord,
    Audit,
    ChangelogRecord,
    NotesRecord,
    ProposalRecord,
    PublicationRecord,
    find_gaps,
    link,
)
from notewright.review.proposal import FileDigest, PromptRecord, Proposal


@dataclass(frozen=True, slots=True)
class Grounds:
    """The first three records: what the approvals are about."""

    changelog: ChangelogRecord
    notes: NotesRecord
    proposal: ProposalRecord

    def publish(self, approvals: ApprovalsRecord, publication: PublicationRecord) -> Audit:
        """Return the whole chain."""
        return Audit(1, self.changelog, self.notes, self.proposal, approvals, publication)


def record_grounds(proposal: Proposal, files: Mapping[str, bytes], *, tree: str, pull_request: int | None, head: str | None) -> Grounds:
    """Record what was proposed and how it stands in a commit: `files` are those of the proposal by their names, `tree` is the commit's."""
    changelog = ChangelogRecord(
        repository=proposal.repository,
        component=proposal.component,
        version=proposal.version or "",
        base=proposal.base,
        start=proposal.start,
        end=proposal.end,
        date=proposal.date,
        overrides=proposal.overrides,
        template=proposal.template,
        files=tuple(file for file in proposal.files if not file.name.startswith(f"{folder.NOTES}/")),
    )
    proposed = {file.name: file.digest for file in proposal.files}
    audiences = tuple(_record_audience(prompt, proposed, files) for prompt in proposal.prompts)
    notes = NotesRecord(link(changelog), proposal.model, audiences)
    return Grounds(changelog, notes, ProposalRecord(link(notes), proposal.digest, proposal.tool, pull_request, head, tree))


def record_approvals(grounds: Grounds, statuses: Iterable[Status], creators: Iterable[str]) -> ApprovalsRecord:
    """Record the approvals that the statuses of the pull request's head (newest first) hold. The gate counts as passed where one of the
    accounts `creators` says so in all three: the gate's own and those of both audits, for this very proposal."""
    said = tuple(statuses)
    for creator in dict.fromkeys(creators):
        latest = next((status for status in said if (status.creator, status.context) == (creator, CONTEXT)), None)
        record = ApprovalsRecord(link(grounds.proposal), "success", read_approvals(said, creator))
        if latest and latest.state == "success" and not any(find_gaps(record, grounds.proposal.proposal)):
            return record
    return ApprovalsRecord(link(grounds.proposal), "none", ())


def list_assets(assets: Mapping[str, bytes]) -> tuple[FileDigest, ...]:
    """Return the digest of each file of a release, by name."""
    return tuple(FileDigest(name, digest(content)) for name, content in sorted(assets.items()))


def _record_audience(prompt: PromptRecord, proposed: Mapping[str, str], files: Mapping[str, bytes]) -> AudienceRecord:
    name = f"{folder.NOTES}/{prompt.audience}"
    sentences, text = files[f"{name}.json"], files[f"{name}.md"]
    counted = Counter(sentence.status for sentence in read_notes(sentences).sentences)
    return AudienceRecord(
        audience=prompt.audience,
        prompt_version=prompt.version,
        prompt=prompt.digest,
        model=counted["model"],
        repaired=counted["repaired"],
        fallback=counted["fallback"],
        human=counted["human"],
        sentences=digest(sentences),
        text=digest(text),
        edited=digest(text) != proposed[f"{name}.md"],
    )
