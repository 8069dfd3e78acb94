"""What a build was made of, as JSON: its commit, its image, its models, and the digests of what is locked."""  # noqa: INP001  # a script of scripts/build.sh

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print the versions; scripts/build.sh names the build in the environment."""
    version = subprocess.run([sys.executable, "-m", "hatchling", "version"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    sums = Path(os.environ["NOTEWRIGHT_MODELS"]) / "SHA256SUMS"
    lines = sums.read_text("utf-8").splitlines() if sums.exists() else []
    values = {
        "build": os.environ["NOTEWRIGHT_BUILD"],
        "environment": os.environ["NOTEWRIGHT_ENVIRONMENT"],
        "version": version.strip(),
        "commit": commit.strip(),
        "python": platform.python_version(),
        "image": os.environ["NOTEWRIGHT_IMAGE"] or None,
        "models": {name: digest for digest, _, name in (line.partition("  ") for line in lines)},
        "locks": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((ROOT / "locks").glob("*.txt"))},
    }
    sys.stdout.write(json.dumps(values, indent=2) + "\n")


if __name__ == "__main__":
    main()
