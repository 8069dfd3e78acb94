"""The body of a release pull request: a view of the proposal within GitHub's limit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.changelog.document.edit_report import OVERRIDES_FILE, EditReport
from notewright.changelog.section import Entry, LedgerLine, Section
from notewright.prompting.request import Identity
from notewright.rendering.neutral import neutral_cell, neutral_fence, neutral_text
from notewright.rendering.shown import neutral_markdown
from notewright.review.changes import Changes
from notewright.review.checklist import render_checklist, untick
from notewright.review.fitting import Block, fit, rows_of
from notewright.review.material import Audience, Exhibit, Material, Remark, remarks

LIMIT = 65_000  # GitHub takes 65,536 characters (security case 15)
_CELL = 160  # characters of a subject or a summary in a cell; the whole text is in audit.html
_MOST_REMARKS = 40
_MOST_TITLES = 5  # of new entries, beside the head that always stays
_MOST_FILES = 20
_MOST_DIFF = 80  # lines of a difference
_WAYS = {"model": "as the model wrote them", "repaired": "repaired", "fallback": "by rule", "human": "by people"}
_MODEL_ROW = re.compile(r"^\| \*\*Model\*\* \|.*$", re.MULTILINE)


def render_body(material: Material) -> str:
    """Return the whole body. What does not fit goes by whole rows, ledger first, then evidence, and a line says so; the head and the
    checklist always stay."""
    blocks = [
        Block(_head(material)),
        Block(render_checklist()),
        *((Block(_changed(material, material.changes)),) if material.changes else ()),
        _eyes(material),
        *((_edits(material),) if material.edits else ()),
        _folded(rows_of(material.section_markdown), "<b>Changelog section</b>", unit="lines", order=4),
        *(block for place, audience in enumerate(material.audiences) for block in _told(audience, first=place == 0)),
        _evidence(material),
        _ledger(material.section),
        Block(_foot(material)),
    ]
    return fit(blocks, limit=LIMIT)


def same_view(shown: str, fresh: str) -> bool:
    """Return whether a body on GitHub shows what a fresh one would: apart from ticks, line ends and what the model cost."""
    return _comparable(shown) == _comparable(fresh)


def _comparable(body: str) -> str:
    return _MODEL_ROW.sub("", untick(body))


def _head(material: Material) -> str:
    proposal, section = material.proposal, material.section
    name, version, tag = neutral_text(proposal.name), neutral_text(proposal.version or ""), neutral_text(proposal.tag or "")
    rows = (
        ("Version", f"{version}, {_after(material)}"),
        ("Commits", _commits(material)),
        ("Changelog", _entries(section)),
        *((("Version files", _version_files(material)),) if proposal.version_files else ()),
        ("Notes", _sentences(material)),
        ("Model", _model(material)),
    )
    table = "".join(f"| **{name}** | {text} |\n" for name, text in rows)
    return (
        f"## Release {name}\n\n"
        f"Merged with both audits ticked, this makes {name} the next release: `release finish` tags it `{tag}` and publishes the notes "
        "below. "
        f"It is kept up to date: push to `{neutral_text(proposal.base.name)}` and it changes.\n\n| | |\n|---|---|\n{table}\n"
    )


def _after(material: Material) -> str:
    previous = f"after {neutral_cell(material.section.previous)}" if material.section.previous else "the first release"
    reason = neutral_cell(_short(material.reason[:1].upper() + material.reason[1:]))
    decider = f" ({_commit(material, material.decider)})" if material.decider else ""
    return ". ".join(filter(None, (previous, reason + decider)))


def _commits(material: Material) -> str:
    section, url = material.section, material.proposal.repository
    people = len(section.contributors)
    new = sum(person.new for person in section.contributors)
    newcomers = f", {new:,} of them for the first time" if new else ""
    start = material.proposal.start
    compare = f" ([compare]({url}/compare/{start}...{material.proposal.base.commit}))" if url and start else ""
    return f"{section.totals.commits:,} from {people:,} {'person' if people == 1 else 'people'}{newcomers}{compare}"


def _entries(section: Section) -> str:
    totals = section.totals
    lost = totals.commits - totals.shown - totals.folded - totals.hidden
    count = sum(1 for _ in section.entries())
    return f"{count:,} entries · {totals.folded:,} commits folded · {totals.hidden:,} hidden · **{lost:,} unaccounted for**"


def _version_files(material: Material) -> str:
    paths = [neutral_cell(_short(file.path)) for file in material.proposal.version_files]
    more = f" and {len(paths) - _MOST_FILES:,} more" if len(paths) > _MOST_FILES else ""
    return ", ".join(paths[:_MOST_FILES]) + more


def _sentences(material: Material) -> str:
    exhibits, statuses = tuple(material.exhibits()), material.statuses()
    supported = sum(exhibit.supported for exhibit in exhibits)
    ways = " · ".join(f"{statuses[status]:,} {words}" for status, words in _WAYS.items() if statuses[status])
    url, proposal = material.proposal.repository, material.proposal
    files = f" ([files]({url}/tree/{proposal.branch}/{proposal.home}))" if url else ""
    return f"{len(exhibits):,} sentences, **{supported:,} supported**{f': {ways}' if ways else ''}{files}"


def _model(material: Material) -> str:
    model, usage = material.proposal.model, material.usage
    if model is None:
        return "none: every sentence was written by rule"
    prompts = ", ".join(f"`{prompt.audience}@{prompt.version}`" for prompt in material.proposal.prompts)
    name = f"{neutral_cell(_short(model_name(model)))}, prompts {prompts}"
    if not usage.prompt_tokens:  # not every engine counts
        return name
    cached = 100 * usage.cached_tokens // usage.prompt_tokens
    return f"{name} · {usage.prompt_tokens:,} prompt tokens ({cached} % cached), {usage.generated_tokens:,} written, {usage.seconds:.0f} s"


def model_name(model: Identity) -> str:
    """Return what people call a model: its name and its engine."""
    if model.engine == "none":
        return "the engine did not answer"
    return f"{model.model or 'a model without a name'} ({model.engine})"


def _changed(material: Material, changes: Changes) -> str:
    """Say what an update changed: every tick made before it was withdrawn, whatever it was about."""
    told = [*changes.told(material.proposal.version)] or ["the same entries and sentences, made with other rules or by another version"]
    titles = [neutral_text(_short(title)) for title in changes.titles[:_MOST_TITLES]]
    more = f"- and {changes.entries - len(titles):,} more\n" if changes.entries > len(titles) else ""
    url = material.proposal.repository
    compare = f" ([compare]({url}/compare/{changes.since}...{material.proposal.base.commit}))" if url else ""
    return (
        f"### Changed since you last looked\n\nSince {changes.since:.7}{compare}: {neutral_text(', '.join(told))}. "
        "What was ticked before has to be ticked again.\n\n" + "".join(f"- {title}\n" for title in titles) + more + "\n" * bool(titles)
    )


def _eyes(material: Material) -> Block:
    found = remarks(material)
    if not found:
        return Block(
            "### Worth your eyes\n\nNothing stood out: no sentence was replaced or warned about, and every entry has its type.\n\n"
        )
    rows = tuple(_remark(remark) for remark in found[:_MOST_REMARKS])
    head = "### Worth your eyes\n\n| what | where | why |\n|---|---|---|\n"
    return Block(head, rows, "\n", unit="remarks", order=3, left_out=len(found) - len(rows))


def _edits(material: Material) -> Block:
    """Show what people changed in the changelog: overrides that would say the same first, since they are to be copied."""
    said = [row for edit in material.edits if edit.overrides for row in _copied(edit.name, OVERRIDES_FILE, edit.overrides, "yaml")]
    diffs = [row for edit in material.edits if edit.diff for row in _copied(edit.name, "the difference", _diff(edit), "diff")]
    file = neutral_text(material.proposal.changelog_file)
    summary = f"<b>Edited by people</b>: what {file} says otherwise, and overrides that say the same as far as they can"
    return _folded((*said, *diffs), summary, unit="parts", order=3)


def _copied(name: str, what: str, text: str, language: str) -> tuple[str]:
    """Return one row, so that a part of it never stands alone."""
    return (f"{neutral_text(name)}, {what}:\n\n{neutral_fence(text, language)}\n",)


def _diff(edit: EditReport) -> str:
    lines = [_short(line) for line in edit.diff[:_MOST_DIFF]]
    more = len(edit.diff) - len(lines)
    return "\n".join((*lines, *((f"… and {more:,} more lines",) if more else ())))


def _remark(remark: Remark) -> str:
    return f"| {' | '.join(neutral_cell(_short(text)) for text in (remark.what, remark.where, remark.why))} |"


def _told(audience: Audience, *, first: bool) -> Iterator[Block]:
    """Yield the notes of an audience and, where they belong to a person, what later commits would add."""
    name, suggested = neutral_text(audience.name), audience.suggested
    if suggested is None:
        # their own title would stand above the pull request's
        markdown = "".join(f"###{line}" if line.startswith("# ") else line for line in audience.markdown.splitlines(keepends=True))
        yield _folded(rows_of(markdown), f"<b>Notes: {name}</b>", unit="lines", order=5, opened=first)
        return
    editor = neutral_text(suggested.file.editor.partition(" <")[0])
    rows = (*rows_of(neutral_markdown(audience.markdown)), f"\nEdited by {editor} ({suggested.file.commit:.7}): this file stays as it is.")
    yield _folded(rows, f"<b>Notes: {name}</b>, edited by {editor}", unit="lines", order=5, opened=first)
    if sentences := suggested.notes.sentences:
        rows = tuple(f"- {neutral_text(sentence.text)}" for sentence in sentences)
        summary = f"<b>Suggested for {name}</b>: what the edited notes do not tell; take over what you want on this branch"
        yield _folded(rows, summary, unit="sentences", order=5, opened=True)


def _evidence(material: Material) -> Block:
    rows = tuple(_exhibit(exhibit) for exhibit in material.exhibits())
    summary = "<b>Evidence</b>: every sentence, the entries it cites, and how it came about"
    return _folded(rows, summary, unit="sentences", order=2, heads=("#", "sentence", "entries", "commits", "status"))


def _exhibit(exhibit: Exhibit) -> str:
    entries = "; ".join(_short(_title(entry)) for entry in exhibit.entries)
    commits = ", ".join(f"{entry.commits[0]:.7}" for entry in exhibit.entries)
    cells = (exhibit.sentence.text, entries, commits, exhibit.status)
    return f"| {exhibit.audience} {exhibit.number} | {' | '.join(neutral_cell(cell) for cell in cells)} |"


def _ledger(section: Section) -> Block:
    titles = {entry.id: group.title for group in section.groups for entry in group.entries}
    rows = tuple(_ledger_row(line, titles) for line in section.ledger)
    summary = f"<b>Ledger</b>: what became of each of the {section.totals.commits:,} commits"
    return _folded(rows, summary, unit="commits", order=1, heads=("commit", "subject", "outcome"))


def _ledger_row(line: LedgerLine, titles: dict[str, str]) -> str:
    return f"| {line.sha:.7} | {neutral_cell(_short(line.subject))} | {neutral_cell(_short(outcome(line, titles)))} |"


def outcome(line: LedgerLine, titles: dict[str, str]) -> str:
    """Say what became of a commit: where it is shown, or the rule that folded or hid it. `titles` gives the group of each entry."""
    shown = ", ".join(dict.fromkeys(titles[entry] for entry in line.entries if entry in titles))
    rule = line.rule.removeprefix(f"{line.outcome} ")
    return f"{line.outcome}: {shown if line.outcome == 'shown' and shown else rule}"


def _folded(
    rows: tuple[str, ...], summary: str, *, unit: str, order: int, heads: tuple[str, ...] = (), opened: bool = False
) -> Block:  # fmt: skip
    """Return a block that a click unfolds. GitHub reads Markdown inside only after an empty line."""
    table = f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|\n" if heads else ""
    return Block(f"<details{' open' if opened else ''}><summary>{summary}</summary>\n\n{table}", rows, "\n</details>\n\n", unit, order)


def _foot(material: Material) -> str:
    proposal = material.proposal
    return (
        f"<sub>Written by notewright {neutral_text(proposal.tool)}. The changelog needed no model. "
        f"Full page: `audit.html` in the run's artifact · proposal {proposal.digest[:15]}</sub>\n"
    )


def _commit(material: Material, sha: str) -> str:
    url = material.proposal.repository
    return f"[{sha:.7}]({url}/commit/{sha})" if url else f"{sha:.7}"


def _title(entry: Entry) -> str:
    return f"{entry.scope}: {entry.summary}" if entry.scope else entry.summary


def _short(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"
