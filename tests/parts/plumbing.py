"""Plain git for the test parts: no user configuration, fixed people, any protocol."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

PERSON = "Ada Lovelace <ada@example.org>"


def run_git(directory: Path, *args: str, env: Mapping[str, str] | None = None, input_bytes: bytes | None = None) -> bytes:
    """Return stdout. Raises `subprocess.CalledProcessError`, whose note is git's own text, when git fails."""
    command = ["git", "-C", str(directory), *args]
    done = subprocess.run(command, env=git_environment(env), input=input_bytes or b"", capture_output=True, timeout=120, check=False)
    if done.returncode:
        error = subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        error.add_note(done.stderr.decode("utf-8", "replace"))
        raise error
    return done.stdout


def read_git(directory: Path, *args: str) -> str:
    """Return stdout as text without its last newline."""
    return run_git(directory, *args).decode("utf-8", "replace").removesuffix("\n")


def git_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a whole environment for git: nothing of the machine's configuration, everything else in `extra`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "TZ": "UTC",
        **people(PERSON, PERSON),
        **(extra or {}),
    }


def people(author: str, committer: str, *, at_s: int | None = None) -> dict[str, str]:
    """Return git's variables for two people given as `Name <email>`, and for a moment in seconds since 1970."""
    variables: dict[str, str] = {}
    for role, person in (("AUTHOR", author), ("COMMITTER", committer)):
        name, _, email = person.removesuffix(">").partition(" <")
        variables |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email}
        if at_s is not None:
            variables[f"GIT_{role}_DATE"] = f"{at_s} +0000"
    return variables
