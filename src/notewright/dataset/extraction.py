"""Pairs without a model: what documentation says of a definition, and how the definition is written."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from notewright.dataset.asking.given import canonical_text
from notewright.dataset.asking.plan import StagePlan
from notewright.dataset.asking.shown import shown
from notewright.dataset.gates.everyday import content_stems
from notewright.dataset.near import signature
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done, Variant
from notewright.prompting.request import Request
from notewright.rendering.canonical import canonical_json, digest
from notewright.syntax.definitions import Definition, find_definitions
from notewright.syntax.docs import read_docs

EXTRACTED = "extracted"

_VERSION = 1  # counts up when the same passage would give other pairs
# What is asked about a definition, by its kind: things are for something, code does something
_DOES = "What does the {kind} {name} do?"
_IS = "What is the {kind} {name} for?"
_WRITTEN = "How is the {kind} {name} implemented?"
_CODE_KINDS = frozenset({"function", "method", "macro"})
_KINDS = MappingProxyType({"impl": "implementation"})
_NO_DOCS = re.compile(
    r"(?i)(?:todo|fixme|xxx|hack|nolint|noqa|eslint|type:|pragma|region\b|copyright|spdx|licen[sc]e|@?(?:inherit\s?doc|override|deprecated)\b"
    r"|see (?:also )?\S+$|code generated|auto-?generated|-{3,}|={3,}|\*{3,})"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n\s*\n")
_FEWEST_WORDS, _FEWEST_NEW_WORDS = 4, 2
_MOST_DOCS, _MOST_CODE = 4_000, 4_000  # characters
_FEWEST_CODE_LINES = 3


@dataclass(frozen=True, slots=True)
class Extract:
    """The stage extract: nobody is asked."""

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request | None:  # noqa: ARG002  # what every stage is given
        """Return None."""
        return None

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:  # noqa: ARG002  # as above
        """Return the pairs of a passage's documented definitions, all of them kept."""
        pairs = extract_pairs(passage)
        return Done(canonical_text({"pairs": len(pairs)}), (), pairs)


def plan_extraction() -> StagePlan:
    """Return how the stage extract is done, whatever the settings."""
    variant = Variant("extract", digest(canonical_json({"stage": "extract", "version": _VERSION})), prompt=f"extract {_VERSION}")
    return StagePlan(variant, Extract())


def extract_pairs(passage: PassageText) -> tuple[Pair, ...]:
    """Return a pair for what is said of each documented definition, and one for how a function or a method is written, in the order of
    the passage and without a question twice. What is too little to be documentation gives none, such as "TODO" or the name once more."""
    openings = ("\n", " {\n") if passage.header and passage.language != "python" else ("\n",)
    content, found = max((_documented(passage, opening) for opening in openings), key=lambda one: len(one[1]))
    texts: dict[str, str] = {}
    for one in found:
        for question, answer in _texts(one, content, passage.language):
            texts.setdefault(question, answer)
    return tuple(_pair(question, answer, ordinal) for ordinal, (question, answer) in enumerate(texts.items()))


def _documented(passage: PassageText, opening: str) -> tuple[bytes, list[Definition]]:
    """Return a passage behind its header, and the documented definitions that are its own. What the header is followed by decides what a
    method in the middle of a class is to a grammar: most want a brace."""
    before = f"{passage.header}{opening}".encode() if passage.header else b""
    content = before + passage.text.encode()
    found = find_definitions(content, passage.language)
    return content, [one for one in found if one.docs and min(one.docs.start, one.signature.start) >= len(before)]


def _texts(one: Definition, content: bytes, language: str) -> Iterator[tuple[str, str]]:
    assert one.docs
    docs = read_docs(content, one.docs.start, one.docs.end)
    if not _is_told(docs, one.name):
        return
    about = {"kind": _KINDS.get(one.kind, one.kind), "name": f"`{one.name}`" + (f" of `{one.enclosing[-1]}`" if one.enclosing else "")}
    head = _laid_out(content, one.signature.start, one.signature.end)
    yield (_DOES if one.kind in _CODE_KINDS else _IS).format(**about), f"{docs}\n\n{_block(head, language)}"
    code = _code(one, content) if one.kind in _CODE_KINDS else ""
    is_whole = language == "python" or code.endswith(("}", ";", ")"))  # a passage may end within a definition
    if is_whole and code.count("\n") + 1 >= _FEWEST_CODE_LINES and len(code) <= _MOST_CODE:
        yield _WRITTEN.format(**about), f"{_SENTENCE_END.split(docs)[0].strip()}\n\n{_block(code, language)}"


def _is_told(docs: str, name: str) -> bool:
    """Return whether a text is documentation: a few words that say more than the name, in the length of something written by hand."""
    words = re.findall(r"[^\W\d_]{2,}", docs)
    if len(words) < _FEWEST_WORDS or len(docs) > _MOST_DOCS or _NO_DOCS.match(docs) or shown(docs) != docs:
        return False
    return len(content_stems(docs) - content_stems(name)) >= _FEWEST_NEW_WORDS


def _code(one: Definition, content: bytes) -> str:
    """Return a definition as it is written, without its documentation."""
    assert one.docs
    if one.docs.start < one.signature.start:
        return _laid_out(content, one.signature.start, one.whole.end)
    line_start = content.rfind(b"\n", 0, one.docs.start) + 1
    line_end = content.find(b"\n", one.docs.end, one.whole.end)
    if line_end < 0 or content[line_start : one.docs.start].strip():  # a docstring that shares its line with code
        return ""
    head, body = _line_from(content, one.signature.start, line_start), content[line_end + 1 : one.whole.end].decode("utf-8", "replace")
    return textwrap.dedent(f"{head}{body}").strip("\n")


def _laid_out(content: bytes, start: int, end: int) -> str:
    """Return a stretch of code without the indentation that all its lines share."""
    return textwrap.dedent(_line_from(content, start, end)).strip("\n")


def _line_from(content: bytes, start: int, end: int) -> str:
    """Return a stretch with the blanks before it, so that all lines of it are indented alike."""
    line_start = content.rfind(b"\n", 0, start) + 1
    first = line_start if not content[line_start:start].strip() else start
    return content[first:end].decode("utf-8", "replace").replace("\r\n", "\n")


def _block(code: str, language: str) -> str:
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", code)), default=0) + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def _pair(question: str, answer: str, ordinal: int) -> Pair:
    return Pair(EXTRACTED, question, answer, signature=signature(question, answer), ordinal=ordinal)
