"""`notewright models cache`, as people run it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from notewright.control import Event
from notewright.llm.layers.cache import ResponseCache
from notewright.llm.layers.cache_database import charged_bytes
from notewright.llm.layers.cache_file import CacheFile
from notewright.prompting.request import Reply
from tests.parts.command import Ended, run_command

_KEPT_AT = 1_767_225_600.0  # 2026-01-01
_DAY_S = 86_400


def _fail(event: Event) -> None:
    raise AssertionError(event)


def _file(folder: Path) -> Path:
    return folder / "state" / "replies.sqlite"


def _keep(folder: Path, texts: list[str]) -> None:
    """Keep the texts, one a day, and use the first one twice."""
    days = iter(range(len(texts)))
    with closing(CacheFile(_file(folder), _fail)) as file:
        cache = ResponseCache(file, most_bytes=1 << 20, clock=lambda: _KEPT_AT + next(days) * _DAY_S)
        for number, text in enumerate(texts):
            cache.put(bytes([number]) * 32, Reply(text, "stop", 1, 1, 1, 1.0))
        assert cache.get(bytes(32))
        assert cache.get(bytes(32))
        cache.flush()


def _run(folder: Path, *arguments: str, **env: str) -> Ended:
    return run_command("models", "cache", *arguments, cwd=folder, env={"NOTEWRIGHT_STATE_DIR": str(_file(folder).parent), **env})


def test_stats_say_what_is_kept_and_where(tmp_path: Path) -> None:
    _keep(tmp_path, ["x" * 600_000, "y" * 5000, "z"])
    done = _run(tmp_path, "stats")
    assert (done.code, done.err) == (0, "")
    assert done.out.decode().splitlines() == [
        "replies   3",
        "size      0.6 of 256.0 MB",
        "hits      2",
        "oldest    2026-01-01T00:00:00+00:00",
        "newest    2026-01-03T00:00:00+00:00",
        f"file      {_file(tmp_path)}",
    ]


def test_stats_are_data_too(tmp_path: Path) -> None:
    _keep(tmp_path, ["x" * 1000])
    done = _run(tmp_path, "stats", "--format", "json", NOTEWRIGHT_LLM_CACHE_MB="1")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {
        "schema": 1,
        "file": str(_file(tmp_path)),
        "replies": 1,
        "bytes": charged_bytes(1000),
        "limit_bytes": 1 << 20,
        "hits": 2,
        "oldest_at": "2026-01-01T00:00:00+00:00",
        "newest_at": "2026-01-01T00:00:00+00:00",
    }


def test_a_cache_that_was_never_used_is_empty_and_looking_does_not_create_it(tmp_path: Path) -> None:
    done = _run(tmp_path, "stats")
    assert (done.code, done.out.decode()) == (0, f"replies   0\nsize      0.0 of 256.0 MB\nhits      0\nfile      {_file(tmp_path)}\n")
    value = json.loads(_run(tmp_path, "stats", "--format", "json").out)
    assert (value["replies"], value["oldest_at"], value["newest_at"]) == (0, None, None)
    assert _run(tmp_path, "clear").err == "there was nothing to remove\n"
    assert not _file(tmp_path).exists()


def test_a_cache_that_is_switched_off_says_so(tmp_path: Path) -> None:
    assert "size      switched off\n" in _run(tmp_path, "stats", NOTEWRIGHT_LLM_CACHE_MB="0").out.decode()


def test_clear_says_what_it_removed_and_gives_the_room_back(tmp_path: Path) -> None:
    _keep(tmp_path, ["x" * 600_000, "y"])
    done = _run(tmp_path, "clear")
    assert (done.code, done.out, done.err) == (0, b"", "removed 2 replies of 0.6 MB\n")
    assert _file(tmp_path).stat().st_size < 100_000
    assert json.loads(_run(tmp_path, "stats", "--format", "json").out)["hits"] == 0
    assert _run(tmp_path, "clear").err == "there was nothing to remove\n"


def test_clear_works_while_a_run_uses_the_cache_and_the_run_goes_on(tmp_path: Path) -> None:
    _keep(tmp_path, ["x"])
    with closing(CacheFile(_file(tmp_path), _fail)) as file:
        run = ResponseCache(file, most_bytes=1 << 20)
        assert run.get(bytes(32))
        assert _run(tmp_path, "clear").err == "removed 1 reply of 0.0 MB\n"
        assert run.get(bytes(32)) is None
        run.put(bytes(32), Reply("again", "stop", 1, 1, 1, 1.0))
        assert run.get(bytes(32))


def test_a_broken_file_is_named_with_the_command_that_removes_it(tmp_path: Path) -> None:
    _file(tmp_path).parent.mkdir()
    _file(tmp_path).write_bytes(b"this is no database" * 200)
    done = _run(tmp_path, "stats")
    assert (done.code, done.out) == (7, b"")
    assert done.err.startswith(f"error: the database {_file(tmp_path)} is broken: ")
    assert done.err.endswith("hint: `notewright models cache clear` removes it\n")
    done = _run(tmp_path, "clear")
    assert (done.code, done.err) == (0, "removed a file of replies that was broken\n")
    assert _run(tmp_path, "stats").code == 0


def test_clear_removes_what_a_run_moved_aside_too(tmp_path: Path) -> None:
    _keep(tmp_path, ["x"])
    aside = _file(tmp_path).with_name("replies.sqlite.broken")
    aside.write_bytes(b"this is no database")
    done = _run(tmp_path, "clear")
    assert done.err == "removed 1 reply of 0.0 MB\nremoved a file of replies that was broken\n"
    assert not aside.exists()


@pytest.mark.parametrize("command", ["stats", "clear"])
def test_a_file_of_a_newer_version_is_left_alone(command: str, tmp_path: Path) -> None:
    _keep(tmp_path, ["x"])
    with closing(CacheFile(_file(tmp_path), _fail)) as file:
        file.ask(lambda connection: connection.execute("INSERT INTO migrations (name, digest) VALUES ('m999_new', 'x')"), None)
    before = _file(tmp_path).read_bytes()
    done = _run(tmp_path, command)
    assert (done.code, done.out) == (7, b"")
    assert "m999_new" in done.err
    assert _file(tmp_path).read_bytes() == before
