"""CPU time and peak memory of the changelog beside git log alone and its peers, in one run.

python bench/changelog.py [--peers DIR [--peer NAME==VERSION]...] [--only TASK]... [--repo DIR | --histories DIR] [--check]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from peers import DEFAULT_PEERS, Argv, Peer, Scope, Task, install
from repositories import COMPONENTS, RECORDED, count_commits, monorepo, newest_tags, replay
from usage import Command, Usage, measure

_ROOT = Path(__file__).resolve().parents[1]
_NOTEWRIGHT = Path(sys.executable).with_name("notewright")
_LARGEST = "angular-cli"
_GIT_LOG = "git log -z --format=%H%n%B"
_JSON, _MARKDOWN = "notewright changelog --full --format json", "notewright changelog --full"
_RELEASE, _UNRELEASED = "notewright changelog --to TAG", "notewright changelog"
_COMPONENTS = "notewright changelog components"
# What a table must hold, by its rows; a row that was not measured has no limit.
_LIMITS: Mapping[str, tuple[tuple[str, Callable[[Mapping[str, Usage]], float], float], ...]] = {
    "full": (
        ("CPU ÷ git log", lambda usages: usages[_JSON].cpu_s / usages[_GIT_LOG].cpu_s, 5),
        ("CPU ÷ git log, Markdown", lambda usages: usages[_MARKDOWN].cpu_s / usages[_GIT_LOG].cpu_s, 5),
        ("CPU ÷ git-cliff 2.12.0", lambda usages: usages[_JSON].cpu_s / usages["git-cliff 2.12.0"].cpu_s, 0.4),
        ("peak MB", lambda usages: max(usages[_JSON].peak_mb, usages[_MARKDOWN].peak_mb), 150),
    ),
    "release": (("CPU s", lambda usages: usages[_RELEASE].cpu_s, 0.6),),
    "unreleased": (("CPU s", lambda usages: usages[_UNRELEASED].cpu_s, 0.6),),
}


def ours(task: Task, scope: Scope) -> list[Command]:
    """Return our commands for a task, git alone before them where it reads the same."""
    start: Argv = [_NOTEWRIGHT, "changelog", "--repo", scope.repository]
    log = Command(_GIT_LOG, ["git", "-C", scope.repository, *_GIT_LOG.split()[1:]])
    match task:
        case "full":
            return [log, Command(_JSON, [*start, "--full", "--format", "json"]), Command(_MARKDOWN, [*start, "--full"])]
        case "release":
            return [Command(_RELEASE, [*start, "--to", scope.tag])]
        case "unreleased":
            return [Command(_UNRELEASED, start)]
        case "components":
            return [log, Command(_COMPONENTS, [_NOTEWRIGHT, "changelog", "components", "--repo", scope.repository])]


def compare(task: Task, scope: Scope, peers: Sequence[Peer], *, runs: int) -> dict[str, Usage]:
    """Measure one task, ours and theirs, in turns."""
    with tempfile.TemporaryDirectory() as empty:
        theirs = [peer.command(task, scope, empty=Path(empty)) for peer in peers]
        return measure([*ours(task, scope), *filter(None, theirs)], runs=runs)


def table(usages: Mapping[str, Usage]) -> str:
    """Return a Markdown table with the ratios of CPU time and memory to ours, the first of ours if there are several."""
    base = next(usage for name, usage in usages.items() if name.startswith("notewright"))
    log = usages.get(_GIT_LOG)
    return _head("command", "CPU s", "peak MB", "CPU ÷ git log", "CPU ÷ notewright", "memory ÷ notewright", "runs") + "".join(
        f"| `{name}` | {usage.cpu_s:.2f} | {usage.peak_mb:.0f} | {f'{usage.cpu_s / log.cpu_s:.1f}' if log else ''}"
        f" | {usage.cpu_s / base.cpu_s:.2f} | {usage.peak_mb / base.peak_mb:.2f} | {usage.runs} |\n"
        for name, usage in usages.items()
    )


def growth(repositories: Sequence[Path], *, runs: int) -> str:
    """Return a table of what a thousand commits cost in histories of different length, start-up left out."""
    rows = []
    for repository in repositories:
        commits = count_commits(repository)
        usages = measure([*ours("full", Scope(repository))[:2], Command("start-up", [_NOTEWRIGHT, "changelog", "--help"])], runs=runs)
        log, full = usages[_GIT_LOG], usages[_JSON]
        each_s = (full.cpu_s - usages["start-up"].cpu_s) / commits * 1000
        figures = (f"{full.cpu_s:.2f}", f"{each_s:.3f}", f"{log.cpu_s / commits * 1000:.4f}", f"{full.peak_mb:.0f}")
        rows.append((commits, f"| {repository.name} | {commits} | {' | '.join(figures)} |\n"))
    head = _head("history", "commits", "CPU s", "CPU s per 1,000 commits, without start-up", "git log's", "peak MB")
    return head + "".join(row for _, row in sorted(rows))


def _head(*columns: str) -> str:
    return f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}\n"


def broken_limits(task: Task, usages: Mapping[str, Usage]) -> Iterator[str]:
    """Yield a line for each limit that is passed."""
    for name, value, limit in _LIMITS.get(task, ()):
        try:
            measured = value(usages)
        except KeyError as missing:
            print(f"not checked: {task}, {name}: {missing} was not measured", file=sys.stderr)
            continue
        if measured > limit:
            yield f"{task}: {name} is {measured:.2f}, the limit {limit}"


def main() -> int:
    """Measure and print; with --check, return 1 where a limit is passed."""
    options = _options()
    peers = tuple(install(options.peer or DEFAULT_PEERS, options.peers)) if options.peers else ()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        histories = options.histories or Path(scratch)
        for title, task, scope in _tasks(options, histories):
            usages = compare(task, scope, peers, runs=options.runs)
            print(f"## {title}\n\n{table(usages)}")
            broken += broken_limits(task, usages)
        if "growth" in options.only:
            found = [path for name in RECORDED if (path := _recorded(name, options.shared, histories))]
            print(f"## Growth\n\n{growth(found, runs=options.runs)}")
    for line in broken if options.check else ():
        print(line, file=sys.stderr)
    return int(options.check and bool(broken))


def _tasks(options: argparse.Namespace, histories: Path) -> Iterator[tuple[str, Task, Scope]]:
    repository = options.repo or _recorded(_LARGEST, options.shared, histories)
    if repository and {"full", "release", "unreleased"} & set(options.only):
        repository = repository.resolve()
        name = f"{repository.name}, {count_commits(repository)} commits"
        tag, before = newest_tags(repository)
        scope = Scope(repository, tag, before)
        titles: dict[Task, str] = {
            "full": f"Full history of {name}", "release": f"One release of {name}: {tag}", "unreleased": f"What is unreleased of {name}"
        }  # fmt: skip
        yield from ((title, task, scope) for task, title in titles.items() if task in options.only)
    if "components" in options.only:
        path = monorepo(histories / "monorepo")
        yield f"Monorepo of {len(COMPONENTS)} components, {count_commits(path)} commits", "components", Scope(path, components=COMPONENTS)


def _recorded(name: str, shared: Path, histories: Path) -> Path | None:
    path = replay(name, shared=shared, target=histories)
    if path is None:
        print(f"left out: no recorded history {name} in {shared} (name the folder that has data/history with --shared)", file=sys.stderr)
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = ("full", "release", "unreleased", "components", "growth")
    parser.add_argument("--only", action="append", choices=tasks, help="a task to measure (all of them)")
    parser.add_argument("--repo", type=Path, metavar="DIR", help=f"measure full, release and unreleased here (the recorded {_LARGEST})")
    parser.add_argument("--shared", type=Path, default=_ROOT.parent / "shared", metavar="DIR", help="where recorded histories are")
    parser.add_argument("--histories", type=Path, metavar="DIR", help="where their repositories are kept between runs (nowhere)")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="compare with peers, installed there where they are not yet")
    parser.add_argument("--peer", action="append", metavar="NAME==VERSION", help=f"a peer ({', '.join(DEFAULT_PEERS)})")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command; the tables have medians (5)")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is passed")
    options = parser.parse_args()
    options.only = options.only or tasks
    return options


if __name__ == "__main__":
    sys.exit(main())
