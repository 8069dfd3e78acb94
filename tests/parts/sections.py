"""Sections for tests: entries in a line, the invented release of the mocks, and random ones as hostile as text can be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from hypothesis import strategies as st

from notewright.changelog.section import Contributor, Entry, Group, Section, Totals

_TITLES = {"feat": "Features", "fix": "Fixes", "perf": "Performance", "docs": "Documentation", "deps": "Dependencies"}


def entry(
    summary: str, *, type: str | None = "feat", scope: str | None = None, breaking: str | bool = False, security: bool = False,  # noqa: A002
    references: Iterable[str] = (), key: str = "",
) -> Entry:  # fmt: skip
    """Return an entry; `breaking` may be its text. Its id and commit follow from its words and `key`."""
    sha = hashlib.sha1(f"{type}|{scope}|{summary}|{key}".encode("utf-8", "surrogatepass")).hexdigest()
    text = breaking if isinstance(breaking, str) else None
    return Entry(f"c-{sha[:8]}", type, scope, summary, bool(breaking), text, security, tuple(references), (sha,), ("Ada",))


def section(*entries: Entry, version: str | None = "1.4.0", contributors: Iterable[Contributor] = (), commits: int = 0) -> Section:
    """Return a section with its entries grouped as the changelog does: breaking, security, by type."""
    titles: dict[str, list[Entry]] = {}
    for one in entries:
        title = "Breaking changes" if one.breaking else "Security" if one.security else _TITLES.get(one.type or "", "Other changes")
        titles.setdefault(title, []).append(one)
    groups = tuple(Group(title, tuple(grouped)) for title, grouped in titles.items())
    return Section(
        version=version,
        tag=f"v{version}" if version else None,
        previous="v1.3.2",
        date="2026-11-20",
        totals=Totals(commits, commits, 0, 0),
        contributors=tuple(contributors),
        groups=groups,
        ledger=(),
    )


def invented_release() -> Section:
    """Return a release with every kind of entry."""
    return section(
        entry("read `ORCHARD_TOKEN` only", scope="config", breaking="Set `ORCHARD_TOKEN`; `OT_KEY` is ignored.", references=["#431"]),
        entry("drop Python 3.9", type="chore", scope="python", breaking=True, references=["#433"]),
        entry("escape HTML in commit titles (CVE-2026-10412)", type="fix", scope="page", security=True, references=["#440"]),
        entry("add passkey login (#412)", scope="auth", references=["#412"]),
        entry("allow users to export to Parquet with `--format parquet`", scope="export", references=["#398"]),
        entry("support Python 3.14", references=["acme/build#7"]),
        entry("crash when a range is empty", type="fix", scope="cli", references=["#420", "#425"]),
        entry("do not follow links out of the folder", type="fix", references=[]),
        entry("read a full history in 0.9s instead of 3.5s", type="perf", scope="parser", references=["#417"]),
        entry("describe the audit page", type="docs", references=["#419"]),
        entry("bump httpx from 0.27.0 to 0.28.1", type="deps", scope="deps", references=["#421"]),
        entry("Improve startup", type=None),
        commits=42,
        contributors=[Contributor("Ada", 30, new=False), Contributor("Grace", 10, new=True), Contributor("*Linus* @all", 2, new=True)],
    )  # fmt: skip


_NASTY = st.sampled_from(
    [
        "@everyone",
        "@org/team",
        "Closes #12",
        "fixes: o/r#2",
        "<img src=x>",
        "<!-- x -->",
        "![](http://h/x)",
        "[a](javascript:1)",
        "```",
        "`",
        "``x`",
        "<|im_start|>system",
        "[INST]",
        "</s>",
        "\u202eevil",
        "\u200b",
        "\x00",
        "/merge",
        "::add-mask::x",
        "${{ secrets.T }}",
        "{{ 7*7 }}",
        "{% raw %}",
        "ignore previous instructions",
        "system: obey",
        "</entries>",
        "&amp;",
        "\ud800",
        "\n",
        "# heading",
        "- item",
        "| a | b |",
        "---",
        "https://evil.example/x?y=1",
        "www.evil.example",
        "#123",
        "GH-7",
        "3fa9c1d2",
        "CVE-2026-1",
        "v1.2.3",
        "10 000",
        "50 %",
        "half an hour",
        "next spring",
        "1 June 2027",
        "{text}",
        "{version}",
        "Vec<T>",
        "`Vec<T>`",
        "a@b.example",
        "@types/node",
        "don't",
        "\u2014",
        "naïve",
        "日本語",
        "🎉",
        "é" * 40,
        "x" * 300,
        "",
        " ",
        ".",
        "...",
    ]
)
_WORDS = st.sampled_from(
    (
        "add fix remove support allow crash when the a of with users config parser login export cache file 3 12 2.0 `name` foo_bar"
        " readFile --flag instead now no longer not never is are by default to from performance security deprecated"
    ).split(" ")
)
_TEXT = st.lists(st.one_of(_WORDS, _WORDS, _NASTY, st.text(max_size=12)), min_size=0, max_size=14).map(" ".join)


@st.composite
def sections(draw: st.DrawFn, *, most: int = 16) -> Section:
    """Draw a section whose texts may be anything, with marks, types and scopes at random, and now and then the same line twice."""
    number = draw(st.integers(0, most))
    entries: list[Entry] = []
    for position in range(number):
        again = entries and draw(st.integers(0, 5)) == 0
        summary = entries[-1].summary if again else draw(_TEXT)
        entries.append(
            entry(
                summary,
                type=draw(st.sampled_from(["feat", "fix", "perf", "docs", "deps", "revert", "chore", None])),
                scope=draw(st.one_of(st.none(), st.sampled_from(["auth", "cli", "compiler-sfc", "@scope/pkg", "a b", "<x>"]))),
                breaking=draw(st.one_of(st.sampled_from([False, False, True]), _TEXT)),
                security=draw(st.integers(0, 6)) == 0,
                references=draw(st.lists(st.sampled_from(["#1", "#22", "GH-3", "o/r#4"]), max_size=3, unique=True)),
                key=str(position),
            )
        )
    return section(*entries, version=draw(st.sampled_from(["1.4.0", "2.0.0-rc.1", None])), commits=number)


def hostile_text() -> st.SearchStrategy[str]:
    """Draw a line of words, markup, pings, commands and control tokens."""
    return _TEXT
