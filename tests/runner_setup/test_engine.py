"""The container engine of the jobs, for real: podman without root as its unit starts it, and a job that may get no new privileges."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.runner_setup.machine import SETUP, Overlay, Ran

_UNIT = (SETUP / "linux" / "notewright-engine.service").read_text("utf-8")
# Starts the engine as systemd would, by the unit's own lines, and then does what it is told to as a job would be started
_START = """
set -e
printf '[engine]\\nruntime="runc"\\n[containers]\\ndefault_ulimits=["nofile=1024:1024","nproc=1024:1024"]\\n' \\
  >/etc/containers/containers.conf
install -d -m 0700 -o notewright -g notewright /run/notewright
cd /var/lib/notewright/engine
runuser -u notewright -- env $ENGINE_ENVIRONMENT $ENGINE_COMMAND >/engine.log 2>&1 &
engine=$!
for _ in $(seq 100); do [ ! -S /run/notewright/podman.sock ] || break; sleep .1; done
code=0
runuser -u notewright -- setpriv --no-new-privs env HOME=/var/lib/notewright/home $JOB_ENVIRONMENT bash -c "$1" || code=$?
kill $engine
[ $code = 0 ] || cat /engine.log >&2
exit $code
"""


@pytest.fixture
def machine(overlay: Overlay, runner: tuple[str, ...]) -> Overlay:
    """A machine that was set up with podman."""
    missing = [name for name in ("podman", "newuidmap", "runc", "setpriv") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"there is no {missing[0]}")
    overlay.run("bash", "-c", "ln -sf /bin/true /usr/local/bin/slirp4netns")  # for networks, and these containers have none
    options = (
        "--engine",
        "podman",
        "--gpu",
        "none",
        "--model",
        "none",
        "--python",
        "/usr/bin/python3",
        "--url",
        "https://github.com/octo/widgets",
    )
    ran = overlay.run(SETUP / "linux.sh", *options, *runner, "--token-stdin", stdin="good-token\n")
    assert ran.code == 0, ran.err
    return overlay


def as_job(machine: Overlay, script: str) -> Ran:
    """Run a script as a job, with the engine's service beside it and the variables that jobs have."""
    told = (machine.changes / "var/lib/notewright/runner/.env").read_text("utf-8").split()
    environment = {
        "ENGINE_COMMAND": re.findall(r"^ExecStart=(.*)$", _UNIT, re.MULTILINE)[0],
        "ENGINE_ENVIRONMENT": re.findall(r"^Environment=(.*)$", _UNIT, re.MULTILINE)[0],
        "JOB_ENVIRONMENT": " ".join(told),
    }
    return machine.run("bash", "-c", _START, "start", script, env=environment)


def write_image(path: Path) -> None:
    """Write what `podman import` takes: cat, and the libraries that it is linked with."""
    said = subprocess.run(["ldd", "/bin/cat"], capture_output=True, text=True, check=True, timeout=30).stdout
    with tarfile.open(path, "w", dereference=True) as archive:
        for file in {"/bin/cat", "/bin/touch", *re.findall(r"(/\S+) \(0x", said)}:
            archive.add(file)


def test_a_job_without_new_privileges_runs_a_container_as_the_action_does(machine: Overlay, tmp_path: Path) -> None:
    write_image(tmp_path / "image.tar")
    shutil.copy(tmp_path / "image.tar", machine.changes / "image.tar")
    ran = as_job(
        machine,
        """set -e
        grep NoNewPrivs: /proc/self/status
        podman info --format '{{.Host.Security.Rootless}}'
        podman import --quiet /image.tar tiny:1 >/dev/null
        run() {
          podman run --rm --pull never --network none --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \\
            --pids-limit 512 --user "$(id -u):$(id -g)" --userns keep-id --http-proxy=false \\
            --mount "type=bind,src=$HOME,dst=/home" tiny:1 "$@"
        }
        run cat /proc/self/uid_map
        run touch /home/made
        ls -ln "$HOME/made"
        run touch /etc/made && echo written
        """,
    )
    user = next(
        line.split(":")[2] for line in (machine.changes / "etc/passwd").read_text("utf-8").splitlines() if line.startswith("notewright")
    )
    assert "NoNewPrivs:\t1\ntrue\n" in ran.out, ran.err
    assert re.search(rf"^ +0 +1 +{user}$", ran.out, re.MULTILINE), "the container's root is nobody's root"
    assert re.search(rf"^-rw.* {user} .*/made$", ran.out, re.MULTILINE), "what it makes is the job's"
    assert "written" not in ran.out
    assert "Read-only file system" in ran.err + ran.out


def test_a_job_reaches_the_engine_by_its_socket_and_nobody_else_does(machine: Overlay) -> None:
    ran = as_job(machine, "stat -c %a /run/notewright; cat /var/lib/notewright/runner/.env")
    assert ran.out.startswith("700\n"), ran.err
    assert "CONTAINER_HOST=unix:///run/notewright/podman.sock" in ran.out
