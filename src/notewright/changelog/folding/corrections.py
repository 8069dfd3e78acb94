"""Corrections: overrides applied to a history before anything else is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from notewright.changelog.folding.branches import merge_title
from notewright.changelog.folding.folds import Fold, Folds, Told
from notewright.changelog.overrides import Override
from notewright.errors import ConfigError
from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage
from notewright.history.history import History


def apply_overrides(history: History, overrides: Iterable[Override], titles: Mapping[str, str], folds: Folds) -> None:
    """Do what a person says of commits. Those that the history read does not have are somebody else's range. `titles` are what
    GitHub calls merged requests. Raises `ConfigError` for a part that a commit does not have."""
    for override in overrides:
        position = history.positions.get(override.commit)
        if position is None:
            continue
        said = f"by {override.by}{override.why and f': {override.why}'}"
        if override.part:
            folds.parts[position, override.part] = _part(history.changes[position], override, folds.parts.get((position, override.part)))
            folds.remark(position, f"part {override.part} {'hidden' if override.hide else 'changed'} {said}")
        elif override.hide:
            folds.hidden[position] = f"hidden {said}"
        elif override.into is not None:
            target = history.positions.get(override.into)
            folds.folded[position] = Fold(f"merged into {override.into[:7]} {said}", () if target is None else (target,), joins=True)
        elif override.add:
            folds.added.setdefault(position, []).append(_changed(CommitMessage(override.summary or ""), override))
            folds.remark(position, f"with an entry added {said}")
        else:
            told, change = folds.told.get(position), history.changes[position]
            message = told.message if told else (change.is_merge and merge_title(change, titles)) or change.message
            folds.told[position] = Told(_changed(message, override), f"{told.rule}, {said}" if told else f"changed {said}", corrected=True)


def _part(change: Change, override: Override, told: CommitMessage | None) -> CommitMessage | None:
    parts = change.relations.parts if change.relations else ()
    if override.part > len(parts):
        raise ConfigError(
            f"{override.source}: {override.commit[:7]} lists {len(parts)} changes, part {override.part} is none of them",
            hint="see its entries with `notewright changelog --format json`",
        )
    return None if override.hide else _changed(told or parts[override.part - 1], override)


def _changed(message: CommitMessage, override: Override) -> CommitMessage:
    if override.summary is not None:
        message = message._replace(description=override.summary, conventional=True)
    if override.type is not None:
        message = message._replace(type=override.type, description=message.subject)
    if override.scope is not None:
        message = message._replace(scope=override.scope or None)
    if override.breaking is not None:
        text = override.breaking_text or message.breaking_description or message.subject
        message = message._replace(breaking=override.breaking, breaking_description=text if override.breaking else None)
    if override.security is not None:
        message = message._replace(trailers=(("Security", "yes" if override.security else "no"),))
    return message
