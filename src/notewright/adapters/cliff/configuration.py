"""git-cliff's configuration, read as far as it says what ours can say."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from notewright.adapters.cliff.carried import Carried, short
from notewright.adapters.cliff.groups import carry_groups
from notewright.adapters.cliff.sections import carry_bump, carry_changelog, carry_links, carry_preprocessors, carry_remote, carry_tags

_SECTIONS = {
    "changelog": ("header", "body", "footer", "trim", "render_always", "postprocessors", "output"),
    "git": (
        "processing_order", "conventional_commits", "require_conventional", "filter_unconventional", "split_commits",
        "commit_preprocessors", "commit_parsers", "protect_breaking_commits", "link_parsers", "filter_commits", "fail_on_unmatched_commit",
        "tag_pattern", "skip_tags", "ignore_tags", "count_tags", "use_branch_tags", "topo_order", "topo_order_commits", "sort_commits",
        "limit_commits", "recurse_submodules", "include_paths", "exclude_paths",
    ),
    "remote": ("offline", "github", "gitlab", "gitea", "bitbucket", "azure_devops"),
    "bump": (
        "features_always_bump_minor", "breaking_always_bump_major", "initial_tag", "custom_major_increment_regex",
        "custom_minor_increment_regex", "no_increment_regex", "bump_type",
    ),
}  # fmt: skip
# What cannot be said in ours whatever its value, unless that is git-cliff's default: why not, and what comes nearest.
_LEFT: dict[str, tuple[object, str, str]] = {
    "git.processing_order": (None, "the order of steps is fixed", ""),
    "git.require_conventional": (False, "a commit without a type is no error: it is shown", "changelog.labels give it a type"),
    "git.fail_on_unmatched_commit": (False, "a type that no rule names is no error", "`notewright changelog --explain`"),
    "git.sort_commits": (None, "entries of a group are in the order of their scopes and words", ""),
    "git.limit_commits": (None, "no commit is cut off", "changelog.since leaves old history out"),
    "git.recurse_submodules": (False, "commits of submodules are not read", "a changelog of the submodule's own"),
    "git.include_paths": (None, "a path alone selects no commits", "changelog.components: name, path and tag of a part released by itself"),
    "git.exclude_paths": (None, "a path alone leaves no commits out", "changelog.components, or changelog.hidden by scope"),
    "bump.custom_major_increment_regex": (None, "a type alone is no breaking change", "an override with breaking: true"),
    "bump.custom_minor_increment_regex": (None, "only features move the minor version", "an override with type: feat"),
    "bump.no_increment_regex": (None, "what a type moves is fixed", "`notewright version` says what decided"),
    "bump.bump_type": (None, "the changes decide", "`notewright changelog --version` names a version"),
}  # fmt: skip
# What holds in ours whatever is said.
_SAME: dict[str, str] = {
    "git.protect_breaking_commits": "breaking changes always show",
    "git.use_branch_tags": "only tags that the branch reaches count",
    "git.topo_order": "releases are in the order of the graph",
    "git.topo_order_commits": "entries are sorted by what they say",
    "changelog.trim": "sections have no blank ends",
    "changelog.render_always": "a section without changes says so",
    "remote.offline": "only `notewright release collect` asks a server",
}


def carry_over(cliff: Mapping[str, Any]) -> Carried:
    """Map git-cliff's configuration, every key of it to a setting or a reason. No value raises: one of a wrong kind is left, too."""
    carried = Carried()
    known = _known(cliff, carried)
    carry_changelog(known, carried)
    carry_remote(known, carried)
    carry_tags(known, carried)
    carry_groups(known, carried)
    carry_links(known, carried)
    carry_preprocessors(known, carried)
    carry_bump(known, carried)
    for name, (default, reason, nearest) in _LEFT.items():
        if name in known and known[name] not in (default, [], ""):
            carried.leave(f"{name} = {short(known[name])}", reason, nearest)
    for name, reason in _SAME.items():
        if name in known:
            carried.keep(name, reason)
    return carried


def _known(cliff: Mapping[str, Any], carried: Carried) -> dict[str, Any]:
    """Return the keys that git-cliff documents as "section.key"; list the others."""
    known: dict[str, Any] = {}
    for section, values in cliff.items():
        if section not in _SECTIONS or not isinstance(values, Mapping):
            carried.leave(section, f"no section of git-cliff's{_near(section, _SECTIONS)}")
            continue
        for key, value in values.items():
            name = f"{section}.{key}"
            if key not in _SECTIONS[section]:
                carried.leave(name, f"no key of git-cliff's{_near(key, _SECTIONS[section])}")
            elif (kind := _KINDS.get(name)) and not isinstance(value, kind):
                carried.leave(f"{name} = {short(value)}", "it is of another kind than git-cliff takes")
            else:
                known[name] = value
    return known


def _near(word: str, words: Any) -> str:  # noqa: ANN401  # any collection of words
    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f", perhaps {near[0]}" if near else ""


_KINDS: dict[str, type] = {
    **{f"changelog.{key}": str for key in ("header", "body", "footer", "output")},
    **{f"git.{key}": str for key in ("tag_pattern", "skip_tags", "ignore_tags", "count_tags", "sort_commits")},
    **{f"git.{key}": list for key in ("commit_preprocessors", "commit_parsers", "link_parsers", "include_paths", "exclude_paths")},
    **{
        f"git.{key}": bool
        for key in ("conventional_commits", "require_conventional", "filter_unconventional", "split_commits", "filter_commits")
    },
    **{f"remote.{key}": dict for key in ("github", "gitlab", "gitea", "bitbucket", "azure_devops")},
    "changelog.postprocessors": list,
    "bump.initial_tag": str,
    "bump.features_always_bump_minor": bool,
    "bump.breaking_always_bump_major": bool,
}
