"""What a person at a terminal, and a job's log, see of a run that takes all night."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len

from notewright.cli.bars import Bars, duration
from notewright.cli.speed import Speed
from notewright.control import Advanced, Event, Finished, Reached, Started, Warned

_HEAD = """
import signal, sys, time
from notewright.cli.bars import Bars
from notewright.control import *
def stop(*_): raise KeyboardInterrupt
signal.signal(signal.SIGINT, stop)
"""
_RUN = """
repository = "https://example.org/some/repository-with-a-long-name"
with Bars() as bars:
    bars(Started("generate", 52000))
    for done in range(40):
        bars(Advanced("generate", 1200 + done, 900 * done))
        bars(Reached("generate", (repository,), done, 400))
        for file in range(9):
            bars(Reached("generate", (repository, f"src/\\u65e5\\u672c\\u8a9e\\u65e5\\u672c\\u8a9e/{file}[red].py"), done, 40))
        if done == 20:
            bars(Warned("o/r [bold]is[/bold] gone\\x1b[2J\\u202e", "look :smile:"))
            print("a result")
        time.sleep(.02)
    bars(Finished("generate", "1,240 pairs"))
"""
_ENDLESS = """
with Bars() as bars:
    bars(Started("generate", 52000))
    bars(Warned("under way"))
    while True:
        bars(Advanced("generate", 1))
        time.sleep(.005)
"""
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Seen:
    """What a terminal of 80 columns was sent, and how the program ended."""

    text: str
    code: int
    stdout: str
    same: bool

    @property
    def lines(self) -> list[str]:
        return [line for line in re.split("[\r\n]+", _SEQUENCE.sub("", self.text)) if line.strip()]


def watch(program: str, folder: Path, *, interrupts: int = 0, leave: bool = False, variables: Mapping[str, str] | None = None) -> Seen:
    """Run a program with a terminal as its stderr; interrupt it, or hang up, as soon as it says something."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "COLUMNS", "LINES")}
    environment = {**kept, "TERM": "xterm-256color", **(variables or {})}
    with (folder / "stdout").open("wb") as stdout:
        child = subprocess.Popen([sys.executable, "-c", _HEAD + program], stderr=theirs, stdout=stdout, env=environment)
    text = b""
    while child.poll() is None or has_more(ours):
        if has_more(ours):
            text += os.read(ours, 1 << 16)
        if b"under way" in text and interrupts:
            interrupts -= 1
            child.send_signal(signal.SIGINT)
        if b"under way" in text and leave:
            break
    same = not leave and termios.tcgetattr(theirs) == before
    os.close(theirs)
    os.close(ours)
    code = child.wait(timeout=30)
    return Seen(text.decode(), code, (folder / "stdout").read_text("utf-8"), same)


def has_more(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0.05)[0])


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return watch(_RUN, tmp_path_factory.mktemp("run"))


def test_bars_of_the_whole_the_repository_and_its_files_fit_into_80_columns(seen: Seen) -> None:
    assert seen.code == 0
    assert max(map(cell_len, seen.lines)) <= 80
    assert any(re.match(r"generate +━?.* 1,2\d\d/52,000 +[\d,]+ tok/s +\d+:\d\d", line) for line in seen.lines)
    assert any(re.match(r"  …repository-with-a-long-name .*/400 ", line) for line in seen.lines)
    assert any(re.match(r"    \S*日本語/0\[red\]\.py .*/40 ", line) for line in seen.lines)


def test_no_more_than_four_files_are_shown_however_many_are_under_way(seen: Seen) -> None:
    shown = {match[1] for line in seen.lines if (match := re.search(r"(\d)\[red\]", line))}
    assert shown == set("0123")


def test_a_warning_stands_above_the_bars_and_does_nothing_to_the_terminal(seen: Seen) -> None:
    # each line is written where the bars stood, and the bars anew below it
    for line in ("warning:\x1b[0m o/r [bold]is[/bold] gone[2J\r\n", "  \x1b[1mhint:\x1b[0m look :smile:\r\n"):
        before, _, after = seen.text.partition(line)
        assert re.search(r"(\x1b\[1A\x1b\[2K){5}(\x1b\[[\d;]+m)?$", before)
        assert after.startswith("generate ")
    assert "\x1b[2J" not in seen.text
    assert "\u202e" not in seen.text


def test_results_go_to_stdout_while_bars_are_drawn(seen: Seen) -> None:
    assert seen.stdout == "a result\n"


def test_the_bars_go_and_what_was_done_stays(seen: Seen) -> None:
    assert "  generate   1,240 pairs" in seen.lines
    assert seen.text.count("\x1b[?25l") == 1  # the cursor was hidden once, and shown in the end
    assert seen.text.endswith("\x1b[?25h")


@pytest.mark.parametrize("interrupts", [1, 3])
def test_an_interrupted_run_leaves_the_terminal_as_it_was(tmp_path: Path, interrupts: int) -> None:
    seen = watch(_ENDLESS, tmp_path, interrupts=interrupts)
    assert seen.code != 0
    assert seen.same
    assert seen.text.rindex("\x1b[?25h") > seen.text.rindex("\x1b[?25l")


def test_a_terminal_that_is_gone_does_not_end_the_run(tmp_path: Path) -> None:
    program = _ENDLESS.replace("while True", "for _ in range(100)") + "print('whole')"
    seen = watch(program, tmp_path, leave=True)
    assert (seen.code, seen.stdout) == (0, "whole\n")


@pytest.mark.parametrize("variable", [{"CI": "true"}, {"TERM": "dumb"}], ids=["CI", "dumb"])
def test_where_nothing_can_move_there_are_lines(tmp_path: Path, variable: dict[str, str]) -> None:
    seen = watch(_RUN, tmp_path, variables=variable)
    assert seen.lines == ["warning: o/r [bold]is[/bold] gone[2J", "  hint: look :smile:", "  generate   1,240 pairs"]


class Night:
    """A clock of a run whose events a test gives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, quiet: bool = False) -> None:
        self.now_s = 1000.0
        self._stderr = io.StringIO()
        monkeypatch.setattr(sys, "stderr", self._stderr)
        self._bars = Bars(quiet=quiet, clock=lambda: self.now_s).__enter__()

    def give(self, *events: Event) -> None:
        for event in events:
            self._bars(event)

    @property
    def lines(self) -> list[str]:
        return self._stderr.getvalue().splitlines()


def test_a_log_gets_a_line_each_half_minute_and_none_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(monkeypatch)
    night.give(Started("generate", 5000), Advanced("generate", 1200, 0))
    for second in range(1, 91):
        night.now_s += 1
        night.give(Reached("generate", ("o/r", f"{second}.py"), 1, 1), Advanced("generate", 1200 + second, 40 * second))
    night.give(Finished("generate", "1,290 pairs"), Finished("export"))
    assert night.lines == [
        "  generate   1,230 of 5,000, 24 %, 40 tokens/s, about 63 min left",
        "  generate   1,260 of 5,000, 25 %, 40 tokens/s, about 62 min left",
        "  generate   1,290 of 5,000, 25 %, 40 tokens/s, about 62 min left",
        "  generate   1,290 pairs",
    ]


def test_a_log_says_no_more_than_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(monkeypatch)
    night.now_s += 60
    night.give(Advanced("sync", 3), Started("empty", 0))
    night.now_s += 60
    night.give(Advanced("empty", 0))
    assert night.lines == ["  sync       3", "  empty      0 of 0"]


def test_words_of_strangers_are_no_commands_to_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(monkeypatch)
    night.give(Warned("::error::x\n::set-output name=a::b"), Finished("sync", "\r::stop-commands::x ##[group]"))
    assert not [line for line in night.lines if line.lstrip().startswith("::") or "##[" in line]


def test_quiet_leaves_only_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(monkeypatch, quiet=True)
    night.give(Started("generate", 10))
    night.now_s += 60
    night.give(Advanced("generate", 5), Reached("generate", ("o/r",), 1, 2), Warned("o/r is gone"), Finished("generate", "5 pairs"))
    assert night.lines == ["warning: o/r is gone"]


def test_threads_report_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(monkeypatch)

    def work(thread: int) -> None:
        for number in range(200):
            night.give(Started(f"step {thread}", 9), Advanced(f"step {thread}", number, number), Finished(f"step {thread}", f"{number}"))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(night.lines) == 1600


def test_a_file_costs_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    with Bars() as bars:
        bars(Started("generate", 20_000))
        for file in range(20_000):
            bars(Reached("generate", ("o/r", f"{file}.py"), 1, 2))
            bars(Reached("generate", ("o/r", f"{file}.py"), 2, 2))
    assert terminal.getvalue().count("generate") < 2_000  # eight a second, and not forty thousand


def test_where_a_run_goes_on_is_no_work_of_it() -> None:
    speed = Speed()
    speed.add(0.0, 1_000_000)
    assert speed.per_s == 0
    speed.add(10.0, 1_000_050)
    assert speed.per_s == 5


def test_a_speed_is_of_the_last_two_minutes_however_often_it_is_told() -> None:
    speed = Speed()
    for tenth in range(10_000):
        speed.add(tenth / 10, tenth if tenth < 5000 else 5000 + 3 * (tenth - 5000))
    assert 29 < speed.per_s < 31
    assert len(speed._seen) < 150


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (5400, "1 h 30 min"), (90_000, "25 h 0 min")]
)
def test_a_time_is_told_in_two_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
