"""Licence: one subclass of words that a sentence may use only where an entry that it cites says as much."""

from __future__ import annotations

from typing import Literal, NamedTuple

Mark = Literal["breaking", "security"]


class Licence(NamedTuple):
    """Phrases stand between commas; a star is any ending; hyphens and blanks are the same (`phrases`). A subclass licenses itself: an
    entry that says "encrypt" lets a sentence say "encryption", and nothing of attackers. `also` are words of an entry that license it
    too, `natures` the kinds of changes (`natures`) and `marks` the marks that do. `added` are words that claim it only in what a
    sentence adds to its entries (`additions`). What is not licensed is blocked, or only noticed."""

    rule: str
    subclass: str
    says: str
    also: str = ""
    added: str = ""
    natures: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    blocks: bool = True
