"""Findings: where a text says what must not leave, and of which kind, never what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Characters `start` to `end` of a text are of a kind, such as `github-token` or `email`. What they say is kept nowhere, so a finding
    may be printed, logged and stored."""

    kind: str
    start: int
    end: int


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by where they begin, without those that lie inside another; of two of the same place, the first one given stays."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda found: (found.start, -found.end)):
        if not kept or finding.end > kept[-1].end:
            kept.append(finding)
    return tuple(kept)
