"""Templates: the forms that trainers read rows in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from notewright.dataset.export.rows import Row

TemplateName = Literal["alpaca", "chatml", "sharegpt", "openai", "raw"]
# A turn of a conversation: its two keys, and what stands under them
Turns = list[dict[str, str]]
Value = str | int | Turns
# What every row says of itself, whatever its template: all of the canonical row but the texts
PROVENANCE = tuple(name for name in Row._fields if name not in ("question", "answer", "context"))
_NUMBERS = ("line_start", "line_end")
_ID = Row._fields.index("id")
_FROM_PROVENANCE = Row._fields.index("repository")


@dataclass(frozen=True, slots=True)
class Template:
    """The columns of a form, in their order; `turns` names the two keys of a turn where the first column is a conversation."""

    name: TemplateName
    columns: tuple[str, ...]
    render: Callable[[Row], tuple[Value, ...]]
    turns: tuple[str, str] | None = None

    def kind(self, column: str) -> Literal["int64", "turns", "string"]:
        """Return what a column holds."""
        if column in _NUMBERS:
            return "int64"
        return "turns" if self.turns and column == self.columns[0] else "string"


def asked(row: Row) -> str:
    """Return what stands in a user's turn: the question, a blank line, and the passage."""
    return f"{row.question}\n\n{row.context}"


def _alpaca(row: Row) -> tuple[Value, ...]:
    return (row.question, row.context, row.answer, *_provenance(row))


def _chatml(row: Row) -> tuple[Value, ...]:
    # what a text says is no turn: `<|im_end|>` in it would end one (security case 18)
    user, assistant = asked(row).replace("<|", "< |"), row.answer.replace("<|", "< |")
    text = f"<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n{assistant}<|im_end|>\n"
    return (text, *_provenance(row))


def _sharegpt(row: Row) -> tuple[Value, ...]:
    return ([{"from": "human", "value": asked(row)}, {"from": "gpt", "value": row.answer}], *_provenance(row))


def _openai(row: Row) -> tuple[Value, ...]:
    return ([{"role": "user", "content": asked(row)}, {"role": "assistant", "content": row.answer}], *_provenance(row))


def _raw(row: Row) -> tuple[Value, ...]:
    return row


def _provenance(row: Row) -> tuple[Value, ...]:
    return (row[_ID], *row[_FROM_PROVENANCE:])


_ALL = (
    Template("alpaca", ("instruction", "input", "output", *PROVENANCE), _alpaca),
    Template("chatml", ("text", *PROVENANCE), _chatml),
    Template("sharegpt", ("conversations", *PROVENANCE), _sharegpt, ("from", "value")),
    Template("openai", ("messages", *PROVENANCE), _openai, ("role", "content")),
    Template("raw", Row._fields, _raw),
)
TEMPLATES: dict[TemplateName, Template] = {template.name: template for template in _ALL}
