"""Notes put together: the model's sentences that pass, fixed ones for the rest, in the policy's order and within its budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from notewright.changelog.section import Entry, Section
from notewright.grounding.checks import MOST_CITES, Claim, Said
from notewright.grounding.facts import Fact
from notewright.notes.budget import fits_budget, within_budget
from notewright.notes.document import Failed, Sentence, keep_failed
from notewright.notes.facts import facts_of
from notewright.notes.judging import OMITTED, Written, judge
from notewright.notes.language import ENGLISH
from notewright.notes.policy import AudiencePolicy, is_required, part_of, select
from notewright.notes.sentences import fixed_sentence
from notewright.notes.several import merge_entries
from notewright.notes.steps import says_what_to_do


def told_entries(section: Section, policy: AudiencePolicy) -> tuple[Entry, ...]:
    """Return the entries that get a sentence, in the order told: by part, then by section."""
    return tuple(entry for chosen in select(section, policy) for entry in chosen.told)


def asked_entries(section: Section, policy: AudiencePolicy) -> tuple[Entry, ...]:
    """Return the entries that a model is asked about: all that are told, but those whose commits leave a step open that a model could
    only invent."""
    return tuple(entry for entry in told_entries(section, policy) if not (policy.steps and entry.breaking and not says_what_to_do(entry)))


def assemble(
    section: Section, policy: AudiencePolicy, *, claims: Sequence[Claim] = (), repairs: Sequence[Claim] = (),
    failed: Mapping[str, str] | None = None, language: str = ENGLISH, reserved_words: int = 0,
) -> tuple[Sentence, ...]:  # fmt: skip
    """Return the sentences of the notes. A claim of the model stays if it passes every blocking check and tells an entry that no earlier
    one did; `repairs`, made when it was asked once more, come after all others. Every other entry gets its fixed sentence, marked with the
    rule that the model broke. `failed` names the rule for entries whose call failed as a whole; it is None without a model. Every sentence
    returned passes, and every required entry is covered, in few words where it would not fit the budget else. Of that, `reserved_words`
    are kept for a lead."""
    entries, known = told_entries(section, policy), facts_of(section)
    written = Written(tuple(claims), tuple(repairs), failed, language) if failed is not None else None
    judged = judge(written, policy, known, told={entry.id for entry in entries}, said=Said()) if written else None
    sentences = judged.accepted if judged else ()
    covered = {cite for sentence in sentences for cite in sentence.cites}
    rest = [entry for entry in entries if entry.id not in covered]
    reasons = {entry.id: judged.rules.get(entry.id, OMITTED) for entry in rest} if judged else {}
    evidence = judged.failed if judged else {}
    told: tuple[Sentence, ...] = ()
    for brief in (False, True):
        before = Said(sentence.claim for sentence in sentences)
        fixed = _fixed(rest, section, policy, known, said=before, reasons=reasons, brief=brief)
        every = _ordered([*sentences, *(_with_evidence(sentence, evidence) for sentence in fixed)], entries)
        told = within_budget(every, section, policy, reserved_words=reserved_words)
        if fits_budget(told, section, policy, reserved_words=reserved_words):
            break
    return told


def _fixed(
    entries: Sequence[Entry], section: Section, policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said,
    reasons: Mapping[str, str], brief: bool,
) -> Iterator[Sentence]:  # fmt: skip
    """Yield a sentence for every entry, those of one part and one reason together as far as they may be."""
    parts = part_of(section, policy)
    groups: dict[tuple[int, str | None], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((parts[entry.id], reasons.get(entry.id)), []).append(entry)
    for (_, rule), group in groups.items():
        merged = tuple(merge_entries(group, policy, known, said=said, brief=brief))
        yield from (Sentence(claim.text, claim.cites, "fallback", rule) for claim in merged)
        covered = {cite for claim in merged for cite in claim.cites}
        single = []
        for entry in (entry for entry in group if entry.id not in covered):
            claim = fixed_sentence(entry, policy, known, said=said, brief=brief and is_required(entry, policy))
            said.add(claim)
            single.append((entry, claim))
        yield from _alike(single, rule)


def _alike(single: Sequence[tuple[Entry, Claim]], rule: str | None) -> Iterator[Sentence]:
    """Yield sentences that say the same of several entries of one scope once, citing as many as a sentence may."""
    alike: dict[tuple[str, str | None], list[str]] = {}
    for entry, claim in single:
        alike.setdefault((claim.text, entry.scope), []).append(entry.id)
    for (text, _), cites in alike.items():
        for start in range(0, len(cites), MOST_CITES):
            yield Sentence(text, tuple(cites[start : start + MOST_CITES]), "fallback", rule)


def _with_evidence(sentence: Sentence, failed: Mapping[str, Sequence[Failed]]) -> Sentence:
    texts = keep_failed(one for cite in sentence.cites for one in failed.get(cite, ()))
    return Sentence(sentence.text, sentence.cites, sentence.status, sentence.rule, texts) if texts else sentence


def _ordered(sentences: Sequence[Sentence], entries: Sequence[Entry]) -> list[Sentence]:
    place = {entry.id: position for position, entry in enumerate(entries)}
    return sorted(sentences, key=lambda sentence: min(place.get(cite, len(place)) for cite in sentence.cites))
