"""A git repository written object by object, without a git process: hundreds of them a minute."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.parts.plumbing import PERSON


class ObjectStore:
    """Git objects in memory, named as git names them, until `write` makes a bare repository of them."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def blob(self, content: bytes) -> str:
        """Add a file's content and return its id."""
        return self._add("blob", content)

    def tree(self, files: Mapping[str, bytes]) -> str:
        """Add the tree of `files`, paths with slashes to content, and return its id."""
        folders: dict[str, dict[str, bytes]] = {}
        items: list[tuple[str, bytes]] = []
        for path, content in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[rest] = content
            else:
                items.append((path, _item("100644", path, self.blob(content))))
        items += [(f"{name}/", _item("40000", name, self.tree(below))) for name, below in folders.items()]
        return self._add("tree", b"".join(item for _, item in sorted(items)))

    def commit(self, message: bytes, *, tree: str, parents: Iterable[str], at_s: int) -> str:
        """Add a commit and return its id."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {PERSON} {at_s} +0000", f"committer {PERSON} {at_s} +0000", "\n"]
        return self._add("commit", "\n".join(lines).encode() + message)

    def tag(self, name: str, commit: str, *, at_s: int) -> str:
        """Add the object of an annotated tag and return its id."""
        return self._add("tag", f"object {commit}\ntype commit\ntag {name}\ntagger {PERSON} {at_s} +0000\n\n{name}\n".encode())

    def write(self, directory: Path, refs: Iterable[tuple[str, str]]) -> Path:
        """Write a bare repository with `refs` (full name and id), created in the order given, HEAD on main; return it."""
        for folder in ("objects", "refs"):
            (directory / folder).mkdir(parents=True)
        (directory / "HEAD").write_text("ref: refs/heads/main\n")
        (directory / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        for name, content in self._objects.items():
            file = directory / "objects" / name[:2] / name[2:]
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(content, 1))
        for name, target in refs:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(f"{target}\n")
        return directory

    def _add(self, kind: str, content: bytes) -> str:
        whole = f"{kind} {len(content)}\0".encode() + content
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        self._objects[name] = whole
        return name


def _item(mode: str, name: str, sha: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(sha)
