"""What we read differently from npm conventional-commits-parser and the crate git-conventional in the recorded histories.

python bench/differential.py [--install DIR] [--shared DIR]. Exits with 1 where a difference falls in no decided class.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from differences import CLASSES, CRATE, NPM, Class, Difference, Reading, classify, differences
from notewright.history.conventional import parse_message

HISTORIES = ("git-cliff", "flask", "poetry", "vue-core", "angular-cli")
_PEERS = Path(__file__).resolve().parent / "peers"
_ROOT = Path(__file__).resolve().parents[1]
_SHOWN = 10


class CannotRun(Exception):
    """A program or the recordings are missing; the message says which."""


def main() -> int:
    """Compare, print a Markdown table of the classes with their counts, and return the exit code."""
    options = _options()
    try:
        recorded = {name: _messages(options.shared / "data" / "history" / f"{name}.jsonl.gz") for name in HISTORIES}
        commands = {NPM: _install_npm(options.install), CRATE: _install_crate(options.install)}
    except CannotRun as reason:
        print(f"skipped: {reason}")
        return 0
    messages = [message for name in HISTORIES for message in recorded[name]]
    ours = [parse_message(message)._asdict() for message in messages]
    counts: Counter[Class] = Counter()
    unknown: list[tuple[str, Difference]] = []
    for parser, command in commands.items():
        for message, our, their in zip(messages, ours, _read(command, messages), strict=True):
            for difference in differences(message, our, their):
                decided = classify(parser, difference)
                counts.update([decided] if decided else [])
                unknown += [] if decided else [(parser, difference)]
    _print(len(messages), counts, unknown)
    return int(bool(unknown))


def _messages(recording: Path) -> list[str]:
    if not recording.is_file():
        raise CannotRun(f"no recorded history: {recording} is missing (name the folder that has data/history with --shared)")
    with gzip.open(recording, "rt", encoding="utf-8") as lines:
        # git ends a message at NUL, and the crate reads none that ends in blanks as git-cliff gives it
        return [row["message"].partition("\0")[0].rstrip() for row in map(json.loads, lines) if "message" in row]


def _read(command: Sequence[str | Path], messages: list[str]) -> Iterator[Reading]:
    done = subprocess.run(command, input="\0".join(messages).encode(), stdout=subprocess.PIPE, check=True, timeout=600)
    return map(json.loads, done.stdout.decode().removesuffix("\n").split("\n"))


def _install_npm(cache: Path) -> list[str | Path]:
    node, npm = _program("node"), _program("npm")
    folder = _built(_PEERS / "npm", cache, [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"])
    return [node, folder / "read.mjs"]


def _install_crate(cache: Path) -> list[str | Path]:
    folder = _built(_PEERS / "cargo", cache, [_program("cargo"), "build", "--release", "--quiet"])
    return [folder / "target" / "release" / "read-messages"]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CannotRun(f"{name} is not installed")
    return found


def _built(source: Path, cache: Path, command: Sequence[str]) -> Path:
    """Return a copy of `source` in which `command` has run, made once for each content of `source`."""
    content = b"".join(path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file())
    target = cache / f"{source.name}-{hashlib.sha256(content).hexdigest()[:12]}"
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f".{source.name}-") as scratch:
        building = Path(scratch) / source.name
        shutil.copytree(source, building)
        subprocess.run(command, cwd=building, check=True, timeout=600, stdout=sys.stderr)
        try:
            building.rename(target)
        except OSError:  # another process was faster: its copy is the same
            assert target.is_dir()
    return target


def _print(messages: int, counts: Counter[Class], unknown: list[tuple[str, Difference]]) -> None:
    print(f"{messages:,} messages of {', '.join(HISTORIES)}; what each parser reads otherwise than we do:\n")
    print("| parser | field | class | differences | why ours is as it is |\n|---|---|---|---:|---|")
    for kind in CLASSES:
        print(f"| {kind.parser} | {kind.field} | {kind.name} | {counts[kind]} | {kind.reason} |")
    sys.stdout.flush()
    for parser, one in unknown[:_SHOWN]:
        print(f"no class: {parser}, {one.field}: ours {one.ours!r}, theirs {one.theirs!r}, in {one.message[:300]!r}", file=sys.stderr)
    if unknown:
        print(f"{len(unknown)} differences fall in no decided class", file=sys.stderr)


def _options() -> argparse.Namespace:
    environment = os.environ
    cache = environment.get("NOTEWRIGHT_CI_CACHE") or Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewright-ci"
    shared = environment.get("NOTEWRIGHT_SHARED") or _ROOT.parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=Path, default=Path(cache), metavar="DIR", help="where the peers are built, once for each version")
    parser.add_argument("--shared", type=Path, default=Path(shared), metavar="DIR", help="where the recorded histories are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
