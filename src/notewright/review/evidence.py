"""Evidence on the page: each sentence beside its entries and commits, how it came about, and what was said before it."""

from __future__ import annotations

from notewright.changelog.section import Entry
from notewright.notes.document import Failed
from notewright.rendering.neutral import neutral_html
from notewright.rendering.page import Row, link, prose, source, table
from notewright.review.edited import Suggested
from notewright.review.material import STATUSES, Audience, Exhibit, Material

_TONES = {"model": "good", "fallback": "soft", "repaired": "warn", "human": "warn"}  # the words beside them say the same
_HEADS = ("#", "Sentence", "Entries", "Commits", "How it came about")


def render_evidence(material: Material) -> str:
    """Return the notes of every audience as HTML."""
    return "\n".join(_audience(material, audience) for audience in material.audiences) or "<p>No notes were written.</p>"


def commit_link(material: Material, sha: str) -> str:
    """Return a commit's short name, linked where the repository is on a server."""
    url = material.proposal.repository
    return link(sha[:7], f"{url}/commit/{sha}" if url else None)


def commit_links(material: Material, entry: Entry) -> str:
    """Return the commits of an entry."""
    return ", ".join(commit_link(material, sha) for sha in entry.commits)


def entry_title(entry: Entry) -> str:
    """Return what names an entry to people."""
    return f"{entry.scope}: {entry.summary}" if entry.scope else entry.summary


def _audience(material: Material, audience: Audience) -> str:
    caption = f"Every sentence of the notes for {audience.name}, beside what it rests on"
    rows = (_exhibit(material, exhibit) for exhibit in audience.exhibits)
    theirs = _theirs(material, audience.suggested) if audience.suggested else ""
    return "\n".join((
        f"<h3>Notes: {neutral_html(audience.name)}</h3>{theirs}",
        f"<details><summary>The notes as Markdown</summary>\n{source(audience.markdown)}</details>",
        table(caption, _HEADS, rows, filter_label="Show"),
        _suggestions(audience.suggested) if audience.suggested else "",
        _rejected("Leads of the model that did not stand", audience.failed_lead),
    ))  # fmt: skip


def _exhibit(material: Material, exhibit: Exhibit) -> Row:
    status = exhibit.sentence.status
    how = f'<span class="mark {_TONES[status]}">{neutral_html(exhibit.status)}</span>'
    how += "".join(
        f'<br><span class="warn">{"blocked" if failure.blocking else "warning"}: {neutral_html(f"{failure.rule}: {failure.detail}")}</span>'
        for failure in exhibit.failures
    )
    cells = (
        str(exhibit.number),
        prose(exhibit.sentence.text) + _rejected("What the model said before", exhibit.sentence.failed),
        "<br>".join(map(entry_html, exhibit.entries)) or '<span class="soft">none</span>',
        "<br>".join(commit_links(material, entry) for entry in exhibit.entries),
        how,
    )
    return Row(cells, kind=STATUSES[status])


def entry_html(entry: Entry) -> str:
    """Return what an entry says, and what to do where it breaks something."""
    told = f'<br><span class="soft">{prose(entry.breaking_text)}</span>' if entry.breaking_text else ""
    return prose(entry_title(entry)) + told


def _rejected(summary: str, failed: tuple[Failed, ...]) -> str:
    """Show texts that did not stand, each with the rule that it broke."""
    if not failed:
        return ""
    items = "".join(
        f'<li>{prose(one.text)}<br><span class="warn">{neutral_html(f"{one.rule}: {one.detail}")}</span></li>' for one in failed
    )
    return f"<details><summary>{neutral_html(summary)}</summary><ol>{items}</ol></details>"


def _theirs(material: Material, suggested: Suggested) -> str:
    file = suggested.file
    who, commit = neutral_html(file.editor.partition(" <")[0]), commit_link(material, file.commit)
    return f"\n<p>Edited by {who} in {commit}: the file stays as it is, and is theirs.</p>"


def _suggestions(suggested: Suggested) -> str:
    sentences = suggested.notes.sentences
    if not sentences:
        return ""
    items = "".join(f"<li>{prose(sentence.text)}</li>" for sentence in sentences)
    return f"<h4>Suggested: what the edited notes do not tell</h4>\n<ul>{items}</ul>"
