"""A GitHub that runs on 127.0.0.1: it remembers, keeps GitHub's rules, and checks itself against GitHub's own description."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.bare import Bare
from tests.parts.hub.events import pull_event
from tests.parts.hub.graphql import Spoilt, answer_query
from tests.parts.hub.issues import add_comment
from tests.parts.hub.merging import merge_pull
from tests.parts.hub.pulls import edit_pull
from tests.parts.hub.queue import land_group, make_group
from tests.parts.hub.routes import HANDLERS
from tests.parts.hub.rules import Refused, not_found
from tests.parts.hub.state import BOT, Asset, Hub, Person, Pull, Release, Review, Status, Token
from tests.parts.openapi import Description, Json, Operation
from tests.parts.tokens import TOKEN_PERSON, TOKEN_READ, TOKEN_WRITE
from tests.parts.web import Call, Exchange, WebServer

_GRAPHQL = "/graphql"
_PER_PAGE, _MAX_PER_PAGE = 30, 100
# PyGithub reads statuses from where GitHub had them first, and still has them without saying so.
_LEGACY_STATUSES = re.compile(r"^(/repos/[^/]+/[^/]+)/statuses/([^/]+)$")
_UPLOADS = re.compile(r"^/repos/[^/]+/[^/]+/releases/\d+/assets$")  # the only bodies that are not JSON
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "X-GitHub-Media-Type": "github.v3; format=json",
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "4999",
    "X-RateLimit-Reset": "4102444800",  # 2100-01-01: a test never waits for it
}


class FakeGitHub(WebServer):
    """The REST interface of one repository and a little of its GraphQL, whose branches and tags are those of the bare repository `bare`.

    It starts with ada (admin), grace (write) and mallory (no rights), and with the tokens of `tests.parts.tokens`.
    """

    def __init__(self, bare: Path, *, name: str = "acme/app", clone_url: str = "https://github.invalid/acme/app.git") -> None:
        self._lock = threading.RLock()
        self._description = Description.load()
        self._spoilt: list[Spoilt] = []
        self.points = 0  # what GraphQL has cost
        super().__init__()
        self.hub = Hub(name, Bare(bare), self.url, clone_url)
        self.add_person("ada", "admin", email="ada@example.org", name="Ada Lovelace")
        self.add_person("grace", "write", email="grace@example.org", name="Grace Hopper")
        self.add_person("mallory", "none", email="mallory@example.org", name="Mallory")
        email = f"41898282+{BOT}@users.noreply.github.com"
        self.hub.people[BOT] = Person(BOT, 41_898_282, email, "write", BOT, "Bot")
        self.hub.tokens = {
            TOKEN_WRITE: Token(BOT, writes=True, integration=True),
            TOKEN_READ: Token(BOT, writes=False, integration=True),
            TOKEN_PERSON: Token("ada", writes=True, integration=False),
        }

    def add_person(self, login: str, permission: str = "write", *, email: str, name: str) -> None:
        """Let there be an account; commits by `email` are its own."""
        self.hub.people[login] = Person(login, 100 + len(self.hub.people), email, permission, name)

    def add_bot(self, login: str) -> None:
        """Let there be the account of an app, with write access."""
        number = 100 + len(self.hub.people)
        self.hub.people[login] = Person(login, number, f"{number}+{login}@users.noreply.github.com", "write", login, "Bot")

    def add_address(self, login: str, email: str) -> None:
        """Let an account have a further address."""
        self.hub.addresses[email] = login

    def spoil(self, *path: str, message: str, kind: str | None = None, times: int = 1) -> None:
        """Let the next `times` GraphQL queries fail in part: the field at `path` is null, with a reason; all, if that is empty."""
        self._spoilt += [Spoilt(path, kind, message)] * times

    def writes(self) -> list[Call]:
        """Return the calls that could change something, whether they were answered or not; GraphQL takes no mutations here."""
        return [call for call in self.calls if call.method not in ("GET", "HEAD") and call.path != _GRAPHQL]

    def queries(self) -> list[Call]:
        """Return the calls of GraphQL."""
        return [call for call in self.calls if call.path == _GRAPHQL]

    def pull(self, number: int) -> Pull:
        """Return a pull request as it is now."""
        with self._lock:
            self.hub.follow_branches()
            return self.hub.pulls[number]

    def pulls(self) -> list[Pull]:
        """Return all pull requests as they are now, oldest first."""
        with self._lock:
            self.hub.follow_branches()
            return list(self.hub.pulls.values())

    def statuses(self, sha: str) -> list[Status]:
        """Return what was said about a commit, oldest first."""
        return [said for said in self.hub.statuses if said.sha == sha]

    def comments(self, number: int) -> list[str]:
        """Return the texts of the comments on a pull request, oldest first."""
        return [said.body for said in self.hub.comments.values() if said.pull == number]

    def releases(self) -> list[Release]:
        """Return the releases, oldest first."""
        return list(self.hub.releases.values())

    def assets(self, release: int) -> dict[str, Asset]:
        """Return the files of a release by name."""
        return {file.name: file for file in self.hub.assets.values() if file.release == release}

    def break_off_upload(self, release: int, name: str) -> None:
        """Leave of a file what an upload leaves that broke off."""
        number = next(self.hub.ids)
        self.hub.assets[number] = Asset(number, release, name, "text/plain", b"", BOT, self.hub.tick(), uploaded=False)

    def merge(self, number: int, *, method: str = "merge", by: str = "ada") -> str:
        """Press the merge button (merge, squash or rebase); return the last commit that this put on the base."""
        pull = self.pull(number)
        with self._lock:
            return merge_pull(self.hub, pull, method=method, by=by)

    def queue(self, number: int, *, method: str = "merge", by: str = "ada", behind: Json = None) -> Json:
        """Put a pull request into the merge queue, first or behind another group; return what a workflow is told of its group."""
        pull = self.pull(number)
        with self._lock:
            return make_group(self.hub, pull, method=method, by=by, behind=behind and behind["merge_group"]["head_sha"])

    def land(self, number: int, group: Json, *, by: str = "ada") -> str:
        """Let the queue merge a group; return the commit that the base is at then."""
        pull = self.pull(number)
        with self._lock:
            return land_group(self.hub, pull, group, by=by)

    def edit(
        self, number: int, *, title: str | None = None, body: str | None = None, state: str | None = None,
        labels: list[str] | None = None, by: str = "ada",
    ) -> Json:  # fmt: skip
        """Change a pull request as a person does in the browser; return what a workflow that it starts is told of the edit."""
        pull = self.pull(number)
        before = {"title": pull.title, "body": pull.body}
        with self._lock:
            edit_pull(self.hub, pull, title=title, body=body, state=state)
            pull.labels = pull.labels if labels is None else labels
            after = {"title": pull.title, "body": pull.body}
            changes = {name: {"from": before[name]} for name in before if before[name] != after[name]}
            return pull_event(self.hub, pull, "edited", by=by, changes=changes)

    def event(self, number: int, action: str, *, by: str = "ada") -> Json:
        """Return what a workflow is told of a pull request that was opened, synchronize(d) or reopened."""
        pull = self.pull(number)
        with self._lock:
            return pull_event(self.hub, pull, action, by=by)

    def comment(self, number: int, body: str, *, by: str = "ada") -> None:
        """Say something on a pull request as a person does."""
        with self._lock:
            add_comment(self.hub, self.pull(number).number, by, body)

    def review(self, number: int, state: str, body: str = "", *, by: str = "grace") -> None:
        """Review a pull request: APPROVED, CHANGES_REQUESTED or COMMENTED."""
        pull = self.pull(number)
        with self._lock:
            self.hub.reviews.append(Review(next(self.hub.ids), number, by, state, body, pull.head_sha, self.hub.tick()))
            pull.reviewers = [login for login in pull.reviewers if login != by]

    def answer(self, exchange: Exchange) -> None:
        """Answer as GitHub would."""
        raw = b"".join(exchange.body_chunks())
        try:
            if exchange.call.path == _GRAPHQL:
                _send(exchange, 200, self._query(exchange, raw))
                return
            with self._lock:
                operation, ask = self._read(exchange, raw)
                self.hub.follow_branches()
                answer = HANDLERS[operation.identity](self.hub, ask)
            answer, link = _cut_page(answer, operation, ask, f"{self.url}{exchange.call.path}")
            self._check(operation, answer)
            _send(exchange, answer.status, answer.body, {"Link": link} if link else {})
        except Refused as refusal:
            _send(exchange, refusal.status, refusal.body)

    def refuse(self, exchange: Exchange, status: int, message: str | None, headers: Mapping[str, str]) -> None:
        """Reply with an error in GitHub's form."""
        _send(exchange, status, Refused(status, message or "the test ordered this error").body, headers)

    def _read(self, exchange: Exchange, raw: bytes) -> tuple[Operation, Ask]:
        """Return what is asked for, by whom. Raises `Refused` for what GitHub refuses without looking at the repository."""
        call = exchange.call
        if not exchange.headers.get("User-Agent"):
            raise Refused(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.")
        token = self._find_token(exchange.headers.get("Authorization"))
        call.body = raw if call.method == "POST" and _UPLOADS.match(call.path) else _parse(raw)
        path = _LEGACY_STATUSES.sub(r"\1/commits/\2/statuses", call.path) if call.method == "GET" else call.path
        found = self._description.find_operation(call.method, path)
        if found is None:
            raise self._bug(501, f"{call.method} {call.path} is no operation that the fake knows: add it to cut_openapi.py")
        operation, args = found
        self._check_access(operation, args, token)
        query = dict(parse_qsl(call.query))
        body = {"labels": call.body} if operation.identity.endswith("-labels") and isinstance(call.body, list) else call.body
        errors = self._description.find_request_errors(operation, query, body)
        if errors and body != {"labels": []}:  # GitHub clears labels by an empty list, whatever its description says
            raise Refused(422, "Invalid request.\n\n" + "\n".join(errors))
        login, kind = token.login if token else "", exchange.headers.get("Content-Type", "")
        return operation, Ask(args, query, body, login, writes=token is not None and token.writes, content_type=kind)

    def _query(self, exchange: Exchange, raw: bytes) -> Json:
        """Answer a GraphQL query. Raises `Refused`."""
        call = exchange.call
        token = self._find_token(exchange.headers.get("Authorization"))
        if token is None:
            raise Refused(401, "This endpoint requires you to be authenticated.")
        call.body = _parse(raw)
        if call.method != "POST" or not isinstance(call.body, dict) or not isinstance(call.body.get("query"), str):
            raise Refused(400, "A query attribute must be specified and must be a string.")
        with self._lock:
            self.hub.follow_branches()
            answer, points = answer_query(self.hub, call.body, self._spoilt.pop(0) if self._spoilt else None, login=token.login)
            self.points += points
        return answer

    def _find_token(self, header: str | None) -> Token | None:
        if header is None:
            return None
        token = self.hub.tokens.get(header.split()[-1]) if header.split() else None
        if token is None:
            raise Refused(401, "Bad credentials")
        return token

    def _check_access(self, operation: Operation, args: dict[str, str], token: Token | None) -> None:
        name = f"{args['owner']}/{args['repo']}" if "repo" in args else self.hub.name
        if name.lower() != self.hub.name.lower() or (self.hub.private and token is None):
            raise not_found()
        if operation.method == "GET":
            return
        if token is None:
            raise Refused(401, "Requires authentication")
        if not token.writes:
            raise Refused(403, f"Resource not accessible by {'integration' if token.integration else 'personal access token'}")

    def _check(self, operation: Operation, answer: Answer) -> None:
        errors = self._description.find_reply_errors(operation, answer.status, answer.body)
        if answer.status != 204 and errors:
            raise self._bug(500, f"the fake's bug: its reply to {operation.identity} is not GitHub's: {'; '.join(errors[:5])}")

    def _bug(self, status: int, message: str) -> Refused:
        self.bugs.append(message)
        return Refused(status, message)


def _parse(raw: bytes) -> Json:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error


def _cut_page(answer: Answer, operation: Operation, ask: Ask, url: str) -> tuple[Answer, str]:
    """Return the page asked for, and the links to its neighbours."""
    items = answer.body[answer.paged] if answer.paged else answer.body
    if "page" not in operation.query or not isinstance(items, list):
        return answer, ""
    size = min(int(ask.query.get("per_page", _PER_PAGE)) or _PER_PAGE, _MAX_PER_PAGE)
    page, last = max(int(ask.query.get("page", 1)), 1), max(-(-len(items) // size), 1)
    shown = items[(page - 1) * size : page * size]
    ways = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = {way: to for way, to in ways.items() if 1 <= to <= last and to != page and (way != "last" or page < last)}
    link = ", ".join(f'<{url}?{urlencode({**ask.query, "page": to})}>; rel="{way}"' for way, to in wanted.items())
    body = {**answer.body, answer.paged: shown} if answer.paged else shown
    return Answer(body, answer.status, answer.paged), link


def _send(exchange: Exchange, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
    exchange.reply(status, {**_HEADERS, **(headers or {})}, b"" if status == 204 else json.dumps(body).encode())
