from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.dataset.sources import Source, list_sources, parse_sources
from notewright.errors import ConfigError

SECRET = "ghp_secret00000000000000000000000000000000"


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_sources(text, "repos.txt")
    return caught.value


@pytest.mark.parametrize(
    ("line", "url", "ref", "name"),
    [
        pytest.param("https://github.com/acme/app", "https://github.com/acme/app", None, "github.com/acme/app", id="https"),
        pytest.param("https://github.com/acme/app.git/", "https://github.com/acme/app.git/", None, "github.com/acme/app", id="with .git"),
        pytest.param("https://GitHub.com:443/Acme/App", "https://GitHub.com:443/Acme/App", None, "github.com/Acme/App", id="port and case"),
        pytest.param("https://git.example.org:8443/a/b", "https://git.example.org:8443/a/b", None, "git.example.org:8443/a/b", id="a port"),
        pytest.param("https://h.org/a/b@v1.2", "https://h.org/a/b", "v1.2", "h.org/a/b", id="a tag"),
        pytest.param("https://h.org/a/b @feature/x", "https://h.org/a/b", "feature/x", "h.org/a/b", id="a branch, apart"),
        pytest.param("https://h.org/a/b@pkg@1.0.0", "https://h.org/a/b", "pkg@1.0.0", "h.org/a/b", id="a tag with an @"),
        pytest.param("https://h.org/@scope/app@@scope/p@1", "https://h.org/@scope/app", "@scope/p@1", "h.org/@scope/app", id="a scope"),
        pytest.param("https://h.org/a/b@HEAD", "https://h.org/a/b", None, "h.org/a/b", id="HEAD is the default"),
        pytest.param("git@github.com:acme/app.git", "git@github.com:acme/app.git", None, "github.com/acme/app", id="ssh, short"),
        pytest.param("git@github.com:acme/app@main", "git@github.com:acme/app", "main", "github.com/acme/app", id="ssh, short, a branch"),
        pytest.param("work:acme/app", "work:acme/app", None, "work/acme/app", id="a host of ~/.ssh/config"),
        pytest.param("ssh://git@h.org:2222/a/b.git@v1", "ssh://git@h.org:2222/a/b.git", "v1", "h.org:2222/a/b", id="ssh"),
        pytest.param("ssh://git@[::1]:22/~/b", "ssh://git@[::1]:22/~/b", None, "[::1]/~/b", id="an IPv6 address"),
        pytest.param("http://127.0.0.1:3000/a/b", "http://127.0.0.1:3000/a/b", None, "127.0.0.1:3000/a/b", id="http of this machine"),
        pytest.param("/srv/git/app.git", "/srv/git/app.git", None, "/srv/git/app.git", id="a path"),
        pytest.param("../other@v1", "../other", "v1", "../other", id="a path from here"),
        pytest.param("/srv/a@b/app @HEAD", "/srv/a@b/app", None, "/srv/a@b/app", id="a path with an @, told apart by a space"),
        pytest.param("/srv/my code @v1  # mine", "/srv/my code", "v1", "/srv/my code", id="a path with a space"),
    ],
)
def test_a_line_is_an_address_and_what_is_wanted_of_it(line: str, url: str, ref: str | None, name: str) -> None:
    (source,) = parse_sources(line, "repos.txt")
    assert (source.url, source.ref, source.name) == (url, ref, name)


def test_comments_blank_lines_a_byte_order_mark_and_carriage_returns_say_nothing() -> None:
    text = "\ufeff# ours\r\n\r\n  https://h.org/a/b  # the main one\r\n\t\r\ngit@h.org:c/d\t@v1\r\n#git@h.org:e/f"
    assert parse_sources(text, "repos.txt") == (Source("https://h.org/a/b"), Source("git@h.org:c/d", "v1"))


def test_a_configured_list_is_read_as_lines_are() -> None:
    assert list_sources(["https://h.org/a/b@v1", "./app"], "dataset.repositories") == (Source("https://h.org/a/b", "v1"), Source("./app"))
    with pytest.raises(ConfigError, match=r"dataset\.repositories, entry 2: 'nothing' is not the address"):
        list_sources(["./app", "nothing"], "dataset.repositories")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n"], ids=["empty", "blank", "comments"])
def test_an_empty_list_says_what_to_write(text: str) -> None:
    error = refused(text)
    assert error.message == "repos.txt names no repository"
    assert error.hint == "write a line like https://github.com/owner/name into repos.txt"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("acme/app", "'acme/app' is not the address", id="no address"),
        pytest.param("https://h.org", "names no repository", id="a host alone"),
        pytest.param("https://h.org/a b", "names no repository", id="a space"),
        pytest.param("https://h.org/a/../b", "has . or ..", id="dots"),
        pytest.param("https://h.org/a/%2e%2e/b", "has . or ..", id="encoded dots"),
        pytest.param("https://h.org/a%0ahost=evil", "names no repository", id="an encoded newline"),
        pytest.param("https://h.org:99999/a", "not the address", id="no port"),
        pytest.param("https://h.org/a?x=1", "no ? and no #", id="a query"),
        pytest.param("https://h.org/a#x", "no ? and no #", id="a fragment"),
        pytest.param("https://h\u043erg/a", "not a name that git", id="a look-alike host"),
        pytest.param("https://h.org/a@", "not the name of a branch", id="no ref"),
        pytest.param("https://h.org/a@a..b", "not the name of a branch", id="a range"),
        pytest.param("https://h.org/a @a b", "'a b' is not the name of a branch", id="two words as a ref"),
        pytest.param("git://h.org/a", "git:// is not taken", id="git protocol"),
        pytest.param("ftp://h.org/a", "ftp:// is not taken", id="ftp"),
        pytest.param("C:\\repos", "too little of an address", id="a drive"),
        pytest.param("https://h.org/a\x07b", "control or invisible", id="a control character"),
        pytest.param("https://h.org/\u202eppa", "control or invisible", id="a bidirectional character"),
        pytest.param("https://h.org/a\u200bb", "control or invisible", id="an invisible character"),
        pytest.param("https://h.org/a\u2028b", "control or invisible", id="a line separator"),
        pytest.param("/srv/a\x00b", "control or invisible", id="NUL"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(line: str, words: str) -> None:
    error = refused(f"# list\n{line}\n")
    assert error.message.startswith("repos.txt, line 2: ")
    assert words in error.message
    assert error.message.isprintable()
    assert error.hint


def test_every_wrong_line_is_named_at_once() -> None:
    error = refused("nothing\nhttps://h.org/a/b\nftp://h.org/a\n")
    assert error.message == "repos.txt, line 1: 'nothing' is not the address of a repository; line 3: ftp:// is not taken"
    assert refused("x\n" * 1000).message.endswith("; and 990 more")


def test_a_line_that_repeats_another_is_taken_once() -> None:
    text = "https://h.org/a/b\nhttps://H.org/a/b.git\nhttps://h.org:443/a/b/\n./app\n./x/../app\n"
    assert parse_sources(text, "repos.txt") == (Source("https://h.org/a/b"), Source("./app"))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        pytest.param("https://h.org/a/b@v2", "line 1 with another ref", id="another ref"),
        pytest.param("https://h.org/a/b", "line 1 with another ref", id="no ref"),
        pytest.param("git@h.org:a/b@v1", "line 1 by another address", id="ssh"),
    ],
)
def test_a_repository_named_twice_in_two_ways_is_refused(other: str, words: str) -> None:
    assert words in refused(f"https://h.org/a/b@v1\n{other}\n").message


@pytest.mark.case(27)
@pytest.mark.parametrize(
    "line",
    [
        "ext::sh -c touch% /pwned",
        "fd::17/foo",
        "::sh -c x",
        "file:///etc",
        "-oProxyCommand=touch pwned",
        "--upload-pack=touch pwned",
        "-h",
        "ssh://-oProxyCommand=touch/x",
        "ssh://-oProxyCommand=x@h.org/x",
        "git@-oProxyCommand=touch:x/y",
        "h.org:-oProxyCommand=x/y",
        "ssh://h.org:22/%0a-x",
        "http://h.org/a/b",
        "http://127.0.0.1.evil.org/a/b",
    ],
)  # fmt: skip
def test_case_27_an_address_that_runs_a_program_or_is_an_option_is_refused(line: str) -> None:
    assert refused(line).message.startswith("repos.txt, line 1: ")


@pytest.mark.case(28)
@pytest.mark.parametrize("ref", ["--upload-pack=x", "-h", "--output=x", "a..--output=x", "x:refs/heads/y", "^x", "a\\b", "x.lock", "@{-1}"])
def test_case_28_a_ref_that_is_an_option_a_range_or_a_refspec_is_refused(ref: str) -> None:
    assert "not the name of a branch" in refused(f"https://h.org/a/b @{ref}").message


@pytest.mark.case(40)
@pytest.mark.parametrize(
    "line",
    [
        f"https://{SECRET}@github.com/acme/app",
        f"https://me:{SECRET}@github.com/acme/app",
        f"https://me:pa/{SECRET}@github.com/acme/app",
        f"https://github.com/acme/app?token={SECRET}",
        f"ssh://git:{SECRET}@github.com/acme/app",
        f"{SECRET}@github.com/acme/app",
        f"me:{SECRET}@github.com/acme/app",
    ],
)
def test_case_40_a_token_in_an_address_is_refused_and_not_repeated(line: str) -> None:
    error = refused(line)
    assert SECRET not in f"{error.message} {error.hint}"


@given(st.text(max_size=60))
def test_any_text_is_a_list_or_a_configuration_error(text: str) -> None:
    try:
        sources = parse_sources(text, "repos.txt")
    except ConfigError:
        return
    assert all(source.name and not source.url.startswith("-") and source.url.isprintable() for source in sources)
