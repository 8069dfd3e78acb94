"""Security cases 4-14: what strangers write in commits, seen in everything that a release leaves."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from tests.security.release import TEXTS, Released, links, live_texts, markup, tokens

_KEYWORD = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+/[\w.-]+#\d|#\d|GH-\d|https?://)", re.IGNORECASE)
_REFERENCE = re.compile(r"#\d|\bGH-\d|[a-z]://|www\.", re.IGNORECASE)
_OUR_COMMENT = re.compile(r"<!-- [^<>]*-->")
_OUR_TAGS = {"details", "summary", "b", "sub", "br", "a"}


def test_the_attacks_reached_the_pages_that_are_looked_at(released: Released) -> None:
    """Otherwise the tests below would look at nothing."""
    for name in ("CHANGELOG.md", "section.md", "notes/developer.md"):
        for words in ("touch pwned", "everyone", "evil.example", "onerror", "javascript", "/merge"):
            assert words in released.pages[name], (name, words)
    assert "everyone" in released.body
    assert "everyone" in released.page


@pytest.mark.case(4)
def test_a_fake_delimiter_in_a_value_sets_no_other_output(released: Released) -> None:
    prepared, proposed = released.steps[1:]
    assert prepared.outputs["version"] == "0.2.0"
    assert set(prepared.outputs) == {"version", "previous-version", "engine", "grounded", "proposal", "changed"}
    assert set(proposed.outputs) == {"changed", "pull-request-number", "pull-request-url", "pull-request-operation"}


@pytest.mark.case(5)
def test_nothing_is_written_to_the_variables_and_paths_of_later_steps(released: Released) -> None:
    for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"):
        assert Path(released.stage.extra[name]).read_bytes() == b""


@pytest.mark.case(6)
def test_a_commit_gives_the_runner_no_command_in_the_log(released: Released) -> None:
    assert "\r" not in released.logs
    ours = re.compile(r"^::(?:warning|notice) title=notewright::")
    commands = [line for line in released.logs.splitlines() if line.lstrip().startswith("::") and not ours.match(line)]
    assert commands == []
    assert "##[" not in released.logs


@pytest.mark.case(7)
def test_a_commit_mentions_nobody(released: Released) -> None:
    for name, page in released.pages.items():
        assert [text for text in live_texts(page) if re.search(r"@[A-Za-z0-9]", text)] == [], name


@pytest.mark.case(8)
def test_a_commit_closes_no_issue(released: Released) -> None:
    for name, page in released.pages.items():
        assert not _KEYWORD.search(page), name  # raw, since a squash merge puts the body into a message
        assert [text for text in live_texts(page) if _KEYWORD.search(text)] == [], name
    log = released.stage.git_server.path_of("acme/app")
    message = released.stage.work.git("--git-dir", str(log), "log", "-1", "--format=%B", "notewright/release")
    assert not _KEYWORD.search(message)


@pytest.mark.case(9)
def test_a_commit_references_nothing_by_its_own_words_and_links_nowhere_else(released: Released) -> None:
    for name, page in released.pages.items():
        assert [text for text in live_texts(page) if _REFERENCE.search(text)] == [], name
        # what the program itself makes of a reference leads to the server of the project, as the commit's own page does
        servers = (f"{released.stage.git_server.url}/", f"{released.stage.github.url}/acme/app/", "#")
        assert [href for href in links(page) if not href.startswith(servers)] == [], name
        assert [href for href in links(page) if "0123456" in href] == [], name


@pytest.mark.case(10)
def test_a_commit_shows_no_image_and_hides_nothing_behind_markup(released: Released) -> None:
    for name, page in released.pages.items():
        assert [token for token in tokens(page) if token.type == "image"] == [], name
        found = [_OUR_COMMENT.sub("", piece) for piece in markup(page)]
        assert {tag for piece in found for tag in re.findall(r"</?(\w+)", piece)} <= _OUR_TAGS, name
        assert not any("onerror" in piece or "<!--" in piece for piece in found), name
        written = "".join(found)
        assert written.count("<details") == written.count("</details>"), name
    assert "<img" not in released.page
    assert "onerror=alert(1)>" not in released.page


@pytest.mark.case(11)
def test_a_commit_makes_no_link_that_runs_a_script(released: Released) -> None:
    for name, page in released.pages.items():
        assert [href for href in links(page) if not href.startswith(("http://127.0.0.1", "#"))] == [], name
    assert not re.search(r"(?:href|src)\s*=\s*[\"']?\s*(?:javascript|data|vbscript):", released.page, re.IGNORECASE)


@pytest.mark.case(12)
def test_a_commit_does_not_break_out_of_a_fence_nor_open_one(released: Released) -> None:
    for name, page in released.pages.items():
        fences = [token.content for token in tokens(page) if token.type in ("fence", "code_block")]
        assert not any("<b>x" in content or "after" in content for content in fences), name
        assert "<b>x</b>" not in "".join(markup(page)), name


@pytest.mark.case(13)
def test_a_commit_gives_no_slash_command(released: Released) -> None:
    for name, page in released.pages.items():
        assert [line for line in page.splitlines() if re.match(r"\s*/[a-z]", line)] == [], name
        assert [text for text in live_texts(page) for line in text.splitlines() if line.startswith("/")] == [], name


@pytest.mark.case(14)
def test_a_commit_hides_no_character_and_turns_no_word_round(released: Released) -> None:
    assert "�" in released.pages["CHANGELOG.md"], "bytes that are no text are shown as such"
    outputs = "\n".join(value for step in released.steps for value in step.outputs.values())
    for name, text in {**released.pages, "audit.html": released.page, "log": released.logs, "outputs": outputs}.items():
        hidden = {character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n", "\t"}
        assert hidden == set(), (name, hidden)
        assert not any("\U000e0000" <= character <= "\U000e0fff" for character in text), name
    assert "\u202e" in TEXTS[14]
