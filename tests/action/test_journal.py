from __future__ import annotations

import pytest

from notewright.action.journal import Journal
from notewright.control import Advanced, Finished, Started, Warned


@pytest.mark.case(6)
@pytest.mark.parametrize(
    "text",
    ["::set-output name=version::9.9.9", "  ::add-mask::x", "ok\n::error::x", "ok\r::error::x", "##[group]x", "a ##[error]x",
     "##[add-mask]x", "::stop-commands::x"],
)  # fmt: skip
def test_no_line_of_the_log_is_a_command_to_the_runner(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Journal().say(text)
    printed = capsys.readouterr().out
    # as the runner looks for them: `::` after white space at the start of a line, `##[` anywhere in it
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in printed.replace("\r", "\n").splitlines())


def test_a_warning_is_one_command_whatever_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    Journal()(Warned("50 % of\n::error::x\r\n::set-output name=a::b", hint="do\nthis"))
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "::warning title=notewright::50 %25 of%0A::error::x%0D%0A::set-output name=a::b%0Ado%0Athis"
    assert not any(line.startswith("::") for line in rest)


def test_each_part_of_the_work_is_kept_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal()
    for event in (Started("history"), Advanced("history", 5000), Finished("history", "5,001 commits"), Started("notes"), Finished("notes")):
        journal(event)
    assert [(part.name, part.what, part.seconds >= 0) for part in journal.parts] == [
        ("history", "5,001 commits", True),
        ("notes", "", True),
    ]
    assert "5,001 commits" in capsys.readouterr().out
