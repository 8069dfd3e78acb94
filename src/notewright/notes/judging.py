"""What a model wrote, judged: which claims stand, which were mended, and what broke the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from notewright.grounding.checks import Claim, Said, check_claim, verdict
from notewright.grounding.facts import Fact
from notewright.notes.document import Failed, Sentence, keep_failed
from notewright.notes.language import ENGLISH, in_language
from notewright.notes.policy import AudiencePolicy
from notewright.notes.rejected import Rejected

OMITTED = "omitted"  # the rule that a model breaks by saying nothing of an entry


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote: its claims in their order, and those that it wrote when asked once more, for what failed and what it left out.
    `failed` names the rule for entries whose call failed as a whole."""

    claims: tuple[Claim, ...] = ()
    repairs: tuple[Claim, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    language: str = ENGLISH


@dataclass(frozen=True, slots=True)
class Judged:
    """The sentences that stand, and for each entry the rule broken last and the texts that did not stand."""

    accepted: tuple[Sentence, ...]
    rules: Mapping[str, str]
    failed: Mapping[str, Sequence[Failed]]


def judge(written: Written, policy: AudiencePolicy, known: Mapping[str, Fact], *, told: set[str], said: Said) -> Judged:
    """Judge every claim against the entries that it cites. One stands if no blocking check fails and it tells an entry of `told` that no
    earlier one did; those that stand are added to `said`."""
    open_ids, rules, failed = set(told), dict(written.failed), dict[str, list[Failed]]()
    accepted: list[Sentence] = []
    for claims, is_repair in ((written.claims, False), (written.repairs, True)):
        for claim in claims:
            new = open_ids.intersection(claim.cites)
            if rejected := _rejected(claim, policy, known, said=said, language=written.language):
                rules.update((entry_id, rejected.failed.rule) for entry_id in new)
                for entry_id in new:
                    failed.setdefault(entry_id, []).append(rejected.failed)
            elif new:
                said.add(claim)
                open_ids.difference_update(claim.cites)
                accepted.append(_mended(claim, failed) if is_repair else Sentence(claim.text, claim.cites, "model"))
    return Judged(tuple(accepted), rules, failed)


def rejected_claims(written: Written, policy: AudiencePolicy, known: Mapping[str, Fact], *, told: set[str]) -> tuple[Rejected, ...]:
    """Return the claims to be asked for once more: those that fail, but for entries that another one tells."""
    said = Said()
    covered = {cite for sentence in judge(written, policy, known, told=told, said=said).accepted for cite in sentence.cites}
    return tuple(_worth_repair(written, policy, known, told=told - covered, said=said))


def judge_lead(
    claim: Claim, sentences: Sequence[Sentence], policy: AudiencePolicy, known: Mapping[str, Fact], *, language: str
) -> Rejected | None:
    """Return what blocks a sentence that sums the others up; None where it stands. Where an audience reads no code, code blocks it."""
    said = Said(sentence.claim for sentence in sentences)
    failures = in_language(check_claim(claim, known, style=policy.style, said=said), language)
    blocking = tuple(failure for failure in failures if failure.blocking or failure.rule == "plain-words")
    return Rejected(claim, blocking) if blocking else None


def _worth_repair(written: Written, policy: AudiencePolicy, known: Mapping[str, Fact], *, told: set[str], said: Said) -> Iterator[Rejected]:
    for claim in written.claims:
        rejected = _rejected(claim, policy, known, said=said, language=written.language) if told.intersection(claim.cites) else None
        if rejected:
            yield rejected


def _rejected(claim: Claim, policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said, language: str) -> Rejected | None:
    failures = in_language(check_claim(claim, known, style=policy.style, said=said), language)
    return Rejected(claim, tuple(failure for failure in failures if failure.blocking)) if verdict(failures) == "block" else None


def _mended(claim: Claim, failed: Mapping[str, Sequence[Failed]]) -> Sentence:
    """Return a sentence that a model wrote when asked once more: in place of one that failed, with that one, or of none."""
    texts = keep_failed(one for cite in claim.cites for one in failed.get(cite, ()))
    return Sentence(claim.text, claim.cites, "repaired", texts[0].rule if texts else OMITTED, texts)
