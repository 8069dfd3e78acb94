"""Repositories to measure on: recorded histories, and a generated monorepo that is the same on every machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

RECORDED = ("git-cliff", "flask", "poetry", "vue-core", "angular-cli")
COMPONENTS = tuple(f"part-{number:02}" for number in range(20))
_COMMITS = 5000
_TAG_EVERY = 25  # commits, one component after another
_FIRST_S = 1_600_000_000
_SUBJECTS = (
    "feat({}): add option {}",
    "fix({}): mend case {}",
    "chore({}): tidy {}",
    "docs({}): explain {}",
    "Rework {} {}",
    "feat({})!: drop {}",
)
_WEIGHTS = (30, 40, 15, 8, 6, 1)


def replay(name: str, *, shared: Path, target: Path) -> Path | None:
    """Return the repository of a recorded history below `target`, built there if it is not yet; None without its recording."""
    recording = shared / "data" / "history" / f"{name}.jsonl.gz"
    if not (target / name).is_dir():
        if not recording.is_file():
            return None
        subprocess.run([sys.executable, shared / "tools" / "replay-history", recording, target / name], check=True, timeout=600)
    return target / name


def monorepo(target: Path) -> Path:
    """Return a repository of 20 components and 5,000 commits, built in `target` if it is not there: a component's files are in
    packages/NAME, its tags are NAME-v1.2.0; one commit in ten touches two components, one in twenty the root."""
    if not target.is_dir():
        target.mkdir(parents=True)
        subprocess.run(["git", "init", "--quiet", "--template=", "--initial-branch=main", target], check=True)
        stream = "".join(_commits(Random(20))).encode()
        subprocess.run(["git", "-C", target, "fast-import", "--quiet"], input=stream, check=True)
        (target / "notewright.yaml").write_text(_configuration())
    return target


def newest_tags(repository: Path) -> tuple[str, str]:
    """Return the newest tag that HEAD reaches and the one before it."""

    def described(revision: str) -> str:
        return subprocess.check_output(["git", "-C", repository, "describe", "--tags", "--abbrev=0", revision], text=True).strip()

    newest = described("HEAD")
    return newest, described(f"{newest}^")


def count_commits(repository: Path) -> int:
    """Return how many commits HEAD reaches."""
    return int(subprocess.check_output(["git", "-C", repository, "rev-list", "--count", "HEAD"]))


def _commits(random: Random) -> Iterator[str]:
    for number in range(1, _COMMITS + 1):
        component = random.choice(COMPONENTS)
        paths = [f"packages/{component}/src/file{random.randrange(9)}.py"]
        if number % 10 == 0:
            paths.append(f"packages/{random.choice(COMPONENTS)}/src/shared.py")
        elif number % 20 == 1:
            paths = [f"file{random.randrange(9)}.toml"]
        (subject,) = random.choices(_SUBJECTS, _WEIGHTS)
        message = f"{subject.format(component, number)} (#{number})\n"
        if number % 7 == 0:
            message += f"\nWhy this is so takes a few more words than fit above.\n\nCloses: #{number + 5000}\n"
        yield f"commit refs/heads/main\ncommitter Ada Lovelace <ada@example.org> {_FIRST_S + number * 600} +0000\n"
        yield f"data {len(message)}\n{message}"
        for path in paths:
            yield f"M 100644 inline {path}\ndata {len(str(number))}\n{number}\n"
        if number % _TAG_EVERY == 0:
            turn = number // _TAG_EVERY - 1
            tag = f"{COMPONENTS[turn % len(COMPONENTS)]}-v1.{turn // len(COMPONENTS)}.0"
            yield f"reset refs/tags/{tag}\nfrom refs/heads/main\n\n"


def _configuration() -> str:
    return "changelog:\n  components:\n" + "".join(f"    - {{name: {name}, path: packages/{name}}}\n" for name in COMPONENTS)
