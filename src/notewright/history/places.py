"""Places: what a changed file belongs to, by its path: tests, continuous integration, tooling, documentation, or the product."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONG_PATH = 500  # characters; a longer path is the product's, and the cost of the expressions below stays bounded

# The first row that fits a whole path, in small letters, decides; what is in no row is the product's. So is what may be: package.json,
# Makefile, Dockerfile, scripts/, examples/ and spec/ stand in no row, because a wrong row would hide a change that users meet.
_ROWS = (
    # what a generator copies for its users looks like tests and tooling, and is its product
    ("product", r"(?:[^/]+/)*(?:templates?|blueprints?|schematics|skeletons?|scaffolds?|boilerplates?|generators?)/.+"
                r"|(?:[^/]+/)*[^/]*(?:__[a-z]+__(?<!__tests__)(?<!__snapshots__)(?<!__mocks__)|\{\{|<%)[^/]*/.+"),
    # what releases are made of and where they go is decided in workflows too ("publish a Debian package")
    ("product", r"\.github/workflows/[^/]*(?:release|publish|deploy|docker|package|wheel|dist|nightly|(?<![a-z])cd(?![a-z]))[^/]*"),
    ("ci", r"\.github/(?:workflows|actions)/.+|\.(?:circleci|buildkite|azure-pipelines|woodpecker|semaphore|gitlab/ci)/.+|jenkinsfile"
           r"|(?:\.gitlab-ci|\.travis|\.?appveyor|\.?azure-pipelines|\.cirrus|\.drone|\.?codecov|\.readthedocs)\.ya?ml"),
    ("docs", r"\.github/(?:[^/]*template/.+|[^/]+\.md)"),
    ("tooling", r"\.github/[^/]+\.(?:ya?ml|json5?)|(?:\.github/)?codeowners|renovate\.json5?"
                r"|\.(?:vscode|idea|devcontainer|husky|changeset)/.+"
                r"|\.(?:git(?:ignore|-blame-ignore-revs)|editorconfig|mailmap|nvmrc|pre-commit-config\.ya?ml|golangci\.(?:ya?ml|toml)"
                r"|flake8|pylintrc|rubocop\.yml|clang-(?:format|tidy)|coveragerc|(?:prettier|eslint|stylelint)(?:rc|ignore)[^/]*)"
                r"|(?:eslint|prettier|vitest|jest|commitlint)\.config\.[a-z]+"),
    ("tests", r"(?:tests?|e2e)/.+|spec/(?:(?:spec|rails)_helper\.rb|(?:fixtures|support|factories)/.+)"
              r"|(?:[^/]+/)*(?:tests|__tests__|__snapshots__|testdata)/.+"
              r"|(?:[^/]+/)*src/test/(?:java|kotlin|scala|groovy|resources)/.+"
              r"|(?:packages|crates|modules|libs|apps)/[^/]+/(?:test|e2e)/.+|(?:[^/]+/)*(?:test_[^/]+\.py|conftest\.py)"
              r"|(?:[^/]+/)*[^/]+(?:_test\.(?:go|py|rb|exs|dart)|_spec\.[a-z]+|\.(?:test|spec)\.[a-z]+|test\.php)"),
    ("lock files", r"(?:[^/]+/)*(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|pdm\.lock"
                   r"|pipfile\.lock|cargo\.lock|go\.sum|gemfile\.lock|composer\.lock|mix\.lock|flake\.lock)"),
    ("changelog", r"(?:[^/]+/)*(?:changelog|changes|history|news|releases?)(?:[.-][^/]*)?\.(?:md|rst|txt|adoc)"
                  r"|changes|changelog|news|changelogs/.+"),
    ("docs", r"(?:docs?|documentation)/.+|(?:[^/]+/)*[^/]+\.(?:mdx?|rst|adoc)|(?:readme|contributing|authors|contributors|citation)[^/]*"),
)  # fmt: skip
_ROW = re.compile("|".join(f"({pattern})" for _, pattern in _ROWS))
PRODUCT, TESTS, DOCS = "product", "tests", "docs"


def places_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the places that these paths belong to: "ci", "docs", "tooling", "tests", "lock files", "changelog" or "product"."""
    return frozenset(map(_place, paths))


def _place(path: str) -> str:
    match = _ROW.fullmatch(path.lower()) if len(path) <= _LONG_PATH else None
    return _ROWS[match.lastindex - 1][0] if match and match.lastindex else PRODUCT
