from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from notewright.adapters.prompts.prompts import Prompts
from notewright.dataset.asking.given import Question, write_given
from notewright.dataset.asking.plan import StagePlan, plan_asking
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done, Stage
from notewright.errors import ConfigError
from notewright.prompting.reply import InvalidReply
from notewright.prompting.request import Identity
from notewright.prompting.schema import check_schema

_OWN = Path(__file__).parents[3] / "prompts"
_KINDS = ("what", "why", "how", "usage", "edge_case", "comparison")
_MODEL = Identity("scripted", "parrot", "sha256:1", 0, "")

PASSAGE = PassageText(
    "d",
    "def chunk(items: list[str], size: int) -> Iterator[list[str]]:\n"
    '    """Yield lists of at most `size` items, in their order."""\n'
    "    if size < 1:\n"
    '        raise ValueError("size must be positive")\n'
    "    for start in range(0, len(items), size):\n"
    "        yield items[start : start + size]\n",
    "from collections.abc import Iterator",
    "python",
    "src/batches.py",
)
GOOD = "`chunk` raises a `ValueError` with the message `size must be positive`."


def plan(theme: str = "default", *, questions: int = 5, kinds: tuple[str, ...] = _KINDS, judge: bool = False) -> Mapping[Stage, StagePlan]:
    return plan_asking(Prompts([_OWN]).theme(theme), _MODEL, questions=questions, kinds=kinds, judge=judge)


def read_questions(*questions: str) -> Done:
    reply = {"questions": [{"kind": "what", "question": question} for question in questions]}
    return plan()["questions"].work.read(PASSAGE, "", 0, json.dumps(reply))


def read_answer(answer: str, *, judge: bool = False) -> Done:
    given = write_given(Question("edge_case", "What does `chunk` do if size is 0?"))
    return plan(judge=judge)["answer"].work.read(PASSAGE, given, 3, json.dumps({"answer": answer}))


@pytest.mark.parametrize("theme", ["default", "standards"])
def test_every_stage_begins_with_the_same_bytes_up_to_the_end_of_the_passage(theme: str) -> None:
    stages = plan(theme, judge=True)
    asked = write_given(Question("what", "What does `chunk` yield?"))
    (repair,) = stages["answer"].work.read(PASSAGE, asked, 0, json.dumps({"answer": "It yields a `ChunkView` of them."})).children
    (judge,) = stages["answer"].work.read(PASSAGE, asked, 0, json.dumps({"answer": GOOD})).children
    given: dict[Stage, str] = {"questions": "", "answer": asked, "repair": repair.given, "judge": judge.given}
    requests = [stage_plan.work.request(PASSAGE, given[stage], 0) for stage, stage_plan in stages.items()]
    assert len(requests) == 4
    texts = ["\n".join(message.content for message in request.messages) for request in requests if request]
    starts = {
        text[: text.index("</passage>\n") + len("</passage>\n\n")] for text in (text.split("Reply with JSON only.", 1)[1] for text in texts)
    }
    assert len(starts) == 1
    assert PASSAGE.text.strip() in starts.pop()
    assert len({text.split("File: ")[0] for text in texts}) == 1
    for request in requests:
        assert request
        check_schema(request.schema)


def test_exactly_as_many_questions_are_asked_for_as_are_wanted() -> None:
    request = plan(questions=3)["questions"].work.request(PASSAGE, "", 0)
    assert request
    assert request.items == 3
    assert '"minItems": 3, "maxItems": 3' in json.dumps(request.schema)
    assert "with exactly 3 questions" in request.messages[-1].content


def test_each_good_question_becomes_a_task_of_its_own() -> None:
    done = read_questions("What does `chunk` yield?", "Why does `chunk` raise ValueError?")
    assert [(task.stage, task.ordinal) for task in done.children] == [("answer", 0), ("answer", 1)]
    assert json.loads(done.children[0].given) == {"kind": "what", "question": "What does `chunk` yield?"}


@pytest.mark.parametrize(
    ("questions", "kept", "dropped"),
    [
        pytest.param(["What does `chunk` yield?"] * 5, 1, ["repeated"] * 4, id="the same five"),
        pytest.param(["What does `chunk` yield?", "What does chunk yield"], 1, ["repeated", *["missing"] * 3], id="in other marks"),
        pytest.param(["What does `chunk` yield?", "How long may a list of chunk be?", "What if items is empty?", "Which error has size 0?"],
                     4, ["missing"], id="four"),
        pytest.param([], 0, ["missing"] * 5, id="none"),
        pytest.param(["", " ", "?", "Why?", "What is"], 0, ["too_short"] * 5, id="no words"),
    ],
)  # fmt: skip
def test_fewer_questions_than_asked_are_kept_as_far_as_they_are_new(questions: list[str], kept: int, dropped: list[str]) -> None:
    done = read_questions(*questions)
    assert (len(done.children), [pair.reason for pair in done.pairs]) == (kept, dropped)
    assert len({pair.ordinal for pair in done.pairs} | {task.ordinal for task in done.children}) == 5


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param('{"questions": [{"kind": "what", "question": "What does', id="cut off"),
        pytest.param("Here are five questions about chunk.", id="prose"),
        pytest.param('{"questions": ["What does chunk yield?"]}', id="another shape"),
        pytest.param('{"questions": [{"kind": "riddle", "question": "What does chunk yield?"}]}', id="an unknown kind"),
        pytest.param("", id="nothing"),
        pytest.param(None, id="nobody"),
    ],
)
def test_a_reply_that_nothing_can_be_made_of_is_invalid(reply: str | None) -> None:
    with pytest.raises(InvalidReply):
        plan()["questions"].work.read(PASSAGE, "", 0, reply)


def test_a_good_answer_is_kept_with_its_signature() -> None:
    done = read_answer(f"  {GOOD}\r\n")
    (pair,) = done.pairs
    assert (pair.kind, pair.answer, pair.reason, len(pair.signature), done.children) == ("edge_case", GOOD, "", 256, ())
    assert json.loads(done.result) == {"answer": GOOD}


def test_an_answer_that_can_be_mended_is_asked_for_once_more_with_what_was_wrong() -> None:
    done = read_answer("`chunk` raises a `ChunkSizeError` after 7 attempts.")
    (task,) = done.children
    assert (task.stage, task.ordinal, done.pairs) == ("repair", 3, ())
    request = plan()["repair"].work.request(PASSAGE, task.given, task.ordinal)
    assert request
    asked = request.messages[-1].content
    assert "<answer>\n`chunk` raises a `ChunkSizeError` after 7 attempts.\n</answer>" in asked
    assert "It uses ChunkSizeError, which the passage does not have" in asked
    assert "It gives 7 attempts, which is no number of the passage" in asked


def test_an_answer_that_fails_again_is_dropped_and_kept_in_mind() -> None:
    (task,) = read_answer("`chunk` raises a `ChunkSizeError`.").children
    again = plan()["repair"].work.read(PASSAGE, task.given, 3, json.dumps({"answer": "`chunk` raises a `BatchSizeError`."}))
    (pair,) = again.pairs
    assert (pair.reason, pair.detail, pair.answer, again.children) == (
        "identifier",
        "BatchSizeError",
        "`chunk` raises a `BatchSizeError`.",
        (),
    )
    (mended,) = plan()["repair"].work.read(PASSAGE, task.given, 3, json.dumps({"answer": GOOD})).pairs
    assert (mended.reason, mended.kind, mended.question) == ("", "edge_case", "What does `chunk` do if size is 0?")


def test_a_refusal_is_not_asked_for_again() -> None:
    done = read_answer("I do not know.")
    assert ([pair.reason for pair in done.pairs], done.children) == (["refusal"], ())


def test_the_judge_decides_over_what_the_gates_let_through() -> None:
    (task,) = read_answer(GOOD, judge=True).children
    work = plan(judge=True)["judge"].work
    request = work.request(PASSAGE, task.given, task.ordinal)
    assert request
    assert list(request.schema["properties"]) == ["reason", "verdict"]  # type: ignore[call-overload]  # a mapping
    assert GOOD in request.messages[-1].content
    (kept,) = work.read(PASSAGE, task.given, 3, '{"reason": "The raise says so.", "verdict": "keep"}').pairs
    assert (kept.reason, kept.verdict, len(kept.signature)) == ("", "keep", 256)
    (dropped,) = work.read(PASSAGE, task.given, 3, '{"reason": "It is the\\nother way round.", "verdict": "drop"}').pairs
    assert (dropped.reason, dropped.detail, dropped.verdict) == ("judge", "It is the other way round.", "drop")
    with pytest.raises(InvalidReply):
        work.read(PASSAGE, task.given, 3, '{"reason": "", "verdict": "maybe"}')


def test_a_theme_refuses_what_it_cannot_ask_for() -> None:
    with pytest.raises(ConfigError, match="at most 12 questions a passage, not 13"):
        plan(questions=13)
    with pytest.raises(ConfigError, match="does not say what questions of the kind riddle are"):
        plan(kinds=("what", "riddle"))
