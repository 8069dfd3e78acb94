"""The file under the response cache: broken, full, shared, killed, and of another version."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from notewright.control import Event, Warned
from notewright.llm.digest import Digests
from notewright.llm.layers.cache import ResponseCache
from notewright.llm.layers.cache_database import _MIGRATIONS, open_replies, read_totals, remove_replies, shrink_file
from notewright.llm.layers.cache_file import CacheFile
from notewright.prompting.request import Reply
from notewright.system.database import open_database


def _fail(event: Event) -> None:
    raise AssertionError(event)


def _cache(path: Path, report: Callable[[Event], None] = _fail) -> ResponseCache:
    return ResponseCache(CacheFile(path, report), most_bytes=1 << 20)


def _key(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _reply(text: str) -> Reply:
    return Reply(text, "stop", 100, 50, 20, 1.5)


def _text(cache: ResponseCache, number: int) -> str | None:
    kept = cache.get(_key(number))
    return kept.text if kept else None


# Keeps the replies 0, 1, 2, … and prints each number once its reply is kept.
_WRITER = """
import sys
from pathlib import Path
from notewright.llm.layers.cache import ResponseCache
from notewright.llm.layers.cache_file import CacheFile
from notewright.prompting.request import Reply
warned = []
file = CacheFile(Path(sys.argv[1]), warned.append)
cache = ResponseCache(file, most_bytes=64 << 20)
if len(sys.argv) > 3:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
for number in range(int(sys.argv[2])):
    cache.put(number.to_bytes(32, "big"), Reply(f"text {number} " + "x" * 500, "stop", 1, 1, 1, 1.0))
    print(number, flush=True)
cache.flush()
file.close()
for event in warned:
    print(event.message, file=sys.stderr)
"""


def _start(path: Path, count: int, *limits: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(path), str(count), *map(str, limits)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"this is no database" * 200, id="text"), pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, id="damaged")],
)
def test_a_broken_file_is_moved_aside_and_begun_anew_with_one_warning(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(content)
    (tmp_path / "cache.db-wal").write_bytes(b"old")
    events: list[Event] = []
    cache = _cache(path, events.append)
    cache.put(_key(1), _reply("text"))
    assert _text(cache, 1) == "text"
    assert (tmp_path / "cache.db.broken").read_bytes() == content
    assert [type(event) for event in events] == [Warned]
    cache._file.close()


def test_processes_that_find_the_same_file_broken_move_it_once_and_share_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    content = b"this is no database" * 200
    path.write_bytes(content)
    writers = [_start(path, 20) for _ in range(6)]
    said = [writer.communicate(timeout=60)[1] for writer in writers]
    assert sum("was moved to" in one for one in said) == 1
    assert [writer.returncode for writer in writers] == [0] * 6
    assert (tmp_path / "cache.db.broken").read_bytes() == content
    with closing(open_replies(path)) as connection:
        assert read_totals(connection).replies == 20


def _break(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 60_000)


def test_a_file_that_breaks_during_the_run_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    events: list[Event] = []
    cache = _cache(path, events.append)
    for number in range(50):
        cache.put(_key(number), _reply("x" * 1000))
    _break(path)
    assert [_text(cache, number) for number in range(3)] == [None] * 3
    cache.put(_key(99), _reply("text"))
    assert len(events) == 1
    assert isinstance(events[0], Warned)
    assert "broken" in events[0].message
    with closing(open_replies(path)) as connection:
        assert read_totals(connection).replies == 0


def test_who_notices_late_that_the_file_broke_leaves_the_new_one_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    events: list[Event] = []
    early, late = (_cache(path, events.append) for _ in range(2))
    for number in range(50):
        early.put(_key(number), _reply("x" * 1000))
    assert _text(late, 0)
    _break(path)
    assert _text(early, 0) is None
    anew = _cache(path)
    anew.put(_key(1), _reply("text"))
    assert _text(late, 0) is None
    assert _text(anew, 1) == "text"
    anew._file.close()
    with closing(open_replies(path)) as connection:
        assert read_totals(connection).replies == 1
    assert len(events) == 1


def test_a_place_that_cannot_be_written_is_done_without_with_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    events: list[Event] = []
    cache = _cache(tmp_path / "file" / "cache.db", events.append)
    cache.put(_key(1), _reply("text"))
    assert _text(cache, 1) is None
    assert [type(event) for event in events] == [Warned]


def test_a_full_database_under_the_cache_stops_nothing(tmp_path: Path) -> None:
    events: list[Event] = []
    file = CacheFile(tmp_path / "cache.db", events.append)
    cache = ResponseCache(file, most_bytes=1 << 20)
    file.ask(lambda connection: connection.execute("PRAGMA max_page_count = 12"), None)
    for number in range(40):
        cache.put(_key(number), _reply("x" * 3000))
    assert len(events) == 1
    assert isinstance(events[0], Warned)
    assert "full" in events[0].message


def test_a_disk_that_takes_no_more_bytes_stops_nothing_and_what_was_kept_stays(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    out, said = (writer := _start(path, 300, 120_000)).communicate(timeout=60)
    assert (writer.returncode, len(out.split())) == (0, 300)
    assert said.startswith("going on without the cache of model replies: ")
    assert said.count("\n") == 1
    with closing(open_replies(path)) as connection:
        kept = [number for number in range(300) if connection.execute("SELECT 1 FROM replies WHERE key = ?", (_key(number),)).fetchone()]
    assert kept == list(range(len(kept)))
    assert 0 < len(kept) < 300


def test_a_cache_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(open_replies(path)) as connection:
        connection.execute("INSERT INTO migrations (name, digest) VALUES ('m999_new', 'x')")
    events: list[Event] = []
    assert _text(_cache(path, events.append), 1) is None
    assert isinstance(events[0], Warned)
    assert "m999_new" in events[0].message
    assert path.exists()


def test_replies_of_a_version_that_kept_no_age_go_and_the_digests_of_models_stay(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(open_database(path, _MIGRATIONS[:2])) as connection:
        connection.execute("INSERT INTO replies (key, text, used) VALUES (?, 'old', 1)", (_key(1),))
        connection.execute("INSERT INTO digests VALUES ('model.gguf', '1 2 3', 'sha256:1')")
    cache = _cache(path)
    assert _text(cache, 1) is None
    cache.put(_key(1), _reply("new"))
    assert _text(cache, 1) == "new"
    cache._file.close()
    with closing(open_replies(path)) as connection:
        assert read_totals(connection).replies == 1
        assert connection.execute("SELECT digest FROM digests").fetchall() == [("sha256:1",)]


def test_threads_share_one_cache(tmp_path: Path) -> None:
    cache = _cache(tmp_path / "cache.db")

    def use(number: int) -> str | None:
        cache.put(_key(number % 10), _reply(f"text {number % 10}"))
        return _text(cache, number % 10)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(200))) == [f"text {number % 10}" for number in range(200)]
    assert cache.hits == 200
    cache._file.close()


def test_processes_write_and_read_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    cache = _cache(path)
    writers = [_start(path, 150) for _ in range(3)]
    while any(writer.poll() is None for writer in writers):
        assert all((text := _text(cache, number)) is None or text.startswith(f"text {number} ") for number in range(150))
    assert [writer.communicate()[1] for writer in writers] == [""] * 3
    assert all(_text(cache, number) for number in range(150))
    cache._file.close()


def test_a_process_that_is_killed_while_it_writes_loses_at_most_that_write(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with _start(path, 100_000) as writer:
        assert writer.stdout
        done = [int(next(writer.stdout)) for _ in range(200)]
        writer.send_signal(signal.SIGKILL)
        done += map(int, writer.stdout)
    assert writer.returncode == -signal.SIGKILL
    cache = _cache(path)
    assert [number for number in done if not (_text(cache, number) or "").startswith(f"text {number} ")] == []
    cache.put(_key(done[-1] + 9), _reply("the next run goes on"))
    assert cache._file.ask(lambda connection: connection.execute("PRAGMA integrity_check").fetchall(), []) == [("ok",)]
    cache._file.close()


def test_what_is_removed_is_gone_for_another_who_uses_the_file_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    cache = _cache(path)
    for number in range(50):
        cache.put(_key(number), _reply("x" * 10_000))
    assert _text(cache, 0)
    with closing(open_replies(path)) as connection:
        assert remove_replies(connection).replies == 50
        shrink_file(connection)
        assert path.stat().st_size < 100_000
    assert _text(cache, 0) is None
    cache.put(_key(1), _reply("text"))
    assert _text(cache, 1) == "text"
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
