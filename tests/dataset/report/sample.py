"""Figures as reports get them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from notewright.dataset.report.figures import Counts, Drop, Failure, Generation, ReportFigures, Source, Spending, Stretch, Unit
from notewright.dataset.tasks import Variant

AT = datetime(2026, 7, 4, 3, 30, tzinfo=UTC)
UNITS: tuple[Unit, ...] = ("files", "passages", "pairs", "rows")
HOSTILE = (
    "<script>document.title='taken'</script>",
    '"><img src=x onerror="document.title=\'taken\'">',
    "$\\frac{1}{0}$ and $x^2",
    "word 0",
    "日本語のリポジトリ/とても長い名前のリポジトリ-日本語のリポジトリ",
    "👩‍👩‍👧 \u202etxt.exe\u2066 \x1b[31m\x00",
    "a" * 3000,
    "| cell | @everyone `code` [link](https://example.org) ::error::x",
)


def figures() -> ReportFigures:
    """A dataset of a team with three repositories, after some nights."""
    digest = "sha256:" + "0123456789abcdef" * 4
    return ReportFigures(
        title="team-code",
        tool="0.7.0",
        engine="llama_server",
        made_at=AT,
        counts=Counts(4210, 1893, 6120, 6044, 28711, 24102, 21877),
        generation=Generation(
            digest,
            digest[::-1],
            (
                Variant("questions", digest, "default 1.2.0", "qwen2.5-coder-3b-instruct-q4_k_m"),
                Variant("answer", digest[::-1], "standards 1.0.0", "qwen2.5-coder-3b-instruct-q4_k_m"),
            ),
        ),
        sources=(
            Source("https://github.com/example/payments-service", "a" * 40, 12011),
            Source("https://github.com/example/web", "b" * 40, 8100),
            Source("git@github.com:example/infrastructure-and-deployment-of-everything.git", "c" * 40, 1766),
            Source("https://github.com/example/gone", "", 0, "the server has no repository of this name"),
        ),
        languages=(("python", 11200), ("typescript", 7310), ("go", 3001), ("c", 366)),
        types=(("what", 5100), ("why", 3900), ("how", 6011), ("usage", 4420), ("edge case", 2446)),
        verdicts=(("good", 20111), ("fair", 1766)),
        licenses=(("MIT", 20111), ("Apache-2.0", 1500), ("", 266)),
        splits=(("train", 19700), ("validation", 1100), ("test", 1077)),
        drops=(
            Drop("files", "extension", 1710, "Its name has none of the extensions that are asked for."),
            Drop("files", "vendored", 402, "Its folder or its .gitattributes says that it was copied from elsewhere."),
            Drop("files", "licence", 200, "Its licence, or that of its repository, is not among those allowed."),
            Drop("files", "symlink", 5, "It is a symbolic link: what it points to is judged where it lies."),
            Drop("passages", "secret", 66, "It holds what looks like a key, a token or a password."),
            Drop("passages", "personal", 10, "It holds an e-mail address or a public network address."),
            Drop("pairs", "identifier", 3011, "The text uses a name that the passage does not have."),
            Drop("pairs", "too_short", 1598, "The text is too short to say anything."),
            Drop("rows", "duplicate", 1200, "Another pair asks and answers the same."),
            Drop("rows", "near_duplicate", 1025, "Another pair asks and answers nearly the same."),
        ),
        spendings=(
            Spending("questions", 6044, 9_700_000, 310_000, 890_000, 41_000.0),
            Spending("answer", 28_711, 52_000_000, 45_900_000, 4_300_000, 190_000.0),
            Spending("repair", 2100, 4_010_000, 3_500_000, 300_000, 12_000.0),
        ),
        stretches=tuple(
            Stretch(AT - timedelta(days=9 - night), 9_000.0 + 1_800 * (night % 3), 1_900 + 313 * (night % 4), 510_000 + 9_000 * night)
            for night in range(9)
        ),
        failures=(Failure("timeout", 31, "The engine took longer than `llm.timeout_s`."), Failure("crash", 2, "The process died.")),
        unfinished=118,
    )


def hostile() -> ReportFigures:
    """Figures whose every word is a stranger's."""
    words = (*HOSTILE, *(f"https://example.org/{number}/{'x' * number}" for number in range(60)))
    tally = tuple((word, 100 + number) for number, word in enumerate(words))
    return ReportFigures(
        title=HOSTILE[0],
        tool=HOSTILE[1],
        engine=HOSTILE[2],
        made_at=AT,
        counts=Counts(100, 90, 80, 70, 60, 50, 40),
        generation=Generation(HOSTILE[3], HOSTILE[7], (Variant("answer", HOSTILE[5], HOSTILE[6], HOSTILE[7]),)),
        sources=tuple(Source(word, word, count, word if count % 2 else "") for word, count in tally),
        languages=tally,
        types=tally,
        verdicts=tally,
        licenses=tally,
        splits=tally,
        drops=tuple(Drop(unit, word, count, word) for unit in UNITS for word, count in tally),
        spendings=(Spending(HOSTILE[0], 1, 10, 5, 5, 1.0),),
        stretches=(Stretch(AT, 60.0, 1), Stretch(AT, 60.0, 0)),
        failures=tuple(Failure(word, count, word) for word, count in tally),
    )
