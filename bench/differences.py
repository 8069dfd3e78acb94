"""What two parsers read differently in one message, and the decided class that each difference falls in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Reading = dict[str, Any]  # the keys of `commit parse`, as far as a parser answers them
HEADER_FIELDS = ("type", "scope", "description")
_BREAKING = frozenset({"BREAKING CHANGE", "BREAKING-CHANGE"})
_CHANGE_TYPES = frozenset("build chore ci docs feat fix perf refactor revert style test".split())


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that `ours` or `theirs` alone has, or that they disagree on. `message` has LF line ends and no blanks around."""

    message: str
    field: str
    ours: Any
    theirs: Any

    @property
    def header(self) -> str:
        """The first line with words, blanks before it included."""
        return self.message.lstrip("\n").partition("\n")[0]

    @property
    def last_paragraph(self) -> list[str]:
        """The lines of the last paragraph, the header's left out."""
        rest = self.message.lstrip().partition("\n")[2].rstrip()
        return re.split(r"\n[ \t]*\n", rest)[-1].strip("\n").split("\n")


@dataclass(frozen=True, slots=True)
class Class:
    """Differences of one kind with one parser, and why ours is as it is. Holds none where `holds` says so of none."""

    parser: str
    field: str
    name: str
    reason: str
    holds: Callable[[Difference], bool]


def differences(message: str, ours: Reading, theirs: Reading) -> Iterator[Difference]:
    """Yield each difference in the fields that `theirs` has; header fields and trailers only where both call the message conventional."""
    message = message.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if ours["conventional"] != theirs["conventional"]:
        yield Difference(message, "conventional", ours["conventional"], theirs["conventional"])
    elif ours["conventional"]:
        for field in (*HEADER_FIELDS, "breaking"):
            if ours[field] != theirs[field]:
                yield Difference(message, field, ours[field], theirs[field])
        yield from _listed(message, "trailers", _footers(ours), _footers(theirs) if "trailers" in theirs else None)
    for field in ("references", "reverts"):
        yield from _listed(message, field, ours[field], theirs.get(field))


def _footers(reading: Reading) -> list[tuple[str, str]]:
    """Return trailers with the first line of their values; git-conventional leaves the number sign of " #" to the separator."""
    footers = [(token, re.split(r"[\r\n]", value.strip())[0].strip()) for token, value in reading["trailers"] if token not in _BREAKING]
    return [(token, value.lstrip("#")) for token, value in footers]


def _listed(message: str, field: str, ours: list[Any], theirs: list[Any] | None) -> Iterator[Difference]:
    if theirs is None:
        return
    for one in dict.fromkeys(ours):
        if one not in theirs:
            yield Difference(message, field, one, None)
    for one in dict.fromkeys(theirs):
        if one not in ours:
            yield Difference(message, field, None, one)


def _starts(pattern: str) -> Callable[[Difference], bool]:
    compiled = re.compile(pattern)
    return lambda difference: compiled.match(difference.header) is not None


def _only_ours(difference: Difference) -> bool:
    return difference.ours not in (None, False)


def _blanks_around(difference: Difference) -> bool:
    return bool(isinstance(difference.theirs, str) and difference.theirs.strip() == difference.ours)


def _greedy_scope(difference: Difference) -> bool:
    """Whether the header holds a second "): " and the peer read on to it."""
    if len(re.findall(r"\)!?: ", difference.header)) < 2:
        return False
    return (
        f"({difference.theirs})" in difference.header
        if difference.field == "scope"
        else difference.header.endswith(f"): {difference.theirs}")
    )


def _second_line(difference: Difference) -> bool:
    lines = difference.message.lstrip("\n").split("\n")
    return _only_ours(difference) and len(lines) > 1 and bool(lines[1].strip())


def _mentioned(difference: Difference) -> bool:
    """Whether a reference that only they have stands below the header, and never right after a closing keyword."""
    if difference.theirs is None or re.search(rf"(?<![\w/-]){re.escape(difference.theirs)}\b", difference.header):
        return False
    closing = rf"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+{re.escape(difference.theirs)}\b"
    return not re.search(closing, difference.message)


def _no_repository(difference: Difference) -> bool:
    """Whether what stands before "#", or after it, is no owner/name and no number."""
    return difference.theirs is not None and not re.fullmatch(r"(?:[\w.-]+/[\w.-]+)?#\d+", difference.theirs)


def _address(difference: Difference) -> bool:
    owner, _, number = (difference.ours or "").rpartition("#")
    return bool(owner and re.search(rf"://\S+/{re.escape(owner)}/(?:-/)?(?:issues|pull|merge_requests)/{number}\b", difference.message))


def _hidden_by_address(difference: Difference) -> bool:
    lines = [line for line in difference.message.split("\n") if difference.ours and difference.ours in line]
    return bool(lines) and all("://" in line for line in lines)


def _followed(difference: Difference) -> bool:
    """Whether a reference that only we have is followed by more than a blank or a closing mark wherever it stands."""
    return bool(
        difference.ours
        and difference.ours.startswith("#")
        and not re.search(rf"(?<![\w./-]){difference.ours}(?=\s|$|[,;.)\]])", difference.message)
    )


def _reverted_elsewhere(difference: Difference) -> bool:
    """Whether a revert that only we have is not the one that follows "Revert" or "revert:" at the start, or lacks the full stop."""
    first = re.match(r"(?i)(?:Revert|revert:)\s\"?[\s\S]+?\"?\s*This reverts commit (\w*)\.", difference.message)
    return bool(difference.ours and (first is None or first[1] != difference.ours))


def _above(difference: Difference) -> bool:
    """Whether a footer that only they have does not start a line of the last paragraph."""
    return bool(difference.theirs and not _lines_of(difference.theirs, difference))


def _no_word(difference: Difference) -> bool:
    return bool(difference.theirs and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", difference.theirs[0]))


def _no_blank(difference: Difference) -> bool:
    """Whether no blank follows the colon of a footer that only they have."""
    if not difference.theirs:
        return False
    lines = [line for line in difference.last_paragraph if line.startswith(f"{difference.theirs[0]}:")]
    return bool(lines) and all(re.match(r"[^:]*:\S", line) or line.rstrip().endswith(":") for line in lines)


def _change_line(difference: Difference) -> bool:
    return bool(difference.theirs and difference.theirs[0] in _CHANGE_TYPES)


def _among_prose(difference: Difference) -> bool:
    """Whether the last paragraph has a line that neither is a footer nor goes on with one."""
    form = re.compile(r"[ \t]|(?:[A-Za-z][A-Za-z0-9-]*|BREAKING CHANGE)(?::[ \t]|[ \t]+#)|\(cherry picked from commit ")
    return bool(difference.theirs and not all(form.match(line) for line in difference.last_paragraph))


def _below_prose(difference: Difference) -> bool:
    """Whether a footer that only we have follows prose without a blank line between."""
    lines = _lines_of(difference.ours, difference) if difference.ours else []
    return bool(lines and lines[0] > 0) and not re.match(r"[\w-]+(?:: | #)", difference.last_paragraph[0])


def _two_blanks(difference: Difference) -> bool:
    lines = _lines_of(difference.ours, difference) if difference.ours else []
    return bool(lines) and difference.last_paragraph[lines[0]].startswith(f"{difference.ours[0]}  ")


def _lines_of(footer: tuple[str, str], difference: Difference) -> list[int]:
    """Return which lines of the last paragraph hold a footer."""
    return [index for index, line in enumerate(difference.last_paragraph) if line.startswith(footer[0]) and footer[1] in line]


NPM, CRATE = "conventional-commits-parser", "git-conventional"
CLASSES = (
    Class(NPM, "conventional", "blanks before the header", "real histories hold them, and the type is there to read", _starts(r"[ \t]")),
    Class(
        NPM,
        "conventional",
        "no blank after the colon",
        "the crate takes it, and the type is there to read",
        _starts(r"[\w-]+(?:\(.*?\))?!?:\S"),
    ),
    Class(
        NPM,
        "conventional",
        "a hyphen in the type",
        "the specification's types are any noun; the crate takes it",
        _starts(r"\w+-[\w-]+[(!:]"),
    ),
    Class(NPM, "scope", "blanks around a value", "blanks say nothing", _blanks_around),
    Class(NPM, "scope", "a second scope in the description", "a scope ends with its parenthesis", _greedy_scope),
    Class(NPM, "description", "blanks around a value", "blanks say nothing", _blanks_around),
    Class(NPM, "description", "a second scope in the description", "a scope ends with its parenthesis", _greedy_scope),
    Class(NPM, "references", "no owner, name and number", "GitHub links no such text", _no_repository),
    Class(
        NPM, "references", "only mentioned in prose", "a changelog links what a change closes or cites, not what it talks about", _mentioned
    ),
    Class(NPM, "references", "GH-12", "GitHub reads it as #12", lambda difference: (difference.ours or "").startswith("GH-")),
    Class(NPM, "references", "an issue's address", "GitHub reads it as the reference that it is", _address),
    Class(NPM, "references", "beside an address", "an address hides nothing else on its line", _hidden_by_address),
    Class(NPM, "references", "a mark right after the number", "GitHub links it", _followed),
    Class(NPM, "reverts", "not behind the word revert", "git's own sentence is a revert in any message", _reverted_elsewhere),
    Class(CRATE, "conventional", "blanks before the header", "real histories hold them, and the type is there to read", _starts(r"[ \t]")),
    Class(CRATE, "conventional", "an empty scope", "real histories hold hundreds; npm takes it", _starts(r"[\w-]+\([ \t]*\)!?:")),
    Class(CRATE, "conventional", "no blank line before the body", "no change is lost for its body; npm takes it", _second_line),
    Class(
        CRATE,
        "conventional",
        "the type is no word",
        "paths and marks before a colon are no type; npm refuses them",
        _starts(r"[\w-]*[^\s\w:()!-]\S*?[(!:]"),
    ),
    Class(
        CRATE,
        "conventional",
        "BREAKING CHANGE: without words",
        "it still is a break",
        lambda difference: _only_ours(difference) and difference.message.endswith("BREAKING CHANGE:"),
    ),
    Class(CRATE, "scope", "blanks around a value", "blanks say nothing", _blanks_around),
    Class(CRATE, "description", "blanks around a value", "blanks say nothing", _blanks_around),
    Class(CRATE, "trailers", "above the last paragraph", "trailers live in the last paragraph only", _above),
    Class(CRATE, "trailers", "the token is no word", "rule 8: a word with hyphens; an address or a mark is none", _no_word),
    Class(CRATE, "trailers", "no blank after the colon", "rule 8: a colon and a blank", _no_blank),
    Class(CRATE, "trailers", "a line that states a change", "prose until the body is a list of such lines", _change_line),
    Class(CRATE, "trailers", "prose in the last paragraph", "a paragraph is trailers or prose, as git decides it", _among_prose),
    Class(CRATE, "trailers", "blanks before #", "one blank or two say the same", _two_blanks),
    Class(CRATE, "trailers", "right below prose", "git knows its own trailers without a blank line above", _below_prose),
)


def classify(parser: str, difference: Difference) -> Class | None:
    """Return the first class that holds the difference; None if it was never decided."""
    return next((one for one in CLASSES if (one.parser, one.field) == (parser, difference.field) and one.holds(difference)), None)
