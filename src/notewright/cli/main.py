"""The command line: commands loaded when they are called, errors turned into exit codes."""

from __future__ import annotations

import gc
import signal
import sys
from types import FrameType
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from notewright import __version__
from notewright.cli.lazy import LazyGroup
from notewright.cli.streams import abandon, print_error
from notewright.control import Cancel
from notewright.errors import Cancelled, NotewrightError, StorageError, UsageError

COMMANDS = {
    "init": ("notewright.cli.init", "Write a configuration and workflows; never overwrites."),
    "changelog": ("notewright.cli.changelog", "Print the changelog of a range, or splice it into a file."),
    "version": ("notewright.cli.version", "Print the next version and why."),
    "notes": ("notewright.cli.notes", "Write release notes for an audience, or check them."),
    "release": ("notewright.cli.release", "Collect, prepare, propose, approve and finish a release."),
    "commit": ("notewright.cli.commit", "Read commit messages."),
    "dataset": ("notewright.cli.dataset", "Mine repositories into question-answer pairs."),
    "models": ("notewright.cli.models", "Look after models and what is kept of them."),
    "prompts": ("notewright.cli.prompts", "List, show, fill in or check the prompts that models are asked by."),
    "config": ("notewright.cli.config", "Show, check, describe or import the configuration."),
    "doctor": ("notewright.cli.doctor", "Look whether everything that is needed is here."),
}


@click.command(cls=LazyGroup, below=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="notewright")
def cli() -> None:
    """Turn a repository's history into release documents people can trust.

    The changelog is built from commits without any model. Notes are written by a local model, or by rule with
    `--engine none`; each sentence cites its entries and is checked against them.
    """


# A history is a hundred thousand small values without cycles: looking through them again and again took a tenth of the time.
_GC_THRESHOLD = 100_000


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 a check failed, 2 usage, 3 configuration, 4 repository, 5 model, 6 GitHub,
    7 disk or storage, 130 cancelled."""
    cancel = Cancel()
    gc.set_threshold(_GC_THRESHOLD)

    def stop(_signum: int, _frame: FrameType | None) -> NoReturn:
        """Tell the threads first, then unwind, so that `with` blocks clean up and engines stop."""
        cancel.request()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        code = cli.main(standalone_mode=False, obj=cancel)
    except (KeyboardInterrupt, click.Abort):
        code = _fail(Cancelled("cancelled", hint="nothing half-written is left; run the same command again"))
    except NoArgsIsHelpError as error:  # a group without a command: its help is the message
        click.echo(error.format_message(), err=True)
        code = error.exit_code
    except click.ClickException as error:
        code = _fail(_usage_error(error))
    except NotewrightError as error:
        code = _fail(error)
    except OSError as error:  # what nobody closer knew better: a full disk under --help, a folder as stdin
        abandon(sys.stdout)
        code = _fail(StorageError(f"cannot read or write {error.filename or 'a stream'}: {error.strerror}"))
    sys.exit(code if isinstance(code, int) else 0)


def _fail(error: NotewrightError) -> int:
    print_error(error)
    return error.exit_code


def _usage_error(error: click.ClickException) -> UsageError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "notewright"
    return UsageError(error.format_message(), hint=f"`{path} --help` tells what it takes")
