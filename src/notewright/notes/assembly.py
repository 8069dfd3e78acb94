"""Notes put together: the model's sentences that pass, fixed ones for the rest, in the policy's order and within its budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from notewright.changelog.section import Entry, Section
from notewright.grounding.checks import MOST_CITES, Claim, Said, check_claim, verdict
from notewright.grounding.facts import Fact
from notewright.notes.document import Sentence
from notewright.notes.facts import facts_of
from notewright.notes.policy import AudiencePolicy, is_required, part_of, select
from notewright.notes.sentences import fixed_sentence

OMITTED = "omitted"  # the rule that a model breaks by saying nothing of an entry


def told_entries(section: Section, policy: AudiencePolicy) -> tuple[Entry, ...]:
    """Return the entries that get a sentence, in the order told: by part, then by section."""
    return tuple(entry for chosen in select(section, policy) for entry in chosen.told)


def assemble(
    section: Section, policy: AudiencePolicy, *, claims: Sequence[Claim] = (), failed: Mapping[str, str] | None = None
) -> tuple[Sentence, ...]:
    """Return the sentences of the notes. A claim of the model stays if it passes every blocking check and tells an entry that no earlier
    one did; every other entry gets its fixed sentence, marked with the rule that the model broke. `failed` names the rule for
    entries whose call failed as a whole; it is None without a model. Every sentence returned passes, and every required entry is
    covered."""
    entries, known, said = told_entries(section, policy), facts_of(section), Said()
    rules = dict(failed or {})
    sentences = list(_accepted(claims, policy, known, told={entry.id for entry in entries}, said=said, rules=rules))
    covered = {cite for sentence in sentences for cite in sentence.cites}
    fixed = []
    for entry in (entry for entry in entries if entry.id not in covered):
        claim = fixed_sentence(entry, policy, known, said=said)
        said.add(claim)
        rule = None if failed is None else rules.get(entry.id, OMITTED)
        fixed.append(Sentence(claim.text, claim.cites, "fallback", rule))
    return tuple(_within_budget(_ordered([*sentences, *_merged(fixed, section, policy)], entries), section, policy))


def _accepted(
    claims: Iterable[Claim], policy: AudiencePolicy, known: Mapping[str, Fact], *, told: set[str], said: Said, rules: dict[str, str]
) -> Iterator[Sentence]:
    """Yield the model's sentences that stay; note in `rules` the first rule that each other one breaks, for the entries it cites."""
    for claim in claims:
        failures = check_claim(claim, known, style=policy.style, said=said)
        new = told.intersection(claim.cites)
        if verdict(failures) == "block":
            first = next(failure.rule for failure in failures if failure.blocking)
            rules.update((entry_id, first) for entry_id in new)
        elif new:
            said.add(claim)
            told.difference_update(claim.cites)
            yield Sentence(claim.text, claim.cites, "model")


def _merged(fixed: Sequence[Sentence], section: Section, policy: AudiencePolicy) -> Iterator[Sentence]:
    """Yield fixed sentences that say the same of several entries of one scope once, citing as many as a sentence may."""
    entries, parts = {entry.id: entry for entry in section.entries()}, part_of(section, policy)
    alike: dict[tuple[object, ...], list[Sentence]] = {}
    for sentence in fixed:
        entry = entries[sentence.cites[0]]
        alike.setdefault((sentence.text, sentence.rule, entry.scope, parts[entry.id]), []).append(sentence)
    for same in alike.values():
        cites = [cite for sentence in same for cite in sentence.cites]
        for start in range(0, len(cites), MOST_CITES):
            yield Sentence(same[0].text, tuple(cites[start : start + MOST_CITES]), "fallback", same[0].rule)


def _ordered(sentences: Iterable[Sentence], entries: Sequence[Entry]) -> list[Sentence]:
    place = {entry.id: position for position, entry in enumerate(entries)}
    return sorted(sentences, key=lambda sentence: min(place.get(cite, len(place)) for cite in sentence.cites))


def _within_budget(sentences: Sequence[Sentence], section: Section, policy: AudiencePolicy) -> Iterator[Sentence]:
    """Yield the sentences without the optional ones that an audience for plain words would not read, and without the last optional ones
    as long as all together have too many words."""
    required = {entry.id for entry in section.entries() if is_required(entry, policy)}
    known = facts_of(section)
    kept = [
        sentence
        for sentence in sentences
        if not policy.style.plain_words
        or required.intersection(sentence.cites)
        or not check_claim(sentence.claim, known, style=policy.style, said=Said())
    ]
    room = (policy.most_words or 0) - sum(_words(sentence) for sentence in kept if required.intersection(sentence.cites))
    for sentence in kept:
        optional = policy.most_words is not None and not required.intersection(sentence.cites)
        room -= _words(sentence) if optional else 0
        if not optional or room >= 0:
            yield sentence


def _words(sentence: Sentence) -> int:
    return len(sentence.text.split())
