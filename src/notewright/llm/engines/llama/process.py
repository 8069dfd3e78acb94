"""The child process of an embedded llama.cpp server, seen from its parent."""

from __future__ import annotations

import atexit
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from itertools import chain
from pathlib import Path

from notewright.control import Cancel
from notewright.llm.failure import EngineFailed, Kind, classify
from notewright.llm.wire.connection import ServerGone
from notewright.system.machine import usable_cores

_LOOK_EVERY_S = 0.1
_END_S = 2.0
_LAST_LINES = 12
_STAMP = re.compile(r"\A[\d.]+ [A-Z] ")  # time and level of a line in llama.cpp's log
# All that the child sees of our environment: where programs and libraries are, and which devices it may use.
_INHERITED = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


class LlamaProcess:
    """Starts `notewright.llm.engines.llama.child` and listens to what it says."""

    def __init__(self, model: Path, *, context: int) -> None:
        self.key = secrets.token_hex(16)
        self._model = model
        self._port: int | None = None
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._settled = threading.Event()
        self._process = subprocess.Popen(
            # -P: the folder that we happen to be in holds no modules of ours
            [sys.executable, "-P", "-m", "notewright.llm.engines.llama.child"],
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us: we end the child when our own work is put down
        )
        atexit.register(self.end)
        self._listener = threading.Thread(target=self._listen, name="embedded-engine", daemon=True)
        self._listener.start()
        order = {"model": str(model.resolve()), "context": context, "threads": max(usable_cores() - 1, 1), "key": self.key}
        self._order(json.dumps(order).encode() + b"\n")

    def wait_for_port(self, timeout_s: float, cancel: Cancel) -> int:
        """Return the port once the model is loaded. Raises `EngineFailed` when the child dies or is not ready in time."""
        ends_at = time.monotonic() + timeout_s
        while not self._settled.wait(_LOOK_EVERY_S):
            cancel.check()
            if time.monotonic() > ends_at:
                self.end()
                raise EngineFailed(
                    f"the embedded engine did not load {self._model} within {timeout_s:g} s",
                    kind="timeout",
                    hint="raise llm.request_timeout",
                )
        if self._port is None:
            raise self.explain(None)
        return self._port

    def explain(self, error: ServerGone | None) -> EngineFailed:
        """Return what to raise when the child does not answer: how it ended and what it said last."""
        try:
            status = self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            return error or EngineFailed(f"the embedded engine for {self._model} does not answer", kind="timeout")
        self._settled.wait(_END_S)
        said = self._last_words()
        return EngineFailed(
            f"the embedded engine for {self._model} ended ({_describe(status)}){': ' if said else ''}{_STAMP.sub('', said)}",
            kind=self._judge(status, said),
            hint="choose a smaller model or a smaller llm.context_window, or check the file",
        )

    def _last_words(self) -> str:
        """Return what the child said of its end: the first error is the cause, and those after it are its consequences."""
        lines = list(self._said)
        scarce = (line for line in lines if classify(line) == "out_of_memory")
        wrong = (line for line in lines if "error" in line.lower())
        return next(chain(scarce, wrong, reversed(lines)), "")

    def _judge(self, status: int, said: str) -> Kind:
        # a process that is killed by nobody we know met the limit of the machine's memory, or of its control group
        if -status == signal.SIGKILL or classify(said) == "out_of_memory":
            return "out_of_memory"
        # one that crashed over a question may answer it when it is started again; a model that it refused stays refused
        return "refused" if self._port is None else "connection"

    def end(self) -> None:
        """End the process, if it still runs. Safe to call twice."""
        atexit.unregister(self.end)
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _order(self, line: bytes) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:  # it died at once: whoever waits for its port learns why
            self._settled.wait(_END_S)

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            text = "".join(character for character in line.decode("utf-8", "replace") if character.isprintable())
            if text.startswith(self.key):
                self._port = int(text.removeprefix(self.key))
                self._settled.set()
            elif text.strip():
                self._said.append(text.strip()[:200])
        self._settled.set()


def _describe(status: int) -> str:
    if status >= 0:
        return f"exit {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
