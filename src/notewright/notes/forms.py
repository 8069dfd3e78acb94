"""The grammatical forms of a subject, best first, each with the words that a fixed sentence is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from notewright.changelog.section import Entry
from notewright.notes.subject import clean
from notewright.notes.verbs import (
    ADVERBS,
    AUTOMATIC,
    CAPABLE,
    COMPOUNDS,
    DOES,
    DONE,
    FAULT_NOUNS,
    FAULTS_OF_ONE,
    FAULTS_OF_SEVERAL,
    GERUNDS,
    ORDERS,
    past,
    third_person,
)

# capability   "mute a thread"                 You can now {text}
# possible     "returning the bumped version"  {text} is now possible
# support      "Python 3.12"                   There is now support for {text}
# issue        "an issue where keys are lost", "a crash when ..."   We fixed {text}
# done         "renamed `kind` to `variant`"   {text}
# does         "correctly handles empty files" Now {text}
# stopped      "exposes deploy keys to forks"  No longer {text}
# plain        the subject                     {text}
Form = Literal["capability", "possible", "support", "issue", "done", "does", "stopped", "plain"]

_people = r"(?:users?|you|people|customers?|clients?|admins?|administrators?|members?|everyone|maintainers|developers)"
_ABILITY = re.compile(
    r"(?:(?:add|introduce|provide|implement)\w* )?(?:the |an )?(?:ability|possibility) to (?P<sure>[a-z]+ .+)"
    rf"|(?:allow|enable|permit)s? {_people} to (?P<people>[a-z]+ .+)|lets? {_people} (?P<let>[a-z]+ .+)"
    r"|(?:allow|permit)s? to (?P<bare>[a-z]+ .+)"
    r"|(?:(?:add|introduce|provide|implement)\w* )?(?:the |an? )?(?:new )?(?:option|way|means) to (?P<likely>[a-z]+ .+)"
)
_GERUND = re.compile(r"(?:allow|permit|support)s? (?P<text>(?P<gerund>[a-z]+ing) .+)")
_SUPPORT = re.compile(
    r"(?:(?:add|introduce|implement)\w* )?(?:(?:basic|experimental|full|initial|native|optional|partial) )?"
    r"supports? (?:for |of )?(?P<text>.+)"
)
_NOT = re.compile(r"(?:do not|don't|never) (?P<verb>[a-z]{2,}) (?P<rest>.+)")
_CLAUSE = re.compile(
    rf"(?:the|an?) (?:\S+ ){{1,6}}?{FAULTS_OF_ONE}\b|(?!(?:the|an?|this|each|every) )(?:\S+ ){{1,6}}?{FAULTS_OF_SEVERAL}\b"
)
_REMEDY = re.compile(r"\b(?:now|no longer|not|never|should|must|correctly|properly|again|instead|handle|prevent|avoid|when it)\b")
_ARTICLE_FAULT = re.compile(
    rf"(?P<noun>{FAULT_NOUNS})(?= (?:in|on|when|if|with|where|while|during|after|before|at|for|of|caused|due|from|that)\b|$)"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A form and its words, without a final stop and not yet capitalised."""

    form: Form
    text: str


def shapes(entry: Entry) -> Iterator[Shape]:
    """Yield the forms that the subject's grammar allows, the most readable first and `plain` last. Where the grammar is not certain
    there is only `plain`: words that a person wrote rather than words that may be wrong."""
    subject = clean(entry.summary)
    if not subject:
        return
    if entry.type == "revert":
        yield Shape("plain", subject if subject.casefold().startswith("revert") else f"reverted: {subject}")
        return
    lowered = subject[0].lower() + subject[1:] if re.match(r"[A-Z][a-z]+\b", subject) else subject
    if entry.type == "feat" and not entry.breaking:
        yield from _additions(lowered)
    if entry.type == "fix":
        yield from _repairs(subject, lowered)
    yield from _deeds(lowered)
    yield Shape("plain", subject)


def _additions(subject: str) -> Iterator[Shape]:
    if able := _ABILITY.fullmatch(subject):
        ability = able["sure"] or able["people"] or able["let"] or able["bare"]
        if ability or _begins_with_verb(able["likely"]):
            yield Shape("capability", ability or able["likely"])
    words = re.findall(r"[a-z-]+", subject.casefold())
    if len(words) > 1 and words[0] in CAPABLE and AUTOMATIC.isdisjoint(words):
        yield Shape("capability", subject)
    if (gerund := _GERUND.fullmatch(subject)) and gerund["gerund"] in GERUNDS:
        yield Shape("possible", gerund["text"])
    if (support := _SUPPORT.fullmatch(subject)) and _names_a_thing(support["text"]):
        yield Shape("support", support["text"])


def _repairs(subject: str, lowered: str) -> Iterator[Shape]:
    broken = re.sub(r"^(?:fix(?:es|ed)?|resolve[sd]?|correct(?:s|ed)?)\s+(?=\w)", "", lowered)
    if fault := _ARTICLE_FAULT.match(broken):
        article = "an" if fault["noun"][0] in "aeiou" else "a"
        yield Shape("issue", f"{article} {broken}")
    elif broken != lowered and re.match(r"(?:the|an?|some|several|all|many|another) ", broken):
        yield Shape("issue", broken)
    elif broken == lowered and not _begins_with_verb(lowered) and _CLAUSE.match(lowered) and not _REMEDY.search(lowered):
        opening = lowered if re.match(r"(?:the|an?|some|all|every|each|no)\b", lowered) else subject
        yield Shape("issue", f"an issue where {opening}")


def _deeds(subject: str) -> Iterator[Shape]:
    if negative := _NOT.fullmatch(subject):
        yield Shape("stopped", f"{third_person(negative['verb'])} {negative['rest']}")
    first, _, rest = subject.partition(" ")
    adverb = f"{first} " if first in ADVERBS else ""
    verb, _, rest = rest.partition(" ") if adverb else (first, "", rest)
    if not rest or re.match(r"(?:and|or)\b", rest) or " ".join((verb, *rest.split()[:1])) in COMPOUNDS:
        return
    if verb in DONE:
        yield Shape("done", f"{adverb}{past(verb)} {rest}")
    if verb in DOES:
        yield Shape("does", f"{adverb}{third_person(verb)} {rest}")


def _begins_with_verb(subject: str) -> bool:
    """Return whether the subject is an order to the code ("handle ...", "use ..."), as far as a list can tell."""
    return subject.split(" ", 1)[0].casefold() in DONE | DOES | CAPABLE | ORDERS | ADVERBS


def _names_a_thing(text: str) -> bool:
    """Return whether "support for ..." reads well before it: no verb, no preposition."""
    return not _begins_with_verb(text) and not re.match(r"(?:to|when|if|in|on|with|multiple and)\b", text)
