"""Notes within the budget of their audience: optional sentences leave until the whole document fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from notewright.changelog.layout.links import Links
from notewright.changelog.section import Section
from notewright.grounding.checks import Said, check_claim
from notewright.grounding.facts import Fact
from notewright.notes.document import Notes, Sentence
from notewright.notes.facts import facts_of
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy, is_required, part_of

# Links add words; these stand for any
_LINKS = Links("https://example.com/owner/name")


def within_budget(
    sentences: Sequence[Sentence], section: Section, policy: AudiencePolicy, *, reserved_words: int = 0
) -> tuple[Sentence, ...]:
    """Return the sentences without the optional ones that an audience for plain words would not read, and without as many of the others as
    the budget asks for: each time the last one of the part that has most. Required ones stay."""
    required = {entry.id for entry in section.entries() if is_required(entry, policy)}
    known = facts_of(section)
    kept = [
        sentence
        for sentence in sentences
        if required.intersection(sentence.cites) or not policy.style.plain_words or _is_plain(sentence, known, policy)
    ]
    parts = part_of(section, policy)
    while not fits_budget(kept, section, policy, reserved_words=reserved_words):
        optional = [sentence for sentence in kept if not required.intersection(sentence.cites)]
        if not optional:
            break
        sizes = Counter(_part(sentence, parts) for sentence in optional)
        fullest = max(sizes, key=lambda number: (sizes[number], number))
        kept.remove(next(sentence for sentence in reversed(optional) if _part(sentence, parts) == fullest))
    return tuple(kept)


def count_words(text: str) -> int:
    """Count the words of a document: pieces between blanks that have a letter or a digit."""
    return sum(any(character.isalnum() for character in piece) for piece in text.split())


def fits_budget(sentences: Sequence[Sentence], section: Section, policy: AudiencePolicy, *, reserved_words: int = 0) -> bool:
    """Return whether the document that these sentences make is as short as its audience wants it."""
    if policy.most_words is None and policy.most_characters is None:
        return True
    text = notes_markdown(Notes(section.version, policy.audience, "none", tuple(sentences)), section, policy, links=_LINKS)
    words = policy.most_words is None or count_words(text) + reserved_words <= policy.most_words
    return words and (policy.most_characters is None or len(text.strip()) <= policy.most_characters)


def _is_plain(sentence: Sentence, known: dict[str, Fact], policy: AudiencePolicy) -> bool:
    failures = check_claim(sentence.claim, known, style=policy.style, said=Said())
    return all(failure.rule != "plain-words" for failure in failures)


def _part(sentence: Sentence, parts: dict[str, int]) -> int:
    return min((parts[cite] for cite in sentence.cites if cite in parts), default=0)
