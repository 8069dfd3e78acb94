"""Groups of git-cliff become types, hidden types and titles of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notewright.adapters.cliff.carried import Carried, short
from notewright.adapters.cliff.parsers import DEFAULTS, DEPENDENCY_SCOPES, TYPES, Parser, Parsers, order_of, read_parsers, title_of
from notewright.changelog.rules import DEFAULT_HIDDEN

_PARSERS = "git.commit_parsers"
_DESCRIPTION = "it looks for words of the description or body, or at parts of a header that the others do not have"
_RELEASE_SCOPES = frozenset({"release", "version"})
_LABEL_FIELDS = tuple(f"{name}.pr_labels" for name in ("remote", "github", "gitlab", "gitea", "bitbucket"))
_KEYS = ("message", "body", "footer", "sha", "field", "pattern", "group", "skip", "scope", "default_scope")


def carry_groups(known: Mapping[str, Any], carried: Carried) -> None:
    """Carry commit_parsers over, and which commits show at all."""
    entries = [entry for entry in known.get(_PARSERS, DEFAULTS) if isinstance(entry, Mapping)]
    origin = _PARSERS if _PARSERS in known else f"{_PARSERS}, git-cliff's default"
    parsers = read_parsers(entries)
    body = known.get("changelog.body")
    grouped = body is None or "group" in body or bool(known.get("git.filter_commits"))
    carried.set("types", {}, origin)
    told = _carry_types(parsers, carried, origin, grouped=grouped)
    told |= _carry_titles(parsers, carried, origin)
    told |= {parser.number for parser in parsers.parsers if _carry_alone(parser, parsers, carried)}
    _sort_types(parsers, carried, by_name=isinstance(body, str) and "group_by(" in body)
    _carry_unconventional(known, parsers, carried, grouped=grouped)
    squash = "entries" if known.get("git.split_commits") else "header"
    carried.set("squash", squash, "git.split_commits" + ("" if "git.split_commits" in known else ", git-cliff's default"))
    if _PARSERS not in known:
        return
    for parser in parsers.parsers:
        _leave_rest(parser, parsers, carried, told=parser.number in told)
    if len(entries) < len(known[_PARSERS]):
        carried.leave(_PARSERS, f"{len(known[_PARSERS]) - len(entries)} of its entries are no tables")


def _carry_types(parsers: Parsers, carried: Carried, origin: str, *, grouped: bool) -> set[int]:
    """Set types and hidden as the parsers decide on headers; return the numbers of those that did."""
    shown: dict[str, Parser] = {}
    hidden: list[str] = []
    rest = parsers.of_the_rest
    for type_ in parsers.types:
        parser = parsers.deciding(type_)
        if parser is None or (parser is rest and not parser.skips):
            if parser is None and grouped and type_ in DEFAULT_HIDDEN:
                hidden.append(type_)  # templates leave out what has no group
        elif parser.skips:
            hidden.append(type_)
        elif parser.group and type_ != "revert":
            shown[type_] = parser
        _scoped(parsers, type_, parser, shown, hidden)
    security = next(
        (p for p in parsers.parsers if p.group and "secur" in str(p.values.get("body", p.values.get("footer", ""))).lower()), None
    )
    if security and "security" not in shown:
        shown["security"] = security
    carried.value("types", {}).update({type_: title_of(parser.group or "") for type_, parser in shown.items()})
    if parsers.parsers:
        carried.set("hidden", _collapsed([type_ for type_ in hidden if type_ not in shown], parsers), origin)
        if grouped and rest is None:
            carried.leave(_PARSERS, "types that none of them names show under changelog.other, so that nothing is lost", "changelog.hidden")
    used = {parser.number for parser in shown.values()}
    return used | {p.number for type_ in parsers.types if (p := parsers.of_type(type_)) and p.skips} | _scope_winners(parsers)


def _scoped(parsers: Parsers, type_: str, base: Parser | None, shown: dict[str, Parser], hidden: list[str]) -> None:
    """Add `type(scope)` where the scopes that patterns name go elsewhere than their type."""
    for scope in parsers.scopes:
        parser = parsers.of_type(type_, scope)
        if scope in DEPENDENCY_SCOPES or parser is base or parser is parsers.of_scoped(type_) or parser is None:
            continue
        if parser.skips and (base is None or not base.skips):
            hidden.append(f"{type_}({scope})")
        elif parser.group and parser is not parsers.of_the_rest:
            shown[f"{type_}({scope})"] = parser


def _scope_winners(parsers: Parsers) -> set[int]:
    found = (parsers.of_type(type_, scope) for type_ in parsers.types for scope in parsers.scopes if scope not in DEPENDENCY_SCOPES)
    return {parser.number for parser in found if parser and (parser.group or parser.skips)}


def _sort_types(parsers: Parsers, carried: Carried, *, by_name: bool) -> None:
    """Put types in the order of groups: by the number in their comment, else by name where the template groups by it, else as the parsers
    stand. Without any, ours stay."""
    types: dict[str, str] = carried.value("types", {})
    ranks: dict[str, tuple[object, ...]] = {}
    for parser in parsers.parsers:
        if group := parser.group:
            ranks.setdefault(title_of(group), order_of(group, group if by_name else f"{parser.number:06}"))
    ranked = sorted(types.items(), key=lambda item: ranks[item[1]])
    types.clear()
    types.update(ranked)
    carried.settings = [setting for setting in carried.settings if setting.key != "types" or types]


def _collapsed(hidden: list[str], parsers: Parsers) -> list[str]:
    """Write `(scope)` for a scope that is hidden with every usual type."""
    for scope in parsers.scopes:
        every = [f"{type_}({scope})" for type_ in TYPES]
        if all(one in hidden or one.partition("(")[0] in hidden for one in every) and any(one in hidden for one in every):
            hidden = [*(one for one in hidden if not one.endswith(f"({scope})")), f"({scope})"]
    return hidden


def _carry_titles(parsers: Parsers, carried: Carried, origin: str) -> set[int]:
    """Set the titles of what ours shows by itself: dependencies, breaking changes, reverts, and the rest."""
    told: set[int] = set()
    for key, parser in (
        ("other", parsers.of_the_rest),
        ("breaking", parsers.of_breaking or _said_breaking(parsers)),
        ("reverts", parsers.deciding("revert")),
        ("dependencies", parsers.of_type("chore", "deps")),
    ):
        if parser is None or (key == "reverts" and parser is parsers.of_the_rest):
            continue
        if parser.group:
            carried.set(key, title_of(parser.group), origin)
            told.add(parser.number)
        elif parser.skips and key == "dependencies":
            carried.set(key, None, origin)
            told.add(parser.number)
        elif parser.skips and key == "other":
            apart = "a type goes to one group, with a scope or without"
            reason = apart if parsers.tells_scopes_apart else "types that no rule names show, so that nothing is lost"
            carried.leave(parser.label, reason, "changelog.hidden names types to hide, or type(scope)")
            told.add(parser.number)
    return told


def _said_breaking(parsers: Parsers) -> Parser | None:
    """A parser for the footer or the body of breaking changes."""
    return next((p for p in parsers.parsers if p.group and "BREAKING" in str(p.values.get("footer", p.values.get("body", "")))), None)


def _carry_alone(parser: Parser, parsers: Parsers, carried: Carried) -> bool:
    """Carry over a parser that stands for itself: labels of pull requests, releases, merges, one commit."""
    values, message = parser.values, str(parser.values.get("message", ""))
    plain = str(values.get("pattern", "")).removeprefix("^").removesuffix("$").replace("\\", "")
    if values.get("field") in _LABEL_FIELDS and parser.group and not parser.problem and not set(plain) & set("|[(*+?"):
        _carry_label(parser, plain, carried)
        return True
    if parser.skips and (scopes := _RELEASE_SCOPES & {*parsers.scopes}) and any(f"({scope}" in message for scope in scopes):
        scope = min(scope for scope in scopes if f"({scope}" in message)
        type_ = next((type_ for type_ in parsers.types if message.lstrip("^").startswith(type_)), "chore")
        hidden = carried.value("hidden", [])
        if type_ not in hidden and f"{type_}({scope})" not in hidden:
            hidden.append(f"{type_}({scope})")
        return True
    if parser.skips and message.removeprefix("^").lower().startswith("merge"):
        carried.keep(parser.label, "a merge commit is represented by its branch's commits")
        return True
    if isinstance(sha := values.get("sha"), str):
        said = "hide: true" if parser.skips else f"type: TYPE, one that changelog.types gives the title {parser.group!r}"
        carried.leave(
            parser.label, "single commits are corrected by overrides", f".notewright/overrides.yaml: - {{commit: {short(sha)}, {said}}}"
        )
        return True
    return False


def _carry_label(parser: Parser, label: str, carried: Carried) -> None:
    """A label gives a commit without a type the type whose group the parser names, made for it where there is none."""
    title = title_of(parser.group or "")
    types = carried.value("types", {})
    type_ = next((type_ for type_, known in types.items() if known == title), None)
    if type_ is None and "breaking" in label.lower():
        type_ = "!"
    if type_ is None:
        word = "".join(c if c.isascii() and c.isalnum() else "-" for c in label.lower()).strip("-") or f"label-{parser.number}"
        type_ = word if word[0].isalpha() else f"label-{word}"
        types[type_] = title
    carried.set("labels", {}, f"{_PARSERS} on labels of pull requests")
    carried.value("labels", {})[label] = type_


def _carry_unconventional(known: Mapping[str, Any], parsers: Parsers, carried: Carried, *, grouped: bool) -> None:
    """Decide whether messages without a type show, as git-cliff would."""
    conventional, filtered = known.get("git.conventional_commits", True), known.get("git.filter_unconventional", True)
    if conventional and filtered and not known.get("git.require_conventional", False):
        origin = "git.filter_unconventional" + ("" if "git.filter_unconventional" in known else ", git-cliff's default")
        carried.set("unconventional", "hide", origin)
        return
    if not conventional:
        carried.leave("git.conventional_commits = false", "headers are always read: a type stands for its group, not in the text", "")
    parser = parsers.of_unconventional
    shown = bool(parser.group) if parser else not grouped
    carried.set("unconventional", "show" if shown else "hide", "git.filter_unconventional and git.commit_parsers")
    if parser and parser.group and parsers.of_the_rest is None:
        carried.set("other", title_of(parser.group), _PARSERS)


def _leave_rest(parser: Parser, parsers: Parsers, carried: Carried, *, told: bool) -> None:
    """List what of a parser no setting says."""
    if unknown := [key for key in parser.values if key not in _KEYS]:
        carried.leave(parser.label, f"git-cliff reads no {short(', '.join(unknown))}")
    for key in ("scope", "default_scope"):
        if key in parser.values:
            carried.leave(
                f"{parser.label}: {key}", "a scope is what the commit says", "an override with scope, or changelog.scopes to rename one"
            )
    if "$" in str(parser.values.get("group", "")):
        carried.leave(parser.label, "a group has one title", "changelog.types takes type(scope)")
    elif parser.problem:
        carried.leave(parser.label, parser.problem)
    elif "secur" in str(parser.values.get("body", "")).lower() and parser.group:
        carried.leave(
            parser.label, "the word in a body is no security change", "the type or scope security, an advisory's number, an override"
        )
    elif not told and ("group" in parser.values or "skip" in parser.values):
        _leave_untold(parser, parsers, carried)


def _leave_untold(parser: Parser, parsers: Parsers, carried: Carried) -> None:
    if parser is parsers.of_the_rest or parser is parsers.of_unconventional:
        return
    if parser.values.get("field") is not None:
        carried.leave(parser.label, "authors and other fields decide no group", "changelog.labels, or an override")
    elif parser.skips:
        carried.leave(parser.label, _DESCRIPTION, "changelog.hidden: type, type(scope) or (scope); an override with hide: true")
    else:
        carried.leave(parser.label, _DESCRIPTION, "changelog.types: type or type(scope); an override with type")
