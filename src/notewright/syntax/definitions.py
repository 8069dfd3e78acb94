"""Definitions of a file: what is defined, where, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.syntax.docs import find_docs, is_attached
from notewright.syntax.kinds import COMMENTS, DEFINITIONS, HOLDERS, MARKS, VALUES, WRAPPERS
from notewright.syntax.languages import find_language
from notewright.syntax.tree import MAX_DEPTH, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_VALUED = frozenset(("variable_declarator", "field_definition", "public_field_definition"))
_BRACED = frozenset(("struct_specifier", "union_specifier", "enum_specifier", "class_specifier"))
_UNGROUPED = 2  # `type` and what it declares
_TYPE_KINDS = {"struct_type": "struct", "interface_type": "interface"}
# A function right inside these is a method.
_CLASSES = frozenset(("class_definition", "class_specifier", "struct_specifier", "union_specifier", "impl_item", "trait_item"))


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `end` of a file."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, a class or the like. `kind` is one word, such as `function`, `method`, `class`, `struct` or `interface`.

    `signature` is its head without decorators, comments or body. `docs` are a docstring with its quotes or doc comments with their marks,
    wherever they stand; `docs.read_docs` gives their text. `whole` begins with the comments and decorators that belong to it. `enclosing`
    are the names around it, the outermost first, of a Go method its receiver's type.
    """

    name: str
    kind: str
    signature: Span
    docs: Span | None
    whole: Span
    enclosing: tuple[str, ...]


def find_definitions(content: bytes, language: str) -> tuple[Definition, ...]:
    """Return the definitions of a file in the order in which they begin, the outer before the inner; none for a language without a
    grammar, or a file whose tree `tree.parse` gives up. Functions inside functions are among them, 64 levels deep at most."""
    known = find_language(language)
    root = parse(content, known) if known else None
    if known is None or root is None:
        return ()
    found = [_describe(content, item, known) for item in _walk(root, known)]
    return tuple(sorted(found, key=lambda one: (one.whole.start, -one.whole.end, one.signature.start)))


@dataclass(frozen=True, slots=True)
class _Item:
    """A defining node, the node that wraps it, where its comments begin, the names around it, and the type of the innermost of those."""

    node: Node
    outer: Node
    start: int
    enclosing: tuple[str, ...]
    holder: str


def _walk(root: Node, language: str) -> Iterator[_Item]:
    stack: list[tuple[Node, tuple[str, ...], str, int]] = [(root, (), "", 0)]
    while stack:
        place, names, holder, depth = stack.pop()
        for child, start in _children_with_start(place):
            defining = find_defining(child, language)
            if len(defining) > 1 or (not defining and (child.type in HOLDERS or child.type in WRAPPERS)):
                inner = [(child, names, holder)]
            else:
                yield from (_Item(node, child, start, names, holder) for node in defining)
                inner = [(body, (*names, name_of(node)), node.type) for node in defining if (body := body_of(node)) is not None]
            stack.extend((*one, depth + 1) for one in inner if depth < MAX_DEPTH)


def _children_with_start(holder: Node) -> Iterator[tuple[Node, int]]:
    """Give the named children that are no comments, each with where the comments and marks that belong to it begin."""
    before: list[Node] = []
    for child in holder.named_children:
        if before and not is_attached(before[-1], child):
            before = []
        if child.type in COMMENTS or child.type in MARKS:
            before.append(child)
            continue
        yield child, before[0].start_byte if before else child.start_byte
        before = []


def find_defining(node: Node, language: str) -> tuple[Node, ...]:
    """Return the nodes that a statement defines something with, through whatever wraps them; none for any other statement, and for the
    group that Go writes in brackets, whose members have comments of their own."""
    if node.type == "type_declaration" and node.child_count > _UNGROUPED:
        return ()
    kinds = DEFINITIONS[language]
    level: tuple[Node, ...] = (node,)
    for _ in range(4):  # export default, declare, decorated: no wrapping is deeper
        found = tuple(one for one in level if one.type in kinds and _defines(one))
        if found:
            return found
        level = tuple(child for one in level if one.type in WRAPPERS for child in one.named_children if child.type not in COMMENTS)
        if not level:
            break
    return ()


def _defines(node: Node) -> bool:
    if node.type in _VALUED:
        value = node.child_by_field_name("value")
        return value is not None and value.type in VALUES
    return node.type not in _BRACED or node.child_by_field_name("body") is not None


def name_of(node: Node) -> str:
    """Return the name that a defining node gives, as it is written; of an `impl` the type's."""
    if node.type == "impl_item":
        return _text(node.child_by_field_name("type"))
    named = node.child_by_field_name("name") or node.child_by_field_name("property")
    declared = node.child_by_field_name("declarator")
    while named is None and declared is not None:  # C writes `*name(int)`
        inner = declared.child_by_field_name("declarator")
        if inner is None and declared.named_child_count and "declarator" in declared.type:
            inner = declared.named_children[-1]
        if inner is None:
            return _text(declared)
        declared = inner
    return _text(named)


def body_of(node: Node) -> Node | None:
    """Return what a definition's body is, None where it has none."""
    for field in ("body", "value", "type"):
        inner = node.child_by_field_name(field)
        if inner is None:
            continue
        if field == "body":
            return inner
        if inner.type in VALUES:
            return inner.child_by_field_name("body")
        if inner.type in _TYPE_KINDS:
            return next((child for child in inner.named_children if child.type == "field_declaration_list"), None)
        if inner.type in _BRACED:
            return inner.child_by_field_name("body")
    return None


def signature_of(content: bytes, node: Node, outer: Node) -> Span:
    """Return the head of a definition: from its first word to its body, of one without a body its first lines to an opening brace."""
    start = node.start_byte if outer.type == "decorated_definition" else outer.start_byte
    first = content[start : node.end_byte]
    while first.startswith(b"@") and outer.type != "decorated_definition":  # decorators of TypeScript stand inside
        line_end = first.find(b"\n")
        if line_end < 0:
            break
        start += line_end + 1 + (len(first) - line_end - 1 - len(first[line_end + 1 :].lstrip()))
        first = content[start : node.end_byte]
    body = body_of(node)
    brace = content.find(b"{", start, node.end_byte)
    end = body.start_byte if body is not None else brace if brace > start else node.end_byte
    return Span(start, start + len(content[start:end].rstrip(b" \t\r\n{")))


def _describe(content: bytes, item: _Item, language: str) -> Definition:
    node, names = item.node, item.enclosing
    kind = DEFINITIONS[language][node.type]
    value = node.child_by_field_name("value" if node.type in _VALUED else "type")
    if value is not None:
        kind = "class" if value.type == "class" else _TYPE_KINDS.get(value.type, kind)
    if kind == "function" and item.holder in _CLASSES:
        kind = "method"
    if receiver := node.child_by_field_name("receiver"):
        names = (*names, _receiver_type(receiver))
    docs = find_docs(content, node, item.start, language)
    return Definition(
        name_of(node),
        kind,
        signature_of(content, node, item.outer),
        Span(*docs) if docs else None,
        Span(item.start, item.outer.end_byte),
        names,
    )


def _receiver_type(receiver: Node) -> str:
    """Return the type that a Go method belongs to, without its pointer and parameters."""
    return _text(receiver).strip("()").split()[-1].lstrip("*").partition("[")[0] if _text(receiver).strip("() ") else ""


def _text(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")
