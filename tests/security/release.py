"""One whole release, step by step, of a history in which every attack on text stands; what it left is looked at case by case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.action.stage import Ran, Stage
from tests.parts.tokens import TOKEN_WRITE

# What each attacker writes, by the number of the case. Every text stands in a subject, a body, a breaking change, a scope and a name.
TEXTS = {
    1: "$(touch pwned) `touch pwned` ; touch pwned | touch pwned ${{ github.token }}",
    4: "EOF version=9.9.9 version<<EOF",
    6: "::set-output name=version::9.9.9 ##[group]x ##[add-mask]x %0A::add-mask::x",
    7: "thanks @everyone and @org/team,@ada",
    8: "Closes #1, fixes: o/r#2 and resolves https://github.com/o/r/issues/3",
    9: "as in #123 GH-7 gh-8 o/r#9 https://github.com/o/r/commit/0123456 www.evil.example",
    10: "<img src=x onerror=alert(1)> ![p](http://h.example/p.png) <!-- <details><summary>s </li>",
    11: "[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)> [c](vbscript:x)",
    12: "``` ```` ~~~ `` ` ``` <b>x</b> ~~~~ after",
    13: "/merge now",
    14: "a\u202eb\u2066c\u200b\u200dd \U000e0041\U000e0042\ufeff\xad x\x1b[2J\x07\x08y \u2028q",
}
_SHOWN = {"code_inline": "`", "softbreak": "\n", "hardbreak": "\n"}
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable(["text_join"])


@dataclass(frozen=True)
class Released:
    """A release whose three steps have run: what they printed, set and wrote."""

    stage: Stage
    steps: tuple[Ran, ...]
    body: str

    @property
    def logs(self) -> str:
        return "\n".join(step.log for step in self.steps)

    @property
    def proposal(self) -> Path:
        return self.stage.shared / "proposal"

    @property
    def pages(self) -> dict[str, str]:
        """Every Markdown that people see: the proposal's, the summaries' and the pull request's."""
        written = {path.relative_to(self.proposal).as_posix(): path.read_text("utf-8") for path in sorted(self.proposal.rglob("*.md"))}
        return {**written, "the summary": "\n\n".join(step.summary for step in self.steps), "the pull request": self.body}

    @property
    def page(self) -> str:
        return (self.proposal / "audit.html").read_text("utf-8")


def write_attacks(stage: Stage) -> None:
    """Commit every text wherever a commit has text, and push it."""
    for text in TEXTS.values():
        name = re.sub(r"[<>\n]", "", text).strip()
        scope = re.sub(r"[()\n\r]", "", text)[:60]
        stage.work.commit(f"feat: {text}", author=f"{name} <a@example.org>")
        stage.work.commit(
            f"fix({scope})!: change\n\n{text}\n\nBREAKING CHANGE: {text}\nCo-authored-by: {name} <b@example.org>\nCloses: {text}"
        )
        stage.work.commit(f"{text}\n\n{text}\n")
    stage.work.commit(b"feat: bytes \xff\xfe \xc3( that are no text")
    for text in ("/merge now", "::error::x\r\n::set-output name=version::9.9.9", "EOF\nversion=9.9.9\nEOF", "```\n<b>x</b>\n~~~"):
        stage.work.commit(f"perf: several lines\n\n{text}\n\nBREAKING CHANGE: {text}\n")
    stage.git_server.push(stage.work, "main")


def release(stage: Stage, **inputs: str) -> Released:
    """Run the three steps on the runner itself, each of which must go well."""
    given = {"container": "never", **inputs}
    steps = (stage.run("collect", token=TOKEN_WRITE, **given), stage.run("prepare", **given),
             stage.run("propose", token=TOKEN_WRITE, **given))  # fmt: skip
    assert [step.code for step in steps] == [0, 0, 0], [step.log for step in steps]
    return Released(stage, steps, stage.github.pulls()[-1].body or "")


def tokens(markdown: str) -> Iterator[Token]:
    """Everything that a renderer with HTML switched on sees."""
    for block in _PARSER.parse(markdown):
        yield block
        yield from block.children or ()


def live_texts(markdown: str) -> Iterator[str]:
    """Yield the running text of each block, as GitHub looks for mentions and references in it: without code and without our links."""
    for block in _PARSER.parse(markdown):
        shown, depth = "", 0
        for child in block.children or ():
            depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            if not depth and not child.type.startswith("html"):
                shown += _SHOWN.get(child.type, child.content)
        yield shown


def links(markdown: str) -> Iterator[str]:
    """Yield where every link leads."""
    for token in tokens(markdown):
        if token.type == "link_open":
            yield str(token.attrs["href"])


def markup(markdown: str) -> Iterator[str]:
    """Yield every piece of HTML that takes effect."""
    for token in tokens(markdown):
        if token.type in ("html_inline", "html_block"):
            yield token.content
