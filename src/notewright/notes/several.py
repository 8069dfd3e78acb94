"""Fixed sentences about several entries: echoes of one change, bumps of dependencies, marked entries that no words may tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from notewright.changelog.section import Entry
from notewright.grounding.checks import MOST_CITES, Claim, Said, check_claim, verdict
from notewright.grounding.facts import Fact
from notewright.grounding.wording import words
from notewright.notes.numbers import enumerate_words
from notewright.notes.policy import AudiencePolicy
from notewright.notes.sentences import fixed_sentence, is_fixed, is_vague, mark_of, place_of
from notewright.notes.subject import clean, finish

_BUMP = re.compile(r"(?:bump|update|upgrade)(?:s|d|ed)? (?:the )?(?:dependency )?(?P<what>[^,;]*\b(?:to|from)\b[^,;]*)", re.IGNORECASE)
_OTHERS = frozenset({"feat", "fix", "perf", "docs"})  # types of changes to the product itself
_SAME = 0.6  # of all words of two subjects; "do not change the tag date if it exists", "… if the tag exists"
_AGAIN = ("", "Further ", "Still more ")  # the same words twice would be refused as said before


def are_fixed(text: str, entries: Sequence[Entry], policy: AudiencePolicy) -> bool:
    """Return whether a text is a fixed sentence of all these entries: one that each of them has, or one about them together."""
    if not entries:
        return False
    first = entries[0]
    same = all(is_fixed(text, entry, policy) for entry in entries) or (_all_echo(entries) and is_fixed(text, first, policy))
    return same or text in _together(entries, policy)


def merge_entries(
    entries: Sequence[Entry], policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said, brief: bool = False
) -> Iterator[Claim]:
    """Yield sentences about several of these entries of one part, adding them to `said`; what none of them tells has a sentence of its
    own. With `brief` no marked entry has, where a sentence can name several."""
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        if not mark_of(entry) and _bump(entry):
            groups.setdefault("bumps", []).append(entry)
        elif (mark := mark_of(entry)) and ((brief and mark in policy.vague_several) or _has_no_words(entry, policy, known)):
            groups.setdefault((mark_of(entry), bool(place_of(entry))), []).append(entry)
        elif entry.references and not mark_of(entry):
            groups.setdefault(entry.references, []).append(entry)
    for key, group in groups.items():
        merge = _echoed if isinstance(key, tuple) and key == group[0].references else _merged
        yield from merge(group, policy, known, said=said)


def _echoed(group: Sequence[Entry], policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said) -> Iterator[Claim]:
    """Yield a sentence for entries that say nearly the same of one pull request: the first one's, citing all of them."""
    left = list(group)
    while left:
        first, *rest = left
        same = [first, *(entry for entry in rest if _all_echo((first, entry)))][:MOST_CITES]
        left = [entry for entry in rest if entry not in same]
        if len(same) > 1:
            text = fixed_sentence(first, policy, known, said=said).text
            claim = Claim(text, tuple(entry.id for entry in same))
            if verdict(check_claim(claim, known, style=policy.style, said=said)) != "block":
                said.add(claim)
                yield claim


def _all_echo(entries: Sequence[Entry]) -> bool:
    """Return whether entries of one pull request share nearly all their words with the first."""
    first, *rest = entries
    said = set(words(clean(first.summary)))
    return all(
        first.references and entry.references == first.references and entry.type == first.type and _overlap(said, entry) >= _SAME
        for entry in rest
    )


def _overlap(said: set[str], entry: Entry) -> float:
    others = set(words(clean(entry.summary)))
    return len(said & others) / len(said | others) if said else 0.0


def _merged(group: Sequence[Entry], policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said) -> Iterator[Claim]:
    """Yield a sentence for as many as fit at a time."""
    start = 0
    while start < len(group):
        tried = (group[start : start + size] for size in range(min(MOST_CITES, len(group) - start), 1, -1))
        found = next(filter(None, (_claim(some, policy, known, said=said) for some in tried)), None)
        if found:
            said.add(found)
            yield found
        start += len(found.cites) if found else 1


def _claim(entries: Sequence[Entry], policy: AudiencePolicy, known: Mapping[str, Fact], *, said: Said) -> Claim | None:
    claims = (Claim(text, tuple(entry.id for entry in entries)) for text in _together(entries, policy))
    return next((claim for claim in claims if verdict(check_claim(claim, known, style=policy.style, said=said)) != "block"), None)


def _together(entries: Sequence[Entry], policy: AudiencePolicy) -> Iterator[str]:
    if len(entries) < 2:  # several
        return
    bumps = [_bump(entry) for entry in entries]
    if all(bumps) and "plain" in policy.sentences:
        yield finish(policy.sentences["plain"].replace("{text}", f"bump {enumerate_words(bumps)}"))
    marks = {mark_of(entry) for entry in entries}
    mark = marks.pop() if len(marks) == 1 else None
    if mark and (template := policy.vague_several.get(mark)):
        places = list(dict.fromkeys(place for entry in entries if (place := place_of(entry))))
        text = template.replace("{place}", f" in {enumerate_words(places)}" if places else "")
        yield from (f"{again}{text[0].lower()}{text[1:]}" if again else text for again in _AGAIN)


def _has_no_words(entry: Entry, policy: AudiencePolicy, known: Mapping[str, Fact]) -> bool:
    return is_vague(fixed_sentence(entry, policy, known, said=Said()).text, entry, policy)


def _bump(entry: Entry) -> str:
    """Return what a dependency's entry bumps: "httpx from 0.27.0 to 0.28.1"."""
    bump = None if entry.type in _OTHERS else _BUMP.fullmatch(clean(entry.summary))
    return bump["what"].strip() if bump else ""
