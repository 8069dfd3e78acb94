"""Tag patterns of git-cliff, tried on tag names to see which form they mean."""

from __future__ import annotations

import re

from notewright.adapters.cliff.parsers import compile_pattern

_VERSION = "1.2.3"
_OTHERS = ("0.10.0", "9.8.7")
_PRERELEASES = ("-rc.1", "-rc1", "-beta.1", "-beta1", "-alpha.1", "-alpha1", "rc1", "b1", "a1")
_LITERAL = re.compile(r"(?:\\([-./@_])|([A-Za-z0-9@/_-]))(?![?*+{|])")
_MAYBE_V = re.compile(r"(?:v|\(v\)|\(\?:v\)|\[vV]\])\?")


def tag_form(pattern: str) -> str | None:
    """Return the form of tags that a tag_pattern means ("v{version}"): what it begins with, if any version may follow. None where that
    cannot be told."""
    compiled = compile_pattern(pattern)
    if isinstance(compiled, str):
        return None
    prefix, rest = "", pattern.removeprefix("^")
    while match := _LITERAL.match(rest):
        prefix += match[1] or match[2]
        rest = rest[match.end() :]
    prefix = prefix.rstrip("0123456789.")
    if _MAYBE_V.match(rest) or (not prefix and compiled.search(f"v{_VERSION}")):
        prefix += "v"  # `v[0-9]` and `[0-9]` alike find v1.2.3, and ours reads 1.2.3 as well
    return f"{prefix}{{version}}" if all(compiled.search(prefix + version) for version in (_VERSION, *_OTHERS)) else None


def means_prereleases(pattern: str, form: str) -> bool:
    """Whether a pattern of tags to be ignored means pre-releases of the form, and no release."""
    return _finds_prerelease(pattern, form) and not _finds(pattern, form.replace("{version}", _VERSION))


def means_releases(pattern: str, form: str) -> bool:
    """Whether a pattern of tags that count means releases of the form, and no pre-release."""
    return _finds(pattern, form.replace("{version}", _VERSION)) and not _finds_prerelease(pattern, form)


def _finds_prerelease(pattern: str, form: str) -> bool:
    return any(_finds(pattern, form.replace("{version}", _VERSION + suffix)) for suffix in _PRERELEASES)


def _finds(pattern: str, tag: str) -> bool:
    compiled = compile_pattern(pattern)
    return not isinstance(compiled, str) and compiled.search(tag) is not None
