"""The report on notes: every sentence against its entries, and what must be covered."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.changelog.section import Section
from notewright.grounding.checks import RULES, Failure, Verdict, check_claims, uncovered, verdict
from notewright.notes.document import Notes
from notewright.notes.facts import facts_of
from notewright.notes.language import ENGLISH, EVERY_LANGUAGE, in_language, is_english
from notewright.notes.policy import AudiencePolicy, required_entries
from notewright.rendering.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class NotesReport:
    """What the checks say of each sentence, in order, and the ids of the entries that the audience requires and that nothing covers.
    `unchecked` are the rules that read English only, where sentences are in another language."""

    failures: tuple[tuple[Failure, ...], ...]
    required: tuple[str, ...]
    missing: tuple[str, ...]
    unchecked: tuple[str, ...] = ()

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
    checked = zip(notes.sentences, check_claims(claims, facts_of(section), style=policy.style), strict=True)
    failures = tuple(in_language(found, ENGLISH if sentence.status == "fallback" else notes.language) for sentence, found in checked)
    unchecked = () if is_english(notes.language) else tuple(name for name, _, _ in RULES if name not in EVERY_LANGUAGE)
    return NotesReport(failures, required, uncovered(claims, required), unchecked)


def report_json(report: NotesReport) -> bytes:
    """Return what `notewright notes check --format json` prints."""
    off = {"warnings": [f"not checked, because they read English: {', '.join(report.unchecked)}"]} if report.unchecked else {}
    return canonical_json(
        {
            **off,
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
