"""How often the rules for unconventional commits say what conventional commits, their types taken off, were: held against real histories.

python bench/kinds.py [--history NAME]... [--repo DIR]... [--shared DIR] [--rules]
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from notewright.adapters.repository import open_repository
from notewright.history.conventional import parse_change
from notewright.history.kinds import Kind, kind_of
from repositories import replay

HISTORIES = ("git-cliff", "vue-core", "angular-cli", "poetry")
_ROOT = Path(__file__).resolve().parents[1]
_HIDDEN = frozenset({"test", "ci", "build", "chore", "refactor", "style"})
_SHOWN = frozenset({"feat", "fix", "docs", "perf"})
_SPELLINGS = {"feature": "feat", "features": "feat", "bug": "fix", "bugfix": "fix", "hotfix": "fix", "doc": "docs", "tests": "test",
              "ref": "refactor", "cleanup": "refactor", "cs": "style", "dep": "deps"}  # fmt: skip
# A scope says as well what a commit is: "fix(ci)" mends what users never meet.
_SCOPES = {**dict.fromkeys("ci cd test tests testing e2e build release workflow workflows lint travis appveyor".split(), "hidden"),
           **dict.fromkeys("docs doc readme website".split(), "docs")}  # fmt: skip
_TITLES = "| history | commits | dependencies | covered | right | without dependencies: covered | right | hidden | right | by type alone |"


def main() -> None:
    """Judge and print a table, and one by rule where asked."""
    options = _options()
    total, rules = Counter[str](), Counter[tuple[str, bool]]()
    print(_TITLES + "\n|---|" + "---:|" * 9)
    with tempfile.TemporaryDirectory() as scratch:
        for name, directory in _repositories(options, Path(scratch)):
            counts = Counter[str]()
            for type_, scope, kind in _judged(directory):
                _count(counts, rules, type_, scope, kind)
            print(_row(name, counts), flush=True)
            total += counts
    print(_row("all", total))
    if options.rules:
        print("\n| rule | commits | right |\n|---|---:|---:|")
        for rule, count in Counter[str]({rule: rules[rule, True] + rules[rule, False] for rule, _ in rules}).most_common():
            print(f"| {rule} | {count} | {_share(rules[rule, True], count)} |")


def _judged(directory: Path) -> Iterator[tuple[str, str, Kind | None]]:
    """Yield type and scope of each conventional commit, and what the rules say of it without them.

    Left out: merges, types that no rule knows, and kinds that a type can't confirm (reverts, deprecations, security).
    """
    repository = open_repository(directory)
    for commit, paths in repository.commits_with_paths([repository.resolve("HEAD")]):
        message = parse_change(commit.message)
        type_ = _SPELLINGS.get((message.type or "").lower(), (message.type or "").lower())
        if len(commit.parents) > 1 or type_ not in _HIDDEN | _SHOWN | {"deps"}:
            continue
        kind = kind_of(message.subject, paths, (), {})
        if kind is None or kind.type not in ("revert", "deprecate", "security"):
            yield type_, (message.scope or "").lower(), kind


def _count(counts: Counter[str], rules: Counter[tuple[str, bool]], type_: str, scope: str, kind: Kind | None) -> None:
    counts["commits"] += 1
    if kind is None:
        return
    said = _class(kind.type or "")
    named = {_class(type_), _SCOPES.get(scope), "deps" if scope.startswith("dep") else None}
    right = type_ in _HIDDEN | {"deps"} or "deps" in named if said == "deps" else said in named
    counts.update({"covered": 1, "right": int(right), "deps": int(said == "deps"), "deps right": int(said == "deps" and right)})
    if said == "hidden":
        counts.update({"hidden": 1, "hidden right": int(right), "hidden typed": int(type_ in _HIDDEN)})
    rules[f"{kind.rule.split(': ')[0]} → {kind.type}", right] += 1


def _class(type_: str) -> str:
    return "hidden" if type_ in _HIDDEN else type_


def _row(name: str, counts: Counter[str]) -> str:
    others, covered = counts["commits"] - counts["deps"], counts["covered"] - counts["deps"]
    cells = (
        name, str(counts["commits"]), str(counts["deps"]),
        _share(counts["covered"], counts["commits"]), _share(counts["right"], counts["covered"]),
        _share(covered, others), _share(counts["right"] - counts["deps right"], covered),
        str(counts["hidden"]), _share(counts["hidden right"], counts["hidden"]), _share(counts["hidden typed"], counts["hidden"]),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _repositories(options: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, Path]]:
    names: Iterable[str] = options.history or (() if options.repo else HISTORIES)
    for name in names:
        directory = replay(name, shared=options.shared, target=scratch)
        if directory is None:
            raise SystemExit(f"no recorded history {name} in {options.shared} (name the folder that has data/history with --shared)")
        yield name, directory
    for named in options.repo:
        resolved = named.resolve()
        yield (resolved.parent if resolved.name in ("repo", ".git") else resolved).name, resolved


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--history", action="append", default=[], metavar="NAME", help=f"a recorded history ({', '.join(HISTORIES)})")
    parser.add_argument("--repo", action="append", default=[], type=Path, metavar="DIR", help="any repository")
    parser.add_argument("--shared", type=Path, default=_ROOT.parent / "shared", metavar="DIR", help="where recorded histories are")
    parser.add_argument("--rules", action="store_true", help="also say how often each rule is right")
    return parser.parse_args()


if __name__ == "__main__":
    main()
