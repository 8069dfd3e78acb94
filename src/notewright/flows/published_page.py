"""The page of a published release: audit.html, made anew from what its commit keeps."""

from __future__ import annotations

from notewright.adapters.prompts.prompts import Prompts
from notewright.errors import NotewrightError
from notewright.flows.changelog import Upcoming
from notewright.flows.merged import Merged
from notewright.notes.document import read_notes
from notewright.notes.report import check_notes
from notewright.review import changes, edited, folder
from notewright.review.audit import Audit
from notewright.review.edited import Suggested, check_held, read_suggestions
from notewright.review.material import Audience, Material, exhibit
from notewright.review.page import render_page
from notewright.review.proposal import PromptRecord
from notewright.review.usage import UNKNOWN, read_usage


def render_published(merged: Merged, upcoming: Upcoming, prompts: Prompts, *, section_markdown: str, audit: Audit) -> bytes | None:
    """Return the page, for those who read the release and not its pull request, with who approved it; what the notes cost is not kept.
    None where the prompts here are no longer those that the notes were made by: their policies say what the notes must tell."""
    decided = upcoming.next if upcoming.next and upcoming.next.sha else None
    try:
        suggested = _read_suggested(merged)
        audiences = tuple(
            _audience(merged, upcoming, prompts, record, suggested.get(record.audience)) for record in merged.proposal.prompts
        )
    except (NotewrightError, LookupError):
        return None
    material = Material(
        proposal=merged.proposal,
        section=upcoming.section,
        section_markdown=section_markdown,
        reason=f"{decided.level}, because of {decided.subject}" if decided else "",
        decider=decided.sha if decided else None,
        audiences=audiences,
        usage=read_usage(UNKNOWN),
        changes=changes.read_changes(merged.files.get(changes.NAME)),
        audit=audit,
    )
    return render_page(material).encode()


def _audience(merged: Merged, upcoming: Upcoming, prompts: Prompts, record: PromptRecord, suggested: Suggested | None) -> Audience:
    audience = prompts.audience(record.audience)
    if audience.prompt.digest != record.digest:
        raise LookupError(record.audience)
    name, section = f"{folder.NOTES}/{record.audience}", upcoming.section
    notes, text = read_notes(merged.files[f"{name}.json"]), merged.files[f"{name}.md"].decode("utf-8", "replace")
    report = (check_held if suggested else check_notes)(section, notes, audience.policy)
    return Audience(record.audience, text, exhibit(section, notes, report), suggested, report.missing, notes.failed_lead)


def _read_suggested(merged: Merged) -> dict[str, Suggested]:
    """Return the notes that belong to people, with what was suggested to them."""
    content = merged.files.get(edited.NAME)
    if content is None:
        return {}
    names = [record.audience for record in merged.proposal.prompts]
    return {
        one.file.audience: one for one in read_suggestions(content, {name: merged.files[f"{folder.NOTES}/{name}.md"] for name in names})
    }
