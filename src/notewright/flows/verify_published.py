"""Verifying what was published: a tag, and the audit that came with it, held against this clone, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.repository import Repository
from notewright.adapters.tag_object import TagObject, read_tag
from notewright.control import Cancel, Report
from notewright.errors import CheckFailed, NotewrightError, UsageError
from notewright.flows.merged import Arrival, Merged, find_differences, find_strangers, read_merged, work_out_anew
from notewright.history.versions import parse_tag
from notewright.rendering.canonical import digest
from notewright.review import audit as chain
from notewright.review.audit import Audit, find_breaks, link, read_anchor, read_audit
from notewright.review.proposal import releases_home
from notewright.review.records import record_grounds
from notewright.system.files import read_bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found out about a published release: what was looked at, what could not be, and what differs."""

    tag: str
    commit: str | None
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    differences: tuple[str, ...]


def verify_published(name: str, repository: Repository, *, form: str, component: str | None, report: Report, cancel: Cancel) -> Inspection:
    """Hold a published release against this clone. `name` is an audit.json that came with it, else a tag of the form `form`; of a tag alone
    the approvals are only bound by a digest. Raises `UsageError` for what is neither."""
    content = read_bytes(Path(name)) if Path(name).is_file() else None
    if content is not None:
        return _Inspector(repository, report, cancel).inspect_audit(read_audit(content), Path(name).parent)
    version = parse_tag(name, form)
    if version is None or read_tag(repository.git, name) is None:
        raise UsageError(f"there is no tag {name} here, and no such file", hint="`git fetch --tags`, or download audit.json of the release")
    return _Inspector(repository, report, cancel).inspect_tag(name, f"{releases_home(component)}/{version.text}")


@dataclass(frozen=True, slots=True)
class _Inspector:
    repository: Repository
    report: Report
    cancel: Cancel

    def inspect_tag(self, name: str, home: str) -> Inspection:
        tag = read_tag(self.repository.git, name)
        assert tag is not None, "the caller has looked"
        merged, found = self._read(tag, home)
        if merged and merged.tag != name:
            found.append(f"{home} at {tag.commit[:7]} is of the tag {merged.tag}, not {name}")
        found += self._look(merged) if merged else ()
        anchored = read_anchor(tag.message) is not None
        if not anchored:
            found.append(f"the tag {name} was not made by `release finish`: its message binds no audit")
        checked = ("the tag's commit", "the files of the release in it", "the section, worked out anew") if merged else ()
        return Inspection(name, tag.commit, checked, ("the approvals and the files of the release: give its audit.json",), tuple(found))

    def inspect_audit(self, audit: Audit, folder: Path) -> Inspection:
        published = audit.publication
        found = [*find_breaks(audit)]
        checked = ["the chain of the audit"]
        tag = read_tag(self.repository.git, published.tag)
        found += _compare_tag(audit, tag)
        merged, missing = self._read(tag, f"{releases_home(audit.changelog.component)}/{audit.changelog.version}") if tag else (None, [])
        found += missing
        if merged:
            checked += ["the tag and its commit", "the files of the release in it", "the section, worked out anew"]
            found += (*self._look(merged), *_compare_grounds(audit, merged))
        beside, absent = _split_beside(audit, folder)
        for file in beside:
            if digest(read_bytes(folder / file) or b"") != dict(_digests(audit))[file]:
                found.append(f"{file} beside {chain.NAME} is not the file that was published")
        checked += [f"{', '.join(beside)} beside it"] if beside else []
        unchecked = [f"{', '.join(absent)}: not beside {chain.NAME}"] if absent else []
        unchecked += ["approvals: the release was published without the gate"] if audit.approvals.gate == "none" else []
        return Inspection(published.tag, tag.commit if tag else None, tuple(checked), tuple(unchecked), tuple(found))

    def _read(self, tag: TagObject, home: str) -> tuple[Merged | None, list[str]]:
        try:
            return read_merged(self.repository, Arrival(home, tag.commit)), []
        except NotewrightError as error:
            return None, [error.message]

    def _look(self, merged: Merged) -> Iterator[str]:
        try:
            strangers = find_strangers(self.repository, merged)
        except CheckFailed as error:
            yield error.message
            strangers = ()
        yield from (f"{commit.sha[:7]} {commit.subject} is in the release and not in its changelog" for commit in strangers)
        try:
            upcoming = work_out_anew(self.repository, merged, report=self.report, cancel=self.cancel)
            yield from find_differences(self.repository, merged, upcoming)
        except NotewrightError as error:
            yield f"the section cannot be worked out anew: {error.message}"


def _compare_tag(audit: Audit, tag: TagObject | None) -> Iterator[str]:
    published = audit.publication
    if tag is None:
        yield f"the tag {published.tag} is not here: `git fetch --tags`, or it was deleted"
        return
    if tag.commit != published.commit:
        yield f"the tag {published.tag} is at {tag.commit}, published was {published.commit}"
    if tag.sha != published.tag_object:
        yield f"the tag {published.tag} is the object {tag.sha}, published was {published.tag_object}"
    elif tag.message and read_anchor(tag.message) not in (None, link(audit.approvals)):
        yield f"the tag {published.tag} binds another audit: {read_anchor(tag.message)}, this one's approvals are {link(audit.approvals)}"


def _compare_grounds(audit: Audit, merged: Merged) -> Iterator[str]:
    """Make the first three records anew from the commit, and name those that are not the audit's."""
    said = audit.proposal
    try:
        grounds = record_grounds(merged.proposal, merged.files, tree=merged.tree, pull_request=said.pull_request, head=said.head)
    except (KeyError, NotewrightError):
        yield "the notes of the release cannot be read in its commit"
        return
    if grounds.changelog != audit.changelog:
        yield f"the audit's record of the changelog is not that of {merged.commit[:7]}"
    if grounds.notes != audit.notes:
        yield f"the audit's record of the notes is not that of {merged.commit[:7]}"
    if grounds.proposal != said:
        yield f"the audit's record of the proposal is not that of {merged.commit[:7]}"


def _digests(audit: Audit) -> Iterator[tuple[str, str]]:
    yield from ((file.name, file.digest) for file in audit.publication.files)


def _split_beside(audit: Audit, folder: Path) -> tuple[list[str], list[str]]:
    """Return which files of the release lie in a folder, and which do not."""
    names = [name for name, _ in _digests(audit)]
    beside = [name for name in names if (folder / name).is_file()]
    return beside, [name for name in names if name not in beside]
