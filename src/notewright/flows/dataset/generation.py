"""The generation that a configuration asks for: how each stage is done, and by which model."""

from __future__ import annotations

from collections.abc import Mapping

from notewright.adapters.dataset.store.values import Generation
from notewright.adapters.prompts.prompts import Prompts
from notewright.config.config import Config
from notewright.config.llm import Task
from notewright.dataset.asking.plan import StagePlan, plan_asking
from notewright.dataset.extraction import plan_extraction
from notewright.dataset.stages import StageWork
from notewright.dataset.tasks import Stage
from notewright.llm.engine import Engine

# Under which name the configuration knows what is asked at a stage
_TASKS: Mapping[Stage, Task] = {"questions": "questions", "answer": "answers", "repair": "answers", "judge": "judge"}


def plan_generation(config: Config, prompts: Prompts, engine: Engine | None, cutter: str) -> tuple[Generation, Mapping[Stage, StageWork]]:
    """Return the generation and how its stages are done: those that ask `engine`, else the one that asks nobody. `cutter` is the digest of
    what the passages are cut by. Raises `ConfigError` for a theme that is not as it should be."""
    plans: Mapping[Stage, StagePlan] = _asked(config, prompts, engine) if engine else {"extract": plan_extraction()}
    variants = tuple(plan.variant for plan in plans.values())
    return Generation(variants, cutter), {stage: plan.work for stage, plan in plans.items()}


def _asked(config: Config, prompts: Prompts, engine: Engine) -> Mapping[Stage, StagePlan]:
    dataset = config.dataset
    return plan_asking(
        prompts.theme(dataset.theme),
        engine.identity(),
        questions=dataset.questions_per_passage,
        kinds=dataset.question_types,
        judge=dataset.judge,
        settings={stage: _settings(config, stage) for stage in _TASKS},
    )


def _settings(config: Config, stage: Stage) -> dict[str, object]:
    """Return what a stage's replies depend on beside the prompt and the model."""
    llm, task = config.llm, config.task(_TASKS[stage])
    small = {"small": llm.small_model_name, "begins": task.model} if llm.small_model_name else {}
    return {
        "context": llm.context_window,
        "tokens": llm.default_max_tokens if task.max_tokens is None else task.max_tokens,
        "temperature": llm.temperature if task.temperature is None else task.temperature,
        "seed": llm.seed if task.seed is None else task.seed,
        **small,
    }
