"""Cutting: a file into passages that follow each other without a gap, none over the limit."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import pairwise

from notewright.dataset.characters import whole_end
from notewright.dataset.partition import PASSAGE, Places, Plan, plan_cuts
from notewright.dataset.passage import Passage
from notewright.dataset.tokens import PassageTokenizer, token_ends
from notewright.syntax.languages import find_language
from notewright.syntax.seams import Seam, find_seams
from notewright.syntax.tree import parse

# What is told where the same file may be cut otherwise than before.
_VERSION = "cut-2"
_LINE_ENDS = re.compile(rb"\r\n|\n|\r")
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)\Z")
# What a cut costs: before a definition nothing but its depth, before another statement, a line after a blank one, a line, inside a line. A
# cut that spares a passage is worth no bad start: with half of these fewer than .8 passages of Go begin with a definition.
_STATEMENT, _PARAGRAPH, _LINE, _INSIDE = PASSAGE * 125 // 100, PASSAGE * 18 // 10, PASSAGE * 22 // 10, PASSAGE * 26 // 10
_DEPTH = PASSAGE * 3 // 100
_FINEST = 16  # long lines may be cut at every sixteenth of the limit


def cutter_digest(tokenizer: PassageTokenizer, limit: int) -> str:
    """Return what a way of cutting is known by, in hex: it is another one where any file may be cut otherwise."""
    return hashlib.sha256("\0".join((_VERSION, tokenizer.digest, str(limit))).encode()).hexdigest()


def cut_passages(content: bytes, language: str | None, tokenizer: PassageTokenizer, limit: int) -> tuple[Passage, ...]:
    """Cut a file into passages of at most `limit` tokens each, counted by themselves, that concatenate to it; none of an empty file.

    They are few, and begin with definitions, or the comments that belong to them, where the language has a grammar and the file a tree;
    else with statements, else with lines. Inside a line they end with a token and a whole character. Only a single character that has
    more tokens than the limit makes a passage over it. Bytes that are no UTF-8 are counted as replacement characters.

    Raises `ValueError` for a limit below 1.
    """
    if limit < 1:
        raise ValueError(f"a passage cannot have {limit} tokens")
    if not content:
        return ()
    whole = _count(content, tokenizer) if len(content) <= 8 * limit else limit + 1
    if whole <= limit:
        return tuple(_number_lines(content, [(0, len(content), whole)], _find_first_seam(content, language)))
    ends = token_ends(content, tokenizer)
    seams = _find_seams(content, language, ends, limit)
    plan = plan_cuts(_find_places(content, seams, ends, limit), limit)
    return tuple(_number_lines(content, list(_take(content, plan, ends, tokenizer, limit)), seams))


def _count(content: bytes, tokenizer: PassageTokenizer) -> int:
    return tokenizer.count(content.decode("utf-8", "replace"))


def _find_seams(content: bytes, language: str | None, ends: list[int], limit: int) -> Mapping[int, Seam]:
    """Return the seams of a file, of every part of it that has at least a quarter of the limit."""
    known = find_language(language)
    root = parse(content, known) if known else None
    if known is None or root is None:
        return {}

    def is_large(start: int, end: int) -> bool:
        return end - start > limit // 4 and bisect_left(ends, end) - bisect_left(ends, start) > limit // 4

    return find_seams(root, content, known, is_large)


def _find_first_seam(content: bytes, language: str | None) -> Mapping[int, Seam]:
    known = find_language(language)
    root = parse(content, known) if known else None
    return find_seams(root, content, known, lambda _start, _end: False) if known and root else {}


def _find_places(content: bytes, seams: Mapping[int, Seam], ends: list[int], limit: int) -> Places:
    """Return all places where a file may be cut: the starts of its lines, and in lines of over half the limit some ends of tokens."""
    lines = [0, *(match.end() for match in _LINE_ENDS.finditer(content) if match.end() < len(content)), len(content)]
    tokens = [bisect_right(ends, place) for place in lines]
    at, sizes, costs = [0], [0], [0]
    for (start, end), (first, last) in zip(pairwise(lines), pairwise(tokens), strict=True):
        if last - first > limit // 2:
            for place in _places_inside(content, start, end, ends[first:last], max(limit // _FINEST, 1)):
                at.append(place)
                sizes.append(bisect_right(ends, place))
                costs.append(_INSIDE)
        at.append(end)
        sizes.append(last)
        costs.append(_cost(content, end, seams.get(end)))
    return Places(tuple(at), tuple(sizes), tuple(costs))


def _places_inside(content: bytes, start: int, end: int, ends: list[int], step: int) -> Iterator[int]:
    last = start
    for wanted in ends[step - 1 :: step]:
        if last < wanted < end:
            place = whole_end(content, last, wanted)
            if place < end:
                yield place
            last = place


def _cost(content: bytes, place: int, seam: Seam | None) -> int:
    if seam is not None:
        return (0 if seam.definition else _STATEMENT) + _DEPTH * min(seam.depth, 10)
    return _PARAGRAPH if _BLANK_LINE.search(content, max(place - 80, 0), place) else _LINE


def _take(content: bytes, plan: Plan, ends: list[int], tokenizer: PassageTokenizer, limit: int) -> Iterator[tuple[int, int, int]]:
    """Give the start, the end and the tokens of each passage, recounted: its tokens by themselves are not always those in the file."""
    start = 0
    while start < len(content):
        first, within = bisect_right(ends, start), limit
        end = _choose_end(content, plan, ends, start, within)
        count = _count(content[start:end], tokenizer)
        while count > limit and end > whole_end(content, start, start + 1):
            within = (bisect_right(ends, end) - first) * limit // count
            end = _choose_end(content, plan, ends, start, within)
            count = _count(content[start:end], tokenizer)
        yield start, end, count
        start = end


def _choose_end(content: bytes, plan: Plan, ends: list[int], start: int, within: int) -> int:
    """Return where a passage ends that begins at `start` and may have so many tokens of the file: one character at least."""
    first = bisect_right(ends, start)
    chosen = plan.choose(first, within) if within else None
    if chosen is not None and plan.places.at[chosen] > start:
        return plan.places.at[chosen]
    wanted = ends[first + within - 1] if 0 < within <= len(ends) - first else start + 1
    return whole_end(content, start, max(wanted, start + 1))


def _number_lines(content: bytes, cuts: list[tuple[int, int, int]], seams: Mapping[int, Seam]) -> Iterator[Passage]:
    line = 1
    for start, end, tokens in cuts:
        inner = content.count(b"\n", start, end - 1)
        seam = seams.get(start)
        yield Passage(start, end, line, line + inner, tokens, seam is not None and seam.definition)
        line += inner + (content[end - 1 : end] == b"\n")
