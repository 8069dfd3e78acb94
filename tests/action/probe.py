"""What runs in the container in place of prepare, and tells as JSON what a hostile process would find there."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path


def status() -> dict[str, str]:
    """Return what the kernel says of this process."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def connect(family: int, address: tuple[str, int]) -> str:
    """Return what came of a connection."""
    with socket.socket(family) as made:
        made.settimeout(3)
        try:
            made.connect(address)
        except OSError as error:
            return type(error).__name__ + f" {error.errno}"
    return "connected"


def write(folder: str) -> str:
    """Return what came of writing a file."""
    try:
        Path(folder, "probe").write_text("x")
    except OSError as error:
        return str(error.strerror)
    return "written"


def look(folder: str) -> list[str]:
    """Return what is in a folder, all the way down."""
    return sorted(str(Path(root, name)) for root, _, names in os.walk(folder) for name in names)


def main() -> None:
    """Tell what is asked for by the rest of the command line: URLs of hosts, folders to write to."""
    asked = json.loads(sys.argv[1])
    told = {
        "uid": os.getuid(),
        "gid": os.getgid(),
        "status": status(),
        "environment": dict(os.environ),
        "init": Path("/proc/1/environ").read_text("utf-8", "replace").split("\0"),
        "connections": [connect(socket.AF_INET, (host, port)) for host, port in asked["hosts"]],
        "sockets": [path for path in ("/var/run/docker.sock", "/run/podman/podman.sock") if Path(path).exists()],
        "interfaces": sorted(line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text("utf-8").splitlines()[2:]),
        "writes": {folder: write(folder) for folder in asked["folders"]},
        "config": Path(os.environ["GITHUB_WORKSPACE"], ".git", "config").read_text("utf-8"),
        "state": look(os.environ["INPUT_STATE_DIR"]),
    }
    sys.stdout.write("probed " + json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
