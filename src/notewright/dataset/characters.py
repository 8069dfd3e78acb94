"""Characters: where bytes may be parted so that nothing that is seen as one is cut."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_MOST_JOINED = 64  # characters; what is longer is no character but a way to make work
_LONGEST = 4  # bytes of a character in UTF-8


def whole_end(content: bytes, start: int, end: int) -> int:
    """Return the last place up to `end` and behind `start` where no character is cut, and no sequence that is seen as one: letters with
    their combining marks, joined emoji, flags, a carriage return with its line feed. Where no such place is, that of the last whole
    character; where there is none either, the end of the first one."""
    if end >= len(content):
        return len(content)
    plain = place = _floor(content, end)
    for _ in range(_MOST_JOINED):
        if place <= start:
            break
        if not _joins(content, start, place):
            return place
        place = _floor(content, place - 1)
    return plain if plain > start else _next(content, start)


def _floor(content: bytes, place: int) -> int:
    """Return where the character that `place` lies in begins; bytes that are no UTF-8 are characters of their own."""
    for begin in range(place, max(place - _LONGEST, -1), -1):
        if content[begin] & 0xC0 != 0x80:
            return begin if _next(content, begin) > place else place
    return place


def _next(content: bytes, start: int) -> int:
    """Return where the character that begins at `start` ends."""
    first = content[start]
    width = 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else _LONGEST
    try:
        content[start : start + width].decode()
    except UnicodeDecodeError:
        return start + 1
    return start + width


def _joins(content: bytes, start: int, place: int) -> bool:
    """Return whether what stands before `place` and what follows are seen as one, `start` being a place where nothing is."""
    if content[place] < 0x80:
        return content[place - 1 : place + 1] == b"\r\n"
    after = content[place : _next(content, place)].decode("utf-8", "replace")
    before = content[_floor(content, place - 1) : place].decode("utf-8", "replace")
    if _extends(after) or before == _JOINER:
        return True
    return _is_flag(after) and _is_flag(before) and _flags_between(content, start, place) % 2 == 1


def _extends(character: str) -> bool:
    """Return whether a character changes the one before it: marks, joiners, variation selectors, skin tones, tags."""
    code = ord(character[0])
    return (
        unicodedata.category(character[0])[0] == "M" or code in (0x200C, 0x200D) or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F
    )


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_between(content: bytes, start: int, place: int) -> int:
    """Return how many letters of flags stand right before a place, down to `start`: two make a flag."""
    begin = place
    while begin - _LONGEST >= start and _is_flag(content[begin - _LONGEST : begin].decode("utf-8", "replace")):
        begin -= _LONGEST
    return (place - begin) // _LONGEST
