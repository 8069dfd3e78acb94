"""The stages answer and repair: one answer to one question, and another one where a gate refused it and that can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notewright.dataset.asking.given import Answered, Question, Refused, canonical_text, read_question, read_refused, write_given
from notewright.dataset.asking.replies import read_value, text_in
from notewright.dataset.asking.shown import fenced, shown
from notewright.dataset.asking.theme import Asking
from notewright.dataset.gates.answers import answer_faults
from notewright.dataset.gates.reasons import Fault, can_mend, diagnose
from notewright.dataset.gates.source import source_of
from notewright.dataset.near import signature
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done, NewTask
from notewright.prompting.request import Request
from notewright.prompting.schema import Schema, object_of, text_of
from notewright.rendering.neutral import visible


@dataclass(frozen=True, slots=True)
class AskAnswer:
    """Asks for an answer. With `judged` a good one is given to the judge, who decides; without, it is kept."""

    asking: Asking
    judged: bool

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request:  # noqa: ARG002  # a stage's work is given it
        """Return the call. Raises `ConfigError` for a template that fails."""
        asked = read_question(given)
        variables = {"question": shown(asked.question), "kind": asked.kind, "characters": self.asking.prompt.text_characters}
        return self.asking.request(passage, variables, _schema(self.asking))

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:
        """Return the pair, kept or dropped, or what is to be done about it next. Raises `InvalidReply`."""
        asked = read_question(given)
        answer, faults = _read(self.asking, asked, passage, reply_text)
        result = canonical_text({"answer": answer})
        if faults and can_mend(faults):
            refused = Refused(asked.kind, asked.question, answer, diagnose(faults))
            return Done(result, (NewTask("repair", write_given(refused), ordinal),))
        return _decided(asked, answer, faults, result, ordinal, judged=self.judged)


@dataclass(frozen=True, slots=True)
class AskRepair:
    """Asks once more, saying what was wrong. An answer that fails again is dropped."""

    asking: Asking
    judged: bool

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request:  # noqa: ARG002  # a stage's work is given it
        """Return the call. Raises `ConfigError` for a template that fails."""
        refused = read_refused(given)
        variables = {
            "question": shown(refused.question),
            "kind": refused.kind,
            "answer": fenced("answer", refused.answer),
            "fault": shown(visible(refused.fault)),
            "characters": self.asking.prompt.text_characters,
        }
        return self.asking.request(passage, variables, _schema(self.asking))

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:
        """Return the pair, kept or dropped, or the task of the judge. Raises `InvalidReply`."""
        refused = read_refused(given)
        asked = Question(refused.kind, refused.question)
        answer, faults = _read(self.asking, asked, passage, reply_text)
        return _decided(asked, answer, faults, canonical_text({"answer": answer}), ordinal, judged=self.judged)


def _read(asking: Asking, asked: Question, passage: PassageText, reply_text: str | None) -> tuple[str, tuple[Fault, ...]]:
    answer = text_in(read_value(reply_text, _schema(asking)), "answer")
    most = asking.prompt.text_characters
    return answer, answer_faults(asked.question, answer, source_of(passage), most_characters=most)


def _decided(asked: Question, answer: str, faults: Sequence[Fault], result: str, ordinal: int, *, judged: bool) -> Done:
    if faults:
        return Done(result, (), (Pair(asked.kind, asked.question, answer, faults[0].reason, faults[0].detail),))
    if judged:
        return Done(result, (NewTask("judge", write_given(Answered(asked.kind, asked.question, answer)), ordinal),))
    return Done(result, (), (Pair(asked.kind, asked.question, answer, signature=signature(asked.question, answer)),))


def _schema(asking: Asking) -> Schema:
    return object_of({"answer": text_of(at_most=asking.prompt.text_characters)})
