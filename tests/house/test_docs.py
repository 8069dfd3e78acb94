"""docs/changelog.md against the code: every key with its default, every block a configuration, every flag one that exists."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from notewright.adapters.plain_yaml import read_mappings
from notewright.changelog.override_file import read_override
from notewright.cli.main import cli
from notewright.config.changelog import ChangelogConfig, ComponentConfig, TrackerConfig
from notewright.config.config import as_values
from notewright.config.release import ReleaseConfig, VersionFileConfig
from notewright.config.validation import validated

_ROOT = Path(__file__).resolve().parents[2]
PAGE = _ROOT / "docs" / "changelog.md"
PAGES = (PAGE, _ROOT / "docs" / "models.md", _ROOT / "README.md")
_TEXT = PAGE.read_text("utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| (`(.*?)`|required) \| \S", re.MULTILINE)


def blocks(language: str, text: str = _TEXT) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def keys_below(title: str) -> dict[str, object]:
    """Return the keys of a table below "Every key" with their defaults; what is required has none."""
    table = _TEXT.split("\n## Every key\n")[1].split(f"\n{title}", 1)[1].split("\nOf ", 1)[0]
    return {name: None if shown == "required" else yaml.safe_load(value) for name, shown, value in _ROW.findall(table)}


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of every command of ours that a text shows, in a console or in a line, up to what the shell does with its output."""
    shown = re.findall(r"^\$ (.*)$", text, re.MULTILINE) + re.findall(r"`(notewright [^`\n]*)`", text)
    for line in shown:
        for part in re.split(r"&&|\|", line):
            words = shlex.split(re.split(r" [<>] | >$", part)[0], comments=True)
            if words[:1] == ["notewright"]:
                yield words[1:]


@pytest.mark.parametrize(
    ("title", "section"),
    [
        pytest.param("Of `changelog:`", "changelog", id="changelog"),
        pytest.param("Of `release:`", "release", id="release"),
    ],
)
def test_the_page_lists_every_key_with_its_default(title: str, section: str) -> None:
    assert keys_below(title) == as_values(validated({}, "defaults"))[section]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        pytest.param("Of each of `components`", ComponentConfig, id="components"),
        pytest.param("Of each of `trackers`", TrackerConfig, id="trackers"),
    ],
)
def test_the_page_lists_every_key_of_what_a_list_holds(title: str, kind: type) -> None:
    assert list(keys_below(title)) == [one.name for one in dataclasses.fields(kind)]


@pytest.mark.parametrize("kind", [ChangelogConfig, ComponentConfig, TrackerConfig, VersionFileConfig, ReleaseConfig])
def test_every_key_is_explained_above_the_list_or_in_it(kind: type) -> None:
    unexplained = [one.name for one in dataclasses.fields(kind) if not re.search(rf"(?<!\w){one.name}(?!\w)", _TEXT)]
    assert unexplained == []


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.split("\n")[1].strip()[:30])
def test_every_block_of_the_page_is_understood(block: str) -> None:
    if block.startswith("- commit"):
        entries = read_mappings(block.encode(), "the page")
        assert not isinstance(entries, dict)
        assert all(read_override(fields, "the page").commit for fields in entries)
    else:
        config = validated(yaml.safe_load(block), "the page")
        config.links()
        config.rules()


def test_every_key_that_the_page_writes_with_a_value_is_understood() -> None:
    named = {one.name for kind in (ChangelogConfig, ReleaseConfig) for one in dataclasses.fields(kind)}
    ours = re.sub(r"`hidden: true`", "", _TEXT)  # release-please's and semantic-release's
    written = [one for one in re.findall(r"`(\w+: [^`]+)`", ours) if one.partition(":")[0] in named]
    assert written
    for one in written:
        validated({"changelog": yaml.safe_load(one)}, one)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_has_these_flags(page: Path) -> None:
    found = list(commands(page.read_text("utf-8")))
    assert found
    for words in found:
        assert unknown_words(words) == [], f"notewright {' '.join(words)}"


def unknown_words(words: list[str]) -> list[str]:
    """Return the commands and flags among `words` that the command line does not have."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        below = command.get_command(click.Context(command), rest[0])
        if below is None:
            break
        command = below
        rest.pop(0)
    known = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    is_command = isinstance(command, click.Group) and not command.invoke_without_command and rest and not rest[0].startswith("-")
    return [*(rest[:1] if is_command else ()), *(word for word in rest if word.startswith("--") and word not in known)]


def test_links_within_the_page_lead_somewhere() -> None:
    prose = re.sub(r"^```.*?^```$", "", _TEXT, flags=re.MULTILINE | re.DOTALL)
    anchors = {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", prose)) <= anchors
