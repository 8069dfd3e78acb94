"""A GGUF model in this process's memory, by llama-cpp-python's low-level interface."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notewright.control import Cancel
from notewright.llm.engines.in_process.guidance import Guidance
from notewright.llm.engines.in_process.llama_library import load_library
from notewright.llm.engines.in_process.llama_skeleton import LlamaSkeleton
from notewright.llm.engines.in_process.llama_vocabulary import LlamaVocabulary
from notewright.llm.engines.in_process.loaded import Pulse, count_shared
from notewright.llm.memory.fit import Fit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEQUENCE = 0
_READ = 0  # and not mapped: llama.cpp rearranges q4 weights in memory of its own, and the mapped file would stay beside them


class LlamaMemory:
    """Weights, KV cache and the tokens that it holds."""

    def __init__(self, path: Path, fit: Fit, *, threads: int, cancel: Cancel) -> None:
        """Raises `EngineFailed` with what llama.cpp says where it cannot load the file, and `Cancelled`."""
        self.context = fit.context
        self._library = load_library()
        self._c = self._library.c
        self._pulse: Pulse | None = None
        self._known: list[int] = []
        with ExitStack() as opened:
            self._model = self._load(path, fit, cancel)
            opened.callback(self._c.llama_model_free, self._model)
            self._context = self._open(path, threads)
            opened.callback(self._c.llama_free, self._context)
            self._vocabulary = LlamaVocabulary(self._c, self._model)
            self.skeleton = LlamaSkeleton(path.name, self._c.llama_model_chat_template(self._model, None), self._vocabulary)
            self.guidance = Guidance(self._vocabulary.tokenizer())
            self._opened = opened.pop_all()

    def read(self, tokens: Sequence[int], pulse: Pulse) -> int:
        """Read a prompt; return how many of its tokens llama.cpp evaluated, by its own count."""
        shared = self._forget_after(count_shared(self._known, tokens))
        self._c.llama_perf_context_reset(self._context)
        batch: int = self._c.llama_n_ubatch(self._context)
        for start in range(shared, len(tokens), batch):
            self._decode(tokens[start : start + batch], pulse)
            pulse.beat()
        self._c.llama_synchronize(self._context)
        return int(self._c.llama_perf_context(self._context).n_p_eval)

    def follow(self, token: int, pulse: Pulse) -> None:
        """Read one token more."""
        self._decode((token,), pulse)

    def logits(self) -> NDArray[np.float32]:
        """Return the last token's row; good until the next one is read."""
        import numpy as np

        return np.ctypeslib.as_array(self._c.llama_get_logits_ith(self._context, -1), shape=(self._vocabulary.size,))

    def close(self) -> None:
        """Free the KV cache, then the weights."""
        self._opened.close()

    def _load(self, path: Path, fit: Fit, cancel: Cancel) -> Any:  # noqa: ANN401  # a pointer
        params = self._c.llama_model_default_params()
        params.n_gpu_layers = fit.gpu_layers
        params.load_mode = _READ
        params.progress_callback = self._c.llama_progress_callback(lambda _share, _data: not cancel.requested)
        self._library.forget()
        model = self._c.llama_model_load_from_file(str(path).encode(), params)
        cancel.check()
        if model is None:
            raise self._library.failed(f"load {path}")
        return model

    def _open(self, path: Path, threads: int) -> Any:  # noqa: ANN401  # a pointer
        params = self._c.llama_context_default_params()
        params.n_ctx = self.context
        params.n_outputs_max = 1  # logits are looked at behind the last token only, and memory is planned for that
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = False  # counts what is evaluated
        # kept, because llama.cpp calls it before every step of the graph: a long prompt is left in the middle
        self._stopped = self._c.ggml_abort_callback(lambda _data: self._pulse is not None and self._pulse.stopped)
        params.abort_callback = self._stopped
        opened = self._c.llama_init_from_model(self._model, params)
        if opened is None:
            raise self._library.failed(f"open {path} with a context of {self.context} tokens")
        return opened

    def _forget_after(self, shared: int) -> int:
        """Take all but the first tokens out of the KV cache; return how many are left: none where a model cannot go back."""
        memory = self._c.llama_get_memory(self._context)
        if not self._c.llama_memory_seq_rm(memory, _SEQUENCE, shared, -1):
            self._c.llama_memory_clear(memory, True)  # noqa: FBT003  # C knows no keywords
            shared = 0
        del self._known[shared:]
        return shared

    def _decode(self, tokens: Sequence[int], pulse: Pulse) -> None:
        content = (self._c.llama_token * len(tokens))(*tokens)
        self._library.forget()
        self._pulse = pulse
        answer = self._c.llama_decode(self._context, self._c.llama_batch_get_one(content, len(tokens)))
        self._pulse = None
        if answer:  # what was read of these tokens is forgotten with the next prompt
            pulse.check()
            raise self._library.failed(f"read {len(tokens)} tokens (error {answer})")
        self._known += tokens
