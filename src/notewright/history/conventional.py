"""Conventional Commits: every message read by rule, none refused (specification 1.0.0)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from notewright.history.references import cited, closed, may_refer, named
from notewright.history.trailers import Block, Trailer, breaking_text, read_block, read_breaks

# A type is a word that starts with a letter; a scope may hold one level of parentheses. The colon needs no space after
# it (npm refuses "feat:a", git-conventional takes it), but "https://…", "std::…" and "C:\\…" are no types.
_HEAD = (
    r"([A-Za-z][A-Za-z0-9_-]*+)"
    r"(?:\(([^()]*+(?:\([^()]*+\)[^()]*+)*+)\))?"  # possessive: going back could only cost memory, 130 bytes a character
    r"(!)?"
)
_HEADER = re.compile(rf"({_HEAD}):(.*)")
_NO_DESCRIPTION = (":", "//", "\\")
_KNOWN_HEAD = 60  # characters
_REVERTED = re.compile(r"\b[Tt]his reverts commits?\s++[\"'`]?([0-9a-f]{7,64}+\b(?:(?:,|\s++and\b)?\s++[0-9a-f]{7,64}+\b)*+)")
_NUMBERED = re.compile(r"\#[0-9]")
_OBJECT_NAME = re.compile(r"\b[0-9a-f]{7,64}\b")


class CommitMessage(NamedTuple):
    """What a message says. `header` is its first line with words; the other fields are as the `commit parse` contract
    names them. `references` are as written ("#12", "GH-7", "o/r#3"; an issue's URL becomes "o/r#3"), each once.

    A tuple, not a dataclass: one is made for every commit of a history, and a frozen dataclass takes three times as long.
    """

    header: str
    conventional: bool = False
    type: str | None = None
    scope: str | None = None
    description: str | None = None
    breaking: bool = False
    breaking_description: str | None = None
    body: str | None = None
    trailers: tuple[Trailer, ...] = ()
    references: tuple[str, ...] = ()
    reverts: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What the change is called: the description, or the whole header of an unconventional message."""
        return self.description if self.description is not None else self.header


def parse_message(message: str) -> CommitMessage:
    """Read a whole message. Total and linear: no text raises, none is refused."""
    header, rest = split_message(message)
    said = _read_header(header)
    rest = _tidy(rest) if rest else rest
    if not rest:
        return said
    block = read_block(rest)
    first_break, breaks = read_breaks(rest[: block.start])
    body = rest[:first_break].strip("\n")
    return _add_rest(said, rest, block, breaks)._replace(body=body if body and not body.isspace() else None)


def parse_change(message: str, *, trailers: bool = False) -> CommitMessage:
    """Read only what a changelog needs: as `parse_message`, but without the body, and, unless they are wanted, without the trailers of a
    rest that says no more about the change. Our own trailers count."""
    return read_parts(*split_message(message), trailers=trailers)


def split_message(message: str) -> tuple[str, str]:
    """Part a message into its first line with words, without blanks around it, and what stands below, with Unix line ends."""
    text = message.lstrip() if message[:1].isspace() else message
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    header, _, rest = text.partition("\n")
    return header.rstrip(), rest


def read_parts(header: str, rest: str, *, trailers: bool = False) -> CommitMessage:
    """Read the parts of a message, as `parse_change` reads the whole."""
    said = _read_header(header)
    if not rest or not (trailers or _matters(rest) or (said.type is not None and said.type.lower() == "revert")):
        return said
    rest = _tidy(rest)
    block = read_block(rest)
    return _add_rest(said, rest, block, read_breaks(rest[: block.start])[1])


def _tidy(rest: str) -> str:
    """Cut blank lines before and after, and blanks at the end of lines, as git does when it cleans a message."""
    rest = rest.rstrip()
    if " \n" in rest or "\t\n" in rest:
        rest = "\n".join([line.rstrip(" \t") for line in rest.split("\n")])
    return rest.lstrip("\n")


def _matters(rest: str) -> bool:
    """Whether a rest may hold a break, a reference, a revert, a Security trailer or one of ours: searches for fixed words, which cost a
    tenth of one regular expression."""
    return (
        ("#" in rest and _NUMBERED.search(rest) is not None)
        or "BREAKING" in rest
        or "GH-" in rest
        or ("://" in rest and ("/issues/" in rest or "/pull/" in rest or "/merge_requests/" in rest))
        or "his reverts commit" in rest
        or "Notewright-" in rest
        or "ecurity: " in rest
    )


def _read_header(header: str) -> CommitMessage:
    references = tuple(dict.fromkeys(named(header))) if "#" in header or may_refer(header) else ()
    breaks = breaking_text(header) if "BREAKING" in header else None  # wherever these words start a line, it is a break
    head, colon, tail = header.partition(":")
    said = _known_head(head) if colon and len(head) <= _KNOWN_HEAD else None
    if said is None and "(" in head and (match := _HEADER.fullmatch(header)):
        said, tail = _read_head(match[1]), match[5]  # a scope may hold a colon
    description = tail.lstrip()
    if said is None or not description or tail.startswith(_NO_DESCRIPTION):
        return CommitMessage(header, breaking=breaks is not None, breaking_description=breaks or None, references=references)
    type_, scope, bang = said
    if bang and breaks is None:
        breaks = description
    return _new(CommitMessage, (header, True, type_, scope, description, breaks is not None, breaks, None, (), references, ()))


def _read_head(head: str) -> tuple[str, str | None, bool] | None:
    """Return the type, the scope and whether there is a bang, of what stands before a header's colon."""
    match = re.fullmatch(_HEAD, head)
    return (match[1], (match[2] or "").strip() or None, bool(match[3])) if match else None


_known_head = lru_cache(maxsize=4096)(_read_head)  # a history has few of them


def _add_rest(said: CommitMessage, rest: str, block: Block, breaks: str | None) -> CommitMessage:
    header, conventional, type_, scope, description, breaking, breaking_description, body, _, references, _ = said
    trailers = tuple([(token, value) for token, value in block.entries if token is not None])
    if breaks is not None or len(trailers) < len(block.entries):
        texts = [breaks or "", *(value for token, value in block.entries if token is None)]
        breaking, breaking_description = True, "\n".join(filter(None, texts)) or breaking_description or description
    if may_refer(rest):
        references = _references(references, rest, block)
    reverts = _reverts(type_, rest, trailers)
    return CommitMessage(
        header, conventional, type_, scope, description, breaking, breaking_description, body, trailers, references, reverts
    )  # fmt: skip


def _references(found: tuple[str, ...], rest: str, block: Block) -> tuple[str, ...]:
    above = rest[: block.start]
    listed = [*found, *(closed(above) if may_refer(above) else ())]
    for token, value in block.entries:
        if may_refer(value):
            listed += closed(value) if token is None else cited(token, value)
    return tuple(dict.fromkeys(listed))


def _reverts(type_: str | None, rest: str, trailers: tuple[Trailer, ...]) -> tuple[str, ...]:
    found = [sha for listed in _REVERTED.findall(rest) for sha in _OBJECT_NAME.findall(listed)] if "his reverts commit" in rest else []
    if type_ is not None and type_.lower() == "revert":
        # the specification's own example of a revert names its commits in "Refs: 676104e, a215868"
        found += [sha for token, value in trailers if token.lower() == "refs" for sha in _OBJECT_NAME.findall(value)]
    return tuple(dict.fromkeys(found))


_new = tuple.__new__  # a third less than calling the class, for each commit of a history
