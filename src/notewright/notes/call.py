"""One call to a model: a few numbered entries in, claims about them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from notewright.grounding.checks import MOST_CITES, Claim
from notewright.grounding.facts import Fact
from notewright.grounding.residue import without_templates
from notewright.notes.audience import Audience
from notewright.notes.rejected import Rejected, describe
from notewright.notes.subject import finish
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Messages, Reply, Request
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


@dataclass(frozen=True, slots=True)
class FailedSentence:
    """A sentence that did not stand, as templates see it: the numbers of the entries that it was about, and what was wrong with it."""

    cites: str
    text: str
    fault: str


def build_request(facts: Sequence[Fact], audience: Audience, *, language: str) -> Request:
    """Return the request for a sentence about each of at most `items_per_call` facts, in their order. Raises `ConfigError` for a template
    that fails."""
    messages = audience.prompt.messages(_variables(facts, audience, language))
    return _request(messages, range(1, len(facts) + 1), len(facts), audience, language)


def build_repair(facts: Sequence[Fact], audience: Audience, failed: Sequence[Rejected], *, language: str) -> Request | None:
    """Return the request for another sentence in place of each that failed, about the same facts: the first request, to the letter, with
    what was wrong after it. None where the template leaves that out: nothing is asked twice in the same words."""
    variables = _variables(facts, audience, language)
    numbers = {fact.id: number for number, fact in enumerate(facts, start=1)}
    told = tuple(_failed_sentence(one, numbers) for one in failed)
    messages = audience.prompt.messages(variables | {"failed": told})
    if messages == audience.prompt.messages(variables):
        return None
    meant = sorted({numbers[cite] for one in failed for cite in one.claim.cites if cite in numbers})
    return _request(messages, meant, len(failed), audience, language) if meant else None


def build_lead(sentences: Sequence[str], audience: Audience, *, language: str, failed: Sequence[Rejected] = ()) -> Request | None:
    """Return the request for one sentence that sums up the most important of these; None where it would ask the same again."""
    told = tuple(_data(sentence, _MOST_INSTRUCTION) for sentence in sentences)
    variables = _variables((), audience, language) | {"sentences": told}
    faults = tuple(FailedSentence("", _data(one.claim.text, _MOST_SUMMARY), _data(describe(one), _MOST_SUMMARY)) for one in failed)
    messages = audience.prompt.lead_messages(variables | {"failed": faults})
    if failed and messages == audience.prompt.lead_messages(variables):
        return None
    return _request(messages, range(1, len(sentences) + 1), 1, audience, language)


def _variables(facts: Sequence[Fact], audience: Audience, language: str) -> dict[str, object]:
    entries = tuple(_numbered(number, fact) for number, fact in enumerate(facts, start=1))
    words = audience.policy.style.most_words
    return {"readers": audience.readers, "entries": entries, "language": language, "words": words, "failed": ()}


def _request(messages: Messages, numbers: Sequence[int], sentences: int, audience: Audience, language: str) -> Request:
    prompt = audience.prompt
    schema = _schema(numbers, sentences, prompt.text_characters)
    # the door clips max_tokens to the schema, the user's ceiling and the room left
    most = prompt.budget.reply_tokens
    return Request(TASK, messages, schema, max_tokens=most, prompt=prompt.digest, language=language, items=sentences)


def read_claims(reply: Reply, request: Request, facts: Sequence[Fact]) -> tuple[Claim, ...]:
    """Return what the model says, in its order, citing entries by their ids. Raises `InvalidReply`."""
    return tuple(Claim(text, tuple(facts[number - 1].id for number in numbers)) for text, numbers in _items(reply, request))


def read_lead(reply: Reply, request: Request, cites: Sequence[Sequence[str]]) -> Claim:
    """Return the sentence that sums up; it cites what those it names cite, as many entries as a sentence may. Raises `InvalidReply`."""
    ((text, numbers),) = _items(reply, request)
    cited = dict.fromkeys(cite for number in numbers for cite in cites[number - 1])
    return Claim(text, tuple(cited)[:MOST_CITES])


def _items(reply: Reply, request: Request) -> Iterator[tuple[str, list[int]]]:
    for item in cast(list[dict[str, object]], read_reply(reply, request.schema)):
        text = " ".join(cast(str, item["text"]).split())
        yield finish(text) if text else "", cast(list[int], item["cites"])


def _schema(numbers: Sequence[int], sentences: int, text_characters: int) -> dict[str, object]:
    cites = list_of(choice_of(numbers), at_least=1, at_most=min(MOST_CITES, len(numbers)))
    return list_of(object_of({"cites": cites, "text": text_of(at_most=text_characters)}), at_least=1, at_most=sentences)


def _failed_sentence(rejected: Rejected, numbers: Mapping[str, int]) -> FailedSentence:
    cites = ", ".join(str(numbers[cite]) for cite in dict.fromkeys(rejected.claim.cites) if cite in numbers)
    return FailedSentence(cites, _data(rejected.claim.text, _MOST_SUMMARY), _data(describe(rejected), _MOST_SUMMARY))


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
