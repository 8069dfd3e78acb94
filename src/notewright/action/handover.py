"""The hand-over: what a container left, taken as what it may be and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from notewright.action.job import Job, read_parts
from notewright.action.outputs import append_summary, read_outputs, set_outputs
from notewright.adapters.folder import read_folder_file, write_folder
from notewright.errors import UsageError
from notewright.system.files import write_atomic

OUTPUTS, SUMMARY = "outputs", "summary"
_MOST_FILES = 1000


def take_told(job: Job, left: Path) -> None:
    """Take over the summary and what was done when. Whoever wrote them may have been taken over by a model's file: they are read as any
    proposal is, without following a link (security case 35)."""
    job.journal.parts.extend(read_parts(read_folder_file(left, "prepare.json") or b"[]"))
    append_summary(job.environment, (read_folder_file(left, SUMMARY) or b"").decode("utf-8", "replace"))


def take_made(job: Job, left: Path) -> None:
    """Put the proposal or the notes where the job wants them, and set this step's outputs. Raises `UsageError` for what is no plain
    file."""
    made = left / job.own_output.name
    files = list(_plain_files(made))
    outputs = read_outputs(read_folder_file(left, OUTPUTS) or b"")
    if job.inputs.output:
        outputs["changed"] = str(_place(files, made, job)).lower()
    else:
        shutil.rmtree(job.output, ignore_errors=True)  # of an earlier call in the same job
        made.rename(job.output)
    # the path is ours to say: what a workflow uploads from it must not be chosen in there
    set_outputs(job.environment, {**outputs, "proposal": str(job.output)})
    shutil.rmtree(left, ignore_errors=True)


def _place(files: list[str], made: Path, job: Job) -> bool:
    """Write files to the folder that the inputs name, as is done without a container; return whether a document changed."""
    contents = {name: read_folder_file(made, name) or b"" for name in files}
    if job.inputs.command == "release":
        from notewright.review.folder import TOP  # imported here: few need it, and it takes long

        write_folder(job.output, contents, known=TOP)
        return False  # a proposal changes nothing yet
    changed = [write_atomic(job.output / name, content) for name, content in contents.items()]
    return any(changed)


def _plain_files(folder: Path) -> Iterator[str]:
    if folder.is_symlink() or not folder.is_dir():
        raise UsageError(f"the container left no {folder.name}", hint="run the job again, and look at what the model's file is")
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if path.is_symlink() or not (path.is_file() or path.is_dir()) or number >= _MOST_FILES:
            raise UsageError(f"the container left what is no {folder.name}: {path.name!r}", hint="look at what the model's file is")
        if path.is_file():
            yield path.relative_to(folder).as_posix()
