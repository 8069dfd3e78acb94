"""The two audits of a release: boxes in the pull request's body, and what one edit did to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from notewright.rendering.canonical import digest

Audit = Literal["changelog", "notes"]
# Fixed to the letter: a box counts where its line is one of these, ticked or not, and stands there once.
LINES: dict[Audit, str] = {
    "changelog": "- [ ] **Changelog**: these entries cover every commit of the range, in the right groups",
    "notes": "- [ ] **Notes**: the facts match the changelog and the tone is right",
}
AUDITS: tuple[Audit, ...] = tuple(LINES)
_BOX = re.compile(r"^- \[[xX]\] (?=\*\*(?:Changelog|Notes)\*\*: )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tick:
    """A box that was ticked (`on`) or unticked."""

    audit: Audit
    on: bool


def render_checklist() -> str:
    """Return the checklist of a body, nothing ticked."""
    return "### Audit\n\n" + "".join(f"{line}\n" for line in LINES.values()) + "\n"


def read_ticks(body: str) -> frozenset[Audit] | None:
    """Return which boxes of a body are ticked; None where a line of the checklist is missing, reworded or there twice."""
    lines = _plain(body).split("\n")
    boxes = [line for line in lines if _open(line) in LINES.values()]
    if sorted(map(_open, boxes)) != sorted(LINES.values()):
        return None
    return frozenset(audit for audit, line in LINES.items() if line not in boxes)


def read_edit(before: str, after: str) -> Tick | None:
    """Return the one box that an edit of the body changed; None where it changed none, both, or anything else."""
    ticked, now = read_ticks(before), read_ticks(after)
    if ticked is None or now is None or untick(before) != untick(after):
        return None
    changed = ticked ^ now
    return Tick(audit, on=audit in now) if len(changed) == 1 and (audit := min(changed)) else None


def untick(body: str) -> str:
    """Return a body with no box ticked and with plain line ends, which a browser changes: what stays the same as long as people only
    tick."""
    return _open(_plain(body))


def view_digest(body: str) -> str:
    """Return what a tick binds to of a body: the digest of everything but the ticks."""
    return digest(untick(body).encode("utf-8", "surrogatepass"))


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").strip()


def _open(text: str) -> str:
    return _BOX.sub("- [ ] ", text)
