"""`notewright commit`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import click

from notewright.cli.streams import write_result
from notewright.errors import UsageError
from notewright.history.conventional import CommitMessage, parse_message

_CHUNK_BYTES = 1 << 16


@click.group(short_help="Read commit messages.")
def command() -> None:
    """Read commit messages by the rules of Conventional Commits 1.0.0; none is refused."""


@command.command()
@click.option("--stdin0", is_flag=True, help="Read many messages, separated by NUL, and print one line each.")
def parse(stdin0: bool) -> None:
    """Print what a message from stdin says, as one line of JSON."""
    if stdin0:
        for message in _messages():
            write_result(_line(parse_message(message)))
    else:
        write_result(_line(parse_message(b"".join(_input()).decode("utf-8", "replace"))))


def _messages() -> Iterator[str]:
    """Yield messages as they come; a last one without NUL counts, an empty one between NULs too."""
    rest: list[bytes] = []
    for chunk in _input():
        head, found, tail = chunk.rpartition(b"\0")
        if not found:
            rest.append(chunk)
            continue
        for message in b"".join((*rest, head)).split(b"\0"):
            yield message.decode("utf-8", "replace")
        rest = [tail]
    if last := b"".join(rest):
        yield last.decode("utf-8", "replace")


def _input() -> Iterator[bytes]:
    """Yield what stdin holds as it comes, without waiting for more."""
    if sys.stdin is None:
        raise UsageError("there is nothing to read: stdin is closed", hint="pipe a message in, as in `git log -1 --format=%B | …`")
    while chunk := os.read(sys.stdin.fileno(), _CHUNK_BYTES):
        yield chunk


def _line(message: CommitMessage) -> bytes:
    values = {
        "conventional": message.conventional,
        "type": message.type,
        "scope": message.scope,
        "description": message.description,
        "breaking": message.breaking,
        "breaking_description": message.breaking_description,
        "body": message.body,
        "trailers": [list(trailer) for trailer in message.trailers],
        "references": list(message.references),
        "reverts": list(message.reverts),
    }
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
