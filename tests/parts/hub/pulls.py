"""Pull requests: list, open, change, look into."""

from __future__ import annotations

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import MAX_BODY, MAX_TITLE, Refused, broken_rule, check_length, invalid
from tests.parts.hub.state import Hub, Pull, close


def list_pulls(hub: Hub, ask: Ask) -> Answer:
    """Filter by state, base and head; a head without its owner is ignored, as GitHub ignores it."""
    state, base, head = ask.query.get("state", "open"), ask.query.get("base"), ask.query.get("head", "")
    found = [
        pull
        for pull in hub.pulls.values()
        if state in ("all", pull.state) and base in (None, pull.base_ref) and (":" not in head or head == f"{hub.owner}:{pull.head_ref}")
    ]
    by_update = ask.query.get("sort") == "updated"
    newest_first = ask.query.get("direction", "asc" if by_update else "desc") == "desc"
    found.sort(key=lambda pull: (pull.updated_at if by_update else "", pull.number), reverse=newest_first)
    return Answer([shapes.pull_simple(hub, pull) for pull in found])


def create_pull(hub: Hub, ask: Ask) -> Answer:
    """Open a pull request between two branches of the repository that have commits between them."""
    owner, _, head_ref = ask.body["head"].rpartition(":")
    base_ref, title = ask.body["base"], ask.body.get("title")
    if not title:
        raise invalid("PullRequest", "title", "missing_field")
    _check_texts(ask.body)
    head, base = hub.bare.find_head(head_ref), hub.bare.find_head(base_ref)
    if base is None:
        raise invalid("PullRequest", "base")
    if head is None or owner not in ("", hub.owner):
        raise invalid("PullRequest", "head")
    _check_no_other(hub, head_ref, base_ref)
    if hub.bare.is_ancestor(head, base):
        raise broken_rule("PullRequest", f"No commits between {base_ref} and {head_ref}")
    number, now = len(hub.pulls) + 1, hub.tick()
    pull = Pull(number, title, ask.body.get("body"), ask.login, head_ref, base_ref, head, base, now, now)
    pull.draft = ask.body.get("draft", False)
    hub.pulls[number] = pull
    hub.bare.move_ref(f"refs/pull/{number}/head", head)
    return Answer(shapes.pull_full(hub, pull), 201)


def read_pull(hub: Hub, ask: Ask) -> Answer:
    """Show one pull request."""
    return Answer(shapes.pull_full(hub, hub.find_pull(ask.args["pull_number"])))


def update_pull(hub: Hub, ask: Ask) -> Answer:
    """Change title, body, base or state."""
    pull = hub.find_pull(ask.args["pull_number"])
    edit_pull(hub, pull, **{name: ask.body[name] for name in ("title", "body", "state", "base") if name in ask.body})
    return Answer(shapes.pull_full(hub, pull))


def edit_pull(
    hub: Hub, pull: Pull, *, title: str | None = None, body: str | None = None, state: str | None = None, base: str | None = None
) -> None:
    """Change what is given. Raises `Refused` before anything has changed."""
    _check_texts({"title": title, "body": body})
    if title == "":
        raise invalid("PullRequest", "title", "missing_field")
    if base is not None and hub.bare.find_head(base) is None:
        raise invalid("PullRequest", "base")
    if state == "open" and pull.state == "closed":
        _check_reopening(hub, pull)
        pull.state, pull.closed_at = "open", None
    pull.title = pull.title if title is None else title
    pull.body = pull.body if body is None else body
    pull.base_ref = base or pull.base_ref
    pull.updated_at = hub.tick()
    if state == "closed" and pull.state == "open":
        close(hub, pull)
    hub.follow_branches()


def list_commits(hub: Hub, ask: Ask) -> Answer:
    """Show the commits of a pull request, oldest first."""
    pull = hub.find_pull(ask.args["pull_number"])
    commits = hub.bare.read_log("--reverse", "--topo-order", f"{pull.base_sha}..{pull.head_sha}")
    return Answer([shapes.commit(hub, commit) for commit in commits[:250]])


def list_files(hub: Hub, ask: Ask) -> Answer:
    """Show what a pull request changes since it left its base."""
    pull = hub.find_pull(ask.args["pull_number"])
    changes = hub.bare.list_changes(hub.bare.find_merge_base(pull.base_sha, pull.head_sha), pull.head_sha)
    return Answer([shapes.change(hub, change) for change in changes])


def list_reviewers(hub: Hub, ask: Ask) -> Answer:
    """Show who is asked to look."""
    pull = hub.find_pull(ask.args["pull_number"])
    return Answer({"users": [shapes.user(hub, login) for login in pull.reviewers], "teams": []})


def request_reviewers(hub: Hub, ask: Ask) -> Answer:
    """Ask collaborators to look, but not the author."""
    pull = hub.find_pull(ask.args["pull_number"])
    asked = ask.body.get("reviewers", [])
    if pull.author in asked:
        raise Refused(422, "Review cannot be requested from pull request author.")
    if not all(login in hub.people and hub.people[login].permission != "none" for login in asked):
        words = "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator"
        raise Refused(422, f"{words} of the {hub.name} repository.")
    pull.reviewers += [login for login in asked if login not in pull.reviewers]
    return Answer(shapes.pull_simple(hub, pull), 201)


def list_reviews(hub: Hub, ask: Ask) -> Answer:
    """Show the reviews, oldest first."""
    pull = hub.find_pull(ask.args["pull_number"])
    return Answer([shapes.review(hub, said) for said in hub.reviews if said.pull == pull.number])


def _check_texts(body: dict[str, str | None]) -> None:
    check_length("PullRequest", "title", body.get("title"), MAX_TITLE)
    check_length("PullRequest", "body", body.get("body"), MAX_BODY)


def _check_no_other(hub: Hub, head_ref: str, base_ref: str) -> None:
    if any(pull.state == "open" and (pull.head_ref, pull.base_ref) == (head_ref, base_ref) for pull in hub.pulls.values()):
        raise broken_rule("PullRequest", f"A pull request already exists for {hub.owner}:{head_ref}.")


def _check_reopening(hub: Hub, pull: Pull) -> None:
    head = hub.bare.find_head(pull.head_ref)
    because = None
    if pull.merged_at is not None:
        because = "The pull request has been merged."
    elif head is None:
        because = f"The {pull.head_ref} branch has been deleted."
    elif not hub.bare.is_ancestor(pull.head_sha, head):
        because = f"The {pull.head_ref} branch was force-pushed or recreated."
    if because:
        raise broken_rule("PullRequest", f"state cannot be changed. {because}", "state")
    _check_no_other(hub, pull.head_ref, pull.base_ref)
