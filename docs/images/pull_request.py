"""Draw docs/images/pull-request.png: the body of a demonstration release, rendered as GitHub would, in real Chromium.

    python docs/images/pull_request.py [--chromium PATH]

The commits are invented; everything else, from reading them to the body, is what notewright does with them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

HERE = Path(__file__).parent
URL = "https://github.com/acme/app"
PEOPLE = ("Ada Example", "Chidi Placeholder", "Fumi Fixture")
RELEASED = ("feat: first release", "v1.3.2")
COMMITS = (
    "feat(auth): add passkey login (#412)",
    "chore(ci): cache wheels",
    "feat(export): write Parquet with `--format parquet` (#398)",
    "fix(cli): end an empty range with exit code 0 (#420)\n\nAn empty range ended in a traceback.\n\nCloses #425",
    "perf(parser): read a full history in 0.9 s instead of 3.5 s (#417)",
    "build(deps): bump httpx from 0.27.2 to 0.28.1 (#419)",
    "refactor(core): split the reader",
    "feat(config)!: read `NOTEWRIGHT_TOKEN` only (#431)\n\nBREAKING CHANGE: `GH_TOKEN` is ignored; set `NOTEWRIGHT_TOKEN`.",
    "Improve startup",
    "fix(export): keep the time zone of dates (#428)",
    "test: cover the export",
)


def main() -> None:
    """Make the demonstration release and its picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    chromium = parser.parse_args().chromium
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = prepare_release(folder)
        (folder / "page.html").write_text(page(body), encoding="utf-8")
        subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run",
             f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars", "--window-size=972,1480",
             f"--screenshot={HERE / 'pull-request.png'}", (folder / "page.html").as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip


def prepare_release(folder: Path) -> str:
    """Make the repository, prepare its release and return the pull request's body."""
    repository = folder / "app"
    git(repository.parent, "init", "--quiet", "--initial-branch=main", str(repository))
    (repository / "notewright.yaml").write_text("notes: {audiences: [developer, executive]}\n")
    git(repository, "add", ".")
    commit(repository, RELEASED[0], 0)
    git(repository, "tag", RELEASED[1])
    for number, message in enumerate(COMMITS, start=1):
        commit(repository, message, number)
    metadata = {
        "schema": 1,
        "repository": "acme/app",
        "url": URL,
        "base": "main",
        "pull_requests": [],
        "logins": {},
        "newcomers": [PEOPLE[2]],
    }
    (folder / "metadata.json").write_text(json.dumps(metadata))
    environment = {**os.environ, "GITHUB_REPOSITORY": "acme/app", "GITHUB_TOKEN": ""}
    command = ["notewright", "release", "prepare", "--repo", str(repository), "--engine", "none", "--output", str(folder / "proposal")]
    subprocess.run([*command, "--metadata", str(folder / "metadata.json")], check=True, env=environment)
    return (folder / "proposal" / "body.md").read_text(encoding="utf-8")


def commit(repository: Path, message: str, number: int) -> None:
    """Commit nothing but a message, by one of the invented people, at a fixed moment."""
    name, at = PEOPLE[number % len(PEOPLE)], f"2026-11-{10 + number:02}T12:00:00Z"
    values = {"NAME": name, "EMAIL": "p@example.org", "DATE": at}
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in values.items()}
    command = ["git", "-C", str(repository), "commit", "--quiet", "--allow-empty", "-m", message]
    subprocess.run(command, check=True, env={**os.environ, **who})


def git(directory: Path, *arguments: str) -> None:
    """Run git."""
    subprocess.run(["git", "-C", str(directory), *arguments], check=True)


def page(body: str) -> str:
    """Render Markdown as GitHub's looks: tables, task lists, <details>."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    html = html.replace("<li>[ ] ", '<li class="task"><input type="checkbox"> ')
    style = (HERE / "github.css").read_text(encoding="utf-8")
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style>{html}'


if __name__ == "__main__":
    main()
