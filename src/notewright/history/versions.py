"""Versions: read from tag names, ordered, and the next one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["major", "minor", "patch"]
# A word sorts above a number (Semantic Versioning 2.0.0, 11.4.3): (1, 0, "rc"), (0, 2, "").
_Identifier = tuple[int, int, str]

_NUMBER = r"(?:0|[1-9][0-9]*)"
_WORD = r"[0-9]*[A-Za-z-][0-9A-Za-z-]*"
_DOTTED = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_SEMVER = re.compile(
    rf"(?P<numbers>{_NUMBER}\.{_NUMBER}\.{_NUMBER})(?:-(?P<pre>(?:{_NUMBER}|{_WORD})(?:\.(?:{_NUMBER}|{_WORD}))*))?(?:\+(?P<build>{_DOTTED}))?"
)
_PEP440 = re.compile(
    r"(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)(?:[-_.]?([0-9]+))?)?"
    r"(?:-([0-9]+)|[-_.]?(post|rev|r)(?:[-_.]?([0-9]+))?)?"
    r"(?:[-_.]?(dev)(?:[-_.]?([0-9]+))?)?"
    r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE | re.ASCII,
)
# An x in place of a number ("7.x", "7.x-dev") names a line of releases, not one.
_LOOSE = re.compile(
    r"(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?!\.[xX](?![0-9A-Za-z]))"
    rf"(?:(?:[-._]?(?=[A-Za-z])|-)(?P<pre>{_DOTTED}))?(?:\+(?P<build>{_DOTTED}))?"
)
_TOO_LONG_A_NUMBER = re.compile(r"[0-9]{31}")
_LONGEST = 250
_FINAL: tuple[_Identifier, ...] = ((2, 0, ""),)
_FINAL_WORDS = frozenset({"final", "ga", "release"})  # 4.1.0.Final
_PEP440_WORDS = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc", "preview": "rc"}


@dataclass(frozen=True, slots=True)
class Version:
    """A version as written, and what it says.

    `numbers` are those before any word, `epoch` is PEP 440's. `label` is the word of a pre-release in lower case ("rc", "dev"; "" for
    1.0.0-1), None for a final release or a post-release; `count` is the number after it, 0 where it has none.
    """

    text: str
    epoch: int
    numbers: tuple[int, ...]
    label: str | None
    count: int
    rank: tuple[object, ...] = field(repr=False, compare=False)

    @property
    def is_prerelease(self) -> bool:
        """Whether it comes before a release."""
        return self.label is not None

    @property
    def core(self) -> tuple[object, ...]:
        """What versions of one release have in common: the epoch, and the numbers without zeros at their end."""
        return self.rank[:2]

    def key(self) -> tuple[object, ...]:
        """Sort key, total over all texts: equal versions ("1.0", "1.0.0") go by their text."""
        return self.rank

    def bumped(self, level: Level, *, width: int = 3) -> Version:
        """The final version that follows: a pre-release goes on to the release of its own numbers. It has three numbers; zeros at its end
        go, down to `width` numbers. An epoch stays, a fourth number and everything after the numbers goes."""
        major, minor, patch = (*self.numbers, 0, 0, 0)[:3]
        if self.is_prerelease and (own := self._final((major, minor, patch), width)).rank > self.rank:
            return own
        moved = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}
        return self._final(moved[level], width)

    def _final(self, numbers: tuple[int, ...], width: int) -> Version:
        while len(numbers) > width and not numbers[-1]:
            numbers = numbers[:-1]
        text = f"{self.epoch}!" * bool(self.epoch) + ".".join(map(str, numbers))
        return _version(text, self.epoch, numbers, pre=_FINAL)


def parse_version(text: str) -> Version | None:
    """Read a version; None if the text is none ("7.x", "nightly").

    A text that Semantic Versioning 2.0.0 reads is read so, another one as PEP 440 does, and what neither reads ("1.2-next.1", "4.1.0.CR1")
    as numbers with a pre-release. Where both read a text, Semantic Versioning has it, save for what nobody means otherwise:

    - 1.0.0-1 is a pre-release (PEP 440: post-release 1), and 1.0.0-dev.1 comes after 1.0.0-alpha.1 (PEP 440: before it);
    - a word that ends in digits compares by their number, and words compare without case, as in PEP 440: beta < RC, rc9 < rc10;
    - post is a post-release, as in PEP 440; final, ga and release name the release itself;
    - build metadata orders as PEP 440's local version, since releases need a total order: 1.0.0 < 1.0.0+2 < 1.0.0+10.

    One order holds for both: a1 and alpha.1, rc1 and rc.1 stand in the same place.
    """
    if len(text) > _LONGEST or _TOO_LONG_A_NUMBER.search(text):
        return None
    semver = _SEMVER.fullmatch(text)
    if semver and not (semver["pre"] or "").lower().startswith("post"):
        return _from_identifiers(text, semver)
    if pep440 := _PEP440.fullmatch(text):
        return _from_pep440(text, pep440)
    loose = semver or _LOOSE.fullmatch(text)
    return _from_identifiers(text, loose) if loose else None


def parse_tag(name: str, form: str) -> Version | None:
    """Read the version out of a tag name of the configured form ("v{version}", "core-v{version}"); None if it has another. Only where a
    form is no more than the version and perhaps a v before it, that v is optional."""
    prefix, _, suffix = form.partition("{version}")
    if prefix in ("", "v"):
        name, prefix = name.removeprefix("v"), ""
    if len(name) <= len(prefix) + len(suffix) or not name.startswith(prefix) or not name.endswith(suffix):
        return None
    return parse_version(name[len(prefix) : len(name) - len(suffix)])


def is_semver(text: str) -> bool:
    """Return whether Semantic Versioning 2.0.0 allows a text."""
    return _SEMVER.fullmatch(text) is not None


def is_pep440(text: str) -> bool:
    """Return whether PEP 440 allows a text."""
    return _PEP440.fullmatch(text) is not None


def _from_identifiers(text: str, match: re.Match[str]) -> Version:
    suffix = match["pre"] or ""
    pre = _identifiers(suffix) if suffix and suffix.lower() not in _FINAL_WORDS else _FINAL
    return _version(text, 0, _numbers(match["numbers"]), pre=pre, local=match["build"])


def _from_pep440(text: str, match: re.Match[str]) -> Version:
    epoch, numbers, word, count, implicit, post_word, post, dev_word, dev, local = match.groups()
    pre = _FINAL
    if word:
        pre = ((1, 0, _PEP440_WORDS.get(word.lower(), word.lower())), (0, int(count or 0), ""))
    elif dev_word and not (post_word or implicit):
        pre = ()
    return _version(
        text,
        int(epoch or 0),
        _numbers(numbers),
        pre=pre,
        post=int(implicit or post or 0) if implicit or post_word else -1,
        dev=int(dev or 0) if dev_word else math.inf,
        local=local,
    )


def _version(
    text: str, epoch: int, numbers: tuple[int, ...], *, pre: tuple[_Identifier, ...],
    post: int = -1, dev: float = math.inf, local: str | None = None,
) -> Version:  # fmt: skip
    """Build a version with its place in the order: that of PEP 440, whose pre-release part is Semantic Versioning's."""
    trimmed = numbers
    while trimmed and not trimmed[-1]:
        trimmed = trimmed[:-1]
    label, count = _label(pre)
    if label is None and dev != math.inf:
        label, count = "dev", int(dev)
    return Version(text, epoch, numbers, label, count, (epoch, trimmed, pre, post, dev, _local(local), text))


def _label(pre: tuple[_Identifier, ...]) -> tuple[str | None, int]:
    """Return the words that a pre-release begins with, and the number after them."""
    if pre in (_FINAL, ()):
        return None, 0
    words = next((place for place, (kind, _, _) in enumerate(pre) if kind == 0), len(pre))
    return ".".join(word for _, _, word in pre[:words]), pre[words][1] if words < len(pre) else 0


def _identifiers(suffix: str) -> tuple[_Identifier, ...]:
    found: list[_Identifier] = []
    for part in suffix.lower().split("."):
        word = part.rstrip("0123456789")
        digits = part[len(word) :]
        if word:
            found.append((1, 0, (word.rstrip("-") if digits else word) or word))
        if digits:
            found.append((0, int(digits), ""))
    return tuple(found)


def _local(text: str | None) -> tuple[tuple[int, str], ...]:
    """Local versions and build metadata: none comes first, and a word before any number (PEP 440)."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[-_.]", text.lower())) if text else ()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))
