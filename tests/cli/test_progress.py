"""What a person at a terminal sees of a long step."""

from __future__ import annotations

import io
import sys

import pytest

from notewright.cli import streams
from notewright.control import Advanced, Finished, Started


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("total", "shown"), [(1200, "collect    300 of 1,200"), (None, "collect    300")])
def test_a_counter_says_of_how_many_where_that_is_known(monkeypatch: pytest.MonkeyPatch, total: int | None, shown: str) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(streams, "_PATIENCE_S", -1.0)
    progress = streams.Progress(steps=True)
    for event in (Started("collect", total), Advanced("collect", 300), Finished("collect", "done")):
        progress(event)
    assert terminal.getvalue() == f"\r  {shown}\r\x1b[K  collect    done\n"
