"""A model that copies an example of its prompt (opencommit#252) must not get it into the notes."""

from __future__ import annotations

import json

import pytest

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.grounding.checks import Style
from notewright.notes.example import example_section
from notewright.notes.facts import facts_of
from notewright.notes.leak import leaks, shown_sentences

_STYLE = Style(25, 60, plain_words=False)
_FACTS = facts_of(example_section())


def example(*texts: str) -> str:
    return json.dumps([{"cites": [1], "text": text} for text in texts])


@pytest.mark.parametrize("name", ["customer", "developer", "executive"])
def test_the_examples_that_come_with_notewright_are_refused_by_the_checks(name: str) -> None:
    audience = Prompts(prompt_places(None)).audience(name)
    assert shown_sentences(audience.prompt.system)
    assert leaks(audience.prompt.system, _FACTS, audience.policy.style) == ()


def test_an_example_with_nothing_of_its_own_would_pass() -> None:
    text = "The application feels better now."
    assert leaks(f"Reply with JSON. {example(text)}", _FACTS, _STYLE) == (text,)


@pytest.mark.parametrize(
    ("system", "shown"),
    [
        pytest.param("No example.", (), id="none"),
        pytest.param('Reply with JSON only: [{"cites": [1], "text": "..."}]', (), id="a placeholder"),
        pytest.param(
            f"One: {example('Strings can be tuned.')}\nTwo: {example('A b c.', 'D e f.')}",
            ("Strings can be tuned.", "A b c.", "D e f."),
            id="several",
        ),
        pytest.param('[{"text": "A sentence on\\n  two lines."}]', ("A sentence on\n  two lines.",), id="an escape"),
        pytest.param('[{ broken [{"text": "It is found."}]', ("It is found.",), id="after something broken"),
        pytest.param('[{"text": 3}, {"name": "x y z"}]', (), id="no text"),
        pytest.param("[{" * 5_000, (), id="endless nesting"),
    ],
)
def test_the_sentences_of_every_example_are_found(system: str, shown: tuple[str, ...]) -> None:
    assert shown_sentences(system) == shown
