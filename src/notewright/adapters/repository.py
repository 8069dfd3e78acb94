"""A repository's history, read with one log and one list of tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from notewright.errors import RepositoryError
from notewright.history.commits import LOG_FORMAT, Commit, parse_log
from notewright.history.releases import Tag
from notewright.history.versions import parse_tag
from notewright.system.git import Git, GitFailed

_LOG = (
    "log",
    "-z",
    "--no-color",
    "--no-mailmap",
    "--no-notes",
    "--no-ext-diff",
    "--no-textconv",
    "--encoding=UTF-8",
    f"--format={LOG_FORMAT}",
)
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
        revisions = "".join(f"{sha}\n" for sha in (*tips, *(f"^{sha}" for sha in without)))
        with self.git.stream(*_LOG, "--stdin", input_bytes=revisions.encode()) as chunks:
            yield from parse_log(chunks)

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
    repository = Repository(root, Git(root), bare == "true")
    if shallow == "true":
        _refuse_shallow(repository)
    return repository


def _refuse_shallow(repository: Repository) -> None:
    grafts = repository.git.line("rev-parse", "--git-path", "shallow")
    first = (repository.root / grafts).read_text().split("\n")[0]
    raise RepositoryError(
        f"this clone is shallow: its history ends at {first[:7]}",
        hint="run `git fetch --unshallow`, or in a workflow check out with `fetch-depth: 0`",
    )
