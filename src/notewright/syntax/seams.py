"""Seams: where a file may be cut along its syntax tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.syntax.definitions import find_defining
from notewright.syntax.docs import is_attached
from notewright.syntax.kinds import COMMENTS, HOLDERS, MARKS
from notewright.syntax.tree import MAX_DEPTH

if TYPE_CHECKING:
    from tree_sitter import Node

_BODIES = HOLDERS | {"compound_statement", "switch_body", "class_heritage"}


@dataclass(frozen=True, slots=True)
class Seam:
    """A place before a node that begins a line. `definition` tells that a definition follows, or the comment that belongs to it."""

    depth: int
    definition: bool


def find_seams(root: Node, content: bytes, language: str, is_large: Callable[[int, int], bool]) -> dict[int, Seam]:
    """Return the seams of a file by their place in bytes, each at the start of a line, above the comments and decorators of what follows.

    It looks only into nodes that are large, 64 levels deep at most. What begins the file is a seam too, if it is a definition.
    """
    seams: dict[int, Seam] = {}
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        _add_seams(seams, node, depth, content, language)
        if depth < MAX_DEPTH:
            stack.extend((child, depth + 1) for child in node.named_children if is_large(child.start_byte, child.end_byte))
    return seams


def _add_seams(seams: dict[int, Seam], node: Node, depth: int, content: bytes, language: str) -> None:
    held: Node | None = None  # the first of the comments and marks that belong to the next one
    last: Node | None = None
    first = node.parent is not None
    for child in node.named_children:
        if last is not None and held is not None and not is_attached(last, child):
            held = None
        is_mark = child.type in COMMENTS or child.type in MARKS
        place = _line_start(content, (held or child).start_byte)
        is_inner = child.type in _BODIES or child.type.endswith("_clause")
        if place is not None and not first and not is_inner:
            definition = not is_mark and bool(find_defining(child, language))
            if definition or place not in seams:
                seams[place] = Seam(depth, definition)
        if is_mark and place is not None:
            held = held or child
        elif not is_mark:
            held, first = None, False
        last = child


def _line_start(content: bytes, place: int) -> int | None:
    """Return where the line begins that has nothing but blanks before `place`; None if it has more."""
    while place > 0 and content[place - 1] in b" \t":
        place -= 1
    return place if place == 0 or content[place - 1] in b"\r\n" else None
