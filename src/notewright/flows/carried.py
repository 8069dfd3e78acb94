"""Carried: what a commit of the release branch holds, worked out anew on its base and compared byte for byte."""

from __future__ import annotations

from collections.abc import Mapping

from notewright.adapters.access import Access
from notewright.adapters.branch import read_changes, read_tip
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import Repository
from notewright.adapters.tree import list_names, read_files
from notewright.config.config import Config
from notewright.control import Cancel, Finished, Report
from notewright.errors import CheckFailed, RepositoryError
from notewright.flows.verify import Verified, work_out
from notewright.history.versions import parse_version
from notewright.review import folder
from notewright.review import proposal as manifest
from notewright.review import usage as costs
from notewright.review.folder import branch_files, branch_path
from notewright.review.proposal import Proposal, read_proposal, releases_home

_RESTORE = "close the pull request and delete its branch: the next run of the release workflow makes both anew"


def read_carried(repository: Repository, commit: str, config: Config) -> Proposal:
    """Return the proposal that a commit of the release branch claims to be. Raises `CheckFailed` where it has none."""
    home = releases_home(config.changelog.component)
    base = set(list_names(repository.git, repository.resolve("HEAD"), home))
    new = [name for name in list_names(repository.git, commit, home) if name not in base and parse_version(name)]
    if len(new) != 1:
        raise CheckFailed(f"{commit[:7]} holds {'no release' if not new else 'several releases'}", hint=_RESTORE)
    name = f"{home}/{new[0]}/{manifest.NAME}"
    proposal = read_proposal(_read(repository, commit, name)[name] or b"")
    if proposal.home != f"{home}/{new[0]}" or proposal != proposal.bound:
        raise CheckFailed(f"{name} is the manifest of another release", hint=_RESTORE)
    return proposal


def verify_carried(
    commit: str, proposal: Proposal, repository: Repository, config: Config, *, access: Access | None, prompts: Prompts, report: Report,
    cancel: Cancel,
) -> Verified:  # fmt: skip
    """Check that a commit is exactly what propose makes on top of the commit checked out: by its author, its one parent and each of its
    bytes. Rules, templates and prompts are those here, never those of `commit`. Raises `CheckFailed` naming the file and what is wrong."""
    git = repository.git
    if not read_tip(git, commit).ours or git.line("log", "-1", "--format=%P", commit) != proposal.base.commit:
        raise CheckFailed(f"{commit[:7]} is not the commit that notewright made", hint=_RESTORE)
    paths = {file.name: branch_path(proposal, file.name) for file in proposal.files if file.name != folder.SECTION_TEXT}
    found = _read(repository, commit, *paths.values())
    files = {name: content for name, path in paths.items() if (content := found[path]) is not None}
    files[costs.NAME] = costs.UNKNOWN  # the branch does not tell
    verified = work_out(proposal, files, repository, config, access=access, prompts=prompts, report=report, cancel=cancel)
    fresh = dict(branch_files(read_proposal(verified.files[manifest.NAME]), verified.files))
    _compare(repository, commit, proposal, fresh)
    report(Finished("verify", f"{len(fresh)} files of {commit[:7]} worked out anew"))
    return verified


def _compare(repository: Repository, commit: str, proposal: Proposal, fresh: Mapping[str, bytes]) -> None:
    changed = {change.path for change in read_changes(repository.git, proposal.base.commit, commit)}
    found = _read(repository, commit, *fresh)
    own = f"{proposal.home}/{manifest.NAME}"  # last: it shows every difference
    for path in sorted(changed | fresh.keys(), key=lambda path: (path == own, path)):
        if path not in fresh:
            raise CheckFailed(f"{path} is changed, which no release does", hint=_RESTORE)
        if found[path] != fresh[path]:
            raise CheckFailed(f"{path} is not what the base, its configuration and the notes give", hint=_RESTORE)


def _read(repository: Repository, commit: str, *paths: str) -> dict[str, bytes | None]:
    try:
        return read_files(repository.git, commit, paths)
    except RepositoryError as error:
        raise CheckFailed(error.message, hint=_RESTORE) from error
