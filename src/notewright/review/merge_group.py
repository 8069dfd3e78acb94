"""A merge group, as GitHub tells of it to the workflow that a merge queue starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from notewright.errors import UsageError
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
    try:
        group = _ADAPTER.validate_json(payload).merge_group
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise UsageError(
            f"the event is not one of a merge group: {where or 'the file'} is not as GitHub writes it",
            hint="run this in a workflow on merge_group",
        ) from error
    return MergeGroup(group.head_sha, group.head_ref, group.base_ref.removeprefix(_HEADS))
