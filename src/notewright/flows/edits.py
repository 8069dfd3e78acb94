"""Edits: what people changed on the release branch, and whether that is notes, which stay theirs, or stops its updates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from notewright.adapters.branch import find_ref, has_commit, last_change, list_above, read_author, read_changes, read_tip
from notewright.adapters.remote import Remote
from notewright.adapters.tree import list_names, read_file, read_files
from notewright.changelog.codec import read_section
from notewright.errors import CheckFailed, NotewrightError
from notewright.notes.document import read_notes
from notewright.rendering.canonical import digest
from notewright.rendering.neutral import visible
from notewright.review import edited, folder
from notewright.review import proposal as manifest
from notewright.review.changes import Previous
from notewright.review.edited import EditedFile, Suggested, read_suggestions, taken_up
from notewright.review.proposal import RELEASES, read_proposal
from notewright.system.git import Git

_REFS = "refs/notewright/branches/"  # here: branches as the server has them, which the step without a network reads
_MOST_COMMITS = 200  # looked at for our own below those of people
_MOST_BYTES = 1 << 20  # of a notes file that is still one
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Stopped:
    """A commit of the branch that notewright may not overwrite, and the path that it touches besides notes, if that is why."""

    commit: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Edits:
    """What people did on the release branch: `files` that belong to them, or what stops its updates; `previous` is the proposal that our
    own commit holds."""

    files: tuple[EditedFile, ...] = ()
    stopped: Stopped | None = None
    previous: Previous | None = None


def mirror_branch(remote: Remote, branch: str) -> bool:
    """Bring the release branch here, beside all branches of this clone; return whether the server has one."""
    return remote.mirror(f"refs/heads/{branch}", here=_REFS + branch)


def read_mirrored(git: Git, branch: str, *, base: str) -> Edits:
    """Read the branch as it was last brought here; no edits where it never was."""
    tip = find_ref(git, _REFS + branch)
    return read_edits(git, tip, base=base) if tip else Edits()


def read_edits(git: Git, tip: str, *, base: str) -> Edits:
    """Read what people committed on top of our own commit, and what of theirs it holds already. A branch that `base` reaches, or whose
    release `base` has, is history."""
    if has_commit(git, tip) and git.succeeds("merge-base", "--is-ancestor", tip, base):
        return Edits()
    ours = next((sha for sha in list_above(git, tip, most=_MOST_COMMITS) if read_tip(git, sha).ours), None)
    home = _home(git, ours) if ours else None
    if ours is None or home is None:
        return Edits(stopped=Stopped(tip, None))
    notes = {f"{home}/{name}.md": name for name in _audiences(git, ours, home)}
    changes = read_changes(git, ours, tip)
    for change in changes:
        if not change.edited or change.path not in notes or len(read_file(git, tip, change.path) or b"") > _MOST_BYTES:
            return Edits(stopped=Stopped(last_change(git, ours, tip, change.path), change.path))
    if list_names(git, base, home):
        return Edits()
    return _read_files(git, ours, tip, home, {change.path: notes[change.path] for change in changes})


def _home(git: Git, ours: str) -> str | None:
    """Return the folder of the release that our commit made."""
    made = (change.path for change in read_changes(git, f"{ours}^", ours))
    own = [path for path in made if path.startswith(f"{RELEASES}/") and path.endswith(f"/{manifest.NAME}")]
    held = read_files(git, ours, own)
    return next((path.removesuffix(f"/{manifest.NAME}") for path in own if held[path]), None)


def _audiences(git: Git, ours: str, home: str) -> tuple[str, ...]:
    names = list_names(git, ours, home)
    return tuple(name.removesuffix(".md") for name in names if name.endswith(".md") and f"{name.removesuffix('.md')}.json" in names)


def _read_files(git: Git, ours: str, tip: str, home: str, changed: Mapping[str, str]) -> Edits:
    try:
        known = _known(git, ours, home)
        fresh = tuple(taken_up(_new_file(git, ours, tip, home, path), known) for path in changed)
    except (NotewrightError, KeyError) as error:  # what is there was not made by this version
        raise CheckFailed(
            f"{home} on the release branch cannot be read: {error.message if isinstance(error, NotewrightError) else error}",
            hint="save what people wrote there, delete the branch, and run `notewright release prepare` again",
        ) from error
    kept = (one.file for one in known if one.file.audience not in changed.values())
    return Edits(tuple(sorted((*kept, *fresh), key=lambda file: file.audience)), previous=_previous(git, ours, home))


def _previous(git: Git, ours: str, home: str) -> Previous | None:
    """Return the proposal of our commit; None where another version of notewright made it."""
    try:
        proposal = read_proposal(read_file(git, ours, f"{home}/{manifest.NAME}") or b"")
    except CheckFailed:
        return None
    at_home = {file.name: f"{home}/{file.name.removeprefix(f'{folder.NOTES}/')}" for file in proposal.files}
    found = read_files(git, ours, at_home.values())
    listed = {file.name: file.digest for file in proposal.files}
    held = {name: content for name, path in at_home.items() if (content := found[path])}
    return Previous(proposal, {name: content for name, content in held.items() if digest(content) == listed[name]})


def _known(git: Git, ours: str, home: str) -> tuple[Suggested, ...]:
    """Return the files that were people's when our commit was made."""
    content = read_file(git, ours, f"{home}/{edited.NAME}")
    if content is None:
        return ()
    names: list[str] = []
    with suppress(ValueError, TypeError, KeyError):
        names = [str(one["audience"]) for one in json.loads(content)["audiences"]]
    texts = read_files(git, ours, (f"{home}/{name}.md" for name in names))
    return read_suggestions(content, {name: text for name in names if (text := texts[f"{home}/{name}.md"]) is not None})


def _new_file(git: Git, ours: str, tip: str, home: str, path: str) -> EditedFile:
    audience = path.removeprefix(f"{home}/").removesuffix(".md")
    commit = last_change(git, ours, tip, path)
    section = read_section(read_file(git, ours, f"{home}/{folder.SECTION}") or b"")
    return EditedFile(
        audience=audience,
        commit=commit,
        editor=visible(read_author(git, commit))[:_LONGEST],
        content=read_file(git, tip, path) or b"",
        seen=tuple(entry.id for entry in section.entries()),
        origin=read_notes(read_file(git, ours, f"{home}/{audience}.json") or b""),
    )
