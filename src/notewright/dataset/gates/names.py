"""Names that a text uses and its source does not have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from notewright.dataset.gates.parts import Parts
from notewright.dataset.gates.reasons import Fault
from notewright.dataset.gates.source import Source, name_parts

_ADDRESS = re.compile(r"(?:https?|ftp|file|data|javascript):[^\s<>\"'`)\]}]+|\bwww\.[\w./-]+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# In prose only what no English word looks like: marks or capitals inside, a call, a dotted name, a flag
_MARKED = re.compile(
    r"(?<![\w.])[^\W\d]\w*(?:(?:\.|::|->)[^\W\d]\w*)*\(\)|\b\w*?[^\W_]_\w+|(?<!\w)_+[^\W\d]\w*|\b[^\W\d]\w*?(?<=[a-z])[A-Z]\w*"
    r"|(?<![\w.])[^\W\d]\w+(?:(?:\.|::|->)[a-z_]\w+)+|(?<![\w-])--[a-z][\w-]+"
)
_QUOTED = re.compile(r"\"([^\s\"]{2,60})\"|(?<!\w)'([^\s']{2,60})'(?!\w)|\u201c([^\s\u201d]{2,60})\u201d")
_VALUE_MARK = re.compile(r"\w[\d_/.:+@-]+\w|\d")
_NAME = re.compile(r"(?<!\w)[^\W\d]\w*")
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_PROSE_SPAN = re.compile(r"[A-Za-z]?[a-z]+(?: [a-z]+){2,}")
# A sentence that says that its values are made up may make them up, and only them
EXAMPLE = re.compile(r"(?i)\b(?:for example|for instance|suppose|imagine|e\.g\.)")
_LIKE = re.compile(rf"{EXAMPLE.pattern}|\bsuch as\b|\bsimilar to\b|\blike\b")
_ORDINARY = frozenset("e.g i.e vs a.k.a etc and/or".split())


def unknown_names(parts: Parts, source: Source, *, also: Collection[str] = (), values: bool = True) -> Iterator[Fault]:
    """Yield a fault for each name, address and quoted value that is neither the source's, nor a word of its language, nor among `also`, in
    small letters. Where the text gives an example, names of the language's library may stand in it, and strings may be made up; without
    `values` they may be anywhere."""
    if _LIKE.search(parts.prose):
        also = source.library_words.union(also)
    invents = not values or EXAMPLE.search(parts.prose) is not None
    spans = [_STRING.sub(" ", span) if invents else span for span in parts.spans]
    addressed = " ".join((parts.prose, *spans))
    yield from (Fault("identifier", match[0]) for match in _ADDRESS.finditer(addressed) if match[0].rstrip(".,;:") not in source.text)
    for span in spans:
        if not _PROSE_SPAN.fullmatch(span) and not _ADDRESS.search(span):
            yield from _of_words(span, source, also)
    prose = _ADDRESS.sub(" ", parts.prose)
    for match in _MARKED.finditer(prose):
        if match[0].startswith("--"):
            yield from () if match[0] in source.text else (Fault("identifier", match[0]),)
        elif match[0].casefold() not in _ORDINARY:
            yield from _of_words(match[0], source, also)
    if not invents:
        yield from _of_quotes(prose, source, also)


def names_in(text: str) -> frozenset[str]:
    """Return the names of a text and their parts, in small letters."""
    return frozenset(part for name in _NAME.findall(text) for part in name_parts(name))


def _of_quotes(prose: str, source: Source, also: Collection[str]) -> Iterator[Fault]:
    """What stands in quotes and looks like a value is one, to the letter."""
    for match in _QUOTED.finditer(prose):
        value = match[1] or match[2] or match[3]
        if _VALUE_MARK.search(value) and value.rstrip(".,") not in source.text and not names_in(value) <= set(also):
            yield Fault("identifier", value)


def _of_words(text: str, source: Source, also: Collection[str]) -> Iterator[Fault]:
    for match in _NAME.finditer(text):
        if not _is_known(match[0], source, also):
            yield Fault("identifier", match[0])


def _is_known(name: str, source: Source, also: Collection[str]) -> bool:
    if len(name) == 1 or name in source.names or name in source.language_words:
        return True
    plain = name.islower() or name.istitle() or name.isupper()
    small = name.casefold()
    if (plain and "_" not in name and (small in source.words or small in source.language_words)) or small in also or name in also:
        return True
    if name.endswith("_"):  # of get_* and the like
        return any(one.startswith(name) for one in source.names)
    return name.endswith("s") and _is_known(name[: -2 if name.endswith("sses") else -1], source, also)
