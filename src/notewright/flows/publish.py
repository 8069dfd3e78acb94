"""Publish: the release at GitHub, drafted, filled and only then shown; whatever is there already stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notewright.adapters.github_releases import Latest, Release, Releases
from notewright.errors import CheckFailed

_KINDS = {"json": "application/json", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a release shows: its text, and its files by name. `views` say nothing of their own: where one is there, it stays."""

    tag: str
    text: str
    files: Mapping[str, bytes]
    views: Mapping[str, bytes]
    prerelease: bool
    latest: Latest


def publish(releases: Releases, content: Content) -> tuple[Release, bool]:
    """Publish a release whose tag is there; return it, and whether anything had to be done. What broke off is completed; a published text
    belongs to whoever edits it. Raises `CheckFailed` for a published file that is another one."""
    found = releases.find(content.tag, text=content.text)
    release = found or releases.draft(content.tag, text=content.text, prerelease=content.prerelease)
    filled = _fill(releases, release, content)
    if not release.draft:
        return release, filled
    shown = releases.publish(release, content.tag, text=content.text, prerelease=content.prerelease, latest=content.latest)
    return shown, True


def _fill(releases: Releases, release: Release, content: Content) -> bool:
    """Upload the files that are missing, and those again that are not whole; return whether there were any."""
    there = releases.read_assets(release)
    missing = [name for name, file in content.files.items() if name not in there or not there[name].holds(file)]
    missing += [name for name in content.views if name not in there or not there[name].whole]
    wanted = {**content.files, **content.views}
    for name in missing:
        asset = there.get(name)
        if asset and asset.whole and not release.draft:
            raise CheckFailed(
                f"the release {content.tag} holds another {name} than its tag: {asset.digest or f'{asset.size_bytes:,} bytes'}",
                hint=f"find out who put it there; delete it at {release.url} and run this again to have the one that was approved",
            )
        if asset:
            releases.delete_asset(release, asset)
        releases.upload(release, name, wanted[name], kind=_KINDS[name.rpartition(".")[2]])
    return bool(missing)
