"""Which model of an Ollama server answers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from notewright.errors import ModelError
from notewright.llm.engines.ollama.models import Facts, OllamaModel, installed, is_cloud, read_facts
from notewright.llm.wire.connection import Connection

_MOST_NAMED = 5


def choose_model(connection: Connection, name: str, *, allow_remote: bool, timeout_s: float) -> tuple[OllamaModel, Facts]:
    """Return the model of this name, or the first that can chat for "". Raises `ModelError` where there is none, or where another
    machine would run it and the user does not allow that."""
    check_local(name, remote=False, allow_remote=allow_remote)
    models = installed(connection, timeout_s=timeout_s)
    candidates = [find_model(models, name, url=connection.url)] if name else [one for one in models if allow_remote or not one.remote]
    for model in candidates:
        check_local(model.name, remote=model.remote, allow_remote=allow_remote)
        facts = read_facts(connection, model.name, timeout_s=timeout_s)
        if "completion" in facts.capabilities:
            check_local(model.name, remote=facts.remote, allow_remote=allow_remote)
            return model, facts
    which = f"the model {name} of" if name else "no model of"
    raise ModelError(f"{which} Ollama at {connection.url} can chat", hint="notewright models pull ollama:NAME")


def find_model(models: Iterable[OllamaModel], name: str, *, url: str) -> OllamaModel:
    """Return the model of this name; a name without a tag means "latest". Raises `ModelError` that names near ones."""
    wanted = (name if ":" in name.rpartition("/")[2] else f"{name}:latest").lower()
    by_name = {model.name.lower(): model for model in models}
    if found := by_name.get(wanted):
        return found
    there = difflib.get_close_matches(wanted, by_name, n=_MOST_NAMED, cutoff=0.5) or sorted(by_name)[:_MOST_NAMED]
    has = ", ".join(by_name[one].name for one in there) or "none at all"
    raise ModelError(f"Ollama at {url} has no model {name}; it has {has}", hint=f"notewright models pull ollama:{name}")


def check_local(name: str, *, remote: bool, allow_remote: bool) -> None:
    """Raise `ModelError` for a model that another machine runs, unless the user allows that."""
    if (remote or is_cloud(name)) and not allow_remote:
        raise ModelError(
            f"{name} does not run here but in Ollama's cloud, and would be sent every prompt",
            hint="nothing leaves the machine unless llm.allow_remote is set to true",
        )
