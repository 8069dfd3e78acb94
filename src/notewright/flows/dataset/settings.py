"""What the configuration says of a dataset, as the parts that make it take it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from notewright.config.config import Config
from notewright.dataset.drops import Drop
from notewright.dataset.export.decontamination import Benchmarks, read_benchmarks
from notewright.dataset.export.filters import Filters, Rules
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.export.splits import Split
from notewright.dataset.export.takedown import Takedown, read_takedown
from notewright.dataset.licences import Allowed
from notewright.dataset.screened import screen
from notewright.dataset.selection import SelectionRules
from notewright.errors import ConfigError
from notewright.flows.dataset.pauses import Machine
from notewright.flows.dataset.work import Limits
from notewright.rendering.canonical import digest
from notewright.system.files import read_bytes


def selection_rules(config: Config) -> SelectionRules:
    """Return which files are taken."""
    dataset = config.dataset
    return SelectionRules(
        allowed_extensions=dataset.allowed_extensions,
        ignore_patterns=dataset.ignore_patterns,
        licenses=dataset.licenses,
        unknown_license=dataset.unknown_license,
        personal=dataset.personal_data,
        respect_gitignore=dataset.gitignore,
        keep_generated=dataset.keep_generated,
        keep_vendored=dataset.keep_vendored,
        max_file_bytes=dataset.max_file_kb * 1000,
    )


def work_limits(config: Config) -> Limits:
    """Return how much is done at once, and for how long."""
    dataset = config.dataset
    return Limits(dataset.max_concurrent_files, dataset.max_minutes, dataset.max_attempts, dataset.batch_size)


def watched_machine(config: Config) -> Machine:
    """Return what the work waits for."""
    resources = config.resources
    return Machine(battery_percent=resources.battery_pause_threshold if resources.enable_battery_monitoring else None)


def export_settings(config: Config) -> ExportSettings:
    """Return what the artifact looks like."""
    dataset = config.dataset
    return ExportSettings(
        formats=dataset.formats,
        template=dataset.template,
        splits=tuple(Split(name, share) for name, share in dataset.splits.items() if share),
        near_duplicates=dataset.near_duplicates,
        min_pairs=dataset.min_pairs,
    )


def export_rules(config: Config, root: Path, filters: Filters) -> Rules:
    """Return what a pair is held against, the lists of the configuration read. Raises `ConfigError` for one that is missing or wrong."""
    dataset = config.dataset
    allowed = Allowed(dataset.licenses, unknown=dataset.unknown_license == "keep")
    return Rules(
        filters=filters,
        takedown=_takedown(dataset.takedown, root),
        benchmarks=_benchmarks(dataset.decontamination, root),
        license_allowed=allowed.admits,
        screen=partial(_screen, personal=dataset.personal_data != "keep"),
    )


def _screen(text: str, language: str, *, personal: bool) -> str:
    # what was redacted stays as it is, so an address that is found now was not in the passage
    found = screen(text, personal="drop" if personal else "keep", language=language)
    return found.reason if isinstance(found, Drop) else ""


def _takedown(name: str | None, root: Path) -> Takedown:
    return read_takedown(_content(name, root, "takedown"), name) if name else Takedown()


def _benchmarks(name: str | None, root: Path) -> Benchmarks:
    if not name:
        return Benchmarks()
    content = _content(name, root, "decontamination")
    return read_benchmarks(content, name, digest=digest(content))


def _content(name: str, root: Path, key: str) -> bytes:
    content = read_bytes(root / name)
    if content is None:
        raise ConfigError(f"there is no {name}, which dataset.{key} names", hint=f"write it, or take dataset.{key} out")
    return content
