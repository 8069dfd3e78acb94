"""One step of the action: set-up, collect, prepare or propose. All the rest is in notewright.action."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  # whatever Python 3 the runner has reads this file as far as here
    found = ".".join(map(str, sys.version_info[:2]))
    mend = "put actions/setup-python with python-version: '3.12' before it"
    sys.stdout.write("::error title=notewright::notewright needs Python 3.11 or newer, and python3 is " + found + ": " + mend + "\n")
    sys.exit(2)

if sys.argv[1:2] == ["set-up"]:  # the one step that runs before the package is installed
    sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from notewright.action.run import main

main(sys.argv[1:])
