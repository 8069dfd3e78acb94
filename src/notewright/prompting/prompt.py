"""Prompts: templates, the settings they were tuned for, and how they become messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notewright.errors import ConfigError
from notewright.prompting.request import Message, Messages

MOST_ITEMS = 12  # more in one call, and small models begin to mix them up
SYSTEM_TOKENS = 250  # a longer system part is followed less well, and read again in every call
CALL_TOKENS = 2_000
REPLY_TOKENS = 100_000
FIXED = "fixed"  # the replies of a prompt that no model is asked by


@dataclass(frozen=True, slots=True)
class Budget:
    """What a call may take in tokens: the system part and the call as a whole, which `notewright prompts check` counts, and the reply,
    which the engine is held to."""

    system_tokens: int = SYSTEM_TOKENS
    call_tokens: int = CALL_TOKENS
    reply_tokens: int = REPLY_TOKENS


@dataclass(frozen=True, slots=True)
class Prompt:
    """One folder of prompts, resolved once. `digest` covers all its files; `place` says where it was found, for people. `schema` names
    the replies. At most `items_per_call` items go into a call, and a text of the reply has at most `text_characters`. `lead` is the
    template of a last call, which sums up what came of the others; empty where there is none. `file` is the name of the one in `user`."""

    task: str
    name: str
    version: int
    schema: str
    items_per_call: int
    text_characters: int
    budget: Budget
    system: str
    user: str
    digest: str
    place: str
    lead: str = ""
    file: str = "user"

    @property
    def is_asked(self) -> bool:
        """Whether a model is ever asked by it."""
        return self.schema != FIXED

    def messages(self, variables: Mapping[str, object]) -> Messages:
        """Fill in both templates; the system message first. Texts of others in `variables` are data: they are never read as a template.
        Raises `ConfigError` for a broken template, a name that is not there, or reaching for what the sandbox forbids."""
        return (
            Message("system", self._filled("system", self.system, variables)),
            Message("user", self._filled(self.file, self.user, variables)),
        )

    def lead_messages(self, variables: Mapping[str, object]) -> Messages:
        """Fill in the last call as `messages` does the others; it begins with the same system message."""
        return (
            Message("system", self._filled("system", self.system, variables)),
            Message("user", self._filled("lead", self.lead, variables)),
        )

    def _filled(self, name: str, template: str, variables: Mapping[str, object]) -> str:
        try:
            return _compiled(template).render(variables).strip()
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise ConfigError(
                f"the template {name}.md.j2 of the prompt {self.task}/{self.name} ({self.place}) fails: {str(error)[:200]}",
                hint="compare it with the one that comes with notewright",
            ) from error


@lru_cache(maxsize=64)  # compiling takes a millisecond, and a dataset asks a million times
def _compiled(template: str) -> Template:
    return _environment().from_string(template)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    # A checkout may bring its own templates, so they run in the sandbox; their output is no HTML, so nothing is escaped
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
