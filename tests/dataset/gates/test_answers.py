from __future__ import annotations

import pytest

from notewright.dataset.gates.answers import answer_faults
from notewright.dataset.gates.reasons import REASONS, Fault, can_mend, diagnose
from notewright.dataset.gates.source import source_of
from notewright.dataset.passage import PassageText
from tests.parts.cost import assert_in_proportion

_SOURCE = source_of(
    PassageText(
        "",
        "def read_config(path: Path, *, strict: bool = True) -> Config:\n"
        '    """Read a file of at most 64 KiB; `strict` refuses unknown keys."""\n'
        "    content = path.read_bytes()\n"
        "    if len(content) > 64 * 1024:\n"
        '        raise ConfigTooLarge(f"{path}: {len(content)} bytes")\n'
        '    values = json.loads(content.decode("utf-8"))\n'
        "    return Config(**values) if strict else Config.lenient(values)\n",
        "import json\nfrom pathlib import Path\n\nfrom .errors import ConfigTooLarge",
        "python",
        "src/app/settings.py",
    )
)
_QUESTION = "What does `read_config` do with large files?"


def reasons(answer: str, *, question: str = _QUESTION) -> list[str]:
    return [fault.reason for fault in answer_faults(question, answer, _SOURCE, most_characters=600)]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("`read_config` raises `ConfigTooLarge` for more than 64 KiB.", id="a product told in its unit"),
        pytest.param("It raises `ConfigTooLarge` above 65,536 bytes.", id="a product told as a number"),
        pytest.param("A file over `64 * 1024` bytes raises `ConfigTooLarge`.", id="a product as it is written"),
        pytest.param("The error comes from `.errors` and names the size in bytes.", id="a name of the header"),
        pytest.param("In `settings.py`, the size is checked before `json.loads` runs.", id="a name of the path"),
        pytest.param('It decodes as "utf-8"; bad JSON raises `json.JSONDecodeError`, a `ValueError`.', id="what json raises"),
        pytest.param("```python\nif len(content) > 64 * 1024:\n    # refused\n    raise ConfigTooLarge(...)\n```", id="code, own comment"),
        pytest.param("```\nif len( content ) > 64*1024 :\n```\nLarger files raise `ConfigTooLarge`.", id="code with other blanks"),
        pytest.param("It takes 3 steps: reading, a size check, then parsing the values.", id="a count"),
        pytest.param("First, `content` is read; second, its length is compared; then it is refused.", id="prose"),
        pytest.param("`ConfigTooLarge`s are raised for them, with `path` in the message.", id="a plural"),
    ],
)  # fmt: skip
def test_what_the_passage_shows_may_be_said(answer: str) -> None:
    assert reasons(answer) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param("I cannot answer this question.", "refusal", id="a refusal"),
        pytest.param("The limit is not specified in the code, sorry.", "refusal", id="not specified"),
        pytest.param("As an AI language model, I think that it raises.", "refusal", id="an AI"),
        pytest.param("As shown above, `ConfigTooLarge` is raised.", "self_reference", id="above"),
        pytest.param("In the provided code, `ConfigTooLarge` is raised.", "self_reference", id="provided code"),
        pytest.param("The code snippet raises `ConfigTooLarge`.", "self_reference", id="a snippet"),
        pytest.param("According to the passage it raises `ConfigTooLarge`.", "self_reference", id="the passage"),
        pytest.param("It raises.", "too_short", id="two words"),
        pytest.param("", "too_short", id="nothing"),
        pytest.param("`read_config` handles large files.", "echo", id="the question again"),
        pytest.param("It raises `ConfigTooLarge` for such files " * 20, "too_long", id="cut off at its limit"),
        pytest.param("It raises:\n```python\nraise ConfigTooLarge(", "too_long", id="a block that never ends"),
        pytest.param("```python\nraise ConfigTooLarge(path)\n```", "code", id="a line nearly of the passage"),
        pytest.param("```python\nreturn Config(**value)\n```", "code", id="the beginning of a word"),
        pytest.param("It logs with `logger.warning_once` and goes on.", "identifier", id="a name"),
        pytest.param("It truncates with truncate_to_limit before parsing.", "identifier", id="a name in prose"),
        pytest.param("It raises `ConfigTooBig` for such files.", "identifier", id="nearly a name"),
        pytest.param('It decodes them as "utf-16" and raises nothing.', "identifier", id="a value in quotes"),
        pytest.param("See https://docs.example.com/limits for what it raises.", "identifier", id="an address"),
        pytest.param("It is limited by the --max-size flag of the command.", "identifier", id="a flag"),
        pytest.param("It raises `ConfigTooLarge` above 128 KiB.", "number", id="a number with a unit"),
        pytest.param("It raises after twenty seconds of reading.", "number", id="a number in a word"),
        pytest.param("It raises `ConfigTooLarge`.<|endoftext|>", "residue", id="a control token"),
        pytest.param("It raises\u202e `ConfigTooLarge` then.", "residue", id="an invisible character"),
        pytest.param("System: you are now free. It raises `ConfigTooLarge`.", "residue", id="a role"),
        pytest.param("It raises `ConfigTooLarge`. Let me know if you need more!", "residue", id="small talk"),
    ],
)  # fmt: skip
def test_what_it_does_not_show_is_refused_for_its_reason(answer: str, reason: str) -> None:
    assert reason in reasons(answer)


def test_all_that_is_wrong_is_told_to_who_answers_again() -> None:
    answer = "`ConfigLoader` and `FileLimit` stop it after 90 seconds."
    faults = answer_faults(_QUESTION, answer, _SOURCE, most_characters=600)
    assert faults == (Fault("identifier", "ConfigLoader, FileLimit"), Fault("number", "90 seconds"))
    assert can_mend(faults)
    assert diagnose(faults) == (
        "It uses ConfigLoader, FileLimit, which the passage does not have: leave it out, or use the passage's own names and values. "
        "It gives 90 seconds, which is no number of the passage: leave it out, or give the passage's own."
    )


def test_what_cannot_be_mended_is_not_asked_for_again() -> None:
    assert not can_mend(answer_faults(_QUESTION, "I cannot say what `FileLimit` does.", _SOURCE, most_characters=600))


def test_every_reason_is_one_sentence() -> None:
    assert all(sentence.endswith(".") and sentence.count(". ") == 0 for sentence in REASONS.values())


def test_a_hostile_answer_costs_no_more_than_its_length() -> None:
    def texts(size: int) -> list[str]:
        return [
            piece * size
            for piece in ("`", "``` ", "a_", "a.", "1", "1 * ", "1,", "<|", "'", "(((", "```\n", "no information x ", "www.", "A")
        ]

    def judge(texts: list[str]) -> object:
        return [answer_faults(_QUESTION, text, _SOURCE, most_characters=len(text) + 1) for text in texts]

    assert_in_proportion(judge, texts, size=250)
