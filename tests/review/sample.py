"""A release to look at: sections, notes and proposals of any size, with any words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from notewright.changelog.rules import Rules
from notewright.changelog.section import Contributor, Entry, Group, LedgerLine, Section, Totals
from notewright.grounding.checks import Failure
from notewright.notes.document import Sentence
from notewright.prompting.request import Identity
from notewright.rendering.canonical import digest
from notewright.review.approval import Approval, short
from notewright.review.audit import ApprovalsRecord, Audit, ChangelogRecord, NotesRecord, ProposalRecord, PublicationRecord, link
from notewright.review.checklist import AUDITS
from notewright.review.material import Audience, Exhibit, Material
from notewright.review.proposal import FileDigest, PromptRecord, Proposal, Ref
from notewright.review.records import Grounds
from notewright.review.usage import Usage

URL = "https://github.com/acme/app"
MODEL = Identity("llama_server", "tiny q8_0", "sha256:" + "1" * 64, 4096, "llama.cpp b1")


def sha(word: object) -> str:
    return hashlib.sha1(str(word).encode()).hexdigest()


def entry(
    number: int, *, summary: str = "add passkey login", kind: str | None = "feat", scope: str | None = "auth", breaking: bool = False,
    breaking_text: str | None = None,
) -> Entry:  # fmt: skip
    anchor = sha(number)
    return Entry(
        id=f"c-{anchor[:8]}", type=kind, scope=scope, summary=summary, breaking=breaking, breaking_text=breaking_text, security=False,
        references=(f"#{number}",), commits=(anchor,), authors=("Ada",),
    )  # fmt: skip


def section(entries: Sequence[Entry], *, hidden: int = 1, subject: str = "chore: tidy") -> Section:
    shown = [LedgerLine(one.commits[0], one.summary, "shown", (one.id,), "type feat") for one in entries]
    rest = [LedgerLine(sha(f"hidden {place}"), subject, "hidden", (), "type chore") for place in range(hidden)]
    return Section(
        version="1.4.0", tag="v1.4.0", previous="v1.3.2", date="2026-11-20",
        totals=Totals(commits=len(shown) + len(rest), shown=len(shown), folded=0, hidden=len(rest)),
        contributors=(Contributor("Ada", len(shown), new=False), Contributor("Grace", len(rest), new=True)),
        groups=(Group("Features", tuple(entries)),), ledger=(*shown, *rest),
    )  # fmt: skip


def proposal(**changes: object) -> Proposal:
    values: dict[str, object] = {
        "schema": 1,
        "kind": "release",
        "component": None,
        "repository": URL,
        "version": "1.4.0",
        "requested_version": None,
        "tag": "v1.4.0",
        "base": Ref("main", sha("base")),
        "branch": "notewright/release",
        "start": sha("start"),
        "end": sha("base"),
        "date": "2026-11-20",
        "tags": (Ref("v1.3.2", sha("start")),),
        "rules": Rules(),
        "since": None,
        "first_release_limit": 50,
        "preset": "keepachangelog",
        "template": None,
        "changelog_file": "CHANGELOG.md",
        "version_files": (),
        "metadata": digest(b"{}"),
        "overrides": None,
        "tool": "0.1.0",
        "prompts": (PromptRecord("developer", 3, digest(b"prompt")),),
        "model": MODEL,
        "files": (FileDigest("section.json", digest(b"section")),),
    }
    return Proposal(**{**values, **changes})  # type: ignore[arg-type]  # a table of fields


def audit(*, login: str = "ada", gate: Literal["success", "none"] = "success") -> Audit:
    """Return the audit of that proposal, published."""
    made = proposal()
    given = tuple(Approval(audit, login, "4711", "2026-11-20T08:00:00Z", short(made.digest)) for audit in AUDITS)
    changelog = ChangelogRecord(
        repository=URL, component=None, version="1.4.0", base=made.base, start=made.start, end=made.end, date=made.date, overrides=None,
        template=None, files=made.files,
    )  # fmt: skip
    grounds = Grounds(changelog, notes := NotesRecord(link(changelog), MODEL, ()), ProposalRecord(
        link(notes), made.digest, made.tool, 7, sha("head"), sha("tree"),
    ))  # fmt: skip
    approvals = ApprovalsRecord(link(grounds.proposal), gate, given if gate == "success" else ())
    publication = PublicationRecord(
        link(approvals), sha("merge"), "2026-11-20T09:00:00Z", login, "v1.4.0", sha("tag object"), digest(b"text"), (),
    )  # fmt: skip
    return grounds.publish(approvals, publication)


def exhibits(
    entries: Sequence[Entry], *, status: str = "model", rule: str | None = None, failures: Sequence[Failure] = ()
) -> tuple[Exhibit, ...]:
    return tuple(
        Exhibit("developer", number, Sentence(f"You can now {one.summary}.", (one.id,), status, rule), (one,), tuple(failures))  # type: ignore[arg-type]  # any status
        for number, one in enumerate(entries, start=1)
    )


def material(
    entries: Sequence[Entry], *, shown: tuple[Exhibit, ...] | None = None, hidden: int = 1, subject: str = "chore: tidy"
) -> Material:
    told = exhibits(entries) if shown is None else shown
    lines = "".join(f"- **auth:** add passkey login ([#{number}]({URL}/issues/{number}))\n" for number, _ in enumerate(entries))
    return Material(
        proposal=proposal(), section=section(entries, hidden=hidden, subject=subject),
        section_markdown=f"## [1.4.0]({URL}/compare/v1.3.2...v1.4.0) - 2026-11-20\n\n### Features\n\n{lines}",
        reason="minor, because of feat(auth): add passkey login", decider=sha(1),
        audiences=(Audience("developer", "**New**\n" + "".join(f"- {exhibit.sentence.text}\n" for exhibit in told), told),),
        usage=Usage(calls=3, prompt_tokens=4812, cached_tokens=3417, generated_tokens=612, seconds=14.2),
    )  # fmt: skip
