"""Merge queue: whether what a queue is about to merge holds a release just as it was approved, and the status that says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notewright.adapters.branch import has_commit, read_changes
from notewright.adapters.remote import Remote
from notewright.adapters.tree import read_file, read_files
from notewright.errors import GitHubError
from notewright.flows.gate_outcome import GateOutcome
from notewright.flows.occasion import Occasion
from notewright.flows.standing import Examiner
from notewright.review import proposal as manifest
from notewright.review.approval import CONTEXT, State
from notewright.review.gate import cut
from notewright.review.merge_group import MergeGroup
from notewright.review.proposal import RELEASES, releases_home

_HEADS = "refs/heads/"
_HERE = "refs/notewright/merge-group"
_MOST_ROUNDS = 4  # of looking again because the base has moved meanwhile, as it does when the queue merges a group ahead of this one


def judge_group(examiner: Examiner, occasion: Occasion, group: MergeGroup, settle: Callable[[], GateOutcome]) -> GateOutcome:
    """Set the status of a merge group's commit: success where all that it adds to the base holds no release, or holds one first and just
    as its pull request shows it, approved as `settle` says. Everything else is a failure, which takes the pull request out of the queue:
    nothing would come of waiting. Nothing is said of another component's release, or of a group into another branch.
    """
    return _Group(examiner, occasion, group, settle).judge()


@dataclass(frozen=True, slots=True)
class _Group:
    examiner: Examiner
    occasion: Occasion
    group: MergeGroup
    settle: Callable[[], GateOutcome]

    def judge(self) -> GateOutcome:
        base = self.examiner.config.release.base or self.examiner.github.read_default_branch()
        if self.group.base != base:
            return self._unsaid(f"it goes into {self.group.base}, and releases go into {base}")
        remote = Remote(self.examiner.repository.git, self.examiner.access)
        if not remote.mirror(self.group.ref, here=_HERE) or not has_commit(self.examiner.repository.git, self.group.head):
            return self._unsaid("the queue has given it up")
        for _ in range(_MOST_ROUNDS):
            self.examiner.cancel.check()
            tip = remote.read_refs(_HEADS + base).get(_HEADS + base, "")
            outcome = self._judge_on(base, tip)
            if remote.read_refs(_HEADS + base).get(_HEADS + base) == tip:
                return outcome
        raise GitHubError(f"cannot judge the merge group: {base} keeps moving", hint="run this again")

    def _judge_on(self, base: str, tip: str) -> GateOutcome:
        """Judge what the group adds to the base where it is now."""
        git = self.examiner.repository.git
        if not has_commit(git, tip) or not git.succeeds("merge-base", "--is-ancestor", tip, self.group.head):
            return self._say("failure", f"{base} has moved on since this merge group was made")
        match self._find_releases(tip):
            case ():
                return self._say("success", "this merge group holds no release")
            case (path,):
                return self._judge_release(path, tip)
            case found:
                return self._say("failure", f"this merge group holds {len(found)} releases: queue one, and the next once that is published")

    def _find_releases(self, tip: str) -> tuple[str, ...]:
        """Return the manifests of the releases that the group brings, of whatever component."""
        git, head = self.examiner.repository.git, self.group.head
        paths = (change.path for change in read_changes(git, tip, head))
        named = [path for path in paths if path.startswith(f"{RELEASES}/") and path.endswith(f"/{manifest.NAME}")]
        before, after = read_files(git, tip, named), read_files(git, head, named)
        return tuple(path for path in named if after[path] is not None and before[path] is None)

    def _judge_release(self, path: str, tip: str) -> GateOutcome:
        if path.rsplit("/", 2)[0] != releases_home(self.examiner.config.changelog.component):
            return self._unsaid("it holds the release of another component")
        outcome = self.settle()
        if outcome.commit is None:
            return self._say("failure", f"this merge group brings {path}, and no release pull request is open")
        problem = self._find_problem(path, tip, outcome) if outcome.state == "success" else outcome.message
        return self._say("failure" if problem else "success", problem or outcome.message, outcome)

    def _find_problem(self, path: str, tip: str, outcome: GateOutcome) -> str | None:
        """Return what of the release would not be merged as it was approved."""
        git = self.examiner.repository.git
        first, *_ = self._line(tip)
        if read_file(git, first, path) is None:
            return f"pull request {outcome.number} is not the first in the merge queue: nobody has approved a release with what is ahead"
        if _tree(self.examiner, first) != _tree(self.examiner, outcome.commit or ""):
            return f"this merge group does not hold what pull request {outcome.number} shows"
        return None

    def _line(self, tip: str) -> Sequence[str]:
        """Return the group's commits on its line of first parents, the oldest first."""
        listed = self.examiner.repository.git.line("rev-list", "--first-parent", "--reverse", f"{tip}..{self.group.head}")
        return listed.split("\n")

    def _unsaid(self, why: str) -> GateOutcome:
        return GateOutcome("none", f"nothing is said of merge group {self.group.head[:7]}: {why}")

    def _say(self, state: State, words: str, outcome: GateOutcome | None = None) -> GateOutcome:
        """Set the status unless it stands already."""
        github, head, words = self.examiner.github, self.group.head, cut(words)
        said = next((status for status in github.read_statuses(head) if status.context == CONTEXT), None)
        due = said is None or (said.state, said.description, said.creator) != (state, words, github.read_own_login())
        if due:
            github.set_status(head, CONTEXT, state, words, url=self.occasion.url)
        number, url, changed = (outcome.number, outcome.url, outcome.changed) if outcome else (None, None, False)
        return GateOutcome(state, f"merge group {head[:7]}: {state}: {words}", due or changed, number, url, head)


def _tree(examiner: Examiner, commit: str) -> str:
    return examiner.repository.git.line("rev-parse", "--verify", f"{commit}^{{tree}}")
