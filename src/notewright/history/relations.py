"""Relations: what a message says of other commits, people and the changes that were squashed into it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notewright.history.conventional import CommitMessage, parse_change

# Tools that rebase a pull request onto another branch write the second form.
_PICKED = re.compile(r"^\(?(?:cherry[ -]picked from commit|backported from commit) ([0-9a-f]{7,64})\)?\s*$", re.MULTILINE)
_PEOPLE = re.compile(r"^Co-authored-by:[ \t]*([^<\n]*?)[ \t]*(?:<[^>\n]*>[ \t]*)?$", re.MULTILINE | re.IGNORECASE)
_JOINS = re.compile(r"(?:(?:fixup|squash|amend)![ \t]+)+(\S.*)")
# Headers that take something back or bring it back, with or without a type before ("revert: feat: a", "fix: revert "b"").
_UNDOING = re.compile(
    r"(?:[A-Za-z][\w-]*(?:\([^()]*\))?!?:[ \t]*)?"
    r"(?:(?P<undo>revert(?:s|ing|ed)?|back(?:s|ed)?[ -]?out|undo)|(?P<redo>re-?appl(?:y|ies)|re-?land|un-?revert))"
    r"(?![\w-])(?:(?:\([^()]*\))?!?:[ \t]*|[ \t]+)",
    re.IGNORECASE,
)
_TYPED_REVERT = re.compile(r"revert(?:\([^()]*\))?!?:[ \t]*", re.IGNORECASE)
_REVERTED_NUMBER = re.compile(r"^Reverts[ \t]+(?:[\w.-]+/[\w.-]+)?[#!](\d{1,12})\b", re.MULTILINE)
_REQUEST = re.compile(r"Merge pull request #(\d{1,12}) from |Merge branch '[^']*' into ")
_GITLAB_NUMBER = re.compile(r"^See merge request \S*!(\d{1,12})\s*$", re.MULTILINE)
_BULLET = re.compile(r"[*-] (\S.*)")
_SQUASHED = "Squashed commit of the following:"
# A bare line is only a change where its type is one that everybody uses; a list has marks to know it by.
_CHANGE = re.compile(
    r"(?:build|chore|ci|deprecate|deps|docs|feat|fix|perf|refactor|revert|security|style|test)(?:\([^()]*\))?!?:[ \t]+\S", re.IGNORECASE
)
_UNDOING_STARTS = frozenset(word + letter for word in ("r", "R", "u", "U", "b", "B") for letter in "eEnNaA")
_MOST_PARTS = 500  # one message can't make more entries than that


@dataclass(frozen=True, slots=True)
class Relations:
    """What a message says beyond its own change.

    `undoes` is the subject that its header quotes as taken back, with `redoes` as brought back; `undone_number` is the pull request
    that GitHub's revert button names. `picked` are the commits that it was copied from, `joins` the subject (or object name) of the
    commit that it amends. `people` are its co-authors, `title` the title of the request that a merge commit brought, `parts` the
    conventional changes that its body lists, in order.
    """

    undoes: str | None = None
    redoes: bool = False
    undone_number: int | None = None
    picked: tuple[str, ...] = ()
    joins: str | None = None
    people: tuple[str, ...] = ()
    title: str | None = None
    parts: tuple[CommitMessage, ...] = ()


def read_relations(message: CommitMessage, rest: str, *, is_merge: bool) -> Relations | None:
    """Read them from a message and the `rest` of its text, what stands below its header; None, as for most messages, where it says
    nothing of the kind. Linear."""
    header, _, _, _, description, *_ = message
    may_undo = header[:2] in _UNDOING_STARTS or (description is not None and description[:2] in _UNDOING_STARTS)
    joins = _JOINS.fullmatch(header) if "! " in header[:8] else None
    if not may_undo and joins is None and not rest:
        return None  # a look at two letters, and at whether there is a body, spares most messages the reading
    undoing = _UNDOING.match(header) if may_undo else None
    picked: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    parts: tuple[CommitMessage, ...] = ()
    title = None
    if rest:
        picked = tuple(dict.fromkeys(_PICKED.findall(rest))) if "from commit " in rest else ()
        people = tuple(dict.fromkeys(filter(None, _PEOPLE.findall(rest)))) if "uthored-" in rest or "UTHORED-" in rest else ()
        if is_merge:
            title = _request_title(header, rest)
        else:
            parts = _parts(rest)
    if not (undoing or joins or picked or people or title or parts):
        return None
    return Relations(
        undoes=_quoted(header, undoing) if undoing else None,
        redoes=bool(undoing and undoing["redo"]),
        undone_number=_undone_number(rest) if undoing else None,
        picked=picked,
        joins=joins[1].rstrip() if joins else None,
        people=people,
        title=title,
        parts=parts,
    )


def _quoted(header: str, undoing: re.Match[str]) -> str:
    """Return the subject that a header takes back: what stands in its outermost quotes, else all that follows."""
    typed = _TYPED_REVERT.match(header)
    subject = header[(typed or undoing).end() :].strip()
    if subject.startswith('"') and (end := subject.rfind('"')) > 0:
        return subject[1:end]
    return subject


def _undone_number(rest: str) -> int | None:
    match = _REVERTED_NUMBER.search(rest) if "Reverts" in rest else None
    return int(match[1]) if match else None


def _request_title(header: str, rest: str) -> str | None:
    """Return the title that GitHub and GitLab write below the header of a merge commit."""
    if not _REQUEST.match(header):
        return None
    lines = (line.strip() for line in rest.split("\n", 20)[:20])
    title = next((line for line in lines if line), "")
    if header.startswith("Merge branch") and not _GITLAB_NUMBER.search(rest):
        return None
    return title or None


def _parts(rest: str) -> tuple[CommitMessage, ...]:
    """Return the changes that a squashed commit's body lists, headers with what stands below each; () where it is prose.

    A list is what a forge or `git merge --squash` writes: a body that begins with a mark before a header; or every line of which,
    trailers aside, is a header of a usual type, two at least.
    """
    start = rest.lstrip("\n")
    if start.startswith(("* ", "- ")):
        texts = _bulleted(start)
    elif start.startswith(_SQUASHED):
        texts = _squashed(start)
    elif _CHANGE.match(start):
        texts = _bare(start)
    else:
        return ()
    parts = (parse_change(text) for text in texts[:_MOST_PARTS])
    return tuple(part for part in parts if part.conventional)


def _bulleted(body: str) -> list[str]:
    """Cut at each mark in the first column; what stands above the next one belongs to it."""
    texts: list[list[str]] = []
    for line in body.split("\n"):
        bullet = _BULLET.match(line)
        if bullet:
            texts.append([bullet[1]])
        elif line.startswith("-----"):  # GitHub draws a line above the trailers of all
            break
        else:
            texts[-1].append(line.strip())
    return ["\n".join(lines) for lines in texts]


def _squashed(body: str) -> list[str]:
    """Cut what `git merge --squash` writes: logs of commits, their messages indented by four blanks."""
    texts: list[list[str]] = []
    for line in body.split("\n"):
        if line.startswith("commit "):
            texts.append([])
        elif texts and line.startswith("    "):
            texts[-1].append(line[4:])
        elif texts and texts[-1] and not line.strip():
            texts[-1].append("")
    return ["\n".join(lines) for lines in texts if lines]


def _bare(body: str) -> list[str]:
    lines = [line for line in body.split("\n") if line.strip()]
    count = next((index for index, line in enumerate(lines) if not _CHANGE.match(line)), len(lines))
    trailers = all(re.match(r"[A-Z][A-Za-z-]*: ", line) for line in lines[count:])
    return lines[:count] if count >= 2 and trailers else []
