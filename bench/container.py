"""CPU seconds of prepare without a model, on the runner and in a container: python bench/container.py [--runs N] [--check]."""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from notewright.action.image import NAME, Image, find_image

LIMIT_S = 2.0
_ROOT = Path(__file__).resolve().parents[1]
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)


def main() -> int:
    """Measure, print a Markdown table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each; the table has medians (5)")
    parser.add_argument("--check", action="store_true", help=f"exit with 1 where a container costs more than {LIMIT_S:g} CPU seconds")
    options = parser.parse_args()
    image = find_image(os.environ.get("NOTEWRIGHT_IMAGE", NAME), os.environ)
    if not isinstance(image, Image):
        print(f"skipped: {image}", file=sys.stderr)
        return 0
    # what podman leaves running beside the container becomes ours to wait for, and is counted with all that it waited for; of docker
    # only the client is counted, for its daemon does the rest
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    print(f"{image.name} in {image.engine}\n\n| prepare, 100 commits, engine none | CPU s | s |\n|---|---:|---:|")
    cpu_s = {}
    with tempfile.TemporaryDirectory() as scratch:
        work = _repository(Path(scratch) / "work")
        for container in ("never", "always"):
            runs = [_run(Path(scratch), work, container, image) for _ in range(options.runs + 1)][1:]
            cpu_s[container] = median(cpu for cpu, _ in runs)
            print(f"| container: {container} | {cpu_s[container]:.2f} | {median(wall for _, wall in runs):.2f} |")
    return int(options.check and cpu_s["always"] > LIMIT_S)


def _repository(place: Path) -> Path:
    stream = b"".join(
        b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata <<E\nfeat: thing %d\nE\n\n" % (1_700_000_000 + n, n)
        for n in range(100)
    )
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", place], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=place, input=stream, check=True)
    return place


def _run(scratch: Path, work: Path, container: str, image: Image) -> tuple[float, float]:
    """Return the CPU seconds and the seconds of one run and of all that it started."""
    variables = {
        "GITHUB_REPOSITORY": "acme/app",
        "GITHUB_WORKSPACE": str(work),
        "NOTEWRIGHT_WORK_DIR": tempfile.mkdtemp(dir=scratch),
        "INPUT_COMMAND": "release",
        "INPUT_ENGINE": "none",
        "INPUT_CONTAINER": container,
        "INPUT_IMAGE": image.name,
        "INPUT_STATE_DIR": str(scratch / "state"),
    }
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-I", str(_ROOT / "entrypoint.py"), "prepare"]
    done = subprocess.run(command, cwd=work, env={**os.environ, **variables}, capture_output=True, check=False)
    took_s = time.monotonic() - began
    if done.returncode:
        raise SystemExit(done.stdout.decode("utf-8", "replace"))
    try:
        while os.wait():
            pass
    except ChildProcessError:
        pass  # nobody is left
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, took_s


if __name__ == "__main__":
    sys.exit(main())
