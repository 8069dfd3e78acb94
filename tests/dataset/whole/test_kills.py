"""Whole runs, from clones to the artifact, that are killed at any moment and started again."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from tests.parts.mining import Mine, make_functions, write_script

_NAMES = ("apples", "pears", "plums", "figs", "limes", "dates")


def _run(mine: Mine, engine: str, *, kill_after_s: float | None) -> bool:
    """Run it all in a fork of this process, which costs no start of Python; return whether it ended by itself."""
    child = os.fork()
    if child == 0:
        _become(mine, engine)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.waitstatus_to_exitcode(status) == 0, (mine.path / "said").read_text()
    return True


def _become(mine: Mine, engine: str) -> None:
    from notewright.cli.main import main

    os.chdir(mine.path)
    words = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(words, 1)
    os.dup2(words, 2)
    sys.argv = ["notewright", "dataset", "run", "--engine", engine]
    try:
        main()
    except SystemExit as ended:
        os._exit(int(ended.code or 0))
    finally:
        os._exit(70)


def _kill_and_resume(tmp_path: Path, engine: str, *, kills: int, longest_s: float) -> None:
    """Compare what an undisturbed run leaves with what is left after so many kills, over as many stores as that takes."""
    repo = make_functions(tmp_path / "repo", _NAMES)
    whole = Mine.open(tmp_path / "whole", [repo.path])
    assert _run(whole, engine, kill_after_s=None)
    chance, killed, rounds = random.Random(5), 0, 0
    while killed < kills:
        rounds += 1
        mine = Mine.open(tmp_path / f"mine-{rounds}", [repo.path])
        while killed < kills and not _run(mine, engine, kill_after_s=chance.uniform(0.05, longest_s)):
            killed += 1
        assert _run(mine, engine, kill_after_s=None)
        assert mine.files() == whole.files()
        assert mine.status()["generation"]["done"] == whole.status()["generation"]["done"], "no task is done twice"


def test_a_hundred_kills_leave_the_bytes_of_an_undisturbed_run(tmp_path: Path) -> None:
    script = write_script(tmp_path / "script.jsonl", _NAMES, delay_s=0.02)
    _kill_and_resume(tmp_path, f"scripted:{script}", kills=100, longest_s=0.9)


def test_twenty_kills_with_a_real_server_leave_them_too(tmp_path: Path, llama_url: str) -> None:
    _kill_and_resume(tmp_path, f"llama_server:{llama_url}", kills=20, longest_s=2.5)
