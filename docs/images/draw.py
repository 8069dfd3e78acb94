"""Draw pull-request.png, the body of a demonstration release as GitHub would show it, and audit.png, its page, in real Chromium.

    CHROMIUM=$(.ci/install-tool.sh chromium) .venv/bin/python -m docs.images.draw

The commits and what a model says of them are invented; everything else, from reading them to the page, is what notewright does with them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

from tests.parts.chromium import Chromium, find_chromium, run_chromium

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
# by what stands in the prompt: the second turn of the developers' notes, their first, and those for executives
SAID = (
    ("failed", [{"cites": [7], "text": "httpx moves to 0.28."}, {"cites": [8], "text": "Startup has been improved."}]),
    (
        "at most 25 words",
        [
            {"cites": [1], "text": "Only `NOTEWRIGHT_TOKEN` is read: `GH_TOKEN` is ignored, so set `NOTEWRIGHT_TOKEN`."},
            {"cites": [2], "text": "You can now sign in with a passkey."},
            {"cites": [3], "text": "Exports can be written as Parquet with `--format parquet`."},
            {"cites": [4], "text": "An empty range no longer fails and ends with exit code 0."},
            {"cites": [5], "text": "Dates keep their time zone in exports."},
            {"cites": [6], "text": "A full history is read in 0.9 s instead of 3.5 s."},
            {"cites": [7], "text": "httpx moves from 0.27.2 to 0.29.0."},
            {"cites": [8], "text": "Startup is twice as fast."},
        ],
    ),
    (
        "at most 35 words",
        [
            {
                "cites": [1],
                "text": "Access is now read from one setting only; the old one is ignored and has to be replaced before upgrading.",
            },
            {"cites": [2], "text": "Passkey login has been added."},
            {"cites": [3], "text": "Exports can be written as Parquet."},
            {"cites": [4], "text": "A full history is read in 0.9 s instead of 3.5 s."},
            {"cites": [5], "text": "An empty range no longer counts as a failure."},
            {"cites": [6], "text": "Exported dates keep their time zone."},
        ],
    ),
)


def main() -> None:
    """Make the demonstration release and its pictures."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("there is no Chromium: name one in CHROMIUM")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        proposal = prepare_release(folder)
        body = folder / "body.html"
        body.write_text(page((proposal / "body.md").read_text("utf-8")), "utf-8")
        with run_chromium(chromium, folder / "profile") as browser:
            draw(browser, body, HERE / "pull-request.png", width=972, height=1590)
            draw(browser, proposal / "audit.html", HERE / "audit.png", width=1280, height=1240)


def draw(browser: Chromium, shown: Path, picture: Path, *, width: int, height: int) -> None:
    """Save a picture of the upper part of a page."""
    browser.open(shown, width=width, height=height)
    browser.draw(picture, whole=False)


def prepare_release(folder: Path) -> Path:
    """Make the repository, prepare its release and return its folder."""
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
    script = folder / "demonstration"
    script.write_text("".join(json.dumps({"match": match, "reply": reply}) + "\n" for match, reply in SAID), "utf-8")
    command = [
        str(Path(sys.executable).with_name("notewright")),
        "release",
        "prepare",
        "--repo",
        str(repository),
        "--metadata",
        str(folder / "metadata.json"),
    ]
    environment = {**os.environ, "GITHUB_REPOSITORY": "acme/app", "GITHUB_TOKEN": ""}
    subprocess.run([*command, "--engine", f"scripted:{script}", "--output", str(folder / "proposal")], check=True, env=environment)
    return folder / "proposal"


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
