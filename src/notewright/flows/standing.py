"""Standing: whether what a release pull request shows may be approved at all, and who wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field

from notewright.adapters.access import Access
from notewright.adapters.branch import read_tip
from notewright.adapters.github import GitHub, PullRequest
from notewright.adapters.limits import Patience
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import Repository
from notewright.config.config import Config
from notewright.control import Cancel, Report
from notewright.errors import CheckFailed, GitHubError, RepositoryError, UsageError
from notewright.flows.carried import read_carried, verify_carried
from notewright.flows.edits import read_edits
from notewright.flows.verify import Verified
from notewright.review.body import same_view
from notewright.review.checklist import read_ticks
from notewright.review.folder import BODY, title
from notewright.review.gate import Problem
from notewright.review.proposal import Proposal

_RESTORES = "the release workflow restores it"


@dataclass(frozen=True, slots=True)
class Base:
    """The branch released from, by its name, and the commit that the server has it at."""

    name: str
    tip: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the newest commit of a release pull request turned out to be: the proposal that it claims to be, what that makes here, and the
    problem where it is not just that."""

    proposal: Proposal | None
    verified: Verified | None
    problem: Problem | None


@dataclass(slots=True)
class Examiner:
    """Examines pull requests with what is checked out, each commit once."""

    repository: Repository
    config: Config
    access: Access
    github: GitHub
    prompts: Prompts
    report: Report
    cancel: Cancel
    _known: dict[tuple[str, Base], Standing] = field(default_factory=dict)
    _authors: dict[str, frozenset[str]] = field(default_factory=dict)

    def examine(self, pull: PullRequest, base: Base) -> Standing:
        """Work out what the newest commit is, and compare it and what the pull request shows. Raises `RepositoryError` where that cannot be
        told from what is checked out."""
        key = (pull.head, base)
        if key not in self._known:
            self._known[key] = self._examine_commit(pull.head, base)
        found = self._known[key]
        if found.verified is None:
            return found
        return Standing(found.proposal, found.verified, self._find_disturbance(pull, found.verified))

    def read_authors(self, verified: Verified) -> frozenset[str]:
        """Return the accounts of all who wrote commits, pull requests or notes of the release, as far as GitHub knows them."""
        digest = verified.proposal.digest
        if digest not in self._authors:
            draft = verified.draft
            shas = [*(line.sha for line in draft.section.ledger), *(file.commit for file in draft.files)]
            known = self.github.read_commits(shas, patience=Patience(self.report, self.cancel), advance=lambda _: None)
            if known is None:
                raise GitHubError(
                    "cannot read who wrote this release: GitHub does not answer GraphQL",
                    hint="set release.approver_may_author: true, or give a token that may ask",
                )
            wrote = {author.login for commit in known for author in commit.authors} | {pull.author for one in known for pull in one.pulls}
            self._authors[digest] = frozenset(wrote - {""})
        return self._authors[digest]

    def _examine_commit(self, head: str, base: Base) -> Standing:
        proposal = None
        try:
            proposal = read_carried(self.repository, head, self.config)
            if problem := self._find_passing(head, proposal, base):
                return Standing(proposal, None, problem)
            self._check_checkout(base)
            verified = verify_carried(
                head, proposal, self.repository, self.config, access=self.access, prompts=self.prompts, report=self.report,
                cancel=self.cancel,
            )  # fmt: skip
        except (CheckFailed, UsageError) as error:
            return Standing(proposal, None, Problem("failure", error.message))
        return Standing(proposal, verified, None)

    def _check_checkout(self, base: Base) -> None:
        if self.repository.resolve("HEAD") != base.tip:
            raise RepositoryError(
                f"{base.name} is at {base.tip[:7]}, and that is not what is checked out; nothing was said",
                hint="check it out, and run this again",
            )

    def _find_passing(self, head: str, proposal: Proposal, base: Base) -> Problem | None:
        """Return what the next run of the release workflow mends, and what it stops at."""
        if proposal.base.commit != base.tip:
            return Problem("pending", f"{base.name} has moved on since this was proposed: the release workflow brings it up to date")
        edits = read_edits(self.repository.git, head, base=proposal.base.commit)
        if edits.stopped:
            what = f"which changes {edits.stopped.path}, " if edits.stopped.path else ""
            return Problem("failure", f"{edits.stopped.commit[:7]}, {what}was not made by notewright: take it off the branch")
        if not read_tip(self.repository.git, head).ours:
            names = ", ".join(file.audience for file in edits.files)
            return Problem("pending", f"notes were edited ({names}): the release workflow checks them and shows them here")
        return None

    def _find_disturbance(self, pull: PullRequest, verified: Verified) -> Problem | None:
        """Return what of the pull request itself, beside its commits, is not as propose leaves it."""
        if others := [number for number in self.github.find_pulls_at(pull.head) if number != pull.number]:
            return Problem("pending", f"pull request {others[0]} has this very commit: close it, because the two share their statuses")
        if read_ticks(pull.body) is None:
            return Problem("pending", f"the checklist was changed or deleted: {_RESTORES}")
        if not same_view(pull.body, verified.files[BODY].decode()):
            return Problem("pending", f"the text of the pull request was changed: {_RESTORES}")
        if pull.title != title(verified.proposal):
            return Problem("pending", f"the title of the pull request was changed: {_RESTORES}")
        return None
