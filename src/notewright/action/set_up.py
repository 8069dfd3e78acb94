"""Set-up: an environment for the steps after it, and a folder that they share. Needs nothing but Python itself."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from notewright.action.environment import ensure_environment
from notewright.action.inputs import Inputs
from notewright.action.journal import Journal
from notewright.action.outputs import set_outputs
from notewright.control import Finished, Started
from notewright.errors import StorageError

_SOURCE = Path(__file__).parents[3]  # the checkout of the action, of which this file is run


def run(inputs: Inputs, environment: Mapping[str, str], journal: Journal) -> None:
    """Set the outputs `python` and `work`, for action.yml alone."""
    journal(Started("set-up"))
    lock = "dataset" if inputs.command == "dataset" else "action"
    python = ensure_environment(_SOURCE, inputs.state_dir, lock=lock, say=journal.say)
    try:
        work = tempfile.mkdtemp(prefix="notewright-", dir=environment.get("RUNNER_TEMP") or None)
    except OSError as error:
        raise StorageError(f"cannot write RUNNER_TEMP: {error.strerror}", hint="check the disk of the runner") from error
    journal(Finished("set-up", str(python)))
    set_outputs(environment, {"python": str(python), "work": work})
