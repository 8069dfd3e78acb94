"""A made-up section that shows a prompt at work: every kind of entry, in the lengths that they usually have."""

from __future__ import annotations

from itertools import count

from notewright.changelog.section import Entry, Group, Section, Totals
from notewright.rendering.canonical import digest

_STEPS = "Rename `queue.size` to `queue.limit` in every configuration file; a worker that finds the old key does not start."


def example_section() -> Section:
    """Return a release of nobody's. It shares no word of substance with the examples in our prompts, so that what a model copies from
    those is no entry of it."""
    number = count(101)

    def entry(
        type_: str | None, scope: str | None, summary: str, *, breaking: bool = False, steps: str | None = None, security: bool = False
    ) -> Entry:
        reference = next(number)
        sha = digest(f"{reference}".encode())[7:47]
        return Entry(f"c-{sha[:8]}", type_, scope, summary, breaking, steps, security, (f"#{reference}",), (sha,), ("Ada Lovelace",))

    groups = (
        Group(
            "Breaking changes",
            (
                entry("feat", "queue", "limit a queue by bytes instead of by messages", breaking=True, steps=_STEPS),
                entry("chore", None, "drop support for Python 3.10", breaking=True),
            ),
        ),
        Group("Security", (entry("fix", "upload", "refuse archives that unpack outside of their folder", security=True),)),
        Group(
            "Features",
            (
                entry("feat", "import", "read CSV files with `;` between the fields and a decimal comma"),
                entry("feat", "dashboard", "show how long each worker has been waiting for its next message"),
                entry("feat", None, "support PostgreSQL 17"),
                entry("feat", "cli", "add `--dry-run` to print what a migration would change without changing it"),
            ),
        ),
        Group(
            "Fixes",
            (
                entry("fix", "scheduler", "two workers no longer take the same message when a queue is nearly full"),
                entry("fix", "api", "answer 404 instead of 500 for a queue that was deleted while it was read"),
                entry("fix", None, "dates before 1970 are sorted as dates"),
            ),
        ),
        Group("Performance", (entry("perf", "storage", "read the index once for each batch, 40 ms instead of 310 ms for a million rows"),)),
        Group("Deprecations", (entry("deprecate", "api", "`GET /v1/queues` goes away with version 4; use `GET /v2/queues`"),)),
        Group("Dependencies", (entry("deps", "deps", "bump sqlalchemy from 2.0.36 to 2.0.41"),)),
        Group("Other changes", (entry(None, None, "Describe how to run two schedulers side by side"),)),
    )
    shown = sum(len(group.entries) for group in groups)
    return Section("3.1.0", "v3.1.0", "v3.0.2", "2026-03-02", Totals(shown, shown, 0, 0), (), groups, ())
