"""The step summary: what came of the run, in Markdown, as the page of the workflow run shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from notewright.action.journal import Part
from notewright.errors import NotewrightError
from notewright.notes.numbers import amount
from notewright.rendering.neutral import neutral_cell, neutral_code, neutral_text

if TYPE_CHECKING:  # set-up tells of failures with this module before any package is installed
    from notewright.action.result import Result

_WAYS = (("repaired", "repaired"), ("fallback", "by rule"), ("human", "by people"))
_LONGEST = 250_000  # characters of a section or of notes: with all others far from GitHub's 1 MiB
_URL = re.compile(r"https?://[\w.:/-]+")
_PULL = re.compile(r"pull request (\d+)")
_WRONG = (
    "A commit is missing, or its entry stands in the wrong group: the ledger in the pull request and in `audit.html` names the rule that "
    "decided.",
    "A sentence says something wrong: look up the entry that it cites under Evidence, and edit the notes file on the release branch. From "
    "then on the file is yours: it is never rewritten, and what later commits would add is suggested. The input `regenerate` of the "
    "release workflow, started by hand, gives it back.",
    "The version is wrong: start the workflow by hand and give it the version.",
    "The checks of the pull request do not start: GitHub starts none for pull requests opened with `GITHUB_TOKEN`. Close and reopen it, or "
    "give the action the token of a GitHub App.",
    "Anything else: run the job again. What was done stays, and nothing is done twice.",
)


def render_summary(headline: str, result: Result, parts: Sequence[Part], *, runner: str, url: str | None = None) -> str:
    """Return the whole summary. Words of commits, models and earlier steps are shown and do nothing else."""
    blocks = [f"### notewright: {_linked(headline, url)}", _facts(result, runner), render_parts(parts)]
    if result.section_markdown:
        blocks.append(_folded("Changelog section", result.section_markdown))
    blocks += [_folded(f"Notes: {told.audience}", told.markdown) for told in result.notes]
    blocks.append(_folded("What to do when something looks wrong", "\n".join(f"- {line}" for line in _WRONG)))
    return "\n\n".join(filter(None, blocks)) + "\n"


def render_failure(error: NotewrightError) -> str:
    """Return what to show instead of a result."""
    hint = "\n".join(f"    {line}" for line in (error.hint or "").splitlines())  # a code block: hints hold lines to copy
    return f"### notewright stopped\n\n{neutral_text(error.message)}\n" + (f"\n{hint}\n" if hint else "")


def _linked(headline: str, url: str | None) -> str:
    text = neutral_text(headline)
    return _PULL.sub(rf"pull request [#\1]({url})", text, count=1) if url and _URL.fullmatch(url) else text


def _facts(result: Result, runner: str) -> str:
    totals, entries = result.section.totals, sum(1 for _ in result.section.entries())
    lost = totals.commits - totals.shown - totals.folded - totals.hidden
    lines = [
        f"{amount(totals.commits, 'commit', 'commits')} → {amount(entries, 'entry', 'entries')}, "
        f"{totals.folded:,} folded, {totals.hidden:,} hidden, {lost:,} unaccounted for.",
        *_told(result),
        *_spent(result, runner),
    ]
    return " ".join(lines[:2]) + "".join(f"\n{line}" for line in lines[2:])


def _told(result: Result) -> Iterator[str]:
    if result.notes:
        statuses = result.statuses
        ways = ", ".join(f"{statuses[status]:,} {words}" for status, words in _WAYS if statuses[status])
        yield f"Notes: {result.supported:,} of {statuses.total():,} sentences supported{f' ({ways})' if ways else ''}."


def _spent(result: Result, runner: str) -> Iterator[str]:
    if result.notes:
        yield f"Engine {neutral_code(result.engine)}{f' on {neutral_code(runner)}' if runner else ''}{_tokens(result)}."


def _tokens(result: Result) -> str:
    usage = result.usage
    if usage is None or not usage.calls:
        return ""
    cached = f" ({100 * usage.cached_tokens // usage.prompt_tokens} % cached)" if usage.prompt_tokens else ""
    return f": {usage.prompt_tokens:,} prompt tokens{cached}, {usage.generated_tokens:,} written, {usage.seconds:.0f} s"


def render_parts(parts: Sequence[Part]) -> str:
    """Return a table of what was done, and how long each part took."""
    rows = (f"| {neutral_cell(part.name)} | {part.seconds:.1f} | {neutral_cell(part.what[:200])} |" for part in parts)
    return "\n".join(("| step | seconds | what |", "|---|---|---|", *rows))


def _folded(title: str, markdown: str) -> str:
    """Return a block that a click unfolds. GitHub reads Markdown inside only after an empty line."""
    body = markdown.strip("\n")
    if len(body) > _LONGEST:
        body = body[: body.rfind("\n", 0, _LONGEST)] + "\n\n*and more*"
    return f"<details><summary>{neutral_text(title)}</summary>\n\n{body}\n\n</details>"
