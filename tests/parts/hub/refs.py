"""Branches, tags and other refs."""

from __future__ import annotations

import re
from datetime import datetime

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import Refused, not_found
from tests.parts.hub.state import Hub
from tests.parts.openapi import Description
from tests.parts.plumbing import run_git


def read_branch(hub: Hub, ask: Ask) -> Answer:
    """Show a branch and its last commit."""
    name = ask.args["branch"]
    sha = hub.bare.find_head(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    url = f"{hub.api}/branches/{name}"
    commit = shapes.commit(hub, hub.bare.read_commit(sha))
    known = {"name": name, "commit": commit, "protected": hub.is_protected(name), "_links": {"self": url, "html": url}}
    return Answer({**Description.load().sample("branch-with-protection"), **known})


def list_tags(hub: Hub, ask: Ask) -> Answer:
    """Show the tags, last name first, with the commits that they mean."""
    sample = Description.load().sample("tag")
    found = []
    for full_name, _, _ in reversed(hub.bare.list_refs("refs/tags")):
        sha = hub.bare.find_commit(full_name.removeprefix("refs/"))
        name = full_name.removeprefix("refs/tags/")
        found.append({**sample, "name": name, "commit": {"sha": sha, "url": f"{hub.api}/commits/{sha}"}})
    return Answer(found)


def read_ref(hub: Hub, ask: Ask) -> Answer:
    """Show one ref, such as heads/main."""
    return Answer(shapes.ref(hub, *_find(hub, ask.args["ref"], not_found())))


def list_matching_refs(hub: Hub, ask: Ask) -> Answer:
    """Show the refs whose names begin like this."""
    start = f"refs/{ask.args['ref']}"
    return Answer([shapes.ref(hub, *row) for row in hub.bare.list_refs("refs") if row[0].startswith(start)])


def create_ref(hub: Hub, ask: Ask) -> Answer:
    """Make a branch or a tag."""
    name, sha = ask.body["ref"], ask.body["sha"]
    if not re.fullmatch(r"refs/[^/]+/.+", name) or hub.bare.attempt("check-ref-format", name) is None:
        raise Refused(422, f"{name} is not a valid ref name.")
    _check_object(hub, sha)
    if name in (row[0] for row in hub.bare.list_refs("refs")):
        raise Refused(422, "Reference already exists")
    hub.bare.move_ref(name, sha)
    return Answer(shapes.ref(hub, *_find(hub, name.removeprefix("refs/"), not_found())), 201)


def update_ref(hub: Hub, ask: Ask) -> Answer:
    """Move a ref, forward only unless forced."""
    name, old, _ = _find(hub, ask.args["ref"], Refused(422, "Reference does not exist"))
    new = ask.body["sha"]
    _check_object(hub, new)
    _check_protection(hub, name)
    if not ask.body.get("force") and not hub.bare.is_ancestor(old, new):
        raise Refused(422, "Update is not a fast forward")
    hub.bare.move_ref(name, new)
    return Answer(shapes.ref(hub, *_find(hub, ask.args["ref"], not_found())))


def delete_ref(hub: Hub, ask: Ask) -> Answer:
    """Delete a ref."""
    name, _, _ = _find(hub, ask.args["ref"], Refused(422, "Reference does not exist"))
    _check_protection(hub, name)
    hub.bare.move_ref(name, None)
    return Answer(None, 204)


def create_tag(hub: Hub, ask: Ask) -> Answer:
    """Make a tag object; a ref that names it is another request."""
    tag, message, target, kind = (ask.body[name] for name in ("tag", "message", "object", "type"))
    _check_object(hub, target)
    person = hub.people[ask.login]
    tagger = {"name": person.name, "email": person.email, "date": hub.tick(), **ask.body.get("tagger", {})}
    when = int(datetime.fromisoformat(tagger["date"]).timestamp())
    text = f"object {target}\ntype {kind}\ntag {tag}\ntagger {tagger['name']} <{tagger['email']}> {when} +0000\n\n{message}\n"
    sha = run_git(hub.bare.path, "mktag", input_bytes=text.encode()).decode().strip()
    known = {"sha": sha, "tag": tag, "message": message, "tagger": tagger, "object": {"sha": target, "type": kind, "url": hub.api}}
    return Answer({**Description.load().sample("git-tag"), **known, "url": f"{hub.api}/git/tags/{sha}"}, 201)


def _find(hub: Hub, name: str, otherwise: Refused) -> tuple[str, str, str]:
    for row in hub.bare.list_refs("refs"):
        if row[0] == f"refs/{name}":
            return row
    raise otherwise


def _check_object(hub: Hub, sha: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{40}", sha) or hub.bare.attempt("cat-file", "-e", sha) is None:
        raise Refused(422, "Object does not exist")


def _check_protection(hub: Hub, name: str) -> None:
    if hub.is_protected(name.removeprefix("refs/heads/")):
        raise Refused(422, "Changes must be made through a pull request.")
