"""Long text made to fit a limit by leaving out whole rows, and saying so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that always stay around rows that may go, from the end. `unit` names what a row is, in the plural; where `order` is None none
    may go, else the blocks give up rows in its order."""

    head: str
    rows: tuple[str, ...] = ()
    foot: str = ""
    unit: str = ""
    order: int | None = None
    left_out: int = 0

    @property
    def note(self) -> str:
        """The line that says how many rows are missing. The empty line before it ends a table, which would take it for a row."""
        return f"\n*{self.left_out:,} more {self.unit} did not fit here: all of them are in `audit.html`.*\n" if self.left_out else ""

    @property
    def text(self) -> str:
        """The block as it stands."""
        return "".join((self.head, *(row + "\n" for row in self.rows), self.note, self.foot))


def fit(blocks: Iterable[Block], *, limit: int) -> str:
    """Join the blocks into a text of at most `limit` UTF-16 units, the largest of the ways in which GitHub may count characters.

    Raises `ValueError` if what must stay is too long by itself.
    """
    fitted = list(blocks)
    for place in sorted((place for place, block in enumerate(fitted) if block.order is not None), key=lambda at: fitted[at].order or 0):
        excess = sum(units(block.text) for block in fitted) - limit
        if excess > 0:
            fitted[place] = _shorten(fitted[place], excess)
    text = "".join(block.text for block in fitted)
    if units(text) > limit:
        raise ValueError(f"{units(text)} characters that must stay, {limit} allowed")
    return text


def units(text: str) -> int:
    """Count UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def rows_of(markdown: str) -> tuple[str, ...]:
    """Cut Markdown into rows that can go without breaking what stays: lines, and fenced blocks as a whole (security case 12)."""
    rows: list[str] = []
    fence = ""
    for line in markdown.rstrip("\n").split("\n"):
        mark = line.strip()[:3]
        if fence:
            rows[-1] += f"\n{line}"
            fence = "" if mark == fence else fence
        else:
            rows.append(line)
            fence = mark if mark in ("```", "~~~") else ""
    return tuple(rows)


def _shorten(block: Block, excess: int) -> Block:
    """Leave out as few rows as make the block `excess` shorter, all if that is not enough."""
    for kept in range(len(block.rows) - 1, -1, -1):
        excess -= units(block.rows[kept]) + 1
        left_out = len(block.rows) - kept
        if excess + units(replace(block, left_out=left_out).note) <= 0:
            return replace(block, rows=block.rows[:kept], left_out=left_out)
    return replace(block, rows=(), left_out=len(block.rows))
