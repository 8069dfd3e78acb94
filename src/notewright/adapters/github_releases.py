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
        self._known: dict[int, GitRelease] = {}  # PyGithub's, which know where their files go

    def find(self, tag: str, *, text: str) -> Release | None:
        """Return the published release of a tag, else the oldest draft for it with this text: another is what a person writes."""
        from github import UnknownObjectException

        with self._explained(f"look for the release {tag}"):
            try:
                return self._read(self._repo.get_release(tag))
            except UnknownObjectException:
                listed = itertools.islice(self._repo.get_releases(), _MOST_RELEASES)
                drafts = (self._read(one) for one in listed if one.draft and one.tag_name == tag)
                ours = (draft for draft in drafts if _plain(draft.text) == _plain(text))
                return min(ours, key=lambda draft: draft.number, default=None)

    def draft(self, tag: str, *, text: str, prerelease: bool) -> Release:
        """Return a draft for a tag; where another run made one first, or has published, that one, and ours is gone."""
        with self._explained(f"draft the release {tag}"):
            made = self._read(self._repo.create_git_release(tag, tag, text, draft=True, prerelease=prerelease))
        found = self.find(tag, text=text) or made
        if found.number != made.number:
            with self._explained(f"take back the second draft of {tag}"):
                self._known[made.number].delete_release()
        return found

    def read_assets(self, release: Release) -> dict[str, Asset]:
        """Return the files of a release by name."""
        with self._explained("read the files of the release"):
            return {asset.name: _read_asset(asset) for asset in self._known[release.number].get_assets()}

    def upload(self, release: Release, name: str, content: bytes, *, kind: str) -> None:
        """Add a file; where another run was faster with the same one, that is as good."""
        try:
            with self._explained(f"upload {name}"):
                self._known[release.number].upload_asset_from_memory(io.BytesIO(content), len(content), name, kind)
        except GitHubError:
            there = self.read_assets(release).get(name)
            if there is None or not there.holds(content):
                raise

    def delete_asset(self, release: Release, asset: Asset) -> None:
        """Delete a file of a release, if it is still there."""
        from github import UnknownObjectException

        with self._explained(f"delete {asset.name}, which was uploaded in part"):
            found = next((one for one in self._known[release.number].get_assets() if one.id == asset.number), None)
            try:
                _ = found and found.delete_asset()
            except UnknownObjectException:
                return  # another run was faster

    def publish(self, release: Release, tag: str, *, text: str, prerelease: bool, latest: Latest) -> Release:
        """Set the text, and let everybody see the release."""
        with self._explained(f"publish the release {tag}"):
            found = self._known[release.number]
            return self._read(found.update_release(tag, text, draft=False, prerelease=prerelease, tag_name=tag, make_latest=latest))

    def _read(self, release: GitRelease) -> Release:
        shown = (release.id, release.html_url, release.draft)
        if None in shown:  # PyGithub's word for what an answer lacks, whatever its types say
            raise TypeError("not a release")
        self._known[release.id] = release
        return Release(*shown, release.body or "")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _read_asset(asset: GitReleaseAsset) -> Asset:
    shown = (asset.id, asset.name, asset.size)
    if None in shown:
        raise TypeError("not a file of a release")
    return Asset(*shown, asset.digest or None, asset.state == "uploaded")
