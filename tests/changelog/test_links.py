"""Links lead to pages of the repository's forge or of a configured tracker, whatever a reference says."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notewright.changelog.layout.links import Links, links_to
from notewright.changelog.layout.presets import commit_words, reference_words
from notewright.changelog.rules import Tracker
from notewright.config.changelog import ChangelogConfig, TrackerConfig
from notewright.config.config import Config
from notewright.errors import ConfigError
from tests.parts.sections import hostile_text

LINKS = Links("https://github.com/acme/app")
GITLAB = links_to("https://gitlab.example.org/acme/tools/app")
JIRA = Tracker("[A-Z]+-[0-9]+", "https://jira.example.org/browse/{0}")


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("#12", "https://github.com/acme/app/issues/12"),
        ("GH-7", "https://github.com/acme/app/issues/7"),
        ("o/r#3", "https://github.com/o/r/issues/3"),
        ("gl.o/r_-.x#3", "https://github.com/gl.o/r_-.x/issues/3"),
        ("../..#3", None),
        ("o/..#3", None),
        ("./r#3", None),
        ("#١", None),
        ("#", None),
        ("12", None),
        ("o/r/x#1", None),
        ("#1\n", None),
        ("javascript:#1", None),
    ],
)
def test_a_reference_leads_to_its_page_or_nowhere(reference: str, address: str | None) -> None:
    assert LINKS.reference(reference) == address


def test_addresses_hold_no_markdown() -> None:
    assert LINKS.compare("v1)(", "a b/c") == "https://github.com/acme/app/compare/v1%29%28...a%20b%2Fc"
    assert LINKS.release("v1.0.0+b") == "https://github.com/acme/app/releases/tag/v1.0.0%2Bb"
    assert LINKS.commit("abc") == "https://github.com/acme/app/commit/abc"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        (None, None),
        ("", None),
        ("https://github.com/acme/app", "https://github.com/acme/app"),
        ("https://github.com/acme/app/", "https://github.com/acme/app"),
        ("https://github.com/acme/app.git", "https://github.com/acme/app"),
        ("http://git.example.org:8080/acme/app", "http://git.example.org:8080/acme/app"),
    ],
)
def test_links_start_at_a_repository_s_page(url: str | None, page: str | None) -> None:
    links = links_to(url)
    assert (links.repository_url if links else None) == page


@pytest.mark.parametrize(
    "url",
    [
        *(
            "github.com/acme/app",
            "javascript:alert(1)",
            "https://github.com",
            "https://user:pw@github.com/a/b",
            "https://h/a b",
            "file:///etc",
        ),
        *("https://h/a)b", "https://h/a/b?c", "https://h/a/b#c", "https://h/a/b\n", "git@github.com:acme/app.git", "https://h//a"),
    ],
)
def test_what_is_no_page_of_a_repository_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a repository's page"):
        links_to(url)


@pytest.mark.parametrize(
    ("url", "forge", "found"),
    [
        ("https://gitlab.com/a/b", "auto", "gitlab"),
        ("https://gitlab.example.org/a/b/c", "auto", "gitlab"),
        ("https://code.gitlab.example.org:8443/a/b", "auto", "gitlab"),
        ("https://github.com/gitlab/b", "auto", "github"),
        ("https://notgitlab.com/a/b", "auto", "github"),
        ("https://git.example.org/a/b", "auto", "github"),
        ("https://git.example.org/a/b", "gitlab", "gitlab"),
        ("https://gitlab.com/a/b", "github", "github"),
    ],
)
def test_the_forge_is_known_by_a_label_of_its_host_unless_it_is_named(url: str, forge: str, found: str) -> None:
    links = links_to(url, forge=forge)  # type: ignore[arg-type]  # parametrize gives plain text
    assert links
    assert links.forge == found


def test_gitlab_has_addresses_of_its_own_form() -> None:
    assert GITLAB
    page = "https://gitlab.example.org/acme/tools/app/-"
    assert GITLAB.commit("abc") == f"{page}/commit/abc"
    assert GITLAB.commits("v1.0.0") == f"{page}/commits/v1.0.0"
    assert GITLAB.compare("v1.0.0", "v1.1.0") == f"{page}/compare/v1.0.0...v1.1.0"
    assert GITLAB.release("v1.0.0") == f"{page}/releases/v1.0.0"


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("#12", "acme/tools/app/-/issues/12"),
        ("!12", "acme/tools/app/-/merge_requests/12"),
        ("o/r#3", "o/r/-/issues/3"),
        ("o/sub/r!3", "o/sub/r/-/merge_requests/3"),
        *((text, None) for text in ("GH-7", "../x#1", "o/../r#3", "!", "!x", "o!1", "!1\n", "!\u0661")),
    ],
)
def test_a_reference_of_gitlab_leads_to_its_page_or_nowhere(reference: str, path: str | None) -> None:
    assert GITLAB
    assert GITLAB.reference(reference) == (f"https://gitlab.example.org/{path}" if path else None)
    assert LINKS.reference("!12") is None


def test_references_of_trackers_are_linked_with_and_without_a_repository() -> None:
    for links in (links_to(None, trackers=[JIRA]), links_to("https://github.com/acme/app", trackers=[JIRA])):
        assert links
        assert links.reference("JIRA-12") == "https://jira.example.org/browse/JIRA-12"
        assert links.reference("jira-12") is None
        assert reference_words("JIRA-12", links) == "[JIRA-12](https://jira.example.org/browse/JIRA-12)"
    alone = links_to(None, trackers=[JIRA])
    assert alone
    assert (alone.reference("#1"), alone.commit("abc"), alone.compare("a", "b"), alone.release("a"), alone.commits("a")) == (None,) * 5


def test_a_tracker_comes_before_the_forge_and_the_first_before_the_next() -> None:
    trackers = [Tracker(r"#\d+", "https://bugs.example.org/{0}?a={0}"), Tracker(r".+", "https://other.example.org/{0}")]
    links = links_to("https://github.com/acme/app", trackers=trackers)
    assert links
    assert links.reference("#12") == "https://bugs.example.org/%2312?a=%2312"
    assert links.reference("a/b") == "https://other.example.org/a%2Fb"
    assert links.reference("..") is None


@given(st.lists(st.one_of(hostile_text(), st.sampled_from(["#1", "GH-2", "o/r#3", "JIRA-4", "!5", "](", ")", "[", "`"]))).map("".join))
def test_no_reference_and_no_commit_breaks_out_of_its_link(text: str) -> None:
    trackers = [Tracker(r"[\S\s]+", "https://jira.example.org/browse/{0}")]
    for links in (None, LINKS, GITLAB, links_to("https://github.com/acme/app", trackers=trackers)):
        for words in (reference_words(text, links), commit_words(text, links)):
            (paragraph,) = [token for token in MarkdownIt("commonmark").parse(f"- a ({words}) b") if token.type == "inline"]
            children = paragraph.children or []
            assert {child.type for child in children} <= {"text", "code_inline", "link_open", "link_close"}
            targets = [urlsplit(str(child.attrs["href"])).netloc for child in children if child.type == "link_open"]
            assert len(targets) <= 1
            assert set(targets) <= {"github.com", "gitlab.example.org", "jira.example.org"}


@pytest.mark.parametrize(
    ("pattern", "url", "message"),
    [
        pytest.param("[A-Z", "https://h/{0}", r"trackers\[1\]\.pattern: '\[A-Z' is not a regular expression", id="no expression"),
        pytest.param("[A-Z]*", "https://h/{0}", r"trackers\[1\]\.pattern: .* finds a reference in no text", id="matches nothing"),
        *(
            pytest.param("[A-Z]+-[0-9]+", url, r"trackers\[1\]\.url: .* is not a web address", id=url)
            for url in [
                *(
                    "https://h/browse",
                    "javascript:{0}",
                    "https://{0}.example.org/",
                    "https://h{0}/x",
                    "ftp://h/{0}",
                    "//h/{0}",
                    "https://h/{1}",
                ),
                *(
                    "https://h/{0})",
                    "https://h/ {0}",
                    "https://h/<{0}>",
                    "https://h/{0}\n",
                    'https://h/"{0}',
                    "https://h/{0}{",
                    "https:///{0}",
                ),
            ]
        ),
    ],
)
def test_a_tracker_that_cannot_work_is_named_with_its_key(pattern: str, url: str, message: str) -> None:
    config = Config(changelog=ChangelogConfig(trackers=(TrackerConfig(JIRA.pattern, JIRA.url), TrackerConfig(pattern, url))))
    with pytest.raises(ConfigError, match=f"changelog\\.{message}") as caught:
        config.links()
    assert caught.value.hint


def test_the_configuration_gives_forge_and_trackers() -> None:
    changelog = ChangelogConfig(
        repository_url="https://git.example.org/a/b", forge="gitlab", trackers=(TrackerConfig(JIRA.pattern, JIRA.url),)
    )
    links = Config(changelog=changelog).links()
    assert links == Links("https://git.example.org/a/b", "gitlab", ((re.compile(JIRA.pattern), JIRA.url),))
    assert Config().links() is None
