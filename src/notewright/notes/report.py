"""The report on notes: every sentence against its entries, and what must be covered."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.changelog.section import Section
from notewright.grounding.checks import Failure, Verdict, check_claims, uncovered, verdict
from notewright.notes.document import Notes
from notewright.notes.facts import facts_of
from notewright.notes.policy import AudiencePolicy, required_entries
from notewright.rendering.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class NotesReport:
    """What the checks say of each sentence, in order, and the ids of the entries that the audience requires and that nothing covers."""

    failures: tuple[tuple[Failure, ...], ...]
    required: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict on each sentence."""
        return tuple(verdict(failures) for failures in self.failures)

    @property
    def blocks(self) -> bool:
        """Whether the notes may not be published: a sentence is blocked or a required entry is missing."""
        return bool(self.missing) or "block" in self.verdicts


def check_notes(section: Section, notes: Notes, policy: AudiencePolicy) -> NotesReport:
    """Check notes that anybody may have written against the section that they are about."""
    claims = [sentence.claim for sentence in notes.sentences]
    required = tuple(entry.id for entry in required_entries(section, policy))
    return NotesReport(check_claims(claims, facts_of(section), style=policy.style), required, uncovered(claims, required))


def report_json(report: NotesReport) -> bytes:
    """Return what `notewright notes check --format json` prints."""
    return canonical_json(
        {
            "sentences": [
                {
                    "index": index,
                    "status": verdict(failures),
                    "failures": [{"rule": failure.rule, "detail": failure.detail} for failure in failures],
                }
                for index, failures in enumerate(report.failures)
            ],
            "coverage": {"required": list(report.required), "missing": list(report.missing)},
        }
    )
