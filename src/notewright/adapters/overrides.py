"""Overrides as they are kept: in a tracked file, and in git notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from notewright.adapters.plain_yaml import read_mappings
from notewright.adapters.repository import Repository
from notewright.adapters.tree import read_blobs, read_file
from notewright.changelog.override_file import check_together, read_override
from notewright.changelog.overrides import Override
from notewright.errors import ConfigError
from notewright.system.files import read_bytes, resolve_inside
from notewright.system.git import Git, GitFailed

OVERRIDES = ".notewright/overrides.yaml"
NOTES = "refs/notes/notewright"
_FOLDER = OVERRIDES.rpartition("/")[0]
_MOST_BYTES = 1 << 20
_MOST_NOTES = 10_000
_AUTHOR = "author "
_UNCOMMITTED = "an uncommitted change"


def read_overrides(repository: Repository, commit: str | None) -> tuple[Override, ...]:
    """Return what people say of commits: the file's entries in their order, then notes by the commit that they are on.

    The file is read as `commit` (a full object name) holds it, for None as it stands in the work tree; notes as they are now. Commits are
    named in full. Where `by` is not said, it is the author of the file's last commit ("an uncommitted change" if it is not HEAD's),
    or of the note's. A repository without overrides costs one git process.

    Raises `ConfigError` naming the entry that nobody understands, that names no commit that `commit` (HEAD) reaches, or that contradicts
    another; `RepositoryError` where a link stands in the file's place. A note on a commit that is not reached says nothing here: all
    branches share one reference of notes.
    """
    git, head = repository.git, commit or "HEAD"
    at = head if commit or repository.is_bare else None
    in_tree, has_notes = _look(git, at)
    content = (read_file(git, at, OVERRIDES) if in_tree else None) if at else _uncommitted(repository)
    filed = _read_file(git, content, head, at) if content else ()
    noted = _read_notes(git) if has_notes else ()
    if not filed and not noted:
        return ()
    resolved = _resolve(git, filed, noted, head)
    check_together(resolved)
    return resolved


def _look(git: Git, at: str | None) -> tuple[bool, bool]:
    """Whether a commit may hold the file, and whether there are notes: one process answers both."""
    in_tree = [f"{at}:{OVERRIDES}", f"{at}:{_FOLDER}"] if at else []
    answers = _batch(git, "--batch-check=%(objecttype)", (*in_tree, NOTES))
    # a folder that is no folder may be a link: `read_file` says what is wrong with it
    may_hold = bool(in_tree) and (not _is_missing(answers[0]) or answers[1] not in ("tree", f"{in_tree[1]} missing"))
    return may_hold, not _is_missing(answers[-1])


def _uncommitted(repository: Repository) -> bytes | None:
    """Return the file of the work tree, which may be no link: the one that a commit holds is read without following any."""
    path = resolve_inside(repository.root, OVERRIDES)
    if not path.exists():
        return None
    if path != repository.root.resolve() / OVERRIDES or not path.is_file():
        raise ConfigError(f"{OVERRIDES} is a link or no file", hint="make it a plain file")
    if path.stat().st_size > _MOST_BYTES:
        raise _too_large(OVERRIDES)
    return read_bytes(path)


def _read_file(git: Git, content: bytes, head: str, at: str | None) -> tuple[Override, ...]:
    if len(content) > _MOST_BYTES:
        raise _too_large(OVERRIDES)
    entries = read_mappings(content, OVERRIDES)
    if isinstance(entries, dict):
        raise ConfigError(f"{OVERRIDES} is one mapping, not a list", hint="begin each entry with `- commit: `")
    read = tuple(read_override(fields, f"{OVERRIDES}, entry {number}") for number, fields in enumerate(entries, start=1))
    if all(one.by for one in read):
        return read
    author = _file_author(git, content, head, at)
    return tuple(replace(one, by=one.by or author) for one in read)


def _file_author(git: Git, content: bytes, head: str, at: str | None) -> str:
    """The author of the last commit that changed the file, unless the file is not the one that was committed."""
    if at is None:
        try:
            committed = read_file(git, head, OVERRIDES)
        except GitFailed:  # no commit yet
            return _UNCOMMITTED
        if committed is None or committed.replace(b"\r\n", b"\n") != content.replace(b"\r\n", b"\n"):
            return _UNCOMMITTED
    return git.line("log", "-1", "--no-mailmap", "--encoding=UTF-8", "--format=%an", head, "--", f":(literal){OVERRIDES}") or "unknown"


def _read_notes(git: Git) -> tuple[Override, ...]:
    """Return the overrides of all notes, by the commit that they are on."""
    lines = git.run("notes", f"--ref={NOTES}", "list").decode("ascii", "replace").split("\n")
    listed = sorted(((commit, blob) for blob, _, commit in (line.partition(" ") for line in lines) if commit))
    if len(listed) > _MOST_NOTES:
        raise ConfigError(f"{NOTES} holds {len(listed):,} notes, more than {_MOST_NOTES:,}", hint="drop old ones with `git notes remove`")
    texts = _contents(git, [blob for _, blob in listed], [f"the note on {commit[:7]}" for commit, _ in listed])
    read = [one for (commit, _), text in zip(listed, texts, strict=True) for one in _read_note(text, commit)]
    if all(one.by for one in read):
        return tuple(read)
    authors = _note_authors(git)
    return tuple(replace(one, by=one.by or authors.get(one.commit) or authors.get("") or "unknown") for one in read)


def _read_note(text: bytes, commit: str) -> list[Override]:
    source = f"the note on {commit[:7]}"
    entries = read_mappings(text, source)
    if isinstance(entries, dict):
        return [read_override(entries, source, commit=commit)]
    return [read_override(fields, f"{source}, entry {number}", commit=commit) for number, fields in enumerate(entries, start=1)]


def _contents(git: Git, blobs: Sequence[str], sources: Sequence[str]) -> list[bytes]:
    """Return the contents of blobs, in their order. Sizes are asked for first: a note may be of any."""
    sizes = _batch(git, "--batch-check=%(objecttype) %(objectsize)", blobs)
    for answer, source in zip(sizes, sources, strict=True):
        kind, _, size = answer.partition(" ")
        if kind != "blob" or not size.isdigit() or int(size) > _MOST_BYTES:
            raise ConfigError(f"{source} is no text of at most {_MOST_BYTES >> 20} MiB", hint="replace it with `git notes add --force`")
    contents = read_blobs(git, sorted({*blobs}))
    return [contents[blob] for blob in blobs]


def _note_authors(git: Git) -> dict[str, str]:
    """Return who last changed the note on each object, and under "" who last changed any."""
    listed = git.line(
        "log", "--no-mailmap", "--no-color", "--no-ext-diff", "--no-renames", "--encoding=UTF-8", f"--format={_AUTHOR}%an", "--raw",
        "--no-abbrev", NOTES,
    )  # fmt: skip
    authors: dict[str, str] = {}
    for commit in f"\n{listed}".split(f"\n{_AUTHOR}")[1:]:
        author, *lines = commit.split("\n")
        authors.setdefault("", author)
        # git spreads a growing reference over folders: a note that only moved has the same blob before and after
        raw = [(meta.split(" "), path.replace("/", "")) for meta, tab, path in (line.partition("\t") for line in lines) if tab]
        before = {(name, meta[2]) for meta, name in raw}
        for name, _ in sorted({(name, meta[3]) for meta, name in raw} - before):
            authors.setdefault(name, author)
    return authors


def _resolve(git: Git, filed: Sequence[Override], noted: Sequence[Override], head: str) -> tuple[Override, ...]:
    """Name all commits in full, with one process, and hold them against what `head` reaches, with another."""
    names = dict.fromkeys(name for one in (*filed, *noted) for name in (one.commit, one.into) if name)
    answers = _batch(git, "--batch-check=%(objectname) %(objecttype)", [f"{name}^{{commit}}" for name in names])
    # an abbreviated name may be a branch's as well, and a tag object is no commit
    found = {name: answer.partition(" ") for name, answer in zip(names, answers, strict=True)}
    commits = {name: commit for name, (commit, _, kind) in found.items() if kind == "commit" and commit.startswith(name)}
    outside = _outside(git, commits.values(), head)
    reached = {name: commit for name, commit in commits.items() if commit not in outside}
    kept = (*filed, *(one for one in noted if one.commit in reached))
    for one in kept:
        for name in (one.commit, one.into):
            if name and name not in reached:
                raise _matches_nothing(git, one, name, commits.get(name), head)
    return tuple(replace(one, commit=reached[one.commit], into=reached[one.into] if one.into else None) for one in kept)


def _outside(git: Git, commits: Iterable[str], head: str) -> frozenset[str]:
    """Return what `head` does not reach, with what else comes before that."""
    revisions = "".join(f"{name}\n" for name in (*commits, f"^{head}"))
    return frozenset(git.run("rev-list", "--stdin", input_bytes=revisions.encode()).decode("ascii").split("\n"))


def _matches_nothing(git: Git, one: Override, name: str, commit: str | None, head: str) -> ConfigError:
    if commit:
        place = head if head == "HEAD" else head[:7]
        return ConfigError(
            f"{one.source}: commit {name[:12]} is not in the history of {place}",
            hint="name the commit that came of it, or take the entry out",
        )
    (answer,) = _batch(git, "--batch-check=%(objectname) %(objecttype)", [name])
    if answer.endswith(" ambiguous"):
        return ConfigError(f"{one.source}: more than one object's name begins with {name}", hint="write more digits of it")
    if _is_missing(answer):
        return ConfigError(f"{one.source}: no commit {name[:12]}", hint="write 7 digits of its name or more, as `git log` shows them")
    if answer.startswith(name):
        return ConfigError(
            f"{one.source}: {name[:12]} is a {answer.rpartition(' ')[2]}, no commit", hint="name a commit, as `git log` does"
        )
    return ConfigError(f"{one.source}: {name[:12]} is the name of a branch or a tag as well", hint="write the commit's name in full")


def _too_large(source: str) -> ConfigError:
    return ConfigError(f"{source} is larger than {_MOST_BYTES >> 20} MiB", hint="take out entries of releases long past")


def _batch(git: Git, form: str, names: Iterable[str]) -> list[str]:
    """Ask git about objects; one line each, in their order."""
    output = git.run("cat-file", form, input_bytes="".join(f"{name}\n" for name in names).encode())
    return output.decode("utf-8", "replace").split("\n")[:-1]


def _is_missing(answer: str) -> bool:
    return answer.endswith((" missing", " ambiguous"))
