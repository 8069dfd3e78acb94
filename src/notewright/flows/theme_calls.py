"""What a model is asked by the prompts of datasets: about a made-up passage, or about a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from notewright.dataset.asking.answers import AskAnswer, AskRepair
from notewright.dataset.asking.example import ANSWER, FAULT, QUESTION, example_passage
from notewright.dataset.asking.given import Answered, Question, Refused, write_given
from notewright.dataset.asking.judging import AskJudge
from notewright.dataset.asking.questions import AskQuestions
from notewright.dataset.asking.theme import Task, Theme, asking
from notewright.dataset.passage import PassageText
from notewright.dataset.stages import StageWork
from notewright.errors import UsageError
from notewright.prompting.prompt import Prompt
from notewright.prompting.request import Request

_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class ThemeCalls:
    """What a model is asked by a theme's folder of one task."""

    task: Task
    theme: Theme

    @property
    def prompt(self) -> Prompt:
        """The prompt of the task's first call."""
        prompts: Mapping[Task, Prompt] = {"questions": self.theme.questions, "answers": self.theme.answer, "judge": self.theme.judge}
        return prompts[self.task]

    def requests(self, content: bytes | None, language: str) -> tuple[Request, ...]:  # noqa: ARG002  # datasets are in English
        """Return the calls about a source file, taken as one passage, or about a made-up one. Raises `ConfigError` for a template that
        fails, `UsageError` for a file that is no text."""
        passage = example_passage() if content is None else PassageText("", _decoded(content), "", "text", "file")
        return tuple(filter(None, (work.request(passage, given, 0) for work, given in self._works())))

    def probes(self, language: str) -> tuple[Request, ...]:  # noqa: ARG002  # as above
        """Return none: `requests` fills in every template."""
        return ()

    def warnings(self, language: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002  # as above
        """Yield what is amiss, with what to do about it: a repair that does not say what was wrong."""
        repaired = asking("answers", self.theme.repair)
        told = self.task != "answers" or FAULT in _repair(repaired.prompt).request(example_passage(), _REFUSED, 0).messages[-1].content
        if not told:
            yield (
                "a model that is to answer again is not told what was wrong",
                "show `fault` in repair.md.j2, as notewright's own prompts do",
            )

    def leaks(self, system: str) -> tuple[str, ...]:  # noqa: ARG002  # gates hold every pair against its passage
        """Return none: there is no example in these prompts that could pass for an answer."""
        return ()

    def _works(self) -> tuple[tuple[StageWork, str], ...]:
        if self.task == "questions":
            return ((AskQuestions(asking("questions", self.prompt), min(_QUESTIONS, self.prompt.items_per_call), self.theme.kinds), ""),)
        if self.task == "judge":
            return ((AskJudge(asking("judge", self.prompt)), write_given(Answered("what", QUESTION, ANSWER))),)
        answer = AskAnswer(asking("answers", self.prompt), judged=False)
        return ((answer, write_given(Question("what", QUESTION))), (_repair(self.theme.repair), _REFUSED))


_REFUSED = write_given(Refused("what", QUESTION, ANSWER, FAULT))


def _repair(prompt: Prompt) -> AskRepair:
    return AskRepair(asking("answers", prompt), judged=False)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("the file is not UTF-8", hint="give a source file, which is shown as one passage") from error
