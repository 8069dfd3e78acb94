"""The response cache and the file under it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.control import Cancel, Event, Warned
from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.scripted import Scripted
from notewright.llm.layers.cache import Cached, ResponseCache, reply_key
from notewright.llm.layers.cache_file import CacheFile
from notewright.prompting.request import Identity, Message, Request
from notewright.prompting.schema import boolean, integer, object_of

_SCHEMA = object_of({"ok": boolean()})
_REQUEST = Request("notes", (Message("user", "hello"),), _SCHEMA, 50)
_WHO = Identity("llama_server", "tiny.gguf", "sha256:1", 4096, "llama.cpp b1")


def _fail(event: Event) -> None:
    raise AssertionError(event)


def _open(path: Path, *, most_bytes: int = 1 << 20) -> ResponseCache:
    return ResponseCache(CacheFile(path, _fail), most_bytes=most_bytes)


def _key(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _script(path: Path, *lines: str) -> Scripted:
    path.write_text("\n".join(lines))
    return Scripted(path)


def test_a_reply_is_kept_for_the_next_run(tmp_path: Path) -> None:
    first = _open(tmp_path / "cache.db")
    assert first.get(_key(1)) is None
    first.put(_key(1), '{"ok": "naïve 日本"}')
    first.put(_key(1), "another")
    first._file.close()
    second = _open(tmp_path / "cache.db")
    assert second.get(_key(1)) == '{"ok": "naïve 日本"}'
    assert (first.hits, second.hits) == (0, 1)
    second._file.close()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param((replace(_REQUEST, task="commit"), _WHO), id="task"),
        pytest.param((replace(_REQUEST, messages=(Message("system", "hello"),)), _WHO), id="role"),
        pytest.param((replace(_REQUEST, messages=(Message("user", "hello "),)), _WHO), id="text"),
        pytest.param((replace(_REQUEST, schema=object_of({"ok": integer()})), _WHO), id="schema"),
        pytest.param((replace(_REQUEST, prompt="sha256:2"), _WHO), id="prompt"),
        pytest.param((replace(_REQUEST, language="de"), _WHO), id="language"),
        pytest.param((replace(_REQUEST, temperature=0.5), _WHO), id="temperature"),
        pytest.param((replace(_REQUEST, seed=7), _WHO), id="seed"),
        pytest.param((replace(_REQUEST, max_tokens=51), _WHO), id="limit"),
        pytest.param((_REQUEST, replace(_WHO, digest="sha256:2")), id="model"),
        pytest.param((_REQUEST, replace(_WHO, engine="ollama")), id="engine"),
        pytest.param((_REQUEST, replace(_WHO, runtime="llama.cpp b2")), id="runtime"),
    ],
)
def test_a_reply_expires_when_anything_that_it_depends_on_changes(changed: tuple[Request, Identity]) -> None:
    assert reply_key(*changed) != reply_key(_REQUEST, _WHO)


def test_a_longer_time_limit_asks_nothing_new() -> None:
    assert reply_key(replace(_REQUEST, timeout_s=1), _WHO) == reply_key(_REQUEST, _WHO)


def test_the_least_recently_used_leave_when_the_room_is_used_up(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache.db", most_bytes=350)
    for number in range(3):
        cache.put(_key(number), "x" * 100)
    assert cache.get(_key(0)), "used again, so 1 is now the oldest"
    cache.put(_key(3), "y" * 100)
    assert [cache.get(_key(number)) is not None for number in range(4)] == [True, False, True, True]
    cache.put(_key(4), "z" * 351)
    assert [cache.get(_key(number)) is not None for number in range(5)] == [True, False, True, True, False]
    cache.flush()
    cache._file.close()
    with closing(sqlite3.connect(tmp_path / "cache.db")) as connection:
        assert (
            connection.execute("SELECT bytes FROM size").fetchone()
            == connection.execute("SELECT sum(length(text)) FROM replies").fetchone()
        )


def test_use_is_remembered_across_runs(tmp_path: Path) -> None:
    first = _open(tmp_path / "cache.db", most_bytes=250)
    first.put(_key(0), "x" * 100)
    first.put(_key(1), "x" * 100)
    assert first.get(_key(0))
    first.flush()
    first._file.close()
    second = _open(tmp_path / "cache.db", most_bytes=250)
    second.put(_key(2), "x" * 100)
    assert [second.get(_key(number)) is not None for number in range(3)] == [True, False, True]
    second._file.close()


def test_the_same_question_is_asked_once_and_its_replay_costs_nothing(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache.db")
    engine = Cached(_script(tmp_path / "s.jsonl", '{"reply": {"ok": true}}', '{"reply": {"ok": false}}'), cache)
    replies = [engine.chat(_REQUEST, Cancel()) for _ in range(3)]
    assert [(reply.text, reply.replayed) for reply in replies] == [('{"ok":true}', False), ('{"ok":true}', True), ('{"ok":true}', True)]
    assert (replies[1].prompt_tokens, replies[1].generated_tokens, cache.hits) == (0, 0, 2)
    cache._file.close()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"reply": "I am sorry"}', id="invalid"),
        pytest.param('{"reply": {"ok": true}, "finish": "length"}', id="cut-off"),
    ],
)
def test_a_reply_that_is_no_good_is_never_kept(tmp_path: Path, line: str) -> None:
    cache = _open(tmp_path / "cache.db")
    engine = Cached(_script(tmp_path / "s.jsonl", line, '{"reply": {"ok": true}}'), cache)
    engine.chat(_REQUEST, Cancel())
    assert engine.chat(_REQUEST, Cancel()).text == '{"ok":true}'
    cache._file.close()


def test_a_failure_of_the_engine_is_never_kept(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache.db")
    engine = Cached(_script(tmp_path / "s.jsonl", '{"error": "down"}', '{"reply": {"ok": true}}'), cache)
    with pytest.raises(ModelError, match="down"):
        engine.chat(_REQUEST, Cancel())
    assert engine.chat(_REQUEST, Cancel()).text == '{"ok":true}'
    cache._file.close()


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"this is no database" * 200, id="text"), pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, id="damaged")],
)
def test_a_broken_file_is_moved_aside_and_begun_anew_with_one_warning(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(content)
    (tmp_path / "cache.db-wal").write_bytes(b"old")
    events: list[Event] = []
    cache = ResponseCache(CacheFile(path, events.append), most_bytes=1000)
    cache.put(_key(1), "text")
    assert cache.get(_key(1)) == "text"
    assert (tmp_path / "cache.db.broken").read_bytes() == content
    assert [type(event) for event in events] == [Warned]
    cache._file.close()


def test_a_file_that_breaks_during_the_run_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    events: list[Event] = []
    cache = ResponseCache(CacheFile(path, events.append), most_bytes=1 << 20)
    for number in range(50):
        cache.put(_key(number), "x" * 1000)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 60_000)
    assert [cache.get(_key(number)) for number in range(3)] == [None] * 3
    cache.put(_key(99), "text")
    assert len(events) == 1
    assert isinstance(events[0], Warned)
    assert "broken" in events[0].message
    with closing(CacheFile(path, _fail)) as anew:
        assert anew.ask(lambda connection: connection.execute("SELECT count(*) FROM replies").fetchone(), None) == (0,)


def test_a_place_that_cannot_be_written_is_done_without_with_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    events: list[Event] = []
    cache = ResponseCache(CacheFile(tmp_path / "file" / "cache.db", events.append), most_bytes=1000)
    cache.put(_key(1), "text")
    assert cache.get(_key(1)) is None
    assert [type(event) for event in events] == [Warned]


def test_a_full_disk_under_the_cache_stops_nothing(tmp_path: Path) -> None:
    events: list[Event] = []
    file = CacheFile(tmp_path / "cache.db", events.append)
    cache = ResponseCache(file, most_bytes=1 << 20)
    file.ask(lambda connection: connection.execute("PRAGMA max_page_count = 12"), None)
    for number in range(40):
        cache.put(_key(number), "x" * 3000)
    assert len(events) == 1
    assert isinstance(events[0], Warned)
    assert "full" in events[0].message


def test_a_cache_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    CacheFile(path, _fail).ask(
        lambda connection: connection.execute("INSERT INTO migrations (name, digest) VALUES ('m999_new', 'x')"), None
    )
    events: list[Event] = []
    assert ResponseCache(CacheFile(path, events.append), most_bytes=10).get(_key(1)) is None
    assert isinstance(events[0], Warned)
    assert "m999_new" in events[0].message
    assert path.exists()


def test_threads_share_one_cache(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache.db")

    def use(number: int) -> str | None:
        cache.put(_key(number % 10), f"text {number % 10}")
        return cache.get(_key(number % 10))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(200))) == [f"text {number % 10}" for number in range(200)]
    assert cache.hits == 200
    cache._file.close()


_WRITER = """
import sys
from pathlib import Path
from notewright.llm.layers.cache import ResponseCache
from notewright.llm.layers.cache_file import CacheFile
cache = ResponseCache(CacheFile(Path(sys.argv[1]), lambda event: sys.exit(str(event))), most_bytes=1 << 20)
for number in range(100):
    cache.put(number.to_bytes(32, "big"), f"text {number}")
    assert cache.get(number.to_bytes(32, "big")) == f"text {number}"
if sys.argv[2] == "kill":
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
cache.flush()
"""


def test_processes_share_one_cache_and_one_that_is_killed_leaves_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    ends = ["kill", "stop", "stop"]
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), end], stderr=subprocess.PIPE, text=True) for end in ends]
    assert [writer.communicate(timeout=60)[1] for writer in writers] == ["", "", ""]
    cache = _open(path)
    assert [cache.get(_key(number)) for number in range(100)] == [f"text {number}" for number in range(100)]
    cache._file.close()


def test_the_digest_of_a_model_is_computed_once_and_again_when_the_file_changes(tiny_gguf: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(tiny_gguf.read_bytes())
    file = CacheFile(tmp_path / "cache.db", _fail)
    digest = Digests(file).of(model)
    file.ask(lambda connection: connection.execute("UPDATE digests SET digest = 'remembered'"), None)
    assert Digests(file).of(model) == "remembered", "read from the file, not computed again"
    model.write_bytes(tiny_gguf.read_bytes() + b"\0")
    assert Digests(file).of(model) not in (digest, "remembered")
    file.close()


def test_a_closed_file_answers_no_more_questions(tmp_path: Path) -> None:
    file = CacheFile(tmp_path / "cache.db", _fail)
    file.close()
    assert file.ask(lambda connection: connection.execute("SELECT 1"), None) is None
    assert not (tmp_path / "cache.db").exists()
