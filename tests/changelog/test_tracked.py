from __future__ import annotations

import pytest

from notewright.changelog.assembly import build_section
from notewright.changelog.layout.links import links_to
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.rules import Rules, Tracker
from notewright.changelog.section import Entry
from notewright.changelog.tracked import are_shown, find_tracked, has_tracked, tracked_patterns
from notewright.config.changelog import ChangelogConfig
from notewright.config.config import Config
from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.conventional import parse_change

JIRA = Tracker("[A-Z][A-Z0-9]+-[0-9]+", "https://jira.example.org/browse/{0}")
RULES = Rules(trackers=(JIRA,))
GITLAB = Rules(forge="gitlab")


def entry(message: str, rules: Rules = RULES) -> Entry:
    commit = Commit("a" * 40, (), "Ada", "ada@example.org", 0, message)
    return build_section([read_change(commit, trailers=has_tracked(rules))], rules).groups[0].entries[0]


@pytest.mark.parametrize(
    ("message", "summary", "references"),
    [
        pytest.param("fix: mend it (JIRA-12)", "mend it", ("JIRA-12",), id="at the end"),
        pytest.param("fix: mend JIRA-12 at last", "mend JIRA-12 at last", ("JIRA-12",), id="in the middle"),
        pytest.param("JIRA-12: mend it", "mend it", ("JIRA-12",), id="as a type"),
        pytest.param("fix(JIRA-12): mend it", "mend it", ("JIRA-12",), id="as a scope"),
        pytest.param("fix: mend it (#7) (JIRA-12, AB-3)", "mend it", ("#7", "JIRA-12", "AB-3"), id="several"),
        pytest.param("fix: mend it (#7, JIRA-12)", "mend it", ("#7", "JIRA-12"), id="a forge's beside it"),
        pytest.param("fix: mend it (JIRA-12 for all)", "mend it (JIRA-12 for all)", ("JIRA-12",), id="words beside it"),
        pytest.param("fix: mend it ()", "mend it ()", (), id="empty parentheses"),
        pytest.param("fix: mend it\n\nwords\n\nRefs: JIRA-12", "mend it", ("JIRA-12",), id="in a trailer"),
        pytest.param("fix: mend it (JIRA-12)\n\nJira: JIRA-12, JIRA-13", "mend it", ("JIRA-12", "JIRA-13"), id="each once"),
        pytest.param("fix: mend it\n\nas in JIRA-12 before", "mend it", (), id="not in prose"),
    ],
)
def test_references_of_a_tracker_are_found_and_cut_off_the_end(message: str, summary: str, references: tuple[str, ...]) -> None:
    found = entry(message)
    assert (found.summary, found.references) == (summary, references)


@pytest.mark.parametrize(
    ("message", "references"),
    [
        pytest.param("fix: mend it (!12)", ("!12",), id="at the end"),
        pytest.param("fix: as in tools/app!12", ("tools/app!12",), id="another project's"),
        pytest.param("fix: mend it\n\nSee-also: !12", ("!12",), id="in a trailer"),
        pytest.param("fix: wow!1 and x/!2", (), id="within words"),
        pytest.param("feat!: 12 of them", (), id="a breaking mark"),
    ],
)
def test_requests_of_gitlab_are_found_where_the_forge_is_gitlab(message: str, references: tuple[str, ...]) -> None:
    assert entry(message, GITLAB).references == references
    assert entry(message, Rules()).references == ()


def test_the_forge_is_told_by_the_configuration_or_by_its_page() -> None:
    def forge(**keys: object) -> str:
        return Config(changelog=ChangelogConfig(**keys)).rules().forge  # type: ignore[arg-type]  # any key

    assert forge() == "auto"
    assert forge(repository_url="https://gitlab.example.org/acme/app") == "gitlab"
    assert forge(repository_url="https://github.com/acme/app") == "github"
    assert forge(forge="gitlab", repository_url="https://code.example.org/acme/app") == "gitlab"
    assert forge(repository_url="https://[") == "auto"


def test_found_references_are_linked() -> None:
    links = links_to("https://gitlab.example.org/acme/app", trackers=RULES.trackers)
    section = build_section(
        [read_change(Commit("a" * 40, (), "Ada", "ada@example.org", 0, "fix: it (JIRA-12) (!7)"))], Rules(trackers=(JIRA,), forge="gitlab")
    )
    text = render_section(section, links=links)
    assert "[JIRA-12](https://jira.example.org/browse/JIRA-12)" in text
    assert "[!7](https://gitlab.example.org/acme/app/-/merge_requests/7)" in text


def test_long_headers_and_many_references_are_searched_a_little() -> None:
    patterns = tracked_patterns(RULES)
    assert find_tracked(parse_change("fix: " + "x" * 300 + " (JIRA-12)"), patterns) == ()
    assert len(find_tracked(parse_change("fix: " + " ".join(f"A1-{n}" for n in range(60))), patterns)) == 20
    assert find_tracked(parse_change("fix: " + "A" * 100_000 + "-1"), patterns) == ()
    assert entry("fix: " + "x" * 300 + " (JIRA-12)").summary.endswith("(JIRA-12)"), "what is not found is not cut"


def test_without_trackers_nothing_is_looked_for() -> None:
    assert not has_tracked(Rules())
    assert tracked_patterns(Rules()) == ()
    assert entry("fix: mend it (JIRA-12)", Rules()).summary == "mend it (JIRA-12)"


@pytest.mark.parametrize("text", ["", "(", ")", "()", "(#1", "#1)", "(#1,)", "(#1, #2)"])
def test_parentheses_that_hold_something_else_are_kept(text: str) -> None:
    assert not are_shown(text, ("#1",))


def test_a_security_trailer_is_read_wherever_a_changelog_reads() -> None:
    assert entry("fix: mend it\n\nSecurity: yes", Rules()).security
