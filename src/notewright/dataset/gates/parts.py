"""An answer taken apart: its prose, its code spans and its blocks of code."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^`]*$")
_SPAN = re.compile(r"(?P<fence>`+)(?!`)(?P<inside>.+?)(?<!`)(?P=fence)(?!`)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parts:
    """`prose` has a blank instead of each span and block; `spans` are what stands between backticks, `lines` those of blocks, in their
    order. `open` tells that a block never ends."""

    prose: str
    spans: tuple[str, ...]
    lines: tuple[str, ...]
    open: bool


def take_apart(text: str) -> Parts:
    """Return the parts of a text in Markdown."""
    if "`" not in text and "~~~" not in text:
        return Parts(text, (), (), open=False)
    outside, lines, fence = [], [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        elif fence:
            lines.append(line)
        else:
            outside.append(line)
    rest = "\n".join(outside)
    spans = tuple(match["inside"] for match in _SPAN.finditer(rest))
    return Parts(_SPAN.sub(" ` ", rest), spans, tuple(lines), open=bool(fence))
