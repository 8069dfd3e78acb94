"""Components: the commits that belong to a part of the repository which is released by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notewright.changelog.rules import Component
from notewright.history.history import History


def belonging(history: History, paths: Mapping[str, Sequence[str]], component: Component) -> frozenset[int]:
    """Return the commits that touch a file of the component, and the merges that brought one."""
    folder = component.path.strip("/")
    inside = (folder + "/") if folder not in ("", ".") else ""
    own = {
        position
        for position, change in enumerate(history.changes)
        if any(path.startswith(inside) or path == folder for path in paths.get(change.sha, ()))
    }
    for position in tuple(own):
        merge = history.brought_by[position]
        while merge >= 0 and merge not in own:
            own.add(merge)
            merge = history.brought_by[merge]
    return frozenset(own)
