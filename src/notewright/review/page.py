"""audit.html: everything that the pull request body shows and all that it has no room for, on one page."""

from __future__ import annotations

from collections.abc import Iterator

from notewright.changelog.document.edit_report import OVERRIDES_FILE, EditReport
from notewright.changelog.section import Entry
from notewright.rendering.neutral import neutral_html
from notewright.rendering.page import Row, build_page, facts, prose, source, table
from notewright.review.approved import render_approval
from notewright.review.body import model_name, outcome
from notewright.review.evidence import commit_link, commit_links, entry_html, render_evidence
from notewright.review.material import STATUSES, Material, remarks

_PARTS = (
    ("eyes", "Worth your eyes"),
    ("notes", "Notes and their evidence"),
    ("changelog", "Changelog"),
    ("ledger", "Ledger"),
    ("record", "Record"),
)


def render_page(material: Material) -> str:
    """Return the page: one file that loads nothing, the same bytes for the same material."""
    title = f"Release {material.proposal.name}"
    bodies = (_eyes(material), render_evidence(material), _changelog(material), _ledger(material), _record(material))
    shown = [*_approval(material), *((*part, body) for part, body in zip(_PARTS, bodies, strict=True))]
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in shown)
    parts = (f'<section id="{name}">\n<h2>{heading}</h2>\n{body}\n</section>' for name, heading, body in shown)
    nav = f'<nav aria-label="Parts of this page"><ul>{links}</ul></nav>'
    head = f"<h1>{neutral_html(title)}</h1>\n{nav}\n{_facts(material)}\n{_changed(material)}"
    return build_page(title, "\n".join((head, *parts)))


def _approval(material: Material) -> Iterator[tuple[str, str, str]]:
    """Yield the part about the approval, once there is one: a proposal has none yet."""
    if material.audit:
        yield "approval", "Approval", render_approval(material.audit, material.proposal.repository)


def _facts(material: Material) -> str:
    section, proposal = material.section, material.proposal
    totals, statuses = section.totals, material.statuses()
    ways = ", ".join(f"{statuses[status]:,} {words}" for status, words in STATUSES.items() if statuses[status])
    supported = sum(exhibit.supported for exhibit in material.exhibits())
    return facts(
        ("Version", f"{proposal.version}, after {section.previous}" if section.previous else f"{proposal.version}, the first release"),
        ("Why", material.reason or "it is the first release"),
        ("Date", section.date or ""),
        ("Commits", f"{totals.commits:,}: {totals.shown:,} shown, {totals.folded:,} folded, {totals.hidden:,} hidden"),
        *((("Version files", ", ".join(file.path for file in proposal.version_files)),) if proposal.version_files else ()),
        ("Sentences", f"{statuses.total():,}, of which {supported:,} supported{f' ({ways})' if ways else ''}"),
        ("Proposal", f"`{proposal.digest}`"),
    )


def _changed(material: Material) -> str:
    """Say what is other than in the proposal before, if there was one."""
    changes = material.changes
    if changes is None:
        return ""
    told = ", ".join(changes.told(material.proposal.version)) or "the same entries and sentences, made with other rules"
    titles = "".join(f"<li>{prose(title)}</li>" for title in changes.titles)
    new = f"<ul>{titles}</ul>" if titles else ""
    return f"<p><strong>Changed since {commit_link(material, changes.since)}:</strong> {neutral_html(told)}</p>{new}"


def _eyes(material: Material) -> str:
    return "\n".join((_remarks(material), *(_edit(material, edit) for edit in material.edits)))


def _remarks(material: Material) -> str:
    found = remarks(material)
    if not found:
        return '<p class="good">Nothing stood out: no sentence was replaced or warned about, and every entry has its type.</p>'
    rows = (Row((prose(remark.what), neutral_html(remark.where), prose(remark.why))) for remark in found)
    return table("What to look at first", ("What", "Where", "Why"), rows)


def _edit(material: Material, edit: EditReport) -> str:
    """Show what a person changed in a section, whole."""
    parts = (
        (f"Overrides that say the same as far as they can, for {OVERRIDES_FILE}", edit.overrides),
        ("The difference", "\n".join(edit.diff)),
    )
    shown = "\n".join(f"<details><summary>{neutral_html(name)}</summary>\n{source(text)}</details>" for name, text in parts if text)
    return f"<h3>Edited by a person: {neutral_html(f'{edit.name} in {material.proposal.changelog_file}')}</h3>\n{shown}"


def _changelog(material: Material) -> str:
    rows = (_entry(material, group.title, entry) for group in material.section.groups for entry in group.entries)
    entries = table("Every entry, in the order shown", ("Entry", "Group", "References", "Commits", "Authors"), rows, filter_label="Show")
    return f"<details><summary>The section as Markdown</summary>\n{source(material.section_markdown)}</details>\n{entries}"


def _entry(material: Material, group: str, entry: Entry) -> Row:
    marks = [word for word, marked in (("breaking", entry.breaking), ("security", entry.security)) if marked]
    cells = (
        "".join(f'<span class="mark warn">{mark}</span> ' for mark in marks) + entry_html(entry),
        neutral_html(group),
        neutral_html(", ".join(entry.references)),
        commit_links(material, entry),
        neutral_html(", ".join(entry.authors)),
    )
    return Row(cells, kind=group)


def _ledger(material: Material) -> str:
    titles = {entry.id: group.title for group in material.section.groups for entry in group.entries}
    rows = (
        Row((commit_link(material, line.sha), prose(line.subject), neutral_html(outcome(line, titles))), kind=line.outcome)
        for line in material.section.ledger
    )
    return table("What became of every commit", ("Commit", "Subject", "Outcome"), rows, filter_label="Show")


def _record(material: Material) -> str:
    proposal, usage = material.proposal, material.usage
    files = (Row((neutral_html(file.name), prose(f"`{file.digest}`"))) for file in proposal.files)
    tags = (Row((neutral_html(tag.name), commit_link(material, tag.commit))) for tag in proposal.tags)
    return "\n".join((
        facts(
            ("Repository", proposal.repository or "not on a server"),
            ("Base", f"{proposal.base.name} at {proposal.base.commit}"),
            ("Range", f"{proposal.start or 'the beginning'} to {proposal.end}"),
            ("Layout", f"template, {proposal.template}" if proposal.template else proposal.preset),
            *((("Overrides", proposal.overrides),) if proposal.overrides else ()),
            ("Tool", f"notewright {proposal.tool}"),
            *_model_facts(material),
            *((f"Prompt of {prompt.audience}", f"version {prompt.version}, {prompt.digest}") for prompt in proposal.prompts),
            ("Calls", f"{usage.calls:,}, with {usage.prompt_tokens:,} prompt tokens ({usage.cached_tokens:,} of them cached)"),
            ("Written", f"{usage.generated_tokens:,} tokens in {usage.seconds:.1f} s"),
        ),
        table("Files that the proposal's digest binds", ("File", "Digest"), files),
        table("Tags that decided which commits belong here", ("Tag", "Commit"), tags),
    ))  # fmt: skip


def _model_facts(material: Material) -> Iterator[tuple[str, str]]:
    model = material.proposal.model
    if model is None:
        yield "Model", "none: every sentence was written by rule"
        return
    yield "Model", model_name(model)
    yield "Weights", model.digest or "the engine does not say"
    yield "Runtime", model.runtime or "the engine does not say"
