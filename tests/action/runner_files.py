"""The files between a runner and a step, read back as the runner reads them."""

from __future__ import annotations


def read_outputs(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT: `name<<delimiter`, lines, `delimiter`, or `name=value`. The last of a name wins."""
    values: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, heredoc, delimiter = line.partition("<<")
        if not heredoc or "=" in name:
            name, _, values[name] = line.partition("=")
            continue
        inside: list[str] = []
        for inner in lines:
            if inner == delimiter:
                break
            inside.append(inner)
        else:
            raise AssertionError(f"{name} has no end")
        values[name] = "\n".join(inside)
    return values
