"""What an import of another tool's configuration came to: settings of ours, and what none of them says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_SHORT = 60


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of ours below `changelog`, its value, and what it came from."""

    key: str
    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Left:
    """What was not carried over: git-cliff's key, why, and what comes nearest ("": nothing)."""

    key: str
    reason: str
    nearest: str = ""


@dataclass(slots=True)
class Carried:
    """What an import came to, in the order found: settings, what was left, and what holds without a setting."""

    settings: list[Setting] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    same: list[Left] = field(default_factory=list)

    def set(self, key: str, value: object, origin: str) -> None:
        """Set a key, unless something before it did."""
        if all(setting.key != key for setting in self.settings):
            self.settings.append(Setting(key, value, origin))

    def leave(self, key: str, reason: str, nearest: str = "") -> None:
        """List what is not carried over."""
        self.left.append(Left(key, reason, nearest))

    def keep(self, key: str, reason: str) -> None:
        """Note what holds anyway."""
        self.same.append(Left(key, reason))

    def value(self, key: str, default: object) -> Any:  # noqa: ANN401  # a value of ours, as set
        """Return what a key was set to."""
        return next((setting.value for setting in self.settings if setting.key == key), default)


def short(value: object) -> str:
    """Show a value on one short line."""
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
