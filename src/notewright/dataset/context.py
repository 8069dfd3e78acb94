"""Context: what a passage is shown with and is no part of, from the rest of its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from notewright.dataset.passage import Passage
from notewright.dataset.tokens import PassageTokenizer
from notewright.syntax.enclosing import find_enclosing
from notewright.syntax.imports import Import, find_imports
from notewright.syntax.languages import find_language
from notewright.syntax.tree import parse

if TYPE_CHECKING:
    from tree_sitter import Node

_WORD = re.compile(rb"[^\W\d]\w*")
_LONGEST = 2_000  # bytes of one import or head


def header_contexts(
    content: bytes, passages: tuple[Passage, ...], language: str | None, tokenizer: PassageTokenizer, limit: int
) -> tuple[str, ...]:
    """Return for each passage of a file what else of it a reader needs, as it is written there, in at most `limit` tokens: the imports that
    the passage uses and does not hold, then the heads of the classes and functions that it begins in. The innermost heads count most, then
    the first imports; what does not fit is left out. No path is in it. Empty where nothing is needed, or the file has no tree."""
    known = find_language(language)
    root = parse(content, known) if known and len(passages) > 1 and limit > 0 else None
    if known is None or root is None:
        return ("",) * len(passages)
    imports = find_imports(root, content)
    return tuple(_write_header(root, content, passage, imports, (known, tokenizer, limit)) for passage in passages)


def _write_header(
    root: Node, content: bytes, passage: Passage, imports: tuple[Import, ...], settings: tuple[str, PassageTokenizer, int]
) -> str:
    language, tokenizer, limit = settings
    heads = find_enclosing(root, content, passage.start, language)
    wanted = [(head.start, head.end) for head in reversed(heads)]
    wanted.extend(_used(content, passage, imports))
    kept = _fit(content, wanted, tokenizer, limit)
    outer = {head.start for head in heads}
    lines = [_text(content, *span) for span in sorted(kept) if span[0] not in outer]
    lines += [_text(content, *span) for span in sorted(kept) if span[0] in outer]
    while lines and tokenizer.count("\n".join(lines)) > limit:  # rarely: parts that were counted one by one have more together
        lines.pop(0)
    return "\n".join(lines)


def _used(content: bytes, passage: Passage, imports: Iterable[Import]) -> Iterator[tuple[int, int]]:
    """Give the imports outside a passage that name a word of it, then those that name none at all."""
    outside = [one for one in imports if not passage.start <= one.start < passage.end]
    words = frozenset(_WORD.findall(content, passage.start, passage.end)) if outside else frozenset()
    yield from ((one.start, one.end) for one in outside if one.names & words)
    yield from ((one.start, one.end) for one in outside if not one.names)


def _fit(content: bytes, wanted: list[tuple[int, int]], tokenizer: PassageTokenizer, limit: int) -> list[tuple[int, int]]:
    """Return what fits into the limit together, the first first, each counted with the line feed behind it."""
    kept: list[tuple[int, int]] = []
    left = limit
    for start, end in wanted:
        if end - start > _LONGEST or left <= 0:
            continue
        count = tokenizer.count(_text(content, start, end) + "\n")
        if count <= left:
            kept.append((start, end))
            left -= count
    return kept


def _text(content: bytes, start: int, end: int) -> str:
    return content[start:end].decode("utf-8", "replace")
