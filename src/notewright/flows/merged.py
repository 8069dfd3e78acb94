"""Merged: a release as a commit of the base holds it, and what about it is not as it was proposed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from notewright.adapters.branch import has_commit
from notewright.adapters.overrides import NOTES, read_overrides
from notewright.adapters.repository import Repository
from notewright.adapters.tree import read_file, read_files
from notewright.changelog.codec import ledger_json, section_json
from notewright.changelog.override_file import overrides_text
from notewright.changelog.section import Section
from notewright.control import Cancel, Report
from notewright.errors import CheckFailed, RepositoryError
from notewright.flows.changelog import Selection, Upcoming, read_upcoming
from notewright.history.metadata import read_metadata
from notewright.rendering.canonical import digest
from notewright.review import folder
from notewright.review import proposal as manifest
from notewright.review.proposal import Proposal, read_proposal, releases_home

_SHAPE = "%H%x00%an%x00%s"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The commit on HEAD's line of first parents that brought the release whose folder is `home`."""

    home: str
    commit: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A commit that came with a release and belongs neither to its range nor to itself."""

    sha: str
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A release as `commit` holds it, whose tree is `tree`. `files` are those of its proposal that the repository carries, by their names
    in the proposal; `path_of` says where."""

    proposal: Proposal
    commit: str
    tree: str
    files: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """The version that is released."""
        assert self.proposal.version is not None, "read_merged takes no other proposal"
        return self.proposal.version

    @property
    def tag(self) -> str:
        """The name of its tag."""
        assert self.proposal.tag is not None, "read_merged takes no other proposal"
        return self.proposal.tag


def find_arrival(repository: Repository, *, component: str | None, version: str | None) -> Arrival | None:
    """Find the release that came last to HEAD, or the last coming of `version`; None without any."""
    home = releases_home(component)
    shape = ("--first-parent", "--diff-merges=first-parent", "--diff-filter=A", "--no-renames", "--name-only", "-z", "--format=%x01%H")
    listed = repository.git.run("log", *shape, "HEAD", "--", f":(literal){home}").decode("utf-8", "replace")
    for block in listed.split("\x01")[1:]:
        sha, _, names = block.partition("\0")
        for name in names.strip("\n").split("\0"):
            found, _, file = name.strip("\n").removeprefix(f"{home}/").partition("/")
            if file == manifest.NAME and version in (None, found):
                return Arrival(f"{home}/{found}", sha)
    return None


def read_merged(repository: Repository, arrival: Arrival, *, at: str | None = None) -> Merged:
    """Read a release from the commit that brought it, or from a later one. Raises `CheckFailed` where it is none that this version of
    notewright made."""
    git, commit, name = repository.git, at or arrival.commit, f"{arrival.home}/{manifest.NAME}"
    content = read_file(git, commit, name)
    if content is None:
        raise CheckFailed(f"{commit[:7]} holds no {name}", hint="was it moved? A release is read where it was merged")
    proposal = read_proposal(content)
    if proposal.version is None or proposal.tag is None or (proposal.home, proposal.end) != (arrival.home, proposal.base.commit):
        raise CheckFailed(f"{name} is the proposal of another release, {proposal.home}", hint=manifest.CHANGED)
    paths = {file.name: path for file in proposal.files if (path := path_of(proposal, file.name))}
    found = read_files(git, commit, paths.values())
    files = {name: content for name, path in paths.items() if (content := found[path]) is not None}
    return Merged(proposal, commit, git.line("rev-parse", f"{commit}^{{tree}}"), files)


def path_of(proposal: Proposal, name: str) -> str | None:
    """Return where the repository carries a file of the proposal; None for the one that it does not: the section is in the changelog."""
    return None if name == folder.SECTION_TEXT else folder.branch_path(proposal, name)


def find_strangers(repository: Repository, merged: Merged) -> tuple[Stranger, ...]:
    """Return every commit between the proposal's base and the merge that is neither the release commit, nor the merge itself, nor an edit
    of the release's own files on top of it; newest first. Raises `CheckFailed` where the base is not in the merge's history."""
    git, base, tip = repository.git, merged.proposal.base.commit, merged.commit
    if not git.succeeds("merge-base", "--is-ancestor", base, tip):
        raise CheckFailed(
            f"{tip[:7]} does not contain {base[:7]}, which the release was approved for",
            hint="was the base rewritten? propose the release again, and have it approved",
        )
    own = {*_own(repository, merged.proposal, tip)}
    for parent in git.line("rev-list", "--no-walk", "--parents", tip).split(" ")[2:]:
        own |= {*_own(repository, merged.proposal, parent)}
    listed = git.line("log", "--topo-order", f"--format={_SHAPE}%x01", f"{base}..{tip}")
    commits = (Stranger(*line.strip("\n").split("\0")) for line in listed.split("\x01") if line.strip("\n"))
    return tuple(commit for commit in commits if commit.sha not in own)


def work_out_anew(repository: Repository, merged: Merged, *, report: Report, cancel: Cancel) -> Upcoming:
    """Read from history what the release was made of, by the rules that its proposal records."""
    proposal, metadata = merged.proposal, merged.files.get(folder.METADATA)
    selection = Selection(until=proposal.end, origin=proposal.since, version=proposal.requested_version, committed=True)
    known = read_metadata(metadata) if metadata is not None else None
    return read_upcoming(repository, proposal.rules, selection, metadata=known, report=report, cancel=cancel)


def find_differences(repository: Repository, merged: Merged, upcoming: Upcoming) -> Iterator[str]:
    """Yield what of a release is not as it was proposed: a file that is missing or differs, and a section that does not follow from
    history, which gives `upcoming`. Notes are their editors' until they are approved, so their bytes are for the approval to bind."""
    proposal = merged.proposal
    for file in proposal.files:
        path, content = path_of(proposal, file.name), merged.files.get(file.name)
        if path and content is None:
            yield f"{path} is missing"
        elif path and content is not None and not file.name.startswith(f"{folder.NOTES}/") and digest(content) != file.digest:
            yield f"{path} is not the file that was proposed: {digest(content)}, proposed was {file.digest}"
    overrides = read_overrides(repository, proposal.end)
    if (digest(overrides_text(overrides)) if overrides else None) != proposal.overrides:
        yield f"the overrides of commits are not those that it was proposed with: `git fetch origin +{NOTES}:{NOTES}` brings notes"
    before, now = ({tag.name: tag.commit for tag in proposal.tags}, {tag.name: tag.target for tag in upcoming.tags})
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"the tag {name} is at {_at(now.get(name))}, and was at {_at(before.get(name))} when the release was proposed"
    for name, content in _stage_2(upcoming.section).items():
        if merged.files.get(name) not in (content, None):
            yield f"{path_of(proposal, name)} is not what follows from history: worked out anew it is {digest(content)}"


def _stage_2(section: Section) -> dict[str, bytes]:
    return {folder.SECTION: section_json(section), folder.LEDGER: ledger_json(section)}


def _at(commit: str | None) -> str:
    return commit[:7] if commit else "nowhere"


def _own(repository: Repository, proposal: Proposal, tip: str) -> Iterator[str]:
    """Yield the release's own commits on a line of first parents: from the tip down to the one that brought the proposal, each of which
    changes nothing but the release's files."""
    chain = [sha for sha in repository.git.line("rev-list", "--first-parent", f"{proposal.base.commit}..{tip}").split("\n") if sha]
    paths = repository.paths(chain)
    brought = [place for place, sha in enumerate(chain) if f"{proposal.home}/{manifest.NAME}" in paths[sha]]
    carried = {proposal.changelog_file, *(file.path for file in proposal.version_files)}
    for sha in chain[: max(brought, default=-1) + 1]:
        if all(path in carried or path.startswith(f"{proposal.home}/") for path in paths[sha]):
            yield sha


def check_contains(repository: Repository, commit: str) -> None:
    """Check that what is checked out contains a commit. Raises `RepositoryError`."""
    if not has_commit(repository.git, commit) or not repository.git.succeeds("merge-base", "--is-ancestor", commit, "HEAD"):
        raise RepositoryError(f"what is checked out does not contain {commit[:7]}", hint="`git pull`, and run this on the base")
