"""The stage judge: a verdict with its reason on a pair, beside the passage that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.dataset.asking.given import canonical_text, read_answered
from notewright.dataset.asking.replies import read_value, text_in
from notewright.dataset.asking.shown import fenced, shown
from notewright.dataset.asking.theme import Asking
from notewright.dataset.near import signature
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done
from notewright.prompting.request import Request
from notewright.prompting.schema import Schema, choice_of, object_of, text_of
from notewright.rendering.neutral import visible

KEEP, DROP = "keep", "drop"


@dataclass(frozen=True, slots=True)
class AskJudge:
    """Asks whether a pair that passed the gates is to be kept. The reason comes before the verdict, so that it is no excuse for it."""

    asking: Asking

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request:  # noqa: ARG002  # a stage's work is given it
        """Return the call. Raises `ConfigError` for a template that fails."""
        pair = read_answered(given)
        variables = {"question": shown(pair.question), "kind": pair.kind, "answer": fenced("answer", pair.answer)}
        return self.asking.request(passage, variables, self._schema())

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:  # noqa: ARG002  # as above
        """Return the pair, kept or dropped. Raises `InvalidReply`."""
        value = read_value(reply_text, self._schema())
        pair, verdict, reason = read_answered(given), text_in(value, "verdict"), visible(text_in(value, "reason"))
        result = canonical_text({"reason": reason, "verdict": verdict})
        if verdict == DROP:
            return Done(result, (), (Pair(pair.kind, pair.question, pair.answer, "judge", reason, verdict),))
        kept = signature(pair.question, pair.answer)
        return Done(result, (), (Pair(pair.kind, pair.question, pair.answer, verdict=verdict, signature=kept),))

    def _schema(self) -> Schema:
        reason = text_of(at_most=self.asking.prompt.text_characters)
        return object_of({"reason": reason, "verdict": choice_of((KEEP, DROP))})
