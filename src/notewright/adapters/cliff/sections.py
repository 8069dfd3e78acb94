"""Sections of git-cliff's configuration, each carried over as far as ours can say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from notewright.adapters.cliff.carried import Carried, short
from notewright.adapters.cliff.parsers import compile_pattern
from notewright.adapters.cliff.tags import means_prereleases, means_releases, tag_form
from notewright.changelog.layout.links import compile_tracker, is_reference, links_to
from notewright.changelog.rules import Tracker
from notewright.history.versions import parse_version

_DOTTED = re.compile(r"\$\{?0\}?")
_ONE_GROUP = re.compile(r"\^?\((?!\?)([^()]*)\)\$?")
_REPOSITORY = re.compile(r"https?://[\w.-]+(?::\d+)?/[\w.-]+/[\w.-]+?(?=\.git\b|/-/|/issues|/pull|/merge_requests|/compare|/commit|/?$)")


def carry_changelog(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry [changelog] over: the file, the look, and what stands around the sections."""
    if output := known.get("changelog.output"):
        if re.match(r"[/\\~]|\w:|.*\.\.", output):
            carried.leave(f"changelog.output = {short(output)}", "the file must lie in the repository", "changelog.file")
        else:
            carried.set("file", output.removeprefix("./"), "changelog.output")
    _look(known, carried)
    if header := known.get("changelog.header", "").strip():
        kept = "text above the first section of an existing file stays as it is"
        carried.leave(f"changelog.header = {short(header)}", kept, "write it into the file once, by hand")
    footer = re.sub(r"<!--.*?-->", "", known.get("changelog.footer", ""), flags=re.DOTALL).strip()
    if re.search(r"compare|\]:|/tree/", footer):
        carried.keep("changelog.footer", "links to comparisons are part of each section")
    elif footer:
        carried.leave(
            f"changelog.footer = {short(footer)}", "text below the sections stays as it is", "write it into the file once, by hand"
        )
    for number, one in enumerate(known.get("changelog.postprocessors", ()), start=1):
        url = _repository(one.get("replace")) if isinstance(one, Mapping) else None
        if url and "REPO" in str(one.get("pattern")):
            carried.set("repository_url", url, f"changelog.postprocessors {number}")
        else:
            _leave_processor(carried, f"changelog.postprocessors {number}", one, "changelog.template: what a section looks like")


def _look(known: Mapping[str, Any], carried: Carried) -> None:
    """Choose the preset that is most like the template."""
    if "changelog.body" not in known:
        carried.set("preset", "keepachangelog", "git-cliff's own template")
        return
    body = known["changelog.body"]
    looks: tuple[tuple[str, str], ...] = (
        ("github", r"Full Changelog|What's [Cc]hanged"),
        ("conventional", r"\*\*\{\{-?\s*commit\.scope\s*-?\}\}:\s?\*\*|\{\{\s*commit\.scope\s*\}\}:\*\*"),
        ("keepachangelog", r"#+\s*\[\{\{|#+\s*\[(?i:unreleased)\]"),
        ("plain", r"#+\s*(?:v|Version )?\{\{-?\s*version"),
    )
    preset = next((name for name, pattern in looks if re.search(pattern, body)), None)
    if preset:
        carried.set("preset", preset, "changelog.body, which looks most like it")
    taken = f"it looks most like the preset {preset}; nothing else of it is carried over" if preset else "it looks like none of the presets"
    carried.leave("changelog.body", taken, "changelog.template takes a jinja2 template, which is close to Tera")


def carry_remote(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry [remote] over: where links lead."""
    hosts: dict[str, tuple[str, str, str | None]] = {
        "github": ("https://github.com", r"/api/v3/?$|/api/?$", None),
        "gitlab": ("https://gitlab.com", r"/api/v4/?$", "gitlab"),
        "gitea": ("https://codeberg.org", r"/api/v1/?$", "github"),  # addresses of Gitea and Forgejo have GitHub's form
    }
    for name in ("github", "gitlab", "gitea", "bitbucket", "azure_devops"):
        if f"remote.{name}" not in known:
            continue
        remote = known[f"remote.{name}"]
        owner, repo = remote.get("owner"), remote.get("repo")
        for key in [key for key in remote if key not in ("owner", "repo", "api_url")]:
            reason = "a token stands in no file" if key == "token" else "how GitHub is asked is fixed"
            carried.leave(f"remote.{name}.{key}", reason, "the variable NOTEWRIGHT_TOKEN" if key == "token" else "")
        if not (isinstance(owner, str) and isinstance(repo, str) and owner and repo):
            continue
        if name not in hosts:
            carried.leave(f"remote.{name}", "links have GitHub's or GitLab's form", "changelog.repository_url and changelog.forge")
            continue
        host, api, forge = hosts[name]
        address = str(remote.get("api_url") or host)
        url = _page(f"{re.sub(api, '', address).replace('//api.github.com', '//github.com')}/{owner}/{repo}")
        if url is None:
            carried.leave(f"remote.{name}", f"{short(address)}/{short(owner)} is no address of a page", "changelog.repository_url")
            continue
        carried.set("repository_url", url, f"remote.{name}")
        if forge and carried.value("repository_url", None) == url and url != f"https://gitlab.com/{owner}/{repo}":
            carried.set("forge", forge, f"remote.{name}")


def carry_tags(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry over which tags are releases."""
    form = "v{version}"
    if pattern := known.get("git.tag_pattern"):
        found = tag_form(pattern)
        if found:
            form = found
            carried.set("tag", found, f"git.tag_pattern = {short(pattern)}")
        else:
            carried.leave(
                f"git.tag_pattern = {short(pattern)}", "it is no form that any version may follow", "changelog.tag, such as v{version}"
            )
    for key, means, other in (
        ("ignore_tags", means_prereleases, "every tag of the form is a release"),
        ("count_tags", means_releases, "every tag of the form is a release"),
    ):
        if pattern := known.get(f"git.{key}"):
            if means(pattern, form):
                carried.set("prereleases", "fold", f"git.{key} = {short(pattern)}")
            rest = [part for part in re.split(r"\|(?![^(\[]*[)\]])", pattern) if not means(part, form)]
            if rest:
                carried.leave(f"git.{key} = {short('|'.join(rest))}", other, "changelog.tag; changelog.prereleases: fold for pre-releases")
    if pattern := known.get("git.skip_tags"):
        carried.leave(
            f"git.skip_tags = {short(pattern)}",
            "no release is left out: its commits would be nowhere",
            "changelog.since, or overrides that hide",
        )


def carry_links(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry link_parsers over: a forge's own references are links anyway, others are trackers."""
    trackers = []
    for number, one in enumerate(known.get("git.link_parsers", ()), start=1):
        values = one if isinstance(one, Mapping) else {}
        label = f"git.link_parsers {number} ({short(values.get('pattern', one))})"
        pattern, href = values.get("pattern"), values.get("href")
        if not isinstance(pattern, str) or not isinstance(href, str):
            carried.leave(label, "it has no pattern and href")
            continue
        if _finds_references(pattern):
            carried.keep(label, "references to issues and requests are links")
            if url := _repository(href.partition("$")[0].rstrip("/")):
                carried.set("repository_url", url, label)
            continue
        whole = _DOTTED.sub("{0}", href)
        if _ONE_GROUP.fullmatch(pattern):
            whole = re.sub(r"\$\{?1\}?", "{0}", whole)
        try:
            compile_tracker(Tracker(pattern, whole))
        except ValueError as error:
            carried.leave(label, f"as a tracker, its {error}", "changelog.trackers: pattern, and url with {0} for all that it found")
            continue
        if "$" in whole:
            carried.leave(label, "the address is made of a part of what is found", "changelog.trackers: {0} stands for all of it")
            continue
        trackers.append({"pattern": pattern, "url": whole})
        if "text" in values:
            carried.leave(f"{label} text", "a reference shows as it was written")
    if trackers:
        carried.set("trackers", trackers, "git.link_parsers")


def carry_preprocessors(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry commit_preprocessors over: none changes words, and references need none."""
    for number, one in enumerate(known.get("git.commit_preprocessors", ()), start=1):
        label = f"git.commit_preprocessors {number}"
        compiled = compile_pattern(str(one.get("pattern"))) if isinstance(one, Mapping) else ""
        if isinstance(one, Mapping) and not isinstance(compiled, str) and compiled.fullmatch("(#12)") and "replace" in one:
            carried.keep(f"{label} ({short(one['pattern'])})", "references at the end of a header are cut off it, and shown as links")
        else:
            _leave_processor(carried, label, one, "an override with reword: the words of one commit")


def carry_bump(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry [bump] over."""
    for key, name, yes, no in (
        ("features_before_1", "bump.features_always_bump_minor", "minor", "patch"),
        ("breaking_before_1", "bump.breaking_always_bump_major", "major", "minor"),
    ):
        origin = f"{name} = {str(known[name]).lower()}" if name in known else f"{name}, git-cliff's default"
        carried.set(key, yes if known.get(name, True) else no, origin)
    if tag := known.get("bump.initial_tag"):
        prefix, _, suffix = carried.value("tag", "v{version}").partition("{version}")
        version = tag.removeprefix(prefix).removesuffix(suffix).removeprefix("v")
        if parse_version(version):
            carried.set("initial_version", version, f"bump.initial_tag = {short(tag)}")
        else:
            carried.leave(f"bump.initial_tag = {short(tag)}", "it holds no version", "changelog.initial_version, such as 0.1.0")


def _leave_processor(carried: Carried, label: str, one: object, nearest: str) -> None:
    values = one if isinstance(one, Mapping) else {}
    label = f"{label} ({short(values.get('pattern', one))})"
    if "replace_command" in values:
        carried.leave(label, "a configuration starts no program", nearest)
    else:
        carried.leave(label, "words are shown as they were written", nearest)


def _repository(url: object) -> str | None:
    """Return the address of a repository's page that a URL begins with."""
    match = _REPOSITORY.match(url) if isinstance(url, str) else None
    return _page(match[0]) if match else None


def _page(url: str) -> str | None:
    try:
        return url if links_to(url) else None
    except ValueError:
        return None


def _finds_references(pattern: str) -> bool:
    """Whether a pattern means the references of a forge: #12, !12 or GH-12, but not any AB-12."""
    compiled = compile_pattern(pattern)
    if isinstance(compiled, str):
        return False
    found = [match[0].strip("( )") for text in ("see (#12) now", "see !12 now", "see GH-12 now") if (match := compiled.search(text))]
    return bool(found) and is_reference(found[0]) and not compiled.search("see AB-12 now")
