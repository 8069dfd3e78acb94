"""Cutting in processes of their own: a file whose tree takes gigabytes ends that process, and is then cut by its lines."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from queue import LifoQueue
from typing import Any, Final

from notewright.adapters.dataset.cutting_child import read_frame, write_frame
from notewright.dataset.passage import Passage
from notewright.dataset.tokens import LoadedTokenizer, PassageTokenizer
from notewright.errors import StorageError

# tree-sitter 0.26 takes 2.5 GB for 12 kB of Rust that reads `>1(` on each line, in one step that nothing interrupts
_MEMORY_BYTES: Final = 1 << 30
CUTTERS: Final = 2  # side by side; each may have so much memory
_MODULE = "notewright.adapters.dataset.cutting_child"
_AGAIN = "see that there is memory for it, and run the same command again"

Cut = tuple[tuple[Passage, ...], tuple[str, ...]]


class ConfinedCutter:
    """Cuts files in passages of at most `limit` tokens, with what is shown around each in at most `header_limit`. The process is started
    with the first file. Thread-safe; use in a `with` block or close it."""

    def __init__(self, tokenizer: PassageTokenizer, *, limit: int, header_limit: int, memory_bytes: int = _MEMORY_BYTES) -> None:
        self._tokenizer = tokenizer
        self._settings = {"limit": limit, "header_limit": header_limit, "memory_bytes": memory_bytes}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def cut(self, text: bytes, language: str) -> Cut:
        """Return the passages of a file in UTF-8 and their headers. Raises `StorageError` where no process can be had."""
        with self._lock:
            answer = self._ask(text, language)
            if answer is None and language:
                answer = self._ask(text, "")  # without its tree
        if answer is None:
            raise StorageError(f"a file of {len(text):,} bytes cannot be cut: the process that cuts died", hint=_AGAIN)
        return tuple(Passage(*values) for values in answer["passages"]), tuple(answer["headers"])

    def close(self) -> None:
        """End the process. Safe to call twice."""
        with self._lock:
            self._end()

    def _ask(self, text: bytes, language: str) -> Any:  # noqa: ANN401  # JSON of our own
        """Return the process's answer; None where it died of the question."""
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        try:
            write_frame(process.stdin, language.encode())
            write_frame(process.stdin, text)
            answer = read_frame(process.stdout)
        except BrokenPipeError:
            answer = None
        except BaseException:  # an answer that nobody read would be taken for the next one
            self._end()
            raise
        if answer is None:
            self._end()
            return None
        return json.loads(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-m", _MODULE]
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise StorageError(f"files cannot be cut: {error.strerror}", hint=_AGAIN) from error
        self._process = process
        tokenizer = self._tokenizer.as_json().encode() if isinstance(self._tokenizer, LoadedTokenizer) else b""
        assert process.stdin
        with suppress(BrokenPipeError):  # the first question finds out
            write_frame(process.stdin, json.dumps(self._settings).encode())
            write_frame(process.stdin, tokenizer)
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process:
                pass


class ConfinedCutters:
    """Cuts as many files side by side as `CUTTERS`. Thread-safe; close it when nobody cuts any more."""

    def __init__(self, tokenizer: PassageTokenizer, *, limit: int, header_limit: int) -> None:
        self._all = [ConfinedCutter(tokenizer, limit=limit, header_limit=header_limit) for _ in range(CUTTERS)]
        self._idle: LifoQueue[ConfinedCutter] = LifoQueue()  # the one that was used last has its process already
        for cutter in self._all:
            self._idle.put(cutter)

    def cut(self, text: bytes, language: str) -> Cut:
        """Return what a `ConfinedCutter` returns, as soon as one is idle. Raises what it raises."""
        cutter = self._idle.get()
        try:
            return cutter.cut(text, language)
        finally:
            self._idle.put(cutter)

    def close(self) -> None:
        """End the processes. Safe to call twice."""
        for cutter in self._all:
            cutter.close()
