"""How many false sentences the checks stop, by kind, and how many true ones they disturb: python bench/grounding.py [FILE]... [--check].

Files have the form of bench/claims. Unless files are named, both of those are read, and the decided cases beside the checkout if they are
there. With --check it exits with 1 where a limit is passed in any file. --rules prints what each rule stops, by default of the sets for
development together. --list FILE KIND prints what is missed, never if it is held out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.codec import read_section
from notewright.changelog.section import Section
from notewright.grounding.checks import RULES
from notewright.notes.document import Notes, Sentence
from notewright.notes.policy import AudiencePolicy
from notewright.notes.report import NotesReport, check_notes

_ROOT = Path(__file__).resolve().parents[1]
_CLAIMS = _ROOT / "bench" / "claims"
_HELD_OUT = "held_out.jsonl"
_DECIDED = Path(os.environ.get("NOTEWRIGHT_SHARED") or _ROOT.parent / "shared") / "cases" / "claims.jsonl"
_LAY = "faithful-lay"


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled sentence and what the checks say of it."""

    project: str
    kind: str
    text: str
    why: str
    verdict: str
    failures: tuple[str, ...]

    @property
    def is_faithful(self) -> bool:
        """Whether it says no more than its entries."""
        return self.kind.startswith("faithful-")

    @property
    def is_right(self) -> bool:
        """Whether a true sentence passes, or a false one is blocked."""
        return self.verdict == ("pass" if self.is_faithful else "block")


@dataclass(frozen=True, slots=True)
class Covered:
    """A coverage case: the entries that the checks say are missing, and those that are."""

    project: str
    audience: str
    said: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether exactly the missing ones are named."""
        return sorted(self.said) == sorted(self.missing)


@dataclass(frozen=True, slots=True)
class Limit:
    """At least (false sentences) or at most (true ones) `share` of the kinds together have one of the verdicts."""

    name: str
    kinds: frozenset[str]
    verdicts: frozenset[str]
    share: float
    at_most: bool = False

    def holds(self, count: int, total: int) -> bool:
        """Return whether `count` of `total` is inside the limit."""
        return count <= self.share * total if self.at_most else count >= self.share * total


_BLOCK, _STOP, _WARN = frozenset({"block"}), frozenset({"block", "warn"}), frozenset({"warn"})
_ORDINARY = frozenset({"faithful-plain", "faithful-merge", "faithful-negation", "faithful-number"})
LIMITS = (
    Limit("hard tokens", frozenset({"number", "version", "identifier", "reference", "date", "injection"}), _BLOCK, 0.97),
    Limit("names and references", frozenset({"identifier", "reference", "version"}), _BLOCK, 0.99),
    Limit("meaning", frozenset({"polarity", "invented-performance", "invented-security", "invented-compat", "deprecation"}), _BLOCK, 0.90),
    Limit("swap", frozenset({"swap"}), _STOP, 0.95),
    Limit("merge-wrong", frozenset({"merge-wrong"}), _STOP, 0.80),
    Limit("overclaim", frozenset({"overclaim"}), _STOP, 0.80),
    Limit("invented-benefit", frozenset({"invented-benefit"}), _STOP, 0.80),
    Limit("faithful, blocked", _ORDINARY | {_LAY}, _BLOCK, 0.03, at_most=True),
    Limit("faithful but lay, warned", _ORDINARY, _WARN, 0.15, at_most=True),
    Limit("faithful and lay, warned", frozenset({_LAY}), _WARN, 0.35, at_most=True),
)


def main() -> int:
    """Print tables for each file, or what is missed of one; return the exit code."""
    options = _options()
    if options.list:
        return _list(Path(options.list[0]), options.list[1])
    if options.rules:
        return _rules(options.files or sorted(_CLAIMS.glob("*development.jsonl")))
    files = options.files or [file for file in (_CLAIMS / "development.jsonl", _CLAIMS / _HELD_OUT, _DECIDED) if file.exists()]
    holds = [_report(file) for file in files]
    return int(options.check and not all(holds))


def judge(file: Path) -> tuple[list[Judged], list[Covered]]:
    """Check every sentence of a file alone, and every coverage case as one document."""
    prompts = Prompts((_ROOT / "prompts",))
    judged, covered = [], []
    for line in file.read_text("utf-8").splitlines():
        case = json.loads(line)
        section = read_section(json.dumps(case["section"]).encode())
        for one in case.get("sentences", ()):
            report = _check(section, [one], prompts.audience(one["audience"]).policy)
            failures = tuple(f"{failure.rule}: {failure.detail}" for failure in report.failures[0])
            judged.append(Judged(case["project"], one["kind"], one["text"], one.get("why", ""), report.verdicts[0], failures))
        if coverage := case.get("coverage"):
            report = _check(section, coverage["sentences"], prompts.audience(coverage["audience"]).policy)
            covered.append(Covered(case["project"], coverage["audience"], report.missing, tuple(coverage["missing"])))
    return judged, covered


def _check(section: Section, sentences: Collection[dict[str, str]], policy: AudiencePolicy) -> NotesReport:
    said = tuple(Sentence(one["text"], tuple(one["cites"]), "model") for one in sentences)
    return check_notes(section, Notes(section.version, policy.audience, "bench", said), policy)


def _report(file: Path) -> bool:
    """Print the tables of a file; return whether all limits hold."""
    judged, covered = judge(file)
    print(f"\n## {file.parent.name}/{file.name}: {len(judged)} sentences\n\n| kind | sentences | blocked | warned | blocked or warned |")
    print("|---|---:|---:|---:|---:|")
    for kind in sorted({one.kind for one in judged}, key=lambda kind: (kind.startswith("faithful-"), kind)):
        verdicts = [one.verdict for one in judged if one.kind == kind]
        blocked, warned = verdicts.count("block"), verdicts.count("warn")
        print(f"| {kind} | {len(verdicts)} | {blocked} | {warned} | {(blocked + warned) / len(verdicts):.0%} |")
    print("\n| limit | sentences | measured | limit | |\n|---|---:|---:|---:|---|")
    held = list(_held(judged))
    right = sum(case.is_right for case in covered)
    print(f"| coverage cases right | {len(covered)} | {right} | all | {_mark(holds=right == len(covered))} |", flush=True)
    return all(held) and right == len(covered)


def _held(judged: Collection[Judged]) -> Iterator[bool]:
    for limit in LIMITS:
        verdicts = [one.verdict for one in judged if one.kind in limit.kinds]
        count = sum(verdict in limit.verdicts for verdict in verdicts)
        holds = limit.holds(count, len(verdicts))
        bound = f"{'≤' if limit.at_most else '≥'} {limit.share:.0%}"
        name = limit.name if limit.at_most else f"{limit.name}, {' or '.join(sorted(limit.verdicts))}"
        print(f"| {name} | {len(verdicts)} | {count / max(len(verdicts), 1):.1%} | {bound} | {_mark(holds=holds)} |")
        yield holds


def _mark(*, holds: bool) -> str:
    return "" if holds else "**broken**"


def _list(file: Path, kind: str) -> int:
    """Print the sentences of a kind that the checks judge wrongly; for the kind "coverage", the cases."""
    if file.resolve().name == _HELD_OUT:
        sys.exit("held-out sentences are counted, never shown: rules made after looking at them would measure nothing")
    judged, covered = judge(file)
    for case in covered if kind == "coverage" else ():
        if not case.is_right:
            print(f"{case.project}, {case.audience}: said to be missing {case.said}, really {case.missing}")
    for one in judged:
        if one.kind == kind and not one.is_right:
            print(f"{one.verdict}: {one.text}\n    {one.project}: {one.why}")
            print("".join(f"    {failure}\n" for failure in one.failures), end="")
    return 0


def _rules(files: Collection[Path]) -> int:
    """Print for each rule how many false and true sentences it speaks of, and of how many it alone does."""
    judged = [one for file in files for one in judge(file)[0]]
    spoken = [(one, {failure.partition(": ")[0] for failure in one.failures}) for one in judged]
    print("| rule | false sentences | by it alone | true sentences | by it alone | precision |\n|---|---:|---:|---:|---:|---:|")
    for name, _, blocks in RULES:
        said = [(one.is_faithful, rules == {name}) for one, rules in spoken if name in rules]
        wrong = [alone for faithful, alone in said if faithful]
        right = [alone for faithful, alone in said if not faithful]
        share = f"{len(right) / len(said):.0%}" if said else ""
        print(f"| {name}{'' if blocks else ' (warns)'} | {len(right)} | {sum(right)} | {len(wrong)} | {sum(wrong)} | {share} |")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="labelled sentences (default: bench/claims, and the decided cases)"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is passed")
    parser.add_argument("--rules", action="store_true", help="print for each rule how many false and true sentences it stops")
    parser.add_argument("--list", nargs=2, metavar=("FILE", "KIND"), help="print what is missed of a kind")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
