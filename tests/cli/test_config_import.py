"""`notewright config import`: git-cliff's configuration as ours, and a list of everything that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewright.adapters.cliff.configuration import _LEFT, _SAME, _SECTIONS, carry_over
from notewright.adapters.cliff.groups import _KEYS
from notewright.config.reading import load_config, parse_yaml
from notewright.config.validation import validated
from notewright.errors import ConfigError
from notewright.flows.import_config import ImportedConfig, import_cliff, render_settings
from tests.parts.command import run_command

# Reduced forms of configurations as projects have them, in words of our own.
DEFAULT_LIKE = r"""
[changelog]
body = '''
{% if version %}\
    ## [{{ version | trim_start_matches(pat="v") }}] - {{ timestamp | date(format="%Y-%m-%d") }}
{% endif %}
{% for group, commits in commits | group_by(attribute="group") %}
    ### {{ group | striptags | trim | upper_first }}
{% endfor %}
'''
trim = true
footer = "<!-- made by a tool -->"
[git]
conventional_commits = true
filter_unconventional = true
split_commits = false
commit_preprocessors = [{ pattern = '\((\w+\s)?#([0-9]+)\)', replace = "" }]
commit_parsers = [
  { message = "^fix", group = "<!-- 1 -->Bug fixes" },
  { message = "^feat", group = "<!-- 0 -->features" },
  { message = "^doc", group = "<!-- 3 -->Documentation" },
  { message = "^chore\\(release\\): prepare for", skip = true },
  { message = "^chore\\(deps.*\\)", skip = true },
  { message = "^chore\\(pr\\)", skip = true },
  { message = "^chore|^ci", group = "<!-- 10 -->Chores" },
  { body = ".*security", group = "<!-- 8 -->Security" },
  { message = "^revert", group = "<!-- 9 -->Reverted" },
]
protect_breaking_commits = false
tag_pattern = "v[0-9].*"
ignore_tags = "rc|beta"
sort_commits = "newest"
"""
KEEP_A_CHANGELOG = """
[changelog]
header = "# Changelog"
body = "## [{{ version }}]{% for group, commits in commits | group_by(attribute='group') %}### {{ group }}{% endfor %}"
footer = "[{{ version }}]: https://example.org/compare/a..b"
[git]
filter_unconventional = false
commit_parsers = [
  { message = "^.*: add", group = "Added" },
  { message = "^test", group = "Fixed" },
  { message = "^fix", group = "Fixed" },
  { message = "^.*", group = "Changed" },
]
[remote.github]
owner = "acme"
repo = "app"
token = "a-secret"
[bump]
features_always_bump_minor = false
breaking_always_bump_major = false
initial_tag = "v1.5.0"
"""
LABELS = """
[changelog]
body = '''## What's Changed
{% for commit in commits %} * {{ commit.message }} {% endfor %}
**Full Changelog**: {{ version }}'''
[git]
conventional_commits = false
filter_unconventional = false
commit_parsers = [
  { field = "github.pr_labels", pattern = "type/bug", group = "<!-- 2 -->Fixes" },
  { field = "github.pr_labels", pattern = "breaking change", group = "<!-- 0 -->Breaking" },
  { field = "github.pr_labels", pattern = "type/feature", group = "<!-- 1 -->News" },
  { field = "author.name", pattern = "bot", skip = true },
  { message = ".*", group = "<!-- 9 -->Rest" },
]
link_parsers = [
  { pattern = "#(\\\\d+)", href = "https://gitlab.example.org/acme/app/issues/$1" },
  { pattern = "([A-Z]+-\\\\d+)", href = "https://jira.example.org/browse/$1" },
  { pattern = "RFC(\\\\d+)", text = "rfc $1", href = "https://example.org/rfc$1" },
]
"""
SCOPED = """
[git]
commit_parsers = [
  { message = '.*!:', group = 'Breaking' },
  { message = '^[a-z]+\\s*:', skip = true },
  { message = '^refactor\\(clippy\\)', skip = true },
  { message = '^(feat|feature)\\(api\\)', group = 'API' },
  { message = '^feat', group = 'Features' },
  { message = '^refactor', group = 'Refactor' },
  { message = '^[a-z]+\\(internal\\)', skip = true },
]
"""


def imported(tmp_path: Path, text: str, name: str = "cliff.toml") -> tuple[dict[str, Any], ImportedConfig]:
    """Import a text, and return what its YAML sets below `changelog`, which our own configuration has been held against."""
    (tmp_path / name).write_text(text)
    found = import_cliff(tmp_path / name)
    (tmp_path / "notewright.yaml").write_text(found.text)
    load_config(tmp_path, environ={})
    return yaml.safe_load(found.text)["changelog"], found


def reasons(found: ImportedConfig) -> list[str]:
    return [f"{left.key}: {left.reason}" for left in found.left]


def test_a_configuration_like_the_default_becomes_types_titles_and_hidden_types(tmp_path: Path) -> None:
    values, found = imported(tmp_path, DEFAULT_LIKE)
    assert values == {
        "preset": "keepachangelog",
        "tag": "v{version}",
        "prereleases": "fold",
        "types": {
            "feat": "Features", "fix": "Bug fixes", "docs": "Documentation", "doc": "Documentation", "security": "Security",
            "ci": "Chores", "chore": "Chores",
        },
        "hidden": ["refactor", "style", "test", "build", "chore(pr)", "chore(release)"],
        "reverts": "Reverted",
        "dependencies": None,
        "unconventional": "hide",
        "squash": "header",
        "features_before_1": "minor",
        "breaking_before_1": "major",
    }  # fmt: skip
    assert list(values["types"]) == ["feat", "fix", "docs", "doc", "security", "ci", "chore"]
    left = "\n".join(reasons(found))
    assert "changelog.body: it looks most like the preset keepachangelog" in left
    assert "git.sort_commits = newest: entries of a group are in the order" in left
    assert "(body = '.*security', group = '<!-- 8 -->Security'): the word in a body" in left
    assert "types that none of them names show under changelog.other" in left
    assert len(found.left) == 4
    for comment in ("# git.tag_pattern = v[0-9].*\n  tag:", "# - git.commit_preprocessors 1", "# - git.protect_breaking_commits: breaking"):
        assert comment in found.text


def test_words_of_a_description_are_left_with_what_comes_nearest(tmp_path: Path) -> None:
    values, found = imported(tmp_path, KEEP_A_CHANGELOG)
    assert values["types"] == {"fix": "Fixed", "test": "Fixed"}
    assert (values["other"], values["unconventional"], values["hidden"]) == ("Changed", "show", [])
    assert values["repository_url"] == "https://github.com/acme/app"
    assert (values["features_before_1"], values["breaking_before_1"], values["initial_version"]) == ("patch", "minor", "1.5.0")
    assert "changelog.header = # Changelog: text above the first section of an existing file stays as it is" in reasons(found)
    assert [left.nearest for left in found.left if "'Added'" in left.key] == ["changelog.types: type or type(scope); an override with type"]


def test_a_token_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "cliff.toml").write_text(KEEP_A_CHANGELOG)
    done = run_command("config", "import", "cliff.toml", cwd=tmp_path)
    assert "remote.github.token: a token stands in no file; nearest: the variable NOTEWRIGHT_TOKEN" in done.err
    assert "a-secret" not in done.err + done.out.decode()


def test_labels_give_types_and_links_become_trackers(tmp_path: Path) -> None:
    values, found = imported(tmp_path, LABELS)
    assert values["preset"] == "github"
    assert values["labels"] == {"type/bug": "type-bug", "breaking change": "!", "type/feature": "type-feature"}
    assert list(values["types"].items()) == [("type-feature", "News"), ("type-bug", "Fixes")]
    assert values["trackers"] == [{"pattern": "([A-Z]+-\\d+)", "url": "https://jira.example.org/browse/{0}"}]
    assert (values["repository_url"], values["other"], values["unconventional"]) == ("https://gitlab.example.org/acme/app", "Rest", "show")
    left = "\n".join(reasons(found))
    assert "field = 'author.name', pattern = 'bot'): authors and other fields decide no group" in left
    assert "git.link_parsers 3 (RFC(\\d+)): as a tracker, its url" in left


def test_scopes_that_go_elsewhere_than_their_type_are_named(tmp_path: Path) -> None:
    values, found = imported(tmp_path, SCOPED)
    assert values["types"] == {"feat(api)": "API", "feature(api)": "API", "feat": "Features", "feature": "Features", "refactor": "Refactor"}
    assert "refactor(clippy)" in values["hidden"]
    assert values["breaking"] == "Breaking"
    assert any("a type goes to one group, with a scope or without" in reason for reason in reasons(found))


def test_a_configuration_without_parsers_has_those_of_git_cliff(tmp_path: Path) -> None:
    values, found = imported(tmp_path, "[changelog]\ntrim = true\n")
    assert values["types"]["feat"] == "🚀 Features"
    assert (values["other"], values["dependencies"], values["unconventional"]) == ("💼 Other", None, "hide")
    assert "git.commit_parsers, git-cliff's default" in found.text
    assert found.left == ()


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        pytest.param("v[0-9].*", "v{version}", id="v"),
        pytest.param(r"^v\\d+\\.\\d+\\.\\d+$", "v{version}", id="anchored"),
        pytest.param("[0-9]*", "v{version}", id="any"),
        pytest.param(r"^\\d+\\.", "{version}", id="bare"),
        pytest.param("^v?[0-9]", "v{version}", id="maybe v"),
        pytest.param("^core-v[0-9]+", "core-v{version}", id="component"),
        pytest.param("release/.*", "release/{version}", id="folder"),
        pytest.param("v1.*|v2.*", None, id="two lines"),
        pytest.param(r"^v\\d+-lts$", None, id="suffix"),
        pytest.param("(", None, id="no pattern"),
    ],
)
def test_a_tag_pattern_becomes_a_form_where_any_version_may_follow(pattern: str, form: str | None, tmp_path: Path) -> None:
    values, found = imported(tmp_path, f'[git]\ntag_pattern = "{pattern}"\n')
    assert values.get("tag") == form
    assert bool(found.left) == (form is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[remote.gitlab]\nowner = 'a/b'\nrepo = 'c'", {"repository_url": "https://gitlab.com/a/b/c"}, id="gitlab"),
        pytest.param(
            "[remote.gitlab]\nowner = 'a'\nrepo = 'c'\napi_url = 'https://code.example.org/api/v4'",
            {"repository_url": "https://code.example.org/a/c", "forge": "gitlab"}, id="own gitlab",
        ),
        pytest.param(
            "[remote.gitea]\nowner = 'a'\nrepo = 'c'", {"repository_url": "https://codeberg.org/a/c", "forge": "github"}, id="gitea",
        ),
        pytest.param("[git]\nsplit_commits = true", {"squash": "entries"}, id="split"),
        pytest.param("[git]\ncount_tags = 'v[0-9]+\\.[0-9]+\\.[0-9]+$'", {"prereleases": "fold"}, id="count tags"),
        pytest.param("[changelog]\noutput = 'docs/CHANGES.md'", {"file": "docs/CHANGES.md"}, id="output"),
        pytest.param("[changelog]\nbody = '* **{{commit.scope}}:** x'", {"preset": "conventional"}, id="conventional"),
        pytest.param("[changelog]\nbody = '## {{ version }} {{ group }}'", {"preset": "plain"}, id="plain"),
        pytest.param(
            "[changelog]\npostprocessors = [{ pattern = '<REPO>', replace = 'https://github.com/a/b' }]",
            {"repository_url": "https://github.com/a/b"}, id="repo",
        ),
        pytest.param("[git]\nfilter_unconventional = false\ncommit_parsers = [{message = '^x', group = 'X'}]",
                     {"unconventional": "hide"}, id="no group for them"),
        pytest.param("[git]\nrequire_conventional = true\ncommit_parsers = [{message = '.*', group = 'X'}]",
                     {"unconventional": "show", "other": "X"}, id="required"),
    ],
)  # fmt: skip
def test_one_setting_becomes_another(text: str, expected: dict[str, object], tmp_path: Path) -> None:
    values, _ = imported(tmp_path, text)
    assert {key: values.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[git]\nskip_tags = 'beta'", "git.skip_tags = beta: no release is left out", id="skip_tags"),
        pytest.param("[git]\nignore_tags = 'rc|v2.1.0'", "git.ignore_tags = v2.1.0: every tag", id="a single tag"),
        pytest.param("[git]\nlimit_commits = 42", "git.limit_commits = 42: no commit is cut off", id="limit"),
        pytest.param("[git]\ninclude_paths = ['src/']", "git.include_paths = ['src/']: a path alone", id="paths"),
        pytest.param("[git]\ncommit_preprocessors = [{pattern='.*', replace_command='sh'}]", "starts no program", id="program"),
        pytest.param("[git]\ncommit_preprocessors = [3]", "git.commit_preprocessors 1 (3): words are shown", id="no table"),
        pytest.param("[git]\ncommit_parsers = [3]", "1 of its entries are no tables", id="a number as parser"),
        pytest.param("[git]\ncommit_parsers = 'x'", "git.commit_parsers = x: it is of another kind", id="a text as parsers"),
        pytest.param("[git]\ncommit_parsers = [{message = '(', group = 'X'}]", "'(' is not understood", id="no pattern"),
        pytest.param("[git]\ncommit_parsers = [{breaking = true, group = 'X'}]", "git-cliff reads no breaking", id="no key of a parser"),
        pytest.param("[git]\ncommit_parsers = [{message = '^fix\\((.*)\\)', group = 'Fix $1'}]", "a group has one title", id="group"),
        pytest.param("[git]\ncommit_parsers = [{message = '^fix', group = 'F', default_scope = 'x'}]", "a scope is what", id="scope"),
        pytest.param("[git]\ncommit_parsers = [{sha = 'abc1234', skip = true}]", "single commits are corrected by overrides", id="sha"),
        pytest.param("[git]\ncomit_parsers = []", "git.comit_parsers: no key of git-cliff's, perhaps commit_parsers", id="a typo"),
        pytest.param("[gti]\nx = 1\n[git]\n", "gti: no section of git-cliff's, perhaps git", id="a section"),
        pytest.param("[bump]\ninitial_tag = 'first'", "bump.initial_tag = first: it holds no version", id="initial tag"),
        pytest.param("[bump]\nbump_type = 'minor'", "bump.bump_type = minor: the changes decide", id="bump type"),
        pytest.param("[changelog]\noutput = '../x.md'", "the file must lie in the repository", id="output outside"),
        pytest.param("[remote.bitbucket]\nowner = 'a'\nrepo = 'b'", "links have GitHub's or GitLab's form", id="bitbucket"),
        pytest.param("[remote.github]\nowner = 'a b'\nrepo = '\"'", "is no address of a page", id="no address"),
        pytest.param("[remote]\ngithub = 1", "remote.github = 1: it is of another kind", id="remote"),
        pytest.param("[git]\nlink_parsers = [{pattern = 'x'}]", "it has no pattern and href", id="link"),
    ],
)  # fmt: skip
def test_what_does_not_fit_in_is_listed_with_its_reason(text: str, told: str, tmp_path: Path) -> None:
    _, found = imported(tmp_path, text)
    assert told in "\n".join(reasons(found))


def test_every_key_that_git_cliff_has_is_set_listed_or_said_to_hold(tmp_path: Path) -> None:
    """Nothing is dropped in silence but what is git-cliff's default, and what only has an effect there."""
    given = {
        "git.conventional_commits": "false", "git.require_conventional": "true", "git.filter_unconventional": "false",
        "git.split_commits": "true", "git.commit_preprocessors": "[{pattern = 'a', replace = 'b'}]", "git.filter_commits": "true",
        "git.commit_parsers": "[{message = '^feat', group = 'F'}]", "git.link_parsers": "[{pattern = 'A-[0-9]+', href = 'https://x.org/$0'}]",
        "git.tag_pattern": "'v[0-9]'", "git.skip_tags": "'a'", "git.ignore_tags": "'b'", "git.count_tags": "'c'", "changelog.header": "'h'",
        "changelog.body": "'b'", "changelog.footer": "'f'", "changelog.postprocessors": "[{pattern = 'x', replace = 'y'}]",
        "changelog.output": "'x.md'", "remote.github": "{owner = 'a', repo = 'b'}", "remote.gitlab": "{owner = 'a', repo = 'b'}",
        "remote.gitea": "{owner = 'a', repo = 'b'}", "remote.bitbucket": "{owner = 'a', repo = 'b'}",
        "remote.azure_devops": "{owner = 'a', repo = 'b'}", "bump.features_always_bump_minor": "true",
        "bump.breaking_always_bump_major": "true", "bump.initial_tag": "'1.0.0'",
    }  # fmt: skip
    silent = []
    for section, keys in _SECTIONS.items():
        for key in keys:
            name = f"{section}.{key}"
            value = given.get(name, "true" if _LEFT.get(name, (None,))[0] is False or name in _SAME else "'x'")
            _, found = imported(tmp_path, f"[{section}]\n{key} = {value}\n")
            if name not in found.text and not any(left.key.startswith(name) for left in found.left):
                silent.append(name)
    assert silent == ["git.filter_commits"]  # it decides which types are hidden, as templates that group do without it


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        pytest.param("pyproject.toml", "tool.git-cliff", id="pyproject"),
        pytest.param("Cargo.toml", "workspace.metadata.git-cliff", id="workspace"),
        pytest.param("Cargo.toml", "package.metadata.git-cliff", id="package"),
    ],
)
def test_a_manifest_that_holds_the_configuration_is_read(name: str, prefix: str, tmp_path: Path) -> None:
    values, _ = imported(tmp_path, f"[{prefix}.git]\ntag_pattern = 'lib-v[0-9]'\n[other]\nx = 1\n", name)
    assert values["tag"] == "lib-v{version}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(None, "there is no configuration at", id="missing"),
        pytest.param("[git\n", "is not TOML: Expected ']' at the end of a table declaration (at line 1", id="no TOML"),
        pytest.param("[git]\na = 1\na = 2\n", "line 3", id="a key twice"),
        pytest.param(b"\xff\xfe", "is not TOML", id="no text"),
        pytest.param("x = " + "[" * 100_000, "is not TOML", id="deep"),
        pytest.param("#" * (1 << 21), "is larger than 1 MiB", id="huge"),
        pytest.param("", "is no configuration of git-cliff", id="empty"),
        pytest.param("[project]\nname = 'x'", "has none of [changelog], [git], [bump], [remote]", id="another tool's"),
        pytest.param("git = 1", "is no configuration of git-cliff", id="no section"),
    ],
)
def test_a_file_that_is_none_of_git_cliffs_is_an_error(text: str | bytes | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "cliff.toml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as error:
        import_cliff(path)
    assert told in error.value.message
    assert error.value.hint


def test_hostile_text_stays_in_its_line_and_its_value(tmp_path: Path) -> None:
    evil = "a\\n    llm: {seed: 1}\\u0007 \\u202e\\U0001F600 # x"
    values, found = imported(
        tmp_path,
        f'[git]\ntag_pattern = "v[0-9]\\nchangelog: x"\nskip_tags = "{evil}"\n'
        f'commit_parsers = [{{message = "^feat", group = "{evil}"}}, {{message = "{evil}", group = "x"}}]',
    )
    assert values["types"]["feat"] == "A llm: {seed: 1}\u0007 \u202e\U0001f600 # x"
    assert "\u202e" not in found.text
    assert yaml.safe_load(found.text).keys() == {"changelog"}


def test_the_command_prints_a_valid_file_and_lists_the_rest(tmp_path: Path) -> None:
    (tmp_path / "cliff.toml").write_text(DEFAULT_LIKE)
    done = run_command("config", "import", "cliff.toml", cwd=tmp_path)
    assert done.code == 0
    assert done.out.startswith(b"# notewright.yaml, from cliff.toml: look through it")
    lines = done.err.splitlines()
    assert lines[-1] == "11 keys set, 4 things of cliff.toml not carried over"
    assert all(line.startswith("not carried over: ") for line in lines[:-1])
    (tmp_path / "notewright.yaml").write_bytes(done.out)
    assert run_command("config", "check", "--config", "notewright.yaml", cwd=tmp_path).code == 0


def test_an_output_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    (tmp_path / "cliff.toml").write_text(LABELS)
    done = run_command("config", "import", "cliff.toml", "--output", "notewright.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (0, b"")
    assert "wrote notewright.yaml" in done.err
    before = (tmp_path / "notewright.yaml").read_bytes()
    again = run_command("config", "import", "cliff.toml", "--output", "notewright.yaml", cwd=tmp_path)
    assert (again.code, (tmp_path / "notewright.yaml").read_bytes()) == (2, before)
    assert "notewright.yaml is there already" in again.err


def test_a_missing_file_ends_with_the_exit_code_of_a_configuration(tmp_path: Path) -> None:
    done = run_command("config", "import", "nowhere.toml", cwd=tmp_path)
    assert (done.code, done.out) == (3, b"")
    assert "there is no configuration at nowhere.toml" in done.err


_TEXTS = st.sampled_from(
    [
        "",
        "^feat",
        "^fix|^perf",
        "(",
        ".*",
        "a\nb",
        "$1",
        "<!-- 1 -->",
        "<!-- 2 --> x",
        "^chore\\(deps\\)",
        "#(\\d+)",
        "\u202e",
        "😀",
        "null",
        "1.0",
        "v[0-9].*",
        "https://github.com/a/b/",
        "https://x.org/$0",
        "breaking",
        "remote.pr_labels",
        "scope",
        "^Merge",
        "^chore\\(release\\)",
        ".*secur",
        "[[:alpha:]]",
        "\\p{L}",
        "^(a|b)\\((c|d)\\)",
        "-",
        "#",
        "{version}",
        '"',
        "\\",
        "@",
    ],
)
_ANY = st.recursive(
    _TEXTS | st.booleans() | st.integers(-1, 3), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2)
)
_PARSERS = st.lists(st.dictionaries(st.sampled_from(_KEYS), _TEXTS | st.booleans() | _ANY, max_size=4), max_size=6)
_CLIFFS = st.fixed_dictionaries(
    {
        "git": st.fixed_dictionaries(
            {"commit_parsers": _PARSERS}, optional=dict.fromkeys((key for key in _SECTIONS["git"] if key != "commit_parsers"), _ANY)
        )
    },
    optional={section: st.dictionaries(st.sampled_from(_SECTIONS[section]), _ANY) for section in ("changelog", "remote", "bump")},
)


@given(_CLIFFS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_a_configuration_holds_becomes_a_valid_one(cliff: dict[str, Any]) -> None:
    text = render_settings(carry_over(cliff), "cliff.toml")
    validated(parse_yaml(text.encode(), "imported"), "imported").links()
