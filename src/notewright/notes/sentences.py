"""Fixed sentences: what an entry is told as without a model, good enough to publish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from notewright.changelog.section import Entry
from notewright.grounding.checks import Claim, Said, check_claim, verdict
from notewright.grounding.facts import Fact
from notewright.grounding.wording import words
from notewright.notes.forms import shapes
from notewright.notes.policy import AudiencePolicy, Mark
from notewright.notes.steps import told_steps
from notewright.notes.subject import finish, sentences_of, shorten

_PLAIN = "{text}"
_PLACE = re.compile(r"[a-z]{2,}(?:[ -][a-z]{2,})*")
_SHORTEST_HASH = 8  # characters of an object name


def fixed_sentence(entry: Entry, policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said, brief: bool = False) -> Claim:
    """Return the first of the entry's fixed sentences that passes every check, with `brief` the shortest; else the first that only warnings
    stand against. There always is one: the last ones only name the commit."""
    warned: Claim | None = None
    texts = _told(entry, policy)
    for text in sorted(texts, key=lambda text: len(text.split())) if brief else texts:
        claim = Claim(text, (entry.id,))
        outcome = verdict(check_claim(claim, known, style=policy.style, said=said))
        if outcome == "pass":
            return claim
        warned = warned or (claim if outcome == "warn" else None)
    return warned or _undescribed(entry, policy, known, said=said)


def is_fixed(text: str, entry: Entry, policy: AudiencePolicy) -> bool:
    """Return whether a text is one of the entry's fixed sentences, whatever has been said before it."""
    return text in _told(entry, policy) or text in _nameless(entry)


def is_vague(text: str, entry: Entry, policy: AudiencePolicy) -> bool:
    """Return whether a text is what is said of an entry that the audience's rules leave no words for."""
    return text in _vague(entry, policy)


def _undescribed(entry: Entry, policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said) -> Claim:
    """Return a sentence for an entry whose own words are empty, a duplicate or an attack."""
    claims = (Claim(text, (entry.id,)) for text in _nameless(entry))
    return next(claim for claim in claims if verdict(check_claim(claim, known, style=policy.style, said=said)) != "block")


def _nameless(entry: Entry) -> Iterator[str]:
    yield from (f"Change in commit {entry.commits[0][:length]}." for length in range(_SHORTEST_HASH, 41))


def _told(entry: Entry, policy: AudiencePolicy) -> Iterator[str]:
    most = policy.style.most_words_breaking if entry.breaking else policy.style.most_words
    filled = (_filled(policy.sentences.get(shape.form), shape.text, most_words=most) for shape in shapes(entry))
    told = [text for text in filled if text]
    yield from told_steps(entry, policy.steps, most_words=most, pointer=policy.pointer)
    if entry.breaking and entry.breaking_text:
        yield from (_with_instruction(text, entry.breaking_text, pointer=policy.pointer, most_words=most) for text in told)
        yield from (f"{text} {policy.pointer}" for text in told if policy.pointer)
    yield from told
    yield from _vague(entry, policy)


def _vague(entry: Entry, policy: AudiencePolicy) -> Iterator[str]:
    mark = mark_of(entry)
    template = policy.vague.get(mark) if mark else None
    if template is None:
        return
    if place := place_of(entry):
        yield template.replace("{place}", f" in {place}")
    yield template.replace("{place}", "")


def mark_of(entry: Entry) -> Mark | None:
    """Return the graver of an entry's marks."""
    return "breaking" if entry.breaking else "security" if entry.security else None


def place_of(entry: Entry) -> str:
    """Return the scope where it is made of words that anybody reads; empty otherwise."""
    return entry.scope if entry.scope and _PLACE.fullmatch(entry.scope) else ""


def _filled(template: str | None, text: str, *, most_words: int) -> str:
    """Return the template with the subject in it, shortened to the budget; empty if the audience does not use this form."""
    if template is None:
        return ""
    room = most_words - len(template.replace(_PLAIN, "").split())
    shortened = shorten(text, most_words=room)
    return finish(template.replace(_PLAIN, shortened, 1)) if shortened else ""


def _with_instruction(text: str, breaking_text: str, *, pointer: str, most_words: int) -> str:
    """Return a breaking entry's sentence with those sentences of its breaking text that say something else and fit; the pointer to them
    where none fits."""
    said, told = " ".join(words(text)), text
    others = [sentence for sentence in sentences_of(breaking_text) if " ".join(words(sentence)) not in said]
    for number, sentence in enumerate(others, start=1):
        rest = pointer if number < len(others) else ""
        if len(f"{told} {sentence} {rest}".split()) > most_words:
            return f"{told} {pointer}".rstrip()
        told = f"{told} {sentence}"
    return told
