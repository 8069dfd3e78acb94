"""The stage questions: a few questions about a passage in one reply, each of which becomes a task of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from notewright.dataset.asking.given import Question, canonical_text, write_given
from notewright.dataset.asking.replies import read_value
from notewright.dataset.asking.theme import Asking
from notewright.dataset.gates.questions import question_fault, question_key
from notewright.dataset.gates.source import source_of
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done, NewTask
from notewright.prompting.request import Request
from notewright.prompting.schema import Schema, choice_of, list_of, object_of, text_of
from notewright.rendering.neutral import visible


@dataclass(frozen=True, slots=True)
class AskQuestions:
    """Asks for exactly `count` questions; `kinds` are those that they may be of, by name with what each means."""

    asking: Asking
    count: int
    kinds: Mapping[str, str]

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request:  # noqa: ARG002  # a stage's work is given both
        """Return the call. Raises `ConfigError` for a template that fails."""
        kinds = tuple({"name": name, "meaning": meaning} for name, meaning in self.kinds.items())
        variables = {"count": self.count, "kinds": kinds, "characters": self._characters}
        return self.asking.request(passage, variables, self._schema(self.count), items=self.count)

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:  # noqa: ARG002  # as above
        """Return a task to answer each question that is good and new; the others are pairs that were dropped, and so is each that the
        model did not write. Raises `InvalidReply`."""
        value = read_value(reply_text, self._schema(0))
        asked = tuple(Question(one["kind"], visible(one["question"])) for one in _items(value))
        children, dropped = self._sorted(asked, passage)
        missing = (self._missing(len(asked), ordinal) for ordinal in range(len(asked), self.count))
        return Done(canonical_text({"questions": [asdict(one) for one in asked]}), children, (*dropped, *missing))

    def _sorted(self, asked: Sequence[Question], passage: PassageText) -> tuple[tuple[NewTask, ...], tuple[Pair, ...]]:
        source, keys = source_of(passage), set[frozenset[str]]()
        children, dropped = [], []
        for ordinal, one in enumerate(asked):
            if fault := question_fault(one.question, source, most_characters=self._characters, asked=keys):
                dropped.append(Pair(one.kind, one.question, "", fault.reason, fault.detail, ordinal=ordinal))
            else:
                keys.add(question_key(one.question))
                children.append(NewTask("answer", write_given(one), ordinal))
        return tuple(children), tuple(dropped)

    def _missing(self, written: int, ordinal: int) -> Pair:
        return Pair("", "", "", "missing", f"{written} of {self.count} questions", ordinal=ordinal)

    def _schema(self, least: int) -> Schema:
        question = object_of({"kind": choice_of(self.kinds), "question": text_of(at_most=self._characters)})
        return object_of({"questions": list_of(question, at_least=least, at_most=self.count)})

    @property
    def _characters(self) -> int:
        return self.asking.prompt.text_characters


def _items(value: Mapping[str, object]) -> Sequence[Mapping[str, str]]:
    items = value["questions"]
    assert isinstance(items, list)
    return items
