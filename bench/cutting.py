"""How fast and how well files are cut into passages: python -m bench.cutting [FOLDER …] [--check]. Exits with 1 below a limit."""

from __future__ import annotations

import argparse
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from notewright.dataset.cutting import cut_passages
from notewright.dataset.languages import language_of
from notewright.dataset.tokens import EstimatedTokenizer, LoadedTokenizer, PassageTokenizer
from notewright.syntax.languages import find_language
from tests.parts.hostile_files import hostile_files
from tests.parts.trained import train_bytes, train_pieces

LEAST_MB_S, LEAST_FILL, LEAST_DEFINITIONS, MOST_HOSTILE_S = 0.3, 0.75, 0.8, 3.0
_LIMITS = (512, 1_500)
_PROJECT = Path(__file__).parents[1] / "src"
_PACKAGES = Path(sysconfig.get_paths()["purelib"])
_MOST_BYTES, _SAMPLE = 1_000_000, 40


@dataclass(slots=True)
class Tally:
    """What came of cutting files of one language. `filled` and `begun` are of files with several passages, `begun` without the first."""

    size_bytes: int = 0
    cpu_s: float = 0.0
    passages: int = 0
    filled: float = 0.0
    counted: int = 0
    begun: int = 0
    cuts: int = 0
    wrong: int = 0

    @property
    def mb_s(self) -> float:
        """Megabytes per CPU second."""
        return self.size_bytes / 1e6 / max(self.cpu_s, 1e-9)

    @property
    def fill(self) -> float:
        """The mean share of the limit that passages have."""
        return self.filled / max(self.counted, 1)

    @property
    def definitions(self) -> float:
        """The share of cuts before a definition or its comment."""
        return self.begun / max(self.cuts, 1)


def main() -> int:
    """Measure, print Markdown tables, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="checkouts of other repositories")
    parser.add_argument("--check", action="store_true", help="exit with 1 below a limit")
    parser.add_argument(
        "--trained", type=Path, default=Path(tempfile.gettempdir()) / "notewright-tokenizers", help="where tokenizers are kept"
    )
    options = parser.parse_args()
    tokenizers = open_tokenizers(options.trained)
    sources = {"this project": _find(_PROJECT, 1), "site-packages, a sample": _find(_PACKAGES, _SAMPLE)}
    sources |= {folder.name: _find(folder, 1) for folder in options.folders}
    print("| source | language | tokenizer | limit | MB | passages | MB/CPU s | fill | at definitions |")
    print("|---|---|---|--:|--:|--:|--:|--:|--:|")
    failures = [
        failure for name, tokenizer in tokenizers.items() for limit in _LIMITS for failure in measure(sources, name, tokenizer, limit)
    ]
    print("\n| hostile file | kB | slowest CPU s |\n|---|--:|--:|")
    failures += measure_hostile(tokenizers)
    for failure in failures:
        print(failure, file=sys.stderr)
    return int(bool(failures) and options.check)


def open_tokenizers(folder: Path) -> dict[str, PassageTokenizer]:
    """Return the tokenizers that are measured with, trained on installed packages where they are not kept yet."""
    files = _PACKAGES.rglob("*.py")
    texts = [path.read_text("utf-8", "replace") for path in sorted(files)[::8]]
    found = {
        "bytes, 32,000": _keep(folder / "bytes.json", lambda: train_bytes(texts, size=32_000)),
        "pieces, 8,000": _keep(folder / "pieces.json", lambda: train_pieces([text[:5_000] for text in texts[::2]], size=8_000)),
    }
    return {name: LoadedTokenizer(tokenizer) for name, tokenizer in found.items()} | {"estimate-1": EstimatedTokenizer()}


def _keep(path: Path, train: Callable[[], Tokenizer]) -> Tokenizer:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        train().save(str(path))
    return Tokenizer.from_file(str(path))


def _find(folder: Path, every: int) -> list[tuple[str, bytes]]:
    """Return the files of known languages, with their language."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix and find_language(language_of(path.name, b"")) and path.is_file()]
    contents = ((path, path.read_bytes()) for path in found[::every])
    return [(language_of(path.name, content), content) for path, content in contents if 0 < len(content) <= _MOST_BYTES]


def measure(sources: dict[str, list[tuple[str, bytes]]], name: str, tokenizer: PassageTokenizer, limit: int) -> Iterator[str]:
    """Cut all sources, print a row for each of their languages, and give what is below a limit."""
    totals: dict[str, Tally] = {}
    for source, files in sources.items():
        tallies: dict[str, Tally] = {}
        for language, content in files:
            for tallied in (tallies, totals):
                tallied.setdefault(language, Tally())
            _cut(content, language, tokenizer, limit, (tallies[language], totals[language]))
        for language, tally in sorted(tallies.items()):
            print(_row(source, language, name, limit, tally), flush=True)
    for language, tally in sorted(totals.items()):
        print(_row("**all**", language, name, limit, tally), flush=True)
    yield from _failures(totals, name, limit)


def _failures(totals: dict[str, Tally], name: str, limit: int) -> Iterator[str]:
    where = f"{name} at {limit} tokens"
    together = Tally(sum(one.size_bytes for one in totals.values()), sum(one.cpu_s for one in totals.values()))
    if together.mb_s < LEAST_MB_S:
        yield f"{where}: {together.mb_s:.2f} MB per CPU second"
    for language, tally in totals.items():
        if tally.wrong:
            yield f"{where}: {tally.wrong} files of {language} do not concatenate, or have a passage over the limit"
        if language in {"python", "go"} and tally.counted and tally.fill < LEAST_FILL:
            yield f"{where}: passages of {language} fill {tally.fill:.2f}"
        if language in {"python", "go"} and limit == max(_LIMITS) and name.startswith("bytes") and tally.definitions < LEAST_DEFINITIONS:
            yield f"{where}: {tally.definitions:.2f} passages of {language} begin with a definition"


def _cut(content: bytes, language: str, tokenizer: PassageTokenizer, limit: int, tallies: Sequence[Tally]) -> None:
    start_s = time.process_time()
    passages = cut_passages(content, language, tokenizer, limit)
    spent_s = time.process_time() - start_s
    exact = b"".join(content[one.start : one.end] for one in passages) == content
    within = all(tokenizer.count(content[one.start : one.end].decode("utf-8", "replace")) == one.tokens <= limit for one in passages)
    several = passages if len(passages) > 1 else ()
    for tally in tallies:
        tally.size_bytes += len(content)
        tally.cpu_s += spent_s
        tally.passages += len(passages)
        tally.counted += len(several)
        tally.filled += sum(one.tokens for one in several) / limit
        tally.begun += sum(one.definition for one in several[1:])
        tally.cuts += len(several[1:])
        tally.wrong += not (exact and within)


def _row(source: str, language: str, name: str, limit: int, tally: Tally) -> str:
    numbers = f"{tally.size_bytes / 1e6:.2f} | {tally.passages} | {tally.mb_s:.2f} | {tally.fill:.2f} | {tally.definitions:.2f}"
    return f"| {source} | {language} | {name} | {limit} | {numbers} |"


def measure_hostile(tokenizers: dict[str, PassageTokenizer]) -> Iterator[str]:
    """Cut hostile files of up to 200,000 characters, print how long the slowest way took, and give what went wrong."""
    for name, content in hostile_files(20).items():
        tally, slowest_s = Tally(), 0.0
        for tokenizer in tokenizers.values():
            for language in ("python", "java", "text"):
                before_s = tally.cpu_s
                _cut(content, language, tokenizer, max(_LIMITS), (tally,))
                slowest_s = max(slowest_s, tally.cpu_s - before_s)
        print(f"| {name} | {len(content) / 1e3:.0f} | {slowest_s:.2f} |", flush=True)
        if tally.wrong:
            yield f"{name}: passages that do not concatenate, or are over the limit"
        if slowest_s > MOST_HOSTILE_S:
            yield f"{name}: {slowest_s:.2f} CPU seconds"


if __name__ == "__main__":
    sys.exit(main())
