"""Secrets: keys, tokens and passwords in a text, by the shapes of services' tokens and by the names that values are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from notewright.screening import assignments
from notewright.screening.finding import Finding, in_order
from notewright.screening.shapes import LEAST_LONG, Shape, run_hints, shapes

# No pattern sees more than so much around a hint, so that none can go back further: a line may be as long as its writer likes.
_BEFORE, _AFTER = 400, 800
_LONG_BLANK, _NO_BLANK = " " * 9, "\0" * 9
_LEAST_RUN = 20
_RUN = re.compile(rf"(?<![A-Za-z0-9_])(?=[A-Za-z_+/.-]{{0,60}}[0-9])[A-Za-z0-9_+/=.-]{{{_LEAST_RUN},}}")
_DIGIT = re.compile("[0-9]")
# Letters, digits and signs as the same letter, what is beyond ASCII too: so many of it in a row are found faster than by a pattern.
_SAME = bytes(ord("a") if chr(byte).isalnum() or chr(byte) in "_+/=.-~%?" else ord(" ") for byte in range(256))
_LONG = b"a" * LEAST_LONG
# What is in no run of letters, digits and hyphens becomes a blank.
_RUNS_ONLY = "".join(character if character.isalnum() or character in "_-" else " " for character in map(chr, range(128)))
_KEY_HINTS = ("PRIVATE KEY", "PuTTY-User-Key-File-", "AGE-SECRET-KEY-")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"  # RFC 7468, RFC 4716, RFC 9580
    r"(?:[A-Z][A-Za-z-]{2,20}: ?[^\n\\]{1,80}|\\[nrt]|[^A-Za-z0-9+/]){0,200}+[A-Za-z0-9+/]{24}"
    r"|^PuTTY-User-Key-File-[23]: |\bAGE-SECRET-KEY-1[A-Z0-9]{58}",
    re.MULTILINE,
)
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY")
_MOST_KEY = 20_000


def find_secrets(text: str, *, language: str = "") -> tuple[Finding, ...]:
    """Return what of a text looks like a secret, in its order. In languages of configuration, such as `yaml`, a value needs no quotes.

    Placeholders, such as `<your token>`, `changeme` or `${TOKEN}`, are none.
    """
    lowered, same = lower_ascii(text), text.encode("ascii", "replace").translate(_SAME)
    is_long = _LONG in same
    findings = list(_private_keys(text)) if is_long else []
    for shape in shapes(run=False):
        if shape.long and not is_long:
            continue
        searched = lowered if shape.any_case else text
        for hint in shape.hints:
            if hint in searched:
                findings += _shaped(text, lowered, _windows(text, _places(searched, shape.hints)), (shape,))
                break
    if is_long:
        findings += _in_runs(text, lowered, same)
    if places := _places(lowered, assignments.HINTS):
        findings += _assigned(text, lowered, places, configuration=language in assignments.CONFIGURATION)
    return in_order(findings)


def has_private_key(text: str) -> bool:
    """Tell whether a text holds a private key, and not only the words around one. Asked of whole files, since the lines of a key look
    like nothing once they are cut apart."""
    return any(True for _ in _private_keys(text))


def lower_ascii(text: str) -> str:
    """Return a text in small letters, each where it was: some letters beyond ASCII have two of them."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(character.lower() if character < "\x80" else character for character in text)


def _private_keys(text: str) -> Iterator[Finding]:
    if any(hint in text for hint in _KEY_HINTS):
        for match in _PRIVATE_KEY.finditer(text):
            end = _KEY_END.search(text, match.end(), match.end() + _MOST_KEY)
            yield Finding("private-key", match.start(), end.end() if end else match.end())


def _shaped(text: str, lowered: str, windows: Iterable[tuple[int, int]], wanted: Iterable[Shape]) -> Iterator[Finding]:
    for start, end in windows:
        # more blanks than that between a name and its value are no pattern's, and cost some of them the cube of their number
        window, small = text[start:end].replace(_LONG_BLANK, _NO_BLANK), lowered[start:end]
        for shape in wanted:
            searched = small if shape.any_case else window
            if shape.hints and not any(hint in searched for hint in shape.hints):
                continue
            for match in chain.from_iterable(pattern.finditer(window) for pattern in shape.patterns):
                first, last = _span(match)
                if shape.accept(window[first:last]):
                    yield Finding(shape.kind, start + first, start + last)


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret of a match is: the group that ends where it ends or before a closing quote, else all of it."""
    groups = [number for number in range(1, (match.lastindex or 0) + 1) if match.end(number) >= match.end() - 1]
    return match.span(groups[0] if groups else 0)


def _in_runs(text: str, lowered: str, same: bytes) -> Iterable[Finding]:
    if not (windows := list(_windows(text, _run_places(text, same)))):
        return ()
    searched, small = ("\0".join(whole[start:end] for start, end in windows) for whole in (text, lowered))
    hinted = {place for hint, any_case, place in run_hints() if hint in (small if any_case else searched)}
    wanted = [shapes(run=True)[place] for place in sorted(hinted)]
    found = list(_shaped(text, lowered, windows, wanted))
    return found if found and _has_runs(text) else ()


def _assigned(text: str, lowered: str, places: list[int], *, configuration: bool) -> Iterator[Finding]:
    windows: Iterable[tuple[int, int]] = _windows(text, places)
    if lowered.isascii():  # beyond it, a pattern takes for small letters what is none
        likely = assignments.likely_places(lowered, places, configuration=configuration)
        if not likely:
            return
        windows = ((start, end) for start, end in windows if any(start <= place < end for place in likely))
    for start, end in windows:
        for first, last in assignments.assigned(text[start:end], configuration=configuration):
            yield Finding("assigned-secret", start + first, start + last)


def _places(text: str, hints: Iterable[str]) -> list[int]:
    """Return where any of the hints stands, in order."""
    places = []
    for hint in hints:
        at = text.find(hint)
        while at >= 0:
            places.append(at)
            at = text.find(hint, at + len(hint))
    return sorted(places) if len(places) > 1 else places


def _has_runs(text: str) -> bool:
    """Tell whether a text has a long run of letters, digits and hyphens that is no word."""
    return any(len(word) >= _LEAST_RUN and not word.isalpha() for word in text.translate(_RUNS_ONLY).split())


def _run_places(text: str, same: bytes) -> Iterator[int]:
    start = same.find(_LONG)
    while start >= 0:
        end = same.find(b" ", start)
        end = end if end >= 0 else len(same)
        if _DIGIT.search(text, start, end):
            for match in _RUN.finditer(text, start, end):
                yield from range(match.start(), match.end(), _BEFORE)
        start = same.find(_LONG, end)


def _windows(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the lines in which places lie, each once and no further than a pattern may see; no character lies in more than four."""
    done = 0
    for place in places:
        if place >= done:
            first, last = max(0, place - _BEFORE), min(len(text), place + _AFTER)
            start = text.rfind("\n", first, place) + 1 or first
            end = text.find("\n", place, last)
            done = end if end >= 0 else last - _BEFORE if last < len(text) else last
            yield start, end if end >= 0 else last
