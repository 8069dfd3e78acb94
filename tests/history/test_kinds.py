"""What an unconventional commit is: tables of what the rules say, and of where they must say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.rules import DEFAULT_LABELS
from notewright.history.kinds import Kind, kind_by_labels, kind_by_paths, kind_by_words, kind_of
from notewright.history.places import places_of
from tests.parts.cost import assert_in_proportion

LABELS = dict(DEFAULT_LABELS)
HIDING = {"test", "ci", "chore"}

PLACES = {
    "tests/test_app.py": "tests",
    "tests/data/page.html": "tests",
    "test/client.js": "tests",
    "pkg/chart/values_test.go": "tests",
    "pkg/chart/testdata/chart.yaml": "tests",
    "src/main/java/App.java": "product",
    "src/test/java/AppTest.java": "tests",
    "module/src/test/kotlin/App.kt": "tests",
    "packages/core/__tests__/vnode.ts": "tests",
    "packages/core/src/vnode.spec.ts": "tests",
    "packages/core/test/vnode.ts": "tests",
    "crates/cli/src/tests/corpus.rs": "tests",
    "spec/models/user_spec.rb": "tests",
    "spec/openapi.yaml": "product",
    "src/commands/test/run.ts": "product",
    "src/commands/test.ts": "product",
    "src/testing/client.py": "product",
    "src/Test/ApiTestCase.php": "product",
    "packages/cli/templates/app/tests/test_app.py": "product",
    "packages/schematics/angular/files/__name__.spec.ts": "product",
    "generators/app/templates/.github/workflows/ci.yml": "product",
    "{{cookiecutter.name}}/tests/test_app.py": "product",
    ".github/workflows/ci.yml": "ci",
    "docs/.github/workflows/ci.yml": "docs",
    ".github/workflows/cd.yml": "product",
    ".github/workflows/cdk.yml": "ci",
    ".github/workflows/publish-wheels.yaml": "product",
    ".gitlab-ci.yml": "ci",
    "Jenkinsfile": "ci",
    "action.yml": "product",
    ".github/dependabot.yml": "tooling",
    ".github/CODEOWNERS": "tooling",
    ".gitignore": "tooling",
    ".gitattributes": "product",
    ".pre-commit-config.yaml": "tooling",
    ".eslintrc.json": "tooling",
    ".github/ISSUE_TEMPLATE/bug.yml": "docs",
    ".github/pull_request_template.md": "docs",
    "package.json": "product",
    "pyproject.toml": "product",
    "Dockerfile": "product",
    "Makefile": "product",
    "scripts/entrypoint.sh": "product",
    "poetry.lock": "lock files",
    "web/package-lock.json": "lock files",
    "go.sum": "lock files",
    "CHANGELOG.md": "changelog",
    "CHANGES": "changelog",
    "src/changelog.py": "product",
    "docs/index.html": "docs",
    "README": "docs",
    "README.rst": "docs",
    "packages/core/README.md": "docs",
    "src/docs/index.ts": "product",
    "": "product",
    "tests": "product",
    "tests/" + "x" * 600: "product",
}
BY_PATHS = {
    ("tests/a.py", "tests/b/c.json"): ("test", "paths tests"),
    (".github/workflows/ci.yml",): ("ci", "paths ci"),
    (".github/workflows/ci.yml", ".gitignore", "tests/a.py"): ("chore", "paths ci, tests, tooling"),
    ("docs/a.rst", "README.md", "CHANGELOG.md"): ("docs", "paths changelog, docs"),
    ("poetry.lock",): ("deps", "paths lock files"),
}
BY_NO_PATHS = (
    (),
    ("src/a.py",),
    ("tests/a.py", "src/a.py"),
    ("docs/a.rst", "tests/a.py"),
    ("CHANGELOG.md",),
    ("CHANGELOG.md", "pyproject.toml"),
    ("poetry.lock", "tests/a.py"),
    ("package.json", ".github/workflows/ci.yml"),
    tuple(f"tests/{number}" for number in range(2001)),
)
BY_WORDS = {
    "Fix crash when the list is empty": ("fix", "word fix"),
    "Fixed #1288: look for OPTIONS": ("fix", "word fix"),
    "[ui] fixes the menu (#12)": ("fix", "word fix"),
    ":bug: Fix the menu": ("fix", "word fix"),
    "Ensure that the pool closes": ("fix", "word ensure"),
    "The parser no longer crashes": ("fix", "word crash"),
    "Speed up startup": ("perf", "word speed"),
    "Improve rendering performance": ("perf", "word performance"),
    "Deprecate the old client": ("deprecate", "word deprecate"),
    'Revert "Add a cache"': ("revert", "word revert"),
    "Mitigate CVE-2026-12345 in the parser": ("security", "word cve-2026-12345"),
    "Update dependency execa to v9": ("deps", "dependency update"),
    "Bump urllib3 from 1.26.4 to 1.26.5": ("deps", "dependency update"),
    "release version 3.0.2": ("chore", "word release"),
    "v2.4.0-rc.1": ("chore", "word v2.4.0-rc.1"),
    "Bump version number to 1.0.1": ("chore", "word bump"),
    "Prepare the next release": ("chore", "word prepare"),
    "Update README.md": ("docs", "word readme.md"),
    "Fix typos in the documentation for hooks": ("docs", "word documentation"),
}
BY_NO_WORDS = (
    "",
    "wip",
    "Fix typo",
    "fix flaky test",
    "Fix CI",
    "Fix the build on Windows",
    "fixture data",
    "Fixing",
    "Refactor the pool",
    "Clean up",
    "Add caching",
    "revert to the old parser",
    "Release the lock in 2.0 seconds",
    "release 2 locks",
    "Prepare release notes for translation",
    "Bump version checks to their own module",
    "Update the documentation server to HTTP/2",
    "Address review",
    "Merge branch 'stable'",
    "🎉",
    "((((",
)


@pytest.mark.parametrize("path", PLACES)
def test_a_path_belongs_to_one_place_and_in_doubt_to_the_product(path: str) -> None:
    assert places_of([path]) == {PLACES[path]}


@pytest.mark.parametrize("paths", BY_PATHS)
def test_paths_of_one_sort_say_what_a_commit_is(paths: tuple[str, ...]) -> None:
    assert kind_by_paths(paths) == Kind(*BY_PATHS[paths])


@pytest.mark.parametrize("paths", BY_NO_PATHS, ids=lambda paths: ", ".join(paths[:3]))
def test_paths_that_could_be_anything_say_nothing(paths: tuple[str, ...]) -> None:
    assert kind_by_paths(paths) is None


@pytest.mark.parametrize("subject", BY_WORDS)
def test_words_that_are_sure_say_what_a_commit_is(subject: str) -> None:
    assert kind_by_words(subject) == Kind(*BY_WORDS[subject])
    assert kind_of(subject, (), (), {}) == Kind(*BY_WORDS[subject])


@pytest.mark.parametrize("subject", BY_NO_WORDS)
def test_words_that_could_mean_anything_say_nothing(subject: str) -> None:
    assert kind_by_words(subject) is None
    assert kind_of(subject, ("src/a.py",), (), {}) is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], None),
        (["wontfix"], None),
        (["bug"], Kind("fix", "label bug")),
        ([" Bug "], Kind("fix", "label bug")),
        (["security", "bug"], Kind("fix", "label bug")),
        (["Breaking Change"], Kind(None, "label breaking change", breaking=True)),
        (["enhancement", "breaking"], Kind("feat", "label enhancement", breaking=True)),
    ],
    ids=str,
)
def test_labels_decide_by_the_order_of_the_mapping_whatever_theirs_is(labels: list[str], expected: Kind | None) -> None:
    assert kind_by_labels(labels, LABELS) == expected
    assert kind_by_labels(labels[::-1], LABELS) == expected


def test_a_label_wins_over_everything_else() -> None:
    assert kind_of("Fix the tests", ["tests/a.py"], ["enhancement"], LABELS) == Kind("feat", "label enhancement")


def test_a_breaking_label_keeps_the_type_that_other_rules_find() -> None:
    assert kind_of("Fix the parser", ["src/a.py"], ["breaking"], LABELS) == Kind("fix", "label breaking, word fix", breaking=True)
    assert kind_of("Rework", ["src/a.py"], ["breaking"], LABELS) == Kind(None, "label breaking", breaking=True)


def test_a_dependency_of_a_workflow_is_a_dependency_all_the_same() -> None:
    assert kind_of("Bump actions/checkout from 3 to 4", [".github/workflows/ci.yml"], (), {}) == Kind("deps", "dependency update")


def test_a_security_fix_is_never_hidden_by_its_paths() -> None:
    assert kind_of("CVE-2026-12345", ["tests/a.py"], (), {}) == Kind("security", "word cve-2026-12345")


@pytest.mark.parametrize(
    "subject", ["Fix crash when saving", "Handle columns of null", "Allow adding items to collections", "Speed up saving"]
)
def test_a_commit_that_claims_more_than_its_paths_can_keep_is_not_hidden(subject: str) -> None:
    assert kind_of(subject, ["tests/issues/test_1.py"], (), {}) is None


@pytest.mark.parametrize("subject", ["Fix flaky test", "Add tests for saving", "Rework", "Fix lint"])
def test_a_commit_of_tests_alone_is_one_of_tests(subject: str) -> None:
    assert kind_of(subject, ["tests/issues/test_1.py"], (), {}) == Kind("test", "paths tests")


@pytest.mark.parametrize(
    ("subject", "paths", "expected"),
    [
        ("Add a cache", ["src/a.py"], None),
        ("Add a cache", ["src/a.py", "tests/a.py"], None),
        ("Add a cache", ["src/a.py", "tests/a.py", "docs/a.md"], Kind("feat", "word add, with tests and documentation")),
        ("Handle empty lists", ["src/a.py"], None),
        ("Handle empty lists", ["src/a.py", "tests/a.py"], Kind("fix", "word handle, with tests")),
        ("Keep order when sorting", ["src/a.py", "tests/a.py"], Kind("fix", "word when, with tests")),
        ("Add an option for when to sort", ["src/a.py", "tests/a.py"], None),
        ("Fix the menu", ["src/a.py"], Kind("fix", "word fix")),
        ("Fix the menu", ["package-lock.json", "CHANGELOG.md"], None),
        ("Update docs", ["src/a.py"], None),
    ],
    ids=str,
)
def test_weak_words_need_a_witness_among_the_paths(subject: str, paths: list[str], expected: Kind | None) -> None:
    assert kind_of(subject, paths, (), {}) == expected


@given(st.text(max_size=400), st.lists(st.text(max_size=30), max_size=4))
def test_no_text_raises_and_only_rows_of_words_or_known_paths_hide(subject: str, paths: list[str]) -> None:
    kind = kind_of(subject, paths, (), LABELS)
    assert kind is None or kind.rule
    if kind and kind.type in HIDING and kind.rule.startswith("paths"):
        assert "product" not in places_of(paths)


@pytest.mark.parametrize("part", ["a", "[", "release 1.", "(#1) ", "when "], ids=repr)
def test_hostile_text_costs_no_more_than_its_length(part: str) -> None:
    paths = ("src/a.py", "tests/a.py", "docs/a.md")
    assert_in_proportion(lambda subject: kind_of(subject, paths, (), {}), lambda size: part * size, size=20_000)


@pytest.mark.parametrize("part", ["a/", "__a__", "a.test", "{{"], ids=repr)
def test_hostile_paths_cost_no_more_than_their_length(part: str) -> None:
    assert_in_proportion(lambda path: places_of([path] * 50), lambda size: (part * size)[:500] + "!", size=10)
