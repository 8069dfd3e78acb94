"""The container in which prepare asks a model: no token, no capabilities, nothing to write but what it makes, seldom a network."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO

from notewright.action.checkout import Checkout
from notewright.action.handover import OUTPUTS, SUMMARY, take_made, take_told
from notewright.action.image import NAME, Image, find_image
from notewright.action.inputs import NAMES
from notewright.action.job import WORK, Job
from notewright.action.journal import Journal
from notewright.action.mounts import Mount, find_model_files
from notewright.action.secret import CREDENTIALS, scrub
from notewright.adapters.prompts.places import prompt_places
from notewright.config.config import SECTIONS, Config
from notewright.errors import ModelError, UsageError
from notewright.flows.engines import probe_servers
from notewright.flows.models import engine_settings, models_path
from notewright.llm.memory.job_queue import queue_folder
from notewright.llm.opening import parse_engine
from notewright.system.git import Git

_DOCS = "docs/container.md tells how the image is built; container: never does without"
USER = 10001  # the image's own
HOME = Path("/tmp")  # noqa: S108  # the image's HOME, a file system in memory that is the container's alone
# Of the runner, what says where the repository is and which run this is
_RUNNER = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_WORKSPACE", "GITHUB_RUN_ID", "RUNNER_NAME")
_SETTINGS = tuple(f"NOTEWRIGHT_{section.upper()}_" for section in SECTIONS)
_DEVICES = {
    ("docker", "cuda"): ("--gpus", "all"),
    ("podman", "cuda"): ("--device", "nvidia.com/gpu=all"),
    ("docker", "rocm"): ("--device", "/dev/kfd", "--device", "/dev/dri"),
    ("podman", "rocm"): ("--device", "/dev/kfd", "--device", "/dev/dri"),
}
_IN_PROCESS = ("none", "scripted", "llama_cpp", "mlx")
_LONGEST_LINE = 1 << 16
_NOT_STARTED = (125, 126, 127)  # what engines exit with where there was no container
_KILLED = (137, 139)


def choose_image(job: Job) -> Image | None:
    """Return the image to ask a model in, or None where the runner itself will do; say which, and why. Raises `UsageError` where a
    container is a must."""
    inputs = job.inputs
    found = find_image(inputs.image or NAME, job.environment) if platform.system() == "Linux" else f"there is none on {platform.system()}"
    if isinstance(found, Image):
        job.journal.say(f"container: {found.name} ({found.identifier.removeprefix('sha256:'):.12}) in {found.engine}")
        return found
    if inputs.container == "always":
        raise UsageError(f"container is always, and {found}", hint=_DOCS)
    job.journal.say(f"no container: {found}")
    if inputs.image:
        job.journal.annotate("warning", f"the image {inputs.image} is not used: {found}", _DOCS)
    return None


def prepare_contained(job: Job, checkout: Checkout, image: Image) -> None:
    """Run prepare in a container, show what it says, and take what it made. Exits with its code where it fails, for it has said why."""
    left, kept = job.work / "contained", job.inputs.state_dir / "contained"
    shutil.rmtree(left, ignore_errors=True)
    left.mkdir(mode=0o700)
    if checkout.metadata is not None:
        (left / job.metadata.name).write_bytes(checkout.metadata)
    network = find_network(checkout.config, engine=job.inputs.engine)
    job.journal.say(f"network of the container: {network}")
    mounts = [
        Mount(job.inputs.workspace, job.inputs.workspace),
        *_clean_settings(job, checkout),
        Mount(left, job.work, writable=True),
        Mount(kept, job.inputs.state_dir, writable=True),
        *_machine(checkout),
        *(
            one
            for one in find_model_files(checkout.config, engine=job.inputs.engine)
            if not one.target.is_relative_to(job.inputs.workspace)
        ),
    ]
    environment = {**scrub(job.environment), **_told(job, checkout.config)}
    name = f"notewright-{secrets.token_hex(8)}"
    command = arguments(
        image, name=name, network=network, mounts=mounts, user=_owner(mounts), folder=job.inputs.workspace,
        variables=_variables(environment, checkout.config),
    )  # fmt: skip
    code, said = _run(command, environment, name, job.journal)
    _give([left], os.getuid(), os.getgid())
    take_told(job, left)
    _check_ran(code, said)
    take_made(job, left)


def arguments(
    image: Image, *, name: str, network: str, mounts: list[Mount], user: str, folder: Path, variables: list[str]
) -> list[str]:  # fmt: skip
    """Return the command that runs prepare in `image`. Variables are named and have their values from the environment: no list of
    processes shows one."""
    return [
        image.engine, "run", "--rm", "--name", name, "--pull", "never", "--network", network, "--read-only", "--tmpfs", str(HOME),
        "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "512", "--no-healthcheck",
        "--user", user,
        *(("--userns", "keep-id") if image.rootless else ()),
        *(("--http-proxy=false", "--read-only-tmpfs=false") if image.engine == "podman" else ()),
        *_DEVICES.get((image.engine, image.target), ()),
        *(part for mount in mounts for part in ("--mount", mount.option())),
        *(part for variable in variables for part in ("--env", variable)),
        "--workdir", str(folder), image.identifier, "prepare",
    ]  # fmt: skip


def find_network(config: Config, *, engine: str | None) -> str:
    """Return "none" where the engine works in the container itself, else "host", where its server is. auto is looked at from outside: a
    container without a network finds the models that are files, and no server."""
    name = parse_engine(config.engine_spec(engine))
    if name.name in _IN_PROCESS or (name.name == "llama_server" and name.place and "://" not in name.place):
        return "none"
    if name.name != "auto":
        return "host"
    if "://" in (config.llm.model_name or ""):
        return "host"
    servers = probe_servers(engine_settings(config))
    return "none" if isinstance(servers.llama, str) and isinstance(servers.ollama, str) else "host"


def _told(job: Job, config: Config) -> dict[str, str]:
    """Return the variables that differ in there. What it makes goes into its own folder, from where it is taken."""
    return {
        WORK: str(job.work),
        "GITHUB_WORKSPACE": str(job.inputs.workspace),
        "GITHUB_OUTPUT": str(job.work / OUTPUTS),
        "GITHUB_STEP_SUMMARY": str(job.work / SUMMARY),
        "INPUT_CONTAINER": "never",
        "INPUT_IMAGE": "",
        "INPUT_OUTPUT": "",
        "INPUT_STATE_DIR": str(job.inputs.state_dir),
        "INPUT_MODELS_DIR": str(models_path(config)),
    }


def _variables(environment: Mapping[str, str], config: Config) -> list[str]:
    """Return the names of what the container is told: inputs, settings, where the repository is. The key of a model's server is among them
    where the configuration names its variable; nothing else of the environment is."""
    known = {*_RUNNER, WORK, "NOTEWRIGHT_CONFIG", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", config.llm.api_key_env or ""}
    known.update(f"INPUT_{name.upper().replace('-', '_')}" for name in NAMES)
    return sorted(name for name in environment if name in known or name.startswith(_SETTINGS))


def _clean_settings(job: Job, checkout: Checkout) -> Iterator[Mount]:
    """Hide the token that actions/checkout may have left in .git/config behind a copy without it."""
    git = checkout.repository.git
    place = Path(git.line("rev-parse", "--path-format=absolute", "--git-common-dir")) / "config"
    if not (place.is_file() and place.is_relative_to(job.inputs.workspace)):
        return
    copy = job.work / "git-config"
    copy.write_bytes(place.read_bytes())
    copy.chmod(0o644)
    cleaner = Git(job.work)
    if cleaner.succeeds("config", "--file", str(copy), "--get-regexp", CREDENTIALS):
        for key in set(cleaner.line("config", "--file", str(copy), "--name-only", "--get-regexp", CREDENTIALS).splitlines()):
            cleaner.run("config", "--file", str(copy), "--unset-all", key)
    yield Mount(copy, place)


def _machine(checkout: Checkout) -> Iterator[Mount]:
    """Yield what the jobs of this machine share: the lock of those who load models with its queue, and the user's own prompts."""
    if lock := engine_settings(checkout.config).lock_path:
        inside = HOME / ".cache" / "notewright" / lock.name
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch(mode=0o600)
        yield Mount(lock, inside, writable=True)
        yield Mount(queue_folder(lock), queue_folder(inside), writable=True)
    prompts = prompt_places(checkout.repository.root)[0]
    if prompts.is_dir():
        yield Mount(prompts, HOME / ".config" / "notewright" / "prompts")


def _owner(mounts: list[Mount]) -> str:
    """Return who works in the container: whoever works here; where that is root another, who gets all that is to be written to."""
    places = [mount.source for mount in mounts if mount.writable]
    for place in places:
        if not place.exists():
            place.mkdir(mode=0o700, parents=True)
    if os.getuid():
        return f"{os.getuid()}:{os.getgid()}"
    _give(places, USER, USER)
    return f"{USER}:{USER}"


def _give(places: list[Path], user: int, group: int) -> None:
    """Give files, and folders with all that is in them, to a user, where that is ours to do. No link is followed."""
    if os.getuid() == 0:
        for place in places:
            inside = (Path(root, name) for root, names, files in os.walk(place) for name in (*names, *files))
            for path in (place, *inside):
                os.chown(path, user, group, follow_symlinks=False)


def _run(command: list[str], environment: Mapping[str, str], name: str, journal: Journal) -> tuple[int, str]:
    """Run the container and pass on what it says; return its exit code and its last line. It ends with this step, however that ends."""
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=nothing, stdout=pipe, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        try:
            with closing(process.stdout):
                said = _relay(process.stdout, journal)
            return process.wait(), said
        except BaseException:
            for end in ("kill",), ("rm", "--force"):  # at once: rm alone would wait for a model to notice
                subprocess.run([command[0], *end, name], env=environment, stdin=nothing, capture_output=True, check=False)
            raise


def _relay(stream: IO[bytes], journal: Journal) -> str:
    """Show what a container says: nothing of it is a command to the runner but an annotation of ours (security case 6)."""
    last: deque[str] = deque([""], maxlen=1)
    while line := stream.readline(_LONGEST_LINE):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        journal.relay(text)
        last.append(text)
    return last[0]


def _check_ran(code: int, said: str) -> None:
    if code in _NOT_STARTED:
        raise UsageError(f"the container could not be started: {said}", hint=_DOCS)
    if code in _KILLED or code < 0:
        raise ModelError("the container was killed", hint="it may have run out of memory: choose a smaller model")
    if code:
        raise SystemExit(code)
