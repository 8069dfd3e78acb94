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
from notewright.notes.subject import finish, sentences_of, shorten

_PLAIN = "{text}"
_PLACE = re.compile(r"[a-z]{2,}(?:[ -][a-z]{2,})*")
_SHORTEST_HASH = 8  # characters of an object name


def fixed_sentence(entry: Entry, policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said) -> Claim:
    """Return the first of the entry's fixed sentences that passes every check, else the first that only warnings stand against. There
    always is one: the last only names the commit."""
    warned: Claim | None = None
    for text in _candidates(entry, policy):
        claim = Claim(text, (entry.id,))
        outcome = verdict(check_claim(claim, known, style=policy.style, said=said))
        if outcome == "pass":
            return claim
        warned = warned or (claim if outcome == "warn" else None)
    assert warned, f"no fixed sentence of {entry.id} passes"
    return warned


def _candidates(entry: Entry, policy: AudiencePolicy) -> Iterator[str]:
    most = policy.style.most_words_breaking if entry.breaking else policy.style.most_words
    told = [_filled(policy.sentences.get(shape.form), shape.text, most_words=most) for shape in shapes(entry)]
    told = [text for text in told if text]
    yield from (_with_instruction(text, entry, most_words=most) for text in told)
    yield from told
    yield from _vague(entry, policy)
    yield from (f"A change without a usable description (commit {entry.commits[0][:length]})." for length in range(_SHORTEST_HASH, 41))


def _vague(entry: Entry, policy: AudiencePolicy) -> Iterator[str]:
    mark: Mark = "breaking" if entry.breaking else "security"
    template = policy.vague.get(mark) if entry.breaking or entry.security else None
    if template is None:
        return
    if entry.scope and _PLACE.fullmatch(entry.scope):
        yield template.replace("{place}", f" in {entry.scope}")
    yield template.replace("{place}", "")


def _filled(template: str | None, text: str, *, most_words: int) -> str:
    """Return the template with the subject in it, shortened to the budget; empty if the audience does not use this form."""
    if template is None:
        return ""
    room = most_words - len(template.replace(_PLAIN, "").split())
    return finish(template.replace(_PLAIN, shorten(text, most_words=room), 1))


def _with_instruction(text: str, entry: Entry, *, most_words: int) -> str:
    """Return a breaking entry's sentence with those of its breaking text that say something else and fit."""
    if not entry.breaking or not entry.breaking_text:
        return text
    said = words(text)
    for sentence in sentences_of(entry.breaking_text):
        if " ".join(words(sentence)) in " ".join(said):
            continue
        if len(f"{text} {sentence}".split()) > most_words:
            break
        text = f"{text} {sentence}"
    return text
