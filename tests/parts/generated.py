"""Generated histories: what people do with git, and files that tell what each release truly gained and lost.

Every change is a file of its own. Whether a release has a change is therefore a question to its tree, which no message can answer wrong:
a revert takes the file away, a reapply brings it back, a cherry-pick adds the same file again, a merge is a merge of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st

from tests.parts.object_store import ObjectStore

T = TypeVar("T")
Files = Mapping[str, bytes]
Difference = dict[str, tuple[bytes | None, bytes | None]]

FIRST_MOMENT_S = 1_767_225_600  # 2026-01-01T00:00:00Z
# A header's form, and whether a change of that form is shown when nothing is configured.
FORMS = (
    ("feat: add {}", True),
    ("fix(api): mend {}", True),
    ("Rework {}", True),
    ("chore: tidy {}", False),
    ("feat(core)!: replace {}", True),
    ("refactor!: drop {}", True),
    ("test: cover {}", False),
    ("perf: speed {} up", True),
    ("whatever(x): consider {}", True),
    ("", True),
)
_BODIES = (
    "",
    "\n\nWhy: because.\n",
    "\n\nMore words.\n\nCo-authored-by: Grace Hopper <grace@example.org>\nRefs: #7\n",
    "\n\n* one\n* two\n",
)
_BUMPS = (
    "build(deps): bump {} from {} to {}",
    "Bump {} from {} to {}",
    "chore(deps-dev): bump {} from {} to {}",
    "fix(deps): update dependency {0} to v{2}",
)
_STEPS = (
    ("change",) * 4
    + ("undo",) * 4
    + ("pull",) * 3
    + ("cherry", "cherry", "tag", "tag", "branch", "switch", "merge", "fixup", "bump", "namesake")
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does. `pick` and `how` choose among what there is by then, modulo its number, and a step that finds
    nothing to do does nothing: any list of steps is a history, so a counterexample shrinks to few and small ones."""

    what: str
    pick: int = 0
    how: int = 0
    seconds: int = 60


CONVENTIONAL = re.compile(r"\w+(\(\w+\))?!?: ")
_LISTED = re.compile(r"(feat|fix|chore|refactor|test|perf)(\(\w+\))?!?: ")  # what a squash's list must begin with to be more than words
# What a pull request's branch holds.
_PULLS = (
    ("change",),
    ("change", "change"),
    ("change", "undo"),
    ("change", "fixup", "change"),
    ("change", "change", "undo", "change"),
    ("bump",),
)
STEPS = st.lists(
    st.builds(
        Step, st.sampled_from(_STEPS), st.integers(0, 9), st.integers(0, 9), st.sampled_from((60, 60, 60, 60, 0, -90, 86_400))
    ),
    max_size=24,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Node:
    """A commit. `reach` names itself and its ancestors; `kind` is the step that made it, and `title` what a pull request called it."""

    sha: str
    parents: tuple[Node, ...]
    message: str
    files: Files
    kind: str
    number: int = 0
    title: str = ""

    @cached_property
    def header(self) -> str:
        """The first line."""
        return self.message.partition("\n")[0]

    @cached_property
    def reach(self) -> frozenset[str]:
        """The ids of this commit and all below it."""
        return frozenset({self.sha}).union(*(parent.reach for parent in self.parents))

    @cached_property
    def difference(self) -> Difference:
        """What it does to its first parent's files: path to content before and after."""
        return difference(self.parents[0].files if self.parents else {}, self.files)


@dataclass(frozen=True, slots=True)
class TagOn:
    """A release tag; versions compare by `key`."""

    name: str
    key: tuple[int, int, int, int]  # major, minor, 1 for a final release, number of a candidate
    node: Node


@dataclass
class History:
    """A history that grows by steps. `shown` says of each change's file whether its type is shown; `unsure` are files
    whose changes a changelog may tell in more than one way."""

    store: ObjectStore = field(default_factory=ObjectStore)
    nodes: dict[str, Node] = field(default_factory=dict)
    branches: dict[str, Node] = field(default_factory=dict)
    tags: list[TagOn] = field(default_factory=list)
    shown: dict[str, bool] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    current: str = "main"
    now_s: int = FIRST_MOMENT_S
    _count: int = 0

    @classmethod
    def of(cls, steps: Iterable[Step]) -> History:
        """Return the history that `steps` make, upon a first commit; main is what is checked out in the end."""
        history = cls()
        for step in (Step("change", how=2), *steps):
            history.do(step)
        return history

    @property
    def head(self) -> Node:
        """The tip of main."""
        return self.branches["main"]

    def do(self, step: Step) -> None:
        """Take one step on the current branch."""
        self.now_s += step.seconds
        getattr(self, f"_{step.what}")(step)

    def write(self, directory: Path, *, notes: Mapping[str, str] | None = None, backwards: bool = False) -> Path:
        """Write the bare repository and return it; `notes` are git notes for notewright, by commit; `backwards` creates its refs in
        the other order."""
        refs = [(f"refs/heads/{name}", node.sha) for name, node in self.branches.items()]
        for number, tag in enumerate(self.tags):
            target = self.store.tag(tag.name, tag.node.sha, at_s=self.now_s) if number % 2 else tag.node.sha
            refs.append((f"refs/tags/{tag.name}", target))
        if notes:
            tree = self.store.tree({sha: text.encode() for sha, text in notes.items()})
            refs.append(("refs/notes/notewright", self.store.commit(b"Notes\n", tree=tree, parents=(), at_s=self.now_s)))
        return self.store.write(directory, reversed(refs) if backwards else refs)

    # -- what people do

    def _change(self, step: Step) -> None:
        form, shown = FORMS[step.how % len(FORMS)]
        path = self._new_path("src")
        self.shown[path] = shown
        message = form.format(token_of(path)) + _BODIES[step.pick % len(_BODIES)] if form else ""
        self._commit(message, {**self._files, path: _content(path)}, "change")

    def _namesake(self, step: Step) -> None:
        """Another change with the very message of an earlier one."""
        if first := _chosen([node for node in self._reached if node.kind == "change" and "cherry" not in node.message], step.pick):
            path = self._new_path("src")
            (original,) = first.difference
            self.shown[path] = self.shown[original]
            self._commit(first.message, {**self._files, path: _content(path)}, "namesake")

    def _bump(self, step: Step) -> None:
        path = f"deps/lib{step.pick % 2}"
        before, after = self._files.get(path, b"1.0.0").decode(), f"1.{self._next()}.0"
        self.shown[path] = True
        message = _BUMPS[step.how % len(_BUMPS)].format(path.removeprefix("deps/"), before, after)
        self._commit(message, {**self._files, path: after.encode()}, "bump")

    def _fixup(self, step: Step) -> None:
        if target := _chosen([node for node in self._reached if node.kind == "change" and node.header], step.pick):
            path = self._new_path("fixups")
            self._commit(f"{('fixup', 'squash')[step.how % 2]}! {target.header}\n", {**self._files, path: _content(path)}, "fixup")

    def _undo(self, step: Step) -> None:
        """Revert a commit that is whole in the tree: a change, a merge, a squash, or a revert, which reapplies."""
        whole = [node for node in reversed(self._reached) if node.parents and node.difference and _holds(self._files, node.difference, 1)]
        if target := _chosen(whole, step.pick):
            number, message = self._undoing(target, step.how % 6)
            self._commit(message, _moved(self._files, target.difference, 0), "undo", number=number, title=message.partition("\n")[0])

    def _cherry(self, step: Step) -> None:
        """Pick a commit of any branch, or of this one after it was reverted: what counts is that it still applies."""
        known = [node for node in reversed(self.nodes.values()) if len(node.parents) == 1 and node.difference]
        if any(node.kind == "namesake" for node in known):  # by its subject alone, a copied revert may then mean another commit
            known = [node for node in known if node.kind != "undo"]
        if original := _chosen([node for node in known if _holds(self._files, node.difference, 0)], step.pick):
            mark = f"\n\n(cherry picked from commit {original.sha})\n" if step.how % 2 and original.header else ""
            self._copy(original, original.message.rstrip() + mark if mark else original.message)

    def _branch(self, step: Step) -> None:
        """Start a branch here, or at a release: a maintenance line."""
        if len(self.branches) < 4:
            name = f"b{self._next()}"
            self.branches[name] = [self._tip, *(tag.node for tag in self.tags)][step.pick % (len(self.tags) + 1)]
            self.current = name

    def _switch(self, step: Step) -> None:
        self.current = list(self.branches)[step.pick % len(self.branches)]

    def _tag(self, step: Step) -> None:
        """Tag a release: the next major version on main or a candidate of it, a minor one on other branches."""
        final = step.how % 4 < 3 or self.current != "main"
        major = max((tag.key[0] for tag in self.tags if tag.key[2] and tag.node.sha in self._tip.reach), default=0)
        candidate = 0 if final else self._next()
        key = (major + 1, 0, int(final), candidate) if self.current == "main" else (major, self._next(), 1, 0)
        name = f"v{key[0]}.{key[1]}.0" + ("" if final else f"-rc.{key[3]}")
        self.tags.append(TagOn(name, key, self._tip))

    def _merge(self, step: Step) -> None:
        """Merge another branch the way GitHub or git does it; not where files conflict."""
        other = _chosen([name for name in self.branches if name != self.current], step.pick)
        bases = self._bases(self._tip, self.branches[other]) if other else []
        if other is None or len(bases) != 1 or self.branches[other].sha in self._tip.reach:
            return
        tip = self.branches[other]
        files = _merged(bases[0].files, self._files, tip.files)
        own = [node for node in self.nodes.values() if node.sha in tip.reach - self._tip.reach]
        if files is None:
            return
        if other == "main":
            self._commit(f"Merge branch 'main' into {self.current}\n", files, "merge", tip)
        elif step.how % 5 == 2 and self._is_squashable(own, files):
            self._squash(own, files, other, titled=step.how > 4)
        elif step.how % 5 == 3 and all(len(node.parents) == 1 for node in own):
            self._rebase(own, other)
        else:
            self._join(own, files, other, step.how % 5)

    def _pull(self, step: Step) -> None:
        """A pull request from first to last: a branch, its commits, a merge in one of the modes."""
        home, name = self.current, f"p{self._next()}"
        self.branches[name], self.current = self._tip, name
        for number, what in enumerate(_PULLS[step.pick % len(_PULLS)]):
            self.do(Step(what, 0, step.how + number, step.seconds))
        self.current = home
        if step.pick % 2:
            self.do(Step("change", step.pick, step.how))
        self._merge(Step("merge", -1, step.how))  # the newest
        self.branches.pop(name, None)

    def _join(self, own: list[Node], files: Files, other: str, how: int) -> None:
        number = self._next()
        title = own[0].header if own[0].kind == "bump" else f"feat: title of t{number:03}"
        if how == 4 and len(own) == 1 and own[0].kind == "change" and own[0].header:
            title = own[0].header
            message = f"{title} (#{number})\n"  # GitHub's "pull request title" as the default message of merges
        elif how == 1:
            number, message = 0, f"Merge branch '{other}'\n"
        else:
            message = f"Merge pull request #{number} from acme/{other}\n\n{title}\n"
            # a title may tell what commits without a type do, and hidden ones
            touched = {(path, node.header) for node in own if node.kind != "bump" for path in node.difference}
            self.unsure |= {path for path, header in touched if not (CONVENTIONAL.match(header) and self.shown.get(path))}
        self._commit(message, files, "merge", self.branches[other], number=number, title=title)

    def _is_squashable(self, own: list[Node], files: Files) -> bool:
        """Whether the branch only adds: what else a squash did, its message would not say."""
        gained = difference(self._files, files)
        simple = all(len(node.parents) == 1 and node.header and node.kind in ("change", "fixup", "undo") for node in own)
        return simple and bool(gained) and all(before is None for before, _ in gained.values())

    def _squash(self, own: list[Node], files: Files, other: str, *, titled: bool) -> None:
        number = self._next()
        changes = [(node, path) for node in own if node.kind == "change" for path in node.difference]
        title = next((node.header for node, path in changes if path in files), "")
        if len(own) > 1 and (titled or not title):
            path = self._new_path("src")
            self.shown[path] = True
            files, title = {**files, path: _content(path)}, f"feat: add {token_of(path)}"
        told = {path for node, path in changes if _LISTED.match(node.header)}
        if CONVENTIONAL.match(title) or not told:
            told |= {path for node, path in changes if node.header == title}  # else a title without a type only names the list
        self.unsure |= {path for _, path in changes if path in files and (path not in told or path in self._files)}
        listed = "".join(f"\n* {node.header}\n" for node in own) if len(own) > 1 else ""
        self._commit(f"{title or own[0].header} (#{number})\n{listed}", files, "squash", number=number, title=title or own[0].header)
        del self.branches[other]

    def _rebase(self, own: list[Node], other: str) -> None:
        """Copy the branch's commits; what they say of each other's ids is not true of the copies."""
        for node in own:
            if _holds(self._files, node.difference, 0):
                self._copy(node, node.message)
            if '""' in node.header:
                self.unsure |= node.difference.keys()  # the revert of a commit that is gone and had no message
        del self.branches[other]

    # -- how it is done

    def _copy(self, node: Node, message: str) -> None:
        self._commit(message, _moved(self._files, node.difference, 1), node.kind, number=node.number, title=node.title)

    def _undoing(self, target: Node, how: int) -> tuple[int, str]:
        """The number and message of a revert, in one of the ways that people and tools word it."""
        header, sha = target.header, target.sha
        unclear = not header or any(node.header == header and node.difference != target.difference for node in self._reached)
        if how == 5 and target.number:
            number = self._next()
            return number, f'Revert "{target.title}" (#{number})\n\nReverts acme/app#{target.number}\n'
        once = header.startswith('Revert "') and not header.startswith('Revert "Revert "')  # as git 2.43 has it
        if how in (1, 2) and target.kind == "undo" and once and header.endswith('"'):
            return 0, f"Reapply {header.removeprefix('Revert ')}\n\nThis reverts commit {sha}.\n"
        if len(target.parents) > 1:
            return 0, f'Revert "{header}"\n\nThis reverts commit {sha}, reversing\nchanges made to {target.parents[0].sha}.\n'
        if how == 2 and not unclear:
            return 0, f'Revert "{header}"\n'
        if how in (3, 4) and header:
            return 0, f"revert: {header}\n\n" + (f"This reverts commit {sha}.\n" if how == 3 else f"Refs: {sha[:9]}\n")
        return 0, f'Revert "{header}"\n\nThis reverts commit {sha[:9] if how == 1 else sha}.\n'

    def _commit(self, message: str, files: Files, kind: str, *merged: Node, number: int = 0, title: str = "") -> None:
        parents = (*((self._tip,) if self.nodes else ()), *merged)
        tree = self.store.tree(files)
        sha = self.store.commit(message.encode(), tree=tree, parents=[parent.sha for parent in parents], at_s=self.now_s)
        # a copy onto the same parent within the same second is the same commit
        self.branches[self.current] = self.nodes.setdefault(sha, Node(sha, parents, message, files, kind, number, title))

    def _bases(self, one: Node, other: Node) -> list[Node]:
        common = [self.nodes[sha] for sha in one.reach & other.reach]
        return [node for node in common if not any(node.sha in above.reach for above in common if above is not node)]

    @property
    def _tip(self) -> Node:
        return self.branches[self.current]

    @property
    def _files(self) -> Files:
        return self._tip.files if self.nodes else {}

    @property
    def _reached(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.sha in self._tip.reach]

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _new_path(self, folder: str) -> str:
        return f"{folder}/w{self._next():03}.py"


def token_of(path: str) -> str:
    """The word by which a message names a file's change."""
    return path.rpartition("/")[2].removesuffix(".py")


def difference(before: Files, after: Files) -> Difference:
    """Return what became of each file that is not the same: path to content before and after."""
    paths = sorted({path for path, _ in before.items() ^ after.items()})
    return {path: (before.get(path), after.get(path)) for path in paths}


def _content(path: str) -> bytes:
    return f"{path} line one\nand {token_of(path)} line two\n".encode()


def _chosen(found: list[T], number: int) -> T | None:
    return found[number % len(found)] if found else None


def _holds(files: Files, changed: Difference, side: int) -> bool:
    """Whether files are as they were before (0) or after (1) a difference."""
    return all(files.get(path) == contents[side] for path, contents in changed.items())


def _moved(files: Files, changed: Difference, side: int) -> Files:
    """Return the files with one side of a difference in them."""
    moved = {**files, **{path: contents[side] for path, contents in changed.items()}}
    return {path: content for path, content in moved.items() if content is not None}


def _merged(base: Files, ours: Files, theirs: Files) -> Files | None:
    """Return a three-way merge of whole files; None where both sides changed one differently."""
    theirs_changed = difference(base, theirs)
    fresh = {path: contents for path, contents in theirs_changed.items() if ours.get(path) != contents[1]}
    return _moved(ours, fresh, 1) if _holds(ours, fresh, 0) else None
