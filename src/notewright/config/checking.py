"""What would fail, or silently do something else, only once a history is read or a model is asked."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Sequence

from notewright.changelog.layout.links import compile_tracker
from notewright.changelog.rules import Rules, Tracker
from notewright.changelog.upcoming import check_channel
from notewright.config.changelog import ChangelogConfig, ComponentConfig
from notewright.config.config import TRACKER_HINT
from notewright.config.llm import LlmConfig
from notewright.config.notes import NotesConfig
from notewright.errors import ConfigError
from notewright.history.versions import parse_version
from notewright.notes.language import is_language

_COMPONENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # it becomes part of a branch's name
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_TAG = 200  # characters; git keeps a tag in a file of its name, which file systems hold to 255 bytes
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2


def check_changelog(changelog: ChangelogConfig, source: str) -> None:
    """Refuse what would fail, or silently do something else, only once a history is read."""
    for number, one in enumerate(changelog.components):
        _check_component(one, f"{source}: changelog.components[{number}]", changelog.components[:number], changelog.components)
    _check_tag(changelog.tag, f"{source}: changelog.tag")
    _check_titles(changelog, source)
    for number, tracker in enumerate(changelog.trackers):
        try:  # what reads commits takes a tracker as given
            compile_tracker(Tracker(tracker.pattern, tracker.url))
        except ValueError as error:
            raise ConfigError(f"{source}: changelog.trackers[{number}].{error}", hint=TRACKER_HINT) from error
    if parse_version(changelog.initial_version) is None:
        raise ConfigError(
            f"{source}: changelog.initial_version: {changelog.initial_version!r} is not a version", hint="write it like 0.1.0"
        )
    try:
        check_channel(Rules(channel=changelog.channel, scheme=changelog.scheme))
    except ConfigError as error:
        raise ConfigError(f"{source}: {error.message}", hint=error.hint) from error


def check_llm(llm: LlmConfig, source: str) -> None:
    """Refuse a key that stands where the name of its variable belongs, and never repeat it: an error ends in a log that others read."""
    if llm.api_key_env is not None and not _VARIABLE.fullmatch(llm.api_key_env):
        raise ConfigError(
            f"{source}: llm.api_key_env is no name of an environment variable",
            hint="name the variable, such as NOTEWRIGHT_API_KEY; if the key itself stood there, replace it",
        )


def check_language(notes: NotesConfig, source: str) -> None:
    """Refuse what is no language's code: it stands in prompts, and notes that name it could not be read back."""
    if not is_language(notes.language):
        raise ConfigError(
            f"{source}: notes.language: {_SHORT.repr(notes.language)} is no language", hint="write a code such as en or pt-BR"
        )


def _check_component(one: ComponentConfig, key: str, before: Sequence[ComponentConfig], every: Sequence[ComponentConfig]) -> None:
    if not _COMPONENT_NAME.fullmatch(one.name) or one.name in (other.name for other in before):
        raise ConfigError(f"{key}.name: {one.name!r} is no name of its own", hint="use letters, digits, dots and hyphens")
    if one.path.startswith("/") or ".." in one.path.split("/"):
        raise ConfigError(f"{key}.path: {one.path!r} leads out of the repository", hint="name a folder such as packages/core")
    if one.name in one.depends:
        raise ConfigError(f"{key}.depends: {one.name!r} is the component itself", hint="take it out of the list")
    names = [other.name for other in every]
    if missing := [other for other in one.depends if other not in names]:
        raise ConfigError(f"{key}.depends: there is no component {missing[0]!r}", hint="name one of changelog.components")
    _check_tag(one.tag_form, f"{key}.tag")
    if same := [other.name for other in before if other.tag_form == one.tag_form]:
        hint = f"give each a form of its own, such as {one.name}-v{{version}}"
        raise ConfigError(f"{key}.tag: {_SHORT.repr(one.tag_form)} is the form of {same[0]!r} as well", hint=hint)


def _check_tag(form: str, key: str) -> None:
    if form.count("{version}") != 1:
        raise ConfigError(f"{key}: {_SHORT.repr(form)} has no place for a version", hint="write it like v{version}")
    if len(form) > _LONGEST_TAG:
        raise ConfigError(f"{key}: it has {len(form):,} characters, and {_LONGEST_TAG} are the most", hint="shorten it, like v{version}")


def _check_titles(changelog: ChangelogConfig, source: str) -> None:
    """A group without a title would send its changes to those that no rule places."""
    titles: dict[str, str | None] = {f"types.{name}": title for name, title in changelog.types.items()}
    titles |= {key: getattr(changelog, key) for key in ("breaking", "dependencies", "reverts", "other")}
    if blank := [key for key, title in titles.items() if title is not None and not title.strip()]:
        hides = "null hides them" if blank[0] == "dependencies" else "changelog.hidden leaves a type out"
        raise ConfigError(f"{source}: changelog.{blank[0]}: a title has to say something", hint=f"write one; {hides}")
