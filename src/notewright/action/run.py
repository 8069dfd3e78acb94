"""Runs one step of the action, and turns what went wrong into an annotation, a summary and an exit code."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import NoReturn

from notewright.action.events import check_event, check_history
from notewright.action.inputs import read_inputs
from notewright.action.job import Job, find_work
from notewright.action.journal import Journal, use_utf8
from notewright.action.outputs import append_summary
from notewright.action.secret import check_tokenless
from notewright.action.summary import render_failure
from notewright.control import Cancel
from notewright.errors import Cancelled, NotewrightError, UsageError

# Imported when called: set-up runs before any package is installed, and a step that holds a token loads no engine.
STEPS = {name: f"notewright.action.{name.replace('-', '_')}" for name in ("set-up", "collect", "prepare", "propose", "gate", "finish")}


def main(arguments: Sequence[str]) -> NoReturn:
    """Run the step named and exit: 0 done, else the code of the error (docs/architecture.md)."""
    use_utf8()
    cancel, journal = Cancel(), Journal()

    def stop(_signum: int, _frame: FrameType | None) -> NoReturn:
        cancel.request()  # for the threads that ask an engine
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        _run(arguments, os.environ, journal, cancel)
        code = 0
    except KeyboardInterrupt:
        code = _fail(Cancelled("cancelled", hint="nothing half-written is left; run the job again"), journal, os.environ)
    except NotewrightError as error:
        code = _fail(error, journal, os.environ)
    sys.exit(code)


def _run(arguments: Sequence[str], environment: Mapping[str, str], journal: Journal, cancel: Cancel) -> None:
    step = arguments[0] if len(arguments) == 1 else ""
    if step not in STEPS:
        raise UsageError(f"there is no step {' '.join(arguments)!r}", hint=f"run one of {', '.join(STEPS)}")
    if os.name == "nt":
        raise UsageError("the action runs on Linux and macOS", hint="on Windows there is the command line: `notewright --help`")
    if step == "prepare":
        check_tokenless(environment)
    inputs = read_inputs(environment)
    check_event(environment, inputs)
    check_history(inputs)
    if step == "set-up":
        importlib.import_module(STEPS[step]).run(inputs, environment, journal)
        return
    job = Job(environment, inputs, find_work(environment), journal, cancel)
    importlib.import_module(STEPS[step]).run(job)
    job.save_parts(step)


def _fail(error: NotewrightError, journal: Journal, environment: Mapping[str, str]) -> int:
    journal.annotate("error", error.message, error.hint)
    append_summary(environment, render_failure(error))
    return error.exit_code
