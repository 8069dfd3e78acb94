"""What each release of a generated history gained and lost, read off the files of its tags and of the releases below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from notewright.changelog.section import Entry, Section
from tests.parts.generated import History, Node, TagOn, token_of

_WORD = re.compile(r"\bw\d{3}\b")


@dataclass(frozen=True, slots=True)
class Told:
    """How often a section tells of one file's change: as a change, and as a revert."""

    changes: int
    reverts: int


def below(history: History, tag: TagOn | None) -> list[TagOn]:
    """The releases that a release contains; those of main's tip for None, which is what is unreleased."""
    tip = tag.node if tag else history.head
    return [
        other for other in history.tags if other.node.sha in tip.reach and (tag is None or other.node is not tip or other.key < tag.key)
    ]


def truths(history: History, tag: TagOn | None, section: Section) -> Iterator[tuple[str, str]]:
    """Yield what became of each file since the releases below: "gained", "lost" or "same". Files of which those releases disagree
    and those that came with commits of another line's release are left out: there more than one answer is right."""
    tip, lower = tag.node if tag else history.head, below(history, tag)
    known = frozenset[str]().union(*(other.node.reach for other in lower))
    touching = [node for node in history.nodes.values() if node.sha in tip.reach - known and len(node.parents) < 2]
    own = {line.sha for line in section.ledger}
    tops = [other.node for other in lower if not any(other.node.sha in top.node.reach and top.node is not other.node for top in lower)]
    for path in history.shown:
        before = {top.files.get(path) for top in tops} or {None}
        moving = [node for node in touching if path in node.difference]
        undoing = [node for node in moving if node.kind == "undo"]
        # a revert is told whatever it reverts: what is of a hidden type too, a whole merge of which a part comes again, and a
        # dependency's next update beside it
        loose = not history.shown[path] or path.startswith("deps/") or any("Merge" in node.header for node in undoing)
        unclear = path in history.unsure or (loose and bool(undoing))
        if not unclear and len(before) == 1 and all(node.sha in own for node in moving):
            yield path, _became(before.pop(), tip.files.get(path))


def told(history: History, section: Section, tip: Node, reverts: str) -> dict[str, Told]:
    """Count the entries that tell of each file, those under the title `reverts` apart. Asserts that each entry tells of something."""
    counts: dict[str, list[int]] = {}
    for group in section.groups:
        for entry in group.entries:
            nodes = [history.nodes[sha] for sha in entry.commits]
            paths = _paths_of(entry, nodes)
            assert paths or any(_left(node, tip) for node in nodes), f"{entry} is about nothing"
            for path in paths:
                counts.setdefault(path, [0, 0])[group.title == reverts] += 1
    return {path: Told(*count) for path, count in counts.items()}


def _paths_of(entry: Entry, nodes: list[Node]) -> list[str]:
    """Return the files that an entry is about: those its commits touch; where these are more than one, those it names, if any. A merge
    is about what it names alone, a revert about all that it takes back."""
    if nodes[0].kind == "undo":
        return list(nodes[0].difference)
    touched = list(dict.fromkeys(path for node in nodes for path in node.difference))
    words = {*_WORD.findall(entry.summary), *entry.summary.split()}
    named = [path for path in touched if token_of(path) in words]
    brought = [path for node in nodes if node.kind != "merge" for path in node.difference]
    return named if named and len(touched) > 1 else list(dict.fromkeys(brought))


def _left(merge: Node, tip: Node) -> bool:
    """Whether anything that a merge brought is still there."""
    return any(tip.files.get(path) == after for path, (_, after) in merge.difference.items())


def _became(before: bytes | None, after: bytes | None) -> str:
    if before == after:
        return "same"
    return "lost" if after is None else "gained"
