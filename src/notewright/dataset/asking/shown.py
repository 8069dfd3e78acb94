"""What a model is shown of a passage: a fenced block that nothing in it can leave."""

from __future__ import annotations

import re
from functools import lru_cache

from notewright.dataset.passage import PassageText
from notewright.grounding.residue import TEMPLATE
from notewright.rendering.neutral import visible, visible_lines

# Beside the control tokens of chat templates: those of vocabularies, which begin and end a text or ask to fill in code.
_CONTROL = re.compile(rf"{TEMPLATE}|</?s>|(?i:<(?:bos|eos|pad|unk|mask|cls|sep|fim_\w+|(?:start|end)_of_\w+|end_?of_?text)>)")
_UNUSUAL = re.compile(r"[^\n\t\x20-\x7e]")
_MOST_PATH = 200


@lru_cache(maxsize=64)  # all tasks of a passage show the same block, and workers stay on their passage
def passage_block(passage: PassageText) -> str:
    """Return the passage with its path, its language and what surrounds it: the same bytes for every question about it, and the first of
    every prompt, so that an engine reads them once."""
    path = re.sub(r"[<>]", "", visible(passage.path))[:_MOST_PATH]
    head = f"File: {shown(path)} ({passage.language})"
    header = passage.header.strip("\n")
    return "\n".join((head, *([fenced("context", header)] if header else []), fenced("passage", passage.text)))


def fenced(tag: str, text: str) -> str:
    """Return `text`, shown, between <tag> and </tag>. Where it writes such a tag itself, the fence has a number that it does not write:
    no text is changed for the fence, and none can close it."""
    seen = shown(text).strip("\n")
    if tag in seen.casefold():
        written = re.findall(rf"<\s*/?\s*{tag}(?:-(\d{{1,9}}))?", seen, re.IGNORECASE)
        tag = f"{tag}-{max(map(int, (number or 1 for number in written))) + 1}" if written else tag
    return f"<{tag}>\n{seen}\n</{tag}>"


def shown(text: str) -> str:
    """Return `text` as a model reads it: what is invisible goes, and a control token is parted by a blank, so that it is text like any
    other (security cases 14 and 18)."""
    text = text.replace("\r\n", "\n")
    if _UNUSUAL.search(text):
        text = visible_lines(text)
    while "<" in text or "[" in text or "\u2581" in text:
        parted = _CONTROL.sub(_parted, text)
        if parted == text:
            break
        text = parted
    return text


def _parted(token: re.Match[str]) -> str:
    return f"{token[0][0]} {token[0][1:]}"
