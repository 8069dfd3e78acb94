"""One call to a model: a few numbered entries in, claims about them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from notewright.grounding.checks import MOST_CITES, Claim
from notewright.grounding.facts import Fact
from notewright.grounding.residue import without_templates
from notewright.notes.audience import Audience
from notewright.notes.subject import finish
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Reply, Request
from notewright.prompting.schema import choice_of, list_of, object_of, text_of
from notewright.rendering.neutral import visible

TASK = "notes"

_MOST_SUMMARY = 400  # characters shown to the model; checks read the whole
_MOST_INSTRUCTION = 600


@dataclass(frozen=True, slots=True)
class NumberedEntry:
    """An entry as templates see it: numbered within its call, each text one line of data."""

    number: int
    type: str
    scope: str
    summary: str
    breaking: bool
    instruction: str
    security: bool


def build_request(facts: Sequence[Fact], audience: Audience, *, language: str) -> Request:
    """Return the request for a sentence about each of at most `items_per_call` facts, in their order. Raises `ConfigError` for a template
    that fails."""
    prompt, style = audience.prompt, audience.policy.style
    entries = tuple(_numbered(number, fact) for number, fact in enumerate(facts, start=1))
    variables = {"readers": audience.readers, "entries": entries, "language": language, "words": style.most_words}
    schema = _schema(len(facts), prompt.text_characters)
    # the door clips max_tokens to the schema, the user's ceiling and the room left
    most = prompt.budget.reply_tokens
    return Request(TASK, prompt.messages(variables), schema, max_tokens=most, prompt=prompt.digest, language=language, items=len(facts))


def read_claims(reply: Reply, request: Request, facts: Sequence[Fact]) -> tuple[Claim, ...]:
    """Return what the model says, in its order, citing entries by their ids. Raises `InvalidReply`."""
    items = cast(list[dict[str, object]], read_reply(reply, request.schema))
    return tuple(_claim(item, facts) for item in items)


def _schema(entries: int, text_characters: int) -> dict[str, object]:
    cites = list_of(choice_of(range(1, entries + 1)), at_least=1, at_most=min(MOST_CITES, entries))
    return list_of(object_of({"cites": cites, "text": text_of(at_most=text_characters)}), at_least=1, at_most=entries)


def _claim(item: dict[str, object], facts: Sequence[Fact]) -> Claim:
    numbers = cast(list[int], item["cites"])
    text = " ".join(cast(str, item["text"]).split())
    return Claim(finish(text) if text else "", tuple(facts[number - 1].id for number in numbers))


def _numbered(number: int, fact: Fact) -> NumberedEntry:
    return NumberedEntry(
        number,
        _data(fact.type or "change", 40),
        _data(fact.scope or "", 80),
        _data(fact.summary, _MOST_SUMMARY),
        fact.breaking,
        _data(fact.breaking_text or "", _MOST_INSTRUCTION),
        fact.security,
    )


def _data(text: str, at_most: int) -> str:
    """Return untrusted text as one line that can neither close the fence around it nor start another entry."""
    line = without_templates(visible(text)).replace("<entries", "< entries").replace("</entries", "< /entries")
    return line if len(line) <= at_most else f"{line[:at_most]}\u2026"
