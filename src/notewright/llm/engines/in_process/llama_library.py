"""llama.cpp's library in this process, told to be quiet."""

from __future__ import annotations

import ctypes
import importlib
import os
from collections import deque
from functools import cache
from pathlib import Path
from typing import Any

from notewright.llm.failure import EngineFailed, classify

_ERROR_LEVEL = 4
_LAST_LINES = 12
_SHOWN_CHARACTERS = 300


class LlamaLibrary:
    """llama_cpp's functions as `c`, and the errors that llama.cpp told last instead of writing them to stderr."""

    def __init__(self) -> None:
        self.c: Any = importlib.import_module("llama_cpp")
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        # both the library and the backends call it as long as the process lives
        self._callback = self.c.llama_log_callback(self._listen)
        self.c.llama_log_set(self._callback, ctypes.c_void_p(0))
        self._load_kernels(Path(self.c.__file__ or "").with_name("lib"))
        self.c.llama_backend_init()

    def forget(self) -> None:
        """Forget what was said before."""
        self._said.clear()

    def failed(self, what: str) -> EngineFailed:
        """Return what to raise, with the first thing that llama.cpp said: the others are its consequences."""
        said = next(iter(self._said), "it gives no reason")[:_SHOWN_CHARACTERS]
        return EngineFailed(
            f"llama.cpp cannot {what}: {said}",
            kind=classify(said),
            hint="choose a smaller model or a smaller llm.context_window, or check the file",
        )

    def _load_kernels(self, folder: Path) -> None:
        """Load the kernels of a build that has some for each kind of processor (GGML_CPU_ALL_VARIANTS), the best for this one. llama.cpp by
        itself looks for them in the working directory too, which is a stranger's repository."""
        if any(folder.glob("libggml-cpu-*")):
            # by the library that llama.cpp is linked to: a wheel holds copies of it, each with a registry of its own
            self.c.llama_cpp._lib.ggml_backend_load_all_from_path(os.fsencode(folder))  # noqa: SLF001  # it has no name of its own

    def _listen(self, level: int, text: bytes, _data: object) -> None:
        if level == _ERROR_LEVEL:
            self._said.append(text.decode("utf-8", "replace").strip())


@cache
def load_library() -> LlamaLibrary:
    """Import llama.cpp, once for all models."""
    return LlamaLibrary()
