"""People, what they may do, and the repository itself."""

from __future__ import annotations

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import Refused, not_found
from tests.parts.hub.state import Hub
from tests.parts.openapi import Description


def read_repository(hub: Hub, ask: Ask) -> Answer:
    """Show the repository."""
    return Answer(shapes.repository(hub))


def read_own_account(hub: Hub, ask: Ask) -> Answer:
    """Show whose token this is; an integration's token is nobody's."""
    if not ask.login:
        raise Refused(401, "Requires authentication")
    if hub.people[ask.login].kind == "Bot":
        raise Refused(403, "Resource not accessible by integration")
    return Answer(shapes.user(hub, ask.login, "public-user"))


def read_account(hub: Hub, ask: Ask) -> Answer:
    """Show somebody's account."""
    if ask.args["username"] not in hub.people:
        raise not_found()
    return Answer(shapes.user(hub, ask.args["username"], "public-user"))


def read_permission(hub: Hub, ask: Ask) -> Answer:
    """Show what somebody may do: everybody may read a public repository."""
    login = ask.args["username"]
    if login not in hub.people:
        raise Refused(404, f"{login} is not a user")
    permission = hub.people[login].permission
    if permission == "none" and not hub.private:
        permission = "read"
    account = {**Description.load().sample("simple-user"), **(shapes.user(hub, login) or {}), "role_name": permission}
    return Answer({"permission": permission, "role_name": permission, "user": account})


def read_rate_limit(hub: Hub, ask: Ask) -> Answer:
    """Show that there is room."""
    rate = {"limit": 5000, "remaining": 4999, "reset": 1_800_000_000, "used": 1}
    return Answer({"resources": {"core": rate, "search": rate}, "rate": rate})
