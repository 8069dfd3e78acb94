"""A merge group, as GitHub tells of it to the workflow that a merge queue starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from notewright.review.event import read_event
from notewright.review.proposal import Sha

_HEADS = "refs/heads/"
_Branch = Annotated[str, StringConstraints(max_length=500, pattern=rf"^{_HEADS}[^\x00-\x20\x7f~^:?*\[\\]+$")]


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """What a queue is about to merge into the branch `base`: the commit `head`, on the temporary branch `ref`, given by its full name."""

    head: str
    ref: str
    base: str


@dataclass(frozen=True, slots=True)
class _Group:
    head_sha: Sha
    head_ref: _Branch
    base_ref: _Branch


@dataclass(frozen=True, slots=True)
class _Event:
    merge_group: _Group


_ADAPTER = TypeAdapter(_Event)


def read_merge_group(payload: bytes) -> MergeGroup:
    """Read the payload of a `merge_group` event. Raises `UsageError` for what is no such payload."""
    group = read_event(payload, _ADAPTER, name="merge_group", what="merge group").merge_group
    return MergeGroup(group.head_sha, group.head_ref, group.base_ref.removeprefix(_HEADS))
