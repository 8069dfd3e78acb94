"""The battery of the machine: how full it is, and whether it is charged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Battery:
    """How many per cent are left, and whether mains power is there."""

    percent: float
    plugged: bool


def read_battery() -> Battery | None:
    """Look at the battery; None on a machine without one, or that does not say."""
    import psutil

    read = getattr(psutil, "sensors_battery", None)  # not on every system
    found = read() if read else None
    # a machine that does not know whether it is charged is not kept waiting
    return None if found is None else Battery(found.percent, found.power_plugged is not False)
