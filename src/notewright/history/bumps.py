"""Bumps: subjects that say which dependency moved to which version, as Dependabot, Renovate and people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# Longer subjects are prose; it also bounds what the expressions below may cost.
_MAX_CHARACTERS = 400
_SCOPES = frozenset({"dep", "deps", "deps-dev", "deps-peer", "dev-deps", "dependency", "dependencies"})
_MARK = r"(?:\[security\]\s*|:[a-z_]{1,30}:\s*|⬆️?\s*)?"
_PREFIX = re.compile(rf"(?i){_MARK}(?:([a-z]{{1,20}})(?:\(([^()]*+)\))?!?:\s+)?{_MARK}")
# What bots add behind: the folder, the group, how many, the branch, numbers of pull requests.
_PLACE = re.compile(
    r"(?i)(?: in the [\w.@/:-]+ group| in [\w.@/*-]+| across \d+ director(?:y|ies)| with \d+ updates?"
    r"| \[(?:security|skip[ -]ci|ci[ -]skip)\]| \((?:fixes |closes )?[\w#./-]*\)| - (?:autoclosed|abandoned)|\.)++$"
)
_PLACES = (" in ", " across ", " with ", " - ")  # all that a place which ends in a letter begins with
_VERBS = frozenset("bump bumps bumped update updates updated upgrade upgrades upgraded".split())
_NAMELESS_VERBS = _VERBS | {"refresh", "regenerate", "relock", "pin", "roll"}
# Words around a name that make it a dependency whatever it is called.
_BEFORE = re.compile(
    r"(?i)(?:dependency|dev dependency|module|crate|rust crate|gem|npm package|docker image|helm release|helm chart|terraform|submodule"
    r"|pre-commit hook|github action)\s+(?=\S+$)"
)
_BEHIND = re.compile(r"(?i)(?<=\S)\s+(?:requirement|action|docker tag|docker digest|commit hash|digest|orb|monorepo|crate|dependency|gem)$")
_NAME = re.compile(r"(?a)@?\w[\w.+-]*(?:[/:]@?[\w.+-]+)*")
_VERSION = re.compile(r"(?a)[v^~<>=!*]{0,3}\s?\d[\w.+*-]*(?:(?:,|\s?\|\||\s-)?\s?[v^~<>=!*]{0,3}\s?\d[\w.+*-]*)*+")
_EXACT = re.compile(r"(?a)[\^~]?v\d[\w.+-]*|[\^~]\d[\w.+-]*|[\^~]?\d[\w+-]*\.[\w.+-]+")
_DIGEST = re.compile(r"(?=[a-f]*\d)[0-9a-f]{6,64}")
# "update X to 3.0" is about a dependency only where X is no word for a part of the project itself.
_OWN = frozenset(
    "action actions alpha and api app application assets baseline benchmark benchmarks beta branch build changelog changes ci"
    " client code codebase compatibility config configuration contributing copyright count coverage crate default demo dependencies"
    " deps dev digest doc docs document documentation edition endpoint example examples faq file files fixture fixtures format guide"
    " it library licence license limit link links main major manifest master max maximum milestone min minimum minor msrv news notes"
    " package patch policy project protocol readme release releases retries revision schema script scripts server site size snapshot"
    " snapshots spec specification stage standard submodule submodules template templates test tests the threshold timeout to"
    " translations tutorial url urls version versions website workflow workflows year years".split()
)
_FILE = re.compile(
    r"(?i)\.(?:adoc|c|cfg|cpp|css|csv|go|h|html|ini|java|json|lock|md|po|py|rb|rs|rst|sh|sql|svg|toml|ts|tsx|txt|xml|ya?ml)$"
)
_LOCK_FILES = frozenset(
    "cargo.lock composer.lock gemfile.lock go.sum npm-shrinkwrap.json package-lock.json pdm.lock pipfile.lock pnpm-lock.yaml poetry.lock"
    " uv.lock yarn.lock lockfile lockfiles".split()
)
_DEPENDENCIES = frozenset("dependencies deps dev-deps devdeps devdependencies".split())
_PACKAGES = frozenset("actions crates gems hooks modules packages requirements versions".split())
_QUALIFIERS = frozenset(
    "all and build bundled ci core cross-repo dev development direct docs github go js locked major minor non-major npm nuget our patch"
    " pinned pip pre-commit production pypi python ruby rust some test testing the third-party transitive typing vendored".split()
)
# Between a verb and "dependencies" these make a sentence about how dependencies are treated.
_PROSE = frozenset(
    "a about after an because before between by code command doc documentation during error examples for from handling how if in logic"
    " message messages no not of on or readme resolution section support tests that to types use when where which with without".split()
)
_PHRASES = re.compile(
    r"(?i)lock ?file maintenance|(?:\[pre-commit\.ci\] )?pre-commit autoupdate|(?:run )?`?(?:cargo update|npm audit fix)`?"
    r"|(?:pin|replace|rollback) dependenc(?:y|ies)(?: \S+ (?:to|with) \S+(?: \S+)?)?"
)


@dataclass(frozen=True, slots=True)
class Bump:
    """A dependency and the versions between which it moved, as written, without quotes; None where the subject names none."""

    package: str
    old: str | None
    new: str | None


@lru_cache(maxsize=8192)  # bots write the same header again and again
def read_update(subject: str) -> tuple[bool, Bump | None]:
    """Return whether a subject, with or without its type, says that dependencies moved, and which one if it names only that."""
    kind, text = _bare(subject)
    bump = _read_bump(kind, text)
    return bump is not None or _moves_dependencies(kind, text), bump


def read_bump(subject: str) -> Bump | None:
    """Return the one dependency that a subject, with or without its type, says was moved; None for every other subject.

    Strict: a name is a dependency's by "from 1.0 to 1.1", by a word such as "dependency" or "action" beside it, by the scope
    `deps`, or, with a full version, by being no word for a part of the project. Linear; subjects over 400 characters are prose.
    """
    return read_update(subject)[1]


def is_dependency_update(subject: str) -> bool:
    """Whether a subject says that dependencies moved, one or many, named or not: also a group of them, or a lock file."""
    return read_update(subject)[0]


def _read_bump(kind: str, text: str) -> Bump | None:
    verb, _, rest = text.partition(" ")
    if verb.lower() not in _VERBS:
        return None
    what, old, new = _versions(rest.replace("`", ""), short=verb.lower().startswith("bump"))
    name = _BEFORE.sub("", _BEHIND.sub("", what))
    if not _is_name(name) or not all(value is None or _is_version(value) for value in (old, new)):
        return None
    if new is None:
        return Bump(name, None, None) if kind == "deps" and verb.lower().startswith("bump") else None
    marked = name != what or kind == "deps"
    if old is not None:
        # "bump max_retries from 3 to 5" moves no dependency, "bump node from 14 to 16" does
        return Bump(name, old, new) if marked or "_" not in name or not (old + new).isdigit() else None
    return Bump(name, None, new) if marked or (kind != "docs" and _EXACT.fullmatch(new)) else None


def _moves_dependencies(kind: str, text: str) -> bool:
    if kind == "deps" or _PHRASES.fullmatch(text):
        return True
    verb, *words = text.lower().replace(",", "").split()[:10] or [""]
    if verb not in _NAMELESS_VERBS or not words:
        return False
    if verb.startswith("bump") and (words[0], words[-1]) == ("the", "group"):
        return len(words) == 3
    if verb.startswith("bump") and len(words) > 2 and words[-2] == "and":
        return all(map(_is_name, (*words[:-2], words[-1])))
    return _names_dependencies(words[:-2] if "to" in words[-2:-1] else words)


def _names_dependencies(words: list[str]) -> bool:
    *between, noun = words or [""]
    if noun == "files" and between[-1:] == ["lock"]:
        return True
    if noun == "file" and between[-1:] == ["lock"]:
        noun, between = "lockfile", between[:-1]
    if noun in _DEPENDENCIES or noun in _LOCK_FILES:
        return len(between) < 6 and _PROSE.isdisjoint(between)
    return noun in _PACKAGES and bool(between or noun == "requirements") and _QUALIFIERS.issuperset(between)


def _bare(subject: str) -> tuple[str, str]:
    """Return what a subject says without what stands before and behind, and its type: "deps" also for a scope that says so."""
    if len(subject) > _MAX_CHARACTERS:
        return "", ""
    text = " ".join(subject.split())
    prefix = _PREFIX.match(text)
    assert prefix
    kind, scope = (prefix[1] or "").lower(), (prefix[2] or "").lower()
    text = text[prefix.end() :]
    if text.endswith((")", "]", ".")) or any(map(text.__contains__, _PLACES)):
        text = _PLACE.sub("", text)
    return "deps" if kind != "revert" and (kind in _SCOPES or scope in _SCOPES) else kind, text


def _versions(rest: str, *, short: bool) -> tuple[str, str | None, str | None]:
    """Split "x from 1 to 2", "x to 2" and, if `short`, "x 2.0"."""
    what, found, versions = rest.partition(" from ")
    if found:
        old, _, new = versions.partition(" to ")
        return what, old, new
    what, found, new = rest.rpartition(" to ")
    if found:
        return what, None, new.removeprefix("version ")
    name, _, new = rest.partition(" ")
    return (name, None, new) if short and _EXACT.fullmatch(new) else (rest, None, None)


def _is_name(word: str) -> bool:
    return _NAME.fullmatch(word) is not None and word.lower() not in _OWN and not _FILE.search(word) and not _is_version(word)


def _is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None or _DIGEST.fullmatch(text) is not None
