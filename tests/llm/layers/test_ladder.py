"""Which of two models is asked, and what is taken of what they say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notewright.control import Cancel, Event, Warned
from notewright.errors import Cancelled, ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.failure import EngineFailed, Kind
from notewright.llm.layers.ladder import Ladder
from notewright.llm.layers.usage import Recorded, Usage
from notewright.llm.layers.validation import Validated
from notewright.llm.settings import EngineSettings, TaskSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply, read_reply
from notewright.prompting.request import Message, Reply, Request
from notewright.prompting.schema import boolean, choice_of, object_of, text_of
from tests.parts.llama import serve_model
from tests.parts.said import Said, Says, reply
from tests.parts.tiny_model import write_gguf

_SCHEMA = boolean()
_REQUEST = Request("convert", (Message("user", "hello"),), _SCHEMA, 64)
_SMALL_TASK = {"convert": TaskSettings(model="small")}
_SETTINGS = EngineSettings(tasks=_SMALL_TASK)
_PATIENT = EngineSettings(request_timeout_s=60)
_YES, _NO = reply("true"), reply("false")


def _failed(kind: Kind = "timeout") -> EngineFailed:
    return EngineFailed(f"it failed: {kind}", kind=kind)


def _invalid() -> InvalidReply:
    return InvalidReply("no JSON", reply=reply("oops", prompt_tokens=30))


def _cut() -> TruncatedReply:
    return TruncatedReply("cut off", reply=replace(reply("tr", prompt_tokens=40), finish="length"))


def _ladder(small: Said | Says, large: Said | Says, settings: EngineSettings = _SETTINGS) -> tuple[Ladder, Says, Says]:
    one = small if isinstance(small, Says) else Says(small, name="small")
    other = large if isinstance(large, Says) else Says(large, name="large")
    return Ladder(one, other, settings), one, other


def _who(answer: Reply) -> str:
    assert answer.answered_by
    return answer.answered_by.model


@pytest.mark.parametrize(
    ("task", "request_changes", "tokens", "expected"),
    [
        pytest.param({"model": "large"}, {}, 10, "large: set for this task", id="task-of-the-large"),
        pytest.param({}, {}, 10, "small: simple enough", id="simple"),
        pytest.param({}, {"items": 4}, 1500, "small: simple enough", id="at-both-limits"),
        pytest.param({}, {"items": 5}, 10, "large: 5 items, more than 4", id="too-many-items"),
        pytest.param({}, {}, 1501, "large: 1,501 prompt tokens, more than 1,500", id="too-many-tokens"),
        pytest.param({"small_items": 9}, {"items": 9}, 10, "small: simple enough", id="items-of-the-task"),
        pytest.param({"small_items": 0}, {}, 10, "large: 1 item, more than 0", id="no-items-of-the-task"),
        pytest.param({"small_tokens": 20}, {}, 21, "large: 21 prompt tokens, more than 20", id="tokens-of-the-task"),
        pytest.param({}, {}, None, "small: simple enough", id="nobody-can-count"),
        pytest.param({}, {"task": "unheard-of"}, 10, "large: set for this task", id="a-task-nobody-set"),
        pytest.param({}, {}, _failed("connection"), "large: the small one failed (connection)", id="nobody-there-to-count"),
    ],
)
def test_the_task_and_the_measured_size_of_a_request_choose_the_model(
    task: dict[str, Any], request_changes: dict[str, Any], tokens: int | ModelError | None, expected: str
) -> None:
    settings = EngineSettings(tasks={"convert": TaskSettings(**{"model": "small", **task})})
    ladder, small, large = _ladder(Says(_YES, name="small", tokens=tokens), _NO, settings)
    answer = ladder.chat(replace(_REQUEST, **request_changes), Cancel())
    assert answer.choice == expected
    assert _who(answer) == expected.partition(":")[0]
    assert len(small.asked) + len(large.asked) == 1


def test_nothing_is_counted_where_the_task_or_the_items_decide() -> None:
    ladder, small, _ = _ladder(_YES, _NO)
    ladder.chat(replace(_REQUEST, items=100), Cancel())
    ladder.chat(replace(_REQUEST, task="notes"), Cancel())
    assert small.counted == 0


@pytest.mark.parametrize(
    ("first", "second", "taken", "choice", "paid_before"),
    [
        pytest.param(_invalid(), _NO, "false", "large: the small one gave an invalid reply", [30], id="invalid"),
        pytest.param(_cut(), _NO, "false", "large: the small one was cut off", [40], id="cut-off"),
        pytest.param(_failed(), _NO, "false", "large: the small one failed (timeout)", [], id="failed"),
        pytest.param(_failed("out_of_memory"), _NO, "false", "large: the small one failed (out of memory)", [], id="no-memory"),
        pytest.param(ModelError("gone"), _NO, "false", "large: the small one failed", [], id="gone"),
        pytest.param(PromptTooLong("long"), _NO, "false", "large: the small one has no room for the prompt", [], id="no-room"),
        pytest.param(
            reply("true", confidence=0.41),
            _NO,
            "false",
            "large: the small one was unsure (0.41, less than 0.60)",
            [10],
            id="unsure",
        ),
        pytest.param(reply("true", confidence=0.6), _NO, "true", "small: simple enough", [], id="sure"),
        pytest.param(reply("true"), _NO, "true", "small: simple enough", [], id="says-nothing-of-that"),
        pytest.param(
            reply("true", confidence=0.1),
            _failed("overload"),
            "true",
            "small: it was unsure (0.10, less than 0.60), and the large one failed (overload)",
            [],
            id="unsure-and-the-large-one-fails",
        ),
        pytest.param(
            reply("true", confidence=0.1),
            _cut(),
            "true",
            "small: it was unsure (0.10, less than 0.60), and the large one was cut off",
            [40],
            id="unsure-and-the-large-one-is-cut-off",
        ),
    ],
)
def test_what_the_small_model_does_not_do_well_the_large_one_is_asked(
    first: Said, second: Said, taken: str, choice: str, paid_before: list[int]
) -> None:
    ladder, small, large = _ladder(first, second, replace(_SETTINGS, small_confidence=0.6))
    answer = ladder.chat(_REQUEST, Cancel())
    assert (answer.text, answer.choice) == (taken, choice)
    assert _who(answer) == choice.partition(":")[0]
    assert [one.prompt_tokens for one in answer.discarded] == paid_before
    assert len(small.asked) == 1
    assert len(large.asked) <= 1


@pytest.mark.parametrize(
    ("first", "second", "raised"),
    [
        pytest.param(_failed(), _failed("connection"), "it failed: connection", id="both-fail"),
        pytest.param(_invalid(), _failed(), "no JSON", id="an-answer-says-more-than-none"),
        pytest.param(_failed(), _invalid(), "no JSON", id="whoever-gave-it"),
        pytest.param(_invalid(), _cut(), "cut off", id="of-two-answers-that-of-the-large-one"),
        pytest.param(PromptTooLong("long"), _failed(), "long", id="a-prompt-that-can-be-split"),
        pytest.param(_cut(), PromptTooLong("long"), "cut off", id="what-was-paid-for"),
    ],
)
def test_where_neither_does_well_what_says_more_is_raised(first: Said, second: Said, raised: str) -> None:
    ladder, _, _ = _ladder(first, second)
    with pytest.raises(ModelError, match=raised):
        ladder.chat(_REQUEST, Cancel())


def test_an_invalid_reply_says_who_gave_it_and_what_was_paid_for_before() -> None:
    ladder, _, _ = _ladder(_invalid(), _cut())
    with pytest.raises(TruncatedReply) as failure:
        ladder.chat(_REQUEST, Cancel())
    paid = failure.value.reply
    assert paid
    assert (paid.choice, _who(paid)) == ("large: the small one gave an invalid reply", "large")
    assert [(_who(one), one.prompt_tokens) for one in paid.discarded] == [("small", 30)]


@pytest.mark.parametrize(("least", "weighed"), [pytest.param(0.0, False, id="never"), pytest.param(0.5, True, id="half")])
def test_only_the_small_model_is_asked_how_sure_it_is_and_only_if_that_counts(least: float, *, weighed: bool) -> None:
    unsure = reply("true", confidence=0.0)
    ladder, small, large = _ladder(unsure, _NO, replace(_SETTINGS, small_confidence=least))
    assert (ladder.chat(_REQUEST, Cancel()).text == "false") is weighed
    assert [request.weigh for request in small.asked] == [weighed]
    assert not any(request.weigh for request in large.asked)


def test_a_task_has_its_own_threshold_of_confidence() -> None:
    settings = EngineSettings(small_confidence=0.9, tasks={"convert": TaskSettings(model="small", small_confidence=0.3)})
    ladder, _, _ = _ladder(reply("true", confidence=0.4), _NO, settings)
    assert ladder.chat(_REQUEST, Cancel()).text == "true"


def test_a_large_model_without_memory_is_closed_and_the_small_one_does_the_rest_which_is_said_once() -> None:
    events: list[Event] = []
    small, large = Says(_YES, name="small", slots=2), Says(_failed("out_of_memory"), name="large", slots=8, tokens=99)
    ladder = Ladder(small, large, _SETTINGS, events.append)
    hard = replace(_REQUEST, items=50)
    assert (ladder.identity().model, ladder.slots, ladder.count(hard.messages)) == ("large", 2, 99)
    answers = [ladder.chat(hard, Cancel()) for _ in range(3)]
    assert {(answer.text, answer.choice, _who(answer)) for answer in answers} == {
        ("true", "small: the large one ran out of memory", "small")
    }
    assert len(large.asked) == 1
    assert large.closed == 1
    assert (ladder.identity().model, ladder.slots, ladder.count(hard.messages)) == ("small", 2, 10)
    assert [event.message for event in events if isinstance(event, Warned)] == [
        "the small model does the rest of this run: it failed: out_of_memory"
    ]


def test_an_unsure_small_model_is_not_asked_again_when_the_large_one_has_no_memory() -> None:
    ladder, small, _ = _ladder(reply("true", confidence=0.1), _failed("out_of_memory"), replace(_SETTINGS, small_confidence=0.5))
    answer = ladder.chat(_REQUEST, Cancel())
    assert answer.choice == "small: it was unsure (0.10, less than 0.50), and the large one failed (out of memory)"
    assert len(small.asked) == 1


def test_a_large_model_is_not_closed_under_calls_that_it_still_answers() -> None:
    answering, gone = threading.Event(), threading.Event()
    closed_meanwhile: list[int] = []

    def take_time(_request: Request, _cancel: Cancel) -> Reply:
        answering.set()
        gone.wait(30)
        closed_meanwhile.append(large.closed)
        return _NO

    large = Says(take_time, _failed("out_of_memory"), name="large")
    ladder, _, _ = _ladder(_YES, large)
    hard = replace(_REQUEST, items=50)
    slow = threading.Thread(target=lambda: ladder.chat(hard, Cancel()))
    slow.start()
    assert answering.wait(30)
    assert ladder.chat(hard, Cancel()).text == "true"
    gone.set()
    slow.join(30)
    assert (closed_meanwhile, large.closed) == ([0], 1)


def test_a_large_model_that_fails_otherwise_is_asked_again_next_time() -> None:
    ladder, _, large = _ladder(_YES, Says(_failed(), _NO, name="large"))
    hard = replace(_REQUEST, items=50)
    with pytest.raises(EngineFailed):
        ladder.chat(hard, Cancel())
    assert ladder.chat(hard, Cancel()).text == "false"
    assert large.closed == 0


def test_without_a_small_model_nothing_is_chosen_and_nothing_said() -> None:
    large = Says(_NO, _failed("out_of_memory"), name="large", slots=3)
    ladder = Ladder(None, large, replace(_SETTINGS, small_confidence=0.5))
    assert ladder.chat(_REQUEST, Cancel()) == _NO
    with pytest.raises(EngineFailed):
        ladder.chat(_REQUEST, Cancel())
    assert large.asked == [_REQUEST, _REQUEST]
    assert (ladder.slots, ladder.identity().model, large.counted) == (3, "large", 0)


def test_who_cancels_gets_no_second_answer() -> None:
    def stop(_request: Request, cancel: Cancel) -> Reply:
        cancel.request()
        cancel.check()
        raise AssertionError

    ladder, _, large = _ladder(stop, _NO)
    with pytest.raises(Cancelled):
        ladder.chat(_REQUEST, Cancel())
    assert large.asked == []


def test_both_are_closed() -> None:
    ladder, small, large = _ladder(_YES, _NO)
    ladder.close()
    assert (small.closed, large.closed) == (1, 1)


# two real models


@contextmanager
def _served(gguf: Path) -> Iterator[LlamaServer]:
    with serve_model(gguf) as url, closing(LlamaServer(url, settings=_PATIENT, digests=Digests(None))) as engine:
        yield engine


@pytest.fixture(scope="module")
def two(tiny_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LlamaServer, LlamaServer]]:
    """Two real servers, each with a model of its own."""
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    other = write_gguf(tmp_path_factory.mktemp("models") / "other.gguf", seed=7)
    with _served(tiny_gguf) as small, _served(other) as large:
        yield small, large


def test_two_real_models_share_the_work_and_each_call_names_who_did_it(two: tuple[LlamaServer, LlamaServer]) -> None:
    small, large = two
    usage = Usage()
    ladder = Recorded(Ladder(Validated(small), Validated(large), replace(_SETTINGS, small_tokens=100)), usage)
    schema = object_of({"text": text_of(at_most=8)})
    messages = [(Message("user", text),) for text in ("short", "long " * 100, "short")]
    requests = [
        replace(_REQUEST, schema=schema, max_tokens=200, messages=one, items=items) for one, items in zip(messages, (1, 1, 20), strict=True)
    ]
    answers = [ladder.chat(request, Cancel()) for request in requests]
    assert all(read_reply(answer, schema) for answer in answers)
    assert answers[0].text != answers[2].text, "two models say two things of one question"
    assert [(call.digest, call.choice) for call in usage.calls] == [
        (small.identity().digest, "small: simple enough"),
        (large.identity().digest, f"large: {small.count(messages[1]):,} prompt tokens, more than 100"),
        (large.identity().digest, "large: 20 items, more than 4"),
    ]
    assert small.identity().digest != large.identity().digest


def test_a_real_small_model_that_is_cut_off_is_followed_by_the_large_one_and_both_are_paid_for(
    two: tuple[LlamaServer, LlamaServer],
) -> None:
    small, large = two
    usage = Usage()
    ladder = Recorded(Ladder(Validated(small), Validated(large), _SETTINGS), usage)
    schema = object_of({"text": text_of(at_most=400)})
    with pytest.raises(TruncatedReply):
        ladder.chat(replace(_REQUEST, schema=schema, max_tokens=3), Cancel())
    assert [(call.outcome, call.generated_tokens, call.digest) for call in usage.calls] == [
        ("truncated", 3, small.identity().digest),
        ("truncated", 3, large.identity().digest),
    ]


def test_a_real_small_model_that_is_unsure_of_its_choice_is_followed_by_the_large_one(two: tuple[LlamaServer, LlamaServer]) -> None:
    small, large = two
    usage = Usage()
    request = replace(_REQUEST, schema=object_of({"kind": choice_of(["feature", "fix", "docs"])}), max_tokens=64)
    sure = small.chat(replace(request, weigh=True), Cancel()).confidence
    assert sure is not None
    for least, outcomes in ((sure, ["ok"]), (min(sure + 0.001, 1.0), ["ok", "unsure", "ok"])):
        settings = replace(_SETTINGS, small_confidence=least)
        Recorded(Ladder(Validated(small), Validated(large), settings), usage).chat(request, Cancel())
        assert [call.outcome for call in usage.calls] == outcomes
    assert usage.calls[-1].choice.startswith("large: the small one was unsure")


def test_the_small_model_answers_for_a_large_one_whose_server_is_gone(two: tuple[LlamaServer, LlamaServer], tiny_gguf: Path) -> None:
    small, _ = two
    with serve_model(tiny_gguf) as url:
        large = LlamaServer(url, settings=_PATIENT, digests=Digests(None))
        assert large.identity().model
    request = replace(_REQUEST, schema=object_of({"kind": choice_of(["feature", "fix", "docs"])}))
    with closing(large):
        answer = Ladder(small, large, replace(_SETTINGS, small_confidence=1.0)).chat(request, Cancel())
    assert answer.choice.endswith("and the large one failed (connection)")
