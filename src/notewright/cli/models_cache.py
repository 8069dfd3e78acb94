"""`notewright models cache`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import say, write_result
from notewright.config.config import Config
from notewright.config.reading import load_config
from notewright.flows.reply_cache import ReplyCache, clear_replies, inspect_replies
from notewright.rendering.canonical import canonical_line
from notewright.rendering.neutral import visible


@click.group(short_help="Look at the kept replies, or remove them.")
def command() -> None:
    """Look at the kept replies of models, or remove them. A question that was answered before is not asked again, as long as
    nothing that the answer depends on has changed."""


@command.command(short_help="Say what is kept and where.")
@repository_option
@config_option
@format_option("text", "json")
def stats(directory: Path, config_file: Path | None, output_format: str) -> None:
    """Print how many replies are kept, what they take of llm.cache_mb, how often they were used, and where they lie."""
    kept = inspect_replies(_config(directory, config_file))
    write_result(canonical_line(_value(kept)) if output_format == "json" else _table(kept))


@command.command(short_help="Remove all kept replies.")
@repository_option
@config_option
def clear(directory: Path, config_file: Path | None) -> None:
    """Remove all kept replies. Runs that are using them go on, and keep new ones."""
    cleared = clear_replies(_config(directory, config_file))
    held = cleared.totals
    if held.replies:
        say(f"removed {held.replies:,} {'reply' if held.replies == 1 else 'replies'} of {_megabytes(held.size_bytes)} MB")
    if cleared.broken:
        say("removed a file of replies that was broken")
    if not held.replies and not cleared.broken:
        say("there was nothing to remove")


def _config(directory: Path, config_file: Path | None) -> Config:
    return load_config(find_root(directory), path=config_file)


def _table(kept: ReplyCache) -> str:
    held = kept.totals
    lines = [
        ("replies", f"{held.replies:,}"),
        ("size", f"{_megabytes(held.size_bytes)} of {_megabytes(kept.limit_bytes)} MB" if kept.limit_bytes else "switched off"),
        ("hits", f"{held.hits:,}"),
        ("oldest", _moment(held.oldest_at)),
        ("newest", _moment(held.newest_at)),
        ("file", visible(str(kept.path))),
    ]
    return "".join(f"{name:<10}{value}\n" for name, value in lines if value)


def _value(kept: ReplyCache) -> dict[str, object]:
    held = kept.totals
    return {
        "schema": 1,
        "file": str(kept.path),
        "replies": held.replies,
        "bytes": held.size_bytes,
        "limit_bytes": kept.limit_bytes,
        "hits": held.hits,
        "oldest_at": _moment(held.oldest_at) or None,
        "newest_at": _moment(held.newest_at) or None,
    }


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):,.1f}"
