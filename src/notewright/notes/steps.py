"""A breaking entry in steps: what changes, for whom, and what to do about it, as far as its commit says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from notewright.changelog.section import Entry
from notewright.grounding.wording import words
from notewright.notes.policy import Step
from notewright.notes.subject import all_sentences_of, clean, finish, shorten

_people = r"(?:users?|people|projects?|applications?|apps?|authors?|developers?|libraries|consumers|plugins?|those|anyone|everyone|you)"
# What tells somebody to do something: an order, a duty, or what stands in for what is gone
_DO = re.compile(
    r"^(?:please )?(?:add|adjust|call|change|check|configure|consider|convert|delete|disable|enable|ensure|import|install|make sure|migrate"
    r"|move|opt|pass|pin|read|remove|rename|replace|restart|run|set|specify|switch|update|upgrade|use|wrap|write)\b"
    rf"|\b(?:if you|{_people}\b.{{0,80}}?\b(?:must|should|can|need|needs|will need|have to|has to))\b"
    r"|\b(?:instead|in favou?r of|please|must (?:be|now)|should be|needs? to be|has to be|have to be|is to be used|as an alternative)\b"
    r"|\b(?:replaced|superseded) (?:by|with)\b|\brenamed (?:to|into)\b|\b(?:use|replace) (?:the |them |it |these )?(?:with )?`"
    r"|^to (?:keep|restore|get|use|opt|disable|enable|migrate|update|upgrade|continue)\b|\bno action\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\bonly (?:affects?|effects?|applies to|concerns|relevant (?:to|for))\b", re.IGNORECASE)
_FEWEST_WORDS = 4  # that an order is shortened to; below, it tells nobody what to do


@dataclass(frozen=True, slots=True)
class _Read:
    """The sentences of a breaking text by what they say."""

    does: tuple[str, ...]
    who: str
    others: tuple[str, ...]


def says_what_to_do(entry: Entry) -> bool:
    """Return whether a breaking entry's commit tells people what to do, as far as its words show it."""
    return bool(_read(entry).does)


def told_steps(entry: Entry, steps: Mapping[Step, str], *, most_words: int, pointer: str) -> Iterator[str]:
    """Yield the entry in steps, the fullest first, each within the limit. Where the commit does not say what to do, the last step asks its
    author."""
    subject = clean(entry.summary)
    if not steps or not entry.breaking or not subject:
        return
    read = _read(entry)
    what, affected = finish(shorten(subject, most_words=most_words // 3)), _affected(entry, read, steps)
    for who in dict.fromkeys((affected, steps["everyone"])):
        room = most_words - len(_joined(steps["what"].replace("{text}", what), who).split())
        for order in (*_orders(read, steps, room=room), *([pointer] if pointer and read.does else []), steps["todo"]):
            yield from _with_others(what, who, order, read, steps, most_words=most_words)


def _orders(read: _Read, steps: Mapping[Step, str], *, room: int) -> Iterator[str]:
    text = " ".join(read.does)
    short = shorten(text, most_words=max(room - len(steps["do"].split()), 0)) if text else ""
    if len(short.split()) >= min(_FEWEST_WORDS, len(text.split())) > 0:
        yield steps["do"].replace("{text}", finish(short))


def _with_others(what: str, who: str, order: str, read: _Read, steps: Mapping[Step, str], *, most_words: int) -> Iterator[str]:
    """Yield the steps with what else the text says, as far as it fits, then without."""
    told, said = what, " ".join(words(what))
    for sentence in read.others:
        longer = f"{told} {sentence}"
        if " ".join(words(sentence)) in said or len(_joined(steps["what"].replace("{text}", longer), who, order).split()) > most_words:
            continue
        told = longer
    for text in dict.fromkeys((told, what)):
        if len((joined := _joined(steps["what"].replace("{text}", text), who, order)).split()) <= most_words:
            yield joined


def _affected(entry: Entry, read: _Read, steps: Mapping[Step, str]) -> str:
    scope = clean(entry.scope or "")
    if read.who:
        return f"{steps['who'].partition(':')[0]}: {read.who}"
    return steps["who"].replace("{text}", scope) if scope else steps["everyone"]


def _read(entry: Entry) -> _Read:
    sentences = all_sentences_of(entry.breaking_text or "")
    does = tuple(sentence for sentence in sentences if _DO.search(sentence))
    who = next((sentence for sentence in sentences if sentence not in does and _WHO.search(sentence)), "")
    return _Read(does, who, tuple(sentence for sentence in sentences if sentence not in does and sentence != who))


def _joined(*steps: str) -> str:
    return " ".join(finish(step) for step in steps)
