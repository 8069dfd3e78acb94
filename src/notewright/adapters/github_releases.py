"""Releases at GitHub: found, drafted, filled with files, and published last."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notewright.errors import GitHubError
from notewright.rendering.canonical import digest

if TYPE_CHECKING:
    from github.GitRelease import GitRelease
    from github.GitReleaseAsset import GitReleaseAsset
    from github.Repository import Repository

Latest = Literal["true", "false", "legacy"]  # GitHub's words; legacy: by date and version
_MOST_RELEASES = 1_000  # drafts stand before what is published


@dataclass(frozen=True, slots=True)
class Release:
    """A release as GitHub has it; a draft is seen by nobody but those who may write."""

    number: int
    url: str
    draft: bool
    text: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a release. It is not `whole` where its upload broke off; `digest` is None on servers that tell none."""

    number: int
    name: str
    size_bytes: int
    digest: str | None
    whole: bool

    def holds(self, content: bytes) -> bool:
        """Return whether this is the file that was meant, as far as GitHub tells."""
        return self.whole and self.size_bytes == len(content) and self.digest in (None, digest(content))


class Releases:
    """The releases of one repository. Every failure is a `GitHubError` that says what could not be done."""

    def __init__(self, repo: Repository, explained: Callable[[str], AbstractContextManager[None]]) -> None:
        """`explained` turns what goes wrong inside it into a `GitHubError`."""
        self._repo = repo
        self._explained = explained

    def find(self, tag: str) -> Release | None:
        """Return the published release of a tag, else the oldest draft for it."""
        from github import UnknownObjectException

        with self._explained(f"look for the release {tag}"):
            try:
                return _read_release(self._repo.get_release(tag))
            except UnknownObjectException:
                drafts = (one for one in itertools.islice(self._repo.get_releases(), _MOST_RELEASES) if one.draft and one.tag_name == tag)
                return min(map(_read_release, drafts), key=lambda release: release.number, default=None)

    def draft(self, tag: str, *, text: str, prerelease: bool) -> Release:
        """Return a draft for a tag; where another run made one first, or has published, that one, and ours is gone."""
        with self._explained(f"draft the release {tag}"):
            made = _read_release(self._repo.create_git_release(tag, tag, text, draft=True, prerelease=prerelease))
        found = self.find(tag) or made
        if found.number != made.number:
            with self._explained(f"take back the second draft of {tag}"):
                self._release(made).delete_release()
        return found

    def read_assets(self, release: Release) -> dict[str, Asset]:
        """Return the files of a release by name."""
        with self._explained("read the files of the release"):
            return {asset.name: _read_asset(asset) for asset in self._release(release).get_assets()}

    def upload(self, release: Release, name: str, content: bytes, *, kind: str) -> None:
        """Add a file; where another run was faster with the same one, that is as good."""
        try:
            with self._explained(f"upload {name}"):
                self._release(release).upload_asset_from_memory(io.BytesIO(content), len(content), name, kind)
        except GitHubError:
            there = self.read_assets(release).get(name)
            if there is None or not there.holds(content):
                raise

    def delete_asset(self, release: Release, asset: Asset) -> None:
        """Delete a file of a release, if it is still there."""
        from github import UnknownObjectException

        with self._explained(f"delete {asset.name}, which was uploaded in part"):
            found = next((one for one in self._release(release).get_assets() if one.id == asset.number), None)
            try:
                _ = found and found.delete_asset()
            except UnknownObjectException:
                return  # another run was faster

    def publish(self, release: Release, tag: str, *, text: str, prerelease: bool, latest: Latest) -> Release:
        """Set the text, and let everybody see the release."""
        with self._explained(f"publish the release {tag}"):
            return _read_release(self._release(release).update_release(tag, text, draft=False, prerelease=prerelease, make_latest=latest))

    def _release(self, release: Release) -> GitRelease:
        """Return PyGithub's release without asking for it."""
        return self._repo.get_release(release.number)


def _read_release(release: GitRelease) -> Release:
    if not (isinstance(release.id, int) and isinstance(release.html_url, str) and isinstance(release.draft, bool)):
        raise TypeError("not a release")
    return Release(release.id, release.html_url, release.draft, release.body or "")


def _read_asset(asset: GitReleaseAsset) -> Asset:
    if not (isinstance(asset.id, int) and isinstance(asset.name, str) and isinstance(asset.size, int)):
        raise TypeError("not a file of a release")
    return Asset(asset.id, asset.name, asset.size, asset.digest or None, asset.state == "uploaded")
