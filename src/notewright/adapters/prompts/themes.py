"""The prompts of datasets: the tasks questions, answers and judge, which a theme has one folder of each of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from notewright.adapters.prompts.folder import SETTINGS, TEMPLATES, PromptFolder
from notewright.adapters.prompts.settings import STRICT, F, Kind, Line, PromptFile, build_prompt, kind_of, read_settings
from notewright.dataset.asking.theme import Theme
from notewright.prompting.prompt import Prompt

REPAIR = "repair.md.j2"

QuestionKind = Literal["what", "why", "how", "usage", "edge_case", "comparison"]
_SYSTEM, _USER = TEMPLATES


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsFile(PromptFile):
    """prompt.yaml of questions."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    schema: Literal["questions"]
    kinds: Annotated[Mapping[QuestionKind, Line], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersFile(PromptFile):
    """prompt.yaml of answers."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    schema: Literal["answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFile(PromptFile):
    """prompt.yaml of the judge."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    schema: Literal["verdict"]


QUESTIONS = kind_of("questions", QuestionsFile)
ANSWERS = kind_of("answers", AnswersFile)
JUDGE = kind_of("judge", JudgeFile)


def build_theme(questions: PromptFolder, answers: PromptFolder, judge: PromptFolder) -> Theme:
    """Return a theme. The system part is that of questions for all of it, so that an engine that has read it and a passage reads neither
    again. Raises `ConfigError` for a folder that is not as it should be, naming the file and the key."""
    system = questions.text(_SYSTEM).encode()
    return Theme(
        name=questions.path.name,
        questions=_prompt(QUESTIONS, questions, system, _USER),
        answer=_prompt(ANSWERS, answers, system, _USER),
        repair=_prompt(ANSWERS, answers, system, REPAIR),
        judge=_prompt(JUDGE, judge, system, _USER),
        kinds={str(kind): meaning for kind, meaning in read_settings(QUESTIONS, questions).kinds.items()},
    )


def _prompt(kind: Kind[F], folder: PromptFolder, system: bytes, user: str) -> Prompt:
    """Build one prompt of the files that its calls are made of: no other file is in its digest."""
    files = {SETTINGS: folder.text(SETTINGS).encode(), _SYSTEM: system, _USER: folder.text(user).encode()}
    used = PromptFolder(folder.path, files)
    return replace(build_prompt(kind, read_settings(kind, used), used), file=user.removesuffix(".md.j2"))
