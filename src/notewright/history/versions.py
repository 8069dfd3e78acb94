"""Versions: read from tag names, ordered, and the next one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Level = Literal["major", "minor", "patch"]

# Semantic Versioning 2.0.0, and beside it what older and PEP 440 tags look like: "0.1", "1.0rc1", "2.0.post1". An x in
# place of a number ("7.x", "7.x-dev") names a line of releases, not one.
_VERSION = re.compile(
    r"([0-9]+(?:\.[0-9]+)*)(?!\.[xX](?![0-9A-Za-z]))(?:[-._]?([A-Za-z][0-9A-Za-z.-]*)|-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?"
)
_PART = re.compile(r"[0-9]+|[A-Za-z]+")
_MAX_DIGITS = 30
_WORDS = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc", "preview": "rc"}


@dataclass(frozen=True, slots=True)
class Version:
    """A version as written, and the numbers and words it is compared by."""

    text: str
    numbers: tuple[int, ...]
    suffix: str = ""

    @property
    def is_prerelease(self) -> bool:
        """Whether it comes before the release of the same numbers."""
        return bool(self.suffix) and not self.suffix.lower().startswith("post")

    def key(self) -> tuple[object, ...]:
        """Sort key: numbers, then dev and pre-releases, then the release, then post-releases."""
        numbers = self.numbers
        while numbers and numbers[-1] == 0:
            numbers = numbers[:-1]
        words = tuple((0, int(part), "") if part.isdigit() else (1, 0, _word(part)) for part in _PART.findall(self.suffix))
        stage = 0 if self.suffix.lower().startswith("dev") else 1 if self.is_prerelease else 3 if self.suffix else 2
        return (numbers, stage, words, self.text)

    def bumped(self, level: Level) -> Version:
        """The next version; a pre-release goes on to the release of its own numbers."""
        major, minor, patch = (*self.numbers, 0, 0, 0)[:3]
        if self.is_prerelease:
            pass
        elif level == "major":
            major, minor, patch = major + 1, 0, 0
        elif level == "minor":
            minor, patch = minor + 1, 0
        else:
            patch += 1
        return Version(f"{major}.{minor}.{patch}", (major, minor, patch))


def parse_version(text: str) -> Version | None:
    """Read a version; None if the text is none ("7.x", "nightly")."""
    match = _VERSION.fullmatch(text)
    if not match or max(map(len, re.findall(r"[0-9]+", text))) > _MAX_DIGITS:
        return None
    return Version(text, tuple(int(number) for number in match[1].split(".")), match[2] or match[3] or "")


def parse_tag(name: str, form: str) -> Version | None:
    """Read the version out of a tag name of the configured form ("v{version}"); a lone v before it is optional."""
    prefix, _, suffix = form.partition("{version}")
    if prefix in ("", "v"):
        name, prefix = name.removeprefix("v"), ""
    if not name.startswith(prefix) or not name.endswith(suffix):
        return None
    return parse_version(name.removeprefix(prefix).removesuffix(suffix) if suffix else name.removeprefix(prefix))


def _word(part: str) -> str:
    return _WORDS.get(part.lower(), part.lower())
