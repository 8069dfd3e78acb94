"""Conventional Commits: every message read by rule, none refused (specification 1.0.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notewright.history.trailers import Trailer, breaking_text, is_trailer, parse_trailers, trailer_start

# A type is a word that starts with a letter; a scope may hold one level of parentheses. The colon needs no space after
# it (npm refuses "feat:a", git-conventional takes it), but "https://…" and "std::…" are no types.
_HEADER = re.compile(
    r"([A-Za-z][A-Za-z0-9_-]*)"
    r"(?:\(([^()]*+(?:\([^()]*+\)[^()]*+)*+)\))?"  # possessive: going back could only cost memory, 130 bytes a character
    r"(!)?:(?!:|//)[ \t]*(\S.*)"
)
# As GitHub reads them: "C#7", "&#39;" and a page's "…/x#12" are none. The look-behind before an owner also keeps the search
# linear: without it each letter of a long word would be tried as a start.
_REFERENCE = r"(?:(?<![\w./-])[\w.-]+/[\w.-]+|(?<![\w&/]))\#[0-9]+\b|\bGH-[0-9]+\b"
_REFERENCES = re.compile(_REFERENCE)
_ISSUE_URL = re.compile(r"https?://[\w.-]+(?::\d+)?/([\w.-]+/[\w.-]+)/(?:issues|pull|-/issues|-/merge_requests)/(\d+)\b")
# GitHub's closing keywords, anywhere in the text; a list may follow ("Closes #1, #2 and #3").
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?[ \t]+(?:issue[s]?[ \t]+)?"
    rf"((?:{_REFERENCE})(?:(?:,|[ \t]+and|[ \t]*&)?[ \t]*(?:{_REFERENCE}))*)",
    re.IGNORECASE,
)
_REFERRING = re.compile(
    r"(?i)(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|ref(?:s|erence|erences)?|see(?:-also)?|issues?|relates?(?:-to)?|part-of|pr|bug)$"
)
_REVERTED = re.compile(r"\b[Tt]his reverts commits?\s+([0-9a-f]{7,64}(?:(?:,|\s+and)?\s+[0-9a-f]{7,64})*)")
_OBJECT_NAME = re.compile(r"\b[0-9a-f]{7,64}\b")
# What a body must hold to be worth reading when only the change matters.
_MATTERS = re.compile(
    r"BREAKING[ -]CHANGE|\#\d|GH-\d|/(?:issues|pull|merge_requests)/\d|reverts commit|^(?i:refs):|^[A-Z]\w*-[\w-]*:", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """What a message says. `header` is its first line with words; the other fields are as the `commit parse` contract
    names them. `references` are as written ("#12", "GH-7", "o/r#3"; an issue's URL becomes "o/r#3"), each once."""

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
    header, rest = _split(message)
    return _read(header, rest)


def parse_change(message: str) -> CommitMessage:
    """Read only what a changelog needs: as `parse_message`, but a body that cannot matter is not looked at."""
    header, rest = _split(message)
    return _read(header, rest if rest and _MATTERS.search(rest) else "")


def _split(message: str) -> tuple[str, str]:
    text = message.lstrip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    header, _, rest = text.partition("\n")
    return header.rstrip(), rest


def _read(header: str, rest: str) -> CommitMessage:
    match = _HEADER.fullmatch(header)
    type_, scope, bang, description = match.groups() if match else (None, None, None, None)
    if not rest:
        return CommitMessage(
            header, match is not None, type_, (scope or "").strip() or None, description, bool(bang), description if bang else None,
            references=_unique(_REFERENCES.findall(header)) if "#" in header or "GH-" in header else (),
        )  # fmt: skip
    lines = [line.rstrip() for line in rest.rstrip().split("\n")]
    start = trailer_start(lines)
    trailers = parse_trailers(lines[start:])
    breaks = _breaking_texts(lines, start)
    body = "\n".join(lines[: min(start, _first_break(lines))]).strip()
    return CommitMessage(
        header,
        conventional=match is not None,
        type=type_,
        scope=(scope or "").strip() or None,
        description=description,
        breaking=bool(bang) or breaks is not None,
        breaking_description=breaks or (description if bang or breaks is not None else None),
        body=body or None,
        trailers=trailers,
        references=_references(header, rest, trailers),
        reverts=_reverts(type_, rest, trailers),
    )


def _first_break(lines: list[str]) -> int:
    return next((index for index, line in enumerate(lines) if breaking_text(line) is not None), len(lines))


def _breaking_texts(lines: list[str], start: int) -> str | None:
    """Join what the BREAKING CHANGE footers say: each runs, blank lines included, to the next trailer or the end
    (rule 10). None if there is none; "" if none says anything."""
    texts: list[list[str]] = []
    for index in range(_first_break(lines), len(lines)):
        text = breaking_text(lines[index])
        if text is not None:
            texts.append([text])
        elif index >= start and is_trailer(lines[index]):
            texts.append([])  # a trailer ends the text above; the next break starts its own
        elif texts and texts[-1]:
            texts[-1].append(lines[index])
    if not texts:
        return None
    return "\n".join(filter(None, ("\n".join(text).strip() for text in texts)))


def _references(header: str, rest: str, trailers: tuple[Trailer, ...]) -> tuple[str, ...]:
    found = _REFERENCES.findall(header)
    for listed in _CLOSING.findall(rest):
        found += _REFERENCES.findall(listed)
    for token, value in trailers:
        if _REFERRING.match(token) or value.startswith("#"):
            found += _REFERENCES.findall(value)
            found += [f"{repository}#{number}" for repository, number in _ISSUE_URL.findall(value)]
    return _unique(found)


def _reverts(type_: str | None, rest: str, trailers: tuple[Trailer, ...]) -> tuple[str, ...]:
    found = [sha for listed in _REVERTED.findall(rest) for sha in _OBJECT_NAME.findall(listed)]
    if type_ is not None and type_.lower() == "revert":
        # the specification's own example of a revert names its commits in "Refs: 676104e, a215868"
        found += [sha for token, value in trailers if token.lower() == "refs" for sha in _OBJECT_NAME.findall(value)]
    return _unique(found)


def _unique(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
