"""Propose: a verified proposal becomes a branch and a pull request, which later runs keep up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from notewright.adapters.access import Access
from notewright.adapters.branch import Tip, build_commit, find_ref, has_commit, read_tip
from notewright.adapters.github import GitHub, PullRequest
from notewright.adapters.overrides import NOTES
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.remote import Remote
from notewright.adapters.repository import Repository
from notewright.changelog.upcoming import tag_form
from notewright.config.config import Config
from notewright.control import Cancel, Finished, Report, Started
from notewright.errors import CheckFailed, GitHubError
from notewright.flows.edits import read_edits
from notewright.flows.verify import Verified, check_committed, verify_proposal
from notewright.history.versions import parse_tag
from notewright.rendering.neutral import neutral_text, visible
from notewright.review.approval import CONTEXT
from notewright.review.body import same_view
from notewright.review.edited import EditedFile
from notewright.review.folder import BODY, branch_files, commit_message, title
from notewright.review.gate import WAITING

Operation = Literal["created", "updated", "unchanged", "closed", "none"]
_HEADS, _TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proposal. `message` is for people; `number` and `url` are the pull request's, `commit` the release branch's."""

    operation: Operation
    message: str
    hint: str | None = None
    number: int | None = None
    url: str | None = None
    commit: str | None = None


def propose_release(
    directory: Path, repository: Repository, config: Config, *, access: Access, github: GitHub, prompts: Prompts,
    report: Report, cancel: Cancel,
) -> Outcome:  # fmt: skip
    """Verify the folder, then push the release branch and open or update its pull request; close it where nothing is left to release.

    Running it again changes nothing, and after a failure goes on where it stopped. What a person committed to the branch is kept: then
    nothing is written but one comment that says so. Raises `CheckFailed` for that, for a proposal that does not stand and for a base
    that has moved, `GitHubError` for what GitHub or its git server refuse.
    """
    check_committed(repository, config)
    verified = verify_proposal(directory, repository, config, access=access, prompts=prompts, report=report, cancel=cancel)
    if waiting := _pending(verified):
        return waiting
    cancel.check()
    report(Started("propose"))
    outcome = _Proposer(verified, repository, config, access, github).propose()
    report(Finished("propose", outcome.message))
    return outcome


def preview_release(
    directory: Path, repository: Repository, config: Config, *, access: Access | None, prompts: Prompts, report: Report, cancel: Cancel
) -> Outcome:
    """Verify the folder and say what proposing it would do, asking nobody."""
    verified = verify_proposal(directory, repository, config, access=access, prompts=prompts, report=report, cancel=cancel)
    proposal = verified.proposal
    if waiting := _pending(verified):
        return waiting
    if proposal.version is None:
        return Outcome("none", "nothing to release: an open release pull request would be closed")
    return Outcome(
        "none", f"the proposal stands: {proposal.branch} would be pushed and its pull request into {proposal.base.name} opened or updated"
    )


def _pending(verified: Verified) -> Outcome | None:
    pending = verified.draft.pending
    if pending is None:
        return None
    message = f"{pending.version} was merged as {pending.commit[:7]} and has no tag yet: nothing else is released before it"
    component = verified.proposal.component
    return Outcome("none", message, hint=f"notewright release finish{f' --component {component}' if component else ''}")


class _Proposer:
    """Takes one verified proposal to GitHub."""

    def __init__(self, verified: Verified, repository: Repository, config: Config, access: Access, github: GitHub) -> None:
        self._verified = verified
        self._proposal = verified.proposal
        self._git = repository.git
        self._release = config.release
        self._tag_form = tag_form(self._proposal.rules)
        self._remote = Remote(repository.git, access)
        self._github = github
        self._branch = _HEADS + self._proposal.branch

    def propose(self) -> Outcome:
        """Look at everything first, then write: branch, pull request, labels, reviewers."""
        refs = self._remote.read_refs(_HEADS + self._proposal.base.name, self._branch, _TAGS + "*", NOTES)
        self._check_base(refs)
        self._check_overrides(refs.get(NOTES))
        self._check_tags({name.removeprefix(_TAGS): sha for name, sha in refs.items() if name.startswith(_TAGS)})
        pull = self._github.find_open_pull(branch=self._proposal.branch, base=self._proposal.base.name)
        if self._proposal.version is None:
            return self._close(pull)
        commit = self._build()
        moved = self._push(commit, refs.get(self._branch), pull)
        return self._show(commit, pull, moved=moved)

    def _check_base(self, refs: Mapping[str, str]) -> None:
        """The base is the branch that releases come from, and nothing was pushed to it meanwhile (security case 43)."""
        base = self._proposal.base
        wanted = self._release.base or self._github.read_default_branch()
        if base.name != wanted:
            raise CheckFailed(f"the proposal is for {base.name}, releases come from {wanted}", hint=f"prepare it again on {wanted}")
        if refs.get(_HEADS + base.name) != base.commit:
            at = refs.get(_HEADS + base.name, "nowhere")[:7]
            raise CheckFailed(
                f"{base.name} has moved on: it is at {at}, the proposal was prepared at {base.commit[:7]}; nothing was written",
                hint="a newer run sees the newer commits; or bring this clone and the server to the same commit, and prepare again",
            )

    def _check_tags(self, remote: Mapping[str, str]) -> None:
        """The tags that decided which commits belong here are the server's, all of them and no others."""
        ours = {tag.name: tag.commit for tag in self._proposal.tags}
        if self._proposal.tag in remote:
            raise CheckFailed(
                f"the tag {self._proposal.tag} is on the server already", hint="fetch it with `git fetch --tags` and prepare again"
            )
        for name, commit in sorted(ours.items()):
            if remote.get(name) != commit:
                raise CheckFailed(f"the tag {name} is not on the server as it is here", hint=f"`git push origin {name}`, or delete it here")
        for name, commit in sorted(remote.items()):
            if name not in ours and parse_tag(name, self._tag_form) and self._reaches(commit):
                raise CheckFailed(f"this clone lacks the tag {name}", hint="`git fetch --tags` and prepare again")

    def _check_overrides(self, remote: str | None) -> None:
        """What people say of commits in git notes is what the server has: a note of this clone alone decides nothing."""
        if find_ref(self._git, NOTES) != remote:
            raise CheckFailed(
                f"the overrides in {NOTES} are not those on the server",
                hint=f"`git fetch origin +{NOTES}:{NOTES}` and prepare again, or `git push origin {NOTES}`",
            )

    def _reaches(self, commit: str) -> bool:
        return has_commit(self._git, commit) and self._git.succeeds("merge-base", "--is-ancestor", commit, self._proposal.base.commit)

    def _build(self) -> str:
        proposal, files = self._proposal, self._verified.files
        at_s = int(self._git.line("log", "-1", "--format=%ct", proposal.end))
        editors = [file.editor for file in self._verified.draft.files]
        message = commit_message(proposal, self._verified.draft.section, editors=editors)
        return build_commit(self._git, base=proposal.base.commit, files=branch_files(proposal, files), message=message, at_s=at_s)

    def _push(self, commit: str, tip: str | None, pull: PullRequest | None) -> bool:
        """Move the branch to `commit`; return whether it had to move."""
        if tip == commit:
            return False
        if tip is not None:
            self._check_ours(tip, pull)
        try:
            self._remote.push(commit, self._branch, expected=tip)
        except GitHubError:
            # another run of the same proposal may have been faster, or the answer to our own push was lost
            if self._remote.read_refs(self._branch).get(self._branch) != commit:
                raise
        return True

    def _check_ours(self, tip: str, pull: PullRequest | None) -> None:
        """Stop, with one comment, where overwriting the branch would lose what a person made (security case 42): anything but notes, which
        the proposal has taken up."""
        if not has_commit(self._git, tip):
            self._remote.fetch(self._branch)
        edits = read_edits(self._git, tip, base=self._proposal.base.commit)
        if edits.stopped is None:
            self._check_taken_up(edits.files)
            return
        found = read_tip(self._git, edits.stopped.commit)
        if pull:
            text = _stopped(found, self._proposal.branch, edits.stopped.path)
            self._github.comment_once(pull.number, text, marker="notewright: updates stopped")
        raise CheckFailed(
            f"{self._proposal.branch} holds a commit that notewright did not make: {found.sha[:7]} by {visible(found.author)}; "
            "nothing was written",
            hint="merge or close its pull request, or take the commit off, then delete the branch",
        )

    def _check_taken_up(self, files: Sequence[EditedFile]) -> None:
        """The notes that people edited on the server's branch are those in the proposal, to the byte."""
        theirs = tuple(file for file in files if file.audience not in self._proposal.regenerated)
        if theirs != self._verified.draft.files:
            names = ", ".join(sorted({file.audience for file in (*theirs, *self._verified.draft.files)}))
            raise CheckFailed(
                f"people have edited notes on {self._proposal.branch} that this proposal does not have as they are: {names}; "
                "nothing was written",
                hint="run `notewright release collect` and `notewright release prepare` again: they take up what people wrote",
            )

    def _show(self, commit: str, pull: PullRequest | None, *, moved: bool) -> Outcome:
        """Open the pull request, or bring title and body up to date."""
        proposal, body = self._proposal, self._verified.files[BODY].decode()
        operation: Operation = "updated" if moved else "unchanged"
        self._withhold(commit, stands=pull is not None and self._stands(pull))
        if pull is None:
            operation = "created"
            pull = self._github.open_pull(
                branch=proposal.branch, base=proposal.base.name, title=title(proposal), body=body, draft=self._release.draft
            )
        if not self._stands(pull):
            self._github.edit_pull(pull.number, title=title(proposal), body=body)
            operation = "updated" if operation == "unchanged" else operation
        self._mark(pull)
        message = f"pull request {pull.number} {_WORDS[operation]} for {proposal.version}"
        return Outcome(operation, message, number=pull.number, url=pull.url, commit=commit)

    def _stands(self, pull: PullRequest) -> bool:
        """Return whether a pull request shows this proposal."""
        return pull.title == title(self._proposal) and same_view(pull.body, self._verified.files[BODY].decode())

    def _withhold(self, commit: str, *, stands: bool) -> None:
        """Set the gate's status to pending where nothing is said of the commit yet, and where ticks go because the pull request does not
        stand as it should: what is done with a workflow's token starts no workflow that could."""
        said = next((status for status in self._github.read_statuses(commit) if status.context == CONTEXT), None)
        if said is None or (not stands and said.state != "pending"):
            self._github.set_status(commit, CONTEXT, "pending", WAITING)

    def _mark(self, pull: PullRequest) -> None:
        """Add the labels that are missing, and ask the reviewers who were neither asked nor heard."""
        if labels := tuple(label for label in self._release.labels if label not in pull.labels):
            self._github.add_labels(pull.number, labels)
        asked = {name.casefold() for name in (*pull.reviewers, pull.author)}
        missing = [name for name in self._release.reviewers if name.rpartition("/")[2].casefold() not in asked]
        if not missing:
            return
        heard = {name.casefold() for name in self._github.read_reviewers(pull.number)}
        # a team is no longer asked once one of its people has answered, and GitHub does not say for which team that was
        if silent := tuple(name for name in missing if name.casefold() not in heard and not (heard and "/" in name)):
            self._github.request_reviews(pull.number, silent)

    def _close(self, pull: PullRequest | None) -> Outcome:
        if pull is None:
            return Outcome("none", "nothing to release")
        text = f"Nothing is left to release: every commit up to {self._proposal.end[:7]} is released, folded or hidden."
        self._github.comment_once(pull.number, text, marker=f"notewright: closed at {self._proposal.end}")
        self._github.close_pull(pull.number)
        return Outcome("closed", f"nothing is left to release: pull request {pull.number} closed", number=pull.number, url=pull.url)


_WORDS = {"created": "opened", "updated": "updated", "unchanged": "is up to date"}


def _stopped(tip: Tip, branch: str, path: str | None) -> str:
    where = f" It changes {neutral_text(path)}, which is no notes file of this release." if path else ""
    return (
        f"**Updates have stopped.** {neutral_text(branch)} holds a commit that notewright did not make, and nothing of it was overwritten: "
        f"{tip.sha[:7]} by {neutral_text(tip.author)}, {neutral_text(tip.subject)}.{where}\n\n"
        "Notes may be edited here: they stay as people leave them. The changelog is corrected through `.notewright/overrides.yaml` on the "
        "base, and everything else by a commit there.\n\n"
        "Merge this pull request as it is; or take the commit off, or close the pull request and delete the branch, "
        "and the next run brings it up to date."
    )
