"""What a release shows at GitHub: its text, and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping

from notewright.review import folder
from notewright.review.fitting import units
from notewright.review.proposal import Proposal

LIMIT = 120_000  # GitHub takes 125,000 characters
_DEVELOPERS = "developer"


def release_text(proposal: Proposal, files: Mapping[str, bytes], *, section_markdown: str) -> str:
    """Return the notes for developers as people approved them, or the changelog's section where there are none; its title is left out,
    which stands above it at GitHub anyway. What is too long ends at a line, and in a link to the whole."""
    notes = files.get(f"{folder.NOTES}/{_DEVELOPERS}.md")
    path = f"{proposal.home}/{_DEVELOPERS}.md" if notes is not None else proposal.changelog_file
    text = _untitled(section_markdown if notes is None else notes.decode("utf-8", "replace"))
    if units(text) <= LIMIT:
        return text
    place = f"[{path}]({proposal.repository}/blob/{proposal.tag}/{path})" if proposal.repository else path
    lines = text[:LIMIT].split("\n")
    while units("\n".join(lines)) > LIMIT - 1_000:
        lines.pop()
    return "\n".join(lines).rstrip() + f"\n\n*More did not fit here: all of it is in {place}.*\n"


def release_files(proposal: Proposal, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files beside the text, by name: the notes for every other audience, the section and the ledger. The audit comes last."""
    others = [record.audience for record in proposal.prompts if record.audience != _DEVELOPERS]
    notes = {f"{name}.md": files[f"{folder.NOTES}/{name}.md"] for name in sorted(others)}
    return {**notes, **{name: files[name] for name in (folder.SECTION, folder.LEDGER)}}


def _untitled(markdown: str) -> str:
    first, _, rest = markdown.partition("\n")
    return (rest if first.startswith(("# ", "## ")) else markdown).strip("\n") + "\n"
