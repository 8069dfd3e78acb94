"""The override file: its entries as people write them, checked, and the text that a proposal binds."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from notewright.changelog.overrides import Override
from notewright.errors import ConfigError
from notewright.rendering.canonical import canonical_json
from notewright.rendering.neutral import visible

_CHANGES = ("reword", "type", "scope", "breaking", "security")
_ALONE = ("hide", "merge", "add")
_WITH_ADD = ("type", "scope", "breaking")
_KEYS = ("commit", "part", *_CHANGES, *_ALONE, "why", "by")
_OBJECT_NAME = re.compile(r"[0-9A-Fa-f]{7,64}")
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # as a header's type
_PART = re.compile(r"[0-9]{1,4}")
_TRUE = ("true", "yes", "on")  # as YAML 1.1 has it


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as it stands in the file, and what YAML takes it for. The text counts: a commit's 0123456 is a number to YAML,
    and a scope's `on` is true."""

    text: str
    kind: Literal["text", "bool", "null"] = "text"


def read_override(fields: Mapping[str, Scalar], source: str, *, commit: str | None = None) -> Override:
    """Read one entry. Commits stay as written, and `by` is empty where nobody is named; a scope of "" takes the scope away. `commit` is
    given for a note, which names none itself. Raises `ConfigError` naming the entry and the key."""
    _check_keys(fields, source, is_note=commit is not None)
    return Override(
        commit=commit or _object_name(fields, "commit", source),
        by=_text(fields, "by", source, empty=True) or "",
        why=_text(fields, "why", source, empty=True) or "",
        source=source,
        part=_part(fields, source),
        summary=_text(fields, "add" if "add" in fields else "reword", source),
        type=_type(fields, source),
        scope=_text(fields, "scope", source, empty=True),
        breaking=True if _is_text(fields, "breaking") else _flag(fields, "breaking", source),
        breaking_text=_text(fields, "breaking", source) if _is_text(fields, "breaking") else None,
        security=_flag(fields, "security", source),
        hide=_hide(fields, source),
        into=_object_name(fields, "merge", source) if "merge" in fields else None,
        add="add" in fields,
    )


def check_together(overrides: Sequence[Override]) -> None:
    """Check that overrides of resolved commits agree. Raises `ConfigError` naming both that do not: two that say the same thing of the
    same change, one of a change that another hides or merges, merges that go in a circle or into what is hidden."""
    told: dict[tuple[object, ...], dict[str, str]] = {}
    for one in overrides:
        words = _words(one)
        before = told.setdefault((one.commit, one.part, one.summary if one.add else None), {})
        clash = next((word for word in before if word in words or {"hide", "merge"} & {word, *words}), None)
        if clash:
            raise ConfigError(
                f"{one.source} ({clash if clash in words else words[0]}) contradicts {before[clash]} ({clash}): "
                f"both are about {_change(one)}",
                hint="keep one of them",
            )
        before.update(dict.fromkeys(words, one.source))
    _check_merges(overrides)


def overrides_text(overrides: Sequence[Override]) -> bytes:
    """Return resolved overrides as canonical JSON, for a proposal to bind: what they say, not where they are written."""
    kept = [field.name for field in dataclasses.fields(Override) if field.name != "source"]
    return canonical_json({"schema": 1, "overrides": [{name: getattr(one, name) for name in kept} for one in overrides]})


def _check_keys(fields: Mapping[str, Scalar], source: str, *, is_note: bool) -> None:
    for key in fields:
        if key not in _KEYS:
            near = difflib.get_close_matches(key[:40], _KEYS, n=1, cutoff=0.5)
            told = f", did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{source}: unknown key {key[:40]!r}{told}", hint=f"the keys are {', '.join(_KEYS)}")
    if is_note and "commit" in fields:
        raise _wrong(source, "commit", "a note is about the commit that it is on", "leave it out")
    if not is_note and "commit" not in fields:
        raise ConfigError(f"{source}: commit is missing", hint="name the commit that the entry is about: commit: 3fa9c1d")
    alone = [key for key in _ALONE if key in fields]
    others = [key for key in _CHANGES if key in fields and not (alone == ["add"] and key in _WITH_ADD)]
    if not alone and not others:
        raise ConfigError(f"{source}: it says nothing of the commit", hint=f"add one of {', '.join((*_CHANGES, *_ALONE))}")
    if alone and (others or alone[1:]):
        raise ConfigError(f"{source}: {alone[0]} and {[*alone[1:], *others][0]} exclude each other", hint="write an entry for each")
    if alone == ["add"] and "part" in fields:
        raise _wrong(source, "part", "add makes an entry of its own", "leave part out")
    if alone == ["merge"] and "part" in fields:
        raise _wrong(source, "part", "merge takes a commit as a whole", "hide the part here, and add it to the other commit")


def _object_name(fields: Mapping[str, Scalar], key: str, source: str) -> str:
    text = fields[key].text
    if not _OBJECT_NAME.fullmatch(text):
        raise _wrong(source, key, f"{text[:80]!r} is not a commit's name", "write 7 digits of it or more, as `git log` shows them")
    return text.lower()


def _part(fields: Mapping[str, Scalar], source: str) -> int:
    text = fields["part"].text if "part" in fields else "0"
    if not _PART.fullmatch(text):
        raise _wrong(source, "part", f"{text[:40]!r} is not a number", "0 is the header, 1 the first change that the body lists")
    return int(text)


def _type(fields: Mapping[str, Scalar], source: str) -> str | None:
    text = _text(fields, "type", source)
    if text is not None and not _TYPE.fullmatch(text):
        raise _wrong(source, "type", f"{text[:40]!r} is not a type", "write one word, such as fix")
    return text


def _text(fields: Mapping[str, Scalar], key: str, source: str, *, empty: bool = False) -> str | None:
    """Return a text on one line, without hidden characters; None where the key is absent."""
    if key not in fields:
        return None
    text = "" if fields[key].kind == "null" else visible(fields[key].text)
    if not text and not empty:
        raise _wrong(source, key, "it is empty", "write what is to be shown, or leave the key out")
    return text


def _is_text(fields: Mapping[str, Scalar], key: str) -> bool:
    return key in fields and fields[key].kind == "text"


def _flag(fields: Mapping[str, Scalar], key: str, source: str) -> bool | None:
    if key not in fields:
        return None
    if fields[key].kind != "bool":
        raise _wrong(source, key, f"{fields[key].text[:40]!r} is neither true nor false", "write true or false")
    return fields[key].text.lower() in _TRUE


def _hide(fields: Mapping[str, Scalar], source: str) -> bool:
    hide = _flag(fields, "hide", source)
    if hide is False:
        raise _wrong(source, "hide", "false says nothing: a change shows unless a rule or an override hides it", "take the entry out")
    return bool(hide)


def _words(one: Override) -> list[str]:
    """What an override decides, in the words of the file."""
    if one.add:
        return ["add"]
    if one.hide or one.into:
        return ["hide" if one.hide else "merge"]
    values = {"reword": one.summary, "type": one.type, "scope": one.scope, "breaking": one.breaking, "security": one.security}
    return [word for word, value in values.items() if value is not None]


def _change(one: Override) -> str:
    return f"commit {one.commit[:7]}" + (f", part {one.part}" if one.part else "")


def _check_merges(overrides: Sequence[Override]) -> None:
    """A merged commit goes into another one's entry, which must be there."""
    merges = {one.commit: one for one in overrides if one.into}
    hidden = {one.commit: one.source for one in overrides if one.hide and not one.part}
    for one in merges.values():
        if one.into == one.commit:
            raise _wrong(one.source, "merge", f"commit {one.commit[:7]} cannot be merged into itself", "name the other commit, or hide it")
        if one.into in hidden:
            raise _wrong(one.source, "merge", f"commit {one.into[:7]} is hidden by {hidden[one.into]}", "hide both, or neither")
    done: set[Override] = set()
    for one in merges.values():
        path = [one]
        seen = {one}
        while (step := merges.get(path[-1].into or "")) and step not in done:
            if step in seen:
                raise ConfigError(f"{step.source} and {path[-1].source} merge commits in a circle", hint="let one of them stand")
            path.append(step)
            seen.add(step)
        done |= seen


def _wrong(source: str, key: str, problem: str, hint: str) -> ConfigError:
    return ConfigError(f"{source}: {key}: {problem}", hint=hint)
