"""A project on a server: its clone, its GitHub, and the three steps of a release run on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import Repository, open_repository
from notewright.config.config import Config
from notewright.control import Cancel, Event, ignore
from notewright.flows.collect import collect_metadata
from notewright.flows.prepare import Prepared, prepare_release
from notewright.flows.propose import Outcome, propose_release
from notewright.history.metadata import metadata_json
from notewright.llm.door import open_engine
from notewright.llm.settings import EngineSettings
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE

BRANCH = "notewright/release"


@dataclass
class Site:
    """`work` is the clone that the steps run in, `output` the folder that they share."""

    work: Repo
    github: FakeGitHub
    git_server: GitServer
    output: Path
    config: Config = field(default_factory=Config)
    token: str = TOKEN_WRITE
    report: Callable[[Event], None] = ignore

    @property
    def repository(self) -> Repository:
        return open_repository(self.work.path)

    def access(self, token: str | None = None) -> Access:
        return Access("acme/app", self.git_server.url, self.github.url, token or self.token)

    def connect(self, token: str | None = None) -> GitHub:
        return GitHub(self.access(token), timeout_s=2)

    def prompts(self) -> Prompts:
        return Prompts(prompt_places(self.work.path))

    def push(self, message: str, files: dict[str, str] | None = None, *, author: str | None = None) -> str:
        """Commit to the base, here and on the server."""
        sha = self.work.commit(message, files or {}, **({"author": author} if author else {}))
        self.git_server.push(self.work, "main")
        return sha

    def tag(self, name: str, *, at: str = "HEAD") -> None:
        self.work.tag(name, at=at)
        self.git_server.push(self.work, f"refs/tags/{name}")

    def pull(self) -> None:
        """Bring the clone to where the server's base is."""
        self.work.git("pull", "--quiet", "--ff-only", self.git_server.url_of("acme/app"), "main")

    def collect(self) -> bytes:
        found = collect_metadata(
            self.repository, self.config, self.access(TOKEN_READ), self.connect(TOKEN_READ), report=self.report, cancel=Cancel()
        )  # fmt: skip
        return metadata_json(found)

    def prepare(
        self, *, metadata: bytes | None = None, version: str | None = None, engine: str = "none", regenerate: tuple[str, ...] = ()
    ) -> Prepared:
        return prepare_release(
            self.repository,
            self.config,
            output=self.output,
            access=replace(self.access(), token=None),
            metadata=metadata,
            version=version,
            audiences=[self.prompts().audience(name) for name in self.config.notes.audiences],
            opened=open_engine(engine, settings=EngineSettings()),
            report=self.report,
            cancel=Cancel(),
            regenerate=regenerate,
        )

    def propose(self) -> Outcome:
        return propose_release(
            self.output, self.repository, self.config, access=self.access(), github=self.connect(), prompts=self.prompts(),
            report=self.report, cancel=Cancel(),
        )  # fmt: skip

    def run(self, *, version: str | None = None, engine: str = "none") -> Outcome:
        """Collect, prepare and propose."""
        self.prepare(metadata=self.collect(), version=version, engine=engine)
        return self.propose()

    def branch(self) -> str | None:
        """Return where the release branch is on the server."""
        return self.git_server.heads("acme/app").get(BRANCH)

    def show(self, spec: str) -> str:
        """Return a file on the server, given as branch:path."""
        return read_git(self.git_server.path_of("acme/app"), "show", spec)

    def writes(self) -> int:
        """Return how many calls could have changed something, at GitHub or by a push."""
        return len(self.github.writes()) + sum(call.path.endswith("git-receive-pack") for call in self.git_server.calls)
