"""The next version: what the changes since the last release call for, and the commit that decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from notewright.changelog.rules import Rules
from notewright.errors import ConfigError
from notewright.history.versions import Level, Version, parse_version

# no digit at the end of a word, since its number follows
_SEMVER_CHANNEL = re.compile(r"[A-Za-z](?:[0-9A-Za-z-]*[A-Za-z])?(?:\.[A-Za-z](?:[0-9A-Za-z-]*[A-Za-z])?)*")
_PEP440_CHANNELS = {"a": "a", "alpha": "a", "b": "b", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc", "rc": "rc", "dev": ".dev"}
_FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Decider:
    """A commit whose changes show, as far as it decides the next version; `type` is that of its header, if it has one."""

    sha: str
    subject: str
    breaking: bool
    type: str | None


@dataclass(frozen=True, slots=True)
class NextVersion:
    """The version to release, the part of it that moves (None for a first or a given version), and why: `sha` and
    `subject` name the deciding commit, empty where none decides."""

    version: str
    tag: str
    level: Level | None
    sha: str
    subject: str

    @property
    def reason(self) -> str:
        """One line for people, without line ends."""
        if not self.sha:
            return "first release" if self.level is None else self.level
        return f"{self.level}: {self.subject} ({self.sha[:7]})"


def next_version(released: Sequence[Version], deciding: Sequence[Decider], rules: Rules) -> NextVersion | None:
    """Decide by the strongest of `deciding`, what shows since the last final release, newest first; the oldest of equal strength decides.
    None if nothing does. `released` are the versions that lie before, in any order.

    - Breaking moves major, a feature minor, all else patch, counted from the last final release. While that is 0.x, a breaking change
      moves what `breaking_before_1` says and a feature what `features_before_1` says (Semantic Versioning 2.0.0, rule 4). A year in front
      (2026.1.0) is not moved: what would move it moves the second number.
    - A pre-release goes on to the release of its numbers, unless the changes call for a higher one; no version goes back.
    - `channel` rc makes that 1.3.0-rc.1, counting on from the pre-releases of the same numbers and word. One that would stand before
      what is released (beta after rc) belongs to the numbers after.
    - `scheme` pep440 writes 1.3.0rc1, and as few numbers as the last final release has: 1.2 is followed by 1.3, or by 1.2.1.

    Raises `ConfigError` for a channel that the scheme has no pre-release for.
    """
    if not deciding:
        return None
    if not released:
        first = _first(rules)
        return NextVersion(first, tag_name(first, rules), None, "", "")
    decider = max(reversed(deciding), key=_strength)
    highest = max(released, key=Version.key)
    final = max((version for version in released if not version.is_prerelease), key=Version.key, default=highest)
    level = _level(decider, final, rules)
    width = min(3, len(final.numbers)) if rules.scheme == "pep440" else 3
    target = max((version.bumped(level, width=width) for version in (final, highest)), key=Version.key)
    following = _on_channel(target, released, rules)
    if following.key() <= highest.key():
        following = _on_channel(target.bumped(level, width=width), released, rules)
    return NextVersion(following.text, tag_name(following.text, rules), level, decider.sha, decider.subject)


def given_version(text: str, rules: Rules) -> NextVersion:
    """Take the version a person asks for. Raises `ValueError` if it is none."""
    version = parse_version(text.removeprefix("v"))
    if version is None:
        raise ValueError(f"{text!r} is not a version")
    return NextVersion(version.text, tag_name(version.text, rules), None, "", "")


def check_channel(rules: Rules) -> None:
    """Raise the `ConfigError` of `next_version` for a channel that the scheme has no pre-release for, before a history is read."""
    any_version = parse_version("1.0.0")  # a word that can stand after one can stand after all
    if rules.channel is not None and any_version:
        _pre_release(any_version, rules, 1)


def tag_form(rules: Rules) -> str:
    """Return the form of the tags that these rules are about: the component's, else the repository's."""
    return rules.component.tag if rules.component else rules.tag


def tag_name(version: str, rules: Rules) -> str:
    """Return the tag of a version in the configured form."""
    return tag_form(rules).replace("{version}", version)


def _strength(decider: Decider) -> int:
    return 2 if decider.breaking else int((decider.type or "").lower() == "feat")


def _level(decider: Decider, final: Version, rules: Rules) -> Level:
    strength, first = _strength(decider), final.numbers[0]
    if first == 0 and not final.epoch:
        levels: tuple[Level, Level, Level] = ("patch", rules.features_before_1, rules.breaking_before_1)
        return levels[strength]
    return ("patch", "minor", "minor" if first >= _FIRST_YEAR else "major")[strength]


def _first(rules: Rules) -> str:
    """The first version is as configured, on the channel if it is final."""
    version = parse_version(rules.initial_version)
    if version is None:
        raise ValueError(f"{rules.initial_version!r} is not a version")
    return version.text if version.is_prerelease else _on_channel(version, (), rules).text


def _on_channel(target: Version, released: Sequence[Version], rules: Rules) -> Version:
    """Return the pre-release of `target` that the channel has next; `target` itself without a channel."""
    if rules.channel is None:
        return target
    before = [version.count for version in released if _same_series(version, _pre_release(target, rules, 1))]
    return _pre_release(target, rules, max(before, default=0) + 1)


def _same_series(version: Version, other: Version) -> bool:
    return version.label == other.label and version.core == other.core


def _pre_release(target: Version, rules: Rules, count: int) -> Version:
    channel = rules.channel or ""
    if rules.scheme == "pep440":
        word = _PEP440_CHANNELS.get(channel.lower())
        text = f"{target.text}{word}{count}" if word else ""
    else:
        text = f"{target.text}-{channel}.{count}" if _SEMVER_CHANNEL.fullmatch(channel) else ""
    version = parse_version(text)
    if version is None or not version.is_prerelease or version.count != count:
        raise ConfigError(
            f"changelog.channel: {channel!r} names no pre-release of {target.text} (changelog.scheme is {rules.scheme})",
            hint="alpha, beta, rc and dev do in either scheme; semver takes other words as well, such as next",
        )
    return version
