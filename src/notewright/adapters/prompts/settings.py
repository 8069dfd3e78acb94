"""prompt.yaml: what every task's has, and how one is read and checked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from notewright.adapters.prompts.folder import LEAD, SETTINGS, TEMPLATES, PromptFolder
from notewright.adapters.strict_yaml import parse_values
from notewright.errors import ConfigError
from notewright.prompting.prompt import CALL_TOKENS, FIXED, MOST_ITEMS, REPLY_TOKENS, SYSTEM_TOKENS, Budget, Prompt

STRICT = ConfigDict(extra="forbid", strict=True)
_FEWEST_CHARACTERS = 40
Line = Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """How a model is asked: `model` in prompt.yaml."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    items_per_call: Annotated[int, Field(ge=1, le=MOST_ITEMS)]
    text_characters: Annotated[int, Field(ge=_FEWEST_CHARACTERS, le=2_000)]


@dataclass(frozen=True, slots=True)
class BudgetFile:
    """What a call may take, in tokens of the model: `budget` in prompt.yaml."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    system_tokens: Annotated[int, Field(ge=1, le=SYSTEM_TOKENS)] = SYSTEM_TOKENS
    call_tokens: Annotated[int, Field(ge=1, le=REPLY_TOKENS)] = CALL_TOKENS
    reply_tokens: Annotated[int, Field(ge=1, le=REPLY_TOKENS)] = REPLY_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFile:
    """prompt.yaml of any task. A task's own adds what it needs, and says which replies `schema` may name; `model` must be there for all but
    `fixed` ones."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    version: Annotated[int, Field(ge=1)]
    schema: Line
    model: ModelFile | None = None
    budget: BudgetFile = field(default_factory=BudgetFile)


F = TypeVar("F", bound=PromptFile)


@dataclass(frozen=True, slots=True)
class Kind(Generic[F]):
    """A task's prompt.yaml, and every key that may stand in it."""

    task: str
    adapter: TypeAdapter[F]
    keys: frozenset[str]


def kind_of(task: str, file: type[F], *parts: type) -> Kind[F]:
    """Return the kind that reads `file`, which holds `parts` beside what all have."""
    keys = {one.name for part in (file, ModelFile, BudgetFile, *parts) for one in fields(part)}
    return Kind(task, TypeAdapter(file), frozenset(keys))


def read_settings(kind: Kind[F], folder: PromptFolder) -> F:
    """Read a folder's prompt.yaml. Raises `ConfigError` naming the file and every wrong key."""
    path = folder.path / SETTINGS
    values = parse_values(path, folder.text(SETTINGS))
    try:
        return kind.adapter.validate_json(values)
    except ValidationError as error:
        problems = "; ".join(_problem(details, kind.keys) for details in error.errors(include_url=False)[:5])
        raise ConfigError(f"{path}: {problems}", hint="compare it with a prompt.yaml that comes with notewright") from error


def build_prompt(kind: Kind[F], settings: F, folder: PromptFolder) -> Prompt:
    """Return what a model is asked by. Raises `ConfigError` for a template that is not there, and where `model` is not."""
    asked, model = settings.schema != FIXED, settings.model or ModelFile(1, _FEWEST_CHARACTERS)
    if asked and settings.model is None:
        raise ConfigError(f"{folder.path / SETTINGS} has no model", hint="give model.items_per_call and model.text_characters")
    system, user = (folder.text(name) if asked else "" for name in TEMPLATES)
    budget = Budget(settings.budget.system_tokens, settings.budget.call_tokens, settings.budget.reply_tokens)
    return Prompt(
        task=kind.task,
        name=folder.path.name,
        version=settings.version,
        schema=settings.schema,
        items_per_call=model.items_per_call,
        text_characters=model.text_characters,
        budget=budget,
        system=system,
        user=user,
        digest=folder.digest,
        place=str(folder.path),
        lead=folder.text(LEAD) if asked and LEAD in folder.files else "",
    )


def _problem(details: Mapping[str, Any], known: frozenset[str]) -> str:
    name = ".".join(str(part) for part in details["loc"]) or "the file"
    if details["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        near = difflib.get_close_matches(str(details["loc"][-1]), sorted(known), n=1)
        return f"unknown key {name}" + (f", did you mean {near[0]}?" if near else "")
    return f"{name}: {details['msg'][:1].lower()}{details['msg'][1:]}"
