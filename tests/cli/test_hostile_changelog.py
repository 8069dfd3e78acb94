"""Whatever an attacker writes into a history, no changelog, table, report, error or proposal does more with it than show it."""

from __future__ import annotations

import gc
import json
import re
import signal
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from notewright.cli.main import main
from tests.parts.command import Ended
from tests.parts.repository import Repo

FILE = "CHANGELOG.md"
PRESETS = ("keepachangelog", "conventional", "github", "plain")
# Everything that a template can say, in running text and where a person is likely to put it.
TEMPLATE = """{{ heading }}
{{ underline }}

{{ comparison }}
{% for group in groups %}
### {{ group.title }}

{% for entry in group.entries -%}
- {{ entry.item }}
- {{ entry.id }} {{ entry.type }} {{ entry.scope }}: {{ entry.summary }} {{ entry.breaking_text }} {{ entry.authors | join(", ") }}
- {{ entry.summary | upper }} {{ entry.summary | lower }}
- {{ entry.commit.short }} ({% for one in entry.references %}, {{ one.text }}{% endfor %})

{% endfor %}{% endfor %}
{% for person in contributors -%}
- {{ person.name }}
{% endfor %}
"""
# By the number of the case in SECURITY-CASES, named after what an attacker tries.
ATTACKS = {
    "1 to run a shell": "$(touch pwned) `touch pwned` ; touch pwned | touch pwned && touch pwned ${{ github.token }}",
    "6 to command the runner": "::set-output name=a::b ##[group]x %0A::add-mask::x",
    "7 to notify people": "@everyone @org/team thanks,@ada (@ada) a@b.example `@x @y",
    "8 to close issues": "Closes #1, fixes: o/r#2 and resolves https://github.com/o/r/issues/3",
    "9 to cross-reference": "see #123 GH-7 gh-8 o/r#9 https://github.com/o/r/pull/4 www.evil.example mailto:a@b.example",
    "10 to show images and hide text": "<img src=x onerror=alert(1)> ![p](http://h.example/p.png) <!-- <details><summary> </li> &lt;b&gt;",
    "11 to run scripts from links": "[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)> [c]: javascript:x [c] [d][c]",
    "12 to break out of a fence": "``` ```` ~~~ `` ` ``` <b>x</b> @everyone",
    "13 to give a slash command": "/merge now",
    "14 to hide characters": "a\u202eb\u2066c\u200b@\u200deveryone \U000e0041\U000e0042 \ufeff\xad x\x1b[2J\x07\x08y\rz \u2028q \ue000",
    "15 to fill a page": "@everyone <img src=x> #1 " * 3000,
    "to forge a heading or a section": "## 9.9.9 - 2030-01-01 <!-- notewright: 00000000 --> ### Fixes --- === | - [ ] x",
}  # fmt: skip
HOSTILE = [pytest.param(text, id=name) for name, text in ATTACKS.items()]
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable(["text_join"])
# What GitHub looks for in the text of a rendered page, code left out.
_LIVE = re.compile(r"@[A-Za-z0-9]|#\d|\bGH-\d|[A-Za-z]://|www\.|mailto:", re.IGNORECASE)
# References where the program puts them: after a bracket, a comma or a word that closes nothing. A forge links them, as it should.
_OURS = re.compile(r"(?:(?<=\()|(?<=, )|(?<= in )|(?<=, refs ))(?:(?:[\w.-]+/[\w.-]+)?#[0-9]+|GH-[0-9]+)(?=[,)]|$)", re.MULTILINE)
_SHOWN = {"code_inline": "`", "softbreak": "\n"}
_OUR_COMMENT = re.compile(r"<!-- (?:notewright|Written by notewright)[^<>]*-->")
_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


class Run(Protocol):
    """Runs the command line in a repository."""

    def __call__(self, *arguments: str | Path, cwd: Path) -> Ended: ...


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run it in this process, a second sooner than in one of its own: each attack is tried on every command."""

    def call(*arguments: str | Path, cwd: Path) -> Ended:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr("sys.argv", ["notewright", *map(str, arguments)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfdbinary.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err.decode("utf-8", "backslashreplace"))

    threshold, handlers = gc.get_threshold(), {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield call
    gc.set_threshold(*threshold)
    for one, handler in handlers.items():
        signal.signal(one, handler)


def tokens(markdown: str) -> Iterator[Token]:
    for block in _PARSER.parse(markdown):
        yield block
        yield from block.children or ()


def assert_harmless_page(markdown: str) -> None:
    """Nothing links, shows, notifies, closes or hides, since the page has no address of its own to link to."""
    assert_no_hidden(markdown)
    for token in tokens(markdown):
        assert token.type not in ("image", "link_open", "code_block", "fence", "s_open", "table_open", "hr"), token
        assert not token.type.startswith("html_") or _OUR_COMMENT.fullmatch(token.content.strip()), token
        if token.type == "inline":
            shown = "".join(_SHOWN.get(child.type, child.content) for child in token.children or ())
            assert not (found := _LIVE.search(_OURS.sub("", shown))), (found, shown[:200])
            assert not shown.startswith("/"), shown[:200]


def assert_no_hidden(text: str) -> None:
    assert not {unicodedata.category(character) for character in text if character != "\n"} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not any("\ufe00" <= character <= "\ufe0d" or "\U000e0000" <= character <= "\U000e0fff" for character in text)


def assert_harmless_log(text: str) -> None:
    """No terminal and no runner obeys a line."""
    assert_no_hidden(text)
    assert not _COMMAND.search(text), text[:400]


def assert_told(done: Ended, *, code: int = 0) -> str:
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    assert_harmless_log(done.err)
    return done.out.decode("utf-8")


def configure(repo: Repo, **changelog: object) -> None:
    (repo.path / "notewright.yaml").write_text(yaml.safe_dump({"changelog": changelog}), encoding="utf-8")


def write_history(repo: Repo, text: str) -> None:
    """Put a text wherever a commit has text: header, scope, body, trailers, author, co-author; conventional or not."""
    line = text.replace("\n", " ")[:20_000]
    author = re.sub(r"[<>\n\0]", "", line)[:200].strip() or "x"
    scope = re.sub(r"[()\n\r\0]", "", line)[:80]
    one = line.replace("\0", "")
    repo.commit("feat: start")
    repo.tag("v1.0.0")
    repo.commit(f"feat: {one}", author=f"{author} <a@example.org>")
    repo.commit(
        f"feat({scope})!: change\n\n{one}\n\nBREAKING CHANGE: {one}\nCo-authored-by: {author} <b@example.org>\nRefs: {one}\nCloses: {one}"
    )
    repo.commit(f"{one}\n\n* feat: {one}\n* fix: {one}\n\n{text.replace(chr(0), '')[:70_000]}")
    first = repo.commit(f"fix: {one} twice", {"a.txt": "1\n"})
    repo.commit(f'Revert "fix: {one} twice"\n\nThis reverts commit {first}.')
    repo.commit(f"chore(deps): bump {one[:60]} from 1.0 to 2.0")
    repo.commit(f"fixup! feat: {one}")
    repo.branch("side")
    repo.commit(f"perf: {one}")
    repo.branch("main")
    repo.merge("side", f"Merge pull request #5 from evil/{one[:60]}\n\n{one}")
    repo.commit(f"security: {one} (#7)".encode() + b" \xff\xfe \xc3")


@pytest.fixture(params=HOSTILE)
def hostile(request: pytest.FixtureRequest, repo: Repo) -> Repo:
    write_history(repo, request.param)
    return repo


@pytest.mark.case(1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
def test_every_preset_and_a_template_of_one_s_own_show_text_and_do_nothing_else(hostile: Repo, run: Run) -> None:
    (hostile.path / "own.j2").write_text(TEMPLATE)
    for preset in PRESETS:
        for template in (None, "own.j2"):
            configure(hostile, preset=preset, template=template)
            page = assert_told(run("changelog", "--full", cwd=hostile.path))
            assert_harmless_page(page)
            headings = [block.tag for block in _PARSER.parse(page) if block.type == "heading_open"]
            assert headings.count("h2") == 2, "a commit made a section of its own"
    assert not (hostile.path / "pwned").exists()


def test_explain_shows_no_command_and_nothing_hidden(hostile: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in ("60", "200"):
        monkeypatch.setenv("COLUMNS", width)
        table = run("changelog", "--full", "--explain", cwd=hostile.path)
        assert_harmless_log(assert_told(table))
        assert all(len(line) <= int(width) for line in table.out.decode().splitlines())
    ledger = assert_told(run("changelog", "--full", "--explain", "--format", "json", cwd=hostile.path))
    assert ledger.count("\n") == 1, "JSON on one line: no line of it is a command"
    assert not ledger.startswith("::")
    assert sum(len(release["ledger"]) for release in json.loads(ledger)["releases"]) == 11


def test_the_reason_of_a_version_is_one_harmless_line(hostile: Repo, run: Run) -> None:
    done = run("version", cwd=hostile.path)
    assert assert_told(done) == "2.0.0\n"
    assert done.err.count("\n") == 1
    assert json.loads(assert_told(run("version", "--format", "json", cwd=hostile.path)))["level"] == "major"


def test_writing_twice_leaves_one_section_that_check_accepts(hostile: Repo, run: Run) -> None:
    for preset in PRESETS:
        configure(hostile, preset=preset)
        (hostile.path / FILE).unlink(missing_ok=True)
        assert_told(run("changelog", "--full", "--write", FILE, cwd=hostile.path))
        written = (hostile.path / FILE).read_bytes()
        assert_harmless_page(written.decode())
        assert "unchanged" in run("changelog", "--full", "--write", FILE, cwd=hostile.path).err
        assert (hostile.path / FILE).read_bytes() == written
        assert "0 wrong" in assert_told(run("changelog", "check", cwd=hostile.path))


def test_json_told_again_says_the_same(hostile: Repo, run: Run) -> None:
    values = run("changelog", "--full", "--format", "json", cwd=hostile.path)
    (hostile.path / "told.json").write_bytes(values.out)
    again = run("changelog", "--from-json", "told.json", cwd=hostile.path)
    assert assert_told(again) == assert_told(run("changelog", "--full", cwd=hostile.path))


@pytest.mark.parametrize("text", HOSTILE)
def test_github_s_titles_labels_and_logins_are_words(text: str, repo: Repo, run: Run) -> None:
    line = text[:3000]
    repo.commit("feat: start")
    repo.tag("v1.0.0")
    sha = repo.commit("update things", author="Grace <g@example.org>")
    other = repo.commit("more things", author="Eve <e@example.org>")
    pulls = [
        {"number": 5, "title": line, "author": line, "labels": [line, "bug"], "commits": [sha]},
        {"number": 6, "title": f"feat: {line}", "author": line, "labels": [line], "commits": [other]},
    ]
    told = {"schema": 1, "repository": "acme/app", "url": "", "base": line, "pull_requests": pulls, "logins": {"Grace": line, line: line}}
    (repo.path / "metadata.json").write_text(json.dumps({**told, "newcomers": ["Grace", line, "Eve"]}), encoding="utf-8")
    for preset in PRESETS:
        configure(repo, preset=preset, labels={line[:50]: "fix"})
        page = assert_told(run("changelog", "--full", "--metadata", "metadata.json", cwd=repo.path))
        assert_harmless_page(page)
        table = run("changelog", "--full", "--explain", "--metadata", "metadata.json", cwd=repo.path)
        assert_harmless_log(assert_told(table))


@pytest.mark.parametrize("text", HOSTILE)
def test_titles_scopes_and_names_of_the_configuration_are_words(text: str, repo: Repo, run: Run) -> None:
    line = text[:500]
    repo.commit("feat(api): start")
    repo.commit("fix: it\n\nBREAKING CHANGE: all")
    repo.commit("other")
    repo.commit("chore(deps): bump a from 1.0 to 2.0")
    for preset in PRESETS:
        configure(
            repo, preset=preset, scopes={"api": line, line: "x"}, types={"feat": line, line: line}, breaking=line, other=line, reverts=line,
            dependencies=line, hidden=[line],
        )  # fmt: skip
        done = run("changelog", "--full", cwd=repo.path)
        assert_harmless_page(assert_told(done))
        assert_harmless_log(assert_told(run("changelog", "--full", "--explain", cwd=repo.path)))


@pytest.mark.parametrize("text", HOSTILE)
def test_overrides_and_notes_are_words_whoever_wrote_them(text: str, repo: Repo, run: Run) -> None:
    line = text[:5000]
    first, second, third = repo.commit("feat: one"), repo.commit("fix: two"), repo.commit("perf: three")
    said = {"reword": line, "scope": line[:60], "breaking": line, "why": line, "by": line}
    entries = [
        {"commit": first, **said},
        {"commit": second, "add": line, "why": line},
        {"commit": third, "hide": True, "by": line, "why": line},
    ]
    (repo.path / ".notewright").mkdir()
    (repo.path / ".notewright" / "overrides.yaml").write_text(yaml.safe_dump(entries, allow_unicode=False), encoding="utf-8")
    author = re.sub(r"[<>\n\0]", "", line)[:200].strip() or "x"
    note = yaml.safe_dump({"reword": line, "why": line}).encode()
    blob = repo.git("hash-object", "-w", "--stdin", input_bytes=note)
    repo.git("notes", "--ref=notewright", "add", "-C", blob, second, author=f"{author} <e@example.org>")
    for preset in PRESETS:
        configure(repo, preset=preset)
        assert_harmless_page(assert_told(run("changelog", "--full", cwd=repo.path)))
    assert_harmless_log(assert_told(run("changelog", "--full", "--explain", cwd=repo.path)))
    assert_harmless_log(assert_told(run("version", cwd=repo.path)))


@pytest.mark.parametrize("text", HOSTILE)
def test_errors_quote_text_without_obeying_it(text: str, repo: Repo, run: Run) -> None:
    line = text[:5000]
    sha = repo.commit("feat: one")
    file = repo.path / ".notewright" / "overrides.yaml"
    file.parent.mkdir()
    wrong: list[object] = [
        [{"commit": line, "hide": True}], [{"commit": sha, "type": line}], [{"commit": sha, line: 1}], [{line: line}], line, {line: [line]},
        [{"commit": sha, "part": line, "hide": True}], [{"commit": sha, "hide": line}], [{"commit": sha, "security": line}],
    ]  # fmt: skip
    for entries in wrong:
        file.write_text(yaml.safe_dump(entries), encoding="utf-8")
        assert_told(run("changelog", cwd=repo.path), code=3)
    file.write_text(f"- commit: {sha}\n  !<{line}> x: !<y> &a [*a]\n", encoding="utf-8", errors="replace")
    assert_told(run("changelog", cwd=repo.path), code=3)
    file.unlink()
    for wrong_value in (
        {"trackers": [{"pattern": f"({line}", "url": line}]}, {"trackers": [{"pattern": "A", "url": line}]}, {line: line}, {"preset": line},
        {"tag": line}, {"initial_version": line}, {"channel": line}, {"repository_url": line}, {"since": line},
        {"components": [{"name": line, "path": "a"}]}, {"components": [{"name": "a", "path": f"../{line}"}]}, {"template": line[:80]},
        {"components": [{"name": "a", "path": "a", "depends": [line]}]}, {"components": [{"name": "a", "path": "a", "tag": line}]},
    ):  # fmt: skip
        configure(repo, **wrong_value)
        ended = [run("changelog", "--write", FILE, cwd=repo.path), run("version", cwd=repo.path)]
        assert {done.code for done in ended} & {2, 3, 4}, (wrong_value, ended)
        for done in ended:
            assert_told(done, code=done.code)
    (repo.path / "notewright.yaml").unlink()
    argument = line.replace("\0", "")
    for arguments in (
        ["--component", argument],
        ["--to", argument],
        ["--from", argument],
        ["--version", argument],
        ["--config", argument[:90]],
    ):
        done = run("changelog", *arguments, cwd=repo.path)
        assert done.code in (2, 3, 4, 7), (arguments, done)
        assert_told(done, code=done.code)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_person_or_an_attacker_put_into_the_file_is_reported_as_words(text: str, repo: Repo, run: Run) -> None:
    """The report of an edit, its diff, and the override that is printed for copying: on a terminal, and read back as YAML."""
    repo.commit("feat: one")
    repo.commit("fix: two")
    assert_told(run("changelog", "--full", "--write", FILE, cwd=repo.path))
    file = repo.path / FILE
    line = " ".join(text[:3000].split())
    whole = (
        file.read_text()
        .replace("- one", f"- **{line[:50]}:** {line}")
        .replace("- two", f"- {line} (two)\n- {line}\n\n{line}\n\n### {line}")
    )
    file.write_text(whole, encoding="utf-8")
    before = file.read_bytes()
    for arguments in (["check"], ["--full", "--write", FILE]):
        done = run("changelog", *arguments, cwd=repo.path)
        assert_harmless_log(assert_told(done, code=1))
        printed = done.out.decode() + done.err
        if "as far as an override can:\n" in printed:
            snippet = printed.partition("as far as an override can:\n")[2]
            snippet = "".join(
                row + "\n" for row in snippet.split("\n") if row.startswith(("- ", "  ", "#")) and not row.startswith("  hint")
            )
            assert all(
                set(one) <= {"commit", "reword", "scope", "add", "hide", "type", "breaking", "merge"} for one in yaml.safe_load(snippet)
            )
    assert file.read_bytes() == before
    values = json.loads(assert_told(run("changelog", "check", "--format", "json", cwd=repo.path), code=1))
    assert values["sections"]


@pytest.mark.parametrize("text", HOSTILE)
def test_another_tool_s_configuration_is_imported_as_words(text: str, repo: Repo, run: Run) -> None:
    line = text[:2000]
    quoted = json.dumps(line)
    (repo.path / "cliff.toml").write_text(
        f"[changelog]\nbody = {quoted}\nheader = {quoted}\n{quoted} = {quoted}\n[git]\ntag_pattern = {quoted}\nskip_tags = {quoted}\n"
        f"{quoted} = {quoted}\n[[git.commit_parsers]]\nmessage = {quoted}\ngroup = {quoted}\n[[git.commit_parsers]]\nmessage = '^feat'\n"
        f"group = {quoted}\n[[git.link_parsers]]\nhref = {quoted}\n[remote.github]\nowner = {quoted}\nrepo = {quoted}\n",
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    done = run("config", "import", "cliff.toml", cwd=repo.path)
    assert_harmless_log(assert_told(done, code=done.code))
    if done.code == 0:
        assert set(yaml.safe_load(done.out)) == {"changelog"}
        (repo.path / "notewright.yaml").write_bytes(done.out)
        repo.commit("feat: one")
        assert_harmless_page(assert_told(run("changelog", cwd=repo.path)))
    else:
        assert done.code == 3


@pytest.mark.case(3, 28)
@pytest.mark.parametrize("name", ["--output=x", "-h", "--upload-pack=touch pwned", "$(touch pwned)", "v1.0.0-$(touch pwned)", "@{-1}"])
def test_a_tag_or_a_branch_named_like_an_option_or_a_command_is_a_name(name: str, repo: Repo, run: Run) -> None:
    first = repo.commit("feat: one")
    repo.commit("fix: two")
    known = re.sub(r"[ @{}]", "", name)  # what git takes for a name
    repo.git("update-ref", f"refs/tags/{known}", first)
    repo.git("update-ref", f"refs/heads/{known}", first)
    for one in (name, known):
        for arguments in (["--to", one], ["--from", one], ["--to", f"{one}..HEAD"]):
            done = run("changelog", *arguments, cwd=repo.path)
            assert done.code in (0, 2, 4), done
            assert_harmless_page(assert_told(done, code=done.code))
        configure(repo, since=one)
        done = run("changelog", "--full", cwd=repo.path)
        assert done.code in (0, 4), done
        (repo.path / "notewright.yaml").unlink()
    assert_harmless_page(assert_told(run("changelog", "--full", cwd=repo.path)))
    assert not [path for path in repo.path.iterdir() if path.name != ".git"]


@pytest.mark.case(26)
@pytest.mark.parametrize("file", ["../x.md", "a/../../x.md", "/tmp/x.md", ".git/config", ".git/hooks/pre-commit", "link/x.md", "out.md"])
def test_a_changelog_file_outside_the_repository_is_refused(file: str, repo: Repo, run: Run, tmp_path: Path) -> None:
    repo.commit("feat: one")
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.path / "link").symlink_to(outside)
    (repo.path / "out.md").symlink_to(outside / "new.md")
    before = (repo.path / ".git" / "config").read_bytes()
    done = run("changelog", "--write", file, cwd=repo.path)
    assert done.code == 2, done
    assert not list(outside.iterdir())
    assert not (tmp_path / "x.md").exists()
    assert (repo.path / ".git" / "config").read_bytes() == before
    assert not (repo.path / ".git" / "hooks" / "pre-commit").exists()
