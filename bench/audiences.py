"""Words, sentences and budgets of each audience's notes: python -m bench.audiences [--history NAME] [--check].

Every release of the recorded histories is told by rule, to every audience. With --check it exits with 1 where a document is longer than its
budget, a sentence longer than it may be, a subject longer than mails show, a version missing, or one of the checks of notes blocks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import open_repository
from notewright.changelog.layout.links import Links
from notewright.changelog.section import Section
from notewright.config.config import Config
from notewright.control import Cancel, ignore
from notewright.flows.changelog import Selection, read_releases
from notewright.notes.assembly import assemble
from notewright.notes.budget import count_words
from notewright.notes.document import Notes
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy
from notewright.notes.report import check_notes
from tests.parts.histories import HISTORIES, replay_history, shared_folder

# The least words that readers expect: a target that a small release may miss, for nothing is padded
TARGETS = {"executive": 80, "customer": 120, "security": 60, "support": 100}
_LINKS = Links("https://github.com/owner/name")
_SUBJECT = 60  # characters
_HEADINGS = (
    "audience releases told sentences words:median words:p90 words:most characters:most sentence:most limit over below:target".split()
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One release, told to one audience."""

    words: int
    characters: int
    sentences: int
    longest: int
    faults: tuple[str, ...]


def measure(section: Section, policy: AudiencePolicy) -> Measured:
    """Tell a release by rule and measure what comes of it."""
    notes = Notes(section.version, policy.audience, "none", assemble(section, policy))
    text = notes_markdown(notes, section, policy, links=_LINKS)
    longest = max((len(sentence.text.split()) for sentence in notes.sentences), default=0)
    measured = Measured(count_words(text), len(text.strip()), len(notes.sentences), longest, ())
    faults = tuple(_faults(measured, section, notes, policy, text))
    return Measured(measured.words, measured.characters, measured.sentences, longest, faults)


def _faults(measured: Measured, section: Section, notes: Notes, policy: AudiencePolicy, text: str) -> list[str]:
    style = policy.style
    found = {
        "words": policy.most_words is not None and measured.words > policy.most_words,
        "characters": policy.most_characters is not None and measured.characters > policy.most_characters,
        "sentence": measured.longest > max(style.most_words, style.most_words_breaking),
        "subject": bool(policy.subject) and len(text.partition("\n")[0].removeprefix("Subject: ")) > _SUBJECT,
        "checks": check_notes(section, notes, policy).blocks,
        "version": section.version is not None and section.version not in text,
    }
    return [f"{policy.audience} of {section.version}: {name}" for name, wrong in found.items() if wrong]


def measure_history(name: str, cache: Path) -> dict[str, list[Measured]]:
    """Tell every release of one history to every audience."""
    prompts = Prompts(prompt_places(None))
    policies = [prompts.audience(audience).policy for audience in prompts.names("notes")]
    repository = open_repository(replay_history(name, cache=cache, shared=shared_folder()))
    sections = read_releases(repository, Config().rules(), Selection(), report=ignore, cancel=Cancel())
    return {policy.audience: [measure(section, policy) for section in sections] for policy in policies}


def row(audience: str, measured: Sequence[Measured]) -> str:
    """Return one line of the table."""
    policy = Prompts(prompt_places(None)).audience(audience).policy
    words = sorted(one.words for one in measured)
    limit = f"{policy.most_words} words" if policy.most_words else f"{policy.most_characters} characters" if policy.most_characters else "-"
    over = sum(policy.most_words is not None and one.words > policy.most_words for one in measured)
    short = sum(one.words < TARGETS.get(audience, 0) for one in measured if one.sentences)
    told = sum(one.sentences > 0 for one in measured)
    cells = (
        audience, len(measured), told, sum(one.sentences for one in measured),
        f"{median(words):.0f}", words[len(words) * 9 // 10], words[-1],
        max(one.characters for one in measured), max(one.longest for one in measured), limit, over, short if audience in TARGETS else "-",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    """Measure, print a Markdown table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--history", action="append", choices=HISTORIES, help="one of the recorded histories; all without")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is passed")
    options = parser.parse_args()
    names = options.history or list(HISTORIES)
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(max_workers=2) as processes:
        found = list(processes.map(measure_history, names, [Path(folder)] * len(names)))
    print(f"| {' | '.join(_HEADINGS)} |\n|---|{'---:|' * (len(_HEADINGS) - 1)}")
    everything = {audience: [one for history in found for one in history[audience]] for audience in found[0]}
    for audience, measured in everything.items():
        print(row(audience, measured))
    faults = [fault for measured in everything.values() for one in measured for fault in one.faults]
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults) and options.check)


if __name__ == "__main__":
    sys.exit(main())
