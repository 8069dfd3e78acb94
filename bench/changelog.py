"""CPU time and peak memory of a full changelog, beside git log alone and beside git-cliff, in one run.

python bench/changelog.py [--history NAME | --repo DIR] [--git-cliff PATH]... [--install-peers DIR] [--runs N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from usage import Command, Usage, measure

PEERS = ("git-cliff==2.12.0", "git-cliff==2.14.2")
_ROOT = Path(__file__).resolve().parents[1]
_GIT_LOG = "git log -z --format=%H%n%B"
_JSON = "notewright changelog --full --format json"


def install_peers(directory: Path) -> tuple[Path, ...]:
    """Install each git-cliff into a folder of its own, where it is not there yet; return the programs."""
    uv = Path(sys.executable).with_name("uv")
    for peer in PEERS:
        if not _program(directory, peer).is_file():
            subprocess.run([uv, "pip", "install", "--quiet", "--target", directory / peer, peer], check=True, timeout=600)
    return tuple(_program(directory, peer) for peer in PEERS)


def replay(name: str, *, shared: Path, target: Path) -> Path:
    """Build the repository of a recorded history."""
    recording = shared / "data" / "history" / f"{name}.jsonl.gz"
    if not recording.is_file():
        raise SystemExit(f"no recorded history {name}: {recording} is missing (name the folder that has data/history with --shared)")
    subprocess.run([sys.executable, shared / "tools" / "replay-history", recording, target / name], check=True, timeout=600)
    return target / name


def commands(repository: Path, peers: Iterable[Path], *, empty: Path) -> tuple[Command, ...]:
    """Return what is measured: git alone, ours, the peers; all with default settings, so the peers stand in an empty
    folder where they find no configuration of the repository."""
    ours: list[str | Path] = [Path(sys.executable).with_name("notewright"), "changelog", "--repo", repository, "--full", "--format"]
    return (
        Command(_GIT_LOG, ["git", "-C", repository, *_GIT_LOG.split()[1:]]),
        Command(_JSON, [*ours, "json"]),
        Command("notewright changelog --full --format markdown", [*ours, "markdown"]),
        *(Command(_version(peer), [peer.resolve(), "--repository", repository], directory=empty) for peer in peers),
    )


def table(usages: Mapping[str, Usage]) -> str:
    """Return a Markdown table with the ratios of CPU time to git's and of both to ours."""
    base, ours = usages[_GIT_LOG], usages[_JSON]
    head = "| command | CPU s | peak MB | CPU ÷ git log | CPU ÷ notewright | memory ÷ notewright |\n|---|---:|---:|---:|---:|---:|\n"
    return head + "".join(
        f"| `{name}` | {usage.cpu_s:.2f} | {usage.peak_mb:.0f} | {usage.cpu_s / base.cpu_s:.1f} | {usage.cpu_s / ours.cpu_s:.2f}"
        f" | {usage.peak_mb / ours.peak_mb:.2f} |\n"
        for name, usage in usages.items()
    )


def main() -> None:
    """Measure and print."""
    options = _options()
    peers = (*options.git_cliff, *(install_peers(options.install_peers) if options.install_peers else ()))
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as empty:
        repository = options.repo or replay(options.history, shared=options.shared, target=Path(scratch))
        commits = subprocess.check_output(["git", "-C", repository, "rev-list", "--count", "HEAD"], text=True).strip()
        usages = measure(commands(repository.resolve(), peers, empty=Path(empty)), runs=options.runs)
    print(f"{repository.resolve().name}: {commits} commits, medians of {options.runs} runs\n\n{table(usages)}", end="")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--history", default="git-cliff", metavar="NAME", help="a recorded history (git-cliff)")
    source.add_argument("--repo", type=Path, metavar="DIR", help="any repository")
    parser.add_argument("--shared", type=Path, default=_ROOT.parent / "shared", metavar="DIR", help="where recorded histories are")
    parser.add_argument("--git-cliff", type=Path, action="append", default=[], metavar="PATH", help="a git-cliff to compare with")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help=f"install {' and '.join(PEERS)} there and compare with them")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command (5)")
    return parser.parse_args()


def _program(directory: Path, peer: str) -> Path:
    return directory / peer / "bin" / "git-cliff"


def _version(peer: Path) -> str:
    return subprocess.check_output([peer, "--version"], text=True, timeout=60).strip()


if __name__ == "__main__":
    main()
