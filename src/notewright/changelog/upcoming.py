"""The next version: what the changes since the last release call for, and the commit that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notewright.changelog.classification import classify
from notewright.changelog.rules import Rules
from notewright.history.changes import Change
from notewright.history.versions import Level, Version, parse_version

_LEVELS: tuple[Level, ...] = ("patch", "minor", "major")


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


def next_version(previous: Version | None, changes: Sequence[Change], rules: Rules) -> NextVersion | None:
    """Decide by the strongest shown change (newest first; the oldest of equal strength decides). None if nothing shows.

    Breaking moves major (minor while major is 0, Semantic Versioning 2.0.0 rule 4), a feature minor, all else patch.
    """
    shown = [change for change in changes if classify(change, rules).outcome == "shown"]
    if not shown:
        return None
    if previous is None:
        return NextVersion(rules.initial_version, tag_name(rules.initial_version, rules), None, "", "")
    deciding = max(reversed(shown), key=_strength)
    level: Level = _LEVELS[_strength(deciding)]
    if level == "major" and previous.numbers[0] == 0:
        level = "minor"
    version = previous.bumped(level).text
    return NextVersion(version, tag_name(version, rules), level, deciding.sha, deciding.message.header)


def given_version(text: str, rules: Rules) -> NextVersion:
    """Take the version a person asks for. Raises `ValueError` if it is none."""
    version = parse_version(text.removeprefix("v"))
    if version is None:
        raise ValueError(f"{text!r} is not a version")
    return NextVersion(version.text, tag_name(version.text, rules), None, "", "")


def tag_name(version: str, rules: Rules) -> str:
    """Return the tag of a version in the configured form."""
    return rules.tag.replace("{version}", version)


def _strength(change: Change) -> int:
    return 2 if change.message.breaking else int((change.message.type or "").lower() == "feat")
