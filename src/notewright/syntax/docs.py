"""Docstrings and doc comments: where they stand, and what they say."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

# How a comment has to begin to be a definition's; any comment right above it will do where nothing is told
_DOC_MARKS = {
    "javascript": (b"/**",),
    "typescript": (b"/**",),
    "tsx": (b"/**",),
    "java": (b"/**",),
    "rust": (b"///", b"/**"),
    "go": (b"//", b"/*"),
    "c": (b"//", b"/*"),
    "cpp": (b"//", b"/*"),
}
_STRING = re.compile(r"\A[rRuUbB]{0,2}(\"\"\"|'''|\"|')(?P<text>.*)\1\Z", re.DOTALL)
_LINE_MARK = re.compile(r"^[ \t]*(?://[/!]?|\*(?!/)|#+)[ \t]?", re.MULTILINE)
_BLOCK_MARKS = re.compile(r"/\*[*!]?|\*/")
_DIRECTIVE = re.compile(rb"//(?:go:|nolint|line |export )")


def is_attached(before: Node, after: Node) -> bool:
    """Return whether a comment or mark belongs to what follows it: no blank line between them."""
    end_row, end_column = before.end_point
    return after.start_point[0] - (end_row - (end_column == 0)) <= 1


def find_docs(content: bytes, node: Node, start: int, language: str) -> tuple[int, int] | None:
    """Return from where to where a definition is documented: a docstring of Python, else the comments from `start` on, which stand right
    above it. None where there are none, or where they are none of the documenting kind."""
    if language == "python":
        return _find_docstring(node)
    above = content[start : node.start_byte]
    marks = _DOC_MARKS[language]
    lines = above.splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if line.lstrip().startswith(marks)), None)
    if first is None or all(_DIRECTIVE.match(line) for line in lines):
        return None
    begins = start + sum(map(len, lines[:first]))
    begins += len(lines[first]) - len(lines[first].lstrip())
    ends = _end_of_comments(lines, first)
    return begins, start + len(b"".join(lines[:ends]).rstrip())


def _end_of_comments(lines: list[bytes], first: int) -> int:
    """Return the number of the line behind the comments that begin with line `first`: attributes and the like may follow them."""
    in_block = False
    for number in range(first, len(lines)):
        line = lines[number].strip()
        if not in_block and line and not line.startswith((b"//", b"/*")):
            return number
        in_block = (in_block or line.startswith(b"/*")) and b"*/" not in line
    return len(lines)


def _find_docstring(node: Node) -> tuple[int, int] | None:
    body = node.child_by_field_name("body")
    first = next((child for child in body.named_children if child.type != "comment"), None) if body is not None else None
    if first is not None and first.type == "expression_statement":
        first = first.named_children[0] if first.named_child_count == 1 else None
    if first is None or first.type != "string":
        return None
    return first.start_byte, first.end_byte


def read_docs(content: bytes, start: int, end: int) -> str:
    """Return what the docstring or the comments in `start` to `end` say: without quotes, comment marks and the indentation that all lines
    share, as `inspect.cleandoc` lays it out."""
    text = content[start:end].decode("utf-8", "replace").replace("\r\n", "\n")
    if match := _STRING.match(text):
        return inspect.cleandoc(match["text"]).strip()
    lines = [line for line in text.splitlines() if not _DIRECTIVE.match(line.strip().encode())]
    return inspect.cleandoc("\n" + _LINE_MARK.sub("", _BLOCK_MARKS.sub("", "\n".join(lines)))).strip()
