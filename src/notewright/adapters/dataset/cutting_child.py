"""The process that cuts files, with a bound on its memory: python -I -m notewright.adapters.dataset.cutting_child."""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import astuple
from typing import IO

from notewright.dataset.context import header_contexts
from notewright.dataset.cutting import cut_passages
from notewright.dataset.tokens import EstimatedTokenizer, LoadedTokenizer, PassageTokenizer

_LENGTH = struct.Struct(">Q")


def write_frame(pipe: IO[bytes], content: bytes) -> None:
    """Write bytes with their number before them."""
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """Read what `write_frame` wrote; None where the other side is gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    return content if len(content) == length else None


def main() -> None:
    """Cut one file after the other: settings and tokenizer first, then a language and a text each, until nobody asks any more."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    settings = json.loads(read_frame(stdin) or b"{}")
    if not settings:
        return
    _confine(settings["memory_bytes"])
    tokenizer = _tokenizer(read_frame(stdin) or b"")
    while (language := read_frame(stdin)) is not None and (text := read_frame(stdin)) is not None:
        known = language.decode() or None
        passages = cut_passages(text, known, tokenizer, settings["limit"])
        headers = header_contexts(text, passages, known, tokenizer, settings["header_limit"])
        answer = {"passages": [astuple(passage) for passage in passages], "headers": headers}
        write_frame(stdout, json.dumps(answer).encode())


def _tokenizer(content: bytes) -> PassageTokenizer:
    if not content:
        return EstimatedTokenizer()
    from tokenizers import Tokenizer

    return LoadedTokenizer(Tokenizer.from_str(content.decode()))


def _confine(memory_bytes: int) -> None:
    """Bound the memory of this process; a signal from the terminal is for the one that asks, which closes the pipe."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import resource
    except ImportError:  # Windows has no such bounds
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    main()
