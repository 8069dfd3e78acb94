"""The merge button: GitHub's three ways to merge, with its words, done with real commits."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.parts.hub.bare import Commit
from tests.parts.hub.state import Hub, Person, Pull, close
from tests.parts.plumbing import people, run_git

_WEB = "GitHub <noreply@github.com>"


def merge_pull(hub: Hub, pull: Pull, *, method: str, by: str) -> str:
    """Merge an open pull request by `merge`, `squash` or `rebase`, and return the last commit that this put on the base.

    Raises `ValueError` when GitHub's button would be grey.
    """
    if pull.state != "open" or hub.bare.merge_trees(pull.base_sha, pull.head_sha) is None:
        raise ValueError(f"pull request {pull.number} cannot be merged: it is {pull.state} or has conflicts")
    tip = build_merge(hub, pull, method=method, by=by)
    land(hub, pull, tip, by=by)
    return tip


def build_merge(hub: Hub, pull: Pull, *, method: str, by: str) -> str:
    """Return the last commit of what the button would put on the base; no branch moves."""
    commits = hub.bare.read_log("--reverse", "--topo-order", f"{pull.base_sha}..{pull.head_sha}")
    return _METHODS[method](hub, pull, hub.people[by], commits)


def land(hub: Hub, pull: Pull, tip: str, *, by: str) -> None:
    """Let the base be at a commit that merges the pull request."""
    landed = hub.bare.git("rev-list", f"{pull.base_sha}..{tip}").splitlines()
    hub.bare.move_ref(f"refs/heads/{pull.base_ref}", tip)
    pull.landed, pull.merge_sha, pull.merged_by, pull.merged_at = tuple(landed), tip, by, hub.tick()
    close(hub, pull)


def _merge(hub: Hub, pull: Pull, person: Person, commits: list[Commit]) -> str:
    message = f"Merge pull request #{pull.number} from {hub.owner}/{pull.head_ref}\n\n{pull.title}"
    return _commit(hub, pull, person, message, (pull.base_sha, pull.head_sha))


def _squash(hub: Hub, pull: Pull, person: Person, commits: list[Commit]) -> str:
    author = hub.people[pull.author]
    if len(commits) == 1:
        subject, _, rest = commits[0].message.partition("\n")
        message = f"{subject} (#{pull.number})\n{rest}"
    else:
        message = f"{pull.title} (#{pull.number})\n\n" + "\n\n".join(f"* {commit.message}" for commit in commits)
        others = dict.fromkeys(f"{c.author.name} <{c.author.email}>" for c in commits if c.author.email != author.email)
        if others:
            message += "\n\n---------\n\n" + "\n".join(f"Co-authored-by: {other}" for other in others)
    return _commit(hub, pull, author, message, (pull.base_sha,))


def _rebase(hub: Hub, pull: Pull, person: Person, commits: list[Commit]) -> str:
    """Replay the commits without merges: authors stay, the committer is who pressed the button."""
    replayed = [commit.sha for commit in commits if len(commit.parents) < 2]
    env = people(_identity(person), _identity(person), at_s=_moment_s(hub, pull))
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        run_git(hub.bare.path, "worktree", "add", "--quiet", "--detach", str(tree), pull.base_sha)
        try:
            run_git(tree, "cherry-pick", "--allow-empty", "--keep-redundant-commits", *replayed, env=env)
            return run_git(tree, "rev-parse", "HEAD").decode().strip()
        finally:
            run_git(hub.bare.path, "worktree", "remove", "--force", str(tree))


def _commit(hub: Hub, pull: Pull, author: Person, message: str, parents: tuple[str, ...]) -> str:
    tree = hub.bare.merge_trees(pull.base_sha, pull.head_sha)
    assert tree is not None, "the caller has tried this merge"
    env = people(_identity(author), _WEB, at_s=_moment_s(hub, pull))
    options = [part for parent in parents for part in ("-p", parent)]
    return run_git(hub.bare.path, "commit-tree", tree, *options, env=env, input_bytes=message.encode() + b"\n").decode().strip()


def _identity(person: Person) -> str:
    return f"{person.name} <{person.email}>"


def _moment_s(hub: Hub, pull: Pull) -> int:
    """Return a moment after both branches, so that the newest commit is also the latest."""
    dates = [hub.bare.read_commit(sha).committer.at for sha in (pull.head_sha, pull.base_sha)]
    latest = max(datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for date in dates)
    return int((latest + timedelta(minutes=1)).timestamp())


_METHODS = {"merge": _merge, "squash": _squash, "rebase": _rebase}
