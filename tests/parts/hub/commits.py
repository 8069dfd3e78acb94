"""Commits: list, read, compare, and what is said about them."""

from __future__ import annotations

import re

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import MAX_STATUS_DESCRIPTION, Refused, check_length, no_commit, not_found
from tests.parts.hub.state import Hub, Pull, Status


def list_commits(hub: Hub, ask: Ask) -> Answer:
    """Show what a revision reaches, newest first, by path, author and time if asked."""
    start = hub.bare.find_commit(ask.query.get("sha", hub.default_branch))
    if start is None:
        raise not_found() if hub.bare.list_refs("refs/heads") else Refused(409, "Git Repository is empty.")
    times = [f"--{name}={ask.query[name]}" for name in ("since", "until") if name in ask.query]
    commits = hub.bare.read_log(*times, start, *(("--", ask.query["path"]) if "path" in ask.query else ()))
    author = ask.query.get("author")
    wanted = [c for c in commits if author in (None, c.author.email, hub.find_login(c.author.email))]
    return Answer([shapes.commit(hub, commit) for commit in wanted])


def read_commit(hub: Hub, ask: Ask) -> Answer:
    """Show one commit with what it changed against its first parent."""
    commit = hub.bare.read_commit(_find(hub, ask.args["ref"]))
    changes = hub.bare.list_changes(commit.parents[0] if commit.parents else None, commit.sha)
    counts = {"additions": sum(c.additions for c in changes), "deletions": sum(c.deletions for c in changes)}
    stats = {**counts, "total": sum(counts.values())}
    return Answer({**shapes.commit(hub, commit), "stats": stats, "files": [shapes.change(hub, change) for change in changes]})


def list_pulls(hub: Hub, ask: Ask) -> Answer:
    """Show the merged pull requests that brought a commit to the default branch, else all that hold it."""
    sha = _find(hub, ask.args["commit_sha"])
    default = hub.bare.find_head(hub.default_branch)
    in_default = default is not None and hub.bare.is_ancestor(sha, default)
    return Answer([shapes.pull_simple(hub, pull) for pull in find_pulls(hub, sha, in_default=in_default)])


def find_pulls(hub: Hub, sha: str, *, in_default: bool) -> list[Pull]:
    """Return the merged pull requests that brought a commit to the default branch, else all that hold it, oldest first."""
    if in_default:
        return [pull for pull in hub.pulls.values() if sha in pull.landed and pull.base_ref == hub.default_branch]
    return [pull for pull in hub.pulls.values() if sha in pull.landed or _holds(hub, pull, sha)]


def compare_commits(hub: Hub, ask: Ask) -> Answer:
    """Compare two revisions, given as base...head."""
    base_name, dots, head_name = ask.args["basehead"].partition("...")
    base, head = (hub.bare.find_commit(name.removeprefix(f"{hub.owner}:")) for name in (base_name, head_name))
    if not dots or base is None or head is None:
        raise not_found()
    merge_base = hub.bare.find_merge_base(base, head)
    if merge_base is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead = hub.bare.read_log("--reverse", "--topo-order", f"{base}..{head}")
    behind = int(hub.bare.git("rev-list", "--count", f"{head}..{base}"))
    state = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind", (False, False): "identical"}
    url = f"{hub.api}/compare/{ask.args['basehead']}"
    body = {
        "url": url, "html_url": url, "permalink_url": url, "diff_url": f"{url}.diff", "patch_url": f"{url}.patch",
        "base_commit": shapes.commit(hub, hub.bare.read_commit(base)),
        "merge_base_commit": shapes.commit(hub, hub.bare.read_commit(merge_base)),
        "status": state[bool(ahead), behind > 0], "ahead_by": len(ahead), "behind_by": behind, "total_commits": len(ahead),
        "commits": [shapes.commit(hub, commit) for commit in ahead],
        "files": [shapes.change(hub, change) for change in hub.bare.list_changes(merge_base, head)],
    }  # fmt: skip
    return Answer(body, paged="commits")


def create_status(hub: Hub, ask: Ask) -> Answer:
    """Say something about a commit; only a whole id will do."""
    sha = ask.args["sha"]
    if not re.fullmatch(r"[0-9a-f]{40}", sha):
        raise no_commit(sha)
    _find(hub, sha)
    check_length("Status", "description", ask.body.get("description"), MAX_STATUS_DESCRIPTION)
    said = Status(
        next(hub.ids), sha, ask.body["state"], ask.body.get("context", "default"), ask.body.get("description"),
        ask.body.get("target_url"), ask.login, hub.tick(),
    )  # fmt: skip
    hub.statuses.append(said)
    return Answer(shapes.status(hub, said), 201)


def list_statuses(hub: Hub, ask: Ask) -> Answer:
    """Show all that was said about a commit, latest first."""
    sha = _find(hub, ask.args["ref"])
    return Answer([shapes.status(hub, said) for said in reversed(hub.statuses) if said.sha == sha])


def combine_statuses(hub: Hub, ask: Ask) -> Answer:
    """Show the latest status of each context, and what they mean together."""
    sha = _find(hub, ask.args["ref"])
    latest = {said.context: said for said in hub.statuses if said.sha == sha}
    states = {said.state for said in latest.values()}
    together = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    shown = [{**shapes.status(hub, said), "creator": None} for said in latest.values()]
    for status in shown:
        del status["creator"]  # GitHub leaves it out here
    urls = {"url": f"{hub.api}/commits/{sha}/status", "commit_url": f"{hub.api}/commits/{sha}"}
    summary = {"sha": sha, "state": together, "total_count": len(shown), "repository": shapes.repository(hub, "minimal-repository")}
    return Answer({**summary, **urls, "statuses": shown})


def _find(hub: Hub, name: str) -> str:
    sha = hub.bare.find_commit(name)
    if sha is None:
        raise no_commit(name)
    return sha


def _holds(hub: Hub, pull: Pull, sha: str) -> bool:
    return hub.bare.is_ancestor(sha, pull.head_sha) and not hub.bare.is_ancestor(sha, pull.base_sha)
