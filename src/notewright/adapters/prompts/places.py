"""Where prompts are looked for: the user's folder, the checkout, notewright's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from platformdirs import user_config_path

from notewright.system.files import resolve_inside

_CHECKOUT = ".notewright/prompts"


def prompt_places(repository: Path | None) -> tuple[Path, ...]:
    """Return where prompts are looked for, the strongest first: the user's folder, the checkout, notewright's own. Raises `UsageError`
    where the checkout's folder is a link out of it."""
    checkout = (resolve_inside(repository, _CHECKOUT),) if repository else ()
    return (_user_place(), *checkout, _own_place())


def place_name(place: Path) -> str:
    """Say for people whose place it is: user, repository or notewright."""
    return {_user_place(): "user", _own_place(): "notewright"}.get(place, "repository")


def _user_place() -> Path:
    return user_config_path("notewright", appauthor=False) / "prompts"


@cache
def _own_place() -> Path:
    package = Path(__file__).parents[2]
    packaged = package / "_prompts"
    return packaged if packaged.is_dir() else package.parents[1] / "prompts"  # a source checkout keeps them beside src/
