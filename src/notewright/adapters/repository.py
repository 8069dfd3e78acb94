"""A repository's history, read with one log and one list of tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from notewright.errors import RepositoryError
from notewright.history.commits import LOG_FORMAT, Commit, parse_log
from notewright.history.patches import parse_patches
from notewright.history.paths import LOG_PATHS_FORMAT, PATHS_FORMAT, parse_log_with_paths, parse_paths
from notewright.history.releases import Tag
from notewright.history.versions import parse_tag
from notewright.system.git import Git, GitFailed

_SAFE_LOG = ("log", "--no-color", "--no-mailmap", "--no-notes", "--no-ext-diff", "--no-textconv", "--encoding=UTF-8")
_LOG = (*_SAFE_LOG, "-z", f"--format={LOG_FORMAT}")
# The repository's own configuration could leave out root commits, submodules and folders, or guess renames.
_DIFF = ("--root", "--no-renames", "--no-relative", "--ignore-submodules=none", "-O/dev/null")
# A merge commit is compared with its first parent: what it brought to the branch. Reading the difference of every commit of a history
# with 507 merges cost as much with them as without.
_PATHS = (*_SAFE_LOG, *_DIFF, "-z", "--name-only", "--diff-merges=first-parent")
# The same patch whatever the repository's configuration says of patches. Merge commits have none.
_PATCHES = (*_SAFE_LOG, *_DIFF, "--patch", "--diff-merges=off", "--format=%H", "--full-index", "--unified=3", "--inter-hunk-context=0",
            "--diff-algorithm=myers", "--indent-heuristic", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/")  # fmt: skip
# Larger files are compared by their blobs, as binary ones are: half a gigabyte, git's own limit, is no change that a person wrote.
_PATCH_SETTINGS = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.bigFileThreshold",
    "GIT_CONFIG_VALUE_0": "16m",
    "GIT_CONFIG_KEY_1": "diff.suppressBlankEmpty",
    "GIT_CONFIG_VALUE_1": "false",
}
_EACH = ("--no-walk=unsorted", "--stdin")
_TAG_FORMAT = (
    "%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(committerdate:unix)%00%(*objecttype)%00%(*objectname)%00%(*committerdate:unix)"
)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that can be read: `root` is its work tree, or the bare repository itself."""

    root: Path
    git: Git
    is_bare: bool

    def resolve(self, revision: str) -> str:
        """Return the object name of the commit that a revision names. Raises `RepositoryError` if there is none."""
        try:
            return self.git.line("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        except GitFailed as error:
            if revision == "HEAD":
                raise RepositoryError(f"{self.root} has no commits yet", hint="commit something first") from error
            raise RepositoryError(
                f"{self.root} has no commit named {revision!r}", hint="see `git log --oneline` and `git tag`, or fetch what is missing"
            ) from error

    def tags(self, form: str, *, merged: str | None = None) -> tuple[Tag, ...]:
        """Return the release tags of the configured form, by name; only those that commit `merged` reaches, if given."""
        scope = (f"--merged={merged}",) if merged else ()
        listed = self.git.line("for-each-ref", *scope, f"--format={_TAG_FORMAT}", "refs/tags")
        # not splitlines(): a tag's name may hold U+2028 and the like
        found = [self._tag(line.split("\0"), form) for line in listed.split("\n") if line]
        return tuple(sorted((tag for tag in found if tag), key=lambda tag: tag.name))

    def commits(self, tips: Sequence[str], *, without: Sequence[str] = ()) -> Iterator[Commit]:
        """Stream the commits that `tips` reach and `without` do not (full object names), as the log orders them."""
        if not tips:
            return  # git would start at HEAD
        with self.git.stream(*_LOG, "--stdin", input_bytes=_revisions(tips, without)) as chunks:
            yield from parse_log(chunks)

    def commits_with_paths(self, tips: Sequence[str], *, without: Sequence[str] = ()) -> Iterator[tuple[Commit, tuple[str, ...]]]:
        """Stream what `commits` does, each with the paths that it changed against its first parent, from one log.

        A renamed file counts with both its names. Paths are relative to the top of the work tree, in git's order, without quotes.
        """
        if not tips:
            return
        with self.git.stream(*_PATHS, f"--format={LOG_PATHS_FORMAT}", "--stdin", input_bytes=_revisions(tips, without)) as chunks:
            yield from parse_log_with_paths(chunks)

    def paths(self, shas: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the paths that each of these commits (full object names) changed, as `commits_with_paths` gives them."""
        if not shas:
            return {}
        with self.git.stream(*_PATHS, f"--format={PATHS_FORMAT}", *_EACH, input_bytes=_revisions(shas)) as chunks:
            return dict(parse_paths(chunks))

    def patch_ids(self, shas: Sequence[str]) -> Mapping[str, str]:
        """Return the identity of what each of these commits changed: equal for a change and its cherry-pick.

        Merge commits and commits that change nothing have none.
        """
        if not shas:
            return {}
        with self.git.with_environment(_PATCH_SETTINGS).stream(*_PATCHES, *_EACH, input_bytes=_revisions(shas)) as chunks:
            return dict(parse_patches(chunks))

    def _tag(self, fields: list[str], form: str) -> Tag | None:
        name, kind, sha, at, peeled_kind, peeled_sha, peeled_at = fields
        version = parse_tag(name, form)
        if version is None:
            return None
        if kind == "commit":
            return Tag(name, version, sha, int(at or 0))
        if peeled_kind == "commit":
            return Tag(name, version, peeled_sha, int(peeled_at or 0))
        if peeled_kind != "tag":
            return None  # a tag of a tree or a blob releases no commit
        commit = self.resolve(f"refs/tags/{name}")  # a tag of a tag
        return Tag(name, version, commit, int(self.git.line("log", "-1", "--format=%ct", commit) or 0))


def open_repository(directory: Path) -> Repository:
    """Open the repository that `directory` lies in. Raises `RepositoryError` where there is none, or a shallow one."""
    if not directory.is_dir():
        raise RepositoryError(f"{directory} is not a folder", hint="name a repository with --repo")
    git = Git(directory)
    try:
        bare, shallow, git_dir = git.line("rev-parse", "--is-bare-repository", "--is-shallow-repository", "--absolute-git-dir").split("\n")
    except GitFailed as error:
        raise RepositoryError(
            f"{directory.resolve()} is not in a git repository", hint="run notewright inside one, or name it with --repo DIR"
        ) from error
    root = Path(git_dir) if bare == "true" else Path(git.line("rev-parse", "--show-toplevel"))
    if bare != "true" and not directory.resolve().is_relative_to(root.resolve()):
        raise RepositoryError(
            f"core.worktree of {git_dir} names another folder, {root}", hint="run notewright in that folder, or unset core.worktree"
        )
    repository = Repository(root, Git(root), bare == "true")
    if shallow == "true":
        _refuse_shallow(repository)
    return repository


def _revisions(tips: Sequence[str], without: Sequence[str] = ()) -> bytes:
    return "".join(f"{sha}\n" for sha in (*tips, *(f"^{sha}" for sha in without))).encode()


def _refuse_shallow(repository: Repository) -> None:
    grafts = repository.git.line("rev-parse", "--git-path", "shallow")
    first = (repository.root / grafts).read_text().split("\n")[0]
    raise RepositoryError(
        f"this clone is shallow: its history ends at {first[:7]}",
        hint="run `git fetch --unshallow`, or in a workflow check out with `fetch-depth: 0`",
    )
