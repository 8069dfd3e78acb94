"""What GitHub's objects look like in its replies."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.parts.hub.bare import Change, Commit, Signature
from tests.parts.hub.state import Asset, Comment, Hub, Pull, Release, Review, Status
from tests.parts.openapi import Description

Json = dict[str, Any]


def _fill(schema: str, **values: Any) -> Json:  # noqa: ANN401  # JSON is anything
    """Return a reply object: what the schema requires, with the values that tests look at."""
    return {**Description.load().sample(schema), **values}


def user(hub: Hub, login: str | None, schema: str = "simple-user") -> Json | None:
    """Return an account, None for nobody."""
    person = hub.people.get(login or "")
    if person is None:
        return None
    url = f"{hub.url}/users/{person.login}"
    html_url = f"{hub.url}/{person.login}"
    return _fill(schema, login=person.login, id=person.number, type=person.kind, url=url, html_url=html_url, name=person.name)


def repository(hub: Hub, schema: str = "full-repository") -> Json:
    """Return the repository."""
    owner, _, name = hub.name.partition("/")
    return _fill(
        schema, id=1, name=name, full_name=hub.name, owner=_fill("simple-user", login=owner, type="Organization"), url=hub.api,
        html_url=f"{hub.url}/{hub.name}", clone_url=hub.clone_url, default_branch=hub.default_branch, private=hub.private,
    )  # fmt: skip


def pull_simple(hub: Hub, pull: Pull) -> Json:
    """Return a pull request as lists show it."""
    return _fill("pull-request-simple", **_pull_values(hub, pull))


def pull_full(hub: Hub, pull: Pull) -> Json:
    """Return a pull request with its counts and whether it can be merged."""
    changes = hub.bare.list_changes(hub.bare.find_merge_base(pull.base_sha, pull.head_sha), pull.head_sha)
    mergeable = hub.bare.merge_trees(pull.base_sha, pull.head_sha) is not None if pull.state == "open" else None
    return _fill(
        "pull-request", **_pull_values(hub, pull), merged=pull.merged_at is not None, merged_by=user(hub, pull.merged_by),
        mergeable=mergeable, mergeable_state={True: "clean", False: "dirty", None: "unknown"}[mergeable],
        commits=int(hub.bare.git("rev-list", "--count", f"{pull.base_sha}..{pull.head_sha}")),
        comments=sum(comment.pull == pull.number for comment in hub.comments.values()), review_comments=0,
        additions=sum(change.additions for change in changes), deletions=sum(change.deletions for change in changes),
        changed_files=len(changes),
    )  # fmt: skip


def issue(hub: Hub, pull: Pull) -> Json:
    """Return a pull request as the issue that it also is."""
    values = _pull_values(hub, pull)
    shared = ("number", "title", "body", "state", "user", "labels", "created_at", "updated_at", "closed_at", "html_url", "comments_url")
    links = {name: values[name] for name in ("url", "html_url", "diff_url", "patch_url", "merged_at")}
    return _fill(
        "issue", **{name: values[name] for name in shared}, id=values["id"], url=values["issue_url"], repository_url=hub.api,
        labels_url=values["issue_url"] + "/labels{/name}", pull_request=links, draft=pull.draft,
        comments=sum(comment.pull == pull.number for comment in hub.comments.values()),
    )  # fmt: skip


def label(hub: Hub, name: str) -> Json:
    """Return a label in GitHub's first colour."""
    return _fill("label", id=1 + sum(name.encode()), name=name, description="", color="ededed", url=f"{hub.api}/labels/{name}")


def comment(hub: Hub, said: Comment) -> Json:
    """Return a comment."""
    return _fill(
        "issue-comment", id=said.number, body=said.body, user=user(hub, said.author), url=f"{hub.api}/issues/comments/{said.number}",
        html_url=f"{hub.url}/{hub.name}/pull/{said.pull}#issuecomment-{said.number}", issue_url=f"{hub.api}/issues/{said.pull}",
        created_at=said.created_at, updated_at=said.updated_at, author_association=association(hub, said.author),
    )  # fmt: skip


def review(hub: Hub, said: Review) -> Json:
    """Return a review."""
    return _fill(
        "pull-request-review", id=said.number, state=said.state, body=said.body, user=user(hub, said.author), commit_id=said.sha,
        submitted_at=said.submitted_at, author_association=association(hub, said.author), pull_request_url=f"{hub.api}/pulls/{said.pull}",
    )  # fmt: skip


def status(hub: Hub, said: Status) -> Json:
    """Return a commit status."""
    return _fill(
        "status", id=said.number, state=said.state, context=said.context, description=said.description, target_url=said.target_url,
        creator=user(hub, said.creator), created_at=said.created_at, updated_at=said.created_at, url=f"{hub.api}/statuses/{said.sha}",
    )  # fmt: skip


def commit(hub: Hub, made: Commit) -> Json:
    """Return a commit; its author is an account only when the address is known."""
    url = f"{hub.api}/commits/{made.sha}"
    git_url = f"{hub.api}/git/commits/{made.sha}"
    content = {
        "url": git_url, "message": made.message, "comment_count": 0, "tree": {"sha": made.tree, "url": f"{hub.api}/git/trees/{made.tree}"},
        "author": _signature(made.author), "committer": _signature(made.committer),
        "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None},
    }  # fmt: skip
    return _fill(
        "commit", sha=made.sha, url=url, html_url=f"{hub.url}/{hub.name}/commit/{made.sha}", comments_url=f"{url}/comments", commit=content,
        author=user(hub, hub.find_login(made.author.email)), committer=user(hub, hub.find_login(made.committer.email)),
        parents=[{"sha": sha, "url": f"{hub.api}/commits/{sha}", "html_url": f"{hub.url}/{hub.name}/commit/{sha}"} for sha in made.parents],
    )  # fmt: skip


def change(hub: Hub, changed: Change) -> Json:
    """Return what happened to a file, without the patch."""
    renamed = {"previous_filename": changed.previous_path} if changed.previous_path else {}
    return _fill(
        "diff-entry", filename=changed.path, status=changed.status, sha=changed.blob, additions=changed.additions,
        deletions=changed.deletions, changes=changed.additions + changed.deletions, **renamed,
    )  # fmt: skip


def ref(hub: Hub, name: str, sha: str, kind: str) -> Json:
    """Return a ref."""
    url = f"{hub.api}/git/{kind}s/{sha}"
    return _fill("git-ref", ref=name, url=f"{hub.api}/git/{name}", object={"sha": sha, "type": kind, "url": url})


def release(hub: Hub, made: Release) -> Json:
    """Return a release."""
    return _fill(
        "release", id=made.number, tag_name=made.tag, target_commitish=made.target, name=made.name, body=made.body, draft=made.draft,
        prerelease=made.prerelease, author=user(hub, made.author), created_at=made.created_at, published_at=made.published_at,
        url=f"{hub.api}/releases/{made.number}", html_url=f"{hub.url}/{hub.name}/releases/tag/{made.tag}",
        upload_url=f"{hub.api}/releases/{made.number}/assets{{?name,label}}", assets_url=f"{hub.api}/releases/{made.number}/assets",
        assets=[asset(hub, file) for file in hub.assets.values() if file.release == made.number],
    )  # fmt: skip


def asset(hub: Hub, file: Asset) -> Json:
    """Return a file of a release."""
    made = hub.releases[file.release]
    return _fill(
        "release-asset", id=file.number, name=file.name, content_type=file.content_type, size=len(file.content),
        state="uploaded" if file.uploaded else "open", uploader=user(hub, file.uploader), created_at=file.created_at,
        updated_at=file.created_at, digest=f"sha256:{hashlib.sha256(file.content).hexdigest()}" if file.uploaded else None,
        url=f"{hub.api}/releases/assets/{file.number}",
        browser_download_url=f"{hub.url}/{hub.name}/releases/download/{made.tag}/{file.name}",
    )  # fmt: skip


def association(hub: Hub, login: str) -> str:
    """Return how an account stands to the repository."""
    person = hub.people[login]
    if person.permission == "none" or person.kind == "Bot":
        return "NONE"
    return "MEMBER" if person.permission in ("admin", "write") else "CONTRIBUTOR"


def _signature(by: Signature) -> Json:
    return {"name": by.name, "email": by.email, "date": by.at}


def _pull_values(hub: Hub, pull: Pull) -> Json:
    url, issue_url = f"{hub.api}/pulls/{pull.number}", f"{hub.api}/issues/{pull.number}"
    html_url = f"{hub.url}/{hub.name}/pull/{pull.number}"
    return {
        "id": 10_000 + pull.number, "number": pull.number, "title": pull.title, "body": pull.body, "state": pull.state,
        "draft": pull.draft, "user": user(hub, pull.author), "author_association": association(hub, pull.author),
        "url": url, "issue_url": issue_url, "html_url": html_url, "diff_url": f"{html_url}.diff", "patch_url": f"{html_url}.patch",
        "commits_url": f"{url}/commits", "comments_url": f"{issue_url}/comments", "statuses_url": f"{hub.api}/statuses/{pull.head_sha}",
        "created_at": pull.created_at, "updated_at": pull.updated_at, "closed_at": pull.closed_at, "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merge_sha, "labels": [label(hub, name) for name in pull.labels],
        "requested_reviewers": [user(hub, login) for login in pull.reviewers], "requested_teams": [],
        "head": _side(hub, pull.head_ref, pull.head_sha), "base": _side(hub, pull.base_ref, pull.base_sha),
    }  # fmt: skip


def _side(hub: Hub, branch: str, sha: str) -> Json:
    owner = _fill("simple-user", login=hub.owner, type="Organization")
    return {"label": f"{hub.owner}:{branch}", "ref": branch, "sha": sha, "user": owner, "repo": repository(hub, "repository")}
