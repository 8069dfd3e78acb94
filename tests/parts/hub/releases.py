"""Releases: list, publish, change."""

from __future__ import annotations

from typing import Any

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import MAX_RELEASE_BODY, check_length, invalid, not_found
from tests.parts.hub.state import Hub, Release


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
        draft, body.get("prerelease", False), ask.login, now, None,
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
    if not made.draft and made.published_at is None:
        _publish(hub, made, hub.tick())
    return Answer(shapes.release(hub, made))


def read_release(hub: Hub, ask: Ask) -> Answer:
    """Show one release."""
    return Answer(shapes.release(hub, _find(hub, ask)))


def read_latest(hub: Hub, ask: Ask) -> Answer:
    """Show the latest that is neither a draft nor a pre-release."""
    full = [made for made in hub.releases.values() if not made.draft and not made.prerelease]
    if not full:
        raise not_found()
    return Answer(shapes.release(hub, max(full, key=lambda made: made.published_at or "")))


def read_by_tag(hub: Hub, ask: Ask) -> Answer:
    """Show the published release of a tag."""
    for made in hub.releases.values():
        if made.tag == ask.args["tag"] and not made.draft:
            return Answer(shapes.release(hub, made))
    raise not_found()


def _find(hub: Hub, ask: Ask) -> Release:
    number = ask.args["release_id"]
    if not number.isdecimal() or int(number) not in hub.releases:
        raise not_found()
    return hub.releases[int(number)]


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
