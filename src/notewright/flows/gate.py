"""Gate: what stands on the release branch, who ticked what of it, and the commit statuses that say so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from notewright.adapters.branch import find_ref, has_commit
from notewright.adapters.github import PullRequest
from notewright.adapters.overrides import NOTES
from notewright.adapters.remote import Remote
from notewright.control import Finished, Started
from notewright.errors import CheckFailed, GitHubError
from notewright.flows.edits import mirror_branch
from notewright.flows.gate_outcome import GateOutcome
from notewright.flows.merge_queue import judge_group
from notewright.flows.occasion import Occasion
from notewright.flows.standing import Base, Examiner, Standing
from notewright.flows.verify import check_committed
from notewright.review.approval import CONTEXT, Mark, Status, context_of, describe_mark, later, read_marks
from notewright.review.checklist import read_ticks, view_digest
from notewright.review.gate import Rules, Verdict, judge, refuse

_HEADS = "refs/heads/"
_MOST_ROUNDS = 8  # of looking again after having said something; each further one takes another run or person in that very second


def judge_release(examiner: Examiner, occasion: Occasion) -> GateOutcome:
    """Set the statuses of the release pull request's newest commit to what is true of it now; where they are, nothing is written. On a
    merge group, its commit gets one.

    The base has to be checked out: its rules decide, and nothing of the release branch is run. Runs at the same time end in the same
    statuses, since each looks again after it has said something. Outside of a workflow, nothing is set where the statuses are another
    account's: whose ticks that account noted, this one cannot know for sure. Raises `CheckFailed` and `RepositoryError` where this clone is
    not what the server has, and `GitHubError`.
    """
    check_committed(examiner.repository, examiner.config)
    examiner.report(Started("gate"))
    settle = _Gate(examiner, occasion).settle
    outcome = judge_group(examiner, occasion, occasion.group, settle) if occasion.group else settle()
    examiner.report(Finished("gate", outcome.message))
    return outcome


@dataclass(slots=True)
class _Gate:
    examiner: Examiner
    occasion: Occasion
    _permissions: dict[str, str] = field(default_factory=dict)

    def settle(self) -> GateOutcome:
        """Say what is true until nothing is left to be said."""
        examiner = self.examiner
        name, bot, changed = examiner.config.release.base or examiner.github.read_default_branch(), "", False
        for _ in range(_MOST_ROUNDS):
            examiner.cancel.check()
            pull = examiner.github.find_open_pull(branch=examiner.config.release.branch, base=name)
            if pull is None:
                return GateOutcome("none", "no release pull request is open", changed)
            bot = bot or examiner.github.read_own_login()
            standing, statuses = examiner.examine(pull, self._fetch(pull, name)), examiner.github.read_statuses(pull.head)
            theirs = None if self.occasion.in_workflow else _find_voice(statuses, bot)
            verdict, wanted = self._decide(pull, standing, statuses, theirs or bot)
            if theirs or not self._say(pull.head, statuses, wanted):
                return _tell(pull, verdict.whole, changed=changed, hint=theirs and _withheld(bot))
            changed = True
        raise GitHubError("cannot settle the statuses: something keeps changing them", hint="look at who sets them, and run this again")

    def _fetch(self, pull: PullRequest, name: str) -> Base:
        """Bring the release branch here, and return where the base is."""
        examiner = self.examiner
        git, branch = examiner.repository.git, examiner.config.release.branch
        remote = Remote(git, examiner.access)
        refs = remote.read_refs(_HEADS + name, NOTES)
        if find_ref(git, NOTES) != refs.get(NOTES):
            raise CheckFailed(
                f"the overrides in {NOTES} are not those on the server", hint=f"`git fetch origin +{NOTES}:{NOTES}`, and run this again"
            )
        mirror_branch(remote, branch)
        if not has_commit(git, pull.head):
            raise GitHubError(f"{pull.head[:7]} is not on {branch} any more: it moved while this run was going on", hint="run this again")
        return Base(name, refs.get(_HEADS + name, ""))

    def _decide(
        self, pull: PullRequest, standing: Standing, statuses: Sequence[Status], bot: str
    ) -> tuple[Verdict, Sequence[Status]]:  # fmt: skip
        """Decide by what the account `bot` has noted; return the verdict, and all that is to be said."""
        known, new = read_marks(statuses, bot), self._new_mark(pull, standing)
        marks = known | ({new.audit: later(new, known.get(new.audit))} if new else {})
        verdict = judge(
            standing.problem,
            read_ticks(pull.body) or frozenset(),
            marks,
            covers=(standing.proposal.digest if standing.proposal else "", view_digest(pull.body)),
            refusals={} if standing.problem else self._refusals(marks.values(), standing, bot),
            bot=bot,
        )
        wanted = [*verdict.statuses]
        if new and marks[new.audit] == new != known.get(new.audit) and describe_mark(new) not in {one.description for one in wanted}:
            wanted.insert(0, Status(context_of(new.audit), "pending", describe_mark(new), bot))  # or nobody would know of it later
        return verdict, wanted

    def _say(self, commit: str, statuses: Sequence[Status], wanted: Sequence[Status]) -> bool:
        """Set what is not so yet, whoever set it last; the one that may be required comes last."""
        latest = {status.context: status for status in reversed(statuses)}
        due = [status for status in wanted if latest.get(status.context) != status]
        for status in due:
            self.examiner.github.set_status(commit, status.context, status.state, status.description, url=self.occasion.url)
        return bool(due)

    def _new_mark(self, pull: PullRequest, standing: Standing) -> Mark | None:
        """Return what the edit that this run is about did to a box of this very commit's proposal."""
        edit = self.occasion.edit
        if edit is None or standing.proposal is None or (edit.number, edit.head) != (pull.number, pull.head):
            return None
        return edit.mark(event_id=self.occasion.event_id, proposal_digest=standing.proposal.digest)

    def _refusals(self, marks: Collection[Mark], standing: Standing, bot: str) -> dict[str, str | None]:
        """Return why those who ticked may not approve, None for those who may."""
        logins = {mark.login for mark in marks if mark.on}
        release = self.examiner.config.release
        asks = bool(logins) and not release.approver_may_author and standing.verified is not None
        authors = self.examiner.read_authors(standing.verified) if asks and standing.verified else frozenset[str]()
        rules = Rules(bot, release.approvers, authors)
        return {login: refuse(login, self._read_permission(login), rules) for login in sorted(logins)}

    def _read_permission(self, login: str) -> str:
        if login not in self._permissions:
            self._permissions[login] = self.examiner.github.read_permission(login)
        return self._permissions[login]


def _find_voice(statuses: Sequence[Status], own: str) -> str | None:
    """Return the account that speaks as the gate where it is not our own: the one of the newest status, if that is an app or a workflow;
    nobody can give a person such a name."""
    latest = {status.context: status.creator for status in reversed(statuses)}
    if set(latest.values()) <= {own}:
        return None
    return latest.get(CONTEXT, "") if latest.get(CONTEXT, "").endswith("[bot]") else own


def _withheld(own: str) -> str:
    return f"nothing was set: the statuses there are not all {own}'s, whom this token speaks for; the workflow of the gate sets them"


def _tell(pull: PullRequest, whole: Status, *, changed: bool, hint: str | None) -> GateOutcome:
    message = f"pull request {pull.number}: {whole.state}: {whole.description}"
    return GateOutcome(whole.state, message, changed, pull.number, pull.url, pull.head, hint)
