"""Released: what a commit's tree keeps of earlier releases, so that their sections stay the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from notewright.adapters.repository import Repository
from notewright.adapters.tree import list_files, read_files
from notewright.changelog.section import Section
from notewright.history.metadata import Metadata, PullRequest, read_metadata
from notewright.review import proposal as manifest
from notewright.review.folder import METADATA


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one release: its metadata, and the page that its links lead to."""

    metadata: Metadata | None
    url: str | None


def read_kept(repository: Repository, home: str) -> dict[str, Kept]:
    """Read what HEAD keeps of each release in the folder `home`, by version. Raises `RepositoryError` for metadata that is none."""
    git, head = repository.git, repository.resolve("HEAD")
    names: dict[str, set[str]] = {}
    for path in list_files(git, head, home):
        version, _, name = path.removeprefix(f"{home}/").partition("/")
        names.setdefault(version, set()).add(name)
    told = (f"{home}/{version}/{name}" for version, files in names.items() for name in (METADATA, manifest.NAME) if name in files)
    found = read_files(git, head, told)
    kept = {}
    for version in sorted(names):
        metadata = found.get(f"{home}/{version}/{METADATA}")
        kept[version] = Kept(read_metadata(metadata) if metadata else None, _address(found.get(f"{home}/{version}/{manifest.NAME}")))
    return kept


def find_arrival(repository: Repository, home: str, version: str) -> str:
    """Return the commit among HEAD's first parents that brought what is kept of a release: the one that its tag belongs to."""
    return repository.git.line("log", "-1", "--first-parent", "--format=%H", "HEAD", "--", f":(literal){home}/{version}")


def merge_metadata(given: Metadata | None, kept: Iterable[Kept]) -> Metadata | None:
    """Put all metadata together. Of a commit that several know, what was kept with its release counts; newcomers are of one release each,
    so only those of `given` stay."""
    known = [one.metadata for one in kept if one.metadata]
    base = given or (replace(known[-1], pull_requests=(), logins=(), newcomers=frozenset()) if known else None)
    if base is None:
        return None
    told = {sha for one in known for pull in one.pull_requests for sha in pull.commits}
    rest = (_without(pull, told) for pull in base.pull_requests)
    pulls = (*(pull for pull in rest if pull.commits), *(pull for one in known for pull in one.pull_requests))
    logins = {name: login for one in (base, *known) for name, login in one.logins}
    return replace(base, pull_requests=pulls, logins=tuple(sorted(logins.items())))


def with_newcomers(section: Section, kept: Mapping[str, Kept]) -> Section:
    """Return a section whose newcomers are those that were kept with its release."""
    own = kept.get(section.version or "")
    if own is None:
        return section
    names = own.metadata.newcomers if own.metadata else frozenset()
    return replace(section, contributors=tuple(replace(person, new=person.name in names) for person in section.contributors))


def _without(pull: PullRequest, commits: set[str]) -> PullRequest:
    return replace(pull, commits=tuple(sha for sha in pull.commits if sha not in commits))


def _address(proposal: bytes | None) -> str | None:
    """Return the page that a kept proposal names. An older version may have written the rest otherwise; that is no reason to fail."""
    try:
        values = json.loads(proposal or b"null")
    except (ValueError, RecursionError):
        return None
    address = values.get("repository") if isinstance(values, dict) else None
    return address if isinstance(address, str) else None
