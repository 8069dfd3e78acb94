"""What encloses a place in a file: the heads of the definitions that it lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewright.syntax.definitions import Span, find_defining, signature_of
from notewright.syntax.kinds import WRAPPERS
from notewright.syntax.tree import MAX_DEPTH

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_STEPS = 2 * MAX_DEPTH


def find_enclosing(root: Node, content: bytes, place: int, language: str) -> tuple[Span, ...]:
    """Return the heads of the definitions in whose bodies a place lies, the outermost first, each with the blanks that its line begins
    with. A definition that begins at the place does not enclose it."""
    found: list[Span] = []
    node, outer = root, None
    for _ in range(_MOST_STEPS):
        child = _child_at(node, place)
        if child is None or not child.start_byte < place < child.end_byte:
            break
        outer = outer or (child if child.type in WRAPPERS else None)
        if child in find_defining(child, language):
            head = signature_of(content, child, outer or child)
            if head.end <= place:
                found.append(Span(_indent_start(content, head.start), head.end))
        if child.type not in WRAPPERS:
            outer = None
        node = child
    return tuple(found)


def _child_at(node: Node, place: int) -> Node | None:
    """Return the first child that ends behind a place. tree-sitter 0.26.1 dies where there is none."""
    last = node.child(node.child_count - 1) if node.child_count else None
    return node.first_child_for_byte(place) if last and last.end_byte > place else None


def _indent_start(content: bytes, start: int) -> int:
    begin = start
    while begin > 0 and content[begin - 1] in b" \t":
        begin -= 1
    return begin if begin == 0 or content[begin - 1] in b"\r\n" else start
