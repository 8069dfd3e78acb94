"""Releases: list, publish, change, and their files."""

from __future__ import annotations

from typing import Any

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import MAX_RELEASE_BODY, Refused, check_length, invalid, not_found
from tests.parts.hub.state import Asset, Hub, Release


def list_releases(hub: Hub, ask: Ask) -> Answer:
    """Show the releases, newest first; drafts only to those who can write."""
    return Answer([shapes.release(hub, made) for made in reversed(hub.releases.values()) if ask.writes or not made.draft])


def create_release(hub: Hub, ask: Ask) -> Answer:
    """Publish a release, or keep a draft; a missing tag is made."""
    body = ask.body
    _check(hub, body, None)
    number, now = next(hub.ids), hub.tick()
    draft = body.get("draft", False)
    made = Release(
        number, body["tag_name"], body.get("target_commitish") or hub.default_branch, body.get("name"), body.get("body"),
        draft, body.get("prerelease", False), ask.login, now, None, body.get("make_latest", "true"),
    )  # fmt: skip
    if not draft:
        _publish(hub, made, now)
    hub.releases[number] = made
    return Answer(shapes.release(hub, made), 201)


def update_release(hub: Hub, ask: Ask) -> Answer:
    """Change a release, or publish a draft."""
    made, body = _find(hub, ask), ask.body
    _check(hub, {"tag_name": made.tag, **body}, made)
    made.tag, made.target = body.get("tag_name", made.tag), body.get("target_commitish", made.target)
    made.name, made.body = body.get("name", made.name), body.get("body", made.body)
    made.draft, made.prerelease = body.get("draft", made.draft), body.get("prerelease", made.prerelease)
    made.latest = body.get("make_latest", made.latest)
    if not made.draft and made.published_at is None:
        _publish(hub, made, hub.tick())
    return Answer(shapes.release(hub, made))


def read_release(hub: Hub, ask: Ask) -> Answer:
    """Show one release."""
    return Answer(shapes.release(hub, _find(hub, ask)))


def read_latest(hub: Hub, ask: Ask) -> Answer:
    """Show the latest that is neither a draft nor a pre-release, nor was published as not the latest."""
    full = [made for made in hub.releases.values() if not made.draft and not made.prerelease and made.latest != "false"]
    if not full:
        raise not_found()
    return Answer(shapes.release(hub, max(full, key=lambda made: made.published_at or "")))


def read_by_tag(hub: Hub, ask: Ask) -> Answer:
    """Show the published release of a tag."""
    for made in hub.releases.values():
        if made.tag == ask.args["tag"] and not made.draft:
            return Answer(shapes.release(hub, made))
    raise not_found()


def delete_release(hub: Hub, ask: Ask) -> Answer:
    """Delete a release with its files; its tag stays."""
    made = _find(hub, ask)
    del hub.releases[made.number]
    hub.assets = {number: file for number, file in hub.assets.items() if file.release != made.number}
    return Answer(None, 204)


def list_assets(hub: Hub, ask: Ask) -> Answer:
    """Show the files of a release."""
    made = _find(hub, ask)
    return Answer([shapes.asset(hub, file) for file in hub.assets.values() if file.release == made.number])


def upload_asset(hub: Hub, ask: Ask) -> Answer:
    """Take a file; of one name there is one, also where only half of it came."""
    made, name = _find(hub, ask), ask.query.get("name", "")
    if not name:
        raise invalid("ReleaseAsset", "name", "missing_field")
    if not ask.body:
        raise Refused(400, "Bad Content-Length: 0")
    if any(file.release == made.number and file.name == name for file in hub.assets.values()):
        raise invalid("ReleaseAsset", "name", "already_exists")
    number = next(hub.ids)
    hub.assets[number] = Asset(number, made.number, name, ask.content_type, ask.body, ask.login, hub.tick())
    return Answer(shapes.asset(hub, hub.assets[number]), 201)


def delete_asset(hub: Hub, ask: Ask) -> Answer:
    """Delete a file."""
    number = ask.args["asset_id"]
    if not number.isdecimal() or int(number) not in hub.assets:
        raise not_found()
    del hub.assets[int(number)]
    return Answer(None, 204)


def _find(hub: Hub, ask: Ask) -> Release:
    number = ask.args["release_id"]
    if not number.isdecimal() or int(number) not in hub.releases:
        raise not_found()
    made = hub.releases[int(number)]
    if made.draft and not ask.writes:
        raise not_found()
    return made


def _check(hub: Hub, body: dict[str, Any], itself: Release | None) -> None:
    check_length("Release", "body", body.get("body"), MAX_RELEASE_BODY)
    tag, target = body["tag_name"], body.get("target_commitish") or hub.default_branch
    if not tag or hub.bare.attempt("check-ref-format", f"refs/tags/{tag}") is None:
        raise invalid("Release", "tag_name")
    if any(made.tag == tag and made is not itself and not made.draft for made in hub.releases.values()):
        raise invalid("Release", "tag_name", "already_exists")
    if hub.bare.find_commit(f"tags/{tag}") is None and hub.bare.find_commit(target) is None:
        raise invalid("Release", "target_commitish")


def _publish(hub: Hub, made: Release, now: str) -> None:
    made.published_at = now
    if hub.bare.find_commit(f"tags/{made.tag}") is None:
        hub.bare.move_ref(f"refs/tags/{made.tag}", hub.bare.find_commit(made.target))
