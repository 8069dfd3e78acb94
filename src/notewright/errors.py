"""Every way to fail: message, hint, exit code.

NotewrightError
├── UsageError        2   the command line asks for something impossible
├── ConfigError       3   notewright.yaml, the environment or a prompt folder is wrong
├── RepositoryError   4   git, the history or the work tree is not what is needed
├── ModelError        5   no engine, or an engine that fails
├── GitHubError       6   GitHub or its git server refuses or fails
├── StorageError      7   a disk, a file or a database cannot be read or written
├── CheckFailed       1   a check did its work and says no
└── Cancelled       130   a person or a signal stopped the run

Caught once in `cli` and once in `action`; everything else lets it pass.
"""

from __future__ import annotations


class NotewrightError(Exception):
    """A failure of the world, told to a person: `message` says what failed and on what, `hint` what to do."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CheckFailed(NotewrightError):
    """A check did its work and says no."""

    exit_code = 1


class UsageError(NotewrightError):
    """The command line asks for something impossible."""

    exit_code = 2


class ConfigError(NotewrightError):
    """notewright.yaml, the environment or a prompt folder is wrong."""

    exit_code = 3


class RepositoryError(NotewrightError):
    """git, the history or the work tree is not what is needed."""

    exit_code = 4


class ModelError(NotewrightError):
    """No engine, or an engine that fails."""

    exit_code = 5


class GitHubError(NotewrightError):
    """GitHub or its git server refuses or fails."""

    exit_code = 6


class StorageError(NotewrightError):
    """A disk, a file or a database cannot be read or written."""

    exit_code = 7


class Cancelled(NotewrightError):
    """A person or a signal stopped the run."""

    exit_code = 130
