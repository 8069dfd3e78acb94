"""Tracked: references to issues of other trackers, and GitLab's to requests, in headers and trailers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from notewright.changelog.layout.links import compile_tracker
from notewright.changelog.rules import Rules
from notewright.history.conventional import CommitMessage

# "!12" and "group/project!12"; what stands before is no word, so that "wow!1" is none
_REQUEST = re.compile(r"(?<![\w&/!.-])(?:[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*(?:/[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*)+)?![0-9]+\b", re.ASCII)
# The patterns are the user's, and may take exponential time: each sees little text, and finds little
_MOST_CHARACTERS = 300
_MOST_FOUND = 20
_MOST_TRAILERS = 20
_LONGEST = 200


def has_tracked(rules: Rules) -> bool:
    """Whether these rules look for references in trailers that are not read otherwise."""
    return bool(rules.trackers) or rules.forge == "gitlab"


def tracked_patterns(rules: Rules) -> tuple[re.Pattern[str], ...]:
    """Return what to look for; () for most projects. Raises `ValueError` for a tracker that is wrong."""
    requests = (_REQUEST,) if rules.forge == "gitlab" else ()
    return (*(compile_tracker(tracker)[0] for tracker in rules.trackers), *requests)


def find_tracked(message: CommitMessage, patterns: Sequence[re.Pattern[str]]) -> tuple[str, ...]:
    """Return the references in the header, then in the trailers of a message, each once; of long texts only those at the beginning."""
    if not patterns:
        return ()
    texts = [message.header, *(value for _, value in message.trailers[:_MOST_TRAILERS])]
    found: dict[str, None] = {}
    for text in (text[:_MOST_CHARACTERS] for text in texts):
        matches = ((match.start(), match[0]) for pattern in patterns for match in islice(pattern.finditer(text), _MOST_FOUND))
        found |= dict.fromkeys(name for _, name in sorted(matches) if name and len(name) <= _LONGEST)
    return tuple(islice(found, _MOST_FOUND))


def are_shown(text: str, references: Sequence[str]) -> bool:
    """Whether a text is nothing but some of these references in parentheses, with commas between them."""
    return text.startswith("(") and text.endswith(")") and all(part.strip() in references for part in text[1:-1].split(","))
