"""Which subjects say that a dependency moved: tables of what bots and people write, and of what only looks like it."""

from __future__ import annotations

import pytest

from notewright.history.bumps import Bump, is_dependency_update, read_bump
from tests.parts.cost import assert_in_proportion

BUMPS = {
    # Dependabot
    "Bump urllib3 from 1.26.4 to 1.26.5": ("urllib3", "1.26.4", "1.26.5"),
    "Bump urllib3 from 1.26.4 to 1.26.5 in /requirements": ("urllib3", "1.26.4", "1.26.5"),
    "Bumps urllib3 from 1.26.4 to 1.26.5.": ("urllib3", "1.26.4", "1.26.5"),
    "Bump actions/checkout from 3 to 4 (#324)": ("actions/checkout", "3", "4"),
    "Bump node from 14 to 16": ("node", "14", "16"),
    "Bump golang.org/x/net from 0.1.0 to 0.2.0 in /contrib/log in the go_modules group across 1 directory": (
        "golang.org/x/net",
        "0.1.0",
        "0.2.0",
    ),
    "[Security] Bump ini from 1.3.5 to 1.3.8": ("ini", "1.3.5", "1.3.8"),
    "build(deps): [security] bump ini from 1.3.5 to 1.3.8 (#2811)": ("ini", "1.3.5", "1.3.8"),
    "build(deps-dev): bump @rollup/plugin-commonjs from 18.0.0 to 18.1.0 (#3735)": ("@rollup/plugin-commonjs", "18.0.0", "18.1.0"),
    "chore(deps): bump `git-conventional` to `0.10.1` (fixes #6)": ("git-conventional", None, "0.10.1"),
    "Bump vendor/lib from `2f1a3bc` to `4c5d6e7`": ("vendor/lib", "2f1a3bc", "4c5d6e7"),
    "Update werkzeug requirement from >=1 to >=2": ("werkzeug", ">=1", ">=2"),
    "Update sphinx requirement from <5,>=4 to >=4,<6": ("sphinx", "<5,>=4", ">=4,<6"),
    "Update rails requirement from ~> 6.0 to ~> 7.0": ("rails", "~> 6.0", "~> 7.0"),
    "⬆️ bump x from 1.0 to 1.1": ("x", "1.0", "1.1"),
    ":arrow_up: Bump x from 1.0 to 1.1": ("x", "1.0", "1.1"),
    "build(deps): bump postcss-modules": ("postcss-modules", None, None),
    "build(deps): bump golang.org/x/text in /contrib/opensergo (#2678)": ("golang.org/x/text", None, None),
    # Renovate
    "update dependency esbuild to ^0.18.0": ("esbuild", None, "^0.18.0"),
    "Update dependency karma to v6.3.16 [SECURITY]": ("karma", None, "v6.3.16"),
    "chore(deps): update dependency execa to v9 (main) (#11049)": ("execa", None, "v9"),
    "fix(deps): update module github.com/spf13/cobra to v1.2": ("github.com/spf13/cobra", None, "v1.2"),
    "Update Rust crate clap to v4.5.1": ("clap", None, "v4.5.1"),
    "build(deps): update rust crate gix to 0.62": ("gix", None, "0.62"),
    "update actions/checkout action to v4": ("actions/checkout", None, "v4"),
    "Update astral-sh/uv-action digest to 7fb42d2": ("astral-sh/uv-action", None, "7fb42d2"),
    "build: update angular/dev-infra commit hash to bf4bb09": ("angular/dev-infra", None, "bf4bb09"),
    "chore(deps): update postgres docker tag to v16": ("postgres", None, "v16"),
    "Update pre-commit hook astral-sh/ruff to v0.5": ("astral-sh/ruff", None, "v0.5"),
    "Update react monorepo to v19.1.1 (#19720)": ("react", None, "v19.1.1"),
    "chore(deps): update helm release traefik to v28": ("traefik", None, "v28"),
    # people
    "build: update rollup to version ~2.27.0": ("rollup", None, "~2.27.0"),
    "Upgrade `criterion` to `0.5.1` (#4838)": ("criterion", None, "0.5.1"),
    "bump werkzeug 2.0.1": ("werkzeug", None, "2.0.1"),
    "chore(package): update eslint-config-standard to version 7.0.0": ("eslint-config-standard", None, "7.0.0"),
    "Update node-pathwatcher to v0.14.0.": ("node-pathwatcher", None, "v0.14.0"),
    "feat: update Go to 1.25.4 (#6239)": ("Go", None, "1.25.4"),
    "fix: update typescript dependency to 3.0.x": ("typescript", None, "3.0.x"),
}
NAMELESS = (
    "update all non-major dependencies",
    "chore(deps): update all non-major dependencies to v2 (#1)",
    "lock file maintenance",
    "build(deps): lock file maintenance",
    "[pre-commit.ci] pre-commit autoupdate (#12)",
    "pre-commit autoupdate",
    "Bump the github-actions group with 3 updates",
    "Bump the python-requirements group in /requirements with 5 updates",
    "chore(deps): bump the minor group across 1 directory with 2 updates (#9)",
    "Bump minimist and mkdirp in /app",
    "build(deps): bump jest and typescript",
    "update requirements",
    "update dev dependencies",
    "Upgrade dependencies",
    "Updated dependencies.",
    "update cross-repo angular dependencies",
    "build: update scorecard action dependencies to f2027c5",
    "Update lock file",
    "update lockfile",
    "refresh yarn.lock",
    "Update poetry.lock",
    "update pre-commit hooks",
    "chore: update github actions (#9922)",
    "Run `cargo update` (#5357)",
    "npm audit fix",
    "chore(deps): pin marked",
    "pin dependency rollup to 5.0.4",
    "replace dependency request with got 12.0.0",
    "deps: general update",
)
NEITHER = (
    "",
    "bump",
    "Update",
    "update docs to 3.0",
    "Update README to v2",
    "Update README.md to v2",
    "bump version to 1.2.0",
    "Bump version number to 2.0",
    "bump: version 1.2.0 → 1.3.0",
    "Bump to 1.2.0",
    "bump v1.2.0",
    "Bump 1.2.0 to 1.2.1",
    "Bump to dev version",
    "release: bump the next branch to v16",
    "Bump edition to 2021",
    "bump MSRV to 1.70",
    "Update copyright to 2026",
    "docs: update foo to 2.0",
    "bump version and changelog",
    "Bump lint rules count to 700",
    "bump retries from 1 to 3",
    "bump max_retries from 3 to 5",
    "fix: bump retries for pull request iterator from 1 to 3",
    "Bump static Python versions in CI from 3.7 to 3.11",
    "update the timeout from 10 to 20 seconds",
    "Update to Electron 12",
    "Update how dependencies are resolved",
    "Update documentation of dependencies",
    "Fix missing dependencies",
    "Remove unused dependencies",
    "Fix self:update command",
    "update payment requirements",
    "update the admin group",
    "Update packages",
    "Update actions",
    "Only notify once for each app update",
    'Revert "Bump urllib3 from 1.26.4 to 1.26.5"',
    "revert(deps): bump urllib3",
    "migrate renovate config",
    "update env remove logic",
    "x" * 401,
)


@pytest.mark.parametrize("subject", BUMPS)
def test_a_bump_names_its_package_and_versions(subject: str) -> None:
    assert read_bump(subject) == Bump(*BUMPS[subject])
    assert is_dependency_update(subject)


@pytest.mark.parametrize("subject", NAMELESS)
def test_an_update_of_many_dependencies_names_none(subject: str) -> None:
    assert read_bump(subject) is None
    assert is_dependency_update(subject)


@pytest.mark.parametrize("subject", NEITHER)
def test_what_only_sounds_like_an_update_is_none(subject: str) -> None:
    assert read_bump(subject) is None
    assert not is_dependency_update(subject)


@pytest.mark.parametrize("part", ["bump ", "a-", "1, ", " in a", "(", " ", "update a to 1, "], ids=repr)
def test_hostile_subjects_cost_no_more_than_their_length(part: str) -> None:
    assert_in_proportion(is_dependency_update, lambda size: "bump x to 1" + part * size + "!", size=20)
    assert_in_proportion(is_dependency_update, lambda size: part * size, size=20_000)
