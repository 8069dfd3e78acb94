"""Templates of sections: the repository's own, and those that come with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from notewright.changelog.layout.template import SectionTemplate, compile_template
from notewright.config.config import Config
from notewright.errors import ConfigError, UsageError
from notewright.system.files import read_bytes, resolve_inside

_HINT = "changelog.template is a path inside the repository, such as .notewright/changelog.md.j2; null takes the preset's layout"


def read_template(root: Path, config: Config) -> SectionTemplate | None:
    """Read the template that the configuration names from the work tree at `root`; None if it names none. Raises `ConfigError`."""
    name = config.changelog.template
    if name is None:
        return None
    try:
        content = read_bytes(resolve_inside(root, name))
    except UsageError as error:
        raise ConfigError(f"changelog.template: {error}", hint=_HINT) from error
    return given_template(name, content)


def given_template(name: str, content: bytes | None) -> SectionTemplate:
    """Compile a template as it was found, in the work tree or in a commit. Raises `ConfigError`, also where there was none."""
    if content is None:
        raise ConfigError(f"changelog.template: there is no file {name}", hint=_HINT)
    return compile_template(content, name)


def shipped_template(preset: str) -> bytes:
    """Return the template that gives what a preset gives: something to start from."""
    return (files("notewright.changelog.layout") / "templates" / f"{preset}.md.j2").read_bytes()
