"""An MLX model in this process's memory, by mlx-lm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.engines.in_process.guidance import Guidance
from notewright.llm.engines.in_process.loaded import Pulse, count_shared
from notewright.llm.engines.skeleton import TEMPLATE_WORDS, Skeleton, Turns
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.fit import Fit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A piece of a prompt that is evaluated at once: between two of them a call can be stopped.
_STEP = 512


class MlxMemory:
    """Weights, KV cache and the tokens that it holds. Runs on Metal where there is one, on the processor elsewhere."""

    def __init__(self, folder: Path, fit: Fit, *, cancel: Cancel) -> None:
        """Raises `ModelError` for a folder that mlx-lm cannot load."""
        import mlx.core
        from llguidance import LLTokenizer
        from mlx_lm.models import cache

        self.context = fit.context
        self._mx: Any = mlx.core
        self._caches: Any = cache
        self._model, wrapper = _load(folder)
        cancel.check()
        tokenizer = wrapper.backend_tokenizer
        self.skeleton = _MlxSkeleton(wrapper, tokenizer.to_str(), folder.name)
        self.guidance = Guidance(LLTokenizer(tokenizer.to_str(), eos_token=sorted(wrapper.eos_token_ids)))
        self._known: list[int] = []
        self._cache: Any = cache.make_prompt_cache(self._model)
        self._row: Any = None

    def read(self, tokens: Sequence[int], pulse: Pulse) -> int:
        """Read a prompt; return how many of its tokens were evaluated."""
        shared = self._forget_after(count_shared(self._known, tokens))
        for start in range(shared, len(tokens) - 1, _STEP):
            self._remember(tokens[start : min(start + _STEP, len(tokens) - 1)])
            pulse.beat()
        self._evaluate(tokens[-1])
        return len(tokens) - shared

    def follow(self, token: int, pulse: Pulse) -> None:  # noqa: ARG002  # a token is one step
        """Read one token more."""
        self._evaluate(token)

    def logits(self) -> NDArray[np.float32]:
        """Return the last token's row."""
        import numpy as np

        return np.array(self._row)

    def close(self) -> None:
        """Free the memory."""
        self._model = self._cache = self._row = None
        self._mx.clear_cache()

    def _forget_after(self, shared: int) -> int:
        """Take all but the first tokens out of the KV cache; return how many are left: none where a model cannot go back."""
        if (surplus := len(self._known) - shared) and self._caches.trim_prompt_cache(self._cache, surplus) != surplus:
            self._cache = self._caches.make_prompt_cache(self._model)
            shared = 0
        del self._known[shared:]
        return shared

    def _remember(self, tokens: Sequence[int]) -> None:
        """Put tokens into the KV cache; what may follow them is not worked out, which would take a row of the vocabulary for each."""
        self._model(self._mx.array(tokens)[None], cache=self._cache)
        self._mx.eval([cache.state for cache in self._cache])
        self._mx.clear_cache()
        self._known += tokens

    def _evaluate(self, token: int) -> None:
        self._row = self._model(self._mx.array([[token]]), cache=self._cache)[0, -1].astype(self._mx.float32)
        self._mx.eval(self._row)
        self._known.append(token)


class _MlxSkeleton(Skeleton):
    def __init__(self, wrapper: Any, tokenizer: str, name: str) -> None:  # noqa: ANN401  # mlx-lm's TokenizerWrapper
        super().__init__(name)
        from tokenizers import Tokenizer

        if not wrapper.has_chat_template:
            raise ModelError(f"{name} has no chat template", hint="choose a model that is made for chat or instructions")
        self._wrapper = wrapper
        self._control = Tokenizer.from_str(tokenizer)
        self._plain = Tokenizer.from_str(tokenizer)
        self._plain.encode_special_tokens = True

    def render(self, turns: Turns) -> str:
        """Apply the template. Raises `EngineFailed` where it fails."""
        try:
            return str(self._wrapper.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, **TEMPLATE_WORDS))
        except Exception as error:  # templates raise what they like
            raise EngineFailed(
                f"the chat template of {self.model} fails: {str(error)[:200]}", kind="refused", hint="choose another model"
            ) from error

    def tokenize(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:  # noqa: ARG002  # a template of this kind writes its beginning
        # a batch of one: it is twice as fast, as nobody asks where in the text the tokens stand
        encoded = (self._control if control else self._plain).encode_batch_fast([text], add_special_tokens=False)
        return tuple(encoded[0].ids)


def _load(folder: Path) -> tuple[Any, Any]:
    """Return the model and its tokenizer. No code that the folder may bring is run."""
    import mlx_lm

    try:
        model, wrapper, *_ = mlx_lm.load(str(folder), tokenizer_config={"trust_remote_code": False})
    except Exception as error:  # it raises whatever the parts of transformers and MLX raise
        raise ModelError(f"mlx-lm cannot load {folder}: {str(error)[:300]}", hint="download the model again, or choose another") from error
    return model, wrapper
