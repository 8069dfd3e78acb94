"""What a file imports, statement by statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.syntax.kinds import IMPORTS

if TYPE_CHECKING:
    from tree_sitter import Node

# Imports stand in these besides the file itself: Go's brackets, header guards, `try` and `if` of Python.
_HOLDERS = frozenset(
    "import_declaration import_spec_list preproc_ifdef preproc_if preproc_else try_statement except_clause if_statement block".split()
)
_REQUIRED = frozenset(("lexical_declaration", "variable_declaration"))
_WORD = re.compile(rb"[^\W\d]\w*")
_KEYWORDS = frozenset(b"import from as use using extern crate require const let var static type pub self super namespace include".split())


@dataclass(frozen=True, slots=True)
class Import:
    """An import in bytes `start` to `end`. `names` are the words in it, among them what it brings in; empty where it tells no name, such as
    C's `#include`."""

    start: int
    end: int
    names: frozenset[bytes]


def find_imports(root: Node, content: bytes) -> tuple[Import, ...]:
    """Return the imports at the top level of a file in their order, of Go those within the brackets one by one."""
    found: list[Import] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if _is_import(node, content):
            found.append(_describe(node, content))
        elif node is root or node.type in _HOLDERS:
            stack.extend(reversed(node.named_children))
    return tuple(found)


def _is_import(node: Node, content: bytes) -> bool:
    if node.type in _REQUIRED:
        return b"require(" in content[node.start_byte : min(node.end_byte, node.start_byte + 400)]
    return node.type in IMPORTS and not any(child.type in ("import_spec", "import_spec_list") for child in node.named_children)


def _describe(node: Node, content: bytes) -> Import:
    text = content[node.start_byte : node.end_byte]
    names = frozenset() if node.type == "preproc_include" else frozenset(_WORD.findall(text)) - _KEYWORDS
    return Import(node.start_byte, node.start_byte + len(text.rstrip()), names)
