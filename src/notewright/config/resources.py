"""Keys of `resources`: what models may take of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from notewright.config.keys import STRICT, key

if TYPE_CHECKING:  # `config.validation` brings them: they cost more than all keys together, and defaults need none
    from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class ResourcesConfig:
    """What models may take of the machine."""

    __pydantic_config__: ClassVar = STRICT
    max_ram_gb: Annotated[float, Ge(0.1)] | None = key(None, "memory that models may take, in GB; null: what the machine leaves")
    max_vram_gb: Annotated[float, Ge(0.1)] | None = key(None, "memory of the graphics card that models may take; null: what it leaves")
    enable_battery_monitoring: bool = key(default=True, description="datasets pause while a machine without mains power runs low")
    battery_pause_threshold: Annotated[int, Ge(0), Le(100)] = key(20, "per cent below which they pause")
