"""The stages of one dataset: how each is done, and what its results depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notewright.dataset.asking.answers import AskAnswer, AskRepair
from notewright.dataset.asking.judging import AskJudge
from notewright.dataset.asking.questions import AskQuestions
from notewright.dataset.asking.theme import Asking, Theme, asking
from notewright.dataset.stages import StageWork
from notewright.dataset.tasks import Stage, Variant
from notewright.errors import ConfigError
from notewright.prompting.prompt import Prompt
from notewright.prompting.request import Identity
from notewright.rendering.canonical import canonical_json, digest


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How a stage is done, and the variant of it."""

    variant: Variant
    work: StageWork


def plan_asking(
    theme: Theme,
    model: Identity,
    *,
    questions: int,
    kinds: Sequence[str],
    judge: bool,
    settings: Mapping[Stage, Mapping[str, object]] | None = None,
) -> Mapping[Stage, StagePlan]:
    """Return the stages that ask a model, in their order. `settings` are those of the engine that a stage's replies depend on, such as
    its temperature.

    A variant changes with the files that its own calls are made of, with the weights of the model, and with what is set for that stage;
    nothing else does. With a judge, answers are another variant: who decides is another one. Raises `ConfigError` for a theme that has not
    what is asked for.
    """
    works: dict[Stage, tuple[StageWork, Asking, Mapping[str, object]]] = {}
    asked = asking("questions", theme.questions)
    meanings = _meanings(theme, questions, kinds)
    works["questions"] = (AskQuestions(asked, questions, meanings), asked, {"count": questions, "kinds": list(meanings)})
    answered, mended = asking("answers", theme.answer), asking("answers", theme.repair)
    works["answer"] = (AskAnswer(answered, judge), answered, {"judged": judge})
    works["repair"] = (AskRepair(mended, judge), mended, {"judged": judge})
    if judge:
        judged = asking("judge", theme.judge)
        works["judge"] = (AskJudge(judged), judged, {})
    set_for = settings or {}
    return {
        stage: StagePlan(_variant(stage, used.prompt, model, {**own, **set_for.get(stage, {})}), work)
        for stage, (work, used, own) in works.items()
    }


def _variant(stage: Stage, prompt: Prompt, model: Identity, settings: Mapping[str, object]) -> Variant:
    weights = model.digest or f"{model.engine}:{model.model}"  # where nobody knows the weights, their name has to do
    value = {"model": weights, "prompt": prompt.digest, "settings": dict(settings), "stage": stage}
    name = f"{prompt.task}/{prompt.name} {prompt.version} {prompt.digest}"
    return Variant(stage, digest(canonical_json(value)), prompt=name, model=f"{model.engine}:{model.model}")


def _meanings(theme: Theme, questions: int, kinds: Sequence[str]) -> Mapping[str, str]:
    if questions > theme.questions.items_per_call:
        raise ConfigError(
            f"the theme {theme.name} asks for at most {theme.questions.items_per_call} questions a passage, not {questions}",
            hint="lower dataset.questions_per_passage",
        )
    if unknown := [kind for kind in kinds if kind not in theme.kinds]:
        raise ConfigError(
            f"the theme {theme.name} does not say what questions of the kind {unknown[0]} are",
            hint=f"add it to kinds in its prompt.yaml, or leave it out of dataset.question_types; it has {', '.join(theme.kinds)}",
        )
    return {kind: theme.kinds[kind] for kind in dict.fromkeys(kinds)}
