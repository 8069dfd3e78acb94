"""What a changelog tells of a real repository, in few words: entries by release, and each commit's line of the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from notewright.adapters.repository import open_repository
from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry, LedgerLine, Section
from notewright.control import Cancel, ignore
from notewright.flows.changelog import Selection, read_releases
from notewright.history.metadata import Metadata
from tests.parts.repository import Repo


@dataclass(frozen=True, slots=True)
class Told:
    """All sections of a repository, newest first."""

    sections: tuple[Section, ...]

    def entries(self, tag: str | None = None) -> list[str]:
        """Return the entries of a release as "Title: summary", in their order; of what is unreleased for None."""
        return [f"{group.title}: {entry.summary}" for group in self._section(tag).groups for entry in group.entries]

    def entry(self, summary: str, tag: str | None = None) -> Entry:
        """Return the only entry of a release with this summary."""
        (found,) = [entry for entry in self._section(tag).entries() if entry.summary == summary]
        return found

    def line(self, sha: str) -> LedgerLine:
        """Return what became of a commit."""
        (found,) = [line for section in self.sections for line in section.ledger if line.sha == sha]
        return found

    def standing(self, sha: str) -> list[str]:
        """Return the summaries of the entries that a commit's line names."""
        named = self.line(sha).entries
        return [entry.summary for section in self.sections for entry in section.entries() if entry.id in named]

    def outcome(self, sha: str) -> tuple[str, str]:
        """Return whether a commit is shown, and the rule."""
        line = self.line(sha)
        return line.outcome, line.rule

    def _section(self, tag: str | None) -> Section:
        return next(section for section in self.sections if section.tag == tag)


def tell(repo: Repo, rules: Rules | None = None, *, metadata: Metadata | None = None, all_lines: bool = False) -> Told:
    """Read a repository and check its books: every commit once, each shown one with its entries, totals that add up."""
    repository = open_repository(repo.path)
    sections = read_releases(
        repository, rules or Rules(), Selection(), all_lines=all_lines, metadata=metadata, report=ignore, cancel=Cancel()
    )
    listed = [line.sha for section in sections for line in section.ledger]
    assert Counter(listed) == Counter(repo.git("rev-list", *(["--all"] if all_lines else ["HEAD"])).split())
    for section in sections:
        ids = [entry.id for entry in section.entries()]
        assert len(ids) == len(set(ids))
        assert sorted(ids) == sorted(name for line in section.ledger if line.outcome == "shown" for name in line.entries)
        assert all(set(line.entries) <= set(ids) for line in section.ledger)
        outcomes = Counter(line.outcome for line in section.ledger)
        totals = section.totals
        assert (totals.commits, totals.shown, totals.folded, totals.hidden) == (
            len(section.ledger), outcomes["shown"], outcomes["folded"], outcomes["hidden"],
        )  # fmt: skip
    return Told(sections)
