"""The result of a run, for its outputs and its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.folder import read_folder_file
from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.codec import read_section
from notewright.changelog.section import Section
from notewright.errors import UsageError
from notewright.grounding.checks import verdict
from notewright.notes.document import Notes, read_notes
from notewright.notes.policy import AudiencePolicy
from notewright.notes.report import check_notes
from notewright.rendering.shown import neutral_markdown
from notewright.review import edited, folder
from notewright.review import proposal as manifest
from notewright.review import usage as costs
from notewright.review.edited import check_held, read_suggestions
from notewright.review.proposal import read_proposal
from notewright.review.usage import Usage, read_usage


@dataclass(frozen=True, slots=True)
class Told:
    """One audience's notes as Markdown, how many sentences came to be in which way, and how many of them no check blocks."""

    audience: str
    markdown: str
    engine: str
    statuses: Counter[str]
    supported: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a run made. `version` is None where nothing is to be released."""

    version: str | None
    section: Section
    section_markdown: str = ""
    notes: tuple[Told, ...] = ()
    usage: Usage | None = None

    @property
    def engine(self) -> str:
        """Who wrote the notes; "none" where every sentence was made by rule."""
        return next((told.engine for told in self.notes if told.engine != "none"), "none")

    @property
    def statuses(self) -> Counter[str]:
        """Count all sentences by how they came to be."""
        return sum((told.statuses for told in self.notes), Counter())

    @property
    def supported(self) -> int:
        """Count all sentences that no check blocks."""
        return sum(told.supported for told in self.notes)

    def outputs(self) -> dict[str, str]:
        """Return the outputs that follow from it."""
        sentences = self.statuses.total()
        return {
            "version": self.version or "",
            "previous-version": self.section.previous or "",
            "engine": self.engine if self.notes else "",
            "grounded": f"{self.supported / sentences:.3f}" if sentences else "",
        }


def tell(section: Section, notes: Notes, policy: AudiencePolicy, *, markdown: str, edited: bool = False) -> Told:
    """Count what the checks say about one audience's notes. Where a person `edited` them, their words are shown and do nothing else."""
    report = (check_held if edited else check_notes)(section, notes, policy)
    markdown = neutral_markdown(markdown) if edited else markdown
    supported = sum(verdict(failures) != "block" for failures in report.failures)
    return Told(notes.audience, markdown, notes.engine, Counter(sentence.status for sentence in notes.sentences), supported)


def read_result(directory: Path, prompts: Prompts) -> Result:
    """Read a proposal folder. Raises `UsageError` and `CheckFailed` for what is none."""
    proposal = read_proposal(_content(directory, manifest.NAME))
    section = read_section(_content(directory, folder.SECTION))
    if proposal.version is None:
        return Result(None, section)
    return Result(
        version=proposal.version,
        section=section,
        section_markdown=_content(directory, folder.SECTION_TEXT).decode("utf-8", "replace"),
        notes=_read_told(directory, section, [record.audience for record in proposal.prompts], prompts),
        usage=read_usage(_content(directory, costs.NAME)),
    )


def _read_told(directory: Path, section: Section, audiences: Sequence[str], prompts: Prompts) -> tuple[Told, ...]:
    texts = {name: _content(directory, f"{folder.NOTES}/{name}.md") for name in audiences}
    suggestions = read_folder_file(directory, edited.NAME)
    theirs = {one.file.audience for one in read_suggestions(suggestions, texts)} if suggestions else set()
    return tuple(
        tell(
            section,
            read_notes(_content(directory, f"{folder.NOTES}/{name}.json")),
            prompts.audience(name).policy,
            markdown=texts[name].decode("utf-8", "replace"),
            edited=name in theirs,
        )
        for name in audiences
    )


def _content(directory: Path, name: str) -> bytes:
    content = read_folder_file(directory, name)
    if content is None:
        raise UsageError(f"{directory} is no proposal: it has no {name}", hint="run the job again")
    return content
