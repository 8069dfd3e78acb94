"""Finish: a merged release is tagged and published as it was approved, with the record of how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub, Merge
from notewright.adapters.github_releases import Latest
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.remote import Remote
from notewright.adapters.repository import Repository
from notewright.adapters.tree import read_file
from notewright.changelog.codec import read_section
from notewright.changelog.layout.links import links_to
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.upcoming import tag_form
from notewright.config.config import Config
from notewright.control import Cancel, Finished, Report, Started
from notewright.errors import CheckFailed, UsageError
from notewright.flows.changelog import Upcoming
from notewright.flows.merged import (
    Arrival,
    Merged,
    Stranger,
    check_contains,
    find_arrival,
    find_differences,
    find_strangers,
    read_merged,
    work_out_anew,
)
from notewright.flows.publish import Content, publish
from notewright.flows.published_page import render_published
from notewright.flows.tagging import ensure_tag, find_tag
from notewright.flows.template import given_template
from notewright.history.versions import parse_tag, parse_version
from notewright.rendering.canonical import digest
from notewright.rendering.neutral import visible
from notewright.review import audit as chain
from notewright.review import folder
from notewright.review.audit import ApprovalsRecord, PublicationRecord, audit_json, link
from notewright.review.published import release_files, release_text
from notewright.review.records import Grounds, list_assets, record_approvals, record_grounds

_MOST_NAMED = 10
_MOMENT = "--date=format-local:%Y-%m-%dT%H:%M:%SZ"  # git runs with the zone UTC


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of a merged release. `message` is for people; the others are None where there was nothing to finish."""

    operation: Literal["published", "unchanged", "none"]
    message: str
    version: str | None = None
    tag: str | None = None
    commit: str | None = None
    url: str | None = None


def finish_release(
    repository: Repository, config: Config, *, access: Access, github: GitHub, prompts: Prompts, version: str | None, without_gate: bool,
    report: Report, cancel: Cancel,
) -> Publication:  # fmt: skip
    """Tag and publish the release that was merged last into what is checked out, or `version`, which may be written as its tag.

    Everything is looked at before anything is written: that the merge added what was approved and nothing else, that the section follows
    from history, that both audits were ticked. `without_gate` lets a release pass that nobody approved, and the record says so. Running it
    again changes nothing, and after a failure goes on where it stopped. Raises `CheckFailed` for what does not hold, and `GitHubError`."""
    rules = config.rules()
    tagged = parse_tag(version, tag_form(rules)) if version else None
    name = rules.component.name if rules.component else None
    arrival = find_arrival(repository, component=name, version=tagged.text if tagged else version)
    if arrival is None and version is None:
        return Publication("none", "nothing to finish: no release was merged yet")
    if arrival is None:
        raise UsageError(f"what is checked out holds no release {version}", hint="`git pull`, or name one of those in .notewright/releases")
    report(Started("finish"))
    outcome = _Finisher(repository, config, access, github, prompts, arrival, report, cancel).finish(without_gate=without_gate)
    report(Finished("finish", outcome.message))
    return outcome


@dataclass(frozen=True, slots=True)
class _Finisher:
    """Takes one merged release to its tag and its page."""

    repository: Repository
    config: Config
    access: Access
    github: GitHub
    prompts: Prompts
    arrival: Arrival
    report: Report
    cancel: Cancel

    def finish(self, *, without_gate: bool) -> Publication:
        merged = read_merged(self.repository, self.arrival)
        merge = self._find_merge(merged)
        if merge:
            check_contains(self.repository, merge.commit)
            merged = read_merged(self.repository, self.arrival, at=merge.commit)
        git, remote = self.repository.git, Remote(self.repository.git, self.access)
        tagged = find_tag(remote, merged)
        upcoming = work_out_anew(self.repository, merged, report=self.report, cancel=self.cancel)
        self._check(merged, merge, upcoming)
        head, number = (merge.head, merge.number) if merge else (None, None)
        grounds = record_grounds(merged.proposal, merged.files, tree=merged.tree, pull_request=number, head=head)
        approvals = self._approve(merged, merge, grounds, without_gate=without_gate)
        self.cancel.check()
        tag_object = ensure_tag(git, remote, merged, grounds.proposal, approvals, found=tagged)
        return self._publish(merged, merge, upcoming, grounds, approvals, tag_object=tag_object)

    def _find_merge(self, merged: Merged) -> Merge | None:
        """Find the pull request that brought the release: the last one from the release branch, if several did."""
        merges = self.github.find_merges(self.arrival.commit, base=merged.proposal.base.name)
        return max(merges, key=lambda merge: (merge.branch == merged.proposal.branch, merge.number), default=None)

    def _check(self, merged: Merged, merge: Merge | None, upcoming: Upcoming) -> None:
        """Check that the merge added what was shown, to the byte, and that it follows from history."""
        if strangers := find_strangers(self.repository, merged):
            raise _refuse(self.repository, merged, self.arrival, strangers)
        if merge and self.github.read_tree(merge.head) != merged.tree:
            raise CheckFailed(
                f"{merged.commit[:7]} does not hold what pull request {merge.number} showed: its files are not those of {merge.head[:7]}",
                hint=f"see the difference: git fetch origin refs/pull/{merge.number}/head && git diff {merge.head} {merged.commit}",
            )
        if found := tuple(find_differences(self.repository, merged, upcoming)):
            raise CheckFailed(
                f"{merged.proposal.name} is not the release that was proposed: {'; '.join(found[:_MOST_NAMED])}",
                hint="find out what changed it; nothing was tagged",
            )

    def _approve(self, merged: Merged, merge: Merge | None, grounds: Grounds, *, without_gate: bool) -> ApprovalsRecord:
        """Return the approvals that our own account set, or the app that opened the pull request."""
        statuses = self.github.read_statuses(merge.head) if merge else ()
        creators = [self.github.read_own_login()] if statuses else []
        creators += [merge.author] if merge and merge.author.endswith("[bot]") else []  # nobody can give a person such a name
        approvals = record_approvals(grounds, statuses, creators)
        if approvals.gate == "none" and not without_gate:
            told = f"pull request {merge.number} was merged without" if merge else "no pull request brought it"
            raise CheckFailed(
                f"{merged.proposal.name} has not passed the gate: {told}; nothing was tagged",
                hint="make the status `notewright` a required one, so that nothing is merged before it was approved; to publish this "
                "release all the same, and have that recorded, add --without-gate (in the action `without-gate: true`)",
            )
        return approvals

    def _publish(
        self, merged: Merged, merge: Merge | None, upcoming: Upcoming, grounds: Grounds, approvals: ApprovalsRecord, *, tag_object: str
    ) -> Publication:  # fmt: skip
        section, proposal, tag = self._section(merged), merged.proposal, merged.tag
        text, files = release_text(proposal, merged.files, section_markdown=section), release_files(proposal, merged.files)
        publication = PublicationRecord(
            previous=link(approvals),
            commit=merged.commit,
            merged_at=merge.merged_at if merge else self.repository.git.line("log", "-1", _MOMENT, "--format=%cd", merged.commit),
            merged_by=merge.merged_by if merge else "",
            tag=tag,
            tag_object=tag_object,
            text=digest(text.encode()),
            files=list_assets(files),
        )
        audit = grounds.publish(approvals, publication)
        files[chain.NAME] = audit_json(audit)
        page = render_published(merged, upcoming, self.prompts, section_markdown=section, audit=audit)
        version = parse_version(merged.version)
        release, changed = publish(
            self.github.releases,
            Content(
                tag,
                text,
                files,
                views={folder.PAGE: page} if page else {},
                prerelease=version is not None and version.is_prerelease,
                latest=self._latest(merged),
            ),
        )
        message = f"{proposal.name} {'is published' if changed else 'was published already,'} as {tag}"
        return Publication("published" if changed else "unchanged", message, merged.version, tag, merged.commit, release.url)

    def _section(self, merged: Merged) -> str:
        """Return the section in the changelog's layout, as the base had it configured."""
        proposal, name = merged.proposal, self.config.changelog.template
        template = read_file(self.repository.git, proposal.end, name) if proposal.template and name else None
        return render_section(
            read_section(merged.files[folder.SECTION]),
            links=links_to(proposal.repository, forge=proposal.rules.forge, trackers=proposal.rules.trackers),
            first_release_limit=proposal.first_release_limit,
            preset=proposal.preset,
            template=given_template(name, template) if name and template else None,
        )

    def _latest(self, merged: Merged) -> Latest:
        """An older line's release is not the latest; which component's is, GitHub may say."""
        version = parse_version(merged.version)
        if merged.proposal.component or version is None:
            return "legacy"
        others = (tag.version for tag in self.repository.tags(tag_form(merged.proposal.rules)) if not tag.version.is_prerelease)
        return "false" if any(other.key() > version.key() for other in others) else "true"


def _refuse(repository: Repository, merged: Merged, arrival: Arrival, strangers: Sequence[Stranger]) -> CheckFailed:
    named = [f"{commit.sha[:7]} {visible(commit.subject)} ({visible(commit.author)})" for commit in strangers[:_MOST_NAMED]]
    more = [f"and {len(strangers) - _MOST_NAMED:,} more"] if len(strangers) > _MOST_NAMED else []
    what = "a commit that is" if len(strangers) == 1 else f"{len(strangers):,} commits that are"
    merge = len(repository.git.line("rev-list", "--no-walk", "--parents", merged.commit).split(" ")) > 2
    first = "" if merge or arrival.commit == merged.commit else f"{arrival.commit[:7]}^.."
    back = f"git revert {'-m 1 ' if merge else ''}{first}{merged.commit[:7]}"
    return CheckFailed(
        f"{merged.proposal.name} is not tagged: its merge {merged.commit[:7]} brought {what} not in the approved changelog: "
        + "; ".join((*named, *more)),
        hint=f"take the merge back (`{back}`) and push {merged.proposal.base.name}: the next run "
        f"proposes {merged.proposal.name} again with everything in it, to be approved and merged",
    )
