"""The response cache: what is replayed, when it expires, and what leaves first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.control import Cancel, Event
from notewright.errors import ModelError
from notewright.llm.engines.scripted import Scripted
from notewright.llm.layers.cache import Cached, ResponseCache, reply_key
from notewright.llm.layers.cache_database import charged_bytes, read_totals
from notewright.llm.layers.cache_file import CacheFile
from notewright.llm.layers.validation import Validated
from notewright.prompting.reply import InvalidReply
from notewright.prompting.request import Identity, Message, Reply, Request
from notewright.prompting.schema import boolean, integer, object_of

_SCHEMA = object_of({"ok": boolean()})
_REQUEST = Request("notes", (Message("system", "answer"), Message("user", "hello")), _SCHEMA, 50)
_WHO = Identity("llama_server", "tiny.gguf", "sha256:1", 4096, "llama.cpp b1")
_DAY_S = 86_400


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _fail(event: Event) -> None:
    raise AssertionError(event)


@contextmanager
def _cache(
    folder: Path, *, most_bytes: int = 1 << 20, ttl_days: float | None = None, clock: Clock | None = None
) -> Iterator[ResponseCache]:
    with closing(CacheFile(folder / "cache.db", _fail)) as file:
        yield ResponseCache(file, most_bytes=most_bytes, ttl_days=ttl_days, clock=clock or Clock())


def _key(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _reply(text: str, *, confidence: float | None = None) -> Reply:
    return Reply(text, "stop", 100, 50, 20, 1.5, confidence=confidence)


def _room_for(replies: int) -> int:
    return charged_bytes(replies * 100, replies=replies)


def _kept(cache: ResponseCache, numbers: range) -> list[int]:
    return [number for number in numbers if cache.get(_key(number))]


def _script(path: Path, *lines: str) -> Scripted:
    path.write_text("\n".join(lines))
    return Scripted(path)


def test_a_reply_is_kept_for_the_next_run(tmp_path: Path) -> None:
    with _cache(tmp_path) as first:
        assert first.get(_key(1)) is None
        first.put(_key(1), _reply('{"ok": "naïve 日本"}'))
    with _cache(tmp_path) as second:
        assert second.get(_key(1)) == Reply('{"ok": "naïve 日本"}', "stop", 0, 0, 0, 0.0, replayed=True)
    assert (first.hits, second.hits) == (0, 1)


def test_how_sure_the_model_was_is_kept_with_its_reply(tmp_path: Path) -> None:
    with _cache(tmp_path) as cache:
        cache.put(_key(1), _reply("1", confidence=0.8125))
        kept = cache.get(_key(1))
    assert kept is not None
    assert kept.confidence == 0.8125


@pytest.mark.case(36)
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param((replace(_REQUEST, task="commit"), _WHO), id="task"),
        pytest.param((replace(_REQUEST, messages=(Message("user", "answer"), Message("user", "hello"))), _WHO), id="role"),
        pytest.param((replace(_REQUEST, messages=(Message("system", "answer"), Message("user", "hello "))), _WHO), id="text"),
        pytest.param((replace(_REQUEST, messages=(Message("system", "answerh"), Message("user", "ello"))), _WHO), id="border of texts"),
        pytest.param((replace(_REQUEST, messages=(Message("user", "hello"), Message("system", "answer"))), _WHO), id="order"),
        pytest.param((replace(_REQUEST, schema=object_of({"ok": integer()})), _WHO), id="schema"),
        pytest.param((replace(_REQUEST, prompt="sha256:2"), _WHO), id="prompt"),
        pytest.param((replace(_REQUEST, language="de"), _WHO), id="language"),
        pytest.param((replace(_REQUEST, temperature=0.5), _WHO), id="temperature"),
        pytest.param((replace(_REQUEST, seed=7), _WHO), id="seed"),
        pytest.param((replace(_REQUEST, max_tokens=51), _WHO), id="limit"),
        pytest.param((replace(_REQUEST, weigh=True), _WHO), id="weighing"),
        pytest.param((_REQUEST, replace(_WHO, digest="sha256:2")), id="model"),
        pytest.param((_REQUEST, replace(_WHO, engine="ollama")), id="engine"),
        pytest.param((_REQUEST, replace(_WHO, runtime="llama.cpp b2")), id="runtime"),
    ],
)
def test_a_reply_expires_when_anything_that_it_depends_on_changes(changed: tuple[Request, Identity]) -> None:
    assert reply_key(*changed) != reply_key(_REQUEST, _WHO)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param((replace(_REQUEST, timeout_s=1), _WHO), id="time limit"),
        pytest.param((replace(_REQUEST, slot=3), _WHO), id="slot"),
        pytest.param((replace(_REQUEST, items=9), _WHO), id="items"),
        pytest.param((_REQUEST, replace(_WHO, model="renamed.gguf")), id="name of the model"),
        pytest.param((_REQUEST, replace(_WHO, context_length=8192)), id="room"),
    ],
)
def test_what_changes_no_reply_asks_nothing_new(changed: tuple[Request, Identity]) -> None:
    assert reply_key(*changed) == reply_key(_REQUEST, _WHO)


def test_half_a_surrogate_pair_and_ten_megabytes_have_a_key() -> None:
    keys = {reply_key(replace(_REQUEST, messages=(Message("user", text),)), _WHO) for text in ("\ud800", "\udfff", "x" * 10_000_000)}
    assert len(keys) == 3


def test_the_least_recently_used_leave_when_the_room_is_used_up(tmp_path: Path) -> None:
    with _cache(tmp_path, most_bytes=_room_for(3)) as cache:
        for number in range(3):
            cache.put(_key(number), _reply("x" * 100))
        assert cache.get(_key(0)), "used again, so 1 is now the oldest"
        cache.put(_key(3), _reply("y" * 100))
        assert _kept(cache, range(5)) == [0, 2, 3]
        cache.put(_key(4), _reply("z" * (_room_for(3) + 1)))
        assert _kept(cache, range(5)) == [0, 2, 3]


def test_the_last_use_counts_and_not_the_first(tmp_path: Path) -> None:
    with _cache(tmp_path, most_bytes=_room_for(2)) as cache:
        for number in range(2):
            cache.put(_key(number), _reply("x" * 100))
        for number in (1, 0, 1):
            assert cache.get(_key(number))
        cache.put(_key(2), _reply("y" * 100))
        assert _kept(cache, range(3)) == [1, 2]


def test_the_sums_are_those_of_the_replies(tmp_path: Path) -> None:
    with _cache(tmp_path, most_bytes=_room_for(5)) as cache:
        for number in (*range(9), 8, 7):
            cache.put(_key(number), _reply("x" * (90 + number)))
        cache.flush()
    with closing(sqlite3.connect(tmp_path / "cache.db")) as connection:
        texts = [size for (size,) in connection.execute("SELECT length(text) FROM replies")]
        totals = read_totals(connection)
    assert (totals.replies, totals.size_bytes) == (5, charged_bytes(sum(texts), replies=5))
    assert totals.size_bytes <= _room_for(5)


def test_the_file_takes_about_what_is_charged_however_short_the_replies_are(tmp_path: Path) -> None:
    with _cache(tmp_path, most_bytes=100_000) as cache:
        for number in range(2000):
            cache.put(_key(number), _reply('{"ok":true}'))
    assert (tmp_path / "cache.db").stat().st_size < 200_000


def test_use_is_remembered_across_runs(tmp_path: Path) -> None:
    with _cache(tmp_path, most_bytes=_room_for(2)) as first:
        for number in range(2):
            first.put(_key(number), _reply("x" * 100))
        assert first.get(_key(0))
        first.flush()
    with _cache(tmp_path, most_bytes=_room_for(2)) as second:
        second.put(_key(2), _reply("x" * 100))
        assert _kept(second, range(3)) == [0, 2]


def test_a_reply_that_is_too_old_is_asked_for_again_and_then_new(tmp_path: Path) -> None:
    clock = Clock()
    with _cache(tmp_path, ttl_days=2, clock=clock) as cache:
        cache.put(_key(1), _reply("old"))
        clock.now += 2 * _DAY_S
        assert cache.get(_key(1)), "as old as may be"
        clock.now += 1
        assert cache.get(_key(1)) is None
        cache.put(_key(1), _reply("new"))
        kept = cache.get(_key(1))
        assert kept is not None
        assert kept.text == "new"


def test_a_reply_from_the_future_has_no_age_that_could_be_believed(tmp_path: Path) -> None:
    clock = Clock()
    with _cache(tmp_path, ttl_days=2, clock=clock) as cache:
        cache.put(_key(1), _reply("text"))
        clock.now -= 9 * _DAY_S
        assert cache.get(_key(1)) is None


def test_without_an_age_limit_no_clock_matters(tmp_path: Path) -> None:
    clock = Clock()
    with _cache(tmp_path, clock=clock) as cache:
        cache.put(_key(1), _reply("text"))
        for years in (-50, 50):
            clock.now += years * 365 * _DAY_S
            assert cache.get(_key(1))


def test_a_reply_whose_bytes_changed_on_the_disk_is_not_given(tmp_path: Path) -> None:
    with _cache(tmp_path) as cache:
        for number in range(2):
            cache.put(_key(number), _reply('{"ok":true}'))
    with closing(sqlite3.connect(tmp_path / "cache.db")) as connection:
        connection.execute("UPDATE replies SET text = ? WHERE key = ?", (b'{"ok":frue}', _key(0)))
        connection.commit()
    with _cache(tmp_path) as cache:
        assert _kept(cache, range(2)) == [1]
        cache.put(_key(0), _reply('{"ok":true}'))
        assert _kept(cache, range(2)) == [0, 1]


def test_the_same_question_is_asked_once_and_its_replay_costs_nothing(tmp_path: Path) -> None:
    script = _script(tmp_path / "s.jsonl", '{"reply": {"ok": true}}', '{"reply": {"ok": false}}')
    with _cache(tmp_path) as cache:
        engine = Cached(script, cache)
        replies = [engine.chat(_REQUEST, Cancel()) for _ in range(3)]
    assert [(reply.text, reply.replayed) for reply in replies] == [('{"ok":true}', False), ('{"ok":true}', True), ('{"ok":true}', True)]
    assert (replies[1].prompt_tokens, replies[1].generated_tokens, cache.hits) == (0, 0, 2)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"reply": "I am sorry"}', id="invalid"),
        pytest.param('{"reply": {"ok": true}, "finish": "length"}', id="cut-off"),
    ],
)
def test_a_reply_that_is_no_good_is_never_kept(tmp_path: Path, line: str) -> None:
    with _cache(tmp_path) as cache:
        engine = Cached(Validated(_script(tmp_path / "s.jsonl", line, '{"reply": {"ok": true}}')), cache)
        with pytest.raises(InvalidReply):
            engine.chat(_REQUEST, Cancel())
        assert engine.chat(_REQUEST, Cancel()).text == '{"ok":true}'


def test_a_failure_of_the_engine_is_never_kept(tmp_path: Path) -> None:
    with _cache(tmp_path) as cache:
        engine = Cached(_script(tmp_path / "s.jsonl", '{"error": "down"}', '{"reply": {"ok": true}}'), cache)
        with pytest.raises(ModelError, match="down"):
            engine.chat(_REQUEST, Cancel())
        assert engine.chat(_REQUEST, Cancel()).text == '{"ok":true}'


def test_closing_writes_down_what_was_used(tmp_path: Path) -> None:
    with _cache(tmp_path) as cache:
        engine = Cached(_script(tmp_path / "s.jsonl", '{"reply": {"ok": true}}'), cache)
        for _ in range(4):
            engine.chat(_REQUEST, Cancel())
        engine.close()
    with closing(sqlite3.connect(tmp_path / "cache.db")) as connection:
        assert read_totals(connection).hits == 3
